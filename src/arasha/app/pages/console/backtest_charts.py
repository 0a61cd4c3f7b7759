"""The charts of a backtest, drawn on the server in the reader's language.

In: figures (reports/lookback.py). Out: SVG. The policy in force is a hollow bar or a dashed line,
the draft a full one: nothing is told by colour alone. The same numbers stand in tables beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from arasha.app.pages import formats
from arasha.app.pages.site import View
from arasha.reports.lookback import Figures, Point, PolicyFigures
from arasha.reports.svg import Scale, box, drawing, line, marker, nice_top, path, text, ticks

WIDE: Final = 1_000
HALF: Final = 490
_LEFT, _TOP, _BOTTOM, _FOOT = 52.0, 26.0, 196.0, 236.0
_DAY_MS: Final = 86_400_000

Places = Sequence[tuple[float, float]]


def charts_of(figures: Figures, view: View) -> list[Markup]:
    """Those of which there is something to draw."""
    found = [hits_a_day(figures, view)]
    if figures.frauds:
        found += [precision_recall(figures, view), money(figures, view)]
    return found


def by_day(figures: Figures) -> list[tuple[int, int, int]]:
    """(day since 1970-01-01, hits by the policy in force, by the draft) of each day; without a
    draft the latter is 0.
    """
    now = {day: hits for day, hits, _ in figures.now.days}
    then = {} if figures.then is None else {day: hits for day, hits, _ in figures.then.days}
    return [(day, now.get(day, 0), then.get(day, 0)) for day in sorted({*now, *then})]


def hits_a_day(figures: Figures, view: View) -> Markup:
    """Bars of each day: hits by the policy in force and by the draft."""
    t, both = view.texts, _both(figures)
    counts = [{day: hits for day, hits, _ in one.days} for one in both]
    days = sorted(set().union(*counts))
    days = list(range(days[0], days[-1] + 1)) if days else []
    top, step = nice_top(max((n for one in counts for n in one.values()), default=0))
    y = Scale(0, top, _BOTTOM, _TOP)
    parts = _across(y, ticks(top, step), view.number, WIDE)
    slot = (WIDE - _LEFT - 4) / max(1, len(days))
    wide = slot * 0.8 / len(both)
    for at, day in enumerate(days):
        shown = formats.day(day * _DAY_MS, 0, view.language)
        for which, one in enumerate(counts):
            hits = one.get(day, 0)
            if hits:
                x = _LEFT + at * slot + slot * 0.1 + which * wide
                words = f"{shown}: {view.number(hits)}"
                parts.append(box(x, y(hits), wide, y(0) - y(hits), _kind(which, both), words))
    for at in range(0, len(days), max(1, -(-len(days) // 8))):
        x = _LEFT + (at + 0.5) * slot
        shown = formats.short_day(days[at] * _DAY_MS, view.language)
        parts.append(text(x, _BOTTOM + 17, shown, "muted", anchor="middle"))
    parts.append(text(_LEFT, _TOP - 10, str(t("backtest.hits_title")), "muted"))
    parts += _legend(both, view, _FOOT)
    described = t("backtest.hits_described", now=both[0].hits, then=both[-1].hits)
    return drawing("hits", WIDE, _FOOT + 8, str(t("backtest.hits_title")), str(described), parts)


def precision_recall(figures: Figures, view: View) -> Markup:
    """Precision against recall, for each score as a threshold."""

    def place(one: Point) -> tuple[float, float] | None:
        if not one.recall or one.precision is None:
            return None
        return one.recall, one.precision

    def share(value: float) -> str:
        return formats.percent(value, view.language)

    t = view.texts
    return _curves(
        figures, view, place, (1.0, 0.25, share), (1.0, 0.25, share), "precision-recall",
        (str(t("backtest.pr_title")), str(t("backtest.recall")), str(t("backtest.precision"))),
    )  # fmt: skip


def money(figures: Figures, view: View) -> Markup:
    """Money of frauds that a threshold hits, against the good payments that it bothers."""
    t, both = view.texts, _both(figures)
    points = [one for figure in both for one in (*figure.curve, *figure.levels)]
    most_goods = max((one.goods for one in points), default=0)
    most_minor = max((one.fraud_minor for one in points), default=0)
    across, step_x = nice_top(most_goods)
    up, step_y = nice_top(most_minor)

    def amount(value: float) -> str:
        return formats.money_short(round(value), figures.currency, view.language)

    return _curves(
        figures, view, lambda one: (one.goods, one.fraud_minor), (across, step_x, view.number),
        (up, step_y, amount), "money",
        (str(t("backtest.money_title")), str(t("backtest.goods")), str(t("backtest.saved"))),
    )  # fmt: skip


Axis = tuple[float, float, Callable[[float], str]]
"""Where an axis ends, its step, and how its numbers are written."""


def _curves(
    figures: Figures, view: View, place: Callable[[Point], tuple[float, float] | None],
    across: Axis, up: Axis, name: str, words: tuple[str, str, str],
) -> Markup:  # fmt: skip
    """A curve of each policy over its score, and marks for what it does: warn, hold, block."""
    title, below, beside = words
    both, left = _both(figures), _LEFT + 24
    x, y = (
        Scale(0, max(across[0], 1e-9), left, HALF - 20),
        Scale(0, max(up[0], 1e-9), _BOTTOM, _TOP),
    )
    parts = _across(y, ticks(up[0], up[1]), up[2], HALF, left)
    for tick in ticks(across[0], across[1]):
        parts.append(line(x(tick), _TOP, x(tick), _BOTTOM, "grid"))
        parts.append(text(x(tick), _BOTTOM + 17, across[2](tick), "muted", anchor="middle"))
    parts.append(text(left, _TOP - 10, beside, "muted"))
    parts.append(text(HALF - 20, _BOTTOM + 34, below, "muted", anchor="end"))
    described = []
    for which, one in enumerate(both):
        kind = "now" if which == 0 and len(both) > 1 else "then"
        curve = [(x(a), y(b)) for a, b in filter(None, map(place, one.curve))]
        if len(curve) > 1:
            parts.append(path(curve, f"curve {kind}"))
        for shape, level in enumerate(one.levels):
            at = place(level)
            if at is None:
                continue
            said = (
                f"{_name(which, both, view)}, {view.texts(f'action.{_ACTIONS[shape]}')}: "
                f"{below} {across[2](at[0])}, {beside} {up[2](at[1])}"
            )
            described.append(said)
            parts.append(marker(x(at[0]), y(at[1]), shape, f"mark {kind}", said))
    parts += _legend(both, view, _FOOT + 16)
    shapes = "   ".join(
        f"{sign} {view.texts(f'action.{word}')}" for sign, word in zip("▲■◆", _ACTIONS, strict=True)
    )
    parts.append(text(left, _FOOT + 36, shapes, "muted"))
    return drawing(name, HALF, _FOOT + 44, title, "; ".join(described), parts)


_ACTIONS: Final = ("warn", "hold", "block")


def _both(figures: Figures) -> list[PolicyFigures]:
    return [figures.now] if figures.then is None else [figures.now, figures.then]


def _kind(which: int, both: Sequence[PolicyFigures]) -> str:
    return "bar now" if which == 0 and len(both) > 1 else "bar then"


def _name(which: int, both: Sequence[PolicyFigures], view: View) -> str:
    return str(view.texts("backtest.then" if which and len(both) > 1 else "backtest.now"))


def _across(
    y: Scale, at: Sequence[float], words: Callable[[float], str], width: float,
    left: float = _LEFT,
) -> list[Markup]:  # fmt: skip
    """Lines across with their numbers."""
    parts = []
    for tick in at:
        parts.append(line(left, y(tick), width - 4, y(tick), "grid"))
        parts.append(text(left - 6, y(tick) + 4, words(tick), "muted", anchor="end"))
    return parts


def _legend(both: Sequence[PolicyFigures], view: View, y: float) -> list[Markup]:
    """Which is which."""
    parts, x = [], _LEFT
    for which in range(len(both)):
        name = _name(which, both, view)
        parts.append(box(x, y - 10, 11, 11, _kind(which, both)))
        parts.append(text(x + 17, y, name))
        x += 40 + 8.0 * len(name)
    return parts
