"""Which shifts are under way: one a person, so many in all, gone when nobody touches them."""

from __future__ import annotations

import asyncio

import pytest

from arasha.app.practice import shifts as module
from arasha.app.practice.shift import PracticeCase, Shift
from arasha.app.practice.shifts import IDLE_S, MAX_SHIFTS, Shifts

EMPTY = PracticeCase([], "honest", None, "")


class Clock:
    """A steady clock that a test turns."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock; and shifts of two cases are made at once."""

    async def made(seed: int) -> Shift:
        return Shift(seed, 398, [EMPTY, EMPTY])

    monkeypatch.setattr(module, "_made", made)
    return Clock()


def test_one_a_person_and_so_many_in_all(clock: Clock) -> None:
    """A new one takes the place of one's own; nobody's is pushed out by another's."""

    async def run() -> None:
        shifts = Shifts(clock)
        for number in range(MAX_SHIFTS):
            assert shifts.begin(f"p{number}", 1) is not None
        assert shifts.begin("late", 1) is None
        assert shifts.begin("p0", 2) is not None
        found = shifts.of("p0")
        assert found is not None
        assert 2 == found.seed
        clock.now_s = IDLE_S + 1
        assert shifts.of("p1") is None
        assert shifts.begin("late", 1) is not None
        await shifts.close()

    asyncio.run(run())


def test_time_runs_from_the_first_look_and_each_is_decided_once(clock: Clock) -> None:
    """A page that is loaded again does not begin anew; a form that is sent twice counts once."""

    async def run() -> None:
        shifts = Shifts(clock)
        found = shifts.begin("dana", 3)
        assert found is not None
        await asyncio.sleep(0.01)
        shifts.look(found)
        clock.now_s = 2.0
        shifts.look(found)
        clock.now_s = 5.0
        assert shifts.decide(found, 0, "fraud")
        assert not shifts.decide(found, 0, "unclear")
        assert (0, [5_000]) == (found.at, [one.took_ms for one in found.decisions])
        shifts.go_on("dana", found)
        assert not shifts.decide(found, 0, "fraud")
        assert shifts.decide(found, 1, "legitimate")
        assert [] == shifts.past("dana")
        shifts.go_on("dana", found)
        assert found.case is None
        [over] = shifts.past("dana")
        assert (3, 2, 1) == (over.seed, over.score.decided, over.score.right)
        shifts.leave("dana")
        assert shifts.of("dana") is None

    asyncio.run(run())


def test_one_that_cannot_be_made_says_so(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """And holds up nobody."""

    async def fails(seed: int) -> Shift:
        raise OSError(seed)

    async def run() -> None:
        shifts = Shifts(clock)
        monkeypatch.setattr(module, "_made", fails)
        found = shifts.begin("dana", 3)
        await asyncio.sleep(0.01)
        assert found is not None
        assert found.failed
        assert found.case is None

    asyncio.run(run())


def test_what_was_decided_before_leaving_counts(clock: Clock) -> None:
    """As far as it went; a shift that is over is not counted twice, one without decisions not."""

    async def run() -> None:
        shifts = Shifts(clock)
        for decisions, past in ((0, []), (1, [1]), (2, [2, 1])):
            found = shifts.begin("aigul", 7)
            assert found is not None
            while found.shift is None:
                await asyncio.sleep(0)
            clock.now_s += 5
            assert 5_000 == shifts.since_ms(found)
            for at in range(decisions):
                assert shifts.decide(found, at, "fraud")
                assert not found.over
                shifts.go_on("aigul", found)
            shifts.leave("aigul")
            assert past == [one.score.decided for one in shifts.past("aigul")]
        await shifts.close()

    asyncio.run(run())
