"""Bounds are those of Pix MED 2.0 unless stated, and never without limit."""

from __future__ import annotations

import pytest

from arasha.flows.bounds import MED_2, PAYMENTS_MOST, Bounds


def test_the_bounds_of_med_2() -> None:
    """200.00, 500 payments, 24 hours, 10 hops."""
    assert (200_00, 500, 86_400_000, 10) == (
        MED_2.least_amount_minor, MED_2.payments_most, MED_2.hop_window_ms, MED_2.hops_most
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"payments_most": PAYMENTS_MOST + 1}, {"payments_most": 0}, {"least_amount_minor": 0},
        {"hops_most": 0}, {"looks_most": 10**9}, {"hop_window_ms": -1},
        {"looks_at_account_most": 10, "looks_most": 5},
    ],
)  # fmt: skip
def test_a_bound_out_of_bounds_is_a_broken_invariant(wrong: dict[str, int]) -> None:
    """Whoever reads them from people checks them first."""
    with pytest.raises(AssertionError):
        Bounds(**wrong)
