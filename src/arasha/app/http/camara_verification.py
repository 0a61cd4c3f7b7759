"""``POST /number-verification/v2/verify``: whether a number is that of who is at the bank's app.

In: a number, or its digest, and an access token that names one (camara_tokens.py): without such a
token nobody was found by the network, and nothing is verified. Out: whether they are the same, once
that is on record; the token is spent. ``/device-phone-number``, which would tell the number itself,
is refused: a bank is told classes, and `verify` answers what it needs to know.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from arasha.app.http import camara, problems
from arasha.app.http.camara_questions import PhoneNumber, Told
from arasha.app.http.camara_signals import Answers, named_by
from arasha.app.http.camara_tokens import AccessTokens, Asker
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.problems import Problem
from arasha.engine.call_risk import CallRisk

VERIFY: Final = "/number-verification/v2/verify"
SHARE: Final = "/number-verification/v2/device-phone-number"

_SIGNAL: Final = "number_verification"


class NumberVerificationRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"
):  # fmt: skip
    """One of the two: a number, or the SHA-256 of it with its plus, in hexadecimal digits."""

    phone_number: PhoneNumber | UnsetType = UNSET
    hashed_phone_number: Annotated[str, Meta(pattern=r"\A[a-fA-F0-9]{64}\Z")] | UnsetType = UNSET


class NumberVerificationMatch(Struct, frozen=True, rename="camel"):
    """Whether it is the number of the device."""

    device_phone_number_verified: bool


class Verifying:
    """The route that verifies."""

    def __init__(self, desk: Desk, risk: CallRisk, tokens: AccessTokens) -> None:
        self._desk, self._tokens, self._answers = desk, tokens, Answers(desk, risk)
        self._decoder = msgspec.json.Decoder(NumberVerificationRequest)

    async def __call__(self, request: Request) -> None:
        """Answer one request."""
        await self._tokens.answer(request, self._answered)

    async def _answered(self, request: Request, asker: Asker) -> Reply | Problem:
        named = named_by(self._desk, request, asker.guest)
        if isinstance(named, Problem):
            return named
        asked = camara.read(self._decoder, request.body)
        if isinstance(asked, Problem):
            return asked
        number, hashed = asked.phone_number, asked.hashed_phone_number
        if (number is UNSET) == (hashed is UNSET):
            return Problem(camara.INVALID_ARGUMENT,
                           expected="one of phoneNumber and hashedPhoneNumber")  # fmt: skip
        if asker.number is None:
            return Problem(camara.NOT_BY_NETWORK)
        self._tokens.spend(asker)
        digest = hashlib.sha256(asker.number.encode()).hexdigest()
        same = number == asker.number if isinstance(number, str) else str(hashed).lower() == digest
        told = Told("number_matches" if same else "number_differs", NumberVerificationMatch(same))
        said = await self._answers.answer(
            asker.guest, camara.payment_of(named), _SIGNAL, asker.number, lambda _, __: told
        )
        if isinstance(said, Problem):
            return said
        return camara.answered(said, named)


class Sharing:
    """The route that would tell a number: nobody has the scope."""

    def __init__(self, desk: Desk, tokens: AccessTokens) -> None:
        self._desk, self._tokens = desk, tokens

    async def __call__(self, request: Request) -> None:
        """Refuse one request."""
        await self._tokens.answer(request, self._refused)

    async def _refused(self, request: Request, asker: Asker) -> Problem:
        named = named_by(self._desk, request, asker.guest)
        if isinstance(named, Problem):
            return named
        return Problem(problems.FORBIDDEN, "numbers are not told, but verified",
                       expected=f"POST {VERIFY}")  # fmt: skip
