"""What looking back over a log found, as figures small enough to keep and to draw.

In: the judgements of the policy in force and of a draft (engine/lookback.py). Out: one frozen
record, as JSON holds it. It names no party and repeats nothing of a payment: samples are places in
the log, so what they show is gone when the log has let it go.

*hit* is any action above allow, *stopped* a hold or a block, *people* are distinct payers of hits
that are not known to be fraud. Money is in minor units of ``currency``, that of most payments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.engine.judgements import FRAUD, GOOD, Action, Judgements
from arasha.engine.lookback import Lookback
from arasha.policy.definition import Policy
from arasha.reports.backtest import measure
from arasha.reports.comparison import compare
from arasha.reports.examples import largest
from arasha.reports.measures import Hits, Measures, Tally
from arasha.reports.tallying import prepare

FORMAT: Final = 1

MAX_SAMPLES: Final = 12
"""Samples of one sort, payments."""

MAX_POINTS: Final = 120
"""Points of a curve that are kept."""


class RuleFigures(msgspec.Struct, frozen=True):
    """One rule. ``stopped_minor``: money of its hits that were stopped and are not known good."""

    name: str
    hits: int
    frauds: int
    goods: int
    people: int
    stopped_minor: int
    alone: int

    @property
    def precision(self) -> float | None:
        """Frauds among the hits about which something is settled."""
        return _share(self.frauds, self.frauds + self.goods)


class Point(msgspec.Struct, frozen=True):
    """What a threshold at ``score`` would hit."""

    score: int
    precision: float | None
    recall: float | None
    goods: int
    fraud_minor: int


class PolicyFigures(msgspec.Struct, frozen=True):
    """One policy over the time. ``days`` are (days since 1970-01-01, hits, stopped)."""

    policy: str
    hash: str
    hits: int
    stopped: int
    blocked: int
    frauds: int
    goods: int
    frauds_stopped: int
    goods_stopped: int
    people: int
    stopped_minor: int
    fraud_stopped_minor: int
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    recall: float | None
    rules: tuple[RuleFigures, ...]
    days: tuple[tuple[int, int, int], ...]
    curve: tuple[Point, ...]
    levels: tuple[Point, ...]


class Sample(msgspec.Struct, frozen=True):
    """A payment on which the two differ: its place, and what each of them says."""

    seq: int
    truth: int
    action: int
    score: int
    rules: tuple[str, ...]
    action_before: int
    score_before: int
    rules_before: tuple[str, ...]


class Change(msgspec.Struct, frozen=True):
    """Payments that only one of the two hits, or stops."""

    payments: int
    frauds: int
    goods: int
    minor: int


class Figures(msgspec.Struct, frozen=True):
    """All of it. Without a draft ``then`` is None and nothing has changed."""

    days: int
    first_ms: int
    last_ms: int
    short_ms: int
    again: bool
    made_ms: int
    payments: int
    frauds: int
    goods: int
    currency: int
    now: PolicyFigures
    then: PolicyFigures | None = None
    newly_hit: Change | None = None
    newly_missed: Change | None = None
    newly_stopped: Change | None = None
    no_longer_stopped: Change | None = None
    hit_samples: tuple[Sample, ...] = ()
    missed_samples: tuple[Sample, ...] = ()
    format: int = FORMAT

    def in_force(self) -> Figures:
        """The draft's part alone, once the draft is in force; of what had no draft all of it."""
        if self.then is None:
            return self
        return msgspec.structs.replace(
            self, now=self.then, then=None, newly_hit=None, newly_missed=None, newly_stopped=None,
            no_longer_stopped=None, hit_samples=(), missed_samples=(),
        )  # fmt: skip


def figures_of(
    found: Lookback, in_force: Policy, draft: Policy | None, *, days: int, made_ms: int
) -> Figures:
    """The figures of what was found."""
    now = _measured(found.now, in_force)
    counter = prepare(found.now)
    currency = counter.currencies[0] if counter.currencies else 0
    plain = Figures(
        days, found.first_ms, found.last_ms, found.short_ms, found.again, made_ms,
        now.total.payments, now.total.frauds, now.total.goods, currency,
        _of_policy(found.now, now, in_force, currency),
    )  # fmt: skip
    if draft is None or found.then is None:
        return plain
    then = _measured(found.then, draft)
    change = compare((found.now, now), (found.then, then))
    was, becomes = found.now.action > Action.ALLOW, found.then.action > Action.ALLOW
    names = ([rule.name for rule in in_force.rules], [rule.name for rule in draft.rules])

    def samples(mask: NDArray[np.bool_]) -> tuple[Sample, ...]:
        rows = largest(found.now, counter.currency, mask, MAX_SAMPLES)
        assert found.then is not None
        return tuple(_sample(row, found.now, found.then, names) for row in rows)

    def told(tally: Tally) -> Change:
        return Change(
            tally.payments, tally.frauds, tally.goods,
            sum(money.get(currency, 0) for money in (
                tally.fraud_money, tally.good_money, tally.unknown_money)),
        )  # fmt: skip

    return msgspec.structs.replace(
        plain, then=_of_policy(found.then, then, draft, currency),
        newly_hit=told(change.newly_hit), newly_missed=told(change.newly_missed),
        newly_stopped=told(change.newly_stopped),
        no_longer_stopped=told(change.no_longer_stopped),
        hit_samples=samples(becomes & ~was), missed_samples=samples(was & ~becomes),
    )  # fmt: skip


def _measured(judgements: Judgements, policy: Policy) -> Measures:
    names = [rule.name for rule in policy.rules]
    return measure(judgements, names, label=policy.name, utc_offset_ms=policy.utc_offset_ms)


def _of_policy(
    judgements: Judgements, measures: Measures, policy: Policy, currency: int
) -> PolicyFigures:
    bothered, stopped = measures.bothered, measures.stopped
    counted = _Counted(judgements, currency)
    spread = bothered.precision_interval
    return PolicyFigures(
        policy.name, policy.hash, bothered.hit.payments, stopped.hit.payments,
        measures.levels[2].hit.payments, bothered.hit.frauds, bothered.hit.goods,
        stopped.hit.frauds, stopped.hit.goods, counted.people(), counted.stopped_minor(),
        stopped.hit.fraud_money.get(currency, 0), bothered.precision,
        None if spread is None else spread.low, None if spread is None else spread.high,
        bothered.recall, counted.rules(measures), counted.days(measures),
        _curve(measures, currency), tuple(_point(one, 0, currency) for one in measures.levels),
    )  # fmt: skip


class _Counted:
    """What `measure` does not count: people about whom nothing is settled, and money stopped."""

    def __init__(self, judgements: Judgements, currency: int) -> None:
        counter = prepare(judgements)
        self._judgements, self._payer, self._payers = judgements, counter.payer, counter.payers
        self._hit = judgements.action > Action.ALLOW
        self._stops = judgements.action >= Action.HOLD
        ours = judgements.currency == currency
        self._saved = np.where(
            self._stops & ours & (judgements.truth != GOOD), judgements.amount_minor, 0
        )

    def people(self) -> int:
        """Distinct payers of hits that are not known to be fraud."""
        return len(np.unique(self._payer[self._hit & (self._judgements.truth != FRAUD)]))

    def stopped_minor(self) -> int:
        """Money stopped that is not known to be good."""
        return int(self._saved.sum())

    def rules(self, measures: Measures) -> tuple[RuleFigures, ...]:
        """The same for each rule."""
        rows, rules = self._judgements.fired_rows(), self._judgements.rules.astype(np.int64)
        count = len(measures.rules)
        saved = np.zeros(count, np.int64)
        np.add.at(saved, rules, self._saved[rows])
        bothers = self._hit[rows] & (self._judgements.truth[rows] != FRAUD)
        pairs = np.unique(rules[bothers] * max(1, self._payers) + self._payer[rows[bothers]])
        people = np.bincount(pairs // max(1, self._payers), minlength=count)
        return tuple(
            RuleFigures(
                one.name,
                one.hit.payments,
                one.hit.frauds,
                one.hit.goods,
                int(people[at]),
                int(saved[at]),
                0 if one.alone is None else one.alone.payments,
            )
            for at, one in enumerate(measures.rules)
        )

    def days(self, measures: Measures) -> tuple[tuple[int, int, int], ...]:
        """Hits and stopped payments of each day that had payments."""
        local = self._judgements.happened_at_ms + measures.utc_offset_ms
        days, group = np.unique(local // 86_400_000, return_inverse=True)
        hits = np.bincount(group[self._hit], minlength=len(days))
        stops = np.bincount(group[self._stops], minlength=len(days))
        return tuple(
            (int(day), int(hit), int(stop))
            for day, hit, stop in zip(days, hits, stops, strict=True)
        )


def _curve(measures: Measures, currency: int) -> tuple[Point, ...]:
    """The points of the curve, thinned to those that a chart can show."""
    curve = measures.curve
    step = max(1, -(-len(curve) // MAX_POINTS))
    return tuple(_point(one.hits, one.score, currency) for one in curve[::step])


def _point(hits: Hits, score: int, currency: int) -> Point:
    return Point(
        score, hits.precision, hits.recall, hits.hit.goods, hits.hit.fraud_money.get(currency, 0)
    )


def _sample(
    row: int, now: Judgements, then: Judgements, names: tuple[Sequence[str], Sequence[str]]
) -> Sample:
    before, after = names
    return Sample(
        int(now.seq[row]), int(now.truth[row]), int(then.action[row]), int(then.score[row]),
        tuple(after[rule] for rule in then.fired(row)), int(now.action[row]),
        int(now.score[row]), tuple(before[rule] for rule in now.fired(row)),
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
