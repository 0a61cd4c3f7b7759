"""Calls that were made just now: what an operator knows when it is asked "is this call yours?".

In: the log of an operator as it grows. Out: whether one number has called another within RECENT_MS,
and the call has not ended since; nothing about any other number can be asked. Two tables take
turns, so that what is over is let go of as a whole, and memory is that of the calls of two spells::

    call          a → b is made here       ─▶ made, for RECENT_MS
    call          … comes from abroad      ─▶ nothing: it may be the one that is asked about
    call_change   missed, or ended         ─▶ over: what rings now is another call

A call that is not here was not made only if every call would be here. Whoever has just begun to
look, or has turned calls away, does not know: `sees_all` says so.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.growth import Growth
from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import CALL_CHANGES, CALL_ROUTES, Kind
from arasha.log.log import Log

RECENT_MS: Final = 20_000
"""How long a call may be on its way from one operator to the other, ms: setting one up takes a few
seconds, over satellites and several networks ten."""

_ANSWERED: Final = CALL_CHANGES.index("answered")
_FOREIGN: Final = CALL_ROUTES.index("foreign")

Pair = bytes
"""The token of the number that calls, then that of the number called."""


class Recent:
    """The calls of the last moments, of the facts it was shown."""

    def __init__(self) -> None:
        self._made: dict[Pair, tuple[int, bytes]] = {}  # when, and the call's name
        self._before: dict[Pair, tuple[int, bytes]] = {}
        self._turned_ms = 0

    def made(self, pair: Pair, now_ms: int) -> bool:
        """Whether that call was made just now and has not ended."""
        found = self._made.get(pair) or self._before.get(pair)
        return found is not None and now_ms - found[0] <= RECENT_MS

    def take(
        self, facts: Facts, known_at: NDArray[np.int64], names: NDArray[np.uint64] | None = None
    ) -> None:
        """Take in the next facts, as they became known. ``names`` are their digests, for who has
        them.
        """
        rows = np.flatnonzero((facts.kinds == Kind.CALL) | (facts.kinds == Kind.CALL_CHANGE))
        if not len(rows):
            return
        facts, times = facts.take(rows), known_at[rows].tolist()
        both = np.concatenate([facts.symbol("caller_number"), facts.symbol("callee_number")], 1)
        pairs = _cut(both, 32)
        of = digests_of(facts) if names is None else names[rows]
        own, calls = _cut(of, 16), _cut(facts.symbol("call"), 16)
        changes, routes = facts.number("change").tolist(), facts.number("route").tolist()
        for row, kind in enumerate(facts.kinds.tolist()):
            if kind == Kind.CALL:
                if routes[row] != _FOREIGN:
                    self._made[pairs[row]] = times[row], own[row]
            elif changes[row] != _ANSWERED:
                self._end(pairs[row], calls[row])
        if times[-1] - self._turned_ms > RECENT_MS:
            self._before, self._made, self._turned_ms = self._made, {}, times[-1]

    def _end(self, pair: Pair, name: bytes) -> None:
        """That call is over; a later one between the two is not."""
        for made in (self._made, self._before):
            found = made.get(pair)
            if found is not None and found[1] == name:
                del made[pair]


class Originated(Recent):
    """The same of an operator's log. ``catch_up`` in one thread, the rest in another."""

    def __init__(self, log: Log, now_ns: int) -> None:
        """It begins with what comes now, on a steady clock in ns."""
        super().__init__()
        self.growth = Growth(log, log.size)
        self._began_ns = now_ns

    def catch_up(self) -> None:
        """Take in what the log has grown by."""
        for facts, known_at, names in self.growth.new():
            self.take(facts, known_at, names)

    def began_anew(self, now_ns: int) -> None:
        """From now on only is everything seen: calls may have been lost before."""
        self._began_ns = now_ns

    def sees_all(self, now_ns: int) -> bool:
        """Whether every call of the last RECENT_MS would be here."""
        return now_ns - self._began_ns >= RECENT_MS * 1_000_000


def _cut(column: NDArray[np.uint64], width: int) -> list[bytes]:
    data = np.ascontiguousarray(column).tobytes()
    return [data[at : at + width] for at in range(0, len(data), width)]
