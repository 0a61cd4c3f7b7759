"""The law in force: its hash, since when, each figure and how far to rely on it, and its text."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.console.seat import EVERYBODY, Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.law import SECTIONS, Law, Mark
from arasha.cases.roles import VIEWS
from arasha.cases.state import State

VIEW: Final = VIEWS["the law in force"] & EVERYBODY

_FIGURES: Final = {name: [one.name for one in fields(table)] for name, table in SECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its name in the file, its value, where that was read, how far to rely on it."""

    name: str
    value: object
    source: str
    mark: Mark


@get("/law", opt=seen_by(VIEW))
async def law(seat: Seat) -> Page:
    """The law in force, and the acts that put it there."""
    found = await _in_force(seat)
    acts = await seat.site.office.acts_about([found.hash])
    unless_problem(acts)
    assert not isinstance(acts, Problem)
    sections = {
        section: [
            Row(name, getattr(getattr(found, section), name), one.source, one.mark)
            for name in figures
            if (one := found.figures.get(f"{section}.{name}")) is not None
        ]
        for section, figures in _FIGURES.items()
    }
    return await seat.page(
        "console/law.html", law=found, acts=acts,
        sections={name: rows for name, rows in sections.items() if rows},
    )  # fmt: skip


@get("/law/text", opt=seen_by(VIEW))
async def text(seat: Seat) -> Page:
    """The file itself."""
    found = await _in_force(seat)
    name = f"law-{found.country}-{found.hash[:12]}.toml"
    headers = {
        "cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"',
    }  # fmt: skip
    return Response(found.text.encode(), media_type="text/plain; charset=utf-8", headers=headers)


async def _in_force(seat: Seat) -> Law:
    def look(state: State, _: int) -> Law | None:
        return state.law

    found = await seat.site.office.read(look)
    unless_problem(found)
    if found is None:
        raise NotFoundException
    assert isinstance(found, Law)
    return found


ROUTES: Final[list[ControllerRouterHandler]] = [law, text]
