"""``POST /v1/signals/call-risk``: a bank asks an operator about the payer of one payment, now.

In: a payment's id and the payer's number. Out: a class for each signal of call_risk.ASKED, and
nothing else: no other number, no time, no count. Our own, in the manner of CAMARA, where there is
no such interface. What was answered is an entry of the operator's log, durable before it is told:

    who asked, about which payment, of which number, what it was told

A payment is asked about once: asked again, the first answer is told again, and with another number
it is refused. Of one number nobody is told about more than so many payments a day, here and at the
routes of CAMARA together (engine/askings.py), so that who has no payment cannot watch a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from arasha.app.http import problems
from arasha.app.http.answers import moment
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.payments import REPEATED, is_json
from arasha.app.http.problems import Problem
from arasha.client.messages import SignalsTold, SignalTold
from arasha.engine.call_risk import ASKED, CallRisk
from arasha.engine.live import Ask, Fate, Job
from arasha.engine.recall import Recalled
from arasha.events.body import unpack_facts
from arasha.events.records import SignalAnswered
from arasha.events.reference import digest16
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS, Kind
from arasha.events.symbols import ID_PATTERN, code_bytes, whole
from arasha.vault.rows import LAYOUTS, UNKNOWN, Row

PATH: Final = "/v1/signals/call-risk"
MAX_BYTES: Final = 1_024

NUMBER_PATTERN: Final = r"\+[1-9][0-9]{4,14}"
"""A number as CAMARA writes it, in E.164 with its plus."""

MAX_PAYMENT_CHARS: Final = 48
"""Longest id of a payment that can be asked about: the ids of the answers are made of it."""

DEADLINE_NS: Final = 1_000_000_000
"""How long an asking waits to be answered, ns."""

NO_STORE: Final = (b"cache-control", b"no-store")
"""Nobody on the way keeps what is told of a person."""

_ASKED: Final = tuple(map(SIGNALS.index, ASKED))
_ANSWERED: Final = LAYOUTS[SignalAnswered]
assert _ANSWERED.numbers == ("happened_at", "answer", "signal")
assert _ANSWERED.symbols == ("sender", "payment", "number", "operator")


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bank sends: the id of the payment it is about to judge, and its payer's number."""

    payment: Annotated[str, msgspec.Meta(pattern=whole(ID_PATTERN), max_length=MAX_PAYMENT_CHARS)]
    number: Annotated[str, msgspec.Meta(pattern=whole(NUMBER_PATTERN))]


_decode = msgspec.json.Decoder(Asking).decode


@dataclass(slots=True, kw_only=True, eq=False)
class _Question(Ask):
    """An asking on its way: whose, about what; then the classes that are told, or another reply."""

    request: Request
    bank: str
    payment: str
    number: bytes
    classes: tuple[int, ...] = ()
    reply: Reply | Problem | None = None


class CallRiskSignals:
    """The route. All askings that came while a commit was written are answered in the next one."""

    def __init__(self, desk: Desk, risk: CallRisk) -> None:
        self._desk, self._risk = desk, risk

    def __call__(self, request: Request) -> None:
        """Answer one asking."""
        desk = self._desk
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        problem = self._taken(request, guest)
        if problem is not None:
            desk.tell(request, problem, by=guest.participant.name)
        return None

    def _taken(self, request: Request, guest: Guest) -> Problem | None:
        """None when it is in the queue, else why not."""
        desk, door = self._desk, self._desk.door
        if guest.participant.role != "bank":
            return Problem(problems.FORBIDDEN, "a bank asks, about a payment of its own customer")
        problem = is_json(request) or door.may_read(guest, "signals") or door.limited(guest)
        if problem is not None:
            return problem
        try:
            asking = _decode(request.body)
        except msgspec.ValidationError:
            return Problem(
                problems.REFUSED, pointer="#", reason="wrong_type", found="another message",
                expected="payment, an id of at most 48 characters, and number: +77010000001",
            )  # fmt: skip
        except msgspec.DecodeError:
            return Problem(problems.MALFORMED, pointer="#", expected="JSON", reason="bad_json")
        question = _Question(
            (), request.arrived_ns + DEADLINE_NS, self._done, fill=self._fill, request=request,
            bank=guest.participant.name, payment=asking.payment, number=door.number(asking.number),
        )  # fmt: skip
        return None if desk.live.submit(question, request.arrived_ns) else desk.busy()

    def _fill(self, asks: Sequence[Ask]) -> None:
        """In the writing thread: what each is told, as rows to be kept before it is. An asking that
        was answered before, or may not be, gets none, and its reply.
        """
        live = self._desk.live
        questions = [ask for ask in asks if isinstance(ask, _Question)]
        now_ms = live.now_ms()
        told = self._risk.tell_all([one.number for one in questions], now_ms)
        earlier = live.log.seqs_of(
            [digest16(one.bank, _id(one.payment, ASKED[0])) for one in questions]
        )
        for question, now, seq in zip(questions, told, earlier.tolist(), strict=True):
            if seq >= 0:
                before = live.find(question.bank, _id(question.payment, ASKED[0]))
                assert before is not None
                question.reply = self._told_before(question, before)
                continue
            payment = digest16(question.bank, question.payment)
            refused = self._risk.askings.allow(
                question.number, code_bytes(question.bank), payment, _ASKED, now_ms
            )
            if refused is not None:
                question.reply = too_often(refused)
            else:
                question.classes = now.classes
                question.rows = _rows(question, now_ms)

    def _told_before(self, question: _Question, before: Recalled) -> Reply | Problem:
        """The first answer about this payment, once more, if it was about this number."""
        frames = self._desk.live.log.read(before.seq, before.seq + len(ASKED))
        facts = [unpack_facts(frame.kinds, frame.bodies) for frame in frames]
        classes = tuple(
            int(answer)
            for some in facts
            for kind, answer, of in zip(
                some.kinds.tolist(), some.number("answer"), some.symbol("number"), strict=True
            )
            if kind == Kind.SIGNAL and of.tobytes() == question.number
        )
        if len(classes) != len(ASKED):
            expected = "the number that was asked about with this payment"
            return Problem(problems.CONFLICT, pointer="#/number", expected=expected)
        told = _told(question.payment, before.seq, before.known_at_ms, classes)
        return Reply(200, msgspec.json.encode(told), headers=(REPEATED, NO_STORE))

    def _done(self, work: Ask | Job) -> None:
        """In the event loop: it is durable, or needed not to be, or has failed."""
        assert isinstance(work, _Question)
        reply = self._reply(work)
        if isinstance(reply, Problem):
            return self._desk.tell(work.request, reply, by=work.bank)
        return self._desk.answer(work.request, reply)

    def _reply(self, question: _Question) -> Reply | Problem:
        if question.fault is not None:
            return self._desk.busy()
        if question.reply is not None:
            return question.reply
        if any(one.fate is not Fate.KEPT for one in question.answers):
            return self._desk.busy()  # the same was asked twice at once: the next asking finds it
        first = question.answers[0]
        told = _told(question.payment, first.seq, first.known_at_ms, question.classes)
        return Reply(200, msgspec.json.encode(told), headers=(NO_STORE,))


def too_often(expected: str) -> Problem:
    """There were too many askings about one number, or about one payment's."""
    return Problem(problems.ASKED_TOO_OFTEN, expected=expected, retry_after_s=3_600)


def _rows(question: _Question, now_ms: int) -> list[Row]:
    """What goes on record: who was told which class, about which payment and number."""
    bank, payment = code_bytes(question.bank), digest16(question.bank, question.payment)
    return [
        Row(
            _ANSWERED.kind, _id(question.payment, name),
            _ANSWERED.form.pack(now_ms, answer, signal, bank, payment, question.number, UNKNOWN),
        )
        for name, signal, answer in zip(ASKED, _ASKED, question.classes, strict=True)
    ]  # fmt: skip


def _id(payment: str, signal: str) -> str:
    return f"{payment}.{signal}"


def _told(payment: str, seq: int, known_at_ms: int, classes: tuple[int, ...]) -> SignalsTold:
    return SignalsTold(
        payment, seq, moment(known_at_ms),
        tuple(
            SignalTold(signal, SIGNAL_CLASSES[answer])
            for signal, answer in zip(ASKED, classes, strict=True)
        ),
    )  # fmt: skip
