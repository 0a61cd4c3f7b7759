"""Once more, who it is: before what two people do is done, and before a passkey is added.

In: a passkey or an authenticator's code of whoever is signed in. Out: back to the request, which is
then agreed to, or to one's own sign-in; for some minutes it is not asked again
(exchange/sessions.py).
"""

from __future__ import annotations

import asyncio
import re
from math import ceil
from typing import Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import EVERYBODY, SESSION, Seat, seen_by
from arasha.app.pages.console.sign_in import STATUSES, entrance_of
from arasha.app.pages.site import Page
from arasha.exchange.signin import Refused

MINE: Final = "mine"
"""What stands for one's own sign-in, where it is not for a request that one confirms."""

_REQUEST: Final = re.compile(r"q[0-9]{1,19}")


@get("/confirm/{name:str}", opt=seen_by(EVERYBODY))
async def confirm(seat: Seat, name: str) -> Page:
    """The ways to show it, before that request."""
    return await _shown(seat, _checked(name))


@post("/confirm/{name:str}/code", opt=seen_by(EVERYBODY))
async def with_code(seat: Seat, name: str) -> Page:
    """With what the authenticator shows."""
    request = _checked(name)
    refused = await asyncio.to_thread(
        entrance_of(seat.view).signin.confirm_by_code, seat.view.cookie(SESSION),
        seat.session.person.name, seat.view.fields.text("code"),
        seat.site.visitors.caller(seat.view.arrived),
    )  # fmt: skip
    return await _came(seat, request, refused)


@post("/confirm/{name:str}/passkey", opt=seen_by(EVERYBODY))
async def with_passkey(seat: Seat, name: str) -> Page:
    """With a passkey, by the script of the page."""
    request, fields = _checked(name), seat.view.fields
    refused = await asyncio.to_thread(
        entrance_of(seat.view).signin.confirm_by_passkey, seat.view.cookie(SESSION),
        seat.session.person.name, fields.text("sealed"), fields.text("answer").encode(),
    )  # fmt: skip
    return await _came(seat, request, refused)


async def _came(seat: Seat, request: str, refused: Refused | None) -> Page:
    if refused is not None:
        return await _shown(seat, request, refused)
    return seat.view.go(_back_of(seat, request))


async def _shown(seat: Seat, request: str, refused: Refused | None = None) -> Page:
    entrance, name = entrance_of(seat.view), seat.session.person.name
    passkeys, has_code = await asyncio.to_thread(
        lambda: (entrance.means.passkeys(name), entrance.means.has_password(name))
    )
    asked = entrance.signin.passkey_confirmation(name)
    return await seat.page(
        "console/confirm.html", status=200 if refused is None else STATUSES[refused.why],
        back=_back_of(seat, request), request=request, refused=refused,
        wait_s=0 if refused is None else ceil(refused.wait_s),
        has_passkey=bool(passkeys), has_code=has_code,
        options=msgspec.json.encode(asked.options).decode(), sealed=asked.sealed,
    )  # fmt: skip


def _back_of(seat: Seat, request: str) -> str:
    """Where one comes from."""
    return seat.view.address(
        "console/mine" if request == MINE else f"console/request/{request}"
    )  # fmt: skip


def _checked(name: str) -> str:
    """The id, if it can be one: it becomes part of an address. Raises NotFoundException."""
    if name != MINE and not _REQUEST.fullmatch(name):
        raise NotFoundException
    return name


ROUTES: Final[list[ControllerRouterHandler]] = [confirm, with_code, with_passkey]
