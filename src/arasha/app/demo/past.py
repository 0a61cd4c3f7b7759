"""The past: some days of the country, lived at once, with the centre's own log as it would be.

In: a directory, a policy, a law. Out: a log with facts, decisions, cases, holds, recalls, returns,
appeals, all made by the same parts that serve live (engine/decide.py, cases/writer.py,
app/http/recovering.py); acts of a slice stand behind its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
from arasha.engine.live_start import warm_up
from arasha.engine.reigns import record_of
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_of_rows


class Past:
    """The past of one directory, while it is made."""

    def __init__(
        self,
        directory: Path,
        policy: Policy,
        law: Law,
        start_ms: int,
        exchanges: Callable[[], Collection[str]],
        vfs: str,
    ) -> None:
        judge = Judge(policy)
        warm_up(judge)
        self._log = Log.create(directory, created_at_ms=start_ms, vfs=vfs)
        self._log.append(record_of(policy, start_ms))
        self._judged = Judged(self._log, judge, judge.fresh_state())
        self._writer = Writer.open(self._log)
        self._writer.begin(law, start_ms)
        self._now_ms, self._looked = start_ms, self._log.size
        self._world: World | None = None
        self._following = Following(lambda: self.world.codes, exchanges)
        self._recovering = Recovering(self._following, lambda: self._now_ms)
        self.centre = Centre(self._writer, self._take)

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

    def close(self) -> None:
        """Close the log."""
        self._log.close()

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
        world, log = self.world, self._log
        self._now_ms = happened.end_ms
        world.known.take(happened)
        for held in world.life.recovery.answers():
            world.staff.answered(held)
        self._take_in()
        world.agenda.run(happened.end_ms)
        for done in self._writer.let_ends_come(happened.end_ms):
            self._told(done)
        self._looked = max(self._looked, log.size)

    def _take_in(self) -> None:
        log, size = self._log, self._log.size
        self._following.catch_up(log, size)
        acts: list[AnyAct] = []
        for one in intake.read(log, self._looked, size):
            if isinstance(one, AlertRaised):
                acts.append(one)
            elif report := intake.report_of(log, one, log.seqs_of, self.world.codes):
                acts.append(report)
        self._looked = size
        for result in self._writer.do_all(CENTRE, acts, self._now_ms) if acts else ():
            if isinstance(result, Done):
                self._with_what_follows(result)

    def _take(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        self._now_ms = max(self._now_ms, at_ms)
        result = self._writer.do(by, act, at_ms)
        if isinstance(result, Done):
            self._with_what_follows(result)
        return result

    def _with_what_follows(self, first: Done) -> None:
        for done in (first, *self._recovering.after(self._writer, first)):
            self._told(done)

    def _told(self, done: Done) -> None:
        if done.labels:
            rows = rows_of(Labelled(done.seq, done.entry.at_ms, done.labels))
            decide(self._judged, facts_of_rows(rows), now_ms=self._now_ms)
        self.world.told(self.centre, done)
