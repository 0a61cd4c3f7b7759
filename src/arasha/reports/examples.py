"""Which payments to show: always the same ones for the same file.

The largest amounts come first, in the currency with the most payments; then by place in the log.
An example carries the payment's id and the first eight hexadecimal digits of its tokens: enough to
find it again with the right to do so, too little to follow a party.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.judgements import FRAUD, GOOD, UNKNOWN, Action, Judgements
from arasha.reports.measures import Example, Truth, Verdict

MAX_EXAMPLES: Final = 10
"""Examples of one sort, payments."""

PREFIX_CHARS: Final = 8
"""Hexadecimal digits of a token that an example shows."""

_TRUTHS: Final[dict[int, Truth]] = {FRAUD: "fraud", GOOD: "good", UNKNOWN: "unknown"}


def largest(
    judgements: Judgements,
    currency: NDArray[np.int16],
    mask: NDArray[np.bool_],
    limit: int = MAX_EXAMPLES,
) -> list[int]:
    """The rows of the mask with the largest amounts, at most ``limit``.

    ``currency`` int16[n] is the rank of each row's currency, 0 for the one with most payments.
    """
    rows = np.flatnonzero(mask)
    amounts = judgements.amount_minor[rows]
    order = np.lexsort((judgements.seq[rows], -amounts, currency[rows]))
    chosen: list[int] = rows[order[:limit]].tolist()
    return chosen


def example(
    row: int,
    judgements: Judgements,
    rule_names: Sequence[str],
    before: tuple[Judgements, Sequence[str]] | None = None,
) -> Example:
    """The payment of that row, with what the other policy decided about it if there is one."""
    return Example(
        seq=int(judgements.seq[row]),
        id=judgements.ids[row],
        happened_at_ms=int(judgements.happened_at_ms[row]),
        amount_minor=int(judgements.amount_minor[row]),
        currency=int(judgements.currency[row]),
        payer=prefix(judgements.payer[row]),
        payee=prefix(judgements.payee[row]),
        truth=_TRUTHS[int(judgements.truth[row])],
        verdict=_verdict(row, judgements, rule_names),
        before=None if before is None else _verdict(row, *before),
    )


def prefix(token: NDArray[np.uint64]) -> str:
    """The beginning of a token, hexadecimal, as its bytes stand in the log."""
    return token.astype("<u8").tobytes().hex()[:PREFIX_CHARS]


def _verdict(row: int, judgements: Judgements, rule_names: Sequence[str]) -> Verdict:
    return Verdict(
        action=Action(int(judgements.action[row])),
        score=int(judgements.score[row]),
        rules=tuple(rule_names[rule] for rule in judgements.fired(row)),
    )
