from __future__ import annotations

import pytest

from arasha.policy.diagnostics import Faults
from arasha.policy.located import Locator
from arasha.policy.shapes import Shapes


@pytest.fixture
def shapes() -> Shapes:
    """Checks of a document of which no place is known."""
    return Shapes(Faults("x.toml", Locator("")))


def test_values_of_the_right_kind_come_through(shapes: Shapes) -> None:
    """As they are, without a fault."""
    assert {"a": 1} == shapes.table(("t",), {"a": 1})
    assert "x" == shapes.string(("s",), "x")
    assert 1_000 == shapes.points(("p",), 1_000)
    shapes.only({"a": 1}, ("t",), ("a", "b"))
    assert [] == shapes.faults.found


@pytest.mark.parametrize("value", [5, 1.5, True, [], "x", None])
def test_what_is_no_table_is_an_empty_one(shapes: Shapes, value: object) -> None:
    """And a fault that says what was found."""
    assert {} == shapes.table(("t",), value)
    assert ["shape"] == [fault.name for fault in shapes.faults.found]


@pytest.mark.parametrize("value", [-1, 1_001, True, 1.0, "5"])
def test_points_are_whole_numbers_up_to_a_thousand(shapes: Shapes, value: object) -> None:
    """A truth is no number."""
    assert shapes.points(("p",), value) is None
    assert 1 == len(shapes.faults.found)


def test_unknown_keys_are_refused_with_near_ones(shapes: Shapes) -> None:
    """Each by itself."""
    shapes.only({"whne": 1, "zzz": 2}, ("rules", "a"), ("when", "points"))
    assert ["did you mean 'when'?", None] == [fault.hint for fault in shapes.faults.found]
    assert "unknown key 'whne' in [rules.a]" == shapes.faults.found[0].what
