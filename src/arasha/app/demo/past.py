"""The past: some days of the country, lived at once, with the centre's own log as it would be.

In: a directory, a policy, a law. Out: a log with facts, decisions, cases, holds, recalls, returns,
appeals, looks and reveals, all made by the same parts that serve live (engine/decide.py,
cases/writer.py, app/http/recovering.py, vault/subjects.py); acts of a slice stand behind its facts.
Beside it the vault, the log's public record, and how far what was judged lies from what the model
learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.commands_record import note_change
from arasha.app.commands_vault import master_of
from arasha.app.demo.world import Centre, World
from arasha.app.http.following import Following
from arasha.app.http.office import rows_of
from arasha.app.http.recovering import Recovering
from arasha.cases import intake
from arasha.cases.acts import CENTRE, Actor, AlertRaised, AnyAct
from arasha.cases.law import Law
from arasha.cases.projection import Done, Labelled
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.country.happenings import Happenings
from arasha.country.loop import Happened
from arasha.engine.decide import Centre as Judged
from arasha.engine.decide import decide
from arasha.engine.drift import Drift, reference_for
from arasha.engine.live_start import warm_up
from arasha.engine.reigns import record_of
from arasha.events.schema import Kind
from arasha.exchange.acts import keep_waiting
from arasha.log import record
from arasha.log.log import Log
from arasha.log.record import Record
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_of_rows
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Tokens

HIDDEN_AT_ONCE: Final = 50_000
"""Identifiers that the vault takes in one commit."""


class Past:
    """The past of one directory, while it is made."""

    def __init__(
        self,
        directory: Path,
        policy: Policy,
        law: Law,
        start_ms: int,
        exchanges: Callable[[], Collection[str]],
        tokens: Tokens,
        vfs: str,
    ) -> None:
        judge = Judge(policy)
        warm_up(judge)
        self._directory, self._tokens, self.now_ms = directory, tokens, start_ms
        self.drift = drift_of(judge, directory)
        self.log = Log.create(directory, created_at_ms=start_ms, vfs=vfs)
        self.log.append(record_of(policy, start_ms))
        master = master_of(directory, None)
        self._vault = Vault.open(directory, master, lambda: self.now_ms, vfs=vfs)
        self._judged = Judged(self.log, judge, judge.fresh_state())
        self._writer = Writer.open(self.log)
        self._writer.begin(law, start_ms)
        self._looked = self.log.size
        self._world: World | None = None
        self._following = Following(lambda: self.world.codes, exchanges)
        self._recovering = Recovering(self._following, lambda: self.now_ms)
        self.centre = Centre(self._writer, self._take, self._reveal)

    @property
    def state(self) -> State:
        """What has come of it."""
        return self._writer.state

    @property
    def world(self) -> World:
        """Whose past it is."""
        assert self._world is not None, "a past is somebody's"
        return self._world

    def of(self, world: World) -> None:
        """Whose past it is to be."""
        self._world = world

    def begin_record(self, origin: str, by: str) -> Record:
        """Give the log a public record under that name, as ``arasha log key`` does."""
        begun = record.begin(self.log, self._directory, origin)
        note_change(self.log, "record_begun", begun, by, at_ms=self.now_ms)
        self._looked = self.log.size
        return begun

    def close(self) -> None:
        """Put what the tokens stand for into the vault, and close all."""
        self._hide()
        self._vault.close()
        self.log.close()

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """What is to be done about each payment of a slice; the centre judges those it sees."""
        rows = self.world.seen(some)
        payments = np.flatnonzero(some.kind == Kind.PAYMENT)
        actions = np.zeros(len(payments), np.uint8)
        if len(rows):
            facts = self.world.reader.facts(some.take(rows))
            decided = decide(self._judged, facts, reasons=True)
            at = np.searchsorted(payments, rows[decided.payments])
            actions[at] = decided.decisions.action
        return actions

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """What became of payments is known elsewhere."""

    def after(self, happened: Happened) -> None:
        """Act on what a slice brought, up to its end."""
        world, log = self.world, self.log
        self.now_ms = happened.end_ms
        world.known.take(happened)
        for held in world.life.recovery.answers():
            world.staff.answered(held)
        self._take_in()
        world.agenda.run(happened.end_ms)
        for done in self._writer.let_ends_come(happened.end_ms):
            self._told(done)
        self._looked = max(self._looked, log.size)

    def _take_in(self) -> None:
        log, size = self.log, self.log.size
        self._following.catch_up(log, size)
        acts: list[AnyAct] = []
        for one in intake.read(log, self._looked, size):
            if isinstance(one, AlertRaised):
                acts.append(one)
            elif report := intake.report_of(log, one, log.seqs_of, self.world.codes):
                acts.append(report)
        self._looked = size
        for result in self._writer.do_all(CENTRE, acts, self.now_ms) if acts else ():
            if isinstance(result, Done):
                self._with_what_follows(result)

    def _take(self, by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done | Refusal]:
        self.now_ms = max(self.now_ms, at_ms)
        results = self._writer.do_all(by, acts, at_ms)
        for result in results:
            if isinstance(result, Done):
                self._with_what_follows(result)
        return results

    def _with_what_follows(self, first: Done) -> None:
        for done in (first, *self._recovering.after(self._writer, first)):
            self._told(done)

    def _told(self, done: Done) -> None:
        if done.labels:
            rows = rows_of(Labelled(done.seq, done.entry.at_ms, done.labels))
            decide(self._judged, facts_of_rows(rows), now_ms=self.now_ms)
        self.world.told(self.centre, done)

    def _reveal(self, token: str, by: Actor, reason: str) -> None:
        self._hide()
        self._vault.reveal(bytes.fromhex(token), by=by.name, roles=by.roles, reason=reason)
        keep_waiting(self.log, [self._vault.database], self.now_ms)

    def _hide(self) -> None:
        hidden = self._tokens.taken()
        for at in range(0, len(hidden), HIDDEN_AT_ONCE):
            self._vault.keep(hidden[at : at + HIDDEN_AT_ONCE])


def drift_of(judge: Judge, directory: Path) -> Drift | None:
    """What counts from now on what the judge's model is given; None without one, or where it is not
    known what it learnt. That is then kept in the directory, as a service keeps it.
    """
    reference = reference_for(judge.policy, directory)
    if reference is None or judge.model is None:
        return None
    drift = Drift(reference, judge.model.features)
    judge.watcher = drift.note
    return drift
