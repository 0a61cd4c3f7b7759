"""The routes at which a bank asks about a line in the manner of CAMARA.

In: a question of camara_questions.py about a payer's number, from a bank that may ask. Out: its
answer, once the log holds who asked, about which payment, of which number, and the class of what
was told; of a number that is not served here, too. A question is about now: asked again it is
answered anew, as often as engine/askings.py lets it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from arasha.app.http.signals import DEADLINE_NS, too_often
from arasha.engine.call_risk import NOT_KNOWN, CallRisk
from arasha.engine.live import Ask, Fate
from arasha.events.records import SignalAnswered
from arasha.events.reference import digest16
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS
from arasha.events.symbols import code_bytes
from arasha.vault.rows import LAYOUTS, row_with

MAX_BYTES: Final = 8_192
"""Longest message of these routes, bytes."""

_DAY_MS: Final = 86_400_000
_SIGNALS: Final = "signals"


@dataclass(slots=True, kw_only=True, eq=False)
class _Asking(Ask):
    """An asking on its way: whose, about what, how its answer is found; then the answer."""

    bank: str
    payment: str
    signal: str
    number: bytes
    find: Callable[[bytes, int], Told]
    told: Told | Problem | None = None


class Answers:
    """Finds answers and has them put on record: all that came while a commit was written together,
    in the next one.
    """

    def __init__(self, desk: Desk, risk: CallRisk) -> None:
        self._desk, self._risk = desk, risk

    async def answer(
        self, guest: Guest, payment: str, signal: str, number: str,
        find: Callable[[bytes, int], Told],
    ) -> msgspec.Struct | list[str] | Problem:  # fmt: skip
        """What is told, once it is on record, or why nothing is. ``find`` is called in the writing
        thread, with the number's token and the time, where the number may be asked about.
        """
        desk = self._desk
        asking = _Asking(
            (), desk.clock().steady_ns + DEADLINE_NS, fill=self._fill, bank=guest.participant.name,
            payment=payment, signal=signal, number=desk.door.number(number), find=find,
        )  # fmt: skip
        done = desk.submit(asking)
        if done is None:
            return desk.busy()
        await done
        if isinstance(asking.told, Problem):
            return asking.told
        if asking.told is None or asking.fault is not None or not all_kept(asking):
            return desk.busy()
        return asking.told.said

    def _fill(self, asks: Sequence[Ask]) -> None:
        """In the writing thread: what each is told, as a row to be kept before it is."""
        now_ms = self._desk.live.now_ms()
        self._risk.catch_up()
        for asking in asks:
            assert isinstance(asking, _Asking)
            payment = digest16(asking.bank, asking.payment)
            signal = SIGNALS.index(asking.signal)
            refused = self._risk.askings.allow(
                asking.number, code_bytes(asking.bank), payment, (signal,), now_ms
            )
            if refused is not None:
                asking.told = too_often(refused)
                continue
            asking.told = told = asking.find(asking.number, now_ms)
            numbers = {"happened_at": now_ms, "signal": signal,
                       "answer": SIGNAL_CLASSES.index(told.answer)}  # fmt: skip
            symbols = {"sender": code_bytes(asking.bank), "number": asking.number,
                       "payment": payment}  # fmt: skip
            name = f"{asking.payment}.{secrets.token_hex(6)}"
            asking.rows = [row_with(LAYOUTS[SignalAnswered], name, numbers, symbols)]


class LineSignals:
    """The route of one question."""

    def __init__(
        self, desk: Desk, risk: CallRisk, tokens: AccessTokens, question: Question
    ) -> None:
        self._desk, self._risk, self._tokens, self._question = desk, risk, tokens, question
        self._answers = Answers(desk, risk)
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
        told = await self._answers.answer(
            asker.guest, camara.payment_of(named), self._question.signal, number,
            lambda token, now_ms: self._found(asked, token, now_ms),
        )  # fmt: skip
        if isinstance(told, Problem):
            return told
        return camara.answered(told, named)

    def _found(self, asked: OfNumber, number: bytes, now_ms: int) -> Told:
        """In the writing thread: what is to be told."""
        [line] = self._risk.lines([number], now_ms)
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


def _number_of(asked: OfNumber, asker: Asker) -> str | Problem:
    """Which number is asked about: the message's or the token's, and never both."""
    given = asked.phone_number
    if asker.number is None:
        missing = Problem(camara.MISSING_IDENTIFIER, expected="phoneNumber")
        return given if isinstance(given, str) else missing
    if isinstance(given, str):
        return Problem(camara.UNNECESSARY_IDENTIFIER, expected="a message without phoneNumber")
    return asker.number


def all_kept(ask: Ask) -> bool:
    """Whether its rows are in the log."""
    return bool(ask.answers) and all(one.fate is Fate.KEPT for one in ask.answers)
