"""Addresses for all that may come, memory for what is there."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from arasha.events.reserve import GRAIN_WORDS, Reserve


def test_what_is_given_back_reads_as_zero_and_the_rest_stays() -> None:
    """By whole grains: the unfinished one at the end stays, that at the beginning goes."""
    reserve = Reserve(4 * GRAIN_WORDS, 1)
    reserve.words[:] = 7
    reserve.give_back(GRAIN_WORDS + 5, 3 * GRAIN_WORDS + 5)
    kept = reserve.words.reshape(4, -1)
    assert [7, 0, 0, 7] == kept[:, 0].tolist()
    assert (kept == kept[:, :1]).all()
    reserve.give_back(5, GRAIN_WORDS - 1)
    assert 4 * [7] == reserve.words[[0, 5, GRAIN_WORDS - 1, -1]].tolist()


def test_a_gigabyte_of_addresses_takes_no_memory() -> None:
    """Only what was written counts."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reserve = Reserve(1 << 32, 1)
    reserve.words[[0, 1 << 30, -1]] = 1
    assert len(reserve.words) == 1 << 32
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_fewer_where_the_system_lends_no_more() -> None:
    """Halved until it is granted; below the least it is said."""
    here = np.iinfo(np.int64).max // 64  # more than any address space
    assert 2**20 <= len(Reserve(here, 2**20).words) < here
    with pytest.raises(MemoryError, match="bytes of addresses"):
        Reserve(here, here)
