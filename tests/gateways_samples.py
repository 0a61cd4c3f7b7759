"""Facts of an operator's numbers, as few words as a test can say them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from arasha.events.columns import Facts
from arasha.events.schema import CALL_ROUTES, MISSING, SIM_CHANGES, SYMBOL_COLUMNS, Kind
from arasha.gateways.finding import Limits
from arasha.gateways.watch import Watch

START_MS = 1_772_422_200_000
MINUTE_MS = 60_000
DAY_MS = 86_400_000


def token(name: str) -> bytes:
    """16 bytes that stand for a name, spread like a token's."""
    mixed = np.random.default_rng(list(name.encode())).bytes(16)
    return bytes(mixed)


@dataclass
class Telling:
    """Facts in the making; ``facts`` makes a batch of them, ``watch`` shows it to a watch."""

    at_ms: int = START_MS
    rows: list[tuple[int, Kind, dict[str, int], dict[str, str]]] = field(default_factory=list)

    def later(self, ms: int) -> Telling:
        """Let time pass."""
        self.at_ms += ms
        return self

    def sim(self, number: str, change: str = "activated", **ties: str) -> Telling:
        """A SIM change; ``ties`` are device, dealer, holder, block."""
        values = {"change": SIM_CHANGES.index(change)}
        self.rows.append((self.at_ms, Kind.SIM_CHANGE, values, {"number": number, **ties}))
        return self

    def call(
        self, caller: str, callee: str, *, taken: bool = False, route: str = "domestic",
        minutes: float = 1.0, **ties: str,
    ) -> Telling:  # fmt: skip
        """A call that has ended."""
        values = {"answered": int(taken), "route": CALL_ROUTES.index(route),
                  "duration": int(minutes * MINUTE_MS) if taken else 0}  # fmt: skip
        parties = {"caller_number": caller, "callee_number": callee, **ties}
        self.rows.append((self.at_ms, Kind.CALL, values, parties))
        return self

    def calls(self, caller: str, count: int, *, taken: int = 0, **more: Any) -> Telling:
        """So many calls to as many strangers, the first ``taken`` of them taken."""
        for turn in range(count):
            self.call(caller, f"{caller}-{self.at_ms}-{turn}", taken=turn < taken, **more)
        return self

    def talkative(self, people: int = 30) -> Telling:
        """People who call each other, and are answered: the operator tells what became of calls."""
        for turn in range(people):
            one, other = f"person-{turn}", f"person-{(turn + 1) % people}"
            self.call(one, other, taken=True).call(other, one, taken=True)
        return self

    @property
    def facts(self) -> Facts:
        """All of them."""
        numbers = {
            name: np.array([row[2].get(name, MISSING) for row in self.rows], np.int64)
            for name in ("change", "answered", "route", "duration")
        }
        symbols = {}
        for name in SYMBOL_COLUMNS:
            if any(name in row[3] for row in self.rows):
                column = [token(row[3][name]) if name in row[3] else bytes(16) for row in self.rows]
                symbols[name] = np.frombuffer(b"".join(column), np.uint64).reshape(-1, 2).copy()
        times = np.array([row[0] for row in self.rows], np.int64)
        return Facts(
            np.array([int(row[1]) for row in self.rows], np.uint8),
            [f"f-{at}" for at in range(len(self.rows))],
            {"happened_at": times, **numbers},
            {"sender": np.zeros((len(self.rows), 2), np.uint64), **symbols},
        )

    @property
    def watch(self) -> Watch:
        """A watch that was shown all of them."""
        made = Watch.of(per_holder=10, limits=Limits())
        facts = self.facts
        made.take(facts, facts.number("happened_at"))
        return made


def named(watch: Watch, rows: np.ndarray[Any, np.dtype[np.int64]], *names: str) -> set[str]:
    """Which of these names the rows are of."""
    tokens = {token(name): name for name in names}
    return {tokens.get(watch.habits.token(row), "?") for row in rows.tolist()}
