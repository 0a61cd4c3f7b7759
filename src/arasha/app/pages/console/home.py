"""The console's first page: wherever the work of one's role begins."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import EVERYBODY, Seat, seen_by
from arasha.app.pages.site import Page

BEGINS: Final = {
    "auditor": "console/record",
    "authority": "console/requests",
    "policy_author": "console/policies",
}
"""Where who has that one role begins, if it is not the first page that they may see."""


@get("/", opt=seen_by(EVERYBODY))
async def home(seat: Seat) -> Page:
    """To the work of one's role."""
    first, _ = seat.ways[0]
    roles = seat.actor.roles
    begins = BEGINS.get(roles[0], first) if len(roles) == 1 else first
    return seat.view.go(seat.view.address(begins))


ROUTES: Final[list[ControllerRouterHandler]] = [home]
