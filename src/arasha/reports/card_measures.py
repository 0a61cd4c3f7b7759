"""All figures of a model card, as frozen data.

Columns come in (card_columns.py); the page (card_page.py) and the JSON (card.py) read what comes
out, so they cannot disagree. Payments whose truth is not settled are counted and then left out of
everything but drift. A figure of nothing is None. The same columns give the same figures, bit for
bit: what is drawn by chance is drawn from ``BOOTSTRAP_SEED``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.reports.card_calibration import Calibration, calibration, log_loss, mean_and_deviation
from arasha.reports.card_columns import (
    DAY_MS,
    FRAUD,
    GOOD,
    Contributions,
    Integers,
    Mask,
    Matrix,
    Numbers,
    Repeat,
    Rows,
    Seed,
    Subject,
    Truth,
    codes,
)
from arasha.reports.card_drift import Drift, Weight, drifts, group_weights, psi, weights
from arasha.reports.card_groups import (
    Division,
    Rate,
    by_amount,
    by_time_of_day,
    clustered_rate,
    errors_by,
)
from arasha.reports.card_ranking import Curve, Order, TopK, precision_at, spread
from arasha.reports.measures import Money
from arasha.reports.proportions import Estimate

FALSE_ALARMS: Final = (0.001, 0.01)
"""Shares of good payments bothered at which recall is stated."""

ALERTS_A_DAY: Final = (20, 50, 100, 200)
"""Cards or accounts looked at a day, for precision at k."""

HEADLINE_K: Final = 100
"""The k of the headline and of the comparison of seeds."""

MAX_POINTS: Final = 200
"""Most points of the curve of precision and recall."""

BOOTSTRAP_SEED: Final = 20_180_808
WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class AtFalseAlarms:
    """What is found when at most ``share`` of the good payments are bothered.

    ``threshold`` is the lowest score that does, None where every score bothers more; money is of
    the frauds found, and of all, by currency. ``money_recall`` is of the currency with most frauds.
    """

    share: float
    threshold: float | None
    recall: Estimate
    money_recall: Estimate
    money_found: Money
    money_of: Money


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold: what share of the frauds is found, how many of those bothered are frauds,
    and what share of the good payments is bothered.
    """

    threshold: float
    recall: float
    precision: float
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well frauds come first. ``curve`` runs from the highest threshold down, thinned to
    ``MAX_POINTS`` evenly spread over recall.
    """

    auc: Estimate
    average_precision: Estimate
    at_false_alarms: tuple[AtFalseAlarms, ...]
    cards: tuple[TopK, ...]
    accounts: tuple[TopK, ...]
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """The payments of one week (or day), ``first_day`` and ``last_day`` since 1970, local."""

    first_day: int
    last_day: int
    payments: int
    frauds: int
    auc: float | None
    average_precision: Estimate
    recall: Estimate
    bothered: Rate
    missed: Rate
    observed_to_expected: float | None


@dataclass(frozen=True, slots=True)
class Level:
    """What the payments from one of the policy's thresholds up are."""

    name: str
    threshold: float
    bothered: Rate
    recall: Rate
    precision: Rate


@dataclass(frozen=True, slots=True)
class SeedFigures:
    """One training of the recipe. ``figures`` by name (``SEED_FIGURES``)."""

    seed: int
    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Trainings:
    """The recipe on one stretch of time, by seed; mean and standard deviation by figure."""

    name: str
    seeds: tuple[SeedFigures, ...]
    ceiling: float | None

    def mean(self, figure: str) -> tuple[float, float | None] | None:
        """Mean and standard deviation (n - 1) over the seeds; None where a seed has no figure."""
        values = [one.figures[figure] for one in self.seeds]
        known = [value for value in values if value is not None]
        return mean_and_deviation(known) if known and len(known) == len(values) else None


SEED_FIGURES: Final = (
    "auc", "average_precision", "card_precision", "account_precision", "recall_0_1_percent",
    "recall_1_percent", "log_loss_gain",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a model card says.

    ``stated_bothered`` is False where no policy's actions were given and the threshold of 1 %
    false alarms stands in for them; ``by_week`` False where the periods are days.
    """

    subject: Subject
    payments: int
    frauds: int
    unsettled: int
    late: int
    first_ms: int | None
    last_ms: int | None
    ranked: Ranked
    calibration: Calibration
    bothered: Rate
    missed: Rate
    precision: Rate
    stated_bothered: bool
    levels: tuple[Level, ...]
    periods: tuple[Period, ...]
    by_week: bool
    divisions: tuple[Division, ...]
    drifts: tuple[Drift, ...]
    score_drift: tuple[float, float] | None
    weights: tuple[Weight, ...]
    group_weights: tuple[Weight, ...]
    trainings: tuple[Trainings, ...]

    @property
    def base_rate(self) -> float | None:
        """Frauds among the settled payments."""
        return self.frauds / self.payments if self.payments else None

    @property
    def label_gap_ms(self) -> int | None:
        """Time from the end of the last span but the test's to the test's start; None where the
        test lies elsewhere, for then no time passes between them.
        """
        spans = self.subject.spans
        if self.subject.elsewhere:
            return None
        return spans[-1].first_ms - max(s.last_ms for s in spans[:-1]) if len(spans) > 1 else None


def measure_card(
    subject: Subject,
    test: Rows,
    *,
    matrix: Matrix | None = None,
    contributions: Contributions | None = None,
    train_probability: Numbers | None = None,
    seeds: Sequence[Seed] = (),
    repeats: Sequence[Repeat] = (),
    alerts_a_day: Sequence[int] = ALERTS_A_DAY,
) -> Card:
    """The card of a model from its test.

    ``matrix`` gives drift, with ``contributions`` (which need it) what each feature adds;
    ``train_probability`` gives the drift of the probability itself; ``seeds`` are other trainings
    of the recipe judged on ``test``, ``repeats`` the recipe on other stretches of time.
    """
    assert contributions is None or matrix is not None
    settled = test.truth >= 0
    rows = test if settled.all() else test.take(settled)
    clusters = codes(rows.payer if rows.cluster is None else rows.cluster)
    bothered = _bothered(rows)
    fraud, good = rows.truth == FRAUD, rows.truth == GOOD
    periods, by_week = _periods(rows, bothered, clusters, subject.utc_offset_ms)
    groupings = (
        *rows.groupings, by_amount(rows), by_time_of_day(rows, subject.utc_offset_ms)
    )  # fmt: skip
    return Card(
        subject=subject,
        payments=len(rows),
        frauds=int(fraud.sum()),
        unsettled=len(test) - len(rows),
        late=int((test.known_at_ms > test.happened_at_ms).sum()),
        first_ms=int(test.happened_at_ms.min()) if len(test) else None,
        last_ms=int(test.happened_at_ms.max()) if len(test) else None,
        ranked=_ranked(rows, clusters, _days(rows, subject), alerts_a_day),
        calibration=calibration(rows.probability, rows.truth, clusters),
        bothered=clustered_rate(bothered[good], clusters[good]),
        missed=clustered_rate(~bothered[fraud], clusters[fraud]),
        precision=clustered_rate(fraud[bothered], clusters[bothered]),
        stated_bothered=test.bothered is not None,
        levels=tuple(_level(name, at, rows, clusters) for name, at in subject.thresholds.items()),
        periods=periods,
        by_week=by_week,
        divisions=tuple(
            errors_by(grouping, bothered, rows.probability, rows.truth, clusters)
            for grouping in groupings
            if len(rows)
        ),
        drifts=() if matrix is None else drifts(matrix),
        score_drift=None if train_probability is None else psi(train_probability, test.probability),
        weights=_weights(matrix, contributions),
        group_weights=()
        if matrix is None or contributions is None
        else group_weights(matrix.names, matrix.groups, contributions),
        trainings=_trainings(test, seeds, repeats, subject.utc_offset_ms),
    )


def _weights(matrix: Matrix | None, contributions: Contributions | None) -> tuple[Weight, ...]:
    return () if matrix is None or contributions is None else weights(matrix, contributions)


def _days(rows: Rows, subject: Subject) -> Integers:
    return (rows.happened_at_ms + subject.utc_offset_ms) // DAY_MS


def _bothered(rows: Rows) -> Mask:
    """What the policy acted on; else all from the threshold of the largest stated false alarms."""
    if rows.bothered is not None:
        return rows.bothered
    curve = Order.of(rows.ranking, rows.truth).curve()
    at = curve.at_false_alarms(FALSE_ALARMS[-1])
    if at < 0:
        return np.zeros(len(rows), np.bool_)
    found: Mask = rows.ranking >= curve.threshold[at]
    return found


def _level(name: str, threshold: float, rows: Rows, clusters: Integers) -> Level:
    hit = rows.probability >= threshold
    fraud, good = rows.truth == FRAUD, rows.truth == GOOD
    return Level(
        name,
        threshold,
        clustered_rate(hit[good], clusters[good]),
        clustered_rate(hit[fraud], clusters[fraud]),
        clustered_rate(fraud[hit], clusters[hit]),
    )


def _ranked(rows: Rows, clusters: Integers, days: Integers, ks: Sequence[int]) -> Ranked:
    order = Order.of(rows.ranking, rows.truth)
    curve = order.curve()
    fraud = rows.truth == FRAUD
    amount = rows.known_amount
    found, counts = np.unique(rows.currency[fraud], return_counts=True)
    currencies: list[int] = found[np.argsort(-counts, kind="stable")].tolist()
    main = fraud & (rows.currency == (currencies[0] if currencies else 0))
    money = np.where(main, amount, 0).astype(np.float64)

    def statistic(weights: Numbers) -> list[float | None]:
        drawn = order.curve(weights)
        recalls = [drawn.recall_at(most) for most in FALSE_ALARMS]
        paid = np.cumsum((weights * money)[order.rows])[order.ends]
        moneys = [_money_recall(paid, drawn.at_false_alarms(most)) for most in FALSE_ALARMS]
        return [drawn.auc, drawn.average_precision, *recalls, *moneys]

    values = statistic(np.ones(len(rows)))
    both = list(zip(values, spread(statistic, clusters, BOOTSTRAP_SEED), strict=True))
    estimates = [Estimate(value, interval) for value, interval in both]
    at = []
    for place, most in enumerate(FALSE_ALARMS):
        end = curve.at_false_alarms(most)
        threshold = None if end < 0 else float(curve.threshold[end])
        hit = fraud & (rows.ranking >= (np.inf if threshold is None else threshold))
        at.append(
            AtFalseAlarms(
                most, threshold, estimates[2 + place], estimates[2 + len(FALSE_ALARMS) + place],
                _money(rows.currency[hit], amount[hit], currencies),
                _money(rows.currency[fraud], amount[fraud], currencies),
            )
        )  # fmt: skip
    cards, accounts = (
        tuple(precision_at(rows.ranking, rows.truth, codes(keys), days, ks))
        for keys in (rows.payer, rows.payee)
    )
    return Ranked(estimates[0], estimates[1], tuple(at), cards, accounts, _points(curve))


def _points(curve: Curve) -> tuple[Point, ...]:
    """Of a curve with both truths; else none."""
    if curve.auc is None:
        return ()
    recall = curve.frauds / curve.frauds[-1]
    steps = np.searchsorted(recall, np.arange(1, MAX_POINTS + 1) / MAX_POINTS)
    return tuple(
        Point(
            float(curve.threshold[at]),
            float(recall[at]),
            float(curve.frauds[at] / (curve.frauds[at] + curve.goods[at])),
            float(curve.goods[at] / curve.goods[-1]),
        )
        for at in np.unique(np.minimum(steps, len(recall) - 1)).tolist()
    )


def _money_recall(paid: Numbers, at: int) -> float | None:
    if not len(paid) or not paid[-1]:
        return None
    return 0.0 if at < 0 else float(paid[at] / paid[-1])


def _money(currency: Integers, amount: Integers, currencies: Sequence[int]) -> Money:
    """Exact sums, in Python's integers."""
    return {code: sum(amount[currency == code].tolist()) for code in currencies}


def _periods(
    rows: Rows, bothered: Mask, clusters: Integers, utc_offset_ms: int
) -> tuple[tuple[Period, ...], bool]:
    """By weeks from the first day on, a rest of fewer than four days joining the last; by days
    where there are fewer than two whole weeks.
    """
    if not len(rows):
        return (), True
    day = (rows.happened_at_ms + utc_offset_ms) // DAY_MS
    first, last = int(day.min()), int(day.max())
    by_week = last - first + 1 >= 2 * WEEK_DAYS
    step = WEEK_DAYS if by_week else 1
    rest = (last - first + 1) % step
    count = (last - first + 1) // step + (rest > step / 2)
    place = np.minimum((day - first) // step, count - 1)
    return tuple(
        _period(
            rows.take(place == at), bothered[place == at], clusters[place == at],
            first + at * step, last if at == count - 1 else first + (at + 1) * step - 1,
        )
        for at in np.unique(place).tolist()
    ), by_week  # fmt: skip


def _period(rows: Rows, bothered: Mask, clusters: Integers, first: int, last: int) -> Period:
    order = Order.of(rows.ranking, rows.truth)
    clusters = codes(clusters)

    def statistic(weights: Numbers) -> list[float | None]:
        drawn = order.curve(weights)
        return [drawn.average_precision, drawn.recall_at(FALSE_ALARMS[-1])]

    precision, recall = statistic(np.ones(len(rows)))
    spreads = spread(statistic, clusters, BOOTSTRAP_SEED, replicates=200)
    fraud, good = rows.truth == FRAUD, rows.truth == GOOD
    expected = float(rows.probability.sum())
    return Period(
        first,
        last,
        len(rows),
        int(fraud.sum()),
        order.curve().auc,
        Estimate(precision, spreads[0]),
        Estimate(recall, spreads[1]),
        clustered_rate(bothered[good], clusters[good]),
        clustered_rate(~bothered[fraud], clusters[fraud]),
        float(fraud.sum()) / expected if expected else None,
    )


def _trainings(
    test: Rows, seeds: Sequence[Seed], repeats: Sequence[Repeat], utc_offset_ms: int
) -> tuple[Trainings, ...]:
    parts = [Repeat("this test", test, tuple(seeds))] if seeds else []
    return tuple(_training(part, utc_offset_ms) for part in (*parts, *repeats))


def _training(part: Repeat, utc_offset_ms: int) -> Trainings:
    """A repeat without seeds is one training, whose seed nobody said: -1."""
    seeds = part.seeds or (Seed(-1, part.rows.probability, part.rows.score),)
    settled = part.rows.truth >= 0
    rows = part.rows.take(settled)
    days = (rows.happened_at_ms + utc_offset_ms) // DAY_MS
    cards, accounts = codes(rows.payer), codes(rows.payee)
    figures = []
    ceiling = None
    for one in seeds:
        probability = one.probability[settled]
        score = probability if one.score is None else one.score[settled]
        curve = Order.of(score, rows.truth).curve()
        (card,), (account,) = (
            precision_at(score, rows.truth, keys, days, (HEADLINE_K,)) for keys in (cards, accounts)
        )
        ceiling = card.ceiling
        values = (
            curve.auc, curve.average_precision, card.precision, account.precision,
            *(curve.recall_at(most) for most in FALSE_ALARMS), _gain(probability, rows.truth),
        )  # fmt: skip
        figures.append(SeedFigures(one.seed, dict(zip(SEED_FIGURES, values, strict=True))))
    return Trainings(part.name, tuple(figures), ceiling)


def _gain(probability: Numbers, truth: Truth) -> float | None:
    """How far the log loss lies below that of the base rate."""
    if not len(truth):
        return None
    base = log_loss(np.full(len(truth), (truth == FRAUD).mean()), truth)
    loss = log_loss(probability, truth)
    return None if loss is None or not base else 1 - loss / base
