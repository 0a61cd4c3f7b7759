"""``POST /v1/signals/call-risk``: a bank asks an operator about the payer of one payment, now.

In: a payment's id and the payer's number. Out: a class for each signal of call_risk.ASKED, and
nothing else: no other number, no time, no count. Our own, in the manner of CAMARA, where there is
no such interface. What was answered is an entry of the operator's log, durable before it is told:

    who asked, about which payment, of which number, what it was told

A payment is asked about once: asked again, the first answer is told again, and with another number
it is refused. Of one number nobody is told about more than MAX_ASKED_24H payments a day, here and
at the routes of CAMARA together (engine/askings.py), so that who has no payment cannot watch a
person by asking.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from arasha.engine.live import Answer as LiveAnswer
from arasha.engine.live import Ask, Fate, Job
from arasha.events.body import unpack_facts
from arasha.events.records import Record, SignalAnswered, instant
from arasha.events.reference import digest16
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS, Kind
from arasha.events.symbols import ID_PATTERN, whole

PATH: Final = "/v1/signals/call-risk"
MAX_BYTES: Final = 1_024

NUMBER_PATTERN: Final = r"\+[1-9][0-9]{4,14}"
"""A number as CAMARA writes it, in E.164 with its plus."""

MAX_PAYMENT_CHARS: Final = 48
"""Longest id of a payment that can be asked about: the ids of the answers are made of it."""

_DEADLINE_NS: Final = 1_000_000_000
_ASKED: Final = tuple(map(SIGNALS.index, ASKED))


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bank sends: the id of the payment it is about to judge, and its payer's number."""

    payment: Annotated[str, msgspec.Meta(pattern=whole(ID_PATTERN), max_length=MAX_PAYMENT_CHARS)]
    number: Annotated[str, msgspec.Meta(pattern=whole(NUMBER_PATTERN))]


_decode = msgspec.json.Decoder(Asking).decode


class CallRiskSignals:
    """The route."""

    def __init__(self, desk: Desk, risk: CallRisk) -> None:
        self._desk, self._risk = desk, risk

    async def __call__(self, request: Request) -> None:
        """Answer one asking."""
        await self._desk.answer_guest(request, self._answered)

    async def _answered(self, request: Request, guest: Guest) -> Reply | Problem:
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
        number = door.number(asking.number)
        job = Job(lambda: self._classes(guest.participant.name, asking.payment, number))
        done = desk.submit(job)
        if done is None:
            return desk.busy()
        await done
        if job.fault is not None:
            return desk.busy()
        if isinstance(job.result, Problem):
            return job.result
        if isinstance(job.result, SignalsTold):
            return Reply(200, msgspec.json.encode(job.result), headers=(REPEATED,))
        assert isinstance(job.result, tuple)
        return await self._kept(guest, asking, job.result)

    def _classes(self, bank: str, payment: str, number: bytes) -> object:
        """In the writing thread: what is to be told, what was told before, or why nothing is."""
        live = self._desk.live
        before = live.find(bank, _id(payment, ASKED[0]))
        if before is not None:
            frames = live.log.read(before.seq, before.seq + len(ASKED))
            facts = [unpack_facts(frame.kinds, frame.bodies) for frame in frames]
            told = {
                int(signal): int(answer)
                for some in facts
                for kind, signal, answer, of in zip(
                    some.kinds.tolist(), some.number("signal"), some.number("answer"),
                    some.symbol("number"), strict=True,
                )
                if kind == Kind.SIGNAL and of.tobytes() == number
            }  # fmt: skip
            if len(told) != len(ASKED):
                expected = "the number that was asked about with this payment"
                return Problem(problems.CONFLICT, pointer="#/number", expected=expected)
            return _told(payment, before.seq, before.known_at_ms, tuple(told.values()))
        if live.standby:
            return self._desk.busy()  # nothing could be put on record
        now_ms = live.now_ms()
        now = self._risk.tell(number, now_ms)
        refused = self._risk.askings.allow(number, digest16(bank, payment), _ASKED, now_ms)
        return now.classes if refused is None else too_often(refused)

    async def _kept(
        self, guest: Guest, asking: Asking, classes: tuple[int, ...]
    ) -> Reply | Problem:
        """Have the answer put on record, and tell it."""
        desk = self._desk
        now = instant(desk.clock().wall_ms)
        records = [
            SignalAnswered(
                id=_id(asking.payment, signal), happened_at=now, number=asking.number,
                signal=signal,  # type: ignore[arg-type]  # of ASKED
                answer=SIGNAL_CLASSES[answer],
                payment=asking.payment,
            )
            for signal, answer in zip(ASKED, classes, strict=True)
        ]  # fmt: skip
        answers = await kept(desk, guest, records)
        if answers is None:
            return desk.busy()  # or the same was asked twice at once: the next asking finds it
        first = answers[0]
        told = _told(asking.payment, first.seq, first.known_at_ms, classes)
        return Reply(200, msgspec.json.encode(told))


async def kept(desk: Desk, guest: Guest, records: Sequence[Record]) -> Sequence[LiveAnswer] | None:
    """What became of records that the guest's asking puts into the log, all of them; else None."""
    ask = Ask(desk.door.rows(guest, records), desk.clock().steady_ns + _DEADLINE_NS)
    done = desk.submit(ask)
    if done is None:
        return None
    await done
    if ask.fault is not None or any(one.fate is not Fate.KEPT for one in ask.answers):
        return None
    return ask.answers


def too_often(expected: str) -> Problem:
    """There were too many askings about one number, or about one payment's."""
    return Problem(problems.ASKED_TOO_OFTEN, expected=expected, retry_after_s=3_600)


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
