"""What one signs in with, and where one is signed in: to look at, to add to, to end."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.seat import EVERYBODY, SESSION, Seat, seen_by
from arasha.app.pages.console.sign_in import entrance_of
from arasha.app.pages.site import Page
from arasha.exchange.sessions import CONFIRMED_MS


@get("/mine", opt=seen_by(EVERYBODY))
async def mine(seat: Seat) -> Page:
    """Sessions, passkeys, password."""
    return await _shown(seat)


@post("/mine/end", opt=seen_by(EVERYBODY))
async def end(seat: Seat) -> Page:
    """End one of my sessions, or all but this one."""
    sessions, name = entrance_of(seat.view).signin.sessions, seat.session.person.name
    chosen = seat.view.fields.text("session")
    if chosen:
        await asyncio.to_thread(sessions.end_named, name, chosen)
    else:
        this = seat.view.cookie(SESSION)
        await asyncio.to_thread(lambda: sessions.end_all(name, by=name, but=this))
    return _again(seat)


@post("/mine/passkey", opt=seen_by(EVERYBODY))
async def add_passkey(seat: Seat) -> Page:
    """Take a passkey that my browser has made, by the script of the page. By it one comes in and
    confirms what two people do: so one first shows who one is, by what one has already or, where
    that is nothing, by having come in just now.
    """
    now_ms, session = seat.site.now_ms(), seat.session
    if not session.is_fresh(now_ms):
        if await asyncio.to_thread(_has_means, seat):
            return seat.view.go(seat.view.address("console/confirm/mine"))
        if now_ms - session.made_ms >= CONFIRMED_MS:
            return await _shown(seat, "again", status=422)
    fields = seat.view.fields
    refused = await asyncio.to_thread(
        entrance_of(seat.view).enrolment.add_passkey, seat.session.person.name,
        fields.text("sealed"), fields.text("answer").encode(),
    )  # fmt: skip
    return _again(seat) if refused is None else await _shown(seat, refused.why.value, status=422)


@post("/mine/passkey/remove", opt=seen_by(EVERYBODY))
async def remove_passkey(seat: Seat) -> Page:
    """Let one of my passkeys open nothing any more."""
    name = seat.view.fields.text("passkey")
    await asyncio.to_thread(
        entrance_of(seat.view).means.remove_passkey, seat.session.person.name, name
    )
    return _again(seat)


@post("/sign-out", opt=seen_by(EVERYBODY))
async def sign_out(seat: Seat) -> Page:
    """Whoever is here signs out of this browser; where else they are signed in they stay so."""
    await asyncio.to_thread(entrance_of(seat.view).signin.sessions.end, seat.view.cookie(SESSION))
    view = seat.view
    return view.go(view.address("console/sign-in"), view.site.cookies.gone(SESSION))


def _has_means(seat: Seat) -> bool:
    means, name = entrance_of(seat.view).means, seat.session.person.name
    return means.has_password(name) or bool(means.passkeys(name))


def _again(seat: Seat) -> Page:
    return seat.view.go(seat.view.address("console/mine"))


async def _shown(seat: Seat, fault: str | None = None, *, status: int = 200) -> Page:
    entrance, name = entrance_of(seat.view), seat.session.person.name

    def look() -> dict[str, Any]:
        asked = entrance.enrolment.another_passkey(name)
        return {
            "sessions": entrance.signin.sessions.standing(name),
            "passkeys": entrance.means.passkeys(name),
            "has_password": entrance.means.has_password(name),
            "recovery_left": entrance.means.recovery_left(name),
            "options": msgspec.json.encode(asked.options).decode(),
            "sealed": asked.sealed,
        }

    values = await asyncio.to_thread(look)
    return await seat.page("console/mine.html", status=status, fault=fault, **values)


ROUTES: Final[list[ControllerRouterHandler]] = [mine, end, add_passkey, remove_passkey, sign_out]
