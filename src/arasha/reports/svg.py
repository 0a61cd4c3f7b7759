"""Drawing: elements, scales and axes of a chart, as text that a page takes in.

Every string is escaped here and nowhere else. Colours are the page's own (classes ``accent``,
``plain``, ``hatch`` …, see templates/backtest.html), so a chart follows light and dark with it;
nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from markupsafe import Markup, escape

Anchor = Literal["start", "middle", "end"]


def element(tag: str, *inside: str, **attributes: object) -> Markup:
    """One element; ``_`` in an attribute's name is ``-``, a trailing one is dropped.

    >>> element("text", "a < b", x=1.5, text_anchor="end", class_="muted")
    Markup('<text x="1.5" text-anchor="end" class="muted">a &lt; b</text>')
    """
    listed = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    content = "".join(escape(part) for part in inside)
    return Markup(f"<{tag}{listed}>{content}</{tag}>")


def _plain(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def drawing(
    name: str, width: int, height: float, title: str, description: str, parts: Iterable[str]
) -> Markup:
    """A whole chart. ``name`` is its id on the page; title and description are for who cannot
    see it.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *parts,
        viewBox=f"0 0 {width} {height:.0f}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def text(
    x: float, y: float, words: str, kind: str = "", *, anchor: Anchor = "start", full: str = ""
) -> Markup:
    """Words at a point; ``full`` is shown on hovering when ``words`` were cut."""
    hover = (element("title", full),) if full else ()
    return element(
        "text", words, *hover, x=x, y=y, class_=kind or None,
        text_anchor=None if anchor == "start" else anchor,
    )  # fmt: skip


def box(x: float, y: float, width: float, height: float, kind: str, hover: str = "") -> Markup:
    """A rectangle, at least a hair wide and high so that a small number is seen to be one."""
    inside = (element("title", hover),) if hover else ()
    return element(
        "rect", *inside, x=x, y=y, width=max(width, 0.5), height=max(height, 0.5), class_=kind
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def path(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """A line through the points."""
    return element(
        "path", d="M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points), class_=kind, fill="none"
    )


def marker(x: float, y: float, shape: int, kind: str, hover: str) -> Markup:
    """A mark of one of three shapes: 0 triangle, 1 square, 2 diamond."""
    r = 5.5
    corners = (
        ((0, -r), (r, r * 0.8), (-r, r * 0.8)),
        ((-r + 1, -r + 1), (r - 1, -r + 1), (r - 1, r - 1), (-r + 1, r - 1)),
        ((0, -r - 0.5), (r + 0.5, 0), (0, r + 0.5), (-r - 0.5, 0)),
    )[shape]
    listed = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return element("polygon", element("title", hover), points=listed, class_=kind)


@dataclass(frozen=True, slots=True)
class Scale:
    """A number's place: ``low`` at ``start``, ``high`` at ``stop``, evenly between."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Where the value stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)


def nice_top(largest: int, steps: int = 4) -> tuple[float, float]:
    """A round number ≥ the count ``largest`` for the end of an axis, and a round step to it.

    >>> nice_top(37), nice_top(0), nice_top(1)
    ((40.0, 10.0), (1, 1), (1, 1))
    """
    if largest <= 0:
        return 1, 1
    raw = largest / steps
    size = 10.0 ** floor(log10(raw))
    step = max(1, next(size * m for m in (1, 2, 5, 10) if size * m >= raw * 0.999))
    return ceil(largest / step - 1e-9) * step, step


def ticks(top: float, step: float) -> list[float]:
    """0, step, 2 step … top."""
    return [step * at for at in range(round(top / step) + 1)]


def shortened(words: str, chars: int) -> str:
    """The words, cut in the middle where names of one family are alike.

    >>> shortened("a_rather_long_name_of_a_rule", 14)
    'a_rath…_a_rule'
    """
    if len(words) <= chars:
        return words
    left = (chars - 1) // 2
    return words[:left] + "…" + words[len(words) - (chars - 1 - left) :]
