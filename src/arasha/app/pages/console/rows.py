"""A case as a row of the queue says it: what answers the easy ones without opening it.

In: a case and the state it is in, in the writing thread; then, beside it, why its payments were
stopped. Out: frozen rows: from which account at which bank to which, how much, why, how long. No
party is named in them: of an account a page shows the first ``MARK`` digits of its token, which is
nobody's identity and leads nowhere; parties are seen through a case, on record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from arasha.app.pages.stopped import Reason, Stopped
from arasha.cases.narrowing import UNSAID, typology_of
from arasha.cases.queue import reachable_minor
from arasha.cases.records import Case
from arasha.cases.state import State

MAX_REASONS: Final = 3
"""Reasons that a row shows, the strongest."""

MARK: Final = 4
"""Digits of an account's token that a row shows."""


@dataclass(frozen=True, slots=True)
class Side:
    """Accounts on one side of a case, by their tokens, and their banks; ``more``: perhaps not all
    of the accounts.
    """

    accounts: frozenset[str] = frozenset()
    banks: frozenset[str] = frozenset()
    more: bool = False

    @property
    def mark(self) -> str | None:
        """Of the account, where it is one."""
        return min(self.accounts)[:MARK] if len(self.accounts) == 1 and not self.more else None


@dataclass(frozen=True, slots=True)
class Row:
    """One case. ``payments`` are the digests of what was stopped, the highest score first, then of
    what was reported. What is older than the case is counted on both sides, of the payers and of
    the subjects: reports, and alerts.
    """

    id: str
    score: int
    reachable_minor: int
    currency: int
    due_ms: int
    escalated: bool
    is_question: bool
    alerts: int
    reports: int
    attested: int
    reports_before: tuple[int, ...]
    alerts_before: tuple[int, ...]
    lease_by: str | None
    payments: tuple[str, ...]
    typology: str | None = None
    on_call: bool = False
    new_payee: bool = False
    reasons: tuple[Reason, ...] = ()
    payers: Side = Side()
    subjects: Side = Side()

    def left_ms(self, now_ms: int) -> int:
        """Time left; negative when it is over."""
        return self.due_ms - now_ms


def row_of(state: State, case: Case, at_ms: int) -> Row:
    """The row, as far as the state knows it."""
    reports = [state.reports[name] for name in case.reports]
    alerts = sorted(case.alerts, key=lambda one: -one.score)
    payers = {one.payer for one in reports} | {one.payer for one in alerts if one.payer}
    sides, typology = (payers, case.subjects | case.ring), typology_of(state, case)
    return Row(
        id=case.id, score=case.score, reachable_minor=reachable_minor(state, case),
        currency=case.currency, due_ms=case.due_ms, escalated=case.escalated_ms is not None,
        is_question=case.is_question, alerts=len(alerts), reports=len(reports),
        attested=sum(one.attested for one in reports),
        reports_before=tuple(_reported(state, one, case.opened_ms) for one in sides),
        alerts_before=tuple(_alerted(state, one, case.opened_ms) for one in sides),
        lease_by=case.lease_by if at_ms < case.lease_until_ms else None,
        payments=(
            *(one.payment for one in alerts), *(one.payment for one in reports if one.payment),
        ),
        typology=None if typology == UNSAID else typology,
        payers=Side(
            frozenset(payers),
            _known(*(one.bank for one in reports), *(one.payer_bank for one in alerts)),
            more=any(one.payer is None for one in alerts),
        ),
        subjects=Side(
            case.subjects,
            _known(*(one.payee_bank for one in reports), *(one.payee_bank for one in alerts)),
        ),
    )  # fmt: skip


def with_reasons(row: Row, stopped: Mapping[str, Stopped]) -> Row:
    """The same with what the decisions say."""
    found = [stopped[name] for name in row.payments if name in stopped]
    if not found:
        return row
    return replace(
        row, on_call=any(one.on_call for one in found),
        new_payee=any(one.new_payee for one in found), reasons=found[0].reasons[:MAX_REASONS],
        payers=_payers(row, stopped),
        subjects=replace(
            row.subjects, banks=row.subjects.banks | _known(*(one.payee_bank for one in found))
        ),
    )  # fmt: skip


def _payers(row: Row, stopped: Mapping[str, Stopped]) -> Side:
    """Those of its reports and of the stopped payments that are looked up."""
    alerts = [stopped.get(name) for name in row.payments[: row.alerts]]
    found = [one for one in alerts if one is not None]
    return Side(
        row.payers.accounts | _known(*(one.payer for one in found)),
        row.payers.banks | _known(*(one.payer_bank for one in found)),
        more=row.payers.more and None in alerts,
    )


def _known(*names: str | None) -> frozenset[str]:
    """Those that are known."""
    return frozenset(one for one in names if one)


def _reported(state: State, parties: Collection[str], before_ms: int) -> int:
    """How often these were reported before that instant, ever as far as is counted."""
    return sum(
        one.what == "reported" and one.at_ms < before_ms
        for party in parties
        for one in state.counted.get(party, ())
    )


def _alerted(state: State, parties: Collection[str], before_ms: int) -> int:
    """How many payments of these were stopped before that instant. Times of a party never fall."""
    return sum(bisect_left(state.alerted.get(party, ()), before_ms) for party in parties)
