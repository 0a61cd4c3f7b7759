"""Sharing a pot creates nothing, loses nothing and gives nobody more than was lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.cases.allocation import allocate
from arasha.cases.law import ALLOCATIONS, Allocation

LOSSES = st.lists(st.integers(0, 10**12), max_size=12)


@pytest.mark.parametrize("rule", ALLOCATIONS)
@given(pot=st.integers(0, 10**13), losses=LOSSES)
def test_money_is_conserved(rule: Allocation, pot: int, losses: list[int]) -> None:
    """All shares together are the smaller of pot and losses; each is at most its loss."""
    shares = allocate(rule, pot, losses)
    assert min(pot, sum(losses)) == sum(shares)
    assert all(0 <= share <= loss for share, loss in zip(shares, losses, strict=True))


@given(st.integers(0, 10**13), LOSSES)
def test_pro_rata_is_within_one_unit_of_the_exact_share(pot: int, losses: list[int]) -> None:
    """No rounding is worth more than one minor unit to anybody."""
    total = sum(losses)
    for share, loss in zip(allocate("pro_rata", pot, losses), losses, strict=True):
        assert abs(share * total - min(pot, total) * loss) < max(total, 1)


@given(st.integers(0, 10**13), LOSSES)
def test_the_last_in_is_returned_before_any_earlier_one(pot: int, losses: list[int]) -> None:
    """Where somebody gets less than all, nobody before gets anything."""
    shares = allocate("last_in_first_returned", pot, losses)
    for place in range(1, len(losses)):
        if shares[place] < losses[place]:
            assert not any(shares[:place])


@pytest.mark.parametrize(
    ("rule", "pot", "losses", "shares"),
    [
        ("pro_rata", 100, [100, 100, 100], [34, 33, 33]),  # the unit left goes to the first in
        ("pro_rata", 1, [1, 1], [1, 0]),
        ("pro_rata", 0, [5, 5], [0, 0]),
        ("pro_rata", 7, [0, 0], [0, 0]),
        ("last_in_first_returned", 70, [100, 50], [20, 50]),
        ("last_in_first_returned", 500, [100, 50], [100, 50]),
        ("pro_rata", 5, [], []),
    ],
)
def test_by_hand(rule: Allocation, pot: int, losses: list[int], shares: list[int]) -> None:
    """What a person would work out."""
    assert shares == allocate(rule, pot, losses)
