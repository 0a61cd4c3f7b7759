"""What has become of a report: by its code, without an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.complaints import Standing, standing_of
from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.codes import Word, forget, kept_code, spelt, typed
from arasha.app.pages.site import Page, View
from arasha.cases.complaints import id_of
from arasha.cases.records import Complaint
from arasha.cases.state import State

PATH: Final = "follow"
CODE: Final[Word] = "report_code"
_TEMPLATE: Final = "citizens/follow.html"


@dataclass(frozen=True, slots=True)
class Followed:
    """A report as whoever made it may see it."""

    complaint: Complaint
    standing: Standing | None


@get("/follow")
async def follow(view: View) -> Page:
    """Where the report of the code stands; without one, the form that asks for it."""
    code = kept_code(view, CODE)
    found = None if code is None else await followed(view, code)
    if isinstance(found, Problem):
        return view.sorry(found)
    shown = None if code is None or found is None else spelt(code)
    return await view.page(_TEMPLATE, code=shown, found=found, errors={})


@post("/follow")
async def asked(view: View) -> Page:
    """A code was typed."""
    return await typed(view, CODE, PATH, followed)


@post("/follow/forget")
async def forgotten(view: View) -> Page:
    """The code is to be forgotten here."""
    return forget(view, CODE, PATH)


async def followed(view: View, code: str) -> Followed | Problem | None:
    """The report of that code; None where there is none."""

    def look(state: State, _: int) -> Followed | None:
        complaint = state.complaints.get(id_of(code))
        return None if complaint is None else Followed(complaint, standing_of(state, complaint))

    return view.too_often() or await view.site.office.read(look)


ROUTES: Final[list[ControllerRouterHandler]] = [follow, asked, forgotten]
