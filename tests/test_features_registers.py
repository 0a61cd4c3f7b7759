"""Registers: one memory, seen as whole numbers and as floats."""

from __future__ import annotations

import numpy as np

from arasha.features.registers import empty_registers


def test_both_views_are_one_memory() -> None:
    """A float written is found by its bits."""
    registers = empty_registers(3, 2)
    registers.floats[1, 1] = 1.0
    assert 0x3FF0000000000000 == registers.ints[1, 1]
    assert (3, 2) == registers.ints.shape == registers.floats.shape == registers.known.shape


def test_the_first_registers_are_a_view() -> None:
    """What the state fills there, the program finds in the whole."""
    registers = empty_registers(3, 2)
    first = registers.first(2)
    first.ints[:], first.known[:] = 7, 1
    assert [[7, 7], [7, 7]] == registers.ints[:2].tolist()
    assert (2, 2) == first.floats.shape == first.known.shape
    assert first.ints.flags.c_contiguous


def test_no_rows_and_no_registers_are_registers() -> None:
    """A batch without payments, a policy without windows."""
    assert (4, 0) == empty_registers(4, 0).floats.shape
    none = empty_registers(0, 5)
    assert (0, 5) == none.first(0).known.shape
    assert np.uint8 == none.known.dtype
