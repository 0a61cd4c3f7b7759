"""The tables of a model card: figures as finished words, row by row.

Between card_measures.py and the page. The first cell of a row names it; a cell's note is an
interval or what the figure is of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from arasha.reports import figures
from arasha.reports.card_calibration import Bin
from arasha.reports.card_charts import decimal
from arasha.reports.card_groups import Division, Rate
from arasha.reports.card_measures import SEED_FIGURES, Card, Trainings
from arasha.reports.card_ranking import TopK
from arasha.reports.proportions import Estimate
from arasha.reports.tables import Cell, Table

SEED_FIGURE_NAMES: Final = dict(
    zip(
        SEED_FIGURES,
        ("AUC", "average precision", "card precision at 100", "account precision at 100",
         "recall at 0.1%", "recall at 1%", "log loss below base rate"),
        strict=True,
    )
)  # fmt: skip

_MISSED: Final = "frauds missed"
_BOTHERED: Final = "good bothered"


def _row(*cells: str | Cell) -> tuple[Cell, ...]:
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def rate(one: Rate) -> Cell:
    """A share and its interval."""
    return Cell(figures.percent(one.share), figures.interval(one.interval) if one.whole else "")


def estimate(one: Estimate, *, share: bool) -> Cell:
    """A figure and its interval, as a share or as a plain number."""
    if share:
        note = figures.interval(one.interval) if one.interval else ""
        return Cell(figures.percent(one.value), note)
    return Cell(decimal(one.value), numbers(one))


def numbers(one: Estimate) -> str:
    """The interval of a plain number; nothing where it has none."""
    if one.interval is None:
        return ""
    between = " to " if one.interval.low < 0 else "–"
    return f"{decimal(one.interval.low)}{between}{decimal(one.interval.high)}"


def spans(card: Card) -> Table:
    """The stretches of time, in the order of use."""
    return Table(
        "Which time was used for what",
        ("used for", "from", "to", "payments", "frauds", "fraud share"),
        tuple(
            _row(
                one.name,
                figures.moment(one.first_ms, card.subject.utc_offset_ms),
                figures.moment(one.last_ms, card.subject.utc_offset_ms),
                figures.count(one.payments),
                figures.count(one.frauds),
                figures.percent(one.frauds / one.payments if one.payments else None),
            )
            for one in card.subject.spans
        ),
    )


def false_alarms(card: Card) -> Table:
    """What is found when so many good payments are bothered."""
    return Table(
        "What is found at a share of false alarms",
        ("good payments bothered", "from score", "recall", "money recall", "money found",
         "money of frauds"),
        tuple(
            _row(
                f"at most {figures.percent(one.share)}",
                decimal(one.threshold),
                estimate(one.recall, share=True),
                estimate(one.money_recall, share=True),
                _moneys(dict(one.money_found)),
                _moneys(dict(one.money_of)),
            )
            for one in card.ranked.at_false_alarms
        ),
    )  # fmt: skip


def _moneys(amounts: dict[int, int]) -> Cell:
    words = [figures.money(minor, code, whole=True) for code, minor in amounts.items()]
    return Cell(words[0], " · ".join(words[1:])) if words else Cell(figures.NOTHING)


def levels(card: Card) -> Table:
    """What the policy's thresholds do, and what it did in all."""
    named = [
        (f"{one.name}, from {decimal(one.threshold)}", one.bothered, one.recall, one.precision)
        for one in card.levels
    ]
    found = Rate(card.missed.whole - card.missed.part, card.missed.whole, card.missed.worth)
    named.append(("bothered in all", card.bothered, found, card.precision))
    return Table(
        "By threshold",
        ("threshold", _BOTHERED, "of good payments", "frauds found", "recall", "precision"),
        tuple(
            _row(
                name, figures.count(bothered.part), rate(bothered),
                Cell(figures.count(recall.part), f"of {figures.count(recall.whole)}"),
                rate(recall), rate(precision),
            )
            for name, bothered, recall, precision in named
        ),
    )  # fmt: skip


def curve(card: Card) -> Table:
    """Each point of the curve."""
    return Table(
        "Each threshold",
        ("score", "recall", "precision", "good payments bothered"),
        tuple(
            _row(
                decimal(one.threshold, 4), figures.percent(one.recall),
                figures.percent(one.precision), figures.percent(one.false_alarms),
            )
            for one in card.ranked.curve
        ),
    )  # fmt: skip


def top_k(caption: str, some: Sequence[TopK]) -> Table:
    """Precision at each k, with its ceiling and what was found."""
    return Table(
        caption,
        ("looked at a day", "precision", "a perfect ranking", "of it", "found", "days"),
        tuple(
            _row(
                figures.count(one.k),
                decimal(one.precision),
                decimal(one.ceiling),
                figures.percent(one.precision / one.ceiling)
                if one.precision is not None and one.ceiling
                else figures.NOTHING,
                figures.count(sum(one.found)),
                figures.count(len(one.found)),
            )
            for one in some
        ),
    )


def calibration(card: Card) -> Table:
    """The figures of calibration, one a row."""
    one = card.calibration
    line = one.line
    slope = Cell(figures.NOTHING)
    intercept = Cell(figures.NOTHING)
    if line is not None:
        slope = estimate(Estimate(line.slope, line.slope_interval), share=False)
        intercept = estimate(Estimate(line.intercept, line.intercept_interval), share=False)
    top = Cell(figures.NOTHING)
    if one.top is not None:
        top = Cell(
            f"given {figures.percent(one.top.expected)}, "
            f"was fraud {figures.percent(one.top.observed.share)}",
            f"{figures.interval(one.top.observed.interval)}, "
            f"{figures.count(one.top.observed.whole)} payments",
        )
    return Table(
        "Calibration",
        ("figure", "value"),
        (
            _row("log loss", decimal(one.log_loss, 5)),
            _row("log loss of the base rate", decimal(one.base_log_loss, 5)),
            _row("below the base rate's by", figures.percent(one.log_loss_gain)
                 if (one.log_loss_gain or 0) >= 0 else figures.points(one.log_loss_gain)),
            _row("slope (1 is right)", slope),
            _row("intercept (0 is right)", intercept),
            _row("frauds for each expected (1 is right)", decimal(one.observed_to_expected)),
            _row("expected calibration error", decimal(one.expected_error, 5)),
            _row("Brier score", decimal(one.brier, 5)),
            _row("the 1% with the highest probability", top),
        ),
    )  # fmt: skip


def bins(some: Sequence[Bin]) -> Table:
    """The calibration curve."""
    return Table(
        "The curve",
        ("probability", "payments", "mean given", "frauds", "was fraud"),
        tuple(
            _row(
                f"{decimal(one.low, 4)} to {decimal(one.high, 4)}",
                figures.count(one.observed.whole),
                figures.percent(one.expected),
                figures.count(one.observed.part),
                rate(one.observed),
            )
            for one in some
        ),
    )


def periods(card: Card) -> Table:
    """Week by week or day by day."""
    return Table(
        f"By {'week' if card.by_week else 'day'}",
        ("from", "payments", "frauds", "AUC", "average precision", "recall at 1%", _BOTHERED,
         _MISSED, "frauds for each expected"),
        tuple(
            _row(
                figures.day(one.first_day),
                figures.count(one.payments),
                figures.count(one.frauds),
                decimal(one.auc),
                estimate(one.average_precision, share=False),
                estimate(one.recall, share=True),
                rate(one.bothered),
                rate(one.missed),
                decimal(one.observed_to_expected, 2),
            )
            for one in card.periods
        ),
    )  # fmt: skip


def division(one: Division) -> Table:
    """Errors by group, beside everyone else's."""
    return Table(
        f"Errors by {one.name}",
        (one.name, "payments", _BOTHERED, "others", "times", "difference", _MISSED, "others",
         "difference", "given", "was fraud"),
        tuple(
            _row(
                group.name,
                figures.count(group.payments),
                rate(group.bothered),
                figures.percent(group.rest_bothered.share),
                figures.ratio(group.times),
                figures.points_interval(group.bothered_difference),
                rate(group.missed),
                figures.percent(group.rest_missed.share),
                figures.points_interval(group.missed_difference),
                figures.percent(group.expected),
                figures.percent(group.fraud_share),
            )
            for group in one.groups
        ),
    )  # fmt: skip


def drift(card: Card) -> Table:
    """Every feature, and the probability itself where the training's is known."""
    rows = [
        _row(
            one.name,
            decimal(one.psi, 4),
            decimal(one.by_chance, 4),
            _mean(one.train_mean),
            _mean(one.test_mean),
            figures.percent(one.train_missing),
            figures.percent(one.test_missing),
        )
        for one in card.drifts
    ]
    if card.score_drift is not None:
        index, chance = card.score_drift
        rows.insert(
            0,
            _row("the probability itself", decimal(index, 4), decimal(chance, 4),
                 *[figures.NOTHING] * 4),
        )  # fmt: skip
    return Table(
        "Drift by feature",
        ("feature", "PSI", "by chance up to", "mean then", "mean now", "missing then",
         "missing now"),
        tuple(rows),
    )  # fmt: skip


def _mean(value: float | None) -> str:
    return figures.NOTHING if value is None else f"{value:,.4g}".replace("-", figures.MINUS)


def contributions(card: Card) -> tuple[Table, Table]:
    """By group, then by feature."""
    way = {1: "more suspicious", -1: "less suspicious", 0: "neither clearly"}
    return (
        Table(
            "Groups",
            ("group", "mean, log-odds", "of all"),
            tuple(
                _row(one.name, decimal(one.mean), figures.percent(one.share))
                for one in card.group_weights
            ),
        ),
        Table(
            "Features",
            ("feature", "group", "mean, log-odds", "of all", "a larger value is"),
            tuple(
                _row(one.name, one.group or "other", decimal(one.mean),
                     figures.percent(one.share), way[one.direction])
                for one in card.weights
            ),
        ),
    )  # fmt: skip


def trainings(some: Sequence[Trainings]) -> Table:
    """Mean and standard deviation over the seeds of each stretch of time."""
    return Table(
        "The same recipe, mean and standard deviation over its seeds",
        ("trained for", "seeds", *SEED_FIGURE_NAMES.values(), "ceiling, cards"),
        tuple(
            _row(
                one.name,
                figures.count(len(one.seeds)),
                *(_mean_cell(one.mean(name)) for name in SEED_FIGURES),
                decimal(one.ceiling),
            )
            for one in some
        ),
    )


def seeds(one: Trainings) -> Table:
    """Each seed by itself."""
    return Table(
        f"Each seed: {one.name}",
        ("seed", *SEED_FIGURE_NAMES.values()),
        tuple(
            _row(
                figures.NOTHING if seed.seed < 0 else str(seed.seed),
                *(decimal(seed.figures[name], 4) for name in SEED_FIGURES),
            )
            for seed in one.seeds
        ),
    )


def _mean_cell(pair: tuple[float, float | None] | None) -> Cell:
    if pair is None:
        return Cell(figures.NOTHING)
    mean, deviation = pair
    return Cell(decimal(mean), "" if deviation is None else f"± {decimal(deviation, 4)}")
