"""Words are read and written where the address says, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.features.memory import get8, get32, get64, put8, put32, put64, put_float

WORDS = 4


@kernel
def _read(words: NDArray[np.int64], offset: int) -> tuple[int, int, int]:
    at = words.ctypes.data + offset
    return get64(at), get32(at), get8(at)


@kernel
def _write(words: NDArray[np.int64], offset: int, word: int, bits: int) -> None:
    at = words.ctypes.data + offset
    if bits == 64:
        put64(at, word)
    elif bits == 32:
        put32(at, word)
    else:
        put8(at, word)


@kernel
def _write_float(words: NDArray[np.int64], offset: int, number: float) -> None:
    put_float(words.ctypes.data + offset, number)


@pytest.mark.parametrize(("bits", "offset"), [(64, 8), (64, 24), (32, 12), (32, 0), (8, 13)])
@pytest.mark.parametrize("word", [0, 1, -1, 0x7F, -(2**63), 2**63 - 1, 0x0123456789ABCDEF])
def test_a_word_goes_where_it_should(bits: int, offset: int, word: int) -> None:
    """Its low bits are written, little-endian; every byte beside them stays as it was."""
    words = np.full(WORDS, 0x5A5A5A5A5A5A5A5A, np.int64)
    expected = bytearray(words.tobytes())
    expected[offset : offset + bits // 8] = (word % 2**64).to_bytes(8, "little")[: bits // 8]
    _write(words, offset, word, bits)
    assert bytes(expected) == words.tobytes()


@pytest.mark.parametrize("word", [0, 1, -1, -2, 0x80, 0x80000000, -(2**63), 0x0123456789ABCDEF])
def test_a_narrow_word_is_read_with_its_sign(word: int) -> None:
    """NONE (-1) and ABSENT (-2) in 32 bits come back as themselves."""
    words = np.array([0, word, 0], np.int64)
    low = (word % 2**64).to_bytes(8, "little")
    expected = tuple(int.from_bytes(low[:n], "little", signed=True) for n in (8, 4, 1))
    assert expected == _read(words, 8)


def test_a_float_is_written_by_its_bits() -> None:
    """Registers are one memory for whole numbers and floats."""
    words = np.zeros(WORDS, np.int64)
    _write_float(words, 16, -0.1)
    assert [0.0, 0.0, -0.1, 0.0] == words.view(np.float64).tolist()
