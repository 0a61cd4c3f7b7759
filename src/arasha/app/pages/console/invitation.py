"""Coming in for the first time, by the link of an invitation: looking at it changes nothing."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import SESSION
from arasha.app.pages.console.sign_in import STATUSES, entrance_of
from arasha.app.pages.site import Page, Site, View, reader_of
from arasha.exchange.enrolment import Welcomed
from arasha.exchange.passwords import MIN_CHARS
from arasha.exchange.signin import Refused, Why

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@get("/console/invitation/{secret:str}")
async def led_here(request: Request[Any, Any, Any], site: Site, secret: str) -> Page:
    """To the same page in the reader's language."""
    view = View(site, request, reader_of(request, site.cookies))
    return view.go(view.address(f"console/invitation/{_checked(secret)}"))


@get("/invitation/{secret:str}")
async def invitation(view: View, secret: str) -> Page:
    """What may be set up."""
    return await shown(view, _checked(secret))


@post("/invitation/{secret:str}/password")
async def with_password(view: View, secret: str) -> Page:
    """With a password and an authenticator."""
    fields = view.fields
    sealed = fields.text("sealed")
    found = await asyncio.to_thread(
        entrance_of(view).enrolment.set_password, _checked(secret), sealed,
        fields.text("password"), fields.text("code"),
    )  # fmt: skip
    return await welcomed(view, secret, found, sealed)


@post("/invitation/{secret:str}/passkey")
async def with_passkey(view: View, secret: str) -> Page:
    """With a passkey, by the script of the page."""
    fields = view.fields
    found = await asyncio.to_thread(
        entrance_of(view).enrolment.set_passkey, _checked(secret), fields.text("sealed"),
        fields.text("answer").encode(),
    )  # fmt: skip
    return await welcomed(view, secret, found)


async def welcomed(
    view: View, secret: str, found: Welcomed | Refused | str, sealed: str = ""
) -> Page:
    """Into the console; or what was wrong, with the same offer of an authenticator."""
    if not isinstance(found, Welcomed):
        return await shown(view, secret, found, sealed)
    cookie = view.site.cookies.passing(SESSION, found.signed.token)
    if not found.recovery:
        return view.go(view.address("console/"), cookie)
    page = await view.page("console/recovery.html", codes=found.recovery)
    page.cookies.append(cookie)
    return page


async def shown(
    view: View, secret: str, fault: Refused | str | None = None, sealed: str = ""
) -> Page:
    """What may be set up, or that the link has lapsed."""
    enrolment = entrance_of(view).enrolment

    def look() -> tuple[Any, Any]:
        offer = enrolment.again(secret, sealed) if sealed else None
        return offer or enrolment.offer(secret), enrolment.passkey_creation(secret)

    offer, asked = await asyncio.to_thread(look)
    if offer is None or asked is None:
        return await view.page("console/lapsed.html", status=404)
    status = 200 if fault is None else STATUSES[fault.why] if isinstance(fault, Refused) else 422
    if isinstance(fault, Refused):
        fault = "code" if fault.why is Why.WRONG and sealed else fault.why.value
    return await view.page(
        "console/invitation.html", status=status, fault=fault, offer=offer, secret=secret,
        options=msgspec.json.encode(asked.options).decode(), sealed=asked.sealed, least=MIN_CHARS,
    )  # fmt: skip


def _checked(secret: str) -> str:
    """The secret, if it can be one: it becomes part of an address. Raises NotFoundException."""
    if not _SECRET.fullmatch(secret):
        raise NotFoundException
    return secret


ROUTES: Final[list[ControllerRouterHandler]] = [invitation, with_password, with_passkey]
LED_HERE: Final[list[ControllerRouterHandler]] = [led_here]
