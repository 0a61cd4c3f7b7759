"""Arrays without a count of references, for kernels that hand many of them to their helpers.

A compiled function counts each array that it is given, by calls that nothing takes away again: with
sixteen arrays a walk spent nine tenths of its time counting (measured: 82 ms against 9). An array
made here is the same memory and counts nothing; whoever calls the kernel holds the memory.
"""

from __future__ import annotations

import numpy as np
from numba import carray  # type: ignore[attr-defined]  # documented; numba lists no exports

from arasha.events.kernels import inlined
from arasha.features.memory import pointer


@inlined
def bare(array):  # type: ignore[no-untyped-def]  # compiled
    """The same int64 memory."""
    return carray(pointer(array.ctypes.data), array.shape, np.int64)


@inlined
def bare_32(array):  # type: ignore[no-untyped-def]  # compiled
    """The same int32 memory."""
    return carray(pointer(array.ctypes.data), array.shape, np.int32)


@inlined
def bare_arena(arrays):  # type: ignore[no-untyped-def]  # compiled
    """The memory of an arena (arena.Arrays)."""
    rows, rows_32, accounts, accounts_32, table, index = arrays
    return (
        bare(rows), bare_32(rows_32), bare(accounts), bare_32(accounts_32), bare_32(table),
        bare_32(index),
    )  # fmt: skip


# What is compiled into this file from others: 2ea3dd7a65329dca.
