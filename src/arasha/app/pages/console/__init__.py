"""The console: the pages of the people of the centre. Each is closed to who may not see it.

A page names who may see it by ``seen_by`` (seat.py), a row of the one table of roles
(cases/roles.py); one that names nobody is seen by nobody. Open to everybody are only the ways in.
"""

from __future__ import annotations

from typing import Final

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console import (
    case,
    home,
    invitation,
    mine,
    openid,
    participants,
    people,
    queue,
    sign_in,
    training,
)
from arasha.app.pages.console.seat import SignInFirst, guard, seat, to_sign_in
from arasha.app.pages.site import Site

GUARDED: Final = [
    *home.ROUTES,
    *queue.ROUTES,
    *case.ROUTES,
    *mine.ROUTES,
    *participants.ROUTES,
    *people.ROUTES,
    *training.ROUTES,
]
"""Pages that are seen from a session alone."""

OPEN: Final = [*sign_in.ROUTES, *invitation.ROUTES, *openid.ROUTES]
"""Pages by which one comes in."""

LED_HERE: Final = [*invitation.LED_HERE, *openid.LED_HERE]
"""Addresses without a language: a link that was sent to somebody, and where a provider leads to."""


def routes(site: Site) -> list[ControllerRouterHandler]:
    """All of them below the language's part; none in a service without an entrance."""
    if site.entrance is None:
        return []
    guarded = Router(
        "/console",
        route_handlers=GUARDED,
        guards=[guard],
        dependencies={"seat": Provide(seat, sync_to_thread=False)},
        exception_handlers={SignInFirst: to_sign_in},
    )
    return [guarded, Router("/console", route_handlers=OPEN)]
