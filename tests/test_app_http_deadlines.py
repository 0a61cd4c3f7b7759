from __future__ import annotations

import asyncio
from dataclasses import dataclass

from arasha.app.http.deadlines import TICK_S, Deadlines, Rounds


@dataclass
class Late:
    """Something that waits until a time."""

    deadline_ns: int
    over: bool = False
    told: bool = False

    def late(self) -> None:
        self.over = self.told = True


def test_those_that_still_wait_are_told_and_no_others() -> None:
    """A clock in hand: whose time is over hears of it, once; who was answered does not."""

    async def run() -> None:
        now_ns = 0
        deadlines = Deadlines(asyncio.get_running_loop(), lambda: now_ns)
        first, answered, second, other = Late(10), Late(11), Late(20), Late(15)
        for waiting in (first, answered, second):
            deadlines.add(waiting, 10)
        deadlines.add(other, 5)
        answered.over = True
        now_ns = 15
        await asyncio.sleep(3 * TICK_S)
        assert (True, False, False, True) == (
            first.told, answered.told, second.told, other.told,
        )  # fmt: skip
        now_ns = 20
        await asyncio.sleep(3 * TICK_S)
        assert second.told
        again = Late(30)
        deadlines.add(again, 10)
        now_ns = 30
        await asyncio.sleep(3 * TICK_S)
        assert again.told

    asyncio.run(run())


def test_a_round_is_what_the_loop_does_in_one_go() -> None:
    """Counted from its first request on; the next one begins anew."""

    async def run() -> None:
        rounds = Rounds(asyncio.get_running_loop())
        assert [0, 5, 9] == [rounds.since_ns(now_ns) for now_ns in (100, 105, 109)]
        await asyncio.sleep(0)
        assert [0, 1] == [rounds.since_ns(now_ns) for now_ns in (200, 201)]

    asyncio.run(run())
