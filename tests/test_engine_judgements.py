"""The columns a judged file leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.engine.judgements import Judgements, concatenate, none
from reports_samples import Row, judgements, rows


def as_dictionaries(judged: Judgements) -> list[tuple[object, ...]]:
    return [
        (judged.ids[row], int(judged.amount_minor[row]), judged.fired(row))
        for row in range(len(judged))
    ]


@given(st.lists(rows(), max_size=4))
def test_parts_put_together_keep_their_rows_and_fired_rules(parts: list[list[Row]]) -> None:
    """Whatever the batch sizes, the file's judgements are the same."""
    pieces = [judgements(part) for part in parts]
    expected = [row for piece in pieces for row in as_dictionaries(piece)]
    assert expected == as_dictionaries(concatenate(pieces))


def test_no_parts_leave_no_judgements() -> None:
    """A file without payments is a file."""
    assert 0 == len(concatenate([])) == len(none())


def test_fired_rows_name_the_row_of_each_fired_rule() -> None:
    """Row 0 fired two rules, row 1 none, row 2 one."""
    judged = judgements([{"rules": [3, 7]}, {}, {"rules": [0]}])
    assert [0, 0, 2] == judged.fired_rows().tolist()


@pytest.mark.parametrize(
    "row",
    [
        {"amount": -1},
        {"amount": 10**15 + 1},
        {"score": 1001},
        {"action": 4},
        {"truth": 2},
    ],
)
def test_a_value_out_of_range_is_a_broken_invariant(row: dict[str, object]) -> None:
    """Nothing downstream has to ask whether a number makes sense."""
    with pytest.raises(AssertionError):
        judgements([row])


def test_offsets_that_do_not_fit_are_a_broken_invariant() -> None:
    """The flat list of rules and its offsets belong together."""
    whole = judgements([{"rules": [1]}])
    with pytest.raises(AssertionError):
        Judgements(
            **{
                **{name: getattr(whole, name) for name in Judgements.__dataclass_fields__},
                "rules": np.zeros(0, np.uint16),
            }
        )
