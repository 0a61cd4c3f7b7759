"""Participants: who is connected, how they stand, and what an administrator changes about them.

In: the register and the outbox, as the command line has them (commands_rights.py,
commands_outbox.py). Out: the list, a page for each, and changes, each of which waits in the
register as an act until the service puts it into the log, within a second. A secret is shown on the
page that answers its making and nowhere else. No case is seen from here.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.changing import tried
from arasha.app.pages.console.seat import Seat, seen_by
from arasha.app.pages.forms import Fields
from arasha.app.pages.site import Page
from arasha.app.rights import milliseconds, public_key_of
from arasha.cases.roles import VIEWS
from arasha.errors import UsageError
from arasha.events.schema import FACTS
from arasha.exchange.outbox import Outbox, Row, State
from arasha.exchange.participants import READABLE, Participant, Participants, Role, Signing
from arasha.exchange.register import Key
from arasha.exchange.webhooks import Webhook, Webhooks

ALLOWED: Final = VIEWS["participants and persons"]
KINDS: Final[tuple[Role, ...]] = ("bank", "operator", "centre")
OVERLAP_HOURS: Final = 24
SHOWN_DEAD: Final = 50
"""Dead messages of one participant that are shown, the oldest first."""

_WAITING: Final = (State.DUE, State.BEHIND, State.DEAD)


@dataclass(frozen=True, slots=True)
class Standing:
    """One participant as the pages show it; ``waiting`` and ``dead`` count messages."""

    who: Participant
    keys: list[Key]
    webhook: Webhook | None
    seen_ms: int | None
    waiting: int
    dead: int

    @property
    def is_closed(self) -> bool:
        """Whether nothing opens for it."""
        return not self.keys


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that was made just now."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"<Secret of {self.key_id}>"


@get("/participants", opt=seen_by(ALLOWED))
async def participants(seat: Seat) -> Page:
    """All of them, and a form for another."""
    return await listed(seat)


async def listed(seat: Seat, fault: str | None = None) -> Page:
    """The list, and what was wrong with a form."""
    found = await asyncio.to_thread(_standing, seat)
    return await seat.page(
        "console/participants.html", status=200 if fault is None else 422, fault=fault,
        participants=found, kinds=KINDS,
    )  # fmt: skip


@get("/participants/{name:str}", opt=seen_by(ALLOWED))
async def participant(seat: Seat, name: str) -> Page:
    """One of them."""
    return await shown(seat, name)


async def shown(
    seat: Seat, name: str, *, fault: str | None = None, secret: Secret | None = None
) -> Page:
    """One of them; what was wrong with a form, or the secret that was made."""

    def look() -> tuple[Standing, list[Row]]:
        with closing(Outbox.open(seat.site.directory)) as outbox:
            dead = outbox.listed([State.DEAD], participant=name, most=SHOWN_DEAD)
        found = [one for one in _standing(seat) if one.who.name == name]
        if not found:
            raise NotFoundException
        return found[0], dead

    one, dead = await asyncio.to_thread(look)
    return await seat.page(
        "console/participant.html", status=200 if fault is None else 422, one=one, dead=dead,
        fault=fault, secret=secret, here=_address(seat, name), facts=list(FACTS),
        readable=list(READABLE), overlap=OVERLAP_HOURS,
    )  # fmt: skip


@post("/participants/create", opt=seen_by(ALLOWED))
async def create(seat: Seat) -> Page:
    """Make one, with its first key."""
    fields, by = seat.view.fields, seat.actor.name
    name = fields.text("name")

    def make() -> Secret:
        kind = fields.text("role")
        if kind not in KINDS:
            raise UsageError("that is no role", expected=", ".join(KINDS))
        limits = _limits(fields)
        _, key_id, secret = _all(seat).create(
            name, kind, by=by, public_key=_public_key(fields), signing=_signing(fields),
            rate_per_s=limits[0], burst=limits[1], deadline_ms=limits[2],
        )  # fmt: skip
        return Secret(key_id, secret)

    made = await tried(make)
    if made is None:
        return await listed(seat, "create")
    return await shown(seat, name, secret=made)


@post("/participants/{name:str}/change", opt=seen_by(ALLOWED))
async def change(seat: Seat, name: str) -> Page:
    """Other limits and rights; keys stay."""
    fields = seat.view.fields

    def make() -> Participant:
        limits = _limits(fields)
        return _all(seat).change(
            name, by=seat.actor.name, may_send=fields.all("send"), may_read=fields.all("read"),
            signing=_signing(fields), rate_per_s=limits[0], burst=limits[1], deadline_ms=limits[2],
        )  # fmt: skip

    return await _after(seat, name, await tried(make), "change")


@post("/participants/{name:str}/rotate", opt=seen_by(ALLOWED))
async def rotate(seat: Seat, name: str) -> Page:
    """A new key; those before it still open for a while."""
    fields = seat.view.fields

    def make() -> Secret:
        overlap_ms = milliseconds(_number(fields, "overlap"))
        return Secret(*_all(seat).rotate(
            name, by=seat.actor.name, overlap_ms=overlap_ms, public_key=_public_key(fields)
        ))  # fmt: skip

    made = await tried(make)
    return await shown(seat, name, secret=made, fault="rotate" if made is None else None)


@post("/participants/{name:str}/revoke", opt=seen_by(ALLOWED))
async def revoke(seat: Seat, name: str) -> Page:
    """Let one of its keys open nothing any more."""
    key = seat.view.fields.text("key")

    def make() -> bool:
        found = _all(seat)
        if key not in [one.key_id for one in found.register.keys_of("participant", name)]:
            raise UsageError("this participant has no such key")
        found.revoke(key, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "revoke")


@post("/participants/{name:str}/close", opt=seen_by(ALLOWED))
async def close(seat: Seat, name: str) -> Page:
    """Let it in no more."""

    def make() -> bool:
        _all(seat).close_for_good(name, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "close")


@post("/participants/{name:str}/webhook", opt=seen_by(ALLOWED))
async def webhook(seat: Seat, name: str) -> Page:
    """Where it is told of what happens; nowhere, where no address is given."""
    url = seat.view.fields.text("url")

    def make() -> bool:
        webhooks = Webhooks(_all(seat).register)
        if url:
            webhooks.set(name, url, by=seat.actor.name)
        else:
            webhooks.remove(name, by=seat.actor.name)
        return True

    return await _after(seat, name, await tried(make), "webhook")


@post("/participants/{name:str}/resend", opt=seen_by(ALLOWED))
async def resend(seat: Seat, name: str) -> Page:
    """Send its dead messages again, with what waits behind them."""
    now_ms = seat.site.now_ms()

    def make() -> bool:
        with closing(Outbox.open(seat.site.directory)) as outbox:
            outbox.resend(None, now_ms, by=seat.actor.name, participant=name)
        return True

    return await _after(seat, name, await tried(make), "resend")


async def _after(seat: Seat, name: str, made: object, fault: str) -> Page:
    """Back to it, or what was wrong."""
    if made is None:
        return await shown(seat, name, fault=fault)
    return seat.view.go(_address(seat, name))


def _standing(seat: Seat) -> list[Standing]:
    """Every participant; beside the event loop."""
    site, found = seat.site, _all(seat)
    webhooks, seen, now = Webhooks(found.register), site.desk.door.seen_ns, site.desk.clock()
    with closing(Outbox.open(site.directory)) as outbox:
        counts = outbox.counts(_WAITING)
    return [
        Standing(
            who, keys, webhooks.get(who.name),
            now.wall_ms - (now.steady_ns - seen[who.name]) // 1_000_000
            if who.name in seen else None,
            sum(counts.get((who.name, state), 0) for state in (State.DUE, State.BEHIND)),
            counts.get((who.name, State.DEAD), 0),
        )
        for who, keys in found.list()
    ]  # fmt: skip


def _all(seat: Seat) -> Participants:
    return seat.site.desk.door.participants


def _address(seat: Seat, name: str) -> str:
    return seat.view.address(f"console/participants/{quote(name, safe='')}")


def _limits(fields: Fields) -> tuple[float, int, int]:
    """Facts a second, facts at once, ms until a verdict. Raises UsageError."""
    return _number(fields, "rate"), int(_number(fields, "burst")), int(_number(fields, "deadline"))


def _number(fields: Fields, name: str) -> float:
    try:
        found = float(fields.text(name).replace(",", ".").replace("\u00a0", ""))
    except ValueError:
        found = float("nan")
    if not abs(found) < float("inf"):
        raise UsageError(f"{name} is no number", expected="such as 1000")
    return found


def _signing(fields: Fields) -> Signing:
    return "required" if fields.text("signing") else "none"


def _public_key(fields: Fields) -> bytes | None:
    text = fields.text("public_key")
    return public_key_of(text.encode(), "the form") if text else None


ROUTES: Final[list[ControllerRouterHandler]] = [
    participants, participant, create, change, rotate, revoke, close, webhook, resend,
]  # fmt: skip
