"""Values of many expressions for many rows, as one block.

Between the state, which fills the first registers with what its windows answer, and the program,
which fills the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Registers:
    """``ints`` int64 and ``floats`` float64 are one memory [registers, rows]; which of them a
    register means is its expression's type. ``known`` uint8 of the same shape, 0 where missing.
    """

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    known: NDArray[np.uint8]

    def first(self, count: int) -> Registers:
        """The first registers, as a view."""
        return Registers(self.ints[:count], self.floats[:count], self.known[:count])


def empty_registers(count: int, rows: int) -> Registers:
    """Room for ``count`` registers of ``rows`` rows, not filled."""
    ints = np.empty((count, rows), np.int64)
    return Registers(ints, ints.view(np.float64), np.empty((count, rows), np.uint8))
