"""What runs beside the routes of a service, for as long as it does.

In: the parts of one service. Out: rights that were changed are taken up and put into the log, a
standby follows and takes over, snapshots are taken by another process, what hangs together is
looked for by another one, and a new policy takes over when the operator says so (SIGHUP).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from arasha.app import notify
from arasha.app.http import aside, gateways
from arasha.cases.reigns import laws_of
from arasha.engine.live import Job
from arasha.engine.live_start import prepare
from arasha.errors import ArashaError
from arasha.policy import document

if TYPE_CHECKING:
    from arasha.app.http.cases import Cases
    from arasha.app.http.desk import Desk
    from arasha.app.http.metrics import Metrics
    from arasha.app.http.office import Office
    from arasha.app.http.publishing import Publishing
    from arasha.app.http.service import Settings
    from arasha.app.notify import Notify
    from arasha.engine.call_risk import CallRisk
    from arasha.policy.judge import Judge

REFRESH_S: Final = 1.0
"""How often changes of rights are taken up, seconds: so long may a revoked key still open."""

FOLLOW_S: Final = 0.1
"""How long a standby rests before it looks again, seconds."""

PLACE_S: Final = 0.5
"""How often a writer asks whether it still is, seconds."""

SNAPSHOT_LOOK_S: Final = 10.0
"""How often it is looked whether a snapshot is due, seconds."""

GATEWAYS_S: Final = 300.0
"""How often an operator's numbers are looked through, seconds."""

RISK_S: Final = 0.1
"""How often an operator's answers take in what the log has grown by, seconds."""


class Upkeep:
    """The upkeep of one service. ``begin_sending`` lets its outbox go, once it is the log's writer.

    ``cases``, ``publishing`` and ``risk`` are set where the service has them. ``snapshot_seq`` is
    where the latest snapshot stands; ``fault`` says why the service had to be stopped.
    """

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        metrics: Metrics,
        telling: Notify,
        begin_sending: Callable[[], None],
        *,
        snapshot_seq: int,
    ) -> None:
        self._settings, self._desk, self._metrics = settings, desk, metrics
        self._telling, self._begin_sending = telling, begin_sending
        self.snapshot_seq = snapshot_seq
        self.cases: Cases | None = None
        self.publishing: Publishing | None = None
        self.risk: CallRisk | None = None
        self.fault: ArashaError | None = None

    async def before_all(self) -> None:
        """What must be so before anybody is answered."""
        await self._take_up_rights()
        await self._take_up_laws()
        if not self._desk.live.standby:
            await self._done(Job(self._open_late))
        self._metrics.watch(self._desk.live.judge)

    def works(self, office: Office | None) -> list[Coroutine[Any, Any, None]]:
        """Everything that goes on until it is cancelled."""
        place = self._following() if self._desk.live.standby else self._keeping_place()
        found = [self._rights(), self._snapshots(), self._alive(), place]
        if office is not None:
            looking = self._gathering if self.risk is None else self._finding
            found.append(looking(office))
        if self.risk is not None:
            found.append(self._keeping_up(self.risk))
        return found

    def judged_by(self, judge: Judge) -> None:
        """Another judge is about to take over: of its policy there is no snapshot yet."""
        self._metrics.watch(judge)
        self.snapshot_seq = 0

    async def switch(self) -> None:
        """Read the policy again; let it judge from its entry on."""
        desk, path = self._desk, self._settings.policy
        if desk.live.standby:
            return desk.journal.say("switch", result="a standby judges as the writer does")
        if path is None:
            return desk.journal.say("switch", result="no policy was named when the service began")
        if self.publishing is not None and self.publishing.by_two:
            return desk.journal.say("switch", result="two people publish here: POST /v1/policy")
        try:
            policy = await asyncio.to_thread(document.load, path)
            if policy.judges is not desk.live.policy.judges:
                return desk.journal.say("switch", result="it judges facts of another kind")
            if policy.hash == desk.live.policy.hash:
                return desk.journal.say("switch", result="unchanged", policy=policy.hash)
            prepared = await asyncio.to_thread(prepare, self._settings.directory, policy)
        except ArashaError as error:
            return desk.journal.fault("switch", error)
        self._metrics.watch(prepared.judge)
        job = Job(lambda: desk.live.put_in_force(prepared))
        if not await self._done(job) or job.fault is not None:
            self._metrics.watch(desk.live.judge)
            return desk.journal.say("switch", result="not taken", policy=policy.hash)
        self.snapshot_seq = 0  # of this policy there is none yet
        return desk.journal.say("switch", result="in force", policy=policy.hash, entry=job.result)

    async def _done(self, job: Job) -> bool:
        """Have it done in the writing thread; whether it was taken."""
        done = self._desk.submit(job)
        if done is not None:
            await done
        return done is not None

    async def _alive(self) -> None:
        """Say that we are alive, as often as somebody asks: when the event loop and the writing
        thread have both had a turn since. A disk that does not answer lets it be known.
        """
        live = self._desk.live
        entries = live.size
        while self._telling.alive_s is not None:
            await asyncio.sleep(self._telling.alive_s / 2)
            done = await self._done(Job(lambda: None))
            if done or live.size > entries:  # a full queue must move
                self._telling.tell(notify.ALIVE)
            entries = live.size

    # Rights and laws.

    async def _rights(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            await self._take_up_rights()

    async def _take_up_rights(self) -> None:
        """Take up changed rights, and put the acts that changed them into the log.

        What cannot be is tried again, and what was known before still counts; but a register or a
        vault whose file failed is not used any more: a revoked key would open for ever.
        """
        desk, cases = self._desk, self.cases
        erased = cases is not None and await asyncio.to_thread(cases.has_acts)
        job = Job(lambda: self._keep_acts(documents=erased))
        try:
            desk.door.participants.refresh()
            if desk.live.standby or not await self._done(job):
                return
            if isinstance(job.fault, ArashaError):
                raise job.fault
        except ArashaError as error:
            desk.journal.fault("rights", error)
            if desk.door.spoilt:
                self.fault = error
                desk.stopped.set()
            return
        if job.result:
            desk.journal.say("acts", entries=job.result)

    def _keep_acts(self, *, documents: bool) -> int:
        log, now_ms = self._desk.live.log, self._desk.live.now_ms()
        kept = self._desk.door.keep_acts(log, now_ms)
        if documents and self.cases is not None:
            kept += self.cases.keep_acts(log, now_ms)
        return kept

    async def _take_up_laws(self) -> None:
        """Know which law was in force when, before anybody is told of a payment."""
        job = Job(lambda: self._desk.pauses.know(laws_of(self._desk.live.log)))
        await self._done(job)
        if job.fault is not None:
            self._desk.journal.fault("laws", job.fault)

    def _open_late(self) -> None:
        """Note late verdicts from now on; those that a kill kept from the log are put down."""
        try:
            self._desk.late.opened(self._settings.directory, self._desk.live.log)
        except OSError as error:
            self._desk.journal.fault("late", error)

    # The log's writer, and who follows it.

    def _follow(self) -> bool:
        """Take in what the writer has appended; on taking its place, its laws, too."""
        writing = self._desk.live.follow()
        if writing:
            self._desk.pauses.know(laws_of(self._desk.live.log))
            self._open_late()
        return writing

    async def _following(self) -> None:
        """Follow the log's writer; when it is gone, take its place."""
        desk = self._desk
        while True:
            job = Job(self._follow)
            if await self._done(job) and job.fault is None and job.result:
                break
            await asyncio.to_thread(desk.door.follow)
            await asyncio.sleep(FOLLOW_S)
        self._metrics.watch(desk.live.judge)
        desk.journal.say("ready", entries=desk.live.size, policy=desk.live.policy.hash)
        self._begin_sending()
        await self._keeping_place()

    async def _keeping_place(self) -> None:
        """Notice that another process has taken over, also when nothing is written: then end."""
        while True:
            await asyncio.sleep(PLACE_S)
            await self._done(Job(self._desk.live.log.still_writing))

    async def _keeping_up(self, risk: CallRisk) -> None:
        """Let what banks are answered keep up with the log, so that no asking has much to read."""
        while True:
            await asyncio.sleep(RISK_S)
            await self._done(Job(risk.catch_up))

    # What other processes do.

    async def _snapshots(self) -> None:
        """Have a process of its own take a snapshot whenever one is due: it stops nobody here."""
        desk, settings = self._desk, self._settings
        while True:
            if desk.live.size - self.snapshot_seq >= settings.snapshot_entries:
                at = desk.live.size
                words = ("log", "snapshot", str(settings.directory))
                code, _ = await aside.said_by(aside.MAIN, *words)
                desk.journal.say("snapshot", entries=at, exit_code=code)
                self.snapshot_seq = at  # one that failed is tried again after as many entries
            await asyncio.sleep(SNAPSHOT_LOOK_S)

    async def _gathering(self, office: Office) -> None:
        """Have a process of its own look which accounts hang together, and gather their cases."""
        desk, settings, seen = self._desk, self._settings, -1
        while settings.rings_s:
            await asyncio.sleep(settings.rings_s)
            if desk.live.standby or desk.live.size == seen or not office.is_lawful:
                continue
            seen = desk.live.size
            words = ("rings", str(settings.directory), "--json")
            code, said = await aside.said_by(aside.MAIN, *words)
            found = office.rings_in(said) if code == 0 else []
            gathered = await office.gather(found)
            desk.journal.say("rings", found=len(found), gathered=gathered, exit_code=code)

    async def _finding(self, office: Office) -> None:
        """Have a process of its own find an operator's gateways; a law in force says what may be
        done about them, so without one nobody looks.
        """
        desk, settings = self._desk, self._settings
        while settings.rings_s:
            await asyncio.sleep(min(settings.rings_s, GATEWAYS_S))
            if not desk.live.standby and office.is_lawful:
                await gateways.gather(
                    str(settings.directory), min(settings.rings_s, GATEWAYS_S), office.gather,
                    desk.journal,
                )  # fmt: skip
