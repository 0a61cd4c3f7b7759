"""Cards: which SIM cards were activated where, for whom and in which sequence.

In: facts of SIM cards. Out: columns of the activations of KEEP_MS, in order, at most MOST of them.
Dealers, holders and blocks are the first halves of their tokens; 0 is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import SIM_CHANGES, Kind

KEEP_MS: Final = 28 * 24 * 3_600_000
"""How long an activation is remembered, ms: no longer than calls are."""

MOST: Final = 2_000_000
"""Activations that are remembered, the latest: 112 MB."""

_BEGINS: Final = tuple(SIM_CHANGES.index(word) for word in ("activated", "ported_in"))
_ENDS: Final = tuple(SIM_CHANGES.index(word) for word in ("deactivated", "ported_out"))


@dataclass(frozen=True, slots=True)
class Activations:
    """n activations in the order of the log. ``tokens`` uint64[n, 2] are of the numbers."""

    tokens: NDArray[np.uint64]
    at_ms: NDArray[np.int64]
    dealer: NDArray[np.uint64]
    holder: NDArray[np.uint64]
    block: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.at_ms)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Activations:
        """Those, in that order."""
        return Activations(*(getattr(self, f.name)[rows] for f in fields(self)))


class Cards:
    """The activations that stand: a number that was ended is none any more."""

    def __init__(self, *, keep_ms: int = KEEP_MS, most: int = MOST) -> None:
        self._keep_ms, self._most = keep_ms, most
        self._held = _of(Facts(np.zeros(0, np.uint8), [], {}, {}), np.zeros(0, np.int64))
        self._waiting: list[tuple[Facts, NDArray[np.int64]]] = []

    def observe(self, facts: Facts, known_at: NDArray[np.int64]) -> None:
        """Take in the SIM changes of a batch."""
        rows = np.flatnonzero(facts.kinds == Kind.SIM_CHANGE)
        if len(rows):
            self._waiting.append((facts.take(rows), known_at[rows]))

    def standing(self, now_ms: int) -> Activations:
        """The activations of the last ``keep_ms``; of a number the last."""
        for facts, known_at in self._waiting:
            self._take(facts, known_at)
        self._waiting.clear()
        young = self._held.at_ms > now_ms - self._keep_ms
        self._held = self._held.take(np.flatnonzero(young)[-self._most :])
        return self._held

    def _take(self, facts: Facts, known_at: NDArray[np.int64]) -> None:
        change = facts.number("change")
        ours = np.isin(change, (*_BEGINS, *_ENDS))
        facts, known_at, change = facts.take(np.flatnonzero(ours)), known_at[ours], change[ours]
        if not len(facts):
            return
        held = self._held
        both = Activations(
            *(np.concatenate((getattr(held, f.name), getattr(_of(facts, known_at), f.name)))
              for f in fields(held))
        )  # fmt: skip
        ends = np.concatenate((np.zeros(len(held), np.bool_), np.isin(change, _ENDS)))
        keys = both.tokens[:, 0]
        _, last = np.unique(keys[::-1], return_index=True)
        last = np.sort(len(keys) - 1 - last)
        self._held = both.take(last[~ends[last]])


def _of(facts: Facts, known_at: NDArray[np.int64]) -> Activations:
    def half(name: str) -> NDArray[np.uint64]:
        return np.ascontiguousarray(facts.symbol(name)[:, 0])

    return Activations(
        facts.symbol("number"), known_at, half("dealer"), half("holder"), half("block")
    )
