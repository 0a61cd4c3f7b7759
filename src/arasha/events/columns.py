"""A batch of facts as columns: the form in which everything behind the door sees them.

Facts of all kinds stand in one batch, in the order in which they are to be kept. A column that no
fact of the batch knows is absent. Identifiers are tokens already (vault/tokens.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from arasha.events.schema import MISSING, NUMBER_COLUMNS, SYMBOL_COLUMNS

Numbers = NDArray[np.int64]
Symbols = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Facts:
    """n facts in order.

    ``kinds`` uint8[n] (schema.Kind); ``ids`` n strings, each unique for its sender; ``numbers``
    int64[n] per present column, ``MISSING`` where unknown; ``symbols`` uint64[n, 2] per present
    column, zero where unknown. Column names are those of the schema; ``sender`` is always there.
    """

    kinds: NDArray[np.uint8]
    ids: Sequence[str]
    numbers: dict[str, Numbers] = field(default_factory=dict)
    symbols: dict[str, Symbols] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.kinds)
        assert len(self.ids) == n
        for name, numbers in self.numbers.items():
            assert name in NUMBER_COLUMNS, name
            assert numbers.shape == (n,), name
        for name, symbols in self.symbols.items():
            assert name in SYMBOL_COLUMNS, name
            assert symbols.shape == (n, 2), name

    def __len__(self) -> int:
        return len(self.kinds)

    def number(self, name: str) -> Numbers:
        """The column int64[n], all MISSING when absent."""
        column = self.numbers.get(name)
        return np.full(len(self), MISSING, np.int64) if column is None else column

    def symbol(self, name: str) -> Symbols:
        """The column uint64[n, 2], all zero when absent."""
        column = self.symbols.get(name)
        return np.zeros((len(self), 2), np.uint64) if column is None else column

    def take(self, rows: NDArray[np.intp] | slice) -> Facts:
        """The facts at those rows, in that order."""
        ids = self.ids[rows] if isinstance(rows, slice) else [self.ids[i] for i in rows.tolist()]
        return Facts(
            self.kinds[rows],
            ids,
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column[rows] for name, column in self.symbols.items()},
        )


def concatenate(parts: Sequence[Facts]) -> Facts:
    """The facts of all parts, in order."""
    numbers = {name for part in parts for name in part.numbers}
    symbols = {name for part in parts for name in part.symbols}
    return Facts(
        np.concatenate([part.kinds for part in parts]) if parts else np.zeros(0, np.uint8),
        [fact_id for part in parts for fact_id in part.ids],
        {k: np.concatenate([p.number(k) for p in parts]) for k in NUMBER_COLUMNS if k in numbers},
        {k: np.concatenate([p.symbol(k) for p in parts]) for k in SYMBOL_COLUMNS if k in symbols},
    )
