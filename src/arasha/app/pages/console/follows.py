"""What an outcome does to people: before it is said, and after.

In: the state, in the writing thread; a case. Out: effects, each a word of the page with how many it
concerns and how much money. Before, the act is tried and its records are read, so that nothing is
promised which it would not do; after, what the records say of it now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arasha.app.pages.console.outcomes import OUTCOMES
from arasha.cases.acts import Actor, CaseClosed, Entry, Outcome
from arasha.cases.labels import labels_of
from arasha.cases.perform import perform
from arasha.cases.records import (
    Case,
    CaseStatus,
    Counted,
    Hold,
    Recall,
    RecallStatus,
    Report,
    Suspension,
)
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that follows: ``word`` names its text, ``n`` says of how many, ``minor`` how much
    money that is (0: money is no part of it).
    """

    word: str
    n: int = 1
    minor: int = 0


Effects = Sequence[Effect]


def would_follow(state: State, by: Actor, name: str, at_ms: int) -> Mapping[Outcome, Effects]:
    """What each outcome would do that this person can give the case now; no other is in it."""
    case = state.cases[name]
    at_ms = max(at_ms, state.at_ms)
    found: dict[Outcome, Effects] = {}
    for outcome in OUTCOMES:
        # The entry has no place yet: closing a case makes nothing whose id would rest on one.
        changes = perform(state, Entry(at_ms, by, CaseClosed(name, outcome, True)), 0)
        if not isinstance(changes, Refusal):
            found[outcome] = list(_of_changes(state, case, changes, at_ms))
    return found


def _of_changes(state: State, case: Case, changes: Changes, at_ms: int) -> Iterator[Effect]:
    settled = labels_of(state, changes)
    paid = {
        **{one.payment: one.amount_minor for one in case.alerts},
        **{one.payment: one.amount_minor for one in _reports(state, case) if one.payment},
    }
    for word, fraud in (("fraud", True), ("honest", False)):
        some = [one.payment for one in settled if one.fraud is fraud]
        yield from _if(f"labelled_{word}", len(some), sum(paid[one] for one in some))
    counted = [one.what for one in changes if isinstance(one, Counted)]
    yield from _if("confirmed", counted.count("confirmed"))
    yield from _if("cleared", counted.count("cleared"))
    changed = {one.id: one for one in changes if isinstance(one, Hold)}
    holds = [one for one in _holds(state, case) if one.holds_at(at_ms)]
    over = [one for one in holds if one.id in changed and not changed[one.id].holds_at(at_ms)]
    yield from _if("fell", sum(isinstance(one, Report) for one in changes))
    yield from _if("released", len(over), sum(one.weight_minor for one in over))
    yield from _if("recalls", sum(isinstance(one, Recall) for one in changes))
    yield from _if("lifted", sum(isinstance(one, Suspension) for one in changes))
    yield from _standing([one for one in holds if one not in over])
    if len(changes) == 1 and not settled:
        yield Effect("nothing")
    yield from _told(case, honest=any(not one.fraud for one in settled))


def has_followed(state: State, name: str, at_ms: int) -> Effects:
    """What the outcome of a case did, as the records have it; nothing where it has none."""
    case = state.cases[name]
    if case.status is not CaseStatus.CLOSED:
        return []
    return list(_of_records(state, case, at_ms))


def _of_records(state: State, case: Case, at_ms: int) -> Iterator[Effect]:
    reports, fraud = _reports(state, case), case.outcome == "fraud"
    if case.outcome != "unclear":
        settled = {one.payment: one.amount_minor for one in case.alerts} | {
            one.payment: one.amount_minor
            for one in reports
            if one.payment is not None and (one.status == "open" or not fraud)
        }
        word = "labelled_fraud" if fraud else "labelled_honest"
        yield from _if(word, len(settled), sum(settled.values()))
    named = case.subjects | {one.number for one in reports if one.number is not None}
    counted = [
        one.what
        for party in named
        for one in state.counted.get(party, ())
        if one.at_ms == case.closed_ms
    ]
    yield from _if("confirmed", counted.count("confirmed") if fraud else 0)
    yield from _if("cleared", counted.count("cleared") if case.outcome == "legitimate" else 0)
    by_it = [one for one in _holds(state, case) if one.over_ms == case.closed_ms]
    over = [one for one in by_it if one.why == "not_fraud"]
    if case.outcome == "legitimate":
        yield from _if("fell", sum(one.status == "cleared" for one in reports))
        recalls = [state.recalls.get(state.recall_of.get(one.id, "")) for one in reports]
        ended = [one for one in recalls if one and one.status is RecallStatus.CANCELLED]
        yield from _if("recalls", len(ended))
        lifted = [one for one in state.suspensions.values() if one.case == case.id]
        yield from _if("lifted", sum(one.over_ms == case.closed_ms for one in lifted))
    yield from _if("released", len(over), sum(one.weight_minor for one in over))
    yield from _standing([one for one in _holds(state, case) if one.holds_at(at_ms)])
    if case.outcome == "unclear":
        yield Effect("nothing")
    yield from _told(case, honest=case.outcome == "legitimate")


def _told(case: Case, *, honest: bool) -> Iterator[Effect]:
    """What banks hear of their stopped payments (exchange/messages.py)."""
    return _if("told_honest" if honest else "untold", len(case.alerts))


def _standing(holds: Sequence[Hold]) -> Iterator[Effect]:
    yield from _if("standing", len(holds), sum(one.weight_minor for one in holds))


def _if(word: str, n: int, minor: int = 0) -> Iterator[Effect]:
    if n:
        yield Effect(word, n, minor)


def _reports(state: State, case: Case) -> list[Report]:
    return [state.reports[one] for one in case.reports]


def _holds(state: State, case: Case) -> list[Hold]:
    return [hold for one in case.reports for hold in state.holds_of_report(one)]
