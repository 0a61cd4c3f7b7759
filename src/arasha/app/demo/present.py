"""The present: the country lives on as time passes, and its banks speak with the running service.

In: a world whose past is made, the service, the banks' keys. Out: each fact, when it happens, over
HTTP as its bank sends it; acts of banks, officers, analysts and held people, each when it is due.
All of it in one thread of its own; acts are taken in the service's writing thread, in which this
thread waits for them, so nobody changes the world from two sides.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.demo.speaking import PATIENCE_S, Speaking, Stopped
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor, AnyAct
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.writer import Writer
from arasha.country.happenings import Happenings
from arasha.country.sheets import Sheets
from arasha.errors import SubjectErased, UsageError
from arasha.events.schema import Kind

if TYPE_CHECKING:
    from arasha.app.demo.making import Made
    from arasha.app.http.door import Door
    from arasha.app.http.office import Office, Take

SLICE_MS: Final = 30_000
"""How far ahead the country is lived: within it nobody's money moves, ms."""

LOOK_S: Final = 0.25
"""How often it is looked whether somebody has something to do, seconds."""


class Present:
    """The country's present beside one service."""

    def __init__(
        self, made: Made, office: Office, door: Door, stop: Callable[[], None]
    ) -> None:  # fmt: skip
        """``stop`` ends the service, where the country cannot go on."""
        self._world, self._centre, self._slices = made.world, made.centre, made.slices
        self._office, self._door, self._stop = office, door, stop
        self._loop = asyncio.get_running_loop()
        self._sheets = Sheets(made.world.society)
        self._news: SimpleQueue[Done] = SimpleQueue()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arasha-country", daemon=True)
        self._speaking = Speaking(made.keys, self._ending)
        self.fault: Exception | None = None
        office.watching.append(self._hear)

    def begin(self, address: str) -> None:
        """Live on, and speak with the service at that address."""
        self._speaking.address = address
        self._thread.start()

    @property
    def payments(self) -> int:
        """Payments that were judged since it began."""
        return self._speaking.payments

    @property
    def stopped(self) -> int:
        """Those of them that were held or blocked."""
        return self._speaking.stopped

    def pause(self) -> None:
        """Stand still from now on."""
        self._ending.set()

    def end(self) -> None:
        """Stand still, and let go of connections."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)
        self._speaking.close()

    # The country asks.

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """Let a slice happen, each fact at its time; what the service says to its payments."""
        rows = self._world.seen(some)
        payments = np.flatnonzero(some.kind == Kind.PAYMENT)
        actions = np.zeros(len(payments), np.uint8)
        for row, fact in zip(rows.tolist(), self._facts(some.take(rows)), strict=True):
            self._wait_until(int(some.time_ms[row]))
            action = self._speaking.say(fact)
            if fact["fact"] == "payment":
                actions[np.searchsorted(payments, row)] = action
        return actions

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """What became of payments is known elsewhere."""

    # In its own thread.

    def _run(self) -> None:
        try:
            for happened in self._slices:
                self._world.known.take(happened)
                for held in self._world.life.recovery.answers():
                    self._world.staff.answered(held)
                self._wait_until(happened.end_ms)
        except Stopped:
            return
        except Exception as fault:  # noqa: BLE001 - told by whoever began it, and all ends
            self.fault = fault
            self._loop.call_soon_threadsafe(self._stop)

    def _wait_until(self, at_ms: int) -> None:
        """Let time pass, and everybody do what is due meanwhile."""
        while True:
            self._work()
            left_s = at_ms / 1000 - time.time()
            if left_s <= 0:
                return
            if self._ending.wait(min(left_s, LOOK_S)):
                raise Stopped

    def _work(self) -> None:
        news = list(self._heard())
        due = self._world.agenda.next_ms
        now_ms = int(time.time() * 1000)
        if not news and (due is None or due >= now_ms):
            return

        centre, door, faults = self._centre, self._door, list[Exception]()

        def turn(writer: Writer, take: Take) -> None:
            def taken(by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done | Refusal]:
                del at_ms  # an act is of the time at which it is taken
                found = [take(by, act) for act in acts]
                return [one if isinstance(one, Refusal) else one[0] for one in found]

            def tell(token: str, by: Actor, reason: str) -> None:
                with suppress(SubjectErased, UsageError):  # forgotten; or enough for today
                    door.reveal(token, by=by.name, roles=by.roles, reason=reason)
                    door.keep_acts(writer.log, writer.log.last_known_at_ms)

            centre.writer, centre.take, centre.tell = writer, taken, tell
            try:
                for done in news:
                    self._world.told(centre, done)
                self._world.agenda.run(now_ms)
            except Exception as fault:  # noqa: BLE001 - a fault of the country, not of the service
                faults.append(fault)

        self._in_turn(turn)
        if faults:
            raise faults[0]

    def _in_turn(self, turn: Callable[[Writer, Take], None]) -> None:
        """Have it done in the writing thread, and wait; who is told to come again does so."""
        until = time.monotonic() + PATIENCE_S
        while True:
            asked = asyncio.run_coroutine_threadsafe(self._office.in_turn(turn), self._loop)
            while not self._ending.is_set():
                try:
                    found: object = asked.result(LOOK_S)
                except TimeoutError:
                    continue
                if not isinstance(found, Problem):
                    return
                break
            if self._ending.wait(LOOK_S) or time.monotonic() > until:
                raise Stopped

    def _heard(self) -> Iterator[Done]:
        while True:
            try:
                yield self._news.get_nowait()
            except Empty:
                return

    def _hear(self, some: Sequence[Done]) -> None:
        """In the event loop."""
        for done in some:
            self._news.put(done)

    def _facts(self, some: Happenings) -> list[dict[str, Any]]:
        """Those happenings as their banks tell of them, in order."""
        told = self._sheets.sheet(some)().to_pylist() if len(some) else []
        return [{name: value for name, value in row.items() if value is not None} for row in told]
