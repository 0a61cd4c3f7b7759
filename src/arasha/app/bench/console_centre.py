"""The centre that ``arasha bench console`` looks at: payments, and a queue as long as it gets.

Out: a directory whose log has a nation's payments, judged by the default policy, and among them the
cases of some days: payments that were stopped, reports of others, some attested, with a hold and a
recall; one case in five is closed. Time passes as it would have: what a stretch of payments led to
stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.bench.running import participant
from arasha.app.bench.traffic import Nation, house_file
from arasha.app.commands_serve import clock
from arasha.cases.acts import (
    CENTRE,
    Actor,
    AlertRaised,
    AnyAct,
    CaseClosed,
    CaseTaken,
    HoldsPlaced,
    RecallOpened,
    RecallSent,
    ReportTaken,
    Target,
)
from arasha.cases.calendar import HOUR_MS
from arasha.cases.law_document import load_law
from arasha.cases.projection import Done
from arasha.cases.records import Case, Recall, Report
from arasha.cases.snapshots import take
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.engine.decide import Centre, Decided, decide
from arasha.engine.live_start import open_live, take_snapshot
from arasha.events.columns import Facts
from arasha.events.decisions import ACTIONS
from arasha.events.schema import TYPOLOGIES
from arasha.events.symbols import code_bytes, code_text, symbols_of
from arasha.exchange.persons import Persons
from arasha.exchange.sessions import Sessions
from arasha.exchange.signin_tables import open_signin
from arasha.policy import document

POLICY: Final = "policies/instant-payments.toml"
LAW: Final = "law/kz.toml"
BANKS: Final = tuple(f"BANKKZ{number:02}" for number in range(20))
HOURS: Final = 60
"""How long payments and cases go back, hours."""

STRETCH: Final = 128
"""Payments of one commit, as a service makes them that has something to do; behind it stands what
it led to.
"""

CLOSED: Final = 5
"""One case in so many is closed."""

ATTESTED: Final = 20
"""One report in so many is attested, and has a hold and a recall."""

_SEED: Final = 20_261_129
_STOPPED: Final = ACTIONS.index("hold")
_BANK_COLUMNS: Final = ("payer_bank", "payee_bank")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ANALYST: Final = Actor("person", "bench-analyst", ("analyst",))


@dataclass(frozen=True, slots=True)
class Made:
    """A centre that is made: its state, and how many of what it holds."""

    state: State
    payments: int

    @property
    def note(self) -> str:
        """What it holds, in words."""
        state = self.state
        return (
            f"{self.payments:,} payments, {len(state.cases):,} cases, {len(state.open_cases):,} of "
            f"them open, {len(state.holds):,} holds"
        )


def make(directory: Path, payments: int, cases: int) -> Made:
    """A centre of about so many payments and cases in that directory."""
    for bank in BANKS:
        participant(directory, bank, "bank")
    now_ms = clock().wall_ms
    start_ms = now_ms - HOURS * HOUR_MS
    started = open_live(directory, document.load(house_file(POLICY)), start_ms)
    with closing(started.log):
        writer = Writer.open(started.log)
        writer.begin(load_law(house_file(LAW)), start_ms)
        making = _Making(Centre(started.log, started.judge, started.state), writer)
        nation, step_ms = Nation.of(payments), HOURS * HOUR_MS / payments
        for first in range(0, payments, STRETCH):
            count = min(STRETCH, payments - first)
            times = (start_ms + np.arange(first, first + count) * step_ms).astype(np.int64)
            facts = _with_banks(nation.payments(first, times)[0], first)
            making.stretch(facts, cases * (first + count) // payments)
        writer.let_ends_come(now_ms)
        state = writer.state
    take(directory)
    take_snapshot(directory)
    return Made(state, payments)


@dataclass
class _Making:
    """A centre in the making."""

    centre: Centre
    writer: Writer
    chance: Random = field(default_factory=lambda: Random(_SEED))
    met: set[str] = field(default_factory=set)
    reports: int = 0

    def stretch(self, facts: Facts, cases: int) -> None:
        """A stretch of payments and, behind it, what it leads to, until there are so many cases."""
        decided = decide(self.centre, facts)
        at_ms = int(decided.known_at[-1])
        acts = self._began(decided, cases - len(self.met))
        if acts:
            done = self._all(CENTRE, acts, at_ms)
            self._recover(done, at_ms)
            self._close(done, at_ms)

    def _began(self, decided: Decided, wanted: int) -> list[AnyAct]:
        """What begins so many cases, about payments to accounts that have none: half of it alerts,
        as far as the policy has stopped so many.
        """
        stopped = decided.decisions.action >= _STOPPED
        rows = [*np.flatnonzero(stopped)[: wanted // 2].tolist(), *np.flatnonzero(~stopped)]
        payees = decided.facts.symbol("payee_account")
        chosen: list[int] = []
        for row in rows:
            payee = payees[row].tobytes().hex()
            if len(chosen) < wanted and payee not in self.met:
                self.met.add(payee)
                chosen.append(int(row))
        return [self._act(decided, row, stopped=bool(stopped[row])) for row in sorted(chosen)]

    def _act(self, decided: Decided, row: int, *, stopped: bool) -> AnyAct:
        facts, place = decided.facts, int(decided.seq[row])
        amount, currency = (int(facts.number(one)[row]) for one in ("amount", "currency"))
        payer, payee = (
            facts.symbol(one)[row].tobytes().hex() for one in ("payer_account", "payee_account")
        )
        name = decided.admission.digests[row].tobytes().hex()
        if stopped:
            score = int(decided.decisions.score[row])
            between = [code_text(facts.symbol(one)[row].tobytes()) for one in _BANK_COLUMNS]
            return AlertRaised(place, payee, name, amount, currency, score, *between)
        self.reports += 1
        bank, other = self.chance.sample(BANKS, 2)
        return ReportTaken(
            f"{self.reports:032x}", place, bank, bank, amount, currency, payer, payee,
            int(decided.known_at[row]), payee_bank=other, payment=name,
            typology=self.chance.choice((None, *TYPOLOGIES)),
            attested=self.reports % ATTESTED == 0,
        )  # fmt: skip

    def _recover(self, done: Sequence[Done], at_ms: int) -> None:
        """A hold and a recall for each attested report."""
        told = [one for each in done for one in each.changes if isinstance(one, Report)]
        for report in told:
            if report.attested:
                reference = "".join(self.chance.choices(_ALPHABET, k=20))
                target = Target(
                    report.payee, report.payee_bank or "", report.amount_minor, reference
                )
                placed: list[AnyAct] = [HoldsPlaced(report.id, (target,)), RecallOpened(report.id)]
                opened = self._all(CENTRE, placed, at_ms)
                recalls = [
                    one for each in opened for one in each.changes if isinstance(one, Recall)
                ]
                self._all(CENTRE, [RecallSent(one.id) for one in recalls], at_ms)

    def _close(self, done: Sequence[Done], at_ms: int) -> None:
        """Every so manieth case is decided."""
        cases = [one.id for each in done for one in each.changes if isinstance(one, Case)]
        chosen = [one for one in cases if self.chance.random() * CLOSED < 1]
        taken = [CaseTaken(one) for one in chosen]
        outcome = self.chance.choice
        closed = [
            CaseClosed(one, outcome(("fraud", "legitimate", "unclear")), worth_it=True)
            for one in chosen
        ]
        self._all(_ANALYST, taken, at_ms)
        self._all(_ANALYST, closed, at_ms)

    def _all(self, by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done]:
        return [one for one in self.writer.do_all(by, acts, at_ms) if isinstance(one, Done)]


def _with_banks(facts: Facts, first: int) -> Facts:
    """The payments under names of their own, each between two banks, by its accounts."""
    banks = symbols_of([code_bytes(one) for one in BANKS])

    def bank_of(column: str) -> NDArray[np.uint64]:
        return banks[(facts.symbol(column)[:, 0] % len(BANKS)).astype(np.intp)]

    return replace(
        facts, ids=[f"p-{first + row}" for row in range(len(facts))],
        symbols=facts.symbols | {
            "payer_bank": bank_of("payer_account"), "payee_bank": bank_of("payee_account"),
        },
    )  # fmt: skip


def sessions(directory: Path, prefix: str, role: str, count: int) -> list[str]:
    """Tokens of so many people with that role, signed in; their names begin with the prefix."""

    def now_ms() -> int:
        return clock().wall_ms

    persons, tables = Persons.open(directory, now_ms), open_signin(directory)
    tokens = []
    try:
        for number in range(count):
            name = f"{prefix}-{number}"
            persons.create(name, [role], by="bench")
            with tables.change() as db:
                token = Sessions(tables, persons, now_ms).begin(db, name, "passkey")
            assert token is not None, "who was just made may come in"
            tokens.append(token)
    finally:
        tables.close()
        persons.close()
    return tokens
