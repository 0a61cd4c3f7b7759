"""The public figures: month by month, how much was held and returned, and how often wrongly.

Small counts are protected: what is told was drawn once with noise, stands in the log, and is the
same for everybody who asks (app/http/releases.py). A median of few is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.http.releases import Release, Told
from arasha.app.pages import formats
from arasha.app.pages.site import Page, View
from arasha.cases.calendar import DAY_MS
from arasha.reports.public_figures import (
    FIGURES,
    MONTH_MILLI,
    MOST_MAJOR,
    SETTLE_MS,
    YEAR_MILLI,
    Figure,
)

SHOWN_MONTHS: Final = 12
"""Months on the page, the latest first."""

COUNT_OF: Final = {"minutes_to_hold": "holds", "hours_to_unblock": "held_wrongly"}
"""Which count says of how many a median is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure over the months. ``cells`` are (what is told, its range) as the reader writes
    them; the range is empty where there is none.
    """

    name: str
    cells: list[tuple[str, str]]


@get("/figures")
async def figures(view: View) -> Page:
    """The figures."""
    found = await view.site.releases.published()
    if isinstance(found, Problem):
        return view.sorry(found)
    shown = found.releases[:SHOWN_MONTHS]
    return await view.page(
        "citizens/figures.html", months=[_month(view, one.month) for one in shown],
        rows=[Row(one.name, [cell_of(view, one, release) for release in shown]) for one in FIGURES],
        waiting=[_month(view, str(one)) for one in found.waiting], left=found.left_milli / 1_000,
        year=YEAR_MILLI / 1_000, each=MONTH_MILLI / 1_000, settle=SETTLE_MS // DAY_MS,
        most=view.number(MOST_MAJOR), coming=_month(view, str(found.coming)),
        coming_day=view.day(found.coming_ms),
    )  # fmt: skip


def cell_of(view: View, figure: Figure, release: Release) -> tuple[str, str]:
    """A figure as it is told, and between what it lies."""
    told = release.figures.get(figure.name)
    if told is None:  # a release made before this figure was told
        return "–", ""
    if figure.candidates:
        of = release.figures[COUNT_OF[figure.name]]
        few = of.value - (of.margin or 0) < figure.least
        said = (
            view.texts("figures.few") if few else view.texts(f"figures.{figure.kind}", n=told.value)
        )
        return str(said), ""
    return _shown(view, figure, told.value, release.currency), _range(view, figure, told, release)


def _range(view: View, figure: Figure, told: Told, release: Release) -> str:
    if told.margin is None:
        return ""
    ends = [max(0, told.value - told.margin), told.value + told.margin]
    if figure.kind == "money":
        majors = [formats.major(end, release.currency) for end in ends]
        return "–".join(formats.short(end, view.language) for end in majors)
    return "–".join(view.number(end) for end in ends)


def _shown(view: View, figure: Figure, value: int, currency: int) -> str:
    if figure.kind == "money":
        return formats.money_short(value, currency, view.language)
    return view.number(value)


def _month(view: View, name: str) -> str:
    year, _, number = name.partition("-")
    return view.month(int(year), int(number))


ROUTES: Final[list[ControllerRouterHandler]] = [figures]
