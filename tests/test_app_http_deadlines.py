from __future__ import annotations

import asyncio
from dataclasses import dataclass

from arasha.app.http.deadlines import SLEPT_NS, TICK_S, Deadlines, Rounds


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


def test_what_is_read_may_have_come_when_the_loop_last_looked() -> None:
    """A round after a round, answers between them, and a sleep, by a clock in hand."""

    async def run() -> None:
        now_ns = 10**9
        rounds = Rounds(asyncio.get_running_loop(), lambda: now_ns)

        def waited(*taken_ns: int) -> list[int]:
            nonlocal now_ns
            found = []
            for ns in taken_ns:
                now_ns += ns
                found.append(rounds.waited_ns(now_ns))
            return found

        assert [0, 5, 9] == waited(0, 5, 4)
        assert 3 == rounds.read
        await asyncio.sleep(0)
        now_ns += 10
        rounds.worked(now_ns - 10)  # answers were written meanwhile
        assert [19, 26] == waited(0, 7)  # it last looked when the round before began
        await asyncio.sleep(0)
        assert [8] == waited(1)
        await asyncio.sleep(0)
        now_ns += SLEPT_NS + 1
        assert [0, 3] == waited(0, 3)
        await asyncio.sleep(0)
        now_ns += 2 * SLEPT_NS
        rounds.worked(now_ns - 30)  # it was woken to write answers for 30 ns
        assert [30] == waited(0)

    asyncio.run(run())
