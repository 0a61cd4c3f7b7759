"""What the centre may and may not do: the law's limits as they are in force, and one's rights."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.site import Page, View


@get("/about")
async def about(view: View) -> Page:
    """The rules."""
    limited = view.too_often()
    if limited is not None:
        return view.sorry(limited)
    law = await view.site.office.read(lambda state, _: state.law)
    if isinstance(law, Problem):
        return view.sorry(law)
    return await view.page("citizens/about.html", law=law)


ROUTES: Final[list[ControllerRouterHandler]] = [about]
