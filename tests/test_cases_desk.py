"""Cases: leases, outcomes, and how they come together and apart."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.labels import Settled
from arasha.cases.records import CaseStatus, HoldStatus
from arasha.cases.refusals import Refusal
from cases_samples import (
    ANALYST,
    KZT,
    MULE,
    OFFICER,
    OTHER_BANK,
    SECOND,
    SECOND_OFFICER,
    Room,
    kz,
    room,
)


def taken() -> tuple[Room, str]:
    """A case that the analyst has."""
    here = room()
    report = here.report()
    here.do(ANALYST, a.CaseTaken(report.case))
    return here, report.case


def test_two_people_never_have_the_same_case() -> None:
    """Until the lease has run out; each act gives it its full length again."""
    here, case = taken()
    here.later(hours=0.4)
    here.do(ANALYST, a.CaseNoted(case, "The payee has three such payments today."))
    here.later(hours=0.4)
    assert Refusal.HELD_BY_ANOTHER is here.ask(OFFICER, a.CaseTaken(case))
    here.later(hours=0.1)
    here.do(OFFICER, a.CaseTaken(case))
    assert Refusal.HELD_BY_ANOTHER is here.ask(ANALYST, a.CaseNoted(case, "Mine."))
    here.do(OFFICER, a.CaseLeft(case))
    here.do(ANALYST, a.CaseTaken(case))
    now = here.state.cases[case]
    assert {"aigul", "bolat"} == set(now.hands)
    assert ("aigul", "The payee has three such payments today.") == (
        now.notes[0].by, now.notes[0].text,
    )  # fmt: skip


def test_a_document_is_kept_by_its_hash() -> None:
    """With its kind and size; the document itself stays with whoever has it."""
    here, case = taken()
    here.do(ANALYST, a.CaseAttached(case, "ab" * 32, "application/pdf", 20_480))
    (one,) = here.state.cases[case].attachments
    assert ("ab" * 32, "application/pdf", 20_480) == (one.sha256, one.media_type, one.size_bytes)


@pytest.mark.parametrize(
    ("outcome", "labels", "status"),
    [
        ("fraud", (Settled("a" * 32, True, "mule"), Settled("b" * 32, True, "mule")),
         HoldStatus.PROVISIONAL),
        ("legitimate", (Settled("a" * 32, False, None), Settled("b" * 32, False, "mule")),
         HoldStatus.RELEASED),
        ("unclear", (), HoldStatus.PROVISIONAL),
    ],
)  # fmt: skip
def test_an_outcome_settles_labels_and_what_was_legitimate_is_free(
    outcome: a.Outcome, labels: tuple[Settled, ...], status: HoldStatus
) -> None:
    """Of its reports and its alerts; whether it was worth the time is kept, too."""
    here, case = taken()
    here.do(CENTRE, a.AlertRaised(10**6, MULE, "b" * 32, 5, KZT, 500))
    (hold,) = here.hold(next(iter(here.state.reports.values())))
    done = here.do(ANALYST, a.CaseClosed(case, outcome, worth_it=False, typology="mule"))
    assert {(one.payment, one.fraud) for one in labels} == {
        (one.payment, one.fraud) for one in done.labels
    }
    assert status is here.hold_now(hold).status
    now = here.state.cases[case]
    assert (CaseStatus.CLOSED, outcome, False, "mule") == (
        now.status, now.outcome, now.worth_it, now.typology,
    )  # fmt: skip


def test_merged_cases_keep_everything_and_the_earlier_deadline() -> None:
    """New reports of either account go to the one that is left."""
    here, case = taken()
    here.do(ANALYST, a.CaseNoted(case, "A ring?"))
    first_due_ms = here.state.cases[case].due_ms
    here.later(hours=0.4)
    other = here.report(payee=SECOND, payee_bank=OTHER_BANK, payment="c" * 32)
    here.do(ANALYST, a.CaseMerged(case, other.case))
    whole = here.state.cases[other.case]
    assert ({MULE, SECOND}, 2, first_due_ms) == (
        set(whole.subjects), len(whole.reports), whole.due_ms,
    )  # fmt: skip
    assert "A ring?" == whole.notes[0].text
    assert CaseStatus.MERGED is here.state.cases[case].status
    assert other.case == here.report(payment="d" * 32).case
    assert "aigul" in here.state.case_hands(case)


def test_a_case_is_split_by_its_subjects() -> None:
    """Reports and alerts go with their account; everybody's hand stays on both."""
    here, case = taken()
    other = here.report(payee=SECOND, payee_bank=OTHER_BANK, payment="c" * 32)
    here.do(ANALYST, a.CaseMerged(case, other.case))
    here.do(ANALYST, a.CaseSplit(other.case, (MULE,)))
    (new,) = (one for one in here.state.cases.values() if one.subjects == {MULE}
              and one.status is CaseStatus.OPEN)  # fmt: skip
    assert {"aigul"} <= new.hands
    assert {SECOND} == here.state.cases[other.case].subjects
    assert new.id == here.report(payment="d" * 32).case
    assert all(here.state.reports[name].case == new.id for name in new.reports)


def test_an_escalation_is_on_record_once() -> None:
    """By a person at any time."""
    here, case = taken()
    here.do(SECOND_OFFICER, a.CaseEscalated(case))
    assert here.at_ms == here.state.cases[case].escalated_ms
    assert kz().desk.due.after(here.at_ms, kz().calendar) == here.state.cases[case].due_ms


def test_each_view_is_an_entry() -> None:
    """Through a case that names the party; of all it names, where none is said."""
    here, case = taken()
    entries = len(here.entries)
    here.do(ANALYST, a.PartyViewed(case, MULE))
    here.do(ANALYST, a.PartyViewed(case))
    assert (entries + 2, 2) == (len(here.entries), here.state.views)


def test_a_second_look_changes_nothing_and_is_somebody_elses() -> None:
    """Of a closed case, once, by who had no hand in it; what was decided stands as it stood."""
    here, case = taken()
    assert Refusal.CASE_IS_OPEN is here.ask(OFFICER, a.CaseChecked(case, "fraud"))
    here.do(ANALYST, a.CaseClosed(case, "fraud", worth_it=True))
    before = here.state.cases[case]
    assert "aigul" == before.closed_by
    assert [case] == here.state.closings
    assert Refusal.NOT_FOR_THIS_ROLE is here.ask(ANALYST, a.CaseChecked(case, "fraud"))
    done = here.do(OFFICER, a.CaseChecked(case, "legitimate"))
    assert not done.labels
    assert not done.messages
    assert before == here.state.cases[case]
    assert ("bolat", "legitimate") == (
        here.state.checked[case].by, here.state.checked[case].outcome,
    )  # fmt: skip
    assert Refusal.CHECKED_ALREADY is here.ask(SECOND_OFFICER, a.CaseChecked(case, "fraud"))
