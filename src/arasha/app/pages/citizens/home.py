"""The first page: what one can do here, the most urgent first."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.pages.site import Page, View


@get("/")
async def home(view: View) -> Page:
    """The first page."""
    return await view.page("citizens/home.html")


ROUTES: Final[list[ControllerRouterHandler]] = [home]
