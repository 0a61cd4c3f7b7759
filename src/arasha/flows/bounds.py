"""How far money is followed: every bound of a trace, named, with its unit.

The first four are those of Brazil's Pix MED 2.0 (Banco Central do Brasil, in force since 02.2026:
least amount 200.00, at most 500 payments, hops of 24 hours, at most 10). A site's law file may
state others. The last two bound the work: they count payments looked at, never time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAYMENTS_MOST: Final = 10_000
"""The largest ``payments_most`` that may be stated."""

LOOKS_MOST: Final = 4_000_000
"""The largest ``looks_most`` that may be stated."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """``least_amount_minor``: a payment to a new account is followed if some rule says that at
    least so much of it is disputed. ``payments_most``: payments listed. ``hop_window_ms``: how long
    after disputed money came its account is watched. ``hops_most``: payments one behind the other,
    the reported one among them. ``looks_at_account_most`` and ``looks_most``: payments looked at,
    of one account while it is watched and in the whole trace.
    """

    least_amount_minor: int = 200_00
    payments_most: int = 500
    hop_window_ms: int = 24 * 3_600_000
    hops_most: int = 10
    looks_at_account_most: int = 100_000
    looks_most: int = 250_000

    def __post_init__(self) -> None:
        assert self.least_amount_minor >= 1
        assert 1 <= self.payments_most <= PAYMENTS_MOST
        assert self.hop_window_ms >= 0
        assert self.hops_most >= 1
        assert 1 <= self.looks_at_account_most <= self.looks_most <= LOOKS_MOST


MED_2: Final = Bounds()
"""Those of Pix MED 2.0."""
