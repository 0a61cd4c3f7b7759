"""The country's accounts, numbers and devices by the tokens of one centre's own vault.

In: places in the society's tables. Out: the tokens that the door of the centre makes of the same
identifiers, so that what was lived before the service began and what banks send it are of one
piece. Where on the path: it stands for the door while the past is made.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country import names
from arasha.country.facts import Reader
from arasha.country.society import Society
from arasha.events.schema import PartyKind
from arasha.events.symbols import symbols_of
from arasha.vault.tokens import Tokens

_MADE: Final = {
    PartyKind.ACCOUNT: names.accounts, PartyKind.NUMBER: names.numbers,
    PartyKind.DEVICE: names.devices,
}  # fmt: skip


class Identified(Reader):
    """Makes facts as `Reader` does, with those tokens."""

    def __init__(self, society: Society, tokens: Tokens) -> None:
        super().__init__(society)
        self._of, self._tokens = society, tokens
        self._tables = {kind: np.zeros((0, 2), np.uint64) for kind in _MADE}

    def symbols(self, kind: PartyKind, places: NDArray[np.int32]) -> NDArray[np.uint64]:
        """uint64[n, 2]: the tokens of those rows of a table, all zero at NONE."""
        table = self._upto(kind, int(places.max(initial=-1)) + 1)
        out = table[np.maximum(places, 0)] if len(table) else np.zeros((len(places), 2), np.uint64)
        out[places < 0] = 0
        return out

    def _upto(self, kind: PartyKind, count: int) -> NDArray[np.uint64]:
        table = self._tables[kind]
        first, last = len(table), max(count, self._count(kind))
        if first < count:
            texts = _MADE[kind](self._of, first, last).to_pylist()
            later = symbols_of([self._tokens.of(kind, text) for text in texts])
            table = self._tables[kind] = np.concatenate([table, later])
        return table

    def _count(self, kind: PartyKind) -> int:
        tables: dict[PartyKind, Sized] = {
            PartyKind.ACCOUNT: self._of.accounts, PartyKind.NUMBER: self._of.numbers,
            PartyKind.DEVICE: self._of.devices,
        }  # fmt: skip
        return len(tables[kind])
