"""Several cases of one typology at once: looked over with their money, then closed or put aside.

In: cases that were ticked in a queue narrowed to one typology. Out: an act for each of them, after
the ten seconds of any such act; then a page that says what was refused. Whatever is no longer open,
or was found to be something else, is not among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console import views
from arasha.app.pages.console.outcomes import OUTCOMES, WORTH_IT
from arasha.app.pages.console.rows import Row, row_of, with_reasons
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.acts import AnyAct, CaseClosed, CaseSnoozed, CaseTaken
from arasha.cases.calendar import HOUR_MS
from arasha.cases.narrowing import UNSAID, WORDS, typology_of
from arasha.cases.records import OPEN_CASE
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS
from arasha.cases.state import State

MAX_CASES: Final = 50
"""Cases of one time: those of one page of the queue."""

HOURS: Final = (1, 4, 24)
"""For how long cases can be put aside, hours."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    rows: list[Row]
    now_ms: int

    @property
    def sums(self) -> Mapping[int, int]:
        """What acting could save of them, minor units by currency."""
        found: Counter[int] = Counter()
        for row in self.rows:
            found[row.currency] += row.reachable_minor
        return dict(found)


@post("/queue/together", opt=seen_by(RIGHTS["case_closed"]))
async def look_over(seat: Seat) -> Page:
    """The ticked cases, what is at stake in them, and what can be done with all."""
    return await _looked_over(seat)


async def _looked_over(seat: Seat) -> Page:
    typology = _typology(seat)
    chosen = await _chosen(seat, typology)
    if not chosen.rows:
        return seat.view.go(views.in_force(seat))
    stopped = await seat.site.stopped.of([one for row in chosen.rows for one in row.payments[:2]])
    rows = [with_reasons(row, stopped) for row in chosen.rows]
    return await seat.page(
        "console/together.html", rows=rows, sums=chosen.sums, now_ms=chosen.now_ms,
        typology=typology, hours=HOURS, back=views.in_force(seat),
        outcomes={
            one: key for one, key in OUTCOMES.items() if one != "fraud" or typology != UNSAID
        }, worth_it=WORTH_IT,
    )  # fmt: skip


@post("/queue/together/close", opt=seen_by(RIGHTS["case_closed"]))
async def close(seat: Seat) -> Page:
    """Say of all of them what it was."""
    fields, typology = seat.view.fields, _typology(seat)
    outcome, worth_it = fields.text("outcome"), fields.text("worth_it") == "yes"
    said = None if typology == UNSAID else typology
    if outcome not in OUTCOMES or (outcome == "fraud" and said is None):
        return await _looked_over(seat)
    return await _wait(
        seat, "closed_all", typology,
        lambda case: CaseClosed(case, outcome, worth_it, said),  # type: ignore[arg-type]  # looked at above
    )  # fmt: skip


@post("/queue/together/snooze", opt=seen_by(RIGHTS["case_snoozed"]))
async def snooze(seat: Seat) -> Page:
    """Put all of them aside for some hours."""
    hours = next((n for n in HOURS if str(n) == seat.view.fields.text("hours")), HOURS[0])
    until_ms = seat.site.now_ms() + hours * HOUR_MS
    return await _wait(
        seat, "snoozed_all", _typology(seat), lambda case: CaseSnoozed(case, until_ms)
    )


@get("/queue/together/{name:str}", opt=seen_by(RIGHTS["case_closed"]))
async def outcome(seat: Seat, name: str) -> Page:
    """What came of it, case by case; before its time is over, that it waits."""
    later, person = seat.site.later, seat.actor.name
    found = await later.outcome(person, name)
    waits = next((one for one in later.of(person) if one.thing.name == name), None)
    if found is None and waits is None:
        raise NotFoundException
    refused = []
    if found is not None:
        refused = [
            (case, one.name.lower() if isinstance(one, Refusal) else "other")
            for case, one in found.refused
        ]
    thing = found.thing if found is not None else waits.thing if waits is not None else None
    return await seat.page(
        "console/together_done.html", thing=thing, done=found is not None, refused=refused,
        back=views.in_force(seat),
    )  # fmt: skip


async def _wait(seat: Seat, word: str, typology: str, act: Callable[[str], AnyAct]) -> Page:
    """Have an act of each of the ticked cases taken in a while."""
    chosen = await _chosen(seat, typology)
    cases = [row.id for row in chosen.rows]
    if not cases:
        return seat.view.go(views.in_force(seat))
    acts: Sequence[tuple[AnyAct, ...]] = [(CaseTaken(one), act(one)) for one in cases]
    thing = await seat.site.later.wait_all(seat.actor, word, cases, acts)
    return seat.view.go(seat.view.address(f"console/queue/together/{thing.name}"))


async def _chosen(seat: Seat, typology: str) -> _Chosen:
    """The ticked cases that are open, of that typology, and nobody else's."""
    asked = list(dict.fromkeys(seat.view.fields.all("case")))[:MAX_CASES]

    def look(state: State, now_ms: int) -> _Chosen:
        known = [state.cases[one] for one in asked if one in state.cases]
        return _Chosen(
            [
                row_of(state, case, now_ms)
                for case in known
                if case.status in OPEN_CASE and typology_of(state, case) == typology
            ],
            now_ms,
        )

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert isinstance(found, _Chosen)
    return found


def _typology(seat: Seat) -> str:
    """The one typology that all of them are of."""
    said = seat.view.fields.text("typology")
    return said if said in WORDS else UNSAID


ROUTES: Final[list[ControllerRouterHandler]] = [look_over, close, snooze, outcome]
