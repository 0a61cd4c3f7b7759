"""Taking something back within its ten seconds (later.py), and having it wait to begin with."""

from __future__ import annotations

from typing import Final

from litestar import post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console import views
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import AnyAct, CaseClosed
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS
from arasha.cases.state import State


async def waits(seat: Seat, case: str, word: str, act: AnyAct) -> Refusal | None:
    """Have an act taken in ten seconds; or why it will not be. ``word`` says what it does."""
    found = await seat.site.later.wait(seat.actor, word, case, act)
    unless_problem(found)
    return found if isinstance(found, Refusal) else None


async def moves_money(seat: Seat, act: CaseClosed) -> bool:
    """Whether closing lets money go at once: then nobody waits for it."""
    if act.outcome != "legitimate":
        return False

    def look(state: State, now_ms: int) -> bool:
        case = state.cases.get(act.case)
        reports = () if case is None else case.reports
        return any(hold.holds_at(now_ms) for one in reports for hold in state.holds_of_report(one))

    found = await seat.site.office.read(look)
    unless_problem(found)
    return found is True


@post("/undo", opt=seen_by(RIGHTS["case_closed"]))
async def undo(seat: Seat) -> Page:
    """Take it back: to its case again, or to the queue where it is of several."""
    thing = seat.site.later.take_back(seat.actor.name, seat.view.fields.text("thing"))
    if thing is None or len(thing.cases) != 1:
        return seat.view.go(views.in_force(seat))
    return seat.view.go(seat.view.address(f"console/case/{thing.cases[0]}"))


ROUTES: Final[list[ControllerRouterHandler]] = [undo]
