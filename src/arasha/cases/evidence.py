"""Evidence: what a case rests on, and that somebody takes it out of the centre.

In: a state, which acts changed which record, and a case. Out: the places of the entries that the
case rests on: every act about it and what hangs on it, the law under which that was done, and the
facts behind. A case can be taken out while something open names its parties: the case itself, or a
report in it that stands; and it is an act, with a reason, like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from arasha.cases.acts import EvidencePacked
from arasha.cases.records import Asked, Case, Viewed
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State
from arasha.cases.views import named_by

Result: TypeAlias = Changes | Refusal

ActsOf: TypeAlias = Callable[[str], Iterable[int]]
"""The places of the acts that changed a record, by its id; of a law by its hash."""


def pack(state: State, asked: Asked, act: EvidencePacked) -> Result:
    """Take a case out, while something open names its parties: it is a view of all of them."""
    case = state.cases.get(act.case)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if not any(named_by(state, name) for name in (case.id, *case.reports)):
        return Refusal.CASE_IS_OVER
    return (Viewed(case.id, None, asked.by.name, asked.at_ms),)


def acts_behind(state: State, case: Case, acts_of: ActsOf) -> list[int]:
    """The places of the acts that a case rests on, in order."""
    names = set(_names(state, case))
    asked = [one.id for one in state.requests.values() if _about(one.what) & names]
    laws = {state.holds[name].law for name in names if name in state.holds}
    laws |= {one.law for one in state.suspensions.values() if one.id in names}
    found = {seq for name in (*names, *asked, *laws) for seq in acts_of(name)}
    return sorted(found)


def facts_behind(state: State, case: Case) -> tuple[list[int], list[str]]:
    """The places of the reports that a case rests on, and the digests of the payments."""
    reports = [state.reports[name] for name in case.reports]
    payments = [one.payment for one in reports if one.payment is not None]
    payments += [alert.payment for alert in case.alerts]
    return sorted(one.seq for one in reports), sorted(set(payments))


def _names(state: State, case: Case) -> Iterator[str]:
    """The case, those that became part of it, and what hangs on its reports."""
    yield case.id
    for other in state.cases.values():
        if other.merged_into == case.id:
            yield from _names(state, other)
    for name in case.reports:
        yield name
        if name in state.recall_of:
            yield state.recall_of[name]
        for hold in state.holds_of_report(name):
            yield hold.id
            if hold.id in state.appeal_about:
                yield state.appeal_about[hold.id]
    yield from _suspensions(state, case)
    for listing in state.listings.values():
        if listing.case == case.id:
            yield listing.id
            if listing.id in state.appeal_about:
                yield state.appeal_about[listing.id]


def _suspensions(state: State, case: Case) -> Iterator[str]:
    """The suspensions of a case's numbers, and what was said against them."""
    for suspension in state.suspensions.values():
        if suspension.case == case.id:
            yield suspension.id
            if suspension.id in state.appeal_about:
                yield state.appeal_about[suspension.id]


def _about(what: object) -> set[str]:
    """What a request is about."""
    return {getattr(what, name, "") for name in ("hold", "recall", "case")}
