"""The money of one account: shares are exact, runs are cut and joined without loss."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import MAX_AMOUNT_MINOR
from arasha.flows.kernels_money import share_of
from arasha.flows.kernels_trace import KNOWN_MOST


@given(st.data())
def test_a_share_is_the_nearest_whole_number(data: st.DataObject) -> None:
    """Amount * disputed / known, half up, to the last digit, for any sums an account can know."""
    known = data.draw(st.integers(1, KNOWN_MOST))
    disputed = data.draw(st.integers(0, known))
    amount = data.draw(st.integers(1, min(known, MAX_AMOUNT_MINOR)))

    exact = Fraction(amount * disputed, known)
    share = share_of(amount, disputed, known)

    assert floor(exact + Fraction(1, 2)) == share
    assert disputed - share <= known - amount
    assert share <= min(amount, disputed)


def test_shares_at_the_edges() -> None:
    """Nothing of nothing, all of all, a half goes up."""
    assert 0 == share_of(5, 0, 10)
    assert 5 == share_of(5, 10, 10)
    assert 10 == share_of(20, 10, 20)
    assert 1 == share_of(1, 1, 2)
    assert 0 == share_of(1, 1, 3)
