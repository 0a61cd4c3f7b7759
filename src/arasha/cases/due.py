"""What time has brought about: ends that have come, and clocks that have run out.

In: a state and an instant. Out: acts of the centre, to be performed like any other, each at most
once. Nothing depends on how soon that happens: whether a hold holds, a request stands or a party is
listed is always asked of the instant itself. These acts put the end on record, and tell the banks.
"""

from __future__ import annotations

from collections.abc import Iterator

from arasha.cases.acts import (
    AnyAct,
    CaseEscalated,
    ComplaintLapsed,
    HoldEnded,
    ListingEnded,
    RequestLapsed,
    SuspensionEnded,
)
from arasha.cases.records import CaseStatus, RecallStatus
from arasha.cases.state import State


def due(state: State, at_ms: int) -> list[AnyAct]:
    """The acts that are due, in a fixed order."""
    acts: list[AnyAct] = [
        HoldEnded(name) for name in state.open_holds if at_ms >= state.holds[name].next_end_ms
    ]
    acts += [
        ListingEnded(name) for name in state.open_listings if at_ms >= state.listings[name].until_ms
    ]
    acts += [
        SuspensionEnded(name)
        for name in state.open_suspensions
        if at_ms >= state.suspensions[name].until_ms
    ]
    acts += [
        RequestLapsed(name)
        for name in state.open_requests
        if at_ms >= state.requests[name].lapses_ms
    ]
    acts += [
        ComplaintLapsed(name)
        for name in state.open_complaints
        if at_ms >= state.complaints[name].lapses_ms
    ]
    late = dict.fromkeys(_late_cases(state, at_ms))
    acts += [
        CaseEscalated(name)
        for name in late
        if name in state.open_cases and state.cases[name].escalated_ms is None
    ]
    return acts


def _late_cases(state: State, at_ms: int) -> Iterator[str]:
    """Cases in which some clock has run out: their own, a bank's, a review's, an appeal's."""
    for name in state.open_cases:
        if at_ms >= state.cases[name].due_ms:
            yield name
    for name in state.open_holds:
        hold = state.holds[name]
        unanswered = hold.held_minor is None and at_ms >= hold.answer_due_ms
        if unanswered or (hold.review_ms is not None and at_ms >= hold.review_ms):
            yield _case_of_report(state, hold.report)
    for name in state.open_recalls:
        recall = state.recalls[name]
        if recall.status is not RecallStatus.REQUESTED and at_ms >= recall.due_ms:
            yield _case_of_report(state, recall.report)
    for name in state.open_suspensions:
        suspension = state.suspensions[name]
        if suspension.told_ms is None and at_ms >= suspension.tell_by_ms:
            yield _case_now(state, suspension.case)
    for name in state.open_appeals:
        appeal = state.appeals[name]
        unseen = appeal.reviewer is None and at_ms >= appeal.look_due_ms
        if not unseen and at_ms < appeal.due_ms:
            continue
        if appeal.about in state.holds:
            yield _case_of_report(state, state.holds[appeal.about].report)
        elif appeal.about in state.suspensions:
            yield _case_now(state, state.suspensions[appeal.about].case)


def _case_of_report(state: State, report: str) -> str:
    """The case that a report is in now."""
    return _case_now(state, state.reports[report].case)


def _case_now(state: State, name: str) -> str:
    """The case, or the one that it became part of."""
    while state.cases[name].status is CaseStatus.MERGED:
        name = state.cases[name].merged_into or name
    return name
