"""The public record, live: checkpoints as the log grows, tiles, and receipts.

In: the log, which another thread writes; its record's keys; witnesses. Out: every so many seconds,
when the log has grown, a signed checkpoint, durable before it is shown; then the same with the
cosignatures of those who gave one. ``/record/…`` is for everybody and shows hashes alone:

    /record/checkpoint          the last one                          text/plain, for some seconds
    /record/keys                the log's public keys                 text/plain
    /record/tile/LEVEL/INDEX    hashes of the tree                    for ever

All reading of the log is done beside its writer, by one thread at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final, TypeVar

from arasha.app.http import problems
from arasha.app.http.beside import Beside
from arasha.app.http.callers import Bounds, Callers, Rate
from arasha.app.http.connection import Reply, Request
from arasha.app.http.cosigning import Cosigning, WitnessState
from arasha.app.http.desk import Desk
from arasha.app.http.problems import Problem
from arasha.engine.live import Job
from arasha.errors import ArashaError, LogDamaged, Place
from arasha.log.checkpoint import Checkpoint
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.publish import CHECKPOINT_FILE, KEYS_FILE
from arasha.log.receipts import Receipt
from arasha.log.record import RECORD, Record, next_checkpoint, read_record
from arasha.log.rollback import overruled_in, refuse_rollback
from arasha.log.signing import Verifier
from arasha.log.tiles import Tile, Tiles
from arasha.log.trust import Trust

CHECKPOINT_S: Final = 5.0
"""How often a checkpoint is signed while the log grows, and silent witnesses are asked again, s."""

GROW_ENTRIES: Final = 1 << 20
"""Entries whose leaves are taken in before whoever waits has a turn."""

ASKED: Final = Bounds(each=Rate(100.0, 1_000), together=Rate(400.0, 4_000))
"""Requests a second for the record: of one address, and of all who ask."""

MAX_WAITING: Final = 256
"""Requests for the record that may wait for the log to be read; more are sent away."""

PREFIX: Final = "/record/"

_TEXT: Final = b"text/plain; charset=utf-8"
_SOON: Final = ((b"cache-control", b"public, max-age=5"),)
_FOR_EVER: Final = ((b"cache-control", b"public, max-age=31536000, immutable"),)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the record shows: the last checkpoint, as it was signed, and the log's keys."""

    checkpoint: Checkpoint
    note: Note
    keys: tuple[Verifier, ...]
    keys_text: str


class Recording:
    """The record of one service."""

    def __init__(
        self, desk: Desk, directory: Path, trust: Trust | None, trusted_proxies: int = 0
    ) -> None:
        self._desk, self._directory = desk, directory
        self._beside = Beside(directory)
        self._tiles = Tiles(self._beside.leaves)
        self._cosigning = Cosigning(trust or Trust(), desk.journal)
        self._turn = asyncio.Lock()
        self._callers = Callers({"record": ASKED}, trusted_proxies)
        self._waiting = 0
        self._fault = ""
        self._has_asked = False
        self.shown: Shown | None = None

    def close(self) -> None:
        """Close the log."""
        self._beside.close()

    # Beside the routes.

    async def run(self) -> None:
        """Sign as the log grows, and ask the witnesses, until cancelled.

        Whatever fails is said, and tried again: nobody else would sign. What is written goes
        through the log's writer, whose faults end the service.
        """
        while True:
            try:
                await self.step()
                self._say_fault(None)
            except Exception as error:  # noqa: BLE001 - said, and tried again
                self._say_fault(error)
            await asyncio.sleep(CHECKPOINT_S)

    def _say_fault(self, error: Exception | None) -> None:
        """Say what keeps the record from being signed, once, and that it no longer does."""
        fault = "" if error is None else f"{type(error).__name__}: {error}"
        if fault == self._fault:
            return
        self._fault = fault
        journal = self._desk.journal
        if error is None:
            journal.say("record", result="goes on")
        elif isinstance(error, ArashaError):  # in words, for it names no party
            journal.say("record", result=error.what, found=error.found, expected=error.expected,
                        hint=error.hint)  # fmt: skip
        else:
            journal.fault("record", error)

    async def step(self) -> None:
        """Bring the record up to the log. Raises what keeps it from that."""
        record = await self._grown()
        if record is None:
            return
        if record.last is not None:
            await self._refuse_rollback(record.last.note)
            self._show(record, record.last.note)
        if self._desk.live.standby:
            return
        now_s = self._desk.clock().wall_ms // 1000
        fresh = await self._alone(lambda: next_checkpoint(record, self._tiles, now_s))
        memory = record.memory
        if fresh is not None:
            if not await self._keep(record, fresh, memory):
                return
            memory = record.with_note(fresh)
            await self._refuse_rollback(fresh)
            self._show(record, fresh)
        note = fresh or (record.last.note if record.last is not None else None)
        if note is None:
            return
        cosigned = await self._cosigning.cosigned(note, record.verifiers, self._prove)
        if cosigned != note and await self._keep(record, cosigned, memory):
            self._show(record, cosigned)

    async def _refuse_rollback(self, last: Note) -> None:
        """Raise LogDamaged when a witness has cosigned more than was signed here, of which that
        note is the last: nothing is shown before they were asked, once; of who was silent then it
        is known when it answers.
        """
        if not self._has_asked:
            await self._cosigning.newest(last)
            self._has_asked = True
        if ahead := self._cosigning.ahead:
            overruled = await self._alone(lambda: overruled_in(self._beside.log))
            refuse_rollback(Checkpoint.parse(last.text).size, ahead, overruled)

    async def _grown(self) -> Record | None:
        """The record, with the tiles of the whole log taken in; None where the log has none."""
        while True:
            record, whole = await self._alone(self._grow)
            if record is None or whole:
                return record

    def _grow(self) -> tuple[Record | None, bool]:
        log, tiles = self._beside.log, self._tiles
        if tiles.size == log.size:
            log.refresh()
        record = read_record(log, self._directory)
        if record is None:
            return None, True
        tiles.grow(min(log.size, tiles.size + GROW_ENTRIES))
        whole = tiles.size == log.size
        if whole and tiles.root() != log.root():
            raise LogDamaged(
                "the leaves in the log do not lead to its root", where=Place(str(self._directory)),
                hint="arasha log verify DIR names the first entry that was changed",
            )  # fmt: skip
        return record, whole

    async def _keep(self, record: Record, note: Note, memory: bytes) -> bool:
        """Have the log's writer keep the note; False when it is not taken now."""
        live = self._desk.live
        value = record.with_note(note)
        job = Job(lambda: live.log.keep(RECORD, value, instead_of=memory))
        done = self._desk.submit(job)
        if done is None:
            return False
        await done
        return job.fault is None

    def _show(self, record: Record, note: Note) -> None:
        self.shown = Shown(
            Checkpoint.parse(note.text), note, record.verifiers, record.keys_text
        )  # fmt: skip

    async def _prove(self, old: int, size: int) -> tuple[bytes, ...]:
        return await self._alone(lambda: self._tiles.consistency_proof(old, size))

    async def _alone(self, work: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(work)

    # For the routes.

    async def __call__(self, request: Request) -> None:
        """Answer whoever asks for a part of the record."""
        answer = await self._answered(request)
        if isinstance(answer, Problem):
            return self._desk.tell(request, answer)
        return self._desk.answer(request, answer)

    async def receipt(self, seq: int) -> Receipt | Problem:
        """The receipt of an entry, under the checkpoint that is shown."""
        shown = self.shown
        if shown is None:
            return Problem(problems.NOT_FOUND, "this log has no public record")
        if seq >= shown.checkpoint.size:
            return Problem(problems.NOT_YET, retry_after_s=ceil(CHECKPOINT_S))

        def made() -> Receipt:
            proof = self._tiles.inclusion_proof(seq, shown.checkpoint.size)
            return Receipt(self._beside.log.sealed_entry(seq), seq, proof, shown.note)

        return await self._bounded(made)

    async def proving(self, seq: int, work: Callable[[Log, Tiles, Note], T]) -> T | Problem:
        """Have something proven under the checkpoint that is shown, which must have that entry."""
        shown = self.shown
        if shown is None:
            return Problem(problems.NOT_FOUND, "this log has no public record")
        if seq >= shown.checkpoint.size:
            return Problem(problems.NOT_YET, retry_after_s=ceil(CHECKPOINT_S))
        return await self._bounded(lambda: work(self._beside.log, self._tiles, shown.note))

    @property
    def witnesses(self) -> list[WitnessState]:
        """How each witness stands."""
        return self._cosigning.states()

    @property
    def witness_keys(self) -> tuple[Verifier, ...]:
        """The keys of all witnesses."""
        return self._cosigning.keys

    async def reading(self, work: Callable[[Log], T]) -> T | Problem:
        """Have the log read as it is now, beside its writer."""

        def fresh() -> T:
            log = self._beside.log
            log.refresh()
            return work(log)

        return await self._bounded(fresh)

    async def _answered(self, request: Request) -> Reply | Problem:
        wait_s = self._callers.wait_s("record", request, self._desk.clock().steady_ns / 1e9)
        if wait_s > 0:
            return Problem(problems.TOO_MANY, retry_after_s=max(1, ceil(wait_s)))
        shown, path = self.shown, request.path.removeprefix(PREFIX)
        if shown is None:
            return Problem(problems.NOT_FOUND, "this log has no public record, or not yet")
        if path == CHECKPOINT_FILE:
            return Reply(200, shown.note.encoded, _TEXT, _SOON)
        if path == KEYS_FILE:
            return Reply(200, shown.keys_text.encode(), _TEXT, _SOON)
        tile = Tile.of_path(path)
        if tile is None or not tile.is_of(shown.checkpoint.size):
            return Problem(problems.NOT_FOUND, expected="checkpoint, keys, or a tile of it")
        found = await self._bounded(lambda: self._tiles.tile(tile))
        if isinstance(found, Problem):
            return found
        return Reply(200, found, b"application/octet-stream", _FOR_EVER)

    async def _bounded(self, work: Callable[[], T]) -> T | Problem:
        if self._waiting >= MAX_WAITING:
            return Problem(problems.BUSY, retry_after_s=1)
        self._waiting += 1
        try:
            return await self._alone(work)
        except (ArashaError, OSError) as error:
            self._desk.journal.fault("record", error)
            return Problem(problems.INTERNAL)
        finally:
            self._waiting -= 1
