"""``POST /verified-caller/v0.1/pre-announce``: a bank says that it will call somebody.

In: the bank's own number, the number it will call, for how long that holds. Out: until when, once
the log holds it. A call that shows a number which announces its calls and was not announced is then
known for what it is (policies/calls.toml). Which numbers are whose the operator says, as facts
(`registration`): nobody can announce, and so burden, a number of somebody else's.

How a call is shown to the called person is the network's: no text of the bank is kept or shown, and
no message sent. A registration has no id here: it is found by the number and the bank.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from arasha.app.http import camara, problems
from arasha.app.http.answers import moment
from arasha.app.http.camara_questions import PhoneNumber
from arasha.app.http.camara_signals import all_kept, named_by
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.door import Guest
from arasha.app.http.problems import Problem
from arasha.app.http.signals import DEADLINE_NS
from arasha.engine.call_risk import CallRisk
from arasha.engine.live import Ask
from arasha.events.records import CallAnnounced, instant
from arasha.vault.rows import Row

PATH: Final = "/verified-caller/v0.1/pre-announce"

TIME_TO_LIVE_S: Final = 300
"""For how long an announcement holds that does not say it, seconds."""

MAX_TIME_TO_LIVE_S: Final = 86_400
"""The longest that may be asked for, seconds: as long as policies look for announcements."""

Text = Annotated[str, Meta(max_length=32)]


class CreatePreAnnouncementRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel",
    omit_defaults=True,
):  # fmt: skip
    """Who will call whom. Of strategy, names and reasons nothing is kept."""

    calling_participant: PhoneNumber
    called_participant: PhoneNumber
    strategy: Literal["SMS", "BRAND_DISPLAY"] | msgspec.UnsetType = msgspec.UNSET
    time_to_live: Annotated[
        int, Meta(extra_json_schema={"minimum": 1, "maximum": MAX_TIME_TO_LIVE_S})
    ] = TIME_TO_LIVE_S
    registration_id: uuid.UUID | msgspec.UnsetType = msgspec.UNSET
    dynamic_display_name: Text | msgspec.UnsetType = msgspec.UNSET
    call_reason: Text | msgspec.UnsetType = msgspec.UNSET


class AnnouncementInfo(Struct, frozen=True, rename="camel"):
    """The announcement's id, and until when it holds."""

    pre_announcement_id: uuid.UUID
    expires_at: str


@dataclass(slots=True, kw_only=True, eq=False)
class _Announcement(Ask):
    """An announcement on its way: whose, of which number, and as what it is kept."""

    bank: str
    number: bytes
    announced: Sequence[Row]


class Announcing:
    """The route."""

    def __init__(self, desk: Desk, risk: CallRisk) -> None:
        self._desk, self._risk = desk, risk
        self._decoder = msgspec.json.Decoder(CreatePreAnnouncementRequest)

    async def __call__(self, request: Request) -> None:
        """Take one announcement."""
        await self._desk.answer_guest(request, self._answered)

    async def _answered(self, request: Request, guest: Guest) -> Reply | Problem:
        correlator = named_by(self._desk, request, guest)
        if isinstance(correlator, Problem):
            return correlator
        asked = camara.read(self._decoder, request.body)
        if isinstance(asked, Problem):
            return asked
        if not 1 <= asked.time_to_live <= MAX_TIME_TO_LIVE_S:
            expected = f"1 to {MAX_TIME_TO_LIVE_S} seconds"
            return Problem(camara.OUT_OF_RANGE, "timeToLive", expected=expected)
        if asked.strategy == "SMS":
            return Problem(camara.SERVICE_NOT_APPLICABLE, "no message is sent to who is called",
                           expected="strategy BRAND_DISPLAY, or none")  # fmt: skip
        told = await self._announced(guest, asked)
        if isinstance(told, Problem):
            return told
        return camara.answered(told, correlator, 201)

    async def _announced(
        self, guest: Guest, asked: CreatePreAnnouncementRequest
    ) -> AnnouncementInfo | Problem:
        """What is told of the announcement, once it is on record."""
        desk, name, length_ms = self._desk, uuid.uuid4(), asked.time_to_live * 1_000
        announced = CallAnnounced(
            id=str(name), happened_at=instant(desk.clock().wall_ms),
            caller_number=asked.calling_participant, callee_number=asked.called_participant,
            duration=length_ms,
        )  # fmt: skip
        announcement = _Announcement(
            (), desk.clock().steady_ns + DEADLINE_NS, fill=self._fill, bank=guest.participant.name,
            number=desk.door.number(asked.calling_participant),
            announced=desk.door.rows(guest, [announced]),
        )  # fmt: skip
        done = desk.submit(announcement)
        if done is None:
            return desk.busy()
        await done
        if announcement.fault is None and not announcement.rows:
            return Problem(problems.FORBIDDEN, "this number is not registered as the bank's own")
        if announcement.fault is not None or not all_kept(announcement):
            return desk.busy()
        return AnnouncementInfo(name, moment(announcement.answers[0].known_at_ms + length_ms))

    def _fill(self, asks: Sequence[Ask]) -> None:
        """In the writing thread: those whose number is the bank's are kept."""
        now_ms = self._desk.live.now_ms()
        for one in asks:
            assert isinstance(one, _Announcement)
            if self._risk.bank_of(one.number, now_ms) == one.bank:
                one.rows = one.announced
