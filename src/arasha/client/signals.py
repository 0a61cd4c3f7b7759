"""What a bank asks an operator about the payer of a payment, and the facts that come of it.

Out: requests, one for call risk and one for each signal that CAMARA has. In: their answers, as
facts for the bank's own Arasha: a class each. An answer that is none makes no fact; why not is said
by signal. A number that the operator does not serve is a class, too: `not_known_here`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import httpx
import msgspec

from arasha.client.messages import SignalsTold
from arasha.events.records import SignalAnswered

WITHIN_S: Final = 0.2
"""The time budget of all questions together, seconds: a payment waits for them."""

CALL_RISK: Final = "/v1/signals/call-risk"

_LOOK_BACK_DAYS: Final = 26
"""How far back holder and tenure are asked about, days: an operator may know no more than 28, and
its days may begin earlier than ours.
"""

_SWAP_HOURS: Final = 24
_NOT_KNOWN: Final = "not_known_here"
_TOLD: Final = msgspec.json.Decoder(SignalsTold)


class Signals(NamedTuple):
    """What was answered in time, as facts; and by signal why there is no answer."""

    answered: tuple[SignalAnswered, ...]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One request: the signals that it answers, where, what is sent, and what the answer means."""

    signals: tuple[str, ...]
    path: str
    body: Mapping[str, object]
    facts: Callable[[httpx.Response], tuple[SignalAnswered, ...]]


def questions_about(payment: str, number: str, now: datetime) -> Iterator[Question]:
    """All that is asked about the payer of a payment."""
    body = {"payment": payment, "number": number}
    yield Question(
        ("call_risk", "sim_swap", "new_callers"), CALL_RISK, body,
        lambda response: call_risk_facts(response.content, number),
    )  # fmt: skip
    since = (now.astimezone(UTC) - timedelta(days=_LOOK_BACK_DAYS)).date().isoformat()
    asked: tuple[tuple[str, str, dict[str, object], str, dict[bool, str]], ...] = (
        ("device_swap", "/device-swap/v1/check", {"maxAge": _SWAP_HOURS}, "swapped",
         {True: "changed_within_day", False: "none"}),
        ("call_forwarding", "/call-forwarding-signal/v0.4/unconditional-call-forwardings", {},
         "active", {True: "forwarded", False: "none"}),
        ("number_recycling", "/number-recycling/v0.2/check", {"specifiedDate": since},
         "phoneNumberRecycled", {True: "recycled", False: "none"}),
        ("tenure", "/kyc-tenure/v0.2/check-tenure", {"tenureDate": since}, "tenureDateCheck",
         {True: "none", False: "tenure_under_month"}),
    )  # fmt: skip
    for signal, path, fields, field, classes in asked:
        reading = _Reading(signal, payment, number, now, field, classes)
        yield Question((signal,), path, {"phoneNumber": number} | fields, reading.facts)


def call_risk_facts(content: bytes, number: str) -> tuple[SignalAnswered, ...]:
    """The facts of an answer about call risk."""
    told = _TOLD.decode(content)
    return tuple(
        _fact(told.payment, one.signal, one.answer, number, told.known_at) for one in told.signals
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one of CAMARA's answers means: a field that is true or false, and its classes."""

    signal: str
    payment: str
    number: str
    now: datetime
    field: str
    classes: Mapping[bool, str]

    def facts(self, response: httpx.Response) -> tuple[SignalAnswered, ...]:
        """The fact; raises DecodeError where the answer is not as documented."""
        if response.status_code == httpx.codes.NOT_FOUND:
            answer = _NOT_KNOWN
        else:
            told = msgspec.json.decode(response.content, type=dict[str, object])
            value = told.get(self.field)
            if not isinstance(value, bool):
                raise msgspec.DecodeError(f"{self.field} is not true or false")
            answer = self.classes[value]
        return (_fact(self.payment, self.signal, answer, self.number, self.now.isoformat()),)


def gathered(outcomes: Mapping[Question, httpx.Response | BaseException | None]) -> Signals:
    """What the questions brought; None: no answer in time."""
    answered: list[SignalAnswered] = []
    missing: dict[str, str] = {}
    for question, outcome in outcomes.items():
        facts = _facts_of(question, outcome)
        if isinstance(facts, str):
            missing |= dict.fromkeys(question.signals, facts)
        else:
            answered += facts
    return Signals(tuple(answered), missing)


def _facts_of(
    question: Question, outcome: httpx.Response | BaseException | None
) -> tuple[SignalAnswered, ...] | str:
    """The facts, or why there are none."""
    if outcome is None:
        return "no answer in time"
    if isinstance(outcome, BaseException):
        return type(outcome).__name__
    code = _code(outcome)
    if outcome.status_code != httpx.codes.OK and code != "IDENTIFIER_NOT_FOUND":
        return f"{outcome.status_code} {code}".strip()
    try:
        return question.facts(outcome)
    except msgspec.DecodeError:  # or a ValidationError, which is one
        return "an answer of another form"


def _code(response: httpx.Response) -> str:
    """CAMARA's name of a refusal, or ours."""
    try:
        told = msgspec.json.decode(response.content, type=dict[str, object])
    except msgspec.DecodeError:
        return ""
    return str(told.get("code", told.get("type", "")))


def _fact(payment: str, signal: str, answer: str, number: str, at: str) -> SignalAnswered:
    return msgspec.convert(
        {
            "fact": "signal", "id": f"{payment}.{signal}", "signal": signal, "happened_at": at,
            "number": number, "answer": answer, "payment": payment,
        },
        SignalAnswered,
    )  # fmt: skip
