"""The routes at which a bank asks about a line in the manner of CAMARA.

In: a question of camara_questions.py about a payer's number, from a bank that may ask. Out: its
answer, once the log holds who asked, about which payment, of which number, and the class of what
was told; of a number that is not served here, too. A question is about now: asked again it is
answered anew, as often as engine/askings.py lets it.
"""

from __future__ import annotations

import secrets
from typing import Final

import msgspec

from arasha.app.http import camara, problems
from arasha.app.http.camara_questions import Known, OfNumber, Question, Told
from arasha.app.http.camara_tokens import AccessTokens, Asker
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.payments import is_json
from arasha.app.http.problems import Problem
from arasha.app.http.signals import kept, too_often
from arasha.engine.call_risk import NOT_KNOWN, CallRisk
from arasha.engine.live import Job
from arasha.events.records import SignalAnswered, instant
from arasha.events.reference import digest16
from arasha.events.schema import SIGNALS

MAX_BYTES: Final = 8_192
"""Longest message of these routes, bytes."""

_DAY_MS: Final = 86_400_000
_SIGNALS: Final = "signals"


class LineSignals:
    """The route of one question."""

    def __init__(
        self, desk: Desk, risk: CallRisk, tokens: AccessTokens, question: Question
    ) -> None:  # fmt: skip
        self._desk, self._risk, self._tokens, self._question = desk, risk, tokens, question
        self._decoder = msgspec.json.Decoder(question.message)

    async def __call__(self, request: Request) -> None:
        """Answer one asking."""
        await self._tokens.answer(request, self._answered)

    async def _answered(self, request: Request, asker: Asker) -> Reply | Problem:
        named = named_by(self._desk, request, asker.guest)
        if isinstance(named, Problem):
            return named
        asked = camara.read(self._decoder, request.body)
        if isinstance(asked, Problem):
            return asked
        refused = self._question.refused(asked, self._today())
        if refused is not None:
            return refused
        number = _number_of(asked, asker)
        if isinstance(number, Problem):
            return number
        told = await self._told(asker.guest, camara.payment_of(named), asked, number)
        if isinstance(told, Problem):
            return told
        return Reply(200, msgspec.json.encode(told), headers=((camara.CORRELATOR, named.encode()),))

    async def _told(
        self, guest: Guest, payment: str, asked: OfNumber, number: str
    ) -> msgspec.Struct | list[str] | Problem:
        """What is told of the number, once it is on record."""
        desk, token = self._desk, self._desk.door.number(number)
        reference = digest16(guest.participant.name, payment)
        job = Job(lambda: self._found(asked, token, reference))
        done = desk.submit(job)
        if done is None:
            return desk.busy()
        await done
        if job.fault is not None:
            return desk.busy()
        if isinstance(job.result, Problem):
            return job.result
        assert isinstance(job.result, Told)
        answer = answered(self._question.signal, job.result.answer, number, payment,
                          desk.clock().wall_ms)  # fmt: skip
        return job.result.said if await kept(desk, guest, [answer]) else desk.busy()

    def _found(self, asked: OfNumber, token: bytes, payment: bytes) -> Told | Problem:
        """In the writing thread: what is to be told, or why nothing is."""
        now_ms = self._desk.live.now_ms()
        line = self._risk.line(token, now_ms)
        signal = (SIGNALS.index(self._question.signal),)
        refused = self._risk.askings.allow(token, payment, signal, now_ms)
        if refused is not None:
            return too_often(refused)
        if line is None:
            return Told(NOT_KNOWN, Problem(camara.IDENTIFIER_NOT_FOUND))
        monitored_ms = self._risk.monitored_ms(now_ms)
        offset_ms = self._desk.live.policy.utc_offset_ms
        return self._question.answer(asked, Known(line, now_ms, monitored_ms, offset_ms))

    def _today(self) -> int:
        return (self._desk.clock().wall_ms + self._desk.live.policy.utc_offset_ms) // _DAY_MS


def named_by(desk: Desk, request: Request, guest: Guest) -> str | Problem:
    """The correlator of a request by a bank that may ask, given or made; why it may not. On a
    standby nobody is told anything, for nothing could be put on record.
    """
    if desk.live.standby:
        return desk.busy()
    if guest.participant.role != "bank":
        return Problem(problems.FORBIDDEN, "a bank asks, about a payment of its own customer")
    problem = is_json(request) or desk.door.may_read(guest, _SIGNALS) or desk.door.limited(guest)
    return problem or camara.correlator_of(request) or camara.new_correlator()


async def on_record(
    desk: Desk, risk: CallRisk, guest: Guest, signal: str, answer: str, number: str, payment: str
) -> Problem | None:
    """Put an answer that is known already on record; why it may not be given."""
    token, reference = desk.door.number(number), digest16(guest.participant.name, payment)
    signals = (SIGNALS.index(signal),)

    def allowed() -> str | None:
        risk.catch_up()
        return risk.askings.allow(token, reference, signals, desk.live.now_ms())

    job = Job(allowed)
    done = desk.submit(job)
    if done is None:
        return desk.busy()
    await done
    if job.fault is not None:
        return desk.busy()
    if isinstance(job.result, str):
        return too_often(job.result)
    record = answered(signal, answer, number, payment, desk.clock().wall_ms)
    return None if await kept(desk, guest, [record]) else desk.busy()


def _number_of(asked: OfNumber, asker: Asker) -> str | Problem:
    """Which number is asked about: the message's or the token's, and never both."""
    given = asked.phone_number
    if asker.number is None:
        missing = Problem(camara.MISSING_IDENTIFIER, expected="phoneNumber")
        return given if isinstance(given, str) else missing
    if isinstance(given, str):
        return Problem(camara.UNNECESSARY_IDENTIFIER, expected="a message without phoneNumber")
    return asker.number


def answered(signal: str, answer: str, number: str, payment: str, now_ms: int) -> SignalAnswered:
    """An answer as it is put on record."""
    return SignalAnswered(
        id=f"{payment}.{secrets.token_hex(6)}", happened_at=instant(now_ms), number=number,
        signal=signal,  # type: ignore[arg-type]  # of SIGNALS
        answer=answer,  # type: ignore[arg-type]  # of SIGNAL_CLASSES
        payment=payment,
    )  # fmt: skip
