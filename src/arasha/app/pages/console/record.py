"""The record, for who audits: what was signed and by whom it was cosigned, the proof of any entry,
what an audit finds, who had identifiers revealed and who looked at parties.

All reading of the log is done beside its writer (app/http/recording.py). No party is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http import problems
from arasha.app.http.cosigning import COSIGNED, SILENT, WitnessState
from arasha.app.http.problems import Problem
from arasha.app.http.recording import Shown
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.paging import number_of
from arasha.app.pages.site import Page
from arasha.cases.records import Report
from arasha.cases.roles import VIEWS
from arasha.cases.state import State
from arasha.errors import InputError
from arasha.log.checkpoint import MAX_SIZE, decimal
from arasha.log.receipts import Proven, Receipt, check
from arasha.log.signing import Opened, Vouch, opened
from arasha.vault.subjects import REVEALS_PER_DAY

AUDIT: Final = VIEWS["the audit"]
PROOF: Final = VIEWS["the receipt of any entry"]

MAX_OUTLIVED: Final = 50
"""Holds without a ground that are named, should there be any."""

MAX_FINDINGS: Final = 100
"""Findings of an audit that the page shows; ``arasha audit`` has all."""

_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Signed:
    """The checkpoint that is shown, and who vouches for it. ``fault`` where that does not hold."""

    shown: Shown
    opened: Opened | None
    fault: str

    @property
    def at_ms(self) -> int | None:
        """When it was signed, where a signature says so."""
        times = [one.at_s for one in self.opened.log if one.at_s] if self.opened else []
        return min(times) * 1_000 if times else None

    @property
    def cosigned(self) -> list[tuple[str, int]]:
        """The witnesses that cosigned it, each once, with the ms of that."""
        if self.opened is None:
            return []
        first: dict[str, Vouch] = {}
        for one in self.opened.witnesses:
            first.setdefault(one.by.name, one)
        return [(name, (one.at_s or 0) * 1_000) for name, one in first.items()]


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness as the page tells it: ``word`` is its state."""

    state: WitnessState
    word: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of an entry that was asked for: ``proven`` or, by its word, why there is none."""

    asked: str
    word: str
    receipt: Receipt | None = None
    proven: Proven | None = None
    fault: str = ""


@get("/record", opt=seen_by(AUDIT))
async def record(seat: Seat) -> Page:
    """All of it; ``?entry=`` a place of the log has that entry proven."""
    recording, auditing = seat.site.acting.recording, seat.site.acting.auditing
    signed = None
    if recording.shown is not None:
        signed = await asyncio.to_thread(_signed, seat, recording.shown)
    asked = seat.view.request.query_params.get("entry", "").strip()
    proof = await _proof(seat, asked) if asked else None
    last = auditing.last
    return await seat.page(
        "console/record.html", signed=signed, size=seat.site.desk.live.size, proof=proof,
        now_ms=seat.site.now_ms(), witnesses=[_witness(one) for one in recording.witnesses],
        outlived=await _outlived(seat), audit=last,
        findings=[] if last is None else last["findings"][:MAX_FINDINGS],
        is_busy=auditing.is_busy, has_failed=auditing.has_failed, me=seat.actor.name,
    )  # fmt: skip


def _signed(seat: Seat, shown: Shown) -> Signed:
    try:
        found = opened(shown.note, shown.keys, seat.site.acting.recording.witness_keys)
    except InputError as error:
        return Signed(shown, None, error.what)
    return Signed(shown, found, "")


def _witness(state: WitnessState) -> Witness:
    if state.ahead is not None:
        return Witness(state, "ahead")
    if state.said == COSIGNED:
        return Witness(state, "cosigned")
    if not state.said:
        return Witness(state, "not_asked")
    return Witness(state, "silent" if state.said.startswith(SILENT) else "refuses")


async def _proof(seat: Seat, asked: str) -> Proof:
    """Have the entry proven and the proof checked, by the keys that are shown."""
    recording = seat.site.acting.recording
    seq = decimal(asked)
    if seq is None or seq > MAX_SIZE:
        return Proof(asked[:20], "no_number")
    found = await recording.receipt(seq)
    if isinstance(found, Problem):
        word = {problems.NOT_YET: "not_yet", problems.NOT_FOUND: "no_record"}.get(found.kind)
        if word is None:
            unless_problem(found)
        return Proof(asked, word or "no_record")
    shown = recording.shown
    assert shown is not None, "there is a receipt"
    try:
        proven = await asyncio.to_thread(check, found, shown.keys, recording.witness_keys)
    except InputError as error:
        return Proof(asked, "wrong", found, fault=error.what)
    return Proof(asked, "proven", found, proven)


async def _outlived(seat: Seat) -> tuple[int, list[str]]:
    """How many holds stand, and those among them whose ground does not: there must be none.

    The writing thread copies the open holds (a pointer each) and looks again at what seemed wrong;
    in between records are compared beside it, which are frozen, as they are at that moment.
    """
    office = seat.site.office
    found = await office.read(
        lambda state, _: (list(map(state.holds.__getitem__, state.open_holds)), state.reports)
    )
    unless_problem(found)
    assert not isinstance(found, Problem)
    holds, reports = found
    seem = await asyncio.to_thread(
        lambda: [one.id for one in holds if not has_ground(reports.get(one.report))]
    )
    wrong = await office.read(lambda state, now_ms: still_wrong(state, seem, now_ms))
    unless_problem(wrong)
    assert not isinstance(wrong, Problem)
    return len(holds), wrong


def has_ground(report: Report | None) -> bool:
    """Whether a hold can rest on that report."""
    return report is not None and report.status == "open" and report.attested


def still_wrong(state: State, seem: Sequence[str], now_ms: int) -> list[str]:
    """Which of these holds stand without a ground, `MAX_OUTLIVED` at most."""
    return [
        name
        for name in seem[:MAX_OUTLIVED]
        if state.holds[name].holds_at(now_ms)
        and not has_ground(state.reports.get(state.holds[name].report))
    ]


@get("/record/receipt/{name:str}", opt=seen_by(PROOF))
async def receipt(seat: Seat, name: str) -> Page:
    """The receipt of an entry, to keep: it is checked without the log, by ``arasha log check``."""
    seq = decimal(name)
    if seq is None or seq > MAX_SIZE:
        raise NotFoundException
    found = await seat.site.acting.recording.receipt(seq)
    if isinstance(found, Problem):
        if found.kind is problems.NOT_YET:
            raise NotFoundException
        unless_problem(found)
    assert isinstance(found, Receipt)
    return _download(found.text, f"entry-{seq}.receipt")


def _download(text: str, name: str) -> Page:
    headers = {
        "cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"',
    }  # fmt: skip
    return Response(text.encode(), media_type=_TEXT, headers=headers)


@post("/record/audit", opt=seen_by(AUDIT))
async def audit(seat: Seat) -> Page:
    """Have the log audited from its first entry; the page shows it when it is done."""
    seat.site.acting.auditing.begin()
    return seat.view.go(seat.view.address("console/record"))


@get("/record/reveals", opt=seen_by(AUDIT))
async def reveals(seat: Seat) -> Page:
    """Who had an identifier revealed, why, and how much of a day's budget that was."""
    looks, number = seat.site.looks, number_of(seat.view.request.query_params.get("page"))
    banks = seat.site.desk.door.participants.register.names("participant")
    found = await seat.site.acting.recording.reading(lambda log: looks.reveals(log, number, banks))
    unless_problem(found)
    return await seat.page("console/record_reveals.html", page=found, budget=REVEALS_PER_DAY)


@get("/record/views", opt=seen_by(AUDIT))
async def views(seat: Seat) -> Page:
    """Who was shown parties, and through what."""
    looks, number = seat.site.looks, number_of(seat.view.request.query_params.get("page"))
    found = await seat.site.acting.recording.reading(lambda log: looks.looks(log, number))
    unless_problem(found)
    return await seat.page("console/record_views.html", page=found)


ROUTES: Final[list[ControllerRouterHandler]] = [record, receipt, audit, reveals, views]
