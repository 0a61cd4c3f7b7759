"""Access tokens that name a number: three-legged, in CAMARA's words.

In: from the operator's own authorisation server, that the network has found who is at a bank's app,
without asking them anything. Out: a token for that bank, which says so to CAMARA's routes for
LIFE_S. How the network finds it (by the data connection, or by the SIM) is not Arasha's: it sees
neither. Tokens are in memory alone, as digests with the number: after a restart a bank begins
again. A bank that has to sign its requests gets none, for who holds a token signs nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from arasha.app.http import problems
from arasha.app.http.camara_questions import PhoneNumber
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.payments import is_json
from arasha.app.http.problems import Problem
from arasha.app.http.signals import NO_STORE
from arasha.events.symbols import CODE_PATTERN, whole
from arasha.exchange.participants import Participant

PATH: Final = "/v1/access-tokens"

LIFE_S: Final = 300
"""How long a token opens anything, seconds: the longest that CAMARA allows number verification."""

MAX_TOKENS: Final = 100_000
"""Tokens at once; beyond it the oldest open nothing any more."""

MAX_BYTES: Final = 1_024


class TokenWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bank's app, and whose number the network found behind it."""

    bank: Annotated[str, Meta(pattern=whole(CODE_PATTERN))]
    number: PhoneNumber


class TokenIssued(Struct, frozen=True):
    """The token, as an authorisation server passes it on (RFC 6749, 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = LIFE_S


class Asker(NamedTuple):
    """Who asks; by a token that names a number: which, and the token's digest."""

    guest: Guest
    number: str | None = None
    token: bytes = b""


class _Named(NamedTuple):
    bank: str
    number: str
    until_s: float


Answering = Callable[[Request, Asker], Awaitable[Reply | Problem]]


class AccessTokens:
    """The tokens of one service, and the route that issues them. For the event loop alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._named: OrderedDict[bytes, _Named] = OrderedDict()  # by digest, the oldest first
        self._decoder = msgspec.json.Decoder(TokenWanted)

    async def __call__(self, request: Request) -> None:
        """Issue one token."""
        await self._desk.answer_guest(request, self._issued)

    async def answer(self, request: Request, answering: Answering) -> None:
        """Reply with what is answered to who asks: by a token of here, or by a key of its own."""
        key = request.head.key
        digest = _digest(".".join(key)) if key is not None else b""
        asker = self._asker(request, digest)
        if asker is None:
            return await self._desk.answer_guest(
                request, lambda one, guest: answering(one, Asker(guest))
            )
        reply = await answering(request, asker)
        if isinstance(reply, Problem):
            return self._desk.tell(request, reply, by=asker.guest.participant.name)
        return self._desk.answer(request, reply)

    def spend(self, asker: Asker) -> None:
        """The token opens nothing any more."""
        self._named.pop(asker.token, None)

    def _asker(self, request: Request, digest: bytes) -> Asker | None:
        named = self._named.get(digest)
        if named is None or named.until_s <= self._now_s():
            return None
        bank = self._bearer(named.bank)
        return (
            None if bank is None else Asker(Guest(bank, request.arrived_ns), named.number, digest)
        )

    def _bearer(self, name: str) -> Participant | None:
        """The bank of that name, if it may hold tokens: it need not sign, and has a key left."""
        participants = self._desk.door.participants
        bank = participants.get(name)
        if bank is None or bank.role != "bank" or bank.signing == "required":
            return None
        return bank if participants.register.keys_of("participant", name) else None

    async def _issued(self, request: Request, guest: Guest) -> Reply | Problem:
        if guest.participant.role != "operator":
            return Problem(problems.FORBIDDEN, "the operator's authorisation server issues tokens")
        door = self._desk.door
        problem = is_json(request) or door.may_read(guest, "access_tokens") or door.limited(guest)
        if problem is not None:
            return problem
        try:
            wanted = self._decoder.decode(request.body)
        except msgspec.ValidationError:
            return Problem(problems.REFUSED, pointer="#", reason="wrong_type",
                           expected="bank, a participant, and number: +77010000001")  # fmt: skip
        except msgspec.DecodeError:
            return Problem(problems.MALFORMED, pointer="#", expected="JSON", reason="bad_json")
        bank = self._bearer(wanted.bank)
        if bank is None:
            return Problem(problems.REFUSED, pointer="#/bank", reason="unknown_category",
                           expected="a bank that connects here and need not sign")  # fmt: skip
        token = f"{secrets.token_hex(8)}.{secrets.token_urlsafe(32)}"
        self._forget()
        self._named[_digest(token)] = _Named(bank.name, wanted.number, self._now_s() + LIFE_S)
        return Reply(200, msgspec.json.encode(TokenIssued(token)), headers=(NO_STORE,))

    def _forget(self) -> None:
        """Let go of what opens nothing any more, and of the oldest at the bound."""
        now_s = self._now_s()
        while self._named:
            oldest = next(iter(self._named.values()))
            if oldest.until_s > now_s and len(self._named) < MAX_TOKENS:
                break
            self._named.popitem(last=False)

    def _now_s(self) -> float:
        return self._desk.clock().steady_ns / 1e9


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
