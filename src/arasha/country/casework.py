"""Casework: one installation's acting part in the country, with the real domain and real tracing.

Where on the path: *acted*, in the closed loop. In: reports, answers of banks, acts of people. Out:
what came of each act (cases/projection.py), told to whoever acts on it. What a centre does by
itself it does here as the service does (app/http/office.py): an attested report is followed, hold
orders go out at once, then the recall; ends come. There is no log: the acts are performed, and
every limit of the law is kept, by ``arasha.cases.perform``.

Beside the acts their *twin* is kept: the same acts under a law that shares a pot by the other rule,
so that both rules are known of the same country.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from arasha.cases.acts import (
    CENTRE,
    Actor,
    AnyAct,
    Entry,
    HoldsPlaced,
    LawChosen,
    MoneyReturned,
    RecallOpened,
    RecallSent,
    ReportTaken,
    Target,
)
from arasha.cases.due import due
from arasha.cases.law import ALLOCATIONS, Law
from arasha.cases.perform import perform
from arasha.cases.projection import Done, Projection
from arasha.cases.records import Recall, Report
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.targets import RULES, Rule, Targets, busy_in, targets_of
from arasha.country.payments_seen import PaymentsSeen
from arasha.flows.arena import Arena
from arasha.flows.trace import Tracer
from arasha.flows.traced import Trace

OnTraced = Callable[["Casework", Report, Trace], None]
OnDone = Callable[["Casework", Done], None]

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_CHARS = 20


class Work(Protocol):
    """What staff and officers need of the installation in which they work: a `Casework` in the
    closed loop, in the demonstration the centre's own log.
    """

    @property
    def name(self) -> str:
        """Whose it is."""

    @property
    def state(self) -> State:
        """As of the last act."""

    @property
    def law(self) -> Law:
        """The law in force."""

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        """Have an act taken, or say by its name why not."""


@dataclass(slots=True)
class Casework:
    """The acting part of one installation: the centre's, or one bank's own.

    ``members`` are the banks that it can ask to hold anything, by their codes; ``exchanges`` uint64
    [n, 2] the tokens of crypto exchanges, where money leaves the network. ``traced`` and ``done``
    are told of every trace and of every act that was taken.
    """

    name: str
    members: frozenset[str]
    exchanges: NDArray[np.uint64]
    seen: PaymentsSeen
    traced: OnTraced
    done: OnDone
    projection: Projection = field(default_factory=Projection)
    twin: Projection = field(default_factory=Projection)
    _tracer: Tracer = field(init=False)
    _acts: int = 0
    _places: int = 0
    _references: int = 0

    def __post_init__(self) -> None:
        self._tracer = Tracer(self.seen.arena)

    @property
    def arena(self) -> Arena:
        """The payments that the installation has seen."""
        return self.seen.arena

    @property
    def state(self) -> State:
        """As of the last act."""
        return self.projection.state

    @property
    def law(self) -> Law:
        """The law in force."""
        assert self.state.law is not None, "begin comes first"
        return self.state.law

    def begin(self, law: Law, at_ms: int) -> None:
        """Put the law in force; in the twin, the same with the other rule of allocation."""
        self.do(CENTRE, LawChosen(law.text), at_ms)
        [other] = [one for one in ALLOCATIONS if one != law.recall.allocation]
        self.twin.state.put(replace(law, recall=replace(law.recall, allocation=other)))

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        """Have an act taken, or say by its name why not; then what follows from it by itself."""
        at_ms = max(at_ms, self.state.at_ms)
        entry = Entry(at_ms, by, act)
        result = perform(self.state, entry, self._acts)
        if isinstance(result, Refusal):
            return result
        seq, self._acts = self._acts, self._acts + 1
        done = self.projection.taken(seq, entry, result)
        if seq:
            self._do_twin(entry, seq)
        self.done(self, done)
        for change in done.changes:
            if isinstance(change, Report):
                self._recover(self.state.reports[change.id], at_ms)
        return done

    def take_report(self, report: ReportTaken, at_ms: int) -> Done | Refusal:
        """A report comes to the desk; ``place`` is set here."""
        self._places += 1
        return self.do(CENTRE, changed(report, place=self._places), at_ms)

    def let_ends_come(self, at_ms: int) -> None:
        """Put on record what time has brought about."""
        for act in due(self.state, at_ms):
            self.do(CENTRE, act, at_ms)

    def follow(self, report: Report) -> Trace | None:
        """Where the money of a report is by now; None if its payment was never seen here."""
        if report.payment is None:
            return None
        digest = np.frombuffer(bytes.fromhex(report.payment), np.uint64)
        arena = self.arena
        ordinal = arena.ordinal_of(digest)
        if ordinal is None:
            return None
        arena.name_exchanges(self.exchanges)
        return self._tracer.trace({ordinal: report.amount_minor})

    def targets(
        self, report: Report, trace: Trace | None, at_ms: int, rule: Rule = RULES[0]
    ) -> Targets:
        """Where a report has money held, if it is followed by that rule."""
        return targets_of(report, trace, self.members, busy_in(self.arena, at_ms), rule)

    def _recover(self, report: Report, at_ms: int) -> None:
        """When a report has become a ground: hold orders at once, then the recall."""
        state = self.state
        if not report.attested or report.status != "open":
            return
        if any(True for _ in state.holds_of_ground(report.ground)):
            return
        trace = self.follow(report)
        if trace is not None:
            self.traced(self, report, trace)
        wanted = self.targets(report, trace, at_ms)
        self.do(CENTRE, HoldsPlaced(report.id, self._targets(wanted)), at_ms)
        opened = self.do(CENTRE, RecallOpened(report.id), at_ms)
        if isinstance(opened, Done):
            for change in opened.changes:
                if isinstance(change, Recall):
                    self.do(CENTRE, RecallSent(change.id), at_ms)

    def _targets(self, wanted: Targets) -> tuple[Target, ...]:
        return tuple(
            Target(account, bank, amount, self._reference(), came)
            for account, bank, amount, came in wanted
        )

    def _reference(self) -> str:
        """What a held person is given. Nobody guesses here, so it is counted, not drawn."""
        self._references += 1
        number, text = self._references, ""
        for _ in range(_REFERENCE_CHARS):
            number, digit = divmod(number, len(_LETTERS))
            text = _LETTERS[digit] + text
        return text

    def _do_twin(self, entry: Entry, seq: int) -> None:
        """The same act under the other rule; money goes back as that rule shares it."""
        act, state = entry.act, self.twin.state
        if isinstance(act, MoneyReturned):
            hold = state.holds[act.hold]
            rest = (hold.to_return_minor or 0) - hold.returned_minor
            entry = Entry(entry.at_ms, entry.by, MoneyReturned(act.recall, act.hold, rest))
        result = perform(state, entry, seq)
        if not isinstance(result, Refusal):
            self.twin.taken(seq, entry, result)
