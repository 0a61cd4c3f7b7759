from __future__ import annotations

import numpy as np
import pytest

from arasha.country.happenings import ABSENT, COLUMNS, DTYPES, Happenings, make, merged, of_rows


def rows_at(*times: int, amount: int = 0) -> Happenings:
    """Payments at those times."""
    n = len(times)
    return make({
        "time_ms": np.array(times), "kind": np.full(n, 1), "amount": np.full(n, amount),
    })  # fmt: skip


def test_what_is_not_given_is_absent() -> None:
    """Columns that nobody gives hold what says nothing, each in its own type."""
    some = rows_at(5, 7)
    for name in set(COLUMNS) - {"time_ms", "kind", "amount"}:
        assert [ABSENT[name]] * 2 == getattr(some, name).tolist()
        assert DTYPES[name] == getattr(some, name).dtype


def test_rows_of_another_type_or_length_are_refused() -> None:
    """A column of another type or length is a broken invariant."""
    some = rows_at(1, 2)
    with pytest.raises(AssertionError, match="amount"):
        type(some)(**(some.columns() | {"amount": np.zeros(3, np.int64)}))
    with pytest.raises(AssertionError, match="first"):
        type(some)(**(some.columns() | {"first": np.zeros(2, np.int64)}))


def test_merging_keeps_time_and_the_order_of_parts() -> None:
    """Rows of one moment stay in the order of their parts."""
    some = merged([rows_at(1, 5, 9, amount=1), rows_at(5, 5, amount=2), rows_at(0, amount=3)])
    assert [0, 1, 5, 5, 5, 9] == some.time_ms.tolist()
    assert [3, 1, 1, 2, 2, 1] == some.amount.tolist()


def test_merging_nothing_is_nothing() -> None:
    """No parts, or empty ones, merge to no rows."""
    assert 0 == len(merged([]))
    assert 0 == len(merged([rows_at(), rows_at()]))


def test_between_takes_the_start_and_not_the_end() -> None:
    """Two neighbouring stretches share no row and miss none."""
    some = rows_at(1, 2, 2, 3, 8)
    assert [2, 2] == some.between(2, 3).time_ms.tolist()
    assert 5 == len(some.between(0, 2)) + len(some.between(2, 3)) + len(some.between(3, 9))


def test_rows_laid_down_one_by_one_read_back() -> None:
    """A row is its values in the order of the columns."""
    values = tuple(range(1, len(COLUMNS) + 1))
    some = of_rows([values, values])
    assert [(value, value) for value in values] == [
        tuple(column.tolist()) for column in some.columns().values()
    ]
    assert 0 == len(of_rows([]))
