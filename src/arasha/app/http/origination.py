"""``POST /v1/origination``: another operator asks "did you originate this call?".

In: two numbers and a time. Out: one word of origination.ANSWERS about that one call, now: from the
calls that this operator was told of in the last seconds and, where there is none, from what its
network says of the caller being abroad. What cannot be told is not answered (503): who asks then
lets the call ring. The answer is an entry here, durable before it is told, with the asker, the
number that is ours, and the word; the other number is not in it.

Nobody learns more than they see anyway: an operator asks about calls to its own numbers only, while
they come, and of a number of nobody it is told what it is told of one that is at home and silent,
as late. That somebody is abroad is told MAX_ABROAD_TOLD times a number and day.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import msgspec

from arasha.app.http import problems
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.lines import Line, Silence
from arasha.app.http.payments import REPEATED, is_json
from arasha.app.http.problems import Problem
from arasha.engine.live import Ask, Fate, Job
from arasha.engine.originated import RECENT_MS, Originated, Pair
from arasha.engine.recall import Recalled
from arasha.events.body import unpack_facts
from arasha.events.records import SignalAnswered, instant, milliseconds
from arasha.events.schema import SIGNAL_CLASSES, Kind, PartyKind
from arasha.exchange.numbering import Watched
from arasha.exchange.origination import ANSWERS, Answer, Answered, Question
from arasha.vault.tokens import Tokens

MAX_BYTES: Final = 1_024

MAX_AGE_MS: Final = 30_000
"""How far the time of a call may lie from ours, ms, either way: it is asked about as it comes."""

MARGIN_S: Final = 0.05
"""What is left of the asker's time when an answer is found: for the entry and the way back, s."""

LONGEST_WAIT_S: Final = 0.15
"""How long a call that is not known yet is waited for: it may come later than the question, s."""

MAX_ABROAD_TOLD: Final = 48
"""How often a day it is told of a number that it is abroad."""

KEEP_UP_S: Final = 0.1
"""How often the last calls are taken in where nobody asks, seconds."""

FULL_S: Final = 0.005
"""When it is tried again to take in calls where the writing thread has too much to do, seconds."""

_DAY_NS: Final = 86_400 * 10**9
_MAX_TOLD_NUMBERS: Final = 200_000
_DEADLINE_NS: Final = 1_000_000_000
_OK: Final = 200
_NO_SUCH: Final = 404
_NOBODY: Final = frozenset({"IDENTIFIER_NOT_FOUND", "DEVICE_NOT_FOUND"})
"""Codes by which CAMARA says that a number is nobody's. Any other 404 may be a wrong address, which
knows nothing of anybody abroad.
"""

_decode = msgspec.json.Decoder(Question).decode


class _Abroad(msgspec.Struct):
    """What CAMARA's Device Roaming Status answers; the country, if it says one, is not read."""

    roaming: bool


class _Refused(msgspec.Struct):
    """What CAMARA says where it tells nothing."""

    code: str


_decode_abroad = msgspec.json.Decoder(_Abroad).decode
_decode_refused = msgspec.json.Decoder(_Refused).decode


class Answering:
    """What this operator says of calls that bear its numbers, to others and to itself."""

    def __init__(self, desk: Desk, originated: Originated, roaming: Line | None) -> None:
        self._desk, self._originated, self._roaming = desk, originated, roaming
        self._waiting: dict[Pair, list[asyncio.Future[None]]] = {}
        self._look = asyncio.Event()
        self._seen = -1  # how large the log was when it was last taken in
        self._told: dict[bytes, deque[int]] = {}  # when, by number; those told longest ago first

    async def run(self) -> None:
        """Keep up with the log: with each commit while somebody waits, else now and then."""
        desk, originated = self._desk, self._originated
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(KEEP_UP_S):
                    await self._look.wait()
            self._look.clear()
            if desk.live.standby:
                originated.began_anew(desk.clock().steady_ns)
            waiting, size = list(self._waiting), desk.live.size
            if size != self._seen:
                done = desk.submit(Job(originated.catch_up))
                if done is None:
                    await asyncio.sleep(FULL_S)
                    self._look.set()
                    continue
                await done
                self._seen = size
            now_ms = desk.clock().wall_ms
            for pair in waiting:
                if originated.made(pair, now_ms):
                    for made in self._waiting.get(pair, ()):
                        if not made.done():
                            made.set_result(None)

    async def answer(
        self, number: str, caller: bytes, callee: bytes, within_s: float
    ) -> Answer | None:
        """What is so of a call by one of our numbers to another (tokens); None: we cannot tell."""
        left_s, pair = max(0.0, within_s - MARGIN_S), caller + callee
        end = asyncio.get_running_loop().time() + left_s
        until = end - left_s + min(left_s, LONGEST_WAIT_S)
        abroad = asyncio.create_task(self._is_abroad(number, left_s))
        try:
            with self._expecting(pair) as made:
                await _first((made, abroad), until)
                if abroad.done() and abroad.result() and not made.done():
                    return self._of_silence(caller, is_abroad=True)
                await _first((made,), until)
                if not made.done() and not await self._caught_up(end):
                    return None
                if made.done() or self._originated.made(pair, self._desk.clock().wall_ms):
                    return "originated"
            return self._of_silence(caller, is_abroad=await abroad)
        finally:
            abroad.cancel()

    async def _caught_up(self, end: float) -> bool:
        """Whether, by then, all that was put to us before now is known. Under load it may stand in
        the queue for longer than the call was waited for; to deny it then would be a lie.
        """
        job = Job(self._originated.catch_up)
        done = self._desk.submit(job)
        if done is None:
            return False
        await _first((done,), end)
        return done.done() and job.fault is None

    @contextmanager
    def _expecting(self, pair: Pair) -> Iterator[asyncio.Future[None]]:
        """A future that is done when that call is known."""
        made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(pair, []).append(made)
        self._desk.grown.add(self._look)
        self._look.set()
        try:
            yield made
        finally:
            self._waiting[pair].remove(made)
            if not self._waiting[pair]:
                del self._waiting[pair]
            if not self._waiting:
                self._desk.grown.discard(self._look)

    def _of_silence(self, caller: bytes, *, is_abroad: bool | None) -> Answer | None:
        """What to say of a call that is not known here."""
        if is_abroad:
            return "roaming" if self._may_tell_abroad(caller) else None
        now_ns, turned_ns = self._desk.clock().steady_ns, self._desk.turned_away_ns
        lost = turned_ns is not None and now_ns - turned_ns < RECENT_MS * 1_000_000
        if is_abroad is None or lost or not self._originated.sees_all(now_ns):
            return None
        return "not_originated"

    async def _is_abroad(self, number: str, within_s: float) -> bool | None:
        """Whether the network has it registered abroad now; None where nobody says."""
        if self._roaming is None:
            return None
        body = msgspec.json.encode({"device": {"phoneNumber": number}})
        reply = await self._roaming.ask(body, within_s)
        if isinstance(reply, Silence):
            return None
        status, said = reply
        try:
            if status == _NO_SUCH:  # nobody's number is nowhere
                return False if _decode_refused(said).code in _NOBODY else None
            return _decode_abroad(said).roaming if status == _OK else None
        except (msgspec.DecodeError, RecursionError):
            return None

    def _may_tell_abroad(self, number: bytes) -> bool:
        """Whether it was not told too often; it is told now."""
        now_ns = self._desk.clock().steady_ns
        told = self._told.pop(number, None) or deque(maxlen=MAX_ABROAD_TOLD)
        self._told[number] = told
        often = len(told) == MAX_ABROAD_TOLD and now_ns - told[0] < _DAY_NS
        if not often:
            told.append(now_ns)
        self._forget_told(now_ns)
        return not often

    def _forget_told(self, now_ns: int) -> None:
        """Let go of numbers of which it was last told more than a day ago, and beyond the bound."""
        while self._told:
            number, told = next(iter(self._told.items()))
            if len(self._told) <= _MAX_TOLD_NUMBERS and now_ns - told[-1] < _DAY_NS:
                break
            del self._told[number]


class Questions:
    """The route."""

    def __init__(
        self, desk: Desk, answering: Answering, table: Watched, tokens: Tokens, operator: str
    ) -> None:
        """``tokens`` remembers nothing: a number that is not ours need not get into the vault."""
        self._desk, self._answering, self._table = desk, answering, table
        self._tokens, self._operator = tokens, operator

    async def __call__(self, request: Request) -> None:
        """Answer one question."""
        await self._desk.answer_guest(request, self._answered)

    async def _answered(self, request: Request, guest: Guest) -> Reply | Problem:
        asked = self._asked(request, guest)
        if isinstance(asked, Problem):
            return asked
        desk = self._desk
        before = Job(lambda: desk.live.find(guest.participant.name, asked.id))
        done = desk.submit(before)
        if done is None:
            return desk.busy()
        await done
        caller, callee = self._token(asked.caller_number), self._token(asked.callee_number)
        if before.fault is not None:
            return desk.busy()
        if isinstance(before.result, Recalled):
            return await self._again(before.result, caller)
        answer: Answer | None = "not_mine"
        if self._table.numbers.owner_of(asked.caller_number, caller) == self._operator:
            waited_s = (desk.clock().steady_ns - guest.arrived_ns) / 1e9
            within_s = asked.within_ms / 1_000 - waited_s
            answer = await self._answering.answer(asked.caller_number, caller, callee, within_s)
        if answer is None:
            return Problem(problems.BUSY, "it cannot be told now whether that call is ours",
                           retry_after_s=1)  # fmt: skip
        return await self._kept(guest, asked, answer)

    def _asked(self, request: Request, guest: Guest) -> Question | Problem:
        """The question, if this asker may ask it."""
        desk, door = self._desk, self._desk.door
        if guest.participant.role != "operator":
            return Problem(problems.FORBIDDEN, "an operator asks, about a call that comes to it")
        problem = is_json(request) or door.may_read(guest, "origination") or door.limited(guest)
        if problem is not None:
            return problem
        try:
            asked = _decode(request.body)
        except msgspec.ValidationError:
            return Problem(
                problems.REFUSED, pointer="#", reason="wrong_type", found="another message",
                expected="id, caller_number and callee_number (+77010000001), at, within_ms",
            )  # fmt: skip
        except msgspec.DecodeError:
            return Problem(problems.MALFORMED, pointer="#", expected="JSON", reason="bad_json")
        if abs(milliseconds(asked.at) - desk.clock().wall_ms) > MAX_AGE_MS:
            return Problem(problems.REFUSED, pointer="#/at", reason="out_of_range",
                           expected=f"a call that comes now, within {MAX_AGE_MS} ms")  # fmt: skip
        callee = self._token(asked.callee_number)
        if self._table.numbers.owner_of(asked.callee_number, callee) != guest.participant.name:
            return Problem(problems.FORBIDDEN, "the number called is not the asker's",
                           expected="a call to a number that the asker serves")  # fmt: skip
        return asked

    async def _again(self, before: Recalled, caller: bytes) -> Reply | Problem:
        """What was answered to the same question before."""
        job = Job(lambda: self._read(before.seq, caller))
        done = self._desk.submit(job)
        if done is None:
            return self._desk.busy()
        await done
        if not isinstance(job.result, str):
            return Problem(problems.CONFLICT, pointer="#/id", expected="a new id")
        body = msgspec.json.encode({"id": before.id, "answer": job.result})
        return Reply(200, body, headers=(REPEATED,))

    def _read(self, seq: int, caller: bytes) -> str | None:
        """In the writing thread: the word of that entry, if it is one about that number."""
        frame = next(self._desk.live.log.read(seq, seq + 1))
        if frame.kinds[0] != Kind.SIGNAL:
            return None
        facts = unpack_facts(frame.kinds, frame.bodies)
        word = SIGNAL_CLASSES[int(facts.number("answer")[0])]
        ours = facts.symbol("number")[0].tobytes() == caller
        return word if ours and word in ANSWERS else None

    async def _kept(self, guest: Guest, asked: Question, answer: Answer) -> Reply | Problem:
        """Have the answer put on record, and tell it."""
        desk = self._desk
        record = SignalAnswered(
            id=asked.id, happened_at=instant(desk.clock().wall_ms), number=asked.caller_number,
            signal="origination", answer=answer,
        )  # fmt: skip
        ask = Ask(desk.door.rows(guest, [record]), desk.clock().steady_ns + _DEADLINE_NS)
        done = desk.submit(ask)
        if done is None:
            return desk.busy()
        await done
        if ask.fault is not None or ask.answers[0].fate is not Fate.KEPT:
            return desk.busy()  # or the same was asked twice at once: the next asking finds it
        return Reply(200, msgspec.json.encode(Answered(asked.id, answer)))

    def _token(self, number: str) -> bytes:
        return self._tokens.of(PartyKind.NUMBER, number)


async def _first(some: Iterable[asyncio.Future[Any]], until: float) -> None:
    """Until one of these is done, or it is that late by the loop's clock."""
    left_s = until - asyncio.get_running_loop().time()
    await asyncio.wait(some, timeout=max(0.0, left_s), return_when=asyncio.FIRST_COMPLETED)
