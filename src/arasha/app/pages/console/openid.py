"""Signing in at one's own institution: there, and back."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.sign_in import came_in, entrance_of, shown
from arasha.app.pages.entrance import OPENID_PATH
from arasha.app.pages.site import Page, Site, View, reader_of
from arasha.exchange.openid import Fault
from arasha.exchange.signin import Refused, Why

_AWAY: Final = "away"
_MAX_ASKED: Final = 8  # RFC 9207 and OpenID Connect Core name half as many


@get("/sign-in/openid")
async def away(view: View) -> Page:
    """To the provider, with what comes back sealed in a cookie."""
    entrance = entrance_of(view)
    if entrance.openid is None:
        raise NotFoundException
    begun = await entrance.openid.begin()
    if isinstance(begun, Fault):
        return await _not_by(view, begun)
    url, pending = begun
    return view.go(url, view.site.cookies.passing(_AWAY, entrance.away(pending)))


@get(OPENID_PATH)
async def back(request: Request[Any, Any, Any], site: Site) -> Page:
    """From the provider: whoever it has signed in, if they are a person here."""
    view = View(site, request, reader_of(request, site.cookies))
    entrance = entrance_of(view)
    if entrance.openid is None:
        raise NotFoundException
    pending = entrance.back(view.cookie(_AWAY))
    if pending is None:
        return await shown(view, Refused(Why.LAPSED))
    said = dict(list(request.query_params.items())[:_MAX_ASKED])
    found = await entrance.openid.finish(pending, said)
    if isinstance(found, Fault):
        return await _not_by(view, found)
    signed = await asyncio.to_thread(entrance.signin.by_subject, found.issuer, found.name)
    page = await came_in(view, signed)
    page.cookies.append(site.cookies.gone(_AWAY))
    return page


async def _not_by(view: View, fault: Fault) -> Page:
    """The ways in once more; what was wrong goes to the journal, without anything of theirs."""
    view.site.desk.journal.say("openid", result=fault.value)
    return await shown(view, Refused(Why.WRONG))


ROUTES: Final[list[ControllerRouterHandler]] = [away]
LED_HERE: Final[list[ControllerRouterHandler]] = [back]
