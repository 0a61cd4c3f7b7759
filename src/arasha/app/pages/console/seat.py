"""Who sits at the console, and whether the page they ask for is theirs to see.

In: the cookie of a session. Out: its person as an actor of the domain; or the way to the sign-in,
or a refusal. It stands before every page of the console and before every form is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
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
from arasha.app.pages.console.keys import KEYS
from arasha.app.pages.site import Page, Site, View, reader_of
from arasha.cases.acts import Actor
from arasha.cases.roles import ROLES, VIEWS, may
from arasha.exchange.preferences import Preference
from arasha.exchange.sessions import Session

SESSION: Final = "session"
"""The cookie of a session's token."""

EVERYBODY: Final = frozenset(ROLES)
"""Whoever is a person of the centre."""

WAYS: Final = (
    ("console/queue", "queue", VIEWS["the queue"]),
    ("console/recalls", "recalls", VIEWS["the lists of recalls and appeals"]),
    ("console/appeals", "appeals", VIEWS["the lists of recalls and appeals"]),
    ("console/requests", "requests", VIEWS["a request for a second person"]),
    ("console/policies", "policies", VIEWS["the policy in force"]),
    ("console/team", "team", VIEWS["the team: deadlines, load, second looks"]),
    ("console/record", "record", VIEWS["the audit"]),
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

    def __init__(self, view: View, session: Session, actor: Actor, preference: Preference) -> None:
        self.view, self.session, self.actor = view, session, actor
        self.preference = preference

    @property
    def site(self) -> Site:
        """The pages' part of the service."""
        return self.view.site

    @property
    def keys(self) -> Sequence[tuple[str, str]]:
        """The keys there are, each with the word of what it does."""
        return KEYS

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Where their roles lead: pages, and the word of each."""
        return [(path, word) for path, word, roles in WAYS if self.may(roles)]

    def may(self, allowed: Collection[str]) -> bool:
        """Whether they have one of these roles."""
        return may(self.actor, allowed)

    async def page(self, template: str, *, status: int = 200, **values: object) -> Page:
        """The page of a template of the console, with what of theirs can still be taken back."""
        later, name = self.site.later, self.actor.name
        about = {"seat": self, "waits": later.of(name), "late": later.told(name)}
        return await self.view.page(template, status=status, **about, **values)


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
    found = await asyncio.to_thread(site.entrance.sits, token) if token else None
    if found is None:
        raise SignInFirst
    session, preference = found
    actor = site.visitors.within_rate(session.person, site.desk.clock().steady_ns / 1e9)
    if isinstance(actor, Problem):
        raise TooManyRequestsException(headers={"retry-after": str(actor.retry_after_s)})
    if not may(actor, roles_of(handler)):
        raise PermissionDeniedException("role")
    connection.state.session, connection.state.actor = session, actor
    connection.state.preference = preference


def seat(view: View, request: Request[Any, Any, Any]) -> Seat:
    """Who asks, as `guard` has seen them."""
    state = request.state
    return Seat(view, state.session, state.actor, state.preference)


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
