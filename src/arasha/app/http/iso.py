"""``POST /v1/iso20022``: a message of ISO 20022, XML or JSON, and an answer to each of its facts.

In: a message as banks exchange it. Out: what kind it is, its own id, and the answers in the order
of its transactions: decisions about payments, places of outcomes and reports, or the problem with
one of them. A message is kept whole: its facts stand together in one commit. What it says to a
recall is then taken as an act, and told too (iso_replies.py). For those who come
from Tazama the same stands at ``/v1/evaluate/iso20022/TYPE``, as JSON.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

import msgspec

from arasha.app.http import iso_replies, problems
from arasha.app.http.answers import decided, moment
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem, of_reject, refused_of
from arasha.client.messages import Answer as Told
from arasha.client.messages import Kept, MessageAnswered, Refused
from arasha.engine.live import Answer, Ask, Fate
from arasha.events.iso20022.messages import Message, decode_json, decode_xml
from arasha.events.iso20022.tree import MAX_MESSAGE_BYTES
from arasha.events.records import PaymentReceived, Record
from arasha.events.rejects import Reject

PATH: Final = "/v1/iso20022"
EVALUATE: Final = "/v1/evaluate/iso20022/"
MAX_BYTES: Final = MAX_MESSAGE_BYTES

_PATIENCE_S: Final = 60.0  # for what is not judged
_XML: Final = frozenset({b"application/xml", b"text/xml"})
_TYPE: Final = re.compile(r"((?:pain|pacs|camt)\.\d{3})\.001\.\d{2}")


class Iso:
    """Both routes."""

    def __init__(self, desk: Desk, office: Office) -> None:
        self._desk, self._office = desk, office

    async def __call__(self, request: Request) -> None:
        """Take a message."""
        await self._desk.answer_guest(request, self._answered)

    async def _answered(self, request: Request, guest: Guest) -> Reply | Problem:
        desk = self._desk
        message = _read(request)
        if isinstance(message, Problem):
            return message
        facts = len(message.records)
        problem = next(
            filter(None, (desk.door.may_send(guest, _word(one)) for one in message.records)), None
        )
        if problem is None:
            problem = desk.door.limited(guest, max(1, facts, len(message.replies)))
        if problem is not None:
            return problem
        told = await self._kept(request, guest, message) if facts else []
        if isinstance(told, Problem):
            return told
        failed = {
            record.id
            for record, answer in zip(message.records, told, strict=True)
            if isinstance(answer, Refused)
        }
        replies = [one for one in message.replies if one.fact not in failed]
        taken = await iso_replies.take(self._office, guest.participant.name, replies)
        if isinstance(taken, Problem):
            return taken
        return Reply(200, msgspec.json.encode(
            MessageAnswered(message.kind, message.id, told, taken)))  # fmt: skip

    async def _kept(self, request: Request, guest: Guest, message: Message) -> list[Told] | Problem:
        """The answers to the message's facts, once they are durable."""
        desk, facts = self._desk, len(message.records)
        if not desk.live.has_room(facts):
            return desk.busy()
        limit_s = guest.participant.deadline_ms / 1000 if _has_payment(message) else _PATIENCE_S
        deadline_ns = request.arrived_ns + int(limit_s * 1e9)
        ask = Ask(desk.door.rows(guest, message.records), deadline_ns)
        done = desk.submit(ask)
        if done is None:
            return desk.busy()
        try:
            async with asyncio.timeout(limit_s):
                await done
        except TimeoutError:
            desk.late.note(
                guest.participant.name,
                [one.id for one in message.records if isinstance(one, PaymentReceived)],
            )
            ask.waiter = desk.told_too_late
            if not done.cancelled():  # it was handed back just now
                desk.told_too_late(ask)
            return Problem(problems.TOO_LATE, "send it again: there is one verdict, at most")
        if ask.fault is not None:
            return desk.busy()
        answers = zip(message.records, ask.answers, strict=True)
        return [self._told(record.id, answer) for record, answer in answers]

    def _told(self, fact: str, answer: Answer) -> Told:
        if answer.fate is Fate.CONFLICT:
            return refused_of(Problem(problems.CONFLICT, expected="the same content as before"))
        if answer.fate is Fate.EXPIRED:
            return refused_of(Problem(problems.TOO_LATE))
        if answer.verdict is None:
            return Kept(fact, answer.seq, moment(answer.known_at_ms))
        pause = self._desk.pauses.of(answer.seq, answer.known_at_ms, answer.verdict)
        return decided(fact, answer.seq, answer.known_at_ms, answer.verdict, pause)


def _read(request: Request) -> Message | Problem:
    """The message in the body, by its type; in the path for those who come from Tazama."""
    kind: str | None = None
    if request.path.startswith(EVALUATE):
        named = _TYPE.fullmatch(request.path.removeprefix(EVALUATE))
        if named is None:
            return Problem(problems.NOT_FOUND, expected="a type such as pacs.008.001.10")
        kind = named[1]
    media = (request.header(b"content-type") or b"").partition(b";")[0].strip().lower()
    if media in _XML and kind is None:
        read = decode_xml(request.body)
    elif media == b"application/json":
        read = decode_json(request.body, kind=kind)
    else:
        expected = "application/json" if kind else "application/xml or application/json"
        return Problem(problems.WRONG_MEDIA, expected=f"Content-Type: {expected}")
    return of_reject(read) if isinstance(read, Reject) else read


def _word(record: Record) -> str:
    return str(record.__struct_config__.tag)


def _has_payment(message: Message) -> bool:
    return any(isinstance(record, PaymentReceived) for record in message.records)
