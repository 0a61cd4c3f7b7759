"""The acting part of the service: acts go through the writing thread, one after the other.

In: acts of persons, participants and appellants from the routes; reports and stopped payments from
the log. Out: entries, and what came of each. Beside the routes: what is new in the log is taken in
as it grows, an attested report has its money held at once, ends come, and what people settle
becomes labels.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

import msgspec

from arasha.app.http import problems
from arasha.app.http.beside import Beside
from arasha.app.http.desk import Desk
from arasha.app.http.following import Followed, Following
from arasha.app.http.problems import Problem
from arasha.app.http.recovering import Recovering
from arasha.cases import intake
from arasha.cases.acts import (
    CENTRE,
    Act,
    Actor,
    AlertRaised,
    AnyAct,
    CaseLeft,
    CaseTaken,
    NumbersFound,
    RingFound,
)
from arasha.cases.labels import Settled
from arasha.cases.law import Law
from arasha.cases.projection import ActPlace, Done, Labelled, ViewPlace
from arasha.cases.records import Report
from arasha.cases.refusals import Refusal
from arasha.cases.reigns import laws_of
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.engine.live import Ask, Fate, Job
from arasha.errors import InputError, UsageError
from arasha.events.records import LabelSettled
from arasha.events.schema import TYPOLOGIES
from arasha.events.symbols import code_bytes
from arasha.exchange.crypto_exchanges import CryptoExchanges
from arasha.log.log import Entries
from arasha.vault.rows import LAYOUTS, Row, row_with

SENDER: Final = "ARASHA"
"""Who settles labels: the centre, by what its people found."""

TICK_S: Final = 0.5
"""How long what is new in the log, and ends that have come, may wait when nothing moves, s."""

REST_S: Final = 0.02
"""How long the desk rests between two looks at a log that grows, seconds."""

LABELS_AGAIN_MS: Final = 24 * 3_600_000
"""How far back acts are looked through at the start for labels that a crash kept from the log."""

LABEL_DEADLINE_NS: Final = 60_000_000_000

LABELS_AT_ONCE: Final = 512
"""Labels of one commit."""

RINGS_AT_ONCE: Final = 16
"""Rings of one commit."""

T = TypeVar("T")

Take = Callable[[Actor, AnyAct], list[Done] | Refusal]
"""Takes an act: what came of it and of what follows from it, or why it is not taken."""


class _Rings(msgspec.Struct):
    """What ``arasha rings --json`` says."""

    size: int
    rings: list[RingFound]


class Office:
    """One service's acting part."""

    def __init__(
        self, desk: Desk, directory: Path, law: Law | None, *, takes_in: bool = True
    ) -> None:
        """``takes_in``: whether payments and reports come to this desk from the log; an operator's
        is told of numbers alone, by who looks for them.
        """
        self._desk, self._directory, self._law = desk, directory, law
        self._takes_in = takes_in
        register = desk.door.participants.register
        exchanges = CryptoExchanges(register)
        self._following = Following(lambda: register.names("participant"), exchanges.tokens)
        self._recovering = Recovering(self._following, desk.live.now_ms)
        self.watching: list[Callable[[Sequence[Done]], None]] = []
        """Told of what was done, in the event loop, once it is durable; they must not block."""
        self._writer: Writer | None = None
        self._looked = -1
        self._lawful = False
        self._unfinished = True
        self._unkept: list[Row] = []
        self._grown = asyncio.Event()
        self._reader: Beside | None = None

    # For the routes.

    async def do(self, by: Actor, act: AnyAct) -> Done | Refusal | Problem:
        """Have an act taken, and all that follows from it at once."""
        return await self.having(lambda writer: self._do(writer, by, act))

    async def do_each(
        self, by: Actor, things: Sequence[Sequence[AnyAct]]
    ) -> list[Done | Refusal | Problem]:
        """Have several things done together, each by its acts in order as far as they are taken: of
        each, what came of the last act that was tried. A case that was taken for that alone is left
        again where the rest was refused.
        """
        found = await self.having(lambda writer: self._do_each(writer, by, things))
        return [found] * len(things) if isinstance(found, Problem) else [*found]

    async def tried(self, by: Actor, act: AnyAct) -> Refusal | Problem | None:
        """Why an act would not be taken now; nothing of the trial is kept."""
        return await self.within(lambda writer: writer.tried(by, act, self._desk.live.now_ms()))

    async def do_with(
        self, by: Actor, act: AnyAct, work: Callable[[Callable[[Entries], int]], object]
    ) -> Done | Refusal | Problem:
        """Have an act taken in one commit with another entry: ``work`` is given what keeps that
        one, and the act with it. Where the act is refused by then neither is kept.
        """

        def both(writer: Writer) -> Done | Refusal:
            taken: list[Done] = []

            def keep(entries: Entries) -> int:
                done = writer.do_with(by, act, entries)
                if isinstance(done, Refusal):
                    raise Refused(done)
                taken.append(done)
                return done.seq + 1

            try:
                work(keep)
            except Refused as refused:
                return refused.refusal
            return taken[0]

        return await self.within(both)

    async def find_and_do(
        self, by: Actor, find: Callable[[Writer, Sequence[str]], AnyAct | T | Refusal | None]
    ) -> Done | T | Refusal | Problem | None:
        """Look for an act and have it taken, with nothing in between; what ``find`` gives instead
        of an act is given back. It gets the participants' names, too.
        """
        banks = self._desk.door.participants.register.names("participant")
        return await self.having(lambda writer: self._find_and_do(writer, by, find(writer, banks)))

    async def having(self, work: Callable[[Writer], tuple[T, Sequence[Done]]]) -> T | Problem:
        """Have something done in the writing thread, and the labels kept that it settles."""
        result = await self.within(work)
        if isinstance(result, Problem):
            return result
        first, done = result
        await self._keep_labels(done)
        return first

    async def read(self, look: Callable[[State, int], T]) -> T | Problem:
        """What the state says, between two acts; ``look`` gets it, and the time."""
        now_ms = self._desk.live.now_ms
        return await self.within(lambda writer: look(writer.state, now_ms()))

    async def acts_about(self, ids: Sequence[str]) -> list[ActPlace] | Problem:
        """The acts that changed these records, in order, each once."""

        def look(writer: Writer) -> list[ActPlace]:
            acts_of = writer.projection.acts_of
            places = {one.seq: one for name in ids for one in acts_of.get(name, ())}
            return [places[seq] for seq in sorted(places)]

        return await self.within(look)

    async def follow(self, look: Callable[[State], Sequence[Report]]) -> Followed | Problem | None:
        """Where the money of these reports is now; None where no payment of theirs is held."""
        reports = await self.read(lambda state, _: tuple(look(state)))
        if isinstance(reports, Problem):
            return reports
        return await asyncio.to_thread(self._following.follow, reports)

    async def beside(self, look: Callable[[Following], T]) -> T:
        """What is followed, beside the writing thread."""
        return await asyncio.to_thread(look, self._following)

    async def views_of(self, name: str) -> list[ViewPlace] | Problem:
        """Who was shown something through that id, the last times."""
        return await self.within(lambda writer: list(writer.projection.views_of.get(name, ())))

    async def in_turn(self, work: Callable[[Writer, Take], T]) -> T | Problem:
        """Have something done in the writing thread that takes acts on its way, each with all that
        follows from it.
        """
        everything: list[Done] = []

        def turn(writer: Writer) -> T:
            def take(by: Actor, act: AnyAct) -> list[Done] | Refusal:
                first, done = self._do(writer, by, act)
                everything.extend(done)
                return first if isinstance(first, Refusal) else done

            return work(writer, take)

        result = await self.within(turn)
        await self._keep_labels(everything)
        return result

    async def within(self, work: Callable[[Writer], T]) -> T | Problem:
        """Have something done in the writing thread."""
        found: list[T] = []
        job = Job(lambda: found.append(work(self._opened())))
        done = None if self._desk.live.standby else self._desk.submit(job)
        if done is None:
            return self._desk.busy()
        await done
        if job.fault is not None:
            self._unfinished = True  # an act may be in the log, and not what follows from it
            self._desk.journal.fault("acts", job.fault)
            if isinstance(job.fault, (UsageError, InputError)):
                return Problem(problems.INTERNAL)  # coming again would not help
            return self._desk.busy()
        return found[0]

    # Beside the routes.

    @property
    def is_lawful(self) -> bool:
        """Whether a law is in force: else nobody acts here."""
        return self._lawful

    @staticmethod
    def rings_in(said: bytes) -> list[RingFound]:
        """The rings that ``arasha rings --json`` has told."""
        return msgspec.json.decode(said, type=_Rings).rings

    async def gather(self, found: Sequence[RingFound] | Sequence[NumbersFound]) -> int:
        """Take in what was found, so much at once that nobody waits long; how much made a
        difference.
        """
        gathered = 0
        for at in range(0, len(found), RINGS_AT_ONCE):
            some = found[at : at + RINGS_AT_ONCE]
            result = await self.within(partial(self._take_found, some))
            if isinstance(result, Problem):
                break
            gathered += sum(isinstance(one, Done) for one in result)
        return gathered

    async def run(self) -> None:
        """Take in what the log holds for the desk, and let ends come, until cancelled."""
        self._desk.grown.add(self._grown)
        try:
            while True:
                try:
                    moved = await self._step()
                except Exception as error:  # noqa: BLE001 - said, and tried again: ends must come
                    self._desk.journal.fault("desk", error)
                    moved = False
                await self._rest(moved=moved)
        finally:
            self._desk.grown.discard(self._grown)
            if self._reader is not None:
                self._reader.close()

    async def _rest(self, *, moved: bool) -> None:
        """A moment while there is more to read; else until the log grows, or a while is over."""
        if moved:
            return
        await asyncio.sleep(REST_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), TICK_S)
        self._grown.clear()

    async def _step(self) -> bool:
        """One stretch of the log, and what is due; whether there was anything to read."""
        if self._desk.live.standby:
            return False
        if self._looked < 0 and isinstance(await self._begun(), Problem):
            return False
        if self._reader is None:
            self._reader = await asyncio.to_thread(Beside, self._directory)
        found, stop, size = await asyncio.to_thread(self._read, self._reader)
        moved = stop > self._looked
        if found:
            result = await self.within(lambda writer: self._take_in(writer, found))
            if isinstance(result, Problem):
                return False
            await self._keep_labels(result)
        self._looked = stop
        if self._unfinished and stop == size:
            self._unfinished = False
            finished = await self.within(self._recovering.finish)
            if isinstance(finished, Problem):
                self._unfinished = True
            else:
                await self._keep_labels(finished)
        ended = await self.within(self._let_ends_come)
        await self._keep_labels([] if isinstance(ended, Problem) else ended)
        return moved

    async def _begun(self) -> Problem | None:
        """Know where to read on, and put the labels into the log that a crash kept from it."""
        result = await self.within(
            lambda writer: (
                writer.state.taken_in, self._unlabelled(writer), writer.state.law is not None,
            )
        )  # fmt: skip
        if isinstance(result, Problem):
            return result
        taken_in, missing, self._lawful = result
        self._looked = taken_in + 1
        self._unkept += missing
        return None

    def _read(self, reader: Beside) -> tuple[list[AlertRaised | intake.Seen], int, int]:
        """What is new, up to where it was looked, and how far the log goes."""
        log = reader.log
        log.refresh()
        if not self._lawful or not self._takes_in:
            return [], log.size, log.size  # nobody acts here: nothing is followed, no memory taken
        stop = min(log.size, self._looked + intake.ENTRIES_AT_ONCE)
        self._following.catch_up(log, stop)
        return intake.read(log, self._looked, stop), stop, log.size

    # In the writing thread.

    def _opened(self) -> Writer:
        """The writer of the log as it is: made anew where a standby has taken its place."""
        if self._writer is None:
            writer = Writer.open(self._desk.live.log)
            if self._law is not None:
                writer.begin(self._law, self._desk.live.now_ms())
                self._desk.pauses.know(laws_of(writer.log))
            self._writer = writer
        return self._writer

    def _do(self, writer: Writer, by: Actor, act: AnyAct) -> tuple[Done | Refusal, list[Done]]:
        first = writer.do(by, act, self._desk.live.now_ms())
        if isinstance(first, Refusal):
            return first, []
        for change in first.changes:
            if isinstance(change, Law):
                self._desk.pauses.know_more(first.seq, change)
        return first, [first, *self._recovering.after(writer, first)]

    def _do_each(
        self, writer: Writer, by: Actor, things: Sequence[Sequence[AnyAct]]
    ) -> tuple[list[Done | Refusal], list[Done]]:
        now_ms = self._desk.live.now_ms()
        came = writer.do_all(by, [acts[0] for acts in things], now_ms)
        done = [one for one in came if isinstance(one, Done)]
        for step in range(1, max(map(len, things), default=0)):
            going = [
                place for place, acts in enumerate(things)
                if step < len(acts) and isinstance(came[place], Done)
            ]  # fmt: skip
            results = writer.do_all(by, [things[place][step] for place in going], now_ms)
            left = list[AnyAct]()
            for place, result in zip(going, results, strict=True):
                came[place], first = result, things[place][0]
                if isinstance(result, Done):
                    done.append(result)
                elif isinstance(first, CaseTaken):
                    left.append(CaseLeft(first.case))
            writer.do_all(by, left, now_ms)
        return came, done + [more for one in done for more in self._recovering.after(writer, one)]

    def _find_and_do(
        self, writer: Writer, by: Actor, found: AnyAct | T | Refusal | None
    ) -> tuple[Done | T | Refusal | None, list[Done]]:
        if isinstance(found, Act):
            return self._do(writer, by, cast(AnyAct, found))
        return found, []

    def _let_ends_come(self, writer: Writer) -> list[Done]:
        return writer.let_ends_come(self._desk.live.now_ms()) if self._lawful else []

    def _take_found(
        self, found: Sequence[RingFound | NumbersFound], writer: Writer
    ) -> list[Done | Refusal]:
        return writer.do_all(CENTRE, found, self._desk.live.now_ms())

    def _take_in(self, writer: Writer, found: Sequence[AlertRaised | intake.Seen]) -> list[Done]:
        find = self._desk.live.log.seqs_of
        banks = set(self._desk.door.participants.register.names("participant"))
        acts: list[AnyAct] = []
        for one in found:
            if isinstance(one, AlertRaised):
                acts.append(one)
            elif (report := intake.report_of(writer.log, one, find, banks)) is not None:
                acts.append(report)
        results = writer.do_all(CENTRE, acts, self._desk.live.now_ms())
        done = [one for one in results if isinstance(one, Done)]
        return done + [more for one in done for more in self._recovering.after(writer, one)]

    def _unlabelled(self, writer: Writer) -> list[Row]:
        """Labels of the last day's acts that are not in the log."""
        since_ms = writer.log.last_known_at_ms - LABELS_AGAIN_MS
        rows = [
            row
            for one in writer.projection.settled
            if one.at_ms >= since_ms
            for row in rows_of(one)
        ]
        return [row for row in rows if writer.log.seq_of(SENDER, row.id) < 0]

    # Labels.

    async def _keep_labels(self, done: Sequence[Done]) -> None:
        """Have the labels of these acts kept, now or, where the queue is full, a moment later.

        A crash in between is made good at the next start (`_unlabelled`).
        """
        for told in self.watching if done else ():
            told(done)
        acts = [Labelled(one.seq, one.entry.at_ms, one.labels) for one in done]
        self._unkept += [row for act in acts for row in rows_of(act)]
        await self._submit()

    async def _submit(self) -> None:
        rows, self._unkept = self._unkept[:LABELS_AT_ONCE], self._unkept[LABELS_AT_ONCE:]
        if not rows:
            return None
        ask = Ask(rows, self._desk.clock().steady_ns + LABEL_DEADLINE_NS)
        kept = self._desk.submit(ask)
        if kept is None:
            self._unkept = rows + self._unkept
            return None
        await kept
        if ask.fault is not None:
            return self._desk.journal.fault("labels", ask.fault)
        assert all(one.fate in (Fate.KEPT, Fate.REPEATED) for one in ask.answers), "ids are ours"
        return None


class Refused(Exception):
    """An act was refused in the middle of something that rests on it. Stays in this module."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def rows_of(act: Labelled) -> list[Row]:
    """The labels of an act as facts of the centre; the same act gives the same ids."""
    return [
        _label(f"entry-{act.seq}.{number}", act.at_ms, label)
        for number, label in enumerate(act.labels)
    ]


def _label(name: str, at_ms: int, label: Settled) -> Row:
    numbers = {"happened_at": at_ms, "fraud": int(label.fraud)}
    if label.typology in TYPOLOGIES:
        numbers["typology"] = TYPOLOGIES.index(label.typology)
    if label.amount_minor:
        numbers |= {"amount": label.amount_minor, "currency": label.currency}
    symbols = {"sender": code_bytes(SENDER), "payment": bytes.fromhex(label.payment)}
    for field, party in (("payer_account", label.payer), ("payee_account", label.payee)):
        if party is not None:
            symbols[field] = bytes.fromhex(party)
    return row_with(LAYOUTS[LabelSettled], name, numbers, symbols)


def refused(refusal: Refusal) -> Problem:
    """A refusal of the domain, as it is told."""
    name = refusal.name.lower()
    if refusal in (Refusal.NOT_FOR_THIS_ROLE, Refusal.ANOTHER_PARTICIPANTS):
        return Problem(problems.FORBIDDEN, refusal.value, reason=name)
    if refusal.name.endswith("_NOT_FOUND"):
        return Problem(problems.NOT_FOUND, refusal.value, reason=name)
    return Problem(problems.ACT_REFUSED, refusal.value, reason=name)
