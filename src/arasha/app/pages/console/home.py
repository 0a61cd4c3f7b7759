"""The console's first page: wherever the work of one's role begins."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import EVERYBODY, Seat, seen_by
from arasha.app.pages.site import Page


@get("/", opt=seen_by(EVERYBODY))
async def home(seat: Seat) -> Page:
    """To the work of one's role."""
    first, _ = seat.ways[0]
    return seat.view.go(seat.view.address(first))


ROUTES: Final[list[ControllerRouterHandler]] = [home]
