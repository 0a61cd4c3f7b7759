"""Delivery: what is due goes out, in order, and what fails comes back later, for days if need be.

In: the outbox, the webhooks, somebody who posts. Out: the outbox, with what became of each try.
Each participant has few places of its own, and a receiver that fails has one, and that only after a
pause; so one that is slow, broken or hostile takes nothing from the others. A message is delivered
when its receiver says 2xx, and said to be so after that: a crash between the two sends it again.

After the n-th failure a message waits, by `Schedule`, ``first_ms * 2 ** (n - 1)`` but at most
``longest_ms``, of which chance takes off up to a half, so that what failed together does not come
back together. The whole participant waits likewise while its tries fail one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Final, Protocol

from arasha.exchange.messages import MAX_MESSAGE_BYTES
from arasha.exchange.outbox import Outbox, Row, State, Tried
from arasha.exchange.posting import Fault, Outcome
from arasha.exchange.webhooks import Webhook, Webhooks

FIRST_WAIT_MS: Final = 1_000
"""The wait after the first failure, ms."""

LONGEST_WAIT_MS: Final = 3_600_000
"""The longest wait, also when a receiver asks for more, ms."""

DEAD_AFTER_MS: Final = 3 * 86_400_000
"""How long after its first failure a message is tried, ms."""

MAX_TRIES: Final = 200
"""How often a message is tried at most; by the schedule it is about 85 times in three days."""

IN_FLIGHT_OF_ONE: Final = 4
"""Messages on their way to one participant."""

IN_FLIGHT: Final = 128
"""Messages on their way to all."""

LOOK_S: Final = 1.0
"""How often it is looked whether another process has changed anything, seconds."""

_MAX_DOUBLINGS: Final = 40
_OF_THE_MESSAGE: Final = (Fault.REFUSED, Fault.TOO_LARGE)  # say nothing about its receiver


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to try again, and when no more; all in ms."""

    first_ms: int = FIRST_WAIT_MS
    longest_ms: int = LONGEST_WAIT_MS
    dead_after_ms: int = DEAD_AFTER_MS
    most_tries: int = MAX_TRIES

    def wait_ms(self, failures: int, chance: Random) -> int:
        """How long to wait after so many failures.

        >>> [Schedule().wait_ms(n, Random(1)) for n in (1, 2, 3, 20)]
        [567, 1134, 2268, 2041855]
        """
        doublings = min(failures - 1, _MAX_DOUBLINGS)
        whole = min(self.longest_ms, self.first_ms << doublings)
        return max(1, int(whole * (1 + chance.random()) / 2))


class Post(Protocol):
    """Tries once (posting.py)."""

    def __call__(self, webhook: Webhook, body: bytes, /) -> Awaitable[Outcome]:
        """What became of it; raises nothing that a receiver can cause."""


@dataclass(slots=True)
class _Receiver:
    """How a participant has answered of late."""

    failures: int = 0
    wait_until_ms: int = 0
    in_flight: int = 0
    nothing_until_ms: float = 0.0  # as far as the outbox was known when it was last looked into


class Delivery:
    """Delivers from one outbox, in one event loop."""

    def __init__(
        self,
        outbox: Outbox,
        webhooks: Webhooks,
        post: Post,
        *,
        clock: Callable[[], int],
        chance: Random,
        schedule: Schedule | None = None,
        on_tried: Callable[[Tried, Outcome], None] = lambda _tried, _outcome: None,
    ) -> None:
        """``clock`` tells ms since 1970 UTC; ``on_tried`` hears of each try, once it is kept."""
        self._outbox, self._webhooks, self._post = outbox, webhooks, post
        self._clock, self._chance, self._on_tried = clock, chance, on_tried
        self._schedule = schedule or Schedule()
        self._receivers: dict[str, _Receiver] = {}
        self._flying: dict[asyncio.Task[Outcome], Row] = {}
        self._flying_ids: set[str] = set()
        self._turn = 0

    @property
    def in_flight(self) -> int:
        """Messages on their way."""
        return len(self._flying)

    def wake(self) -> None:
        """The outbox, or a webhook, is another than before: look into it again."""
        for receiver in self._receivers.values():
            receiver.nothing_until_ms = 0.0

    def forgive(self) -> None:
        """A person has seen to a webhook: nobody has to wait any longer for having failed."""
        for receiver in self._receivers.values():
            receiver.wait_until_ms = 0
        self.wake()

    async def round(self, pause_s: float) -> None:
        """Send what is due, and wait for what comes of it, or for the pause.

        Raises StoreError, StoreFull where the outbox cannot be written; what was delivered may then
        be sent again.
        """
        started = self._start()
        if not self._flying:
            await asyncio.sleep(pause_s)
            return
        done, _ = await asyncio.wait(
            self._flying, timeout=0.0 if started else pause_s,
            return_when=asyncio.FIRST_COMPLETED,
        )  # fmt: skip
        if done:
            self._land(done)

    async def finish(self, patience_s: float) -> None:
        """Start nothing more; note what lands within that time, and give up the rest."""
        if self._flying:
            done, flying = await asyncio.wait(self._flying, timeout=patience_s)
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)
            self._land(done)
        self._flying.clear()
        self._flying_ids.clear()

    def _start(self) -> int:
        """Let go whatever may go now; how many. Whose turn is first changes each time."""
        now_ms, started = self._clock(), 0
        names = self._webhooks.names()
        self._turn = (self._turn + 1) % max(1, len(names))
        for name in [*names[self._turn :], *names[: self._turn]]:
            room = min(self._room(name, now_ms), IN_FLIGHT - len(self._flying))
            webhook = self._webhooks.get(name) if room > 0 else None
            if webhook is None:
                continue
            receiver = self._receivers[name]
            rows = self._outbox.due(name, now_ms, room + receiver.in_flight)
            waiting = [row for row in rows if row.id not in self._flying_ids]
            for row in waiting[:room]:
                self._send(webhook, row)
                started += 1
            if not rows:
                next_ms = self._outbox.next_ms(name)
                receiver.nothing_until_ms = inf if next_ms is None else next_ms
        return started

    def _room(self, name: str, now_ms: int) -> int:
        """How many more messages may be on their way to the participant."""
        receiver = self._receivers.setdefault(name, _Receiver())
        if now_ms < receiver.nothing_until_ms:
            return 0
        if receiver.failures and (receiver.in_flight or now_ms < receiver.wait_until_ms):
            return 0
        return (1 if receiver.failures else IN_FLIGHT_OF_ONE) - receiver.in_flight

    def _send(self, webhook: Webhook, row: Row) -> None:
        task = asyncio.ensure_future(self._tried(webhook, row.body))
        self._flying[task] = row
        self._flying_ids.add(row.id)
        self._receivers[row.participant].in_flight += 1

    async def _tried(self, webhook: Webhook, body: bytes) -> Outcome:
        if len(body) > MAX_MESSAGE_BYTES:
            return Outcome(Fault.TOO_LARGE)
        return await self._post(webhook, body)

    def _land(self, done: set[asyncio.Task[Outcome]]) -> None:
        """Keep what became of these, in one commit."""
        now_ms = self._clock()
        landed = [(self._flying.pop(task), task.result()) for task in done]
        tries = [(self._judged(row, outcome, now_ms), outcome) for row, outcome in landed]
        for row, _ in landed:
            self._flying_ids.discard(row.id)
            receiver = self._receivers[row.participant]
            receiver.in_flight, receiver.nothing_until_ms = receiver.in_flight - 1, 0.0
        self._outbox.note([tried for tried, _ in tries], now_ms)
        for tried, outcome in tries:
            self._on_tried(tried, outcome)

    def _judged(self, row: Row, outcome: Outcome, now_ms: int) -> Tried:
        """What is to become of the message, and of its receiver's turn."""
        schedule, receiver = self._schedule, self._receivers[row.participant]
        if outcome.fault is None:
            receiver.failures = 0
            return Tried(row, State.DELIVERED)
        asked_ms = min(outcome.retry_after_s * 1_000, schedule.longest_ms)
        if outcome.fault not in _OF_THE_MESSAGE:
            receiver.failures += 1
            wait_ms = schedule.wait_ms(receiver.failures, self._chance)
            receiver.wait_until_ms = now_ms + max(asked_ms, wait_ms)
        tries, first_ms = row.tries + 1, now_ms if row.first_ms is None else row.first_ms
        over = tries >= schedule.most_tries or now_ms - first_ms >= schedule.dead_after_ms
        if over or outcome.fault in (Fault.GONE, Fault.TOO_LARGE):
            return Tried(row, State.DEAD, outcome.fault.value)
        wait_ms = max(asked_ms, schedule.wait_ms(tries, self._chance))
        return Tried(row, State.DUE, outcome.fault.value, now_ms + wait_ms)
