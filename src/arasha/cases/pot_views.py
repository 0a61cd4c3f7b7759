"""Whose claims share what one account holds, as it is told to officers, banks and courts.

In: a state and a hold. Out: the claims on its pot, by hold and report, and a sentence about them.
No party is named: who is held is told through a hold (cases/views.py), who was robbed through a
report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arasha.cases.law import Allocation
from arasha.cases.pots import Pots
from arasha.cases.records import Hold
from arasha.cases.state import State

RULES: Final[dict[Allocation, str]] = {
    "pro_rata": "each gets the same part of what it claims",
    "last_in_first_returned": "the latest payment is returned first",
}
"""How the law divides a pot, in words."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim on a pot, minor units: ``held_minor`` of ``claim_minor`` is held for it now."""

    hold: str
    report: str
    claim_minor: int
    held_minor: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class SharedPot:
    """What one account holds, and who claims it; the earliest payment's claim first."""

    held_minor: int
    rule: Allocation
    claims: tuple[Claim, ...]

    def words(self, money: Callable[[int], str]) -> str:
        """The sentence; ``money`` writes an amount."""
        each = "; ".join(
            f"{money(one.held_minor)} of {money(one.claim_minor)} for report {one.report[:8]} "
            f"(hold {one.hold})"
            for one in self.claims
        )
        return (
            f"{money(self.held_minor)} are held once, for {len(self.claims)} claims: {each}. "
            f"When money goes back {RULES[self.rule]}."
        )


def shared_pot(state: State, hold: Hold) -> SharedPot | None:
    """The pot of that hold as of the last act; None where no other claim shares it."""
    law, at_ms = state.law, state.at_ms
    if law is None or not hold.holds_at(at_ms):
        return None
    pots = Pots(state)
    sharing = pots.sharing(hold, at_ms)
    if len(sharing) < 2 or all(one.id != hold.id for one in sharing):
        return None
    claims = tuple(
        Claim(
            one.id, one.report, (one.held_minor or 0) + pots.lacks(one, at_ms),
            one.held_at(at_ms), one.until_ms,
        )
        for one in sharing
    )  # fmt: skip
    held_minor = sum(one.held_minor for one in claims)
    return SharedPot(held_minor, law.recall.allocation, claims)


def shares_by_law(state: State, hold: Hold) -> dict[str, int]:
    """What each claim on that pot gets by the law's rule if money goes back now, minor units, by
    hold; nothing is changed by asking.
    """
    pots = Pots(state)
    pots.share(hold, state.at_ms)
    return {one.id: one.held_minor or 0 for one in pots.sharing(hold, state.at_ms)}
