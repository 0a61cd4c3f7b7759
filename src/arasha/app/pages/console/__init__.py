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
    appeals,
    asks,
    card,
    case,
    confirm,
    go,
    home,
    invitation,
    law,
    live,
    mending,
    mine,
    openid,
    papers,
    participants,
    party,
    people,
    policies,
    queue,
    recalls,
    record,
    sign_in,
    team,
    together,
    trace,
    training,
    undo,
)
from arasha.app.pages.console.seat import SignInFirst, guard, seat, to_sign_in
from arasha.app.pages.site import Site

GUARDED: Final = [
    *home.ROUTES, *queue.ROUTES, *live.ROUTES, *together.ROUTES, *undo.ROUTES, *go.ROUTES,
    *case.ROUTES, *mending.ROUTES, *papers.ROUTES,
    *party.ROUTES, *mine.ROUTES, *recalls.ROUTES, *trace.ROUTES, *appeals.ROUTES, *record.ROUTES,
    *law.ROUTES, *asks.ROUTES, *confirm.ROUTES, *policies.ROUTES, *card.ROUTES, *team.ROUTES,
    *training.ROUTES, *participants.ROUTES, *people.ROUTES,
]  # fmt: skip
"""Pages that are seen from a session alone."""

TEXTS: Final = frozenset({policies.TEXT})
"""Where forms with a whole text in them are sent to, below the console's own address."""

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
