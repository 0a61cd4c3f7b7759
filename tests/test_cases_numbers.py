"""Numbers at the desk: one case of what hangs together, and each suspension an act of its own."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.due import due
from arasha.cases.numbers import AGAIN_MS
from arasha.cases.projection import Done
from arasha.cases.records import Case, Request, Suspension
from arasha.cases.refusals import Refusal
from arasha.cases.views import named_by
from cases_samples import (
    ANALYST,
    HELD,
    NUMBERS,
    OFFICER,
    OTHER_BANK,
    SECOND_OFFICER,
    THIRD_OFFICER,
    Room,
    bank,
    kz,
    room,
    signs,
)

DAY_MS = 86_400_000


def suspend(here: Room, case: str, number: str = NUMBERS[0], days: int = 10) -> Suspension:
    """By an analyst and an officer."""
    until_ms = here.at_ms + days * DAY_MS
    act = a.NumberSuspended(case, number, "kz:numbers", until_ms, here.reference())
    request = here.do(ANALYST, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    done = here.do(OFFICER, a.RequestApproved(request.id, request.content))
    return next(one for one in done.changes if isinstance(one, Suspension))


def again(here: Room, *numbers: str, pattern: a.Pattern = "sim_box") -> Done | Refusal:
    """The same, or more, is found once more."""
    return here.ask(CENTRE, a.NumbersFound(1, pattern, tuple(map(signs, numbers))))


def test_what_hangs_together_is_one_case_with_the_laws_two_business_days() -> None:
    """Its numbers are subjects, the tied ones are not; what grows grows in the same case."""
    here = room()
    case = here.found(NUMBERS[0], tied=(NUMBERS[1],))
    law = kz()
    assert law.numbers is not None
    assert "2 business days" == str(law.numbers.check)
    assert case.due_ms == law.numbers.check.after(here.at_ms, law.calendar)
    assert (frozenset(NUMBERS[:1]), frozenset(NUMBERS[:2])) == (case.subjects, case.ring)
    grown = here.found(NUMBERS[2], tied=(NUMBERS[0],))
    assert (case.id, frozenset({NUMBERS[0], NUMBERS[2]})) == (grown.id, grown.subjects)
    assert frozenset(NUMBERS[:3]) == named_by(here.state, case.id)


def test_a_case_becomes_part_of_another_when_a_number_ties_them() -> None:
    """The first opened stays; what somebody has is not taken from them."""
    here = room()
    first, second = here.found(NUMBERS[0]), here.found(NUMBERS[1])
    here.do(ANALYST, a.CaseTaken(second.id))
    done = again(here, NUMBERS[0], NUMBERS[1])
    assert isinstance(done, Done)
    merged, whole = (one for one in done.changes if isinstance(one, Case))
    assert (first.id, second.id) == (merged.id, whole.id)
    assert frozenset(NUMBERS[:2]) == whole.subjects


def test_nobody_is_asked_again_for_a_month_what_was_answered() -> None:
    """Of the same pattern; another pattern, or a month later, is another question."""
    here = room()
    case = here.found(NUMBERS[0])
    here.do(ANALYST, a.CaseTaken(case.id))
    here.do(ANALYST, a.CaseClosed(case.id, "legitimate", worth_it=False))
    assert Refusal.ALREADY_TAKEN_IN is again(here, NUMBERS[0])
    assert isinstance(again(here, NUMBERS[0], pattern="call_centre"), Done)
    here.at_ms += AGAIN_MS
    other = room()
    case = other.found(NUMBERS[0])
    other.do(ANALYST, a.CaseTaken(case.id))
    other.do(ANALYST, a.CaseClosed(case.id, "legitimate", worth_it=False))
    other.at_ms += AGAIN_MS
    assert isinstance(again(other, NUMBERS[0]), Done)


def test_a_suspension_says_who_why_and_until_when_and_ends_by_itself() -> None:
    """Basis, law, author, second; not told in time its case is escalated; its end is put down."""
    here = room()
    case = here.found(NUMBERS[0])
    one = suspend(here, case.id)
    assert ("aigul", "bolat", "kz:numbers", kz().hash) == (
        one.author, one.second, one.basis, one.law,
    )  # fmt: skip
    here.at_ms = one.tell_by_ms
    assert [a.CaseEscalated(case.id)] == due(here.state, here.at_ms)
    here.do(bank(OTHER_BANK), a.SuspensionTold(one.id))
    assert Refusal.ALREADY_TAKEN_IN is here.ask(bank(OTHER_BANK), a.SuspensionTold(one.id))
    here.at_ms = one.until_ms
    assert not here.state.suspensions[one.id].stands_at(here.at_ms)
    assert a.SuspensionEnded(one.id) in due(here.state, here.at_ms)
    here.do(CENTRE, a.SuspensionEnded(one.id))
    assert "ended" == here.state.suspensions[one.id].status


def test_what_was_no_fraud_calls_again_in_the_same_act() -> None:
    """The answer to a signal is a case closed as legitimate."""
    here = room()
    case = here.found(NUMBERS[0])
    one = suspend(here, case.id)
    here.do(ANALYST, a.CaseTaken(case.id))
    here.do(ANALYST, a.CaseClosed(case.id, "legitimate", worth_it=False))
    over = here.state.suspensions[one.id]
    assert ("lifted", "not_fraud") == (over.status, over.why)


def test_a_tied_number_is_suspended_only_when_its_case_is_fraud() -> None:
    """And each by its own act: nothing here takes more than one number."""
    here = room()
    case = here.found(NUMBERS[0], tied=(NUMBERS[1],))
    act = a.NumberSuspended(case.id, NUMBERS[1], "kz:x", here.at_ms + DAY_MS, here.reference())
    assert Refusal.ONLY_TIED is here.ask(ANALYST, a.Requested(act))
    here.do(ANALYST, a.CaseTaken(case.id))
    here.do(ANALYST, a.CaseClosed(case.id, "fraud", worth_it=True))
    assert NUMBERS[1] == suspend(here, case.id, NUMBERS[1]).number


def test_an_appeal_frees_the_number_and_takes_it_off_the_list() -> None:
    """By somebody who had no hand in it."""
    here = room()
    case = here.found(NUMBERS[0])
    one = suspend(here, case.id)
    here.do(ANALYST, a.CaseTaken(case.id))
    here.do(ANALYST, a.CaseClosed(case.id, "fraud", worth_it=True))
    listing = a.ListingAdded(
        NUMBERS[0], "number", case.id, here.at_ms + 9 * DAY_MS, here.reference()
    )
    request = here.do(ANALYST, a.Requested(listing)).changes[0]
    assert isinstance(request, Request)
    here.do(SECOND_OFFICER, a.RequestApproved(request.id, request.content))
    appeal = here.do(HELD, a.AppealOpened(one.reference)).changes[0]
    assert not isinstance(appeal, tuple)
    name = next(iter(here.state.appeals))
    for hand in (OFFICER,):
        assert Refusal.SAME_PERSON is here.ask(hand, a.AppealTaken(name))
    here.do(THIRD_OFFICER, a.AppealTaken(name))
    here.do(THIRD_OFFICER, a.AppealRuled(name, upheld=True, why="An alarm.", erred=("person",)))
    assert "lifted" == here.state.suspensions[one.id].status
    assert ["withdrawn"] == [listed.status for listed in here.state.listings.values()]


def test_a_merged_case_keeps_the_plainer_pattern_and_the_last_that_was_seen() -> None:
    """Of each number one set of signs."""
    here = room()
    case = here.found(NUMBERS[0])
    more = replace_calls(signs(NUMBERS[0]), 99)
    done = here.do(CENTRE, a.NumbersFound(1, "call_centre", (more, signs(NUMBERS[1]))))
    grown = next(one for one in done.changes if isinstance(one, Case))
    assert case.id == grown.id
    assert grown.seen is not None
    assert "sim_box" == grown.seen.pattern
    assert [99, 40] == [one.calls for one in grown.seen.signs]


def test_a_suspension_goes_with_the_case_that_has_its_number() -> None:
    """Merged, split off, or tied together by what is found: the outcome of that case is its own."""
    here = room()
    first, second = here.found(NUMBERS[0]), here.found(NUMBERS[1])
    mine, other = suspend(here, first.id), suspend(here, second.id, NUMBERS[1])
    here.do(ANALYST, a.CaseTaken(second.id))
    here.do(ANALYST, a.CaseMerged(second.id, first.id))
    assert first.id == here.state.suspensions[other.id].case
    done = here.do(ANALYST, a.CaseSplit(first.id, (NUMBERS[0],)))
    new = next(one for one in done.changes if isinstance(one, Case) and one.id != first.id)
    assert new.id == here.state.suspensions[mine.id].case
    again(here, NUMBERS[0], NUMBERS[1])
    cases = {here.state.suspensions[one.id].case for one in (mine, other)}
    assert 2 == len(cases) or {first.id} == cases  # what somebody has stays apart
    here.do(ANALYST, a.CaseClosed(first.id, "legitimate", worth_it=True))
    assert not here.state.suspensions[other.id].stands_at(here.at_ms)


def replace_calls(one: a.NumberSigns, calls: int) -> a.NumberSigns:
    """The same number with more calls."""
    return a.NumberSigns(one.number, calls, one.callees, one.taken, one.long, one.at_night,
                         one.received, one.is_ours)  # fmt: skip
