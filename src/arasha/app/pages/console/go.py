"""The way to anywhere by a few letters, and which keys there are: pages behind two dialogs.

In: a case's number, or nothing. Out: that case; or the pages that this person's roles open. Nobody
is found by name, account or number here: there is no such search (law 9).
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

import msgspec
from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import EVERYBODY, Seat, seen_by
from arasha.app.pages.site import Page
from arasha.cases.roles import VIEWS

_CASE: Final = re.compile(r"c?([0-9]{1,19}(?:\.[0-9]{1,4})?)", re.IGNORECASE)


@get("/go", opt=seen_by(EVERYBODY))
async def go(seat: Seat) -> Page:
    """To the case of that number; else all the ways."""
    said = (seat.view.request.query_params.get("to") or "").strip()
    found = _CASE.fullmatch(said)
    sees_cases = seat.may(VIEWS["a case"])
    if found is not None and sees_cases:
        name = f"c{found[1]}"
        if await seat.site.office.read(lambda state, _: name in state.cases) is True:
            return seat.view.go(seat.view.address(f"console/case/{name}"))
    return await seat.page(
        "console/go.html", status=404 if said else 200, said=said, sees_cases=sees_cases
    )


@get("/keys", opt=seen_by(EVERYBODY))
async def keys(seat: Seat) -> Page:
    """Which keys there are, and whether they are on."""
    return await seat.page("console/keys.html")


@post("/keys", opt=seen_by(EVERYBODY))
async def switch(seat: Seat) -> Page:
    """Turn them off, or on again: for this person, at every machine. A form that says neither
    changes nothing.
    """
    assert seat.site.entrance is not None
    said = seat.view.fields.text("keys")
    if said in {"on", "off"}:
        wanted = msgspec.structs.replace(seat.preference, keys=said == "on")
        await asyncio.to_thread(seat.site.entrance.preferences.keep, seat.actor.name, wanted)
    return seat.view.go(seat.view.address("console/keys"))


ROUTES: Final[list[ControllerRouterHandler]] = [go, keys, switch]
