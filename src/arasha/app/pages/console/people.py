"""The people of the centre: who they are here, and what an administrator changes about them.

The same functions as ``arasha person …`` (commands_rights.py, commands_persons.py). A link and a
token are shown on the page that answers their making and nowhere else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.changing import tried
from arasha.app.pages.console.seat import Seat, seen_by
from arasha.app.pages.console.sign_in import entrance_of
from arasha.app.pages.site import Page
from arasha.app.rights import invitation_link, let_go
from arasha.cases.roles import ROLES, VIEWS
from arasha.errors import UsageError
from arasha.exchange.invitations import Invitations
from arasha.exchange.persons import Person, Persons
from arasha.exchange.register import Key

ALLOWED: Final = VIEWS["participants and persons"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One person: how they can come in, and how often they are signed in now."""

    who: Person
    tokens: list[Key]
    sessions: int
    seen_ms: int | None
    passkeys: int
    has_password: bool


@dataclass(frozen=True, slots=True)
class Once:
    """What was made just now: a token, or the link of an invitation and when it lapses."""

    secret: str
    ends_ms: int | None = None

    def __repr__(self) -> str:
        return "<Once>"


@get("/people", opt=seen_by(ALLOWED))
async def people(seat: Seat) -> Page:
    """All of them, and a form for another."""
    return await listed(seat)


async def listed(seat: Seat, fault: str | None = None) -> Page:
    """The list, and what was wrong with a form."""
    found = await asyncio.to_thread(_standing, seat)
    return await seat.page(
        "console/people.html", status=200 if fault is None else 422, fault=fault, people=found,
        roles=list(ROLES),
    )  # fmt: skip


@get("/people/{name:str}", opt=seen_by(ALLOWED))
async def person(seat: Seat, name: str) -> Page:
    """One of them."""
    return await shown(seat, name)


async def shown(
    seat: Seat, name: str, *, fault: str | None = None, token: Once | None = None,
    link: Once | None = None,
) -> Page:  # fmt: skip
    """One of them; what was wrong with a form, or what was made."""
    found = [one for one in await asyncio.to_thread(_standing, seat) if one.who.name == name]
    if not found:
        raise NotFoundException
    return await seat.page(
        "console/person.html", status=200 if fault is None else 422, one=found[0], fault=fault,
        token=token, link=link, roles=list(ROLES), here=_address(seat, name),
        is_me=name == seat.actor.name,
    )  # fmt: skip


@post("/people/create", opt=seen_by(ALLOWED))
async def create(seat: Seat) -> Page:
    """Make one, with a token for programs."""
    fields = seat.view.fields
    name = fields.text("name")

    def make() -> Once:
        _, key_id, secret = _persons(seat).create(name, fields.all("role"), by=seat.actor.name)
        return Once(f"{key_id}.{secret}")

    made = await tried(make)
    return await (listed(seat, "create") if made is None else shown(seat, name, token=made))


@post("/people/{name:str}/change", opt=seen_by(ALLOWED))
async def change(seat: Seat, name: str) -> Page:
    """Other roles: sessions end."""
    roles = seat.view.fields.all("role")
    made = await tried(lambda: _persons(seat).change(name, roles, by=seat.actor.name))
    return await _after(seat, name, made, "change")


@post("/people/{name:str}/invite", opt=seen_by(ALLOWED))
async def invite(seat: Seat, name: str) -> Page:
    """A link by which they set up how they sign in."""
    signin = entrance_of(seat.view).signin

    def make() -> Once:
        invitations = Invitations(signin.tables, signin.persons, seat.site.now_ms)
        secret, ends_ms = invitations.invite(name, by=seat.actor.name)
        return Once(invitation_link(signin.site.origin, secret), ends_ms)

    made = await tried(make)
    return await shown(seat, name, link=made, fault="invite" if made is None else None)


@post("/people/{name:str}/sign-out", opt=seen_by(ALLOWED))
async def sign_out(seat: Seat, name: str) -> Page:
    """End their sessions."""

    def make() -> bool:
        _persons(seat).named(name)
        entrance_of(seat.view).signin.sessions.end_all(name, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "sign_out")


@post("/people/{name:str}/forget", opt=seen_by(ALLOWED))
async def forget(seat: Seat, name: str) -> Page:
    """Let what they sign in with open nothing any more."""

    def make() -> bool:
        entrance_of(seat.view).means.forget(name, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "forget")


@post("/people/{name:str}/close", opt=seen_by(ALLOWED))
async def close(seat: Seat, name: str) -> Page:
    """Let them in no more. Nobody shuts themselves out."""

    def make() -> bool:
        if name == seat.actor.name:
            raise UsageError("nobody shuts themselves out", expected="another administrator")
        let_go(_persons(seat), entrance_of(seat.view).means, name, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "close")


async def _after(seat: Seat, name: str, made: object, fault: str) -> Page:
    """Back to them, or what was wrong."""
    if made is None:
        return await shown(seat, name, fault=fault)
    return seat.view.go(_address(seat, name))


def _standing(seat: Seat) -> list[Standing]:
    """Everybody; beside the event loop."""
    entrance = entrance_of(seat.view)
    found = []
    for who, tokens in _persons(seat).list():
        standing = entrance.signin.sessions.standing(who.name)
        found.append(Standing(
            who, tokens, len(standing), max((one.seen_ms for one in standing), default=None),
            len(entrance.means.passkeys(who.name)), entrance.means.has_password(who.name),
        ))  # fmt: skip
    return found


def _persons(seat: Seat) -> Persons:
    return entrance_of(seat.view).signin.persons


def _address(seat: Seat, name: str) -> str:
    return seat.view.address(f"console/people/{quote(name, safe='')}")


ROUTES: Final[list[ControllerRouterHandler]] = [
    people, person, create, change, invite, sign_out, forget, close,
]  # fmt: skip
