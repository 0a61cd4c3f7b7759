"""What a judged file leaves behind: one row per payment, ready to be counted.

We stand just after the decision. The engine fills these columns while a file runs (decide.py gives
the action, score and fired rules; the file gives the truth, once it is known); ``reports`` reads
them and nothing else. The features that led to a decision are not kept here: the log has them.

The fired rules are a list of lists laid flat, so that ten million rows of which most fire nothing
cost ten million offsets and no more::

    rule_offsets   0     2  2        5
    rules          3  7     0  3  9        row 0 fired 3 and 7, row 1 nothing, row 2 fired 0, 3, 9
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.schema import MAX_AMOUNT_MINOR

FRAUD: Final = 1
GOOD: Final = 0
UNKNOWN: Final = -1

MAX_SCORE: Final = 1000
"""Largest score of a decision, points."""


class Action(IntEnum):
    """What was decided about a payment, from the mildest to the strongest."""

    ALLOW = 0
    WARN = 1
    HOLD = 2
    BLOCK = 3


@dataclass(frozen=True, slots=True)
class Judgements:
    """n judged payments in the order of the log.

    ``seq`` int64[n]; ``ids`` n strings; ``happened_at_ms``, ``known_at_ms`` int64[n];
    ``amount_minor`` int64[n] and ``currency`` int64[n] (ISO 4217 numeric); ``payer``, ``payee``
    uint64[n, 2] tokens; ``action`` uint8[n] (Action); ``score`` int32[n], 0..MAX_SCORE;
    ``rule_offsets`` int64[n + 1] and ``rules`` uint16[]: the fired rules of each row, ascending,
    each once; ``truth`` int8[n], FRAUD, GOOD or UNKNOWN; ``late`` bool[n]: happened before the
    log's time. Columns of other shapes or values out of range are a broken invariant.
    """

    seq: NDArray[np.int64]
    ids: Sequence[str]
    happened_at_ms: NDArray[np.int64]
    known_at_ms: NDArray[np.int64]
    amount_minor: NDArray[np.int64]
    currency: NDArray[np.int64]
    payer: NDArray[np.uint64]
    payee: NDArray[np.uint64]
    action: NDArray[np.uint8]
    score: NDArray[np.int32]
    rule_offsets: NDArray[np.int64]
    rules: NDArray[np.uint16]
    truth: NDArray[np.int8]
    late: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n = len(self.seq)
        assert len(self.ids) == n
        for name in (
            "happened_at_ms", "known_at_ms", "amount_minor", "currency", "action", "score",
            "truth", "late",
        ):  # fmt: skip
            assert getattr(self, name).shape == (n,), name
        assert self.payer.shape == (n, 2)
        assert self.payee.shape == (n, 2)
        assert self.rule_offsets.shape == (n + 1,)
        assert self.rule_offsets[0] == 0
        assert self.rule_offsets[-1] == len(self.rules)
        if n:
            assert 0 <= self.amount_minor.min()
            assert self.amount_minor.max() <= MAX_AMOUNT_MINOR
            assert self.action.max() <= Action.BLOCK
            assert 0 <= self.score.min() <= self.score.max() <= MAX_SCORE
            assert UNKNOWN <= self.truth.min() <= self.truth.max() <= FRAUD

    def __len__(self) -> int:
        return len(self.seq)

    def fired_rows(self) -> NDArray[np.int64]:
        """The row of each element of ``rules``, int64[len(rules)]."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.rule_offsets))

    def fired(self, row: int) -> list[int]:
        """The rules that fired on that row, ascending."""
        fired: list[int] = self.rules[self.rule_offsets[row] : self.rule_offsets[row + 1]].tolist()
        return fired


def concatenate(parts: Sequence[Judgements]) -> Judgements:
    """The judgements of all parts, in order; of no parts, none."""
    if not parts:
        return none()
    starts = np.cumsum([0] + [len(part.rules) for part in parts[:-1]])
    offsets = [
        part.rule_offsets[1:] + start for part, start in zip(parts, starts.tolist(), strict=True)
    ]
    return Judgements(
        seq=np.concatenate([part.seq for part in parts]),
        ids=[one for part in parts for one in part.ids],
        happened_at_ms=np.concatenate([part.happened_at_ms for part in parts]),
        known_at_ms=np.concatenate([part.known_at_ms for part in parts]),
        amount_minor=np.concatenate([part.amount_minor for part in parts]),
        currency=np.concatenate([part.currency for part in parts]),
        payer=np.concatenate([part.payer for part in parts]),
        payee=np.concatenate([part.payee for part in parts]),
        action=np.concatenate([part.action for part in parts]),
        score=np.concatenate([part.score for part in parts]),
        rule_offsets=np.concatenate([np.zeros(1, np.int64), *offsets]),
        rules=np.concatenate([part.rules for part in parts]),
        truth=np.concatenate([part.truth for part in parts]),
        late=np.concatenate([part.late for part in parts]),
    )


def none() -> Judgements:
    """No judgements: what a file without payments leaves."""
    numbers = np.zeros(0, np.int64)
    tokens = np.zeros((0, 2), np.uint64)
    return Judgements(
        seq=numbers,
        ids=[],
        happened_at_ms=numbers,
        known_at_ms=numbers,
        amount_minor=numbers,
        currency=numbers,
        payer=tokens,
        payee=tokens,
        action=np.zeros(0, np.uint8),
        score=np.zeros(0, np.int32),
        rule_offsets=np.zeros(1, np.int64),
        rules=np.zeros(0, np.uint16),
        truth=np.zeros(0, np.int8),
        late=np.zeros(0, np.bool_),
    )
