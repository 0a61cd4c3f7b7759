"""The shifts that are under way in one service: whose, how far, in memory alone.

In: who begins one, with which seed. Out: the shift, once a process of its own has made it. A person
has one at a time; so many may be under way, and one after the other is made. Whatever is not
touched for a while is gone, and everything is when the service ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from arasha.app.http import aside
from arasha.app.practice.shift import Decision, Outcome, PracticeCase, Score, Shift, score

MAX_SHIFTS: Final = 32
"""Shifts under way at once, of all persons together."""

MAX_SEED: Final = 999_999
IDLE_S: Final = 2 * 3_600.0
"""How long a shift stays that nobody touches, seconds."""

MAKING_S: Final = 600.0
"""How long making one may take, seconds: the first one ever compiles kernels, behind all others."""

REMEMBERED: Final = 8
"""Shifts that are remembered whole, the latest: who takes the same one again need not wait."""

PAST: Final = 20
"""Shifts of one person whose scores are remembered, the latest."""


@dataclass(slots=True)
class UnderWay:
    """One person's shift. ``shift`` is None while it is made; ``failed``: it could not be."""

    seed: int
    begun_s: float
    touched_s: float
    shift: Shift | None = None
    failed: bool = False
    decisions: list[Decision] = field(default_factory=list)
    shown_s: float | None = None
    revealed: bool = False

    @property
    def at(self) -> int:
        """Which case is looked at, from 0: one that is revealed is still that one."""
        return len(self.decisions) - self.revealed

    @property
    def case(self) -> PracticeCase | None:
        """The case that is looked at; None when all are over or none is made."""
        if self.shift is None or self.at >= len(self.shift.cases):
            return None
        return self.shift.cases[self.at]

    @property
    def over(self) -> bool:
        """Whether every case of it is decided and looked back on."""
        return self.shift is not None and self.case is None

    @property
    def score(self) -> Score:
        """As of now."""
        assert self.shift is not None, "what is not made has no score"
        return score(self.shift, self.decisions)


@dataclass(frozen=True, slots=True)
class Over:
    """A shift that is over."""

    seed: int
    score: Score


class Shifts:
    """Those of one service. ``steady_s`` is a time that never goes back, seconds."""

    def __init__(self, steady_s: Callable[[], float]) -> None:
        self._steady_s = steady_s
        self._under_way: dict[str, UnderWay] = {}
        self._past: dict[str, list[Over]] = {}
        self._made: dict[int, Shift] = {}
        self._turn = asyncio.Lock()
        self._making: set[asyncio.Task[None]] = set()

    def of(self, person: str) -> UnderWay | None:
        """That person's shift; it counts as touched."""
        found = self._under_way.get(person)
        if found is None or self._is_idle(found):
            return None
        found.touched_s = self._steady_s()
        return found

    def past(self, person: str) -> list[Over]:
        """Their shifts that are over, the latest first."""
        return self._past.get(person, [])

    def begin(self, person: str, seed: int | None) -> UnderWay | None:
        """A new one in place of any that they have; None where too many are under way."""
        self._let_go()
        self.leave(person)
        if len(self._under_way) >= MAX_SHIFTS:
            return None
        chosen = secrets.randbelow(MAX_SEED) + 1 if seed is None else seed
        now_s = self._steady_s()
        made = self._under_way[person] = UnderWay(chosen, now_s, now_s)
        task = asyncio.create_task(self._make(made))
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        return made

    def since_ms(self, under_way: UnderWay) -> int:
        """How long ago it was begun, ms."""
        return int((self._steady_s() - under_way.begun_s) * 1_000)

    def look(self, under_way: UnderWay) -> None:
        """The case is on somebody's screen: its time runs from the first look on."""
        if under_way.shown_s is None and not under_way.revealed:
            under_way.shown_s = self._steady_s()

    def decide(self, under_way: UnderWay, at: int, outcome: Outcome) -> bool:
        """Decide the case that is looked at; whether it was that one, and not decided yet."""
        if under_way.case is None or under_way.revealed or under_way.at != at:
            return False
        since_s = self._steady_s() if under_way.shown_s is None else under_way.shown_s
        took_ms = int((self._steady_s() - since_s) * 1_000)
        under_way.decisions.append(Decision(outcome, took_ms))
        under_way.revealed, under_way.shown_s = True, None
        return True

    def go_on(self, person: str, under_way: UnderWay) -> None:
        """From what was revealed to the next case; after the last one the shift is over."""
        under_way.revealed = False
        if under_way.over:
            self._remember(person, under_way)

    def leave(self, person: str) -> None:
        """Let go of their shift, as far as it is: what was decided of it is remembered."""
        found = self._under_way.pop(person, None)
        if found is not None and found.decisions and not found.over:
            self._remember(person, found)

    async def close(self) -> None:
        """Let go of everything."""
        for task in list(self._making):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _remember(self, person: str, under_way: UnderWay) -> None:
        over = Over(under_way.seed, under_way.score)
        self._past[person] = [over, *self._past.get(person, [])][:PAST]

    def _is_idle(self, one: UnderWay) -> bool:
        return self._steady_s() - one.touched_s > IDLE_S

    def _let_go(self) -> None:
        self._under_way = {
            person: one for person, one in self._under_way.items() if not self._is_idle(one)
        }

    async def _make(self, wanted: UnderWay) -> None:
        async with self._turn:
            if wanted not in self._under_way.values():
                return  # left before its turn came
            made = self._made.pop(wanted.seed, None)
            try:
                if made is None:
                    made = await asyncio.wait_for(_made(wanted.seed), MAKING_S)
            except (OSError, TimeoutError, msgspec.DecodeError):
                wanted.failed = True
                return
            self._made[wanted.seed] = wanted.shift = made
            while len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]


async def _made(seed: int) -> Shift:
    """A shift that another process makes. Raises OSError, msgspec.DecodeError."""
    code, said = await aside.said_by("arasha.app.practice.making", str(seed))
    if code:
        raise OSError(f"no shift was made: exit code {code}")
    return msgspec.json.decode(said, type=Shift)
