"""The seats of a demonstration: whoever is at this machine sits down at one, and is signed in.

No service but the demonstration's own has these pages: they are in no list of routes
(console/__init__.py), and are given to it where it is begun (app/commands_demo.py). They answer
this machine alone, under a name of this machine.
"""

from __future__ import annotations

import asyncio
import re
from ipaddress import ip_address
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import SESSION
from arasha.app.pages.console.sign_in import entrance_of
from arasha.app.pages.site import Page, View, WayIn
from arasha.cases.records import HoldStatus
from arasha.cases.roles import ROLES
from arasha.cases.state import State

PATH: Final = "demo"

_REQUEST: Final = re.compile(r"q[0-9]{1,19}")

HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine: a page of elsewhere that leads its own name here gets nothing."""


@get("/demo")
async def seats(view: View) -> Page:
    """Who one can be, and what there is to see."""
    _only_here(view)
    code = await view.site.office.read(_held)
    return await view.page(
        "console/demo.html", roles=list(ROLES), code=code if isinstance(code, str) else None
    )


def _held(state: State, at_ms: int) -> str | None:
    """The code of a confirmed hold that nobody has contested, the newest: its bank would have told
    whom it holds money from.
    """
    free = (
        one
        for one in reversed(state.holds.values())
        if one.status is HoldStatus.CONFIRMED
        and one.holds_at(at_ms)
        and one.id not in state.appeal_about
    )
    return next((one.reference for one in free), None)


@post("/demo/sit")
async def sit(view: View) -> Page:
    """Sit down: a session of the person of that role."""
    _only_here(view)
    name = view.fields.text("seat")
    if name not in ROLES:
        raise NotFoundException
    signin = entrance_of(view).signin

    def begin() -> str | None:
        with signin.tables.change() as db:
            return signin.sessions.begin(db, name, "demo")

    token = await asyncio.to_thread(begin)
    if token is None:
        raise NotFoundException
    return view.go(view.address("console/"), view.site.cookies.passing(SESSION, token))


@post("/demo/confirm/{name:str}")
async def confirm(view: View, name: str) -> Page:
    """Nobody in a demonstration has a passkey to show who they are with: it is taken as shown."""
    _only_here(view)
    signin, token = entrance_of(view).signin, view.cookie(SESSION)

    def take() -> bool:
        session = signin.sessions.of(token)
        if session is None or session.person.name not in ROLES:
            return False
        with signin.tables.change() as db:
            return signin.sessions.confirm(db, token, session.person.name, "demo")

    if not _REQUEST.fullmatch(name) or not await asyncio.to_thread(take):
        raise NotFoundException
    signin.sessions.confirmed(token)
    return view.go(view.address(f"console/request/{name}"))


def _only_here(view: View) -> None:
    """Raises NotFoundException for whoever is not at this machine."""
    host = view.request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    peer = view.arrived.connection.peer
    if name not in HERE or not ip_address(peer).is_loopback:
        raise NotFoundException


ROUTES: Final[list[ControllerRouterHandler]] = [seats, sit, confirm]

WAY_IN: Final = WayIn(PATH, ROUTES)
"""What a demonstration gives its service."""
