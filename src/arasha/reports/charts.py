"""The charts of a backtest's page, drawn from its figures.

Measures come in, SVG goes out. Each chart has a title and a description in words, and on the page
a table with the same numbers (page.py). Fills tell the same as colours: solid was stopped or found,
hatched was only warned, outlined was missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from arasha.reports import figures
from arasha.reports.measures import Hits, Measures, Money, Slice
from arasha.reports.proportions import Interval
from arasha.reports.svg import (
    Scale,
    box,
    drawing,
    line,
    marker,
    nice_top,
    path,
    shortened,
    text,
    ticks,
)

WIDE: Final = 1080
HALF: Final = 524
MAX_DRAWN_RULES: Final = 40
MAX_DRAWN_OVERLAPS: Final = 24
MAX_DRAWN_BARS: Final = 120
"""Beyond this many days, a bar stands for several."""

SHAPES: Final = ("▲ at least warned", "■ at least held", "◆ blocked")


def money(policies: Sequence[Measures], currency: int) -> Markup:
    """Where the frauds' money went, and how much good money was bothered for it, on one scale."""
    sums = [(one, _fraud_parts(one, currency), _good_parts(one, currency)) for one in policies]
    largest = max(sum(n for _, n, _ in parts) for _, *both in sums for parts in both)
    scale = Scale(0, max(largest, 1), 0, WIDE - 184)
    rows: list[Markup] = []
    y = 0.0
    for one, fraud, good in sums:
        if len(policies) > 1:
            rows.append(text(0, y + 14, shortened(one.label, 60), "strong", full=one.label))
            y += 22
        for name, parts in (("Money of frauds", fraud), ("Good money bothered", good)):
            rows.append(text(0, y + 33, name))
            rows.extend(_stack(parts, currency, y, scale))
            y += 54
        y += 8
    described = "; ".join(
        f"{one.label}: "
        + ", ".join(f"{w} {figures.money_short(n, currency)}" for w, n, _ in (*fraud, *good))
        for one, fraud, good in sums
    )
    name = figures.currency_code(currency)
    return drawing(
        f"money-{currency}", WIDE, y, f"Money of frauds and good money bothered, {name}",
        described, rows,
    )  # fmt: skip


def _fraud_parts(one: Measures, currency: int) -> list[tuple[str, int, str]]:
    def of(amounts: Money) -> int:
        return amounts.get(currency, 0)

    return [
        ("stopped", of(one.stopped.hit.fraud_money), "accent"),
        ("only warned", of(one.warned_money), "hatch"),
        ("missed", of(one.bothered.missed_money), "hollow"),
    ]


def _good_parts(one: Measures, currency: int) -> list[tuple[str, int, str]]:
    stopped = one.stopped.hit.good_money.get(currency, 0)
    bothered = one.bothered.hit.good_money.get(currency, 0)
    return [
        ("good money stopped", stopped, "plain"),
        ("good money only warned", bothered - stopped, "hatch-plain"),
    ]


def _stack(
    parts: list[tuple[str, int, str]], currency: int, y: float, scale: Scale
) -> list[Markup]:
    """The parts side by side, and above them what each is, in words."""
    drawn: list[Markup] = []
    whole = sum(number for _, number, _ in parts)
    x, word_x = 176.0, 176.0
    for name, number, kind in parts:
        words = f"{name.removeprefix('good money ')} {figures.money_short(number, currency)}"
        if whole:
            words += f" ({figures.percent(number / whole)})"
        drawn.append(box(word_x, y + 5, 10, 10, kind))
        drawn.append(text(word_x + 15, y + 14, words, "muted"))
        word_x += 36 + 7.2 * len(words)
        if number:
            drawn.append(box(x, y + 20, scale(number), 20, kind, words))
            x += scale(number)
    return drawn


def days(one: Measures) -> Markup:
    """Frauds and bothered good payments along time."""
    bars, step = _by_days(one.days)
    unit = "a day" if step == 1 else f"in {step} days"
    labels = [figures.day(bar.at) for bar in bars]
    return _two_strips("days", WIDE, bars, labels, unit)


def hours(one: Measures) -> Markup:
    """Frauds and bothered good payments around the clock."""
    return _two_strips("hours", HALF, one.hours, [f"{at:02d}" for at in range(24)], "by hour")


def _by_days(slices: Sequence[Slice]) -> tuple[list[Slice], int]:
    """Bars of equal length in days; days without payments between the others are empty bars."""
    if not slices:
        return [], 1
    first, last = slices[0].at, slices[-1].at
    step = -(-(last - first + 1) // MAX_DRAWN_BARS)
    sums = {at: [0] * 6 for at in range((last - first) // step + 1)}
    for one in slices:
        into = sums[(one.at - first) // step]
        for index, number in enumerate(
            (one.payments, one.bothered, one.frauds, one.frauds_found, one.goods,
             one.goods_bothered)
        ):  # fmt: skip
            into[index] += number
    return [Slice(first + at * step, *numbers) for at, numbers in sums.items()], step


def _two_strips(
    name: str, width: int, bars: Sequence[Slice], labels: Sequence[str], unit: str
) -> Markup:
    left, gap, height = 44.0, 44.0, 92.0
    slot = (width - left - 4) / max(1, len(bars))
    parts: list[Markup] = []
    strips = (
        (f"Frauds {unit}: ", [(b.frauds_found, b.frauds) for b in bars], "accent"),
        (f"Good payments bothered {unit}", [(b.goods_bothered,) * 2 for b in bars], "plain"),
    )
    for index, (title, values, kind) in enumerate(strips):
        top = index * (height + gap) + 28
        axis, step = nice_top(max((whole for _, whole in values), default=0), 3)
        y = Scale(0, axis, top + height, top)
        parts.append(text(0, top - 15, title.rstrip(": "), "strong"))
        if index == 0:
            at = 14 + 7.0 * len(title)
            parts += [
                box(at, top - 24, 10, 10, "accent"),
                text(at + 15, top - 15, "found", "muted"),
            ]
            parts += [box(at + 66, top - 24, 10, 10, "hollow")]
            parts += [text(at + 81, top - 15, "missed", "muted")]
        for tick in ticks(axis, step):
            parts.append(line(left, y(tick), width, y(tick), "grid"))
            parts.append(
                text(left - 6, y(tick) + 4, figures.count(int(tick)), "muted", anchor="end")
            )
        for at_bar, ((hit, whole), label) in enumerate(zip(values, labels, strict=True)):
            x, wide = left + at_bar * slot + slot * 0.12, slot * 0.76
            hover = f"{label}: {hit} of {whole}" if index == 0 else f"{label}: {hit}"
            if whole > hit:
                parts.append(box(x, y(whole), wide, y(hit) - y(whole), "hollow", hover))
            if hit:
                parts.append(box(x, y(hit), wide, y(0) - y(hit), kind, hover))
    bottom = 2 * height + gap + 28
    label_width = 28 if len(bars) == 24 and len(labels[0]) == 2 else 90
    every = max(1, -(-len(bars) // (width // label_width)))
    for at_bar in range(0, len(bars), every):
        x = left + (at_bar + 0.5) * slot
        if x > width - label_width * 0.4:
            break
        parts.append(text(x, bottom + 17, labels[at_bar], "muted", anchor="middle"))
    frauds, found = sum(b.frauds for b in bars), sum(b.frauds_found for b in bars)
    bothered = sum(b.goods_bothered for b in bars)
    return drawing(
        name, width, bottom + 24, f"Frauds and good payments bothered {unit}",
        f"{found:,} of {frauds:,} frauds found, {bothered:,} good payments bothered.", parts,
    )  # fmt: skip


def precision_recall(policies: Sequence[Measures]) -> Markup:
    """Precision against recall: a line for the score as a threshold, marks for what was decided."""
    left, bottom, top = 44.0, 232.0, 12.0
    x, y = Scale(0, 1, left, HALF - 18), Scale(0, 1, bottom, top)
    parts: list[Markup] = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(line(x(tick), top, x(tick), bottom, "grid"))
        parts.append(line(left, y(tick), HALF - 18, y(tick), "grid"))
        parts.append(text(x(tick), bottom + 17, f"{tick:.0%}", "muted", anchor="middle"))
        parts.append(text(left - 6, y(tick) + 4, f"{tick:.0%}", "muted", anchor="end"))
    parts.append(text((left + HALF) / 2, bottom + 34, "recall", "muted", anchor="middle"))
    parts.append(text(left + 8, top + 14, "precision", "muted"))
    described = []
    for policy, one in enumerate(policies):
        kind = "accent" if policy == len(policies) - 1 else "plain"
        points = [(x(r), y(p)) for r, p in map(_point, (c.hits for c in one.curve)) if r and p]
        if len(points) > 1:
            parts.append(path(points, f"curve curve-{kind}"))
        for shape, hits in enumerate(one.levels):
            words = _operating_words(one.label, hits)
            described.append(words)
            parts += _operating_point(hits, shape, kind, words, x, y)
        legend_y = bottom + 54 + 18 * policy
        parts.append(line(left, legend_y - 4, left + 26, legend_y - 4, f"curve curve-{kind}"))
        parts.append(text(left + 34, legend_y, shortened(one.label, 40), "strong", full=one.label))
    y_shapes = bottom + 54 + 18 * len(policies)
    parts.append(text(left, y_shapes, "   ".join(SHAPES), "muted"))
    return drawing(
        "precision-recall", HALF, y_shapes + 8, "Precision and recall", "; ".join(described), parts
    )


def _point(hits: Hits) -> tuple[float | None, float | None]:
    return hits.recall, hits.precision


def _operating_words(label: str, hits: Hits) -> str:
    return (
        f"{label}, {hits.name}: precision {figures.percent(hits.precision)}, "
        f"recall {figures.percent(hits.recall)}"
    )


def _operating_point(
    hits: Hits, shape: int, kind: str, words: str, x: Scale, y: Scale
) -> list[Markup]:
    """A mark with the intervals of both as a cross."""
    if hits.recall is None or hits.precision is None:
        return []
    across, up = hits.recall_interval, hits.precision_interval
    assert across is not None
    assert up is not None
    at_x, at_y = x(hits.recall), y(hits.precision)
    return [
        line(x(across.low), at_y, x(across.high), at_y, f"whisker whisker-{kind}"),
        line(at_x, y(up.low), at_x, y(up.high), f"whisker whisker-{kind}"),
        marker(at_x, at_y, shape, f"mark-{kind}", words),
    ]


def rules(one: Measures) -> Markup:
    """Each rule's precision and recall with their intervals, the busiest rules first."""
    drawn = sorted(one.rules, key=lambda hits: -hits.hit.payments)[:MAX_DRAWN_RULES]
    row, top = 22.0, 40.0
    columns = (("precision", Scale(0, 1, 372, 684)), ("recall", Scale(0, 1, 748, 1060)))
    bottom = top + row * len(drawn)
    parts = [text(348, 30, "hits", "muted", anchor="end")]
    for name, x in columns:
        parts.append(text(x(0), 12, name, "strong"))
        for tick in (0, 0.25, 0.5, 0.75, 1):
            parts.append(line(x(tick), top - 4, x(tick), bottom, "grid"))
            parts.append(text(x(tick), 30, f"{tick:.0%}", "muted", anchor="middle"))
    for at, hits in enumerate(drawn):
        y = top + row * at + row / 2
        parts.append(text(0, y + 4, shortened(hits.name, 38), full=hits.name))
        parts.append(text(348, y + 4, figures.count(hits.hit.payments), "muted", anchor="end"))
        for (name, x), value, spread in zip(
            columns,
            (hits.precision, hits.recall),
            (hits.precision_interval, hits.recall_interval),
            strict=True,
        ):
            parts += _dot(x, y, value, spread, f"{hits.name}: {name}")
    described = "; ".join(
        f"{hits.name}: precision {figures.percent(hits.precision)}, "
        f"recall {figures.percent(hits.recall)}"
        for hits in drawn
    )
    return drawing("rules", WIDE, bottom + 4, "Precision and recall by rule", described, parts)


def _dot(
    x: Scale, y: float, value: float | None, spread: Interval | None, words: str
) -> list[Markup]:
    if value is None or spread is None:
        return [text(x(0) + 6, y + 4, f"{figures.NOTHING} no case", "muted")]
    hover = f"{words} {figures.percent(value)}, 95% interval {figures.interval(spread)}"
    return [
        line(x(spread.low), y, x(spread.high), y, "whisker whisker-accent"),
        box(x(value) - 3.5, y - 3.5, 7, 7, "mark-accent", hover),
    ]


def overlap(one: Measures) -> Markup:
    """How far two rules hit the same payments: Jaccard's share, half a matrix."""
    order = sorted(range(len(one.rules)), key=lambda at: -one.rules[at].hit.payments)
    drawn = [at for at in order if one.rules[at].hit.payments][:MAX_DRAWN_OVERLAPS]
    cell, left = 36.0, 330.0
    parts: list[Markup] = []
    for i, rule in enumerate(drawn):
        y = i * 26.0
        name = one.rules[rule].name
        parts.append(text(0, y + 17, shortened(name, 38), full=name))
        parts.append(text(left - 10, y + 17, str(i + 1), "muted", anchor="end"))
        for j, other in enumerate(drawn[:i]):
            both = one.jaccard(rule, other) or 0.0
            hover = (
                f"{name} and {one.rules[other].name}: {figures.percent(both)}, "
                f"{one.overlap[rule][other]:,} payments hit by both"
            )
            level = 0 if both == 0 else min(9, 1 + int(both * 10))
            parts.append(box(left + j * cell, y + 1, cell - 2, 24, f"heat heat-{level}", hover))
            shown = "·" if both == 0 else "<1" if both < 0.01 else f"{100 * both:.0f}"
            at_x = left + j * cell + cell / 2 - 1
            parts.append(text(at_x, y + 17, shown, "cell", anchor="middle"))
        parts.append(text(left + i * cell + cell / 2 - 1, y + 17, str(i + 1), "muted",
                          anchor="middle"))  # fmt: skip
    most = max(
        ((one.jaccard(a, b) or 0.0, a, b) for a in drawn for b in drawn if a < b), default=None
    )
    described = "No two rules fired."
    if most is not None:
        described = (
            f"Most alike: {one.rules[most[1]].name} and {one.rules[most[2]].name}, "
            f"{figures.percent(most[0])}."
        )
    height = 26.0 * max(1, len(drawn))
    return drawing("overlap", WIDE, height, "Overlap of the rules, percent", described, parts)
