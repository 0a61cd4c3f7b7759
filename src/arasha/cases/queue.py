"""In which order cases are looked at.

First those whose time is over, the longest overdue ahead. Then by money still reachable × score;
every hour of waiting adds the law file's ``ageing``, so a small case stands before a large new one
in the end, and at its deadline before all that are not overdue: none starves. Of equal ones the
earlier deadline goes first.
"""

from __future__ import annotations

from arasha.cases.calendar import HOUR_MS
from arasha.cases.records import Case, CaseStatus
from arasha.cases.state import State


def queue(state: State, at_ms: int) -> list[Case]:
    """The open cases that nobody has and nobody has put aside, the next one first."""
    waiting = [
        case
        for case in (state.cases[name] for name in state.open_cases)
        if not (case.status is CaseStatus.SNOOZED and at_ms < case.snoozed_until_ms)
        and not (case.lease_by is not None and at_ms < case.lease_until_ms)
    ]
    return sorted(waiting, key=lambda case: _place(state, case, at_ms))


def reachable_minor(state: State, case: Case) -> int:
    """Money that acting can still save: stopped payments, and what was reported and is neither
    back nor known to be gone from an account that was to hold it.
    """
    reported = 0
    for name in case.reports:
        report = state.reports[name]
        if report.status != "open":
            continue
        lost = 0
        for hold in state.holds_of_report(name):
            gone = 0 if hold.held_minor is None else hold.amount_minor - hold.held_minor
            lost += gone + hold.returned_minor
        reported += max(0, report.amount_minor - lost)
    return reported + sum(alert.amount_minor for alert in case.alerts)


def _place(state: State, case: Case, at_ms: int) -> tuple[int, int, int, str]:
    """Sorts before another: overdue, worth, deadline, id."""
    if at_ms >= case.due_ms:
        return 0, case.due_ms, 0, case.id
    law = state.law
    assert law is not None, "there is no case without a law"
    hours = max(0, at_ms - case.opened_ms) // HOUR_MS
    worth = reachable_minor(state, case) * case.score // 1_000
    return 1, -(worth + hours * law.desk.ageing_minor_per_hour), case.due_ms, case.id
