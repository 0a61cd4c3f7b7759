"""The charts of a model card, drawn from its figures.

A card comes in, SVG goes out. Each chart has a title and a description in words, and on the page a
table with the same numbers (card_tables.py). What is told by colour is told by shape or words too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

from arasha.reports import figures
from arasha.reports.card_columns import Span
from arasha.reports.card_drift import MUCH_DRIFT, SOME_DRIFT
from arasha.reports.card_groups import Division, Rate
from arasha.reports.card_measures import Card, Period
from arasha.reports.card_ranking import TopK
from arasha.reports.proportions import Estimate, Interval
from arasha.reports.svg import (
    Scale,
    box,
    drawing,
    element,
    line,
    marker,
    path,
    shortened,
    text,
    ticks,
)

WIDE: Final = 1080
HALF: Final = 524
MAX_DRAWN_FEATURES: Final = 20
MAX_DRAWN_PERIODS: Final = 60
LOG_FLOOR: Final = 1e-5
"""The lowest probability with a place of its own on the calibration chart."""

QUARTERS: Final = (0, 0.25, 0.5, 0.75, 1)


def decimal(value: float | None, digits: int = 3) -> str:
    """A figure between 0 and about 1 that is no share of anything.

    >>> decimal(0.71849), decimal(None), decimal(-0.5)
    ('0.718', '–', '−0.500')
    """
    if value is None:
        return figures.NOTHING
    return f"{value:.{digits}f}".replace("-", figures.MINUS)


def spans(some: Sequence[Span], label_delay_ms: int, utc_offset_ms: int) -> Markup:
    """What each stretch of time was used for, and the gap in which labels were awaited."""
    first = min(one.first_ms for one in some)
    last = max(one.last_ms for one in some)
    x = Scale(first, max(last, first + 1), 150, WIDE - 4)
    row = 30.0
    parts: list[Markup] = []
    for at, one in enumerate(some):
        y = at * row
        held = f"{one.payments:,} payments, {one.frauds:,} frauds"
        hover = f"{one.name}: {_dates(one, utc_offset_ms)}, {held}"
        kind = "accent" if at == len(some) - 1 else "plain"
        wide = x(one.last_ms) - x(one.first_ms)
        parts.append(text(0, y + 18, shortened(one.name, 20), full=one.name))
        parts.append(box(x(one.first_ms), y + 5, max(wide, 2), 18, kind, hover))
    if len(some) > 1 and label_delay_ms:
        test, y = some[-1], (len(some) - 1) * row
        start = max(first, test.first_ms - label_delay_ms)
        wide = x(test.first_ms) - x(start)
        days = figures.duration(label_delay_ms)
        parts.append(box(x(start), y + 5, wide, 18, "hollow", f"label delay, {days}"))
        parts.append(text(x(start) - 6, y + 18, f"label delay {days}", "muted", anchor="end"))
    bottom = len(some) * row + 18
    parts.append(text(x(first), bottom, _date(first, utc_offset_ms), "muted"))
    parts.append(text(x(last), bottom, _date(last, utc_offset_ms), "muted", anchor="end"))
    described = "; ".join(f"{one.name} {_dates(one, utc_offset_ms)}" for one in some)
    return drawing("spans", WIDE, bottom + 6, "Which time was used for what", described, parts)


def _date(at_ms: int, utc_offset_ms: int) -> str:
    return figures.moment(at_ms, utc_offset_ms).partition(" ")[0]


def _dates(one: Span, utc_offset_ms: int) -> str:
    return f"{_date(one.first_ms, utc_offset_ms)} to {_date(one.last_ms, utc_offset_ms)}"


def precision_recall(card: Card) -> Markup:
    """Precision against recall, each score the threshold; marks where the policy's stand."""
    left, bottom, top = 44.0, 282.0, 12.0
    x, y = Scale(0, 1, left, HALF - 18), Scale(0, 1, bottom, top)
    parts = _square(x, y, left, bottom, top)
    parts.append(text((left + HALF) / 2, bottom + 34, "recall", "muted", anchor="middle"))
    parts.append(text(left + 8, top + 14, "precision", "muted"))
    base = card.base_rate or 0.0
    parts.append(line(left, y(base), HALF - 18, y(base), "curve curve-plain"))
    points = [(x(point.recall), y(point.precision)) for point in card.ranked.curve]
    if len(points) > 1:
        parts.append(path(points, "curve curve-accent"))
    names = []
    for shape, level in enumerate(card.levels[:3]):
        recall, precision = level.recall.share, level.precision.share
        if recall is None or precision is None:
            continue
        words = (
            f"{level.name} from {decimal(level.threshold)}: precision "
            f"{figures.percent(precision)}, recall {figures.percent(recall)}"
        )
        names.append(words)
        parts.append(marker(x(recall), y(precision), shape, "mark-ink", words))
    key = " · ".join(
        f"{sign} {level.name}" for sign, level in zip("▲■◆", card.levels, strict=False)
    )
    key = " · ".join(part for part in (key, f"dashes: chance, {figures.percent(base)}") if part)
    parts.append(text(left, bottom + 56, key, "muted"))
    described = f"Average precision {decimal(card.ranked.average_precision.value)}. "
    return drawing(
        "card-precision-recall", HALF, bottom + 64, "Precision and recall",
        described + "; ".join(names), parts,
    )  # fmt: skip


def _square(x: Scale, y: Scale, left: float, bottom: float, top: float) -> list[Markup]:
    parts: list[Markup] = []
    for tick in QUARTERS:
        parts.append(line(x(tick), top, x(tick), bottom, "grid"))
        parts.append(line(left, y(tick), x(1), y(tick), "grid"))
        parts.append(text(x(tick), bottom + 17, f"{tick:.0%}", "muted", anchor="middle"))
        parts.append(text(left - 6, y(tick) + 4, f"{tick:.0%}", "muted", anchor="end"))
    return parts


def calibration(card: Card) -> Markup:
    """Observed against expected on scales of powers of ten; on the diagonal both agree."""
    left, bottom, top = 60.0, 282.0, 12.0
    bins = card.calibration.bins
    least = min((one.expected for one in bins if one.expected > 0), default=0.01)
    least = min(least, *(one.observed.share or 1.0 for one in bins), 0.1) if bins else least
    low = max(floor(log10(max(least, LOG_FLOOR))), round(log10(LOG_FLOOR)))
    x, y = Scale(low, 0, left, HALF - 18), Scale(low, 0, bottom, top)
    parts: list[Markup] = []
    for power in range(low, 1):
        label = f"{100 * 10.0**power:g}%"
        parts.append(line(x(power), top, x(power), bottom, "grid"))
        parts.append(line(left, y(power), HALF - 18, y(power), "grid"))
        parts.append(text(x(power), bottom + 17, label, "muted", anchor="middle"))
        parts.append(text(left - 6, y(power) + 4, label, "muted", anchor="end"))
    parts.append(line(left, bottom, HALF - 18, top, "curve curve-plain"))
    parts.append(
        text((left + HALF) / 2, bottom + 34, "probability given", "muted", anchor="middle")
    )
    parts.append(text(left + 8, top + 14, "share that was fraud", "muted"))

    def place(share: float) -> float:
        return max(low, log10(share)) if share > 0 else low

    for one in bins:
        share, spread = one.observed.share, one.observed.interval
        assert share is not None
        assert spread is not None
        at = x(place(one.expected))
        words = (
            f"given {figures.percent(one.expected)}, was fraud {figures.percent(share)} "
            f"({figures.interval(spread)}), {one.observed.whole:,} payments"
        )
        parts.append(
            line(at, y(place(spread.low)), at, y(place(spread.high)), "whisker whisker-accent")
        )
        parts.append(_dot(at, y(place(share)), "mark-accent", words))
    described = (
        f"Slope {decimal(None if card.calibration.line is None else card.calibration.line.slope)}, "
        f"expected calibration error {decimal(card.calibration.expected_error, 4)}."
    )
    return drawing("calibration", HALF, bottom + 44, "Expected and observed", described, parts)


def _dot(x: float, y: float, kind: str, hover: str) -> Markup:
    return element("circle", element("title", hover), cx=x, cy=y, r=4, class_=kind)


def top_k(name: str, heading: str, some: Sequence[TopK]) -> Markup:
    """Precision at each k: reached, and outlined what a perfect ranking would reach."""
    left, row, top = 96.0, 26.0, 22.0
    x = Scale(0, 1, left, HALF - 118)
    bottom = top + row * len(some) + 2
    parts = [text(0, 11, heading, "strong")]
    for tick in QUARTERS:
        parts.append(line(x(tick), top, x(tick), bottom, "grid"))
        parts.append(text(x(tick), bottom + 16, f"{tick:.0%}", "muted", anchor="middle"))
    described = []
    for at, one in enumerate(some):
        y = top + at * row + 4
        parts.append(text(0, y + 14, f"{one.k:,} a day"))
        if one.precision is None or one.ceiling is None:
            continue
        words = f"{decimal(one.precision)} of {decimal(one.ceiling)}"
        described.append(f"{one.k} a day: {words}")
        parts.append(box(left, y, x(one.ceiling) - left, 18, "hollow", words))
        parts.append(box(left, y, x(one.precision) - left, 18, "accent", words))
        parts.append(text(HALF - 2, y + 14, words, "muted", anchor="end"))
    title = f"{heading}: precision by the number looked at a day, of what a perfect ranking reaches"
    return drawing(name, HALF, bottom + 20, title, "; ".join(described), parts)


def periods(card: Card) -> Markup:
    """Average precision, recall and good payments bothered along time, with intervals."""
    drawn = card.periods[-MAX_DRAWN_PERIODS:]
    last = f"recall at {_false_alarms(card)}"
    strips: tuple[tuple[str, list[Estimate]], ...] = (
        ("average precision", [one.average_precision for one in drawn]),
        (last, [one.recall for one in drawn]),
        ("good payments bothered", [_estimate(one.bothered) for one in drawn]),
    )
    width, gap, height, left = (WIDE - 2 * 36) / 3, 36.0, 130.0, 48.0
    parts: list[Markup] = []
    for at, (name, values) in enumerate(strips):
        parts += _strip(name, values, drawn, at * (width + gap), width, left, height)
    described = "; ".join(
        f"{name} from {_extreme(values, min)} to {_extreme(values, max)}" for name, values in strips
    )
    unit = "week" if card.by_week else "day"
    return drawing("periods", WIDE, height + 56, f"Stability by {unit}", described, parts)


def _false_alarms(card: Card) -> str:
    at = card.ranked.at_false_alarms
    return f"{figures.percent(at[-1].share)} false alarms" if at else "false alarms"


def _estimate(rate: Rate) -> Estimate:
    return Estimate(rate.share, rate.interval)


def _extreme(values: Sequence[Estimate], which: Callable[[list[float]], float]) -> str:
    known = [one.value for one in values if one.value is not None]
    return figures.percent(which(known)) if known else figures.NOTHING


def _strip(
    name: str, values: Sequence[Estimate], drawn: Sequence[Period], x0: float, width: float,
    left: float, height: float,
) -> list[Markup]:  # fmt: skip
    highest = max(
        (max(v.value or 0.0, v.interval.high if v.interval else 0.0) for v in values), default=0.0
    )
    axis, step = _axis(highest)
    y = Scale(0, axis, height + 28, 28)
    slot = (width - left) / max(1, len(drawn))
    parts = [text(x0, 12, name, "strong")]
    for tick in ticks(axis, step):
        parts.append(line(x0 + left, y(tick), x0 + width, y(tick), "grid"))
        label = f"{100 * tick:.10g}%"
        parts.append(text(x0 + left - 6, y(tick) + 4, label, "muted", anchor="end"))
    for at, (one, period) in enumerate(zip(values, drawn, strict=True)):
        x = x0 + left + (at + 0.5) * slot
        if one.value is None:
            continue
        if one.interval is not None:
            parts.append(
                line(x, y(one.interval.low), x, y(one.interval.high), "whisker whisker-accent")
            )
        words = f"{figures.day(period.first_day)}: {figures.percent(one.value)}"
        parts.append(
            _dot(x, y(one.value), "mark-accent", f"{words} ({figures.interval(one.interval)})")
        )
    every = max(1, ceil(64 / slot)) if slot < 64 else 1
    for at in range(0, len(drawn), every):
        x = x0 + left + (at + 0.5) * slot
        label = figures.day(drawn[at].first_day)[5:]
        if x < x0 + width - 14:
            parts.append(text(x, height + 46, label, "muted", anchor="middle"))
    return parts


def _axis(highest: float) -> tuple[float, float]:
    """A round end of an axis of shares, at most 1, and its step.

    >>> _axis(0.31), _axis(0.0)
    ((0.4, 0.1), (0.001, 0.001))
    """
    if highest <= 0:
        return 0.001, 0.001
    raw = highest / 4
    size = 10.0 ** floor(log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * 0.999)
    return (1.0, 0.25) if step >= 0.25 else (ceil(highest / step - 1e-9) * step, step)


def drift(card: Card) -> Markup:
    """The population stability index of the features that moved most."""
    drawn = card.drifts[:MAX_DRAWN_FEATURES]
    axis, step = _psi_axis(max((one.psi for one in drawn), default=0.0))
    left, row = 190.0, 21.0
    x = Scale(0, axis, left, HALF - 52)
    bottom = row * max(1, len(drawn)) + 4
    parts: list[Markup] = []
    for tick in ticks(axis, step):
        parts.append(line(x(tick), 0, x(tick), bottom, "grid"))
        parts.append(text(x(tick), bottom + 16, f"{tick:.2g}", "muted", anchor="middle"))
    parts += [
        line(x(limit), 0, x(limit), bottom, "curve curve-plain")
        for limit in (SOME_DRIFT, MUCH_DRIFT)
    ]
    for at, one in enumerate(drawn):
        y = at * row + 4
        words = f"{one.name}: {decimal(one.psi)}, by chance up to {decimal(one.by_chance)}"
        kind = "accent" if one.psi > SOME_DRIFT else "plain"
        parts.append(text(0, y + 11, shortened(one.name, 27), full=one.name))
        parts.append(box(left, y, x(one.psi) - left, 13, kind, words))
        parts.append(text(HALF - 2, y + 11, decimal(one.psi), "muted", anchor="end"))
    described = "; ".join(f"{one.name} {decimal(one.psi)}" for one in drawn)
    return drawing("drift", HALF, bottom + 24, "Drift by feature", described, parts)


def _psi_axis(highest: float) -> tuple[float, float]:
    """The limits are always seen; far beyond them the axis grows."""
    if highest <= 0.3:
        return 0.3, 0.1
    raw = highest / 3
    size = 10.0 ** floor(log10(raw))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw * 0.999)
    return ceil(highest / step - 1e-9) * step, step


def contributions(card: Card) -> Markup:
    """What the groups and the features add, in the mean size of their log-odds."""
    drawn = [
        *((one, True) for one in card.group_weights),
        *((one, False) for one in card.weights[:MAX_DRAWN_FEATURES]),
    ]
    left, row, gap = 190.0, 21.0, 26.0
    x = Scale(0, max((one.mean for one, _ in drawn), default=0.0) or 1.0, left, HALF - 84)
    parts: list[Markup] = []
    y = 0.0
    groups = len(card.group_weights)
    for at, (one, is_group) in enumerate(drawn):
        if at in (0, groups):
            y += 0.0 if at == 0 else gap - 12
            parts.append(text(0, y + 12, "groups" if is_group else "features", "strong"))
            y += 20
        sign = {1: " ↑", -1: " ↓", 0: ""}[one.direction]
        words = f"{one.name}: {decimal(one.mean)}, {figures.percent(one.share)} of all"
        parts.append(text(0, y + 11, shortened(one.name, 27), full=one.name))
        kind = "accent" if is_group else "plain"
        parts.append(box(left, y, x(one.mean) - left, 13, kind, words))
        parts.append(text(x(one.mean) + 6, y + 11, f"{figures.percent(one.share)}{sign}", "muted"))
        y += row
    described = "; ".join(f"{one.name} {figures.percent(one.share)}" for one, _ in drawn)
    return drawing("contributions", HALF, y + 4, "Contributions", described, parts)


def division(one: Division, overall: Rate) -> Markup:
    """The share of good payments bothered, group by group, and of all (dashes)."""
    left, right, row, top = 172.0, HALF - 66, 24.0, 6.0
    intervals = [group.bothered.interval for group in one.groups]
    highest = max((spread.high for spread in intervals if spread is not None), default=0.0)
    largest = max((group.bothered.share or 0.0 for group in one.groups), default=0.0)
    axis, step = _axis(min(highest, max(4 * largest, 3 * (overall.share or 0.0), 1e-4)))
    x = Scale(0, axis, left, right)
    bottom = top + row * max(1, len(one.groups))
    parts: list[Markup] = []
    for tick in ticks(axis, step):
        parts.append(line(x(tick), top, x(tick), bottom, "grid"))
        label = f"{100 * tick:.10g}%"
        parts.append(text(x(tick), bottom + 16, label, "muted", anchor="middle"))
    if overall.share is not None and overall.share <= axis:
        parts.append(line(x(overall.share), top, x(overall.share), bottom, "curve curve-plain"))
    described = []
    for at, group in enumerate(one.groups):
        y = top + at * row + row / 2
        share, spread = group.bothered.share, group.bothered.interval
        parts.append(text(0, y + 4, shortened(group.name, 25), full=group.name))
        if share is None or spread is None:
            parts.append(text(x(0) + 6, y + 4, f"{figures.NOTHING} no case", "muted"))
            continue
        words = f"{group.name}: {figures.percent(share)} ({figures.interval(spread)})"
        described.append(words)
        end = Interval(spread.low, min(spread.high, axis))
        parts.append(line(x(end.low), y, x(end.high), y, "whisker whisker-accent"))
        shape = {1: 0, 0: 1, -1: 2}[group.bothered_more]
        parts.append(marker(x(share), y, shape, "mark-accent", words))
        parts.append(text(right + 12, y + 4, _times(group.times, group.bothered_more), "muted"))
    name = one.name.replace(" ", "-")
    return drawing(
        f"bothered-{name}", HALF, bottom + 24, f"Good payments bothered, by {one.name}",
        "; ".join(described), parts,
    )  # fmt: skip


def _times(times: float | None, more: int) -> str:
    if times is None:
        return figures.NOTHING
    return f"{times:.2f}×" + {1: " ▲", -1: " ◆", 0: ""}[more]
