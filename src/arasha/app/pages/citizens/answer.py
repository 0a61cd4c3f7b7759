"""Money is asked back: whoever has it held hears of it here and can let it go, by the code that
their bank has given them, before anything does.

It is theirs alone to say. Who agrees gives up the time that the law gives them to answer, so they
are asked to be sure; who disagrees contests the hold (appeal.py), and nothing goes back before that
is ruled on; who says nothing has the time that stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.appeal import CODE
from arasha.app.pages.citizens.codes import forget, kept_code, spelt, typed
from arasha.app.pages.site import Page, View
from arasha.cases.acts import APPELLANT, ReceiverAgreed
from arasha.cases.recalls import heard_from_ms
from arasha.cases.records import OPEN_RECALL, Hold, Recall
from arasha.cases.state import State

PATH: Final = "answer"
SURE: Final = "yes"
_TEMPLATE: Final = "citizens/answer.html"


@dataclass(frozen=True, slots=True)
class AskedBack:
    """A hold, the recall that asks for its money, and until when who is held can answer."""

    hold: Hold
    recall: Recall | None
    heard_ms: int | None
    is_contested: bool
    protected: tuple[str, ...]
    now_ms: int

    @property
    def stands(self) -> bool:
        """Whether money is held now."""
        return self.hold.holds_at(self.now_ms)

    @property
    def is_asked(self) -> bool:
        """Whether somebody asks for it back."""
        asks = self.recall is not None and self.recall.status in OPEN_RECALL
        return asks and self.stands

    @property
    def can_agree(self) -> bool:
        """Whether it can still be let go."""
        return self.is_asked and not self.hold.agreed and not self.hold.is_going_back


@get("/answer")
async def answer(view: View) -> Page:
    """What is asked back by the code; without one, the form that asks for it."""
    code = kept_code(view, CODE)
    return await _shown(view, code)


@post("/answer")
async def asked(view: View) -> Page:
    """A code was typed."""
    return await typed(view, CODE, PATH, asked_back)


@post("/answer/agree")
async def agreed(view: View) -> Page:
    """The money may go back."""
    code = kept_code(view, CODE)
    if code is None:
        return view.go(view.address(PATH))
    if view.fields.text("sure") != SURE:
        return await _shown(view, code, {"sure": "answer.not_sure"})
    done = view.too_often() or await view.site.office.do(APPELLANT, ReceiverAgreed(code))
    if isinstance(done, Problem):
        return view.sorry(done)
    return view.go(view.address(PATH))  # agreed before, or over by now: the page says so


@post("/answer/forget")
async def forgotten(view: View) -> Page:
    """The code is to be forgotten here."""
    return forget(view, CODE, PATH)


async def _shown(view: View, code: str | None, errors: Mapping[str, str] | None = None) -> Page:
    """What is asked back by the code; where that is nothing, the form that asks for one: the code
    may be of a listing, which is contested elsewhere.
    """
    found = None if code is None else await asked_back(view, code)
    if isinstance(found, Problem):
        return view.sorry(found)
    if code is None or found is None:
        return await view.page(_TEMPLATE, code=None, found=None, errors={})
    said = dict(errors or {})
    return await view.page(
        _TEMPLATE, status=422 if said else 200, code=spelt(code), found=found, errors=said
    )


async def asked_back(view: View, code: str) -> AskedBack | Problem | None:
    """What is asked back from whoever holds the code; None where no money is held by it."""

    def look(state: State, now_ms: int) -> AskedBack | None:
        hold, law = state.holds.get(state.by_reference.get(code, "")), state.law
        if hold is None or law is None:
            return None
        recall = state.recalls.get(state.recall_of.get(hold.report, ""))
        asks = recall if recall is not None and hold.id in recall.asked else None
        appeal = state.appeals.get(state.appeal_about.get(hold.id, ""))
        return AskedBack(
            hold, asks, heard_from_ms(hold, law), appeal is not None and appeal.status == "open",
            law.hold.protected, now_ms,
        )  # fmt: skip

    return view.too_often() or await view.site.office.read(look)


ROUTES: Final[list[ControllerRouterHandler]] = [answer, asked, agreed, forgotten]
