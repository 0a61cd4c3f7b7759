"""What names whom: the only ways to a party.

In: the id of a case, report, hold, recall, listing, suspension or appeal. Out: the parties that it
names while it is open, and nobody once it is not. There is no way here from a party to what
concerns it.
"""

from __future__ import annotations

from arasha.cases.records import OPEN_CASE, OPEN_RECALL, Report
from arasha.cases.state import State


def named_by(state: State, through: str) -> frozenset[str]:
    """The parties that something open names; empty where it is over, or unknown."""
    if through in state.cases:
        case = state.cases[through]
        if case.status not in OPEN_CASE:
            return frozenset()
        told = (_of_report(state, state.reports[name]) for name in case.reports)
        return case.subjects.union(case.ring, *told)
    if through in state.reports:
        report = state.reports[through]
        return _of_report(state, report) if report.status == "open" else frozenset()
    if through in state.holds:
        hold = state.holds[through]
        return frozenset({hold.account}) if hold.id in state.open_holds else frozenset()
    if through in state.recalls:
        recall = state.recalls[through]
        if recall.status not in OPEN_RECALL:
            return frozenset()
        return _of_report(state, state.reports[recall.report])
    if through in state.listings:
        listing = state.listings[through]
        return frozenset({listing.party}) if listing.status == "listed" else frozenset()
    if through in state.suspensions:
        suspended = state.suspensions[through]
        return frozenset({suspended.number}) if suspended.status == "suspended" else frozenset()
    if through in state.appeals:
        appeal = state.appeals[through]
        return _appealed(state, appeal.about) if appeal.status == "open" else frozenset()
    return frozenset()


def _appealed(state: State, about: str) -> frozenset[str]:
    suspended = state.suspensions.get(about)
    if suspended is not None:
        return frozenset({suspended.number})
    hold = state.holds.get(about)
    return frozenset({state.listings[about].party if hold is None else hold.account})


def _of_report(state: State, report: Report) -> frozenset[str]:
    """Payer, payee, number, device, and every account at which its money is held."""
    held = {hold.account for hold in state.holds_of_report(report.id)}
    more = {one for one in (report.number, report.device) if one is not None}
    return frozenset(held | more | {report.payer, report.payee})
