"""Who sits at the console, and whether the page they ask for is theirs to see.

In: the cookie of a session. Out: its person as an actor of the domain; or the way to the sign-in,
or a refusal. It stands before every page of the console and before every form is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    NotFoundException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers import BaseRouteHandler

from arasha.app.http.problems import Problem
from arasha.app.pages.site import Page, Site, View, reader_of
from arasha.cases.acts import Actor
from arasha.cases.roles import ROLES, VIEWS, may
from arasha.exchange.sessions import Session

SESSION: Final = "session"
"""The cookie of a session's token."""

EVERYBODY: Final = frozenset(ROLES)
"""Whoever is a person of the centre."""

WAYS: Final = (
    ("console/queue", "queue", VIEWS["the queue"]),
    ("console/training", "training", VIEWS["practice"]),
    ("console/participants", "participants", VIEWS["participants and persons"]),
    ("console/people", "people", VIEWS["participants and persons"]),
    ("console/mine", "mine", EVERYBODY),
)
"""The pages that every page leads to: address, word, and who may see it."""

_SEEN_BY: Final = "seen_by"


class SignInFirst(HTTPException):
    """Nobody sits here: no session, or one that is over."""

    status_code = 401


class Seat:
    """A page as somebody of the centre asks for it."""

    def __init__(self, view: View, session: Session, actor: Actor) -> None:
        self.view, self.session, self.actor = view, session, actor

    @property
    def site(self) -> Site:
        """The pages' part of the service."""
        return self.view.site

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Where their roles lead: pages, and the word of each."""
        return [(path, word) for path, word, roles in WAYS if self.may(roles)]

    def may(self, allowed: Collection[str]) -> bool:
        """Whether they have one of these roles."""
        return may(self.actor, allowed)

    async def page(self, template: str, *, status: int = 200, **values: object) -> Page:
        """The page of a template of the console."""
        return await self.view.page(template, status=status, seat=self, **values)


def seen_by(roles: Collection[str]) -> dict[str, Any]:
    """What a handler's ``opt`` says of who may see it."""
    return {_SEEN_BY: frozenset(roles)}


def roles_of(handler: BaseRouteHandler) -> frozenset[str]:
    """The roles that may see a page; nobody where it names none."""
    found: frozenset[str] = handler.opt.get(_SEEN_BY, frozenset())
    return found


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let nobody by whose page it is not. Raises SignInFirst and what else becomes a page."""
    site: Site = connection.app.state.site
    assert site.entrance is not None, "there is no console without a way in"
    token = site.cookies.read(connection.headers.get("cookie")).get(SESSION)
    session = None
    if token:
        session = await asyncio.to_thread(site.entrance.signin.sessions.of, token)
    if session is None:
        raise SignInFirst
    actor = site.visitors.within_rate(session.person, site.desk.clock().steady_ns / 1e9)
    if isinstance(actor, Problem):
        raise TooManyRequestsException(headers={"retry-after": str(actor.retry_after_s)})
    if not may(actor, roles_of(handler)):
        raise PermissionDeniedException("role")
    connection.state.session, connection.state.actor = session, actor


def seat(view: View, request: Request[Any, Any, Any]) -> Seat:
    """Who asks, as `guard` has seen them."""
    return Seat(view, request.state.session, request.state.actor)


def to_sign_in(request: Request[Any, Any, Any], _: SignInFirst) -> Page:
    """To the sign-in, in the reader's language."""
    site: Site = request.app.state.site
    view = View(site, request, reader_of(request, site.cookies))
    return view.go(view.address("console/sign-in"), site.cookies.gone(SESSION))


def unless_problem(found: object) -> None:
    """Raise what becomes a page that says to come again, where the office has told of a problem."""
    if isinstance(found, Problem):
        if found.kind.status == NotFoundException.status_code:
            raise NotFoundException
        after = {"retry-after": str(found.retry_after_s or 1)}
        raise HTTPException(status_code=found.kind.status, headers=after)
