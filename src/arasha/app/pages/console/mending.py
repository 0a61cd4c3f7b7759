"""What changes a case's shape, and what needs another person: merge, split, a later end."""

from __future__ import annotations

from typing import Final

from litestar import post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.http.seconds import as_asked
from arasha.app.pages.console.case import PROLONGED_DAYS, Wrong, act_of, done, done_if, shown
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import CaseMerged, CaseSplit, HoldProlonged
from arasha.cases.roles import RIGHTS
from arasha.cases.state import State

_MS_PER_DAY: Final = 86_400_000


@post("/case/{name:str}/merge", opt=seen_by(RIGHTS["case_merged"]))
async def merge(seat: Seat, name: str) -> Page:
    """Make it part of another case, which is shown then."""
    into = seat.view.fields.text("into")
    act = act_of(lambda: CaseMerged(name, into))
    if act is None:
        return await shown(seat, name, "case_not_found")
    return await done(seat, name, act, then=into)


@post("/case/{name:str}/split", opt=seen_by(RIGHTS["case_split"]))
async def split(seat: Seat, name: str) -> Page:
    """Make some of its subjects a case of their own."""
    chosen = tuple(seat.view.fields.all("subject"))
    return await done_if(seat, name, lambda: CaseSplit(name, chosen), "subjects_not_split")


@post("/case/{name:str}/prolong", opt=seen_by(RIGHTS["hold_prolonged"]))
async def prolong(seat: Seat, name: str) -> Page:
    """Ask for a later end of a hold: others must want it, too."""
    fields, office = seat.view.fields, seat.site.office
    hold, days = fields.text("hold"), fields.text("days")

    def look(state: State, _: int) -> int | None:
        found = state.holds.get(hold)
        return None if found is None else found.until_ms

    until_ms = await office.read(look)
    unless_problem(until_ms)
    if not isinstance(until_ms, int):
        return await shown(seat, name, "hold_not_found")
    if days not in map(str, PROLONGED_DAYS):
        return await shown(seat, name, wrong=Wrong("days", hold, days))
    asked = await as_asked(office, HoldProlonged(hold, until_ms + int(days) * _MS_PER_DAY))
    unless_problem(asked)
    assert not isinstance(asked, Problem)
    return await done(seat, name, asked)


ROUTES: Final[list[ControllerRouterHandler]] = [merge, split, prolong]
