"""The figures of a backtest, as frozen data.

They come from ``backtest.measure`` and ``comparison.compare``; the page, the files and the
terminal all read them here, so they cannot disagree. The words, each with one meaning:

*hit*       a rule fired on the payment, or the action under discussion (or a stronger) was taken
*bothered*  the payment got any action above allow: its payer was warned, held or blocked
*found*     bothered, and it was a fraud
*stopped*   the action was at least ``stop_at`` (hold, unless the caller says otherwise)
*unknown*   nobody has settled whether it was fraud; counted apart, in no share but the hit share

Money is ISO 4217 numeric code → minor units and is never added across currencies. A share of
nothing is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from arasha.engine.judgements import Action
from arasha.reports.proportions import Interval, share, wilson

Money = Mapping[int, int]
"""ISO 4217 numeric code → minor units. A currency without payments is absent."""

Truth = Literal["fraud", "good", "unknown"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Some payments, counted. ``payers`` are the distinct payers of the *good* ones."""

    frauds: int
    goods: int
    unknown: int
    fraud_money: Money
    good_money: Money
    unknown_money: Money
    payers: int

    @property
    def payments(self) -> int:
        """All of them."""
        return self.frauds + self.goods + self.unknown

    @property
    def fraud_share(self) -> float | None:
        """Frauds among the payments whose truth is known."""
        return share(self.frauds, self.frauds + self.goods)


@dataclass(frozen=True, slots=True)
class Hits:
    """What one rule or action hit, of what there was to hit.

    ``alone`` (rules only) are the hits on which no other rule fired: what would be lost without it.
    """

    name: str
    hit: Tally
    of: Tally
    alone: Tally | None = None

    @property
    def hit_share(self) -> float | None:
        """Hits among all payments."""
        return share(self.hit.payments, self.of.payments)

    @property
    def precision(self) -> float | None:
        """Frauds among the hits whose truth is known."""
        return self.hit.fraud_share

    @property
    def precision_interval(self) -> Interval | None:
        """Wilson, 95 %."""
        return wilson(self.hit.frauds, self.hit.frauds + self.hit.goods)

    @property
    def recall(self) -> float | None:
        """The share of all frauds that was hit."""
        return share(self.hit.frauds, self.of.frauds)

    @property
    def recall_interval(self) -> Interval | None:
        """Wilson, 95 %."""
        return wilson(self.hit.frauds, self.of.frauds)

    @property
    def good_share(self) -> float | None:
        """The share of all good payments that was hit: the false positive rate."""
        return share(self.hit.goods, self.of.goods)

    @property
    def good_per_fraud(self) -> float | None:
        """Good payments hit for each fraud hit."""
        return share(self.hit.goods, self.hit.frauds)

    @property
    def good_per_10_000(self) -> float | None:
        """Good payments hit among ten thousand good payments."""
        return None if self.good_share is None else self.good_share * 10_000

    @property
    def missed_money(self) -> Money:
        """Money of the frauds not hit."""
        return {
            currency: minor - self.hit.fraud_money.get(currency, 0)
            for currency, minor in self.of.fraud_money.items()
        }

    def money_recall(self, currency: int) -> float | None:
        """The share of the frauds' money in that currency that was hit."""
        return share(self.hit.fraud_money.get(currency, 0), self.of.fraud_money.get(currency, 0))


@dataclass(frozen=True, slots=True)
class Slice:
    """The payments of one day (``at`` = days since 1970-01-01) or one hour (0–23), local time."""

    at: int
    payments: int
    bothered: int
    frauds: int
    frauds_found: int
    goods: int
    goods_bothered: int

    @property
    def good_per_10_000(self) -> float | None:
        """Good payments bothered among ten thousand good payments."""
        rate = share(self.goods_bothered, self.goods)
        return None if rate is None else rate * 10_000


@dataclass(frozen=True, slots=True)
class Band:
    """The payments of one currency with ``from_minor <= amount < below_minor``."""

    currency: int
    from_minor: int
    below_minor: int
    bothered: Hits
    stopped: Hits

    @property
    def total(self) -> Tally:
        """All payments of the band."""
        return self.bothered.of


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold at this score would hit: every payment that scored as much or more."""

    score: int
    hits: Hits


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy decided about one payment: action, score, names of the fired rules."""

    action: Action
    score: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One payment to look at: its id and the beginnings of its tokens, no more.

    ``before`` is there when two policies are compared.
    """

    seq: int
    id: str
    happened_at_ms: int
    amount_minor: int
    currency: int
    payer: str
    payee: str
    truth: Truth
    verdict: Verdict
    before: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """All figures of one policy on one file.

    ``actions`` are warn, hold, block, each exactly; ``levels`` are the same three as "at least".
    ``rules`` stand in the policy's order, those that never fired included; ``overlap[i][j]`` counts
    the payments that both hit. ``days`` lists the days that had payments, ``hours`` all 24,
    ``curve`` falls from the highest score given to the lowest above 0. ``currencies`` stand by
    number of payments, most first. Times are shifted by ``utc_offset_ms`` where a day or an hour
    is meant.
    """

    label: str
    stop_at: Action
    utc_offset_ms: int
    total: Tally
    late: int
    first_at_ms: int | None
    last_at_ms: int | None
    currencies: tuple[int, ...]
    levels: tuple[Hits, ...]
    actions: tuple[Hits, ...]
    rules: tuple[Hits, ...]
    overlap: tuple[tuple[int, ...], ...]
    days: tuple[Slice, ...]
    hours: tuple[Slice, ...]
    bands: tuple[Band, ...]
    curve: tuple[CurvePoint, ...]
    missed: tuple[Example, ...]
    stopped_goods: tuple[Example, ...]

    @property
    def bothered(self) -> Hits:
        """Any action above allow."""
        return self.levels[0]

    @property
    def stopped(self) -> Hits:
        """At least ``stop_at``."""
        return self.levels[self.stop_at - 1]

    @property
    def alerts_per_day(self) -> float | None:
        """Payments bothered on a mean day, of the days that had payments."""
        return share(self.bothered.hit.payments, len(self.days))

    @property
    def warned_money(self) -> Money:
        """Money of the frauds that were found but not stopped."""
        return {
            currency: minor - self.stopped.hit.fraud_money.get(currency, 0)
            for currency, minor in self.bothered.hit.fraud_money.items()
        }

    def jaccard(self, one: int, other: int) -> float | None:
        """Payments both rules hit, among those either did."""
        both = self.overlap[one][other]
        return share(both, self.overlap[one][one] + self.overlap[other][other] - both)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule under both policies; ``before`` or ``after`` is None where there is no such rule."""

    name: str
    before: Hits | None
    after: Hits | None
    newly_hit: Tally
    newly_missed: Tally


@dataclass(frozen=True, slots=True)
class Transition:
    """Payments that one policy gave ``before`` and the other ``after``."""

    before: Action
    after: Action
    payments: int
    frauds: int
    goods: int


@dataclass(frozen=True, slots=True)
class Examples:
    """The payments on which two policies differ most: the largest amounts of each sort."""

    newly_found: tuple[Example, ...]
    newly_missed: tuple[Example, ...]
    newly_bothered: tuple[Example, ...]
    no_longer_bothered: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies on one file: ``before`` is the one compared against.

    ``newly_hit`` and ``newly_missed`` count payments bothered by one of the two only, and
    ``newly_stopped``, ``no_longer_stopped`` likewise. The intervals are of after minus before,
    95 %, for the same payments judged twice.
    """

    before: Measures
    after: Measures
    newly_hit: Tally
    newly_missed: Tally
    newly_stopped: Tally
    no_longer_stopped: Tally
    recall_difference: Interval | None
    good_share_difference: Interval | None
    transitions: tuple[Transition, ...]
    rules: tuple[RuleChange, ...]
    examples: Examples
