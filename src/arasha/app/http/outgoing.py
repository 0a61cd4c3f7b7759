"""The outbox beside the routes: what the log makes due goes out, and what became of it comes back.

In: the running service. Out: messages to its participants, from a thread of its own with an event
loop of its own: a commit of the outbox, a look into the log, a handshake of TLS stop no route. What
must become an entry of the log goes through the writing thread, as a `Job`. A fault of the outbox
is no fault of the log: it is told, in the journal and the figures, and tried again after a while.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.engine.live import Job
from arasha.errors import ArashaError, LogBusy
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.exchange.acts import entries_of
from arasha.exchange.addresses import Network
from arasha.exchange.delivery import LOOK_S, Delivery
from arasha.exchange.following import ENTRIES_AT_ONCE, Following
from arasha.exchange.messages import MAPPERS
from arasha.exchange.outbox import Outbox, State, Tried
from arasha.exchange.posting import Outcome, Poster
from arasha.exchange.register import Register
from arasha.exchange.webhooks import Webhooks
from arasha.log.log import Entries, Log

if TYPE_CHECKING:
    from arasha.app.http.desk import Desk
from arasha.app.http.telling import Telling

PAUSE_S: Final = 0.05
"""How often the log is looked at, seconds: a message is durable when its entry is, and is in the
outbox about so long after it."""

ACTS_S: Final = 0.5
"""How often what became of messages goes into the log, seconds."""

AGAIN_S: Final = 5.0
"""After a fault of the outbox it is opened anew, seconds later."""

FINISH_S: Final = 2.0
"""How long messages on their way are waited for when the service stops, seconds."""

JOB_S: Final = 10.0
"""How long the writing thread is waited for, seconds."""

UNTOLD_PER_ENTRY: Final = 1_000
"""Payments of one such entry."""

_PRUNE_S: Final = 60.0


class Outgoing:
    """The outbox of one service. ``start`` it, ``stop`` it before the log."""

    def __init__(
        self, desk: Desk, directory: Path, *, networks: Sequence[Network], tls: ssl.SSLContext
    ) -> None:
        self._desk, self._directory = desk, directory
        self._poster = Poster(
            networks=networks, tls=tls, nonce=lambda: secrets.token_hex(16),
            wall_s=lambda: desk.clock().wall_ms / 1000,
        )  # fmt: skip
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="arasha-outbox")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, wait a little for what is on its way, put down what became of it."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                asyncio.run(self._run())
            except ArashaError as error:
                if self._stop.is_set():
                    return
                self._desk.journal.fault("outbox", error)
                self._desk.figures.outbox_fails()
                self._stop.wait(AGAIN_S)
            except Exception as error:  # noqa: BLE001 - the payments must go on
                self._desk.journal.fault("internal", error, route="outbox")
                self._desk.figures.outbox_fails()
                self._stop.wait(AGAIN_S)

    async def _run(self) -> None:
        """Until told to stop, or until the outbox or the log cannot be used."""
        with ExitStack() as opened:
            outbox = opened.enter_context(closing(Outbox.open(self._directory)))
            register = opened.enter_context(closing(Register.open(self._directory, self._now_ms)))
            log = opened.enter_context(Log.open(self._directory, writable=False))
            mappers = {**MAPPERS, **Telling(log).mappers()}
            following = Following(log, outbox, self._find, mappers=mappers)
            delivery = Delivery(
                outbox, Webhooks(register), self._poster.post, clock=self._now_ms,
                chance=Random(secrets.randbits(64)), on_tried=self._tried,
            )  # fmt: skip
            await self._rounds(outbox, register, following, delivery)

    async def _rounds(
        self, outbox: Outbox, register: Register, following: Following, delivery: Delivery
    ) -> None:
        looks = _Every(LOOK_S), _Every(ACTS_S), _Every(_PRUNE_S)
        look, acts, prune = looks
        version, resends = outbox.database.version(), outbox.resends
        while not self._stop.is_set():
            if following.cursor < self._desk.live.size and following.step():
                delivery.wake()
            if look.due():
                if register.refresh() or resends != (resends := outbox.resends):
                    delivery.forgive()
                if version != (version := outbox.database.version()):
                    delivery.wake()
                self._desk.figures.outbox(
                    outbox.standing(), following.behind, delivery.in_flight, self._now_ms()
                )
            if acts.due():
                self._put_down(outbox)
            if prune.due():
                outbox.prune(self._now_ms())
            if following.caught_up:
                behind = following.cursor < self._desk.live.size - ENTRIES_AT_ONCE
                await delivery.round(0.0 if behind else PAUSE_S)
            else:
                await asyncio.sleep(0)
        await delivery.finish(FINISH_S)
        self._put_down(outbox)

    def _put_down(self, outbox: Outbox) -> None:
        """Have the log say what became of messages, and which verdicts came too late."""
        live = self._desk.live
        late = self._desk.late
        untold = late.take(UNTOLD_PER_ENTRY)
        late.put_down(
            untold,
            kept=not untold or self._done(lambda: live.log.append(_untold(untold, live.now_ms()))),
        )
        with suppress(RuntimeError):  # the loop has ended, and the next start reads the file
            self._desk.loop.call_soon_threadsafe(late.tidy)
        waiting = outbox.waiting()
        if waiting and self._done(lambda: live.log.append(entries_of(waiting, live.now_ms()))):
            outbox.database.kept(waiting)

    def _find(self, references: Sequence[bytes]) -> NDArray[np.int64]:
        """The places of facts, from the one who knows."""
        found: list[NDArray[np.int64]] = []
        while not self._stop.is_set():
            if self._done(lambda: found.append(self._desk.live.log.seqs_of(references))):
                return found[0]
            self._stop.wait(PAUSE_S)
        raise LogBusy("the service stops", hint="the outbox goes on from here when it starts")

    def _done(self, work: Callable[[], object]) -> bool:
        """Have the writing thread do it; whether that was done."""
        over = threading.Event()
        job = Job(work, lambda _: over.set())
        return self._desk.live.submit(job) and over.wait(JOB_S) and job.fault is None

    def _tried(self, tried: Tried, outcome: Outcome) -> None:
        self._desk.figures.message_tried(tried.state.name.lower())
        if tried.state is not State.DELIVERED:
            self._desk.journal.refused(
                self._desk.clock().wall_ms / 1000, route="outbox", problem=tried.fault,
                status=outcome.status, participant=tried.row.participant,
                request_id=tried.row.id, dead=tried.state is State.DEAD,
            )  # fmt: skip

    def _now_ms(self) -> int:
        return self._desk.clock().wall_ms


class _Every:
    """Says when it is time again; the first time at once."""

    def __init__(self, every_s: float) -> None:
        self._every_s, self._next_s = every_s, 0.0

    def due(self) -> bool:
        """Whether it is."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + self._every_s
        return True


def _untold(seqs: Sequence[int], known_at_ms: int) -> Entries:
    """The entry that says of these payments that their senders were told of no verdict."""
    return Entries(
        np.array([Kind.UNTOLD], np.uint8), np.array([known_at_ms], np.int64),
        bodies_from([msgspec.json.encode({"payments": list(seqs)})]), np.zeros((1, 2), np.uint64),
    )  # fmt: skip
