"""``POST /v1/calls`` where owners are asked and PASSporTs read: before the call is judged.

In: a call about to ring. Out: the same call, with what the owner of its number answered and what
the PASSporT attests, on its way to be judged; both are in the log with it, so replay asks nobody.
Most calls need neither, and go the quickest way (payments.py) without anything being read twice.

A call that comes again (same sender, same id) is not asked about again: it gets what it has in the
log or, while the first is on its way, what that gets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, NamedTuple, get_args

import msgspec

from arasha.app.http import problems
from arasha.app.http.connection import Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.owners import Owners
from arasha.app.http.passports import PassportCheck
from arasha.app.http.payments import Judging
from arasha.app.http.problems import Problem
from arasha.engine.live import Job
from arasha.engine.recall import Recalled
from arasha.events.body import unpack_facts
from arasha.events.records import Attestation, CallMade, OwnerAnswer
from arasha.events.schema import CALL, MISSING, Kind, PartyKind
from arasha.vault.tokens import canonical

MAX_IDENTITY_CHARS: Final = 4_096
"""Longest Identity header, characters; those of shaken have about a thousand."""

MAX_ASKED_ABOUT: Final = 1_024
"""Calls that wait for their owners or certificates at once; beyond them nobody is asked."""

SHARE_OF_DEADLINE: Final = 0.5
"""How much of the time in which the switch wants its verdict may go into asking."""

_SIGNS: Final = (b'"foreign"', b'"identity"', b"\\")
"""A message without any of these is a call that needs nothing: no route from abroad, no PASSporT,
and no letter that is written in another way."""


_OWNER_ANSWERS: Final[tuple[OwnerAnswer, ...]] = get_args(OwnerAnswer)
_ATTESTATIONS: Final[tuple[Attestation, ...]] = get_args(Attestation)


class Found(NamedTuple):
    """What was found out about a call before it is judged; None is unknown."""

    owner_answer: OwnerAnswer | None = None
    attestation: Attestation | None = None


class Calls:
    """The route."""

    def __init__(self, desk: Desk, owners: Owners | None, passports: PassportCheck | None) -> None:
        self._desk, self._owners, self._passports = desk, owners, passports
        self._judging = Judging(desk, CALL.word)
        self._on_their_way: dict[tuple[str, str], asyncio.Future[Found | Problem]] = {}

    def __call__(self, request: Request) -> Awaitable[None] | None:
        """Take one."""
        if not any(sign in request.body for sign in _SIGNS):
            self._judging(request)
            return None
        if self._desk.has_room(request):
            return self._asked_about(request)
        self._desk.tell(request, self._desk.busy())
        return None

    async def _asked_about(self, request: Request) -> None:
        desk = self._desk
        guest = desk.door.guest(request)
        if isinstance(guest, Problem):
            return desk.tell(request, guest)
        problem = self._judging.may_come(request, guest) or await self._taken(request, guest)
        if problem is not None:
            desk.tell(request, problem, by=guest.participant.name)
        return None

    async def _taken(self, request: Request, guest: Guest) -> Problem | None:
        """None when it is in the queue, else why not."""
        parted = _without_identity(request.body)
        if isinstance(parted, Problem):
            return parted
        body, identity = parted
        call = self._desk.door.call_made(body)
        if isinstance(call, Problem):
            return call
        found = await self._found(guest, call, identity)
        if isinstance(found, Problem):
            return found
        values = {name: value for name, value in found._asdict().items() if value is not None}
        [row] = self._desk.door.rows(guest, [msgspec.structs.replace(call, **values)])
        return self._judging.take(request, guest, row, self._desk.clock().steady_ns)

    async def _found(self, guest: Guest, call: CallMade, identity: str | None) -> Found | Problem:
        """What is to be known of this call: found out once, however often it is sent."""
        name = guest.participant.name, call.id
        first = self._on_their_way.get(name)
        if first is not None:
            return await asyncio.shield(first)
        if len(self._on_their_way) >= MAX_ASKED_ABOUT:
            return self._said(call, Found("not_asked" if self._is_asked_about(call) else None))
        finding: asyncio.Future[Found | Problem] = asyncio.get_running_loop().create_future()
        self._on_their_way[name] = finding
        try:
            before = await self._before(name)
            if isinstance(before, Problem):
                return before
            found = self._said(call, before or await self._find(guest, call, identity))
            finding.set_result(found)
            return found
        finally:
            del self._on_their_way[name]
            if not finding.done():
                finding.set_result(self._desk.busy())

    async def _find(self, guest: Guest, call: CallMade, identity: str | None) -> Found:
        """Ask the owner and read the PASSporT, both at once."""
        deadline_s = guest.participant.deadline_ms / 1_000
        steady_ns = self._desk.clock().steady_ns
        left_s = SHARE_OF_DEADLINE * deadline_s - (steady_ns - guest.arrived_ns) / 1e9
        caller = canonical(PartyKind.NUMBER, call.caller_number)
        callee = canonical(PartyKind.NUMBER, call.callee_number)

        async def owner() -> OwnerAnswer | None:
            if self._owners is None or not self._is_asked_about(call):
                return None
            within_s = min(left_s, self._owners.within_s)
            return await self._owners.answer(caller, callee, call.happened_at, within_s)

        async def passport() -> Attestation | None:
            if self._passports is None or identity is None:
                return None
            return await self._passports.attestation(
                identity, caller, callee, self._desk.clock().wall_ms / 1_000, left_s
            )

        return Found(*await asyncio.gather(owner(), passport()))

    def _is_asked_about(self, call: CallMade) -> bool:
        caller = canonical(PartyKind.NUMBER, call.caller_number)
        owners = self._owners
        return (
            owners is not None and call.route == "foreign" and call.owner_answer is None
            and owners.is_asked_about(caller)
        )  # fmt: skip

    def _said(self, call: CallMade, found: Found) -> Found:
        """What the switch says itself stands: it may have asked, or checked, in its own way."""
        return Found(call.owner_answer or found.owner_answer, call.attestation or found.attestation)

    async def _before(self, name: tuple[str, str]) -> Found | Problem | None:
        """What was found of the call when it came before, as the log has it."""
        job = Job(lambda: self._kept(*name))
        done = self._desk.submit(job)
        if done is None:
            return self._desk.busy()
        await done
        if job.fault is not None:
            return self._desk.busy()
        return job.result if isinstance(job.result, Found) else None

    def _kept(self, sender: str, fact_id: str) -> Found | None:
        """In the writing thread."""
        live = self._desk.live
        before = live.find(sender, fact_id)
        if not isinstance(before, Recalled) or before.kind != Kind.CALL:
            return None
        frame = next(live.log.read(before.seq, before.seq + 1))
        facts = unpack_facts(frame.kinds, frame.bodies)
        [(answer, attestation)] = zip(
            facts.number("owner_answer").tolist(), facts.number("attestation").tolist(), strict=True
        )
        return Found(
            None if answer == MISSING else _OWNER_ANSWERS[answer],
            None if attestation == MISSING else _ATTESTATIONS[attestation],
        )


def _without_identity(body: bytes) -> tuple[bytes, str | None] | Problem:
    """The message without its Identity header, and that; it goes no further than here."""
    if b'"identity"' not in body and b"\\" not in body:
        return body, None
    try:
        parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return body, None  # whoever reads the call says what is wrong with it
    raw = parts.pop("identity", None)
    if raw is None:
        return body, None
    try:
        identity: Any = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        identity = None
    if not isinstance(identity, str) or len(identity) > MAX_IDENTITY_CHARS:
        return Problem(
            problems.REFUSED, pointer="#/identity", reason="wrong_type", found="something else",
            expected=f"an Identity header, text of at most {MAX_IDENTITY_CHARS} characters",
        )  # fmt: skip
    return msgspec.json.encode(parts), identity
