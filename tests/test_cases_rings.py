"""Rings at the desk: one case of what is confirmed, a question of what only resembles."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Actor
from arasha.cases.projection import Done
from arasha.cases.records import Case, CaseStatus
from arasha.cases.refusals import Refusal
from arasha.cases.views import named_by
from cases_samples import (
    ANALYST,
    HELD,
    KZT,
    MULE,
    OFFICER,
    SECOND,
    STRANGER,
    THIRD,
    THIRD_OFFICER,
    Room,
    room,
)

RING = (MULE, SECOND, THIRD)


def found(here: Room, confirmed: tuple[str, ...], *others: str) -> Done | Refusal:
    """The centre says that these hang together."""
    return here.ask(CENTRE, a.RingFound(len(here.entries), KZT, confirmed, others, a.Ties(2, 1)))


def alert(here: Room, subject: str) -> Case:
    """A payment to that account was stopped."""
    place = len(here.entries) * 10 + 5
    done = here.do(CENTRE, a.AlertRaised(place, subject, f"{place:032x}", 500, KZT, 700))
    return next(one for one in done.changes if isinstance(one, Case))


def test_a_confirmed_ring_makes_one_case_of_its_accounts() -> None:
    """What was apart is together; what comes later comes to it; each account by its own alert."""
    here = room()
    report = here.report()
    alert(here, SECOND)
    assert isinstance(found(here, (MULE,), SECOND, THIRD), Done)
    (name,) = here.state.open_cases
    case = here.state.cases[name]
    assert (frozenset({MULE, SECOND}), frozenset(RING)) == (case.subjects, case.ring)
    assert [report.id] == list(case.reports)
    assert name == alert(here, THIRD).id
    assert frozenset(RING) == here.state.cases[name].subjects
    assert not here.state.cases[name].is_question
    assert Refusal.ALREADY_TAKEN_IN is found(here, (MULE,), SECOND, THIRD)


def test_resemblance_alone_is_a_question_from_which_nothing_follows() -> None:
    """It has no subject, gathers nothing, and cannot be closed as fraud."""
    here = room()
    assert isinstance(found(here, (), SECOND, THIRD, STRANGER), Done)
    (name,) = here.state.open_cases
    assert here.state.cases[name].is_question
    assert {SECOND, THIRD, STRANGER} == named_by(here.state, name)
    assert name != alert(here, SECOND).id
    here.do(ANALYST, a.CaseTaken(name))
    fraud = a.CaseClosed(name, "fraud", worth_it=True)
    assert Refusal.ONLY_A_QUESTION is here.ask(ANALYST, fraud)
    done = here.do(ANALYST, a.CaseClosed(name, "legitimate", worth_it=False))
    assert [name] == [one.id for one in done.changes if isinstance(one, Case)]
    assert () == done.labels
    assert {} == here.state.counted
    assert Refusal.ALREADY_TAKEN_IN is found(here, (), SECOND, THIRD, STRANGER, MULE)


def test_no_hold_comes_of_a_question() -> None:
    """A hold rests on a report that a bank attests; a question has none."""
    here = room()
    found(here, (), SECOND, THIRD, STRANGER)
    target = a.Target(SECOND, "MULEBANK", 500, here.reference())
    assert Refusal.REPORT_NOT_FOUND is here.ask(OFFICER, a.HoldsPlaced("c1" + "0" * 30, (target,)))


def test_a_question_that_is_confirmed_becomes_a_case() -> None:
    """The same case, with what has come since."""
    here = room()
    found(here, (), *RING)
    (name,) = here.state.open_cases
    report = here.report()
    found(here, (MULE,), SECOND, THIRD)
    assert [name] == list(here.state.open_cases)
    assert name == here.case_of(report).id
    assert frozenset({MULE}) == here.state.cases[name].subjects
    other = room()
    found(other, (), *RING)
    found(other, (SECOND,), MULE, THIRD)  # by a bank's label: there was nothing on the desk
    (case,) = other.state.cases.values()
    assert (frozenset({SECOND}), False) == (case.subjects, case.is_question)


def test_a_case_that_somebody_has_is_not_taken_from_them() -> None:
    """The ring gathers at theirs; of two that are had, the second stays apart."""
    here = room()
    first, second = here.report(), here.report(payee=SECOND, payment="b" * 32)
    third = here.report(payee=THIRD, payment="c" * 32)
    mine, theirs = here.case_of(second).id, here.case_of(third).id
    here.do(ANALYST, a.CaseTaken(mine))
    here.do(OFFICER, a.CaseTaken(theirs))
    found(here, (MULE,), SECOND, THIRD)
    assert mine == here.case_of(first).id
    assert "aigul" == here.state.cases[mine].lease_by
    assert theirs == here.case_of(third).id
    assert THIRD not in here.state.cases[mine].ring
    here.later(hours=1)
    found(here, (MULE,), SECOND, THIRD)
    assert mine == here.case_of(third).id
    assert CaseStatus.MERGED is here.state.cases[theirs].status


def test_a_ring_whose_report_falls_gathers_no_more() -> None:
    """At once; what has been gathered stays. A label that confirms it, too, keeps it together."""
    for labelled in ((), (MULE,)):
        here = room()
        report = here.report()
        here.do(CENTRE, a.RingFound(1, KZT, (MULE,), (SECOND, THIRD), labelled=labelled))
        assert here.case_of(report).id == alert(here, THIRD).id
        here.do(OFFICER, a.ReportWithdrawn(report.id))
        assert bool(labelled) == (here.case_of(report).id == alert(here, SECOND).id)
        assert here.case_of(report).id == alert(here, THIRD).id


def test_another_report_of_the_account_keeps_the_ring_together() -> None:
    """One that its bank attests; an appeal that is upheld lets a report fall, too."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    here.report(payment="b" * 32)
    found(here, (MULE,), SECOND, THIRD)
    appeal = f"a{here.do(HELD, a.AppealOpened(hold.reference)).seq}"
    here.do(THIRD_OFFICER, a.AppealTaken(appeal))
    here.do(THIRD_OFFICER, a.AppealRuled(appeal, True, "Rent.", ("report",)))
    assert here.case_of(report).id == alert(here, SECOND).id


def test_what_hangs_together_no_more_is_let_go() -> None:
    """A look that finds some accounts without anything confirmed takes them out of the ring."""
    here = room()
    report = here.report()
    found(here, (MULE,), SECOND, THIRD)
    found(here, (), SECOND, THIRD)
    case = here.case_of(report)
    assert frozenset({MULE}) == case.ring
    assert case.id != alert(here, SECOND).id
    assert case.id == alert(here, MULE).id


def test_a_closed_ring_is_not_opened_again_by_itself() -> None:
    """Not until most of its accounts are new."""
    here = room()
    here.report()
    found(here, (MULE,), SECOND, THIRD)
    (name,) = here.state.open_cases
    here.do(ANALYST, a.CaseTaken(name))
    here.do(ANALYST, a.CaseClosed(name, "fraud", worth_it=True))
    assert Refusal.ALREADY_TAKEN_IN is found(here, (MULE,), SECOND, THIRD)
    more = tuple(f"{number:032x}" for number in range(8))
    assert isinstance(found(here, (MULE,), SECOND, THIRD, *more), Done)


def test_only_the_centre_finds_rings() -> None:
    """And the rest of a split ring stays with it."""
    here = room()
    here.report()
    here.report(payee=SECOND, payment="b" * 32)
    act = a.RingFound(1, KZT, (MULE,), (SECOND, THIRD))
    assert Refusal.NOT_FOR_THIS_ROLE is here.ask(OFFICER, act)
    assert Refusal.NOT_FOR_THIS_ROLE is here.ask(Actor("participant", "MULEBANK"), act)
    here.do(CENTRE, act)
    (name,) = here.state.open_cases
    here.do(ANALYST, a.CaseTaken(name))
    here.do(ANALYST, a.CaseSplit(name, (SECOND,)))
    assert frozenset({MULE, THIRD}) == here.state.cases[name].ring
    assert name == alert(here, THIRD).id != alert(here, SECOND).id
