"""Why money is held, until when, and how to contest it: by the reference that the bank has given.

What is shown is what is done to the person, not by whom. An appeal is opened here, too; its clock
and its ruling are then shown in the same place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.codes import Word, forget, kept_code, spelt, typed
from arasha.app.pages.site import Page, View
from arasha.cases.acts import APPELLANT, AppealOpened
from arasha.cases.law import Law
from arasha.cases.records import Appeal, Hold, Listing
from arasha.cases.state import State

PATH: Final = "appeal"
CODE: Final[Word] = "hold_code"
_TEMPLATE: Final = "citizens/appeal.html"


@dataclass(frozen=True, slots=True)
class Contested:
    """A hold or a listing, its appeal if there is one, and the law that bounds it."""

    hold: Hold | None
    listing: Listing | None
    appeal: Appeal | None
    law: Law
    now_ms: int

    @property
    def stands(self) -> bool:
        """Whether it holds now."""
        if self.hold is not None:
            return self.hold.holds_at(self.now_ms)
        return self.listing is not None and self.listing.stands_at(self.now_ms)

    @property
    def until_ms(self) -> int:
        """When it ends by itself at the latest."""
        one = self.hold or self.listing
        assert one is not None, "one of them was found"
        return one.until_ms

    @property
    def can_be_contested(self) -> bool:
        """Whether nobody has appealed yet."""
        return self.appeal is None


@get("/appeal")
async def appeal(view: View) -> Page:
    """What is held by the reference; without one, the form that asks for it."""
    code = kept_code(view, CODE)
    found = None if code is None else await contested(view, code)
    if isinstance(found, Problem):
        return view.sorry(found)
    shown = None if code is None or found is None else spelt(code)
    return await view.page(_TEMPLATE, code=shown, found=found, errors={})


@post("/appeal")
async def asked(view: View) -> Page:
    """A reference was typed."""
    return await typed(view, CODE, PATH, contested)


@post("/appeal/open")
async def opened(view: View) -> Page:
    """It is contested."""
    code = kept_code(view, CODE)
    if code is None:
        return view.go(view.address(PATH))
    done = view.too_often() or await view.site.office.do(APPELLANT, AppealOpened(code))
    if isinstance(done, Problem):
        return view.sorry(done)
    return view.go(view.address(PATH))  # appealed before, perhaps, or over: the page says so


@post("/appeal/forget")
async def forgotten(view: View) -> Page:
    """The reference is to be forgotten here."""
    return forget(view, CODE, PATH)


async def contested(view: View, code: str) -> Contested | Problem | None:
    """What is done to whoever holds the reference; None where nothing is known by it."""

    def look(state: State, now_ms: int) -> Contested | None:
        about = state.by_reference.get(code)
        if about is None or state.law is None:
            return None
        opened = state.appeals.get(state.appeal_about.get(about, ""))
        hold, listing = state.holds.get(about), state.listings.get(about)
        return Contested(hold, listing, opened, state.law, now_ms)

    return view.too_often() or await view.site.office.read(look)


ROUTES: Final[list[ControllerRouterHandler]] = [appeal, asked, opened, forgotten]
