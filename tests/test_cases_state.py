"""The state finds records by whatever the domain asks for."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.state import State
from cases_samples import ANALYST, BANK, MULE, OFFICER, SECOND, room


def test_time_does_not_run_back() -> None:
    """A broken invariant, not a refusal."""
    state = State()
    state.take((), 5)
    with pytest.raises(AssertionError):
        state.take((), 4)


def test_hands_follow_a_case_through_its_merger() -> None:
    """Who worked on what it became has worked on it."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    other = here.report(payee=SECOND, payment="c" * 32)
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseMerged(report.case, other.case))
    here.do(ANALYST, a.CaseLeft(other.case))
    here.do(OFFICER, a.CaseTaken(other.case))
    assert {"aigul", "bolat"} == set(here.state.hands_of(hold.id))


def test_records_are_found_by_account_ground_and_reference() -> None:
    """And only open things among the open."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    state = here.state
    assert [hold.id] == [one.id for one in state.holds_of_account(MULE)]
    assert [hold.id] == [one.id for one in state.holds_of_ground(report.ground)]
    assert hold.id == state.by_reference[hold.reference]
    here.do(OFFICER, a.HoldReleased(hold.id, "mistake"))
    assert not state.open_holds
    assert BANK == state.holds[hold.id].bank


def test_cases_are_found_by_account_whatever_became_of_them() -> None:
    """Closed or merged: an account leads to every case that it was ever in, in order."""
    here = room()
    first = here.report()
    here.do(ANALYST, a.CaseTaken(first.case))
    here.do(ANALYST, a.CaseClosed(first.case, "fraud", worth_it=True))
    second = here.report(payment="c" * 32)
    other = here.report(payee=SECOND, payment="d" * 32)
    here.do(ANALYST, a.CaseTaken(other.case))
    here.do(ANALYST, a.CaseMerged(other.case, second.case))
    assert [first.case, second.case] == list(here.state.cases_of[MULE])
    assert [other.case, second.case] == list(here.state.cases_of[SECOND])
