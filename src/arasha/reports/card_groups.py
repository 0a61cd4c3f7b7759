"""Whom a model errs on: rates by group, how sure they are, and how far from everyone else's.

Payments of one payer are alike, so their number says too much. Each rate's interval is Wilson's
with as many payments as they are worth: n divided by the design effect, the factor by which
likeness inside clusters widens the variance (L. Kish, Survey Sampling, 1965, 8.2).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from arasha.events.schema import MISSING
from arasha.reports.card_columns import (
    DAY_MS,
    FRAUD,
    GOOD,
    HOUR_MS,
    Grouping,
    Integers,
    Mask,
    Numbers,
    Rows,
    Truth,
)
from arasha.reports.figures import currency_code, money_short
from arasha.reports.proportions import Z95, Interval

MAX_GROUPS: Final = 24
"""Most groups of a kind shown by name; the smaller ones are put together."""

HOURS_OF_A_BAND: Final = 3
"""Length of a band of the day, hours."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``whole``, and the number of independent cases that they are worth."""

    part: int
    whole: int
    worth: float

    @property
    def share(self) -> float | None:
        """The rate, None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's, 95 %, for as many cases as they are worth."""
        if not self.whole:
            return None
        p, n = self.part / self.whole, self.worth
        spread = Z95 * Z95 / n
        centre = (p + spread / 2) / (1 + spread)
        half = Z95 * sqrt(p * (1 - p) / n + spread / (4 * n)) / (1 + spread)
        return Interval(
            0.0 if self.part == 0 else max(0.0, centre - half),
            1.0 if self.part == self.whole else min(1.0, centre + half),
        )


def clustered_rate(hits: Mask, clusters: Integers, least_effect: float = 1.0) -> Rate:
    """The rate of hits, and what it is worth: never more cases than there are, nor more than
    ``least_effect`` leaves, the design effect of all payments, of which a small group's own is but
    a rough guess.
    """
    n, part = len(hits), int(np.count_nonzero(hits))
    if n == 0:
        return Rate(0, 0, 0.0)
    return Rate(part, n, n / max(1.0, least_effect, design_effect(hits, clusters)))


def design_effect(hits: Mask, clusters: Integers) -> float:
    """The variance of the rate by clusters over that of as many independent cases; 1 where
    nothing varies.
    """
    n, part = len(hits), int(np.count_nonzero(hits))
    if part in (0, n):
        return 1.0
    _, inside = np.unique(clusters, return_inverse=True)
    size = np.bincount(inside)
    count = len(size)
    if count < 2:
        return float(n)
    share = part / n
    off = np.bincount(inside, hits.astype(np.float64)) - share * size
    variance = float(np.square(off).sum()) / n**2 * count / (count - 1)
    return variance / (share * (1 - share) / n)


def difference(one: Rate, other: Rate) -> Interval | None:
    """The 95 % interval of ``one`` minus ``other``, independent of each other; None of nothing.

    R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10.
    """
    p1, p2, a, b = one.share, other.share, one.interval, other.interval
    if p1 is None or p2 is None or a is None or b is None:
        return None
    return Interval(
        p1 - p2 - sqrt((p1 - a.low) ** 2 + (b.high - p2) ** 2),
        p1 - p2 + sqrt((a.high - p1) ** 2 + (p2 - b.low) ** 2),
    )


@dataclass(frozen=True, slots=True)
class Errors:
    """What the model did to one group, beside all payments that are not in it.

    ``bothered`` are good payments bothered among its good ones, ``missed`` frauds not bothered
    among its frauds; ``expected`` is the mean probability.
    """

    name: str
    payments: int
    bothered: Rate
    rest_bothered: Rate
    missed: Rate
    rest_missed: Rate
    expected: float
    fraud_share: float

    @property
    def times(self) -> float | None:
        """How many times as often as the others its good payments are bothered."""
        own, rest = self.bothered.share, self.rest_bothered.share
        return own / rest if own is not None and rest else None

    @property
    def bothered_difference(self) -> Interval | None:
        """The interval of its share of good payments bothered, less that of the others."""
        return difference(self.bothered, self.rest_bothered)

    @property
    def missed_difference(self) -> Interval | None:
        """The interval of its share of frauds missed, less that of the others."""
        return difference(self.missed, self.rest_missed)

    @property
    def bothered_more(self) -> int:
        """1: bothered more than the others beyond chance; -1: less; 0: chance could make it."""
        gap = self.bothered_difference
        if gap is None or gap.low <= 0 <= gap.high:
            return 0
        return 1 if gap.low > 0 else -1


@dataclass(frozen=True, slots=True)
class Division:
    """Errors by the groups of one division: by bank, by channel."""

    name: str
    groups: tuple[Errors, ...]


def errors_by(
    grouping: Grouping, bothered: Mask, probability: Numbers, truth: Truth, clusters: Integers
) -> Division:
    """Errors by group, of settled payments. Groups beyond the ``MAX_GROUPS`` with most payments
    are one, called "others"; payments of an unknown group are one, called "not known".
    """
    shown = _named(grouping)
    good, fraud = truth == GOOD, truth == FRAUD
    hit, miss = bothered, ~bothered
    effect_good = design_effect(hit[good], clusters[good])
    effect_fraud = design_effect(miss[fraud], clusters[fraud])
    groups = []
    for at, name in enumerate(shown.names):
        own = shown.codes == at
        if not own.any():
            continue
        (own_hit, rest_hit), (own_miss, rest_miss) = (
            [
                clustered_rate(what[which & side], clusters[which & side], effect)
                for side in (own, ~own)
            ]
            for what, which, effect in ((hit, good, effect_good), (miss, fraud, effect_fraud))
        )
        groups.append(
            Errors(
                name=name,
                payments=int(own.sum()),
                bothered=own_hit,
                rest_bothered=rest_hit,
                missed=own_miss,
                rest_missed=rest_miss,
                expected=float(probability[own].mean()),
                fraud_share=float(fraud[own].mean()),
            )
        )
    return Division(grouping.name, tuple(groups))


def _named(grouping: Grouping) -> Grouping:
    sizes = np.bincount(grouping.codes[grouping.codes >= 0], minlength=len(grouping.names))
    kept = np.arange(len(sizes))
    if len(sizes) > MAX_GROUPS:
        kept = np.sort(np.argsort(-sizes, kind="stable")[: MAX_GROUPS - 1])
    names = [grouping.names[at] for at in kept.tolist()]
    place = np.full(len(grouping.names) + 1, len(names), np.int64)  # others
    place[kept] = np.arange(len(kept))
    place[-1] = len(names) + 1  # the code -1: not known
    return Grouping(grouping.name, place[grouping.codes], (*names, "others", "not known"))


def by_amount(rows: Rows) -> Grouping:
    """Bands of 1, 2, 5, 10 … major units of each currency, those at the ends widened until each
    holds a fiftieth of the currency's payments.
    """
    labels = np.full(len(rows), -1, np.int64)
    names: list[str] = []
    sizes = np.array([m * 10**e for e in range(1, 16) for m in (1, 2, 5)], np.int64)
    for currency in np.unique(rows.currency).tolist():
        own = (rows.currency == currency) & (rows.amount_minor != MISSING)
        if not own.any():
            continue
        amounts = rows.amount_minor[own]
        least = max(1, len(amounts) // 50)
        above = len(amounts) - np.searchsorted(np.sort(amounts), sizes)
        cuts = sizes[(above >= least) & (len(amounts) - above >= least)]
        if len(cuts) > 6:
            cuts = cuts[:: -(-len(cuts) // 6)]
        labels[own] = len(names) + np.searchsorted(cuts, amounts, side="right")
        names += _band_names(cuts.tolist(), currency)
    return Grouping("amount", labels, tuple(names))


def _band_names(cuts: list[int], currency: int) -> list[str]:
    if not cuts:
        return [f"any, {currency_code(currency)}"]
    words = [money_short(cut, currency) for cut in cuts]
    middle = [f"{a.rpartition(' ')[0]} to {b}" for a, b in itertools.pairwise(words)]
    return [f"under {words[0]}", *middle, f"{words[-1]} and over"]


def by_time_of_day(rows: Rows, utc_offset_ms: int) -> Grouping:
    """Bands of the day in local time."""
    step = HOURS_OF_A_BAND
    names = tuple(f"{at:02d}:00 to {at + step:02d}:00" for at in range(0, 24, step))
    hour = (rows.happened_at_ms + utc_offset_ms) % DAY_MS // HOUR_MS
    return Grouping("time of day", hour // step, names)
