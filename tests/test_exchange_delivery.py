"""Who is sent what, when, and who waits for whom; with a post that answers as it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from arasha.exchange.delivery import IN_FLIGHT_OF_ONE, Delivery, Schedule
from arasha.exchange.messages import MAX_MESSAGE_BYTES
from arasha.exchange.outbox import Due, Outbox, State, Tried
from arasha.exchange.posting import Fault, Outcome
from arasha.exchange.webhooks import Webhook, Webhooks
from exchange_samples import HOUR_MS, NOW_MS, Clock, opened

OK = Outcome(None, 204)
FAILED = Outcome(Fault.FAILED, 500)
Answer = Callable[[str, str, int], Outcome | None]
"""(participant, id, tries before) to an outcome; None never answers."""


@dataclass
class Posts:
    """Answers as told, and remembers."""

    answer: Answer
    clock: Clock
    tries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    order: list[tuple[int, str, str]] = field(default_factory=list)
    flying: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def __call__(self, webhook: Webhook, body: bytes) -> Outcome:
        bank, name = webhook.participant, body.decode().strip()
        before = self.tries[name]
        self.tries[name] += 1
        self.order.append((self.clock.now_ms, bank, name))
        self.flying[bank] += 1
        self.most[bank] = max(self.most[bank], self.flying[bank])
        try:
            outcome = self.answer(bank, name, before)
            await asyncio.sleep(0 if outcome else 3_600)
        finally:
            self.flying[bank] -= 1
        assert outcome is not None
        return outcome


@dataclass
class Bench:
    """An outbox with webhooks for two banks, and a delivery from it."""

    outbox: Outbox
    posts: Posts
    delivery: Delivery
    clock: Clock
    tried: list[Tried]

    def run(self, hours: float = 0.0, step_ms: int = 250, *, rounds: int = 3) -> None:
        """Let so much time pass, with rounds at each step."""

        async def passing() -> None:
            until = self.clock.now_ms + int(hours * HOUR_MS)
            while True:
                for _ in range(rounds):
                    await self.delivery.round(0.0)
                if self.clock.now_ms >= until:
                    break
                self.clock.now_ms += step_ms
            await self.delivery.finish(0.01)

        asyncio.run(passing())

    def states(self) -> dict[str, State]:
        return {row.id: row.state for row in self.outbox.listed(list(State), most=None)}


def bench(directory: Path, answer: Answer, schedule: Schedule | None = None) -> Bench:
    """See `Bench`."""
    clock = Clock()
    participants = opened(directory, clock)
    webhooks = Webhooks(participants.register)
    for name in ("ABANK", "BBANK"):
        participants.create(name, "bank", by="duty")
        webhooks.set(name, f"https://{name.lower()}.example/", by="duty")
    outbox, posts, tried = Outbox.open(directory), Posts(answer, clock), list[Tried]()
    delivery = Delivery(
        outbox, webhooks, posts, clock=clock, chance=Random(7), schedule=schedule,
        on_tried=lambda one, _outcome: tried.append(one),
    )  # fmt: skip
    return Bench(outbox, posts, delivery, clock, tried)


def due(seq: int, bank: str = "ABANK", subject: str = "", body: bytes = b"") -> Due:
    return Due(seq, 0, f"{seq}.0", bank, "decision_changed", subject or f"p-{seq}",
               body or f"{seq}.0".encode(), NOW_MS, None)  # fmt: skip


def test_what_is_due_is_delivered_once_with_so_many_at_a_time(tmp_path: Path) -> None:
    """Each bank gets its own, and never more than its places."""
    it = bench(tmp_path, lambda *_: OK)
    it.outbox.take_in([due(n, ("ABANK", "BBANK")[n % 2]) for n in range(1, 41)], 41)
    it.run(rounds=60)
    assert {State.DELIVERED} == set(it.states().values())
    assert {1} == set(it.posts.tries.values())
    assert {(bank, int(name[:-2]) % 2) for _, bank, name in it.posts.order} == {
        ("ABANK", 0), ("BBANK", 1),
    }  # fmt: skip
    assert {"ABANK": IN_FLIGHT_OF_ONE, "BBANK": IN_FLIGHT_OF_ONE} == it.posts.most


def test_a_subject_goes_in_order_through_failures(tmp_path: Path) -> None:
    """The second is not even tried before the first has arrived."""
    it = bench(tmp_path, lambda _bank, _name, before: OK if before >= 2 else FAILED)
    it.outbox.take_in([due(n, subject="p-1") for n in range(1, 5)], 5)
    it.run(hours=0.02)
    assert [f"{n}.0" for n in range(1, 5) for _ in range(3)] == [n for _, _, n in it.posts.order]
    assert {State.DELIVERED} == set(it.states().values())


def test_a_receiver_that_answers_nothing_delays_nobody_else(tmp_path: Path) -> None:
    """It has its places; the other's messages go through at once."""
    it = bench(tmp_path, lambda bank, *_: None if bank == "ABANK" else OK)
    it.outbox.take_in([due(n, ("ABANK", "BBANK")[n % 2]) for n in range(1, 201)], 201)
    it.run(rounds=150)
    delivered = [name for name, state in it.states().items() if state is State.DELIVERED]
    assert 100 == len(delivered)
    assert IN_FLIGHT_OF_ONE == len([name for _, bank, name in it.posts.order if bank == "ABANK"])


def test_a_receiver_that_fails_is_asked_by_one_message_at_a_time(tmp_path: Path) -> None:
    """A hundred messages are not a hundred knocks: it waits as a whole, longer each time."""
    it = bench(tmp_path, lambda *_: FAILED)
    it.outbox.take_in([due(n) for n in range(1, 101)], 101)
    it.run(hours=1, step_ms=1_000, rounds=2)
    times = [at for at, _, _ in it.posts.order]
    assert len(times) <= IN_FLIGHT_OF_ONE + 16  # the first few at once, then 1, 2, 4 … s
    waits = [b - a for a, b in pairwise(times) if b > a]
    assert max(waits) > 600_000
    assert {State.DUE} == set(it.states().values())


def test_it_comes_back_when_its_receiver_does(tmp_path: Path) -> None:
    """After hours of nothing everything is delivered, in a few minutes at most after the wait."""
    it = bench(tmp_path, lambda *_: FAILED)
    it.outbox.take_in([due(n) for n in range(1, 101)], 101)
    it.run(hours=5, step_ms=10_000, rounds=2)
    it.posts.answer = lambda *_: OK
    it.run(hours=1.1, step_ms=10_000, rounds=12)
    assert {State.DELIVERED} == set(it.states().values())


def test_a_message_is_dead_after_three_days(tmp_path: Path) -> None:
    """By the schedule, after a bounded number of tries; the others go on meanwhile."""
    it = bench(tmp_path, lambda _b, name, _n: Outcome(Fault.REFUSED, 400) if name == "1.0" else OK)
    it.outbox.take_in([due(1), due(2), due(3, subject="p-1")], 4)
    it.run(hours=71, step_ms=60_000, rounds=2)
    assert {"1.0": State.DUE, "2.0": State.DELIVERED, "3.0": State.BEHIND} == it.states()
    it.run(hours=3, step_ms=60_000, rounds=2)
    assert {"1.0": State.DEAD, "2.0": State.DELIVERED, "3.0": State.BEHIND} == it.states()
    assert 70 < it.posts.tries["1.0"] < 130
    [row] = it.outbox.listed([State.DEAD])
    assert ("refused", it.posts.tries["1.0"]) == (row.fault, row.tries)


@pytest.mark.parametrize(
    ("fault", "size"), [(Fault.GONE, 3), (Fault.TOO_LARGE, MAX_MESSAGE_BYTES + 1)]
)
def test_what_can_never_be_taken_is_dead_at_once(tmp_path: Path, fault: Fault, size: int) -> None:
    """410 says so; what is too large is not even sent."""
    it = bench(tmp_path, lambda *_: Outcome(Fault.GONE, 410))
    it.outbox.take_in([due(1, body=b"1.0".ljust(size))], 2)
    it.run()
    assert {"1.0": State.DEAD} == it.states()
    assert [fault] == [tried.fault for tried in it.tried]
    assert int(fault is Fault.GONE) == len(it.posts.order)


def test_it_waits_as_long_as_it_is_asked_within_reason(tmp_path: Path) -> None:
    """Retry-After counts, but no receiver can put us off for ever."""
    it = bench(tmp_path, lambda *_: Outcome(Fault.BUSY, 429, 600))
    it.outbox.take_in([due(1)], 2)
    it.run(hours=0.5, step_ms=1_000, rounds=2)
    assert 4 == len(it.posts.order)
    it.posts.answer = lambda *_: Outcome(Fault.BUSY, 429, 10**9)
    it.run(hours=2.5, step_ms=10_000, rounds=2)
    assert 6 <= len(it.posts.order) <= 7


def test_when_somebody_has_seen_to_it_nobody_waits(tmp_path: Path) -> None:
    """A receiver that failed for long is tried at once when a person sends again."""
    it = bench(tmp_path, lambda *_: FAILED, Schedule(dead_after_ms=HOUR_MS))
    it.outbox.take_in([due(1)], 2)
    while {"1.0": State.DUE} == it.states():
        it.run(hours=0.02, step_ms=10_000, rounds=2)
    assert {"1.0": State.DEAD} == it.states()
    it.posts.answer = lambda *_: OK
    assert 0 == it.outbox.resends
    it.outbox.resend(None, it.clock.now_ms, by="duty")
    assert 1 == it.outbox.resends
    it.delivery.wake()
    it.run()
    assert {"1.0": State.DUE} == it.states()
    it.delivery.forgive()
    it.run()
    assert {"1.0": State.DELIVERED} == it.states()


def test_without_a_webhook_nothing_is_sent_and_nothing_is_lost(tmp_path: Path) -> None:
    """It waits until there is one; another process may set it."""
    it = bench(tmp_path, lambda *_: OK)
    it.outbox.take_in([due(1, "CBANK")], 2)
    it.run()
    assert [] == it.posts.order
    participants = opened(tmp_path, it.clock)
    participants.create("CBANK", "bank", by="duty")
    Webhooks(participants.register).set("CBANK", "https://cbank.example/", by="duty")
    it.delivery._webhooks._register.refresh()
    it.delivery.wake()
    it.run()
    assert {"1.0": State.DELIVERED} == it.states()


def test_waits_double_up_to_a_bound_and_chance_spreads_them() -> None:
    """Between a half and the whole of what doubling says, never above the longest."""
    schedule, chance = Schedule(first_ms=1_000, longest_ms=60_000), Random(3)
    for failures in (1, 2, 3, 6, 7, 50, 10_000):
        whole = min(60_000, 1_000 * 2 ** min(failures - 1, 30))
        waits = [schedule.wait_ms(failures, chance) for _ in range(200)]
        assert whole / 2 <= min(waits) < 0.6 * whole
        assert 0.9 * whole < max(waits) <= whole
    assert Schedule().wait_ms(3, Random(5)) == Schedule().wait_ms(3, Random(5))
