"""Training: a simulated shift, whose truth is told after each decision.

Nothing of it is real and nothing gets into the log: its cases come from a simulated country of
their own (app/practice/), and are gone with the service. Every page of it says so. It looks like
the work, and goes by the same keys.
"""

from __future__ import annotations

from typing import Final, cast

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.outcomes import OUTCOMES
from arasha.app.pages.console.rows import MAX_REASONS, Row
from arasha.app.pages.console.seat import Seat, seen_by
from arasha.app.pages.site import Page
from arasha.app.pages.stopped import Reason
from arasha.app.practice.shift import CASES, Outcome, PracticeCase
from arasha.app.practice.shifts import MAX_SEED, UnderWay
from arasha.cases.roles import VIEWS

ALLOWED: Final = VIEWS["practice"]
AGAIN_S: Final = 3
"""How often a browser asks again whether a shift is made, seconds."""


@get("/training", opt=seen_by(ALLOWED))
async def training(seat: Seat) -> Page:
    """Begin a shift, go on with one, see how earlier ones went."""
    return await begun(seat)


async def begun(seat: Seat, fault: str | None = None) -> Page:
    """The first page, and why no shift has begun."""
    shifts, name = seat.site.shifts, seat.actor.name
    found = shifts.of(name)
    return await seat.page(
        "console/training.html", status=200 if fault is None else 422, fault=fault,
        under_way=None if found is None or found.over else found, past=shifts.past(name),
        most=MAX_SEED, cases=CASES,
    )  # fmt: skip


@post("/training/begin", opt=seen_by(ALLOWED))
async def begin(seat: Seat) -> Page:
    """Begin one: by the seed of the form, or any."""
    text = seat.view.fields.text("seed")
    seed = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None
    if text and not seed:
        return await begun(seat, "seed")
    if seat.site.shifts.begin(seat.actor.name, seed) is None:
        return await begun(seat, "full")
    return _to_shift(seat)


@get("/training/shift", opt=seen_by(ALLOWED))
async def shift(seat: Seat) -> Page:
    """The case that is next, the truth about the one that was decided, or how it went."""
    shifts = seat.site.shifts
    found = shifts.of(seat.actor.name)
    if found is None:
        return seat.view.go(seat.view.address("console/training"))
    if found.shift is None:
        return await seat.page(
            "console/training_waiting.html", seed=found.seed, failed=found.failed, again=AGAIN_S,
            since_ms=shifts.since_ms(found),
        )  # fmt: skip
    case = found.case
    if case is None:
        return await seat.page(
            "console/training_over.html", seed=found.seed, score=found.score,
            currency=found.shift.currency, pairs=list(zip(found.shift.cases, found.decisions,
                                                          strict=True)),
        )  # fmt: skip
    shifts.look(found)
    return await seat.page(
        "console/training_case.html", case=case, row=row_of(found, case), at=found.at,
        of=len(found.shift.cases), seed=found.seed, currency=found.shift.currency,
        revealed=found.decisions[-1] if found.revealed else None, score=found.score,
        outcomes=OUTCOMES, sign=case.sign,
    )  # fmt: skip


@post("/training/decide", opt=seen_by(ALLOWED))
async def decide(seat: Seat) -> Page:
    """Say what a case is: then its truth is told."""
    fields = seat.view.fields
    found, outcome, at = seat.site.shifts.of(seat.actor.name), fields.text("outcome"), "at"
    if found is not None and outcome in OUTCOMES and fields.text(at) == str(found.at):
        seat.site.shifts.decide(found, found.at, cast(Outcome, outcome))
    return _to_shift(seat)


@post("/training/next", opt=seen_by(ALLOWED))
async def go_on(seat: Seat) -> Page:
    """To the next case."""
    found = seat.site.shifts.of(seat.actor.name)
    if found is not None and found.revealed:
        seat.site.shifts.go_on(seat.actor.name, found)
    return _to_shift(seat)


@post("/training/leave", opt=seen_by(ALLOWED))
async def leave(seat: Seat) -> Page:
    """End it here: what was decided so far counts."""
    seat.site.shifts.leave(seat.actor.name)
    return seat.view.go(seat.view.address("console/training"))


def row_of(found: UnderWay, case: PracticeCase) -> Row:
    """The case as the queue says one."""
    assert found.shift is not None
    first = max(case.held, key=lambda one: one.score)
    return Row(
        id=str(found.at + 1), score=first.score, reachable_minor=case.amount_minor,
        currency=found.shift.currency, due_ms=0, escalated=False, is_question=False,
        alerts=len(case.held), reports=0, attested=0, reports_before=(0, 0), alerts_before=(0, 0),
        lease_by=None,
        payments=(), on_call=any(one.on_call for one in case.held),
        new_payee=any(one.new_payee for one in case.held),
        reasons=tuple(Reason(one.points, one.texts) for one in first.reasons[:MAX_REASONS]),
    )  # fmt: skip


def _to_shift(seat: Seat) -> Page:
    return seat.view.go(seat.view.address("console/training/shift"))


ROUTES: Final[list[ControllerRouterHandler]] = [training, begin, shift, decide, go_on, leave]
