"""The bytes of a decision."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import LogDamaged, LogVersionError
from arasha.events.body import bodies_from, offsets_of
from arasha.events.decisions import Decisions, pack_decisions, unpack_decisions

COLUMNS = (
    "subject_seq", "action", "score", "marks", "rule_offsets", "rules", "value_offsets", "values",
)  # fmt: skip


@st.composite
def batches(draw: st.DrawFn) -> Decisions:
    """Any decisions."""
    n = draw(st.integers(0, 5))
    rules = [draw(st.lists(st.integers(0, 2**16 - 1), max_size=4)) for _ in range(n)]
    values = [draw(st.lists(st.floats(width=64), max_size=4)) for _ in range(n)]

    def rows(low: int, high: int, dtype: type) -> np.ndarray:
        return np.array([draw(st.integers(low, high)) for _ in range(n)], dtype)

    return Decisions(
        rows(0, 2**62, np.int64),
        rows(0, 3, np.uint8),
        rows(0, 1000, np.int32),
        rows(0, 2**16 - 1, np.uint16),
        offsets_of(np.array([len(r) for r in rules], np.int64)),
        np.array([r for some in rules for r in some], np.uint16),
        offsets_of(np.array([len(v) for v in values], np.int64)),
        np.array([v for some in values for v in some], np.float64),
    )


@given(batches())
def test_decisions_come_back(batch: Decisions) -> None:
    """Every column, a missing value as NaN, and packed again the same bytes."""
    bodies = pack_decisions(batch)
    back = unpack_decisions(bodies)
    for name in COLUMNS:
        assert getattr(batch, name).dtype == getattr(back, name).dtype
        np.testing.assert_array_equal(getattr(batch, name), getattr(back, name))
    assert bodies.data.tobytes() == pack_decisions(back).data.tobytes()


def one() -> Decisions:
    return Decisions(
        np.array([513]), np.array([2], np.uint8), np.array([700], np.int32),
        np.array([1], np.uint16), np.array([0, 1]), np.array([258], np.uint16), np.array([0, 1]),
        np.array([np.nan]),
    )  # fmt: skip


def test_the_layout_is_the_one_drawn() -> None:
    """Byte for byte."""
    nan = np.array([np.nan]).tobytes()
    assert (
        b"\x01\x02\x01\x00" + (700).to_bytes(4, "little") + (513).to_bytes(8, "little")
        + b"\x01\x00\x01\x00" + b"\x02\x01" + nan
    ) == pack_decisions(one())[0]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda b: b"\x02" + b[1:], LogVersionError),
        (lambda b: b[:-1], LogDamaged),
        (lambda b: b + b"x", LogDamaged),
        (lambda b: b[:7], LogDamaged),
        (lambda b: b[:0], LogDamaged),
    ],
)
def test_unreadable_bodies_are_refused(
    change: Callable[[bytes], bytes], error: type[Exception]
) -> None:
    """Another version, cut, longer, empty."""
    with pytest.raises(error):
        unpack_decisions(bodies_from([change(pack_decisions(one())[0])]))
