"""A simulated shift: cases to decide on, and what each was in truth; then how it was decided.

In: cases that a simulated country has made (making.py). Out: the score of a shift: money saved and
lost, people bothered, time. All of it lives in memory, beside everything that is real; no person in
it is one.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from arasha.policy.texts import Language

CASES: Final = 12
"""Cases of one shift."""

Outcome = Literal["fraud", "legitimate", "unclear"]
Truth = Literal["fraud", "laundering", "honest"]


class Why(msgspec.Struct, frozen=True):
    """A reason: its points, or 0 for what moved the model, and its text in each language."""

    points: int
    texts: dict[Language, str]


class Held(msgspec.Struct, frozen=True):
    """A payment that the policy held, as the case shows it."""

    happened_ms: int
    amount_minor: int
    payer_bank: str
    payee_bank: str
    score: int
    on_call: bool
    new_payee: bool
    reasons: list[Why]


class PracticeCase(msgspec.Struct, frozen=True):
    """Payments to one account, and the truth: what it was, of which kind or play."""

    held: list[Held]
    truth: Truth
    typology: str | None
    play: str

    @property
    def amount_minor(self) -> int:
        """The money at stake."""
        return sum(one.amount_minor for one in self.held)

    @property
    def sign(self) -> Why | None:
        """The strongest rule of its payments; where none fired, the first sign of the payment with
        the highest score. Which sign of a model is the strongest is not on record.
        """
        some = [why for one in sorted(self.held, key=lambda one: -one.score) for why in one.reasons]
        return max(some, key=lambda one: one.points, default=None)

    @property
    def is_bad(self) -> bool:
        """Whether it is stolen, or being moved on."""
        return self.truth != "honest"


class Shift(msgspec.Struct, frozen=True):
    """A shift by its seed: the same seed and release give the same one."""

    seed: int
    currency: int
    cases: list[PracticeCase]


class Decision(msgspec.Struct, frozen=True):
    """What was said of a case, and how long it took."""

    outcome: Outcome
    took_ms: int

    @property
    def stops(self) -> bool:
        """Whether the money stays where it is: what is unclear waits for somebody else."""
        return self.outcome != "legitimate"


class Score(msgspec.Struct, frozen=True):
    """What came of a shift so far. Money in minor units."""

    decided: int
    right: int
    saved_minor: int
    lost_minor: int
    bothered: int
    bothered_minor: int
    took_ms: int


def score(shift: Shift, decisions: list[Decision]) -> Score:
    """The score of the first cases of a shift.

    What is bad and stays stopped is saved, what is bad and goes is lost; whoever is honest and
    stays stopped is bothered. Right is what names it: unclear never does.
    """
    pairs = list(zip(shift.cases, decisions, strict=False))
    bad = [(one, said) for one, said in pairs if one.is_bad]
    honest = [one for one, said in pairs if not one.is_bad and said.stops]
    return Score(
        len(pairs),
        sum(said.outcome == ("fraud" if one.is_bad else "legitimate") for one, said in pairs),
        sum(one.amount_minor for one, said in bad if said.stops),
        sum(one.amount_minor for one, said in bad if not said.stops),
        len(honest), sum(one.amount_minor for one in honest),
        sum(said.took_ms for _, said in pairs),
    )  # fmt: skip
