"""The charts of a country's page, drawn from its counts.

In: labels and numbers. Out: SVG in the page's own colours (reports/svg.py). Series are told apart
by their fill or stroke as well as by colour: full, dashed or hatched, outlined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from arasha.reports import figures
from arasha.reports.svg import Scale, box, drawing, line, nice_top, path, text, ticks

WIDE: Final = 1080
HALF: Final = 524
MAX_DRAWN_BARS: Final = 120

_KINDS: Final = ("accent", "hatch", "hollow")
_LEFT: Final = 50.0


def ranges(edges: Sequence[int], written: Callable[[int], str]) -> list[str]:
    """Labels of the ranges between edges, open at both ends.

    >>> ranges((10, 20), str)
    ['< 10', '10', '≥ 20']
    """
    inner = [written(edge) for edge in edges[:-1]]
    return [f"< {written(edges[0])}", *inner, f"≥ {written(edges[-1])}"]


def seconds(span: int) -> str:
    """A length of time as people say it.

    >>> seconds(30), seconds(300), seconds(3600)
    ('30 s', '5 min', '1 h')
    """
    if span < 60:
        return f"{span} s"
    return f"{span // 60} min" if span < 3_600 else f"{span // 3_600} h"


def two_lines(
    name: str, labels: Sequence[str], series: Sequence[Sequence[float]],
    kinds: Sequence[str], title: str,
) -> Markup:  # fmt: skip
    """Two lines over the same labels, half a page wide."""
    top, bottom = 34.0, 210.0
    axis, step = nice_top(max((round(max(one)) for one in series), default=0))
    x = Scale(0, max(1, len(labels) - 1), _LEFT, HALF - 10)
    y = Scale(0, axis, bottom, top)
    parts = _grid(axis, step, y, HALF)
    at = _LEFT
    for kind, one, words in zip(("accent", "plain"), series, kinds, strict=True):
        parts.append(path([(x(i), y(v)) for i, v in enumerate(one)], f"curve curve-{kind}"))
        parts.append(line(at, 12, at + 26, 12, f"curve curve-{kind}"))
        parts.append(text(at + 34, 16, words, "muted"))
        at += 54 + 7.5 * len(words)
    for i in range(0, len(labels), 3):
        parts.append(text(x(i), bottom + 18, labels[i], "muted", anchor="middle"))
    busiest = "; ".join(
        f"{words}: most at {labels[max(range(len(one)), key=one.__getitem__)]}"
        for words, one in zip(kinds, series, strict=True)
    )
    return drawing(name, HALF, bottom + 26, title, busiest, parts)


def bars(
    name: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], title: str,
    *, width: int = WIDE,
) -> Markup:  # fmt: skip
    """Shares, a group of bars a label; at most three series."""
    top, bottom = 34.0, 230.0
    most = max((max(shares) for _, shares in series), default=0.0)
    axis = max(1, -(-int(most * 100 + 0.999) // 10)) * 10
    y = Scale(0, axis / 100, bottom, top)
    parts = [
        part
        for tick in range(0, axis + 1, 10 if axis <= 50 else 20)
        for part in (
            line(_LEFT, y(tick / 100), width, y(tick / 100), "grid"),
            text(_LEFT - 6, y(tick / 100) + 4, f"{tick}%", "muted", anchor="end"),
        )
    ]
    slot = (width - _LEFT - 4) / max(1, len(labels))
    each = slot * 0.8 / max(1, len(series))
    at = _LEFT
    for place, (words, shares) in enumerate(series):
        kind = _KINDS[place]
        if len(series) > 1:
            parts += [box(at, 6, 10, 10, kind), text(at + 15, 15, words, "muted")]
            at += 36 + 7.2 * len(words)
        for i, share in enumerate(shares):
            if share:
                x = _LEFT + i * slot + slot * 0.1 + place * each
                hover = f"{words}, {labels[i]}: {figures.percent(share)}"
                parts.append(box(x, y(share), each * 0.92, y(0) - y(share), kind, hover))
    turned = max(map(len, labels), default=0) * 6.8 > slot
    for i, label in enumerate(labels):
        x = _LEFT + (i + 0.5) * slot
        drop = 18 + (15 if turned and i % 2 else 0)
        parts.append(text(x, bottom + drop, label, "muted", anchor="middle"))
    said = "; ".join(
        f"{words}: most often {labels[max(range(len(shares)), key=shares.__getitem__)]}"
        for words, shares in series
    )
    return drawing(name, width, bottom + (41 if turned else 26), title, said, parts)


def two_strips(
    name: str, labels: Sequence[str], strips: Sequence[tuple[str, Sequence[int]]]
) -> Markup:
    """Counts along time, a strip above the other, each with a scale of its own."""
    step = -(-len(labels) // MAX_DRAWN_BARS)
    height, gap = 96.0, 44.0
    parts: list[Markup] = []
    for place, (title, counts) in enumerate(strips):
        sums = [sum(counts[i : i + step]) for i in range(0, len(counts), step)]
        top = place * (height + gap) + 26
        axis, each = nice_top(max(sums, default=0), 3)
        y = Scale(0, axis, top + height, top)
        parts.append(text(0, top - 12, title, "strong"))
        parts += _grid(axis, each, y, WIDE)
        slot = (WIDE - _LEFT - 4) / max(1, len(sums))
        for i, count in enumerate(sums):
            hover = f"{labels[i * step]}: {figures.count(count)}"
            kind = "accent" if place == 0 else "plain"
            x = _LEFT + i * slot + slot * 0.12
            parts.append(box(x, y(count), slot * 0.76, y(0) - y(count), kind, hover))
    bottom = len(strips) * (height + gap) - gap + 26
    shown = labels[::step]
    slot = (WIDE - _LEFT - 4) / max(1, len(shown))
    every = max(1, -(-len(shown) * 90 // (WIDE - 50)))
    for i in range(0, len(shown), every):
        x = min(_LEFT + (i + 0.5) * slot, WIDE - 40)
        parts.append(text(max(x, _LEFT + 36), bottom + 18, shown[i], "muted", anchor="middle"))
    said = "; ".join(f"{title}: {figures.count(sum(counts))}" for title, counts in strips)
    return drawing(name, WIDE, bottom + 26, "Day by day", said, parts)


def _grid(axis: float, step: float, y: Scale, width: float) -> list[Markup]:
    return [
        part
        for tick in ticks(axis, step)
        for part in (
            line(_LEFT, y(tick), width, y(tick), "grid"),
            text(_LEFT - 6, y(tick) + 4, _short(tick), "muted", anchor="end"),
        )
    ]


def _short(tick: float) -> str:
    if tick >= 1_000_000:
        return f"{tick / 1_000_000:g}m"
    return f"{tick / 1_000:g}k" if tick >= 10_000 else figures.count(int(tick))
