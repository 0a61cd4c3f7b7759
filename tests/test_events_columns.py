"""A batch of facts keeps its columns together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.columns import Facts, concatenate
from arasha.events.schema import MISSING, Kind


def batch(amounts: list[int], *, prefix: str = "p") -> Facts:
    """Payments of those amounts, by a payer of the same number."""
    payers = np.zeros((len(amounts), 2), np.uint64)
    payers[:, 0] = amounts
    return Facts(
        np.full(len(amounts), Kind.PAYMENT, np.uint8),
        [f"{prefix}-{amount}" for amount in amounts],
        {"amount": np.array(amounts, np.int64)},
        {"payer_account": payers},
    )


def rows_of(facts: Facts) -> list[tuple[str, int, int]]:
    payers = facts.symbol("payer_account")[:, 0].tolist()
    return list(zip(facts.ids, facts.number("amount").tolist(), payers, strict=True))


def test_a_column_that_nobody_knows_is_missing_throughout() -> None:
    """It need not be there to be read."""
    facts = batch([5, 7])
    assert [MISSING, MISSING] == facts.number("duration").tolist()
    assert [[0, 0], [0, 0]] == facts.symbol("device").tolist()


@given(st.lists(st.integers(0, 99), min_size=1, max_size=8), st.data())
def test_facts_are_taken_row_by_row(amounts: list[int], data: st.DataObject) -> None:
    """By numbers in any order or by a slice: ids and columns go together."""
    facts = batch(amounts)
    rows = data.draw(st.lists(st.integers(0, len(amounts) - 1)))
    expected = [rows_of(facts)[row] for row in rows]
    assert expected == rows_of(facts.take(np.array(rows, np.intp)))
    at, stop = data.draw(st.tuples(*[st.integers(0, len(amounts))] * 2))
    assert rows_of(facts)[at:stop] == rows_of(facts.take(slice(at, stop)))


def test_parts_put_together_keep_their_order_and_all_columns() -> None:
    """What one part does not know is missing in its rows only."""
    known, unknown = batch([5]), Facts(np.array([Kind.LABEL], np.uint8), ["l-1"])
    both = concatenate([unknown, known])
    assert [Kind.LABEL, Kind.PAYMENT] == both.kinds.tolist()
    assert [("l-1", MISSING, 0), ("p-5", 5, 5)] == rows_of(both)
    assert 0 == len(concatenate([]))


@pytest.mark.parametrize(
    "numbers",
    [{"amount": np.zeros(2, np.int64)}, {"colour": np.zeros(1, np.int64)}],
    ids=["too long", "of no schema"],
)
def test_a_column_that_does_not_fit_is_a_broken_invariant(
    numbers: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]],
) -> None:
    """Each column has a row for each fact and a name of the schema."""
    with pytest.raises(AssertionError):
        Facts(np.zeros(1, np.uint8), ["p-1"], dict(numbers))
