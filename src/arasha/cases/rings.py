"""Rings: cases of accounts that hang together become one, if one of them is confirmed in fraud.

    confirmed ──▶ one case, to which all alerts and reports of the ring come from now on
    resembles ──▶ a question for a person: no subject, no hold, no label, no listing comes of it

Which accounts hang together is found outside (cases/gathering.py) and carried in the act, as the
trace of a report is. A ring makes nobody a subject: an account is one by its own alert or report.
A case that somebody has is not taken from them, and none is asked about twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from arasha.cases.acts import RingFound
from arasha.cases.records import OPEN_CASE, Asked, Case, CaseStatus, NumbersSeen, Report
from arasha.cases.refusals import Refusal
from arasha.cases.state import Change, Changes, State

Result: TypeAlias = Changes | Refusal

MAX_ALERTS: Final = 1_000
"""Alerts that one case keeps; its score and its money are those of the first so many."""

MAX_REPORTS: Final = 1_000
"""Reports of one case."""

MAX_NOTES: Final = 1_000
"""Notes of one case, and attachments."""


def find(state: State, asked: Asked, act: RingFound) -> Result:
    """What a ring that was found makes of the cases at its accounts."""
    accounts = frozenset(act.confirmed) | frozenset(act.others)
    cases = _cases_at(state, accounts, act.currency)
    if not act.confirmed:
        loose = [case for case in cases if case.gathers & accounts]
        if loose:
            return tuple(
                replace(
                    one,
                    ring=one.ring - accounts,
                    confirmed=one.confirmed - accounts,
                    labelled=one.labelled - accounts,
                )
                for one in loose
            )
        return _new(state, asked, act, frozenset(), accounts)
    if not cases:
        return _new(state, asked, act, frozenset(act.confirmed), accounts)
    return _gathered(state, asked, act, accounts, cases)


def joined(into: Case, case: Case) -> Case | None:
    """Both as one, with the earlier clock and everybody's hand; None where one cannot hold all."""
    if len(into.alerts) + len(case.alerts) > MAX_ALERTS or (
        len(into.reports) + len(case.reports) > MAX_REPORTS
        or len(into.notes) + len(case.notes) > MAX_NOTES
    ):
        return None
    return replace(
        into, subjects=into.subjects | case.subjects, alerts=(*into.alerts, *case.alerts),
        reports=(*into.reports, *case.reports), notes=(*into.notes, *case.notes),
        attachments=(*into.attachments, *case.attachments), hands=into.hands | case.hands,
        due_ms=min(into.due_ms, case.due_ms), opened_ms=min(into.opened_ms, case.opened_ms),
        ring=into.ring | case.ring, confirmed=into.confirmed | case.confirmed,
        labelled=into.labelled | case.labelled, seen=_seen_in(into, case),
    )  # fmt: skip


def _seen_in(into: Case, case: Case) -> NumbersSeen | None:
    """What was seen of the numbers of both."""
    if into.seen is None or case.seen is None:
        return into.seen or case.seen
    return into.seen.with_more(case.seen)


def loosened(state: State, report: Report) -> Changes:
    """What a report that falls does to the ring of its case: what nothing else confirms is
    confirmed no longer, and a ring without any gathers no more.
    """
    case = state.cases[report.case]
    others = (state.reports[name] for name in case.reports if name != report.id)
    stands = any(
        one.payee == report.payee and one.attested and one.status == "open" for one in others
    )
    if report.payee not in case.confirmed - case.labelled or stands:
        return ()
    return (replace(case, confirmed=case.confirmed - {report.payee}),)


def merged(case: Case, into: Case) -> Case:
    """The case as it is part of another."""
    return replace(
        case, status=CaseStatus.MERGED, merged_into=into.id, lease_by=None, lease_until_ms=0
    )


def _cases_at(state: State, accounts: frozenset[str], currency: int) -> list[Case]:
    """The open cases at these accounts, and open questions about them, the first opened first."""
    names = {state.case_at.get((account, currency)) for account in accounts}
    names |= {state.ring_at.get(account) for account in accounts}
    cases = [state.cases[name] for name in names if name is not None]
    found = [case for case in cases if case.status in OPEN_CASE and case.currency == currency]
    return sorted(found, key=lambda case: (case.opened_ms, int(case.id[1:])))


def _gathered(
    state: State, asked: Asked, act: RingFound, accounts: frozenset[str], cases: Sequence[Case]
) -> Result:
    """One case of those there are: that which somebody has, or else the first."""
    had = [one for one in cases if one.lease_by is not None and asked.at_ms < one.lease_until_ms]
    target = (had or list(cases))[0]
    whole, changes = target, list[Change]()
    apart: frozenset[str] = frozenset()
    for case in cases:
        if case.id == target.id:
            continue
        both = None if case in had else joined(whole, case)
        if both is None:
            apart |= case.subjects | case.gathers
            continue
        whole = both
        changes.append(merged(case, target))
        changes += [replace(state.reports[name], case=target.id) for name in case.reports]
    ring, confirmed = whole.ring | (accounts - apart), whole.confirmed | frozenset(act.confirmed)
    labelled = whole.labelled | frozenset(act.labelled)
    known = (target.ring, target.confirmed, target.labelled)
    if not changes and (ring, confirmed, labelled) == known:
        return Refusal.ALREADY_TAKEN_IN
    return (
        *changes,
        replace(
            whole, ring=ring, confirmed=confirmed, labelled=labelled, ties=act.ties,
            subjects=whole.subjects or confirmed,
        ),
    )  # fmt: skip


def _new(
    state: State,
    asked: Asked,
    act: RingFound,
    subjects: frozenset[str],
    accounts: frozenset[str],
) -> Result:
    """A case of its own, unless most of the ring has been looked at before."""
    fresh = sum(account not in state.ring_at for account in accounts)
    law = state.law
    assert law is not None, "no act is taken without a law"
    if 2 * fresh <= len(accounts):
        return Refusal.ALREADY_TAKEN_IN
    return (
        Case(
            id=f"c{asked.seq}", subjects=subjects, currency=act.currency, opened_ms=asked.at_ms,
            due_ms=law.desk.due.after(asked.at_ms, law.calendar), ring=accounts,
            confirmed=subjects, labelled=frozenset(act.labelled), ties=act.ties,
        ),
    )  # fmt: skip
