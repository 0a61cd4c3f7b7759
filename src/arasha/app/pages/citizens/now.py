"""What somebody who has just been robbed does now, by what happened: four lines, in order.

Who reads it is in panic, so that each kind has one line of its own, which comes first: it ends what
still goes on. Then the bank, the police, and what must not be deleted.
"""

from __future__ import annotations

from typing import Final, Literal

Act = Literal[
    "hang_up", "cut_off", "relative", "pay_no_more", "codes", "sim", "loan", "bank", "police",
    "keep",
]  # fmt: skip
"""A line, by its text's last name."""

FIRST: Final[dict[str, Act]] = {
    "safe_account": "hang_up", "remote_access": "cut_off", "account_takeover": "codes",
    "relative_in_trouble": "relative", "marketplace": "pay_no_more", "investment": "pay_no_more",
    "loan": "loan", "romance": "pay_no_more", "parcel_code": "codes", "sim_swap": "sim",
}  # fmt: skip
"""What comes first, by the kind of scam (draft.KINDS); of others one ends the call."""

THEN: Final[tuple[Act, ...]] = ("bank", "police", "keep")


def to_do(kind: str | None) -> tuple[Act, ...]:
    """The lines, in order.

    >>> to_do("sim_swap"), to_do(None)
    (('sim', 'bank', 'police', 'keep'), ('hang_up', 'bank', 'police', 'keep'))
    """
    return (FIRST.get(kind or "", "hang_up"), *THEN)
