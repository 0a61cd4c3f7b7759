"""Signing in: with a passkey, with a password and a one-time code, or at one's own institution."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Final

import msgspec
from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import SESSION
from arasha.app.pages.entrance import Entrance
from arasha.app.pages.site import Page, View
from arasha.exchange.signin import Refused, SignedIn, Why

STATUSES: Final = {Why.WRONG: 401, Why.LAPSED: 401, Why.WAIT: 429}


@get("/sign-in")
async def sign_in(view: View) -> Page:
    """The ways in."""
    return await shown(view)


@post("/sign-in")
async def with_password(view: View) -> Page:
    """With a password and a code."""
    fields = view.fields
    signin = entrance_of(view).signin
    found = await asyncio.to_thread(
        signin.by_password, fields.text("login"), fields.text("password"), fields.text("code"),
        view.site.visitors.caller(view.arrived),
    )  # fmt: skip
    return await came_in(view, found)


@post("/sign-in/passkey")
async def with_passkey(view: View) -> Page:
    """With a passkey, by the script of the page."""
    fields = view.fields
    signin = entrance_of(view).signin
    found = await asyncio.to_thread(
        signin.by_passkey, fields.text("sealed"), fields.text("answer").encode()
    )
    return await came_in(view, found)


async def came_in(view: View, found: SignedIn | Refused) -> Page:
    """To the console, or the ways in once more, with what was wrong."""
    if isinstance(found, Refused):
        return await shown(view, found)
    return view.go(view.address("console/"), view.site.cookies.passing(SESSION, found.token))


async def shown(view: View, refused: Refused | None = None) -> Page:
    """The ways in."""
    entrance = entrance_of(view)
    asked = entrance.signin.passkey_request()
    return await view.page(
        "console/sign_in.html",
        status=200 if refused is None else STATUSES[refused.why],
        refused=refused,
        wait_s=0 if refused is None else ceil(refused.wait_s),
        options=msgspec.json.encode(asked.options).decode(),
        sealed=asked.sealed,
        openid=entrance.openid is not None,
    )


def entrance_of(view: View) -> Entrance:
    """The entrance of the service: there is no console without one."""
    assert view.site.entrance is not None
    return view.site.entrance


ROUTES: Final[list[ControllerRouterHandler]] = [sign_in, with_password, with_passkey]
