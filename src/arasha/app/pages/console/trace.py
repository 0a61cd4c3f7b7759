"""Where the money of a report is: between which bounds at each account, whatever the rule, how far
it was followed and what kept us from following further. A recall is started here.

A report names parties, so looking is an entry (app/http/viewing.py), and a report that is over
names nobody. Accounts stand by the beginning of their tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.following import Followed, Other
from arasha.app.http.problems import Problem
from arasha.app.http.viewing import viewed
from arasha.app.pages.console.act_forms import act_of_form
from arasha.app.pages.console.money import Way, way_of
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.site import Page
from arasha.cases.projection import Done
from arasha.cases.records import Hold, Recall, Report
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.flows.traced import Account, Split, Trace

MAX_ROWS: Final = 100
"""Accounts of the table, those nearest to the victim, then those to which most came."""

MAX_OTHERS: Final = 20
"""Payments of others that are told, the largest."""


@dataclass(frozen=True, slots=True)
class Line:
    """An account of the trace; ``held_minor`` is what is held there for this report."""

    token: str
    bank: str | None
    hop: int
    came: Split
    there: Split
    passed: Split
    left: Split
    unfollowed: Split
    cut: bool
    held_minor: int


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of the trace: its word, how large it is, and how often it cut."""

    word: str
    size: int
    cut: int


@dataclass(frozen=True, slots=True)
class Traced:
    """A trace as the page has it. ``scale_minor`` is what the longest bar stands for."""

    trace: Trace
    lines: Sequence[Line]
    more: int
    bounds: Sequence[Bound]
    others: Sequence[Other]
    others_more: int
    way: Way | None
    scale_minor: int

    @property
    def parts(self) -> list[tuple[str, Split]]:
        """Where all of it is, part by part, and what is in dispute."""
        trace = self.trace
        words = ("there", "cash", "abroad", "crypto", "unfollowed")
        return [("disputed", trace.disputed), *((one, trace.total(one)) for one in words)]


@dataclass(frozen=True, slots=True)
class _Seen:
    report: Report
    recall: Recall | None
    holds: list[Hold]
    now_ms: int

    @property
    def can_start(self) -> bool:
        return self.recall is None and self.report.status == "open" and self.report.attested


@get("/report/{name:str}", opt=seen_by(VIEWS["a case"]))
async def report(seat: Seat, name: str) -> Page:
    """The trace of one report."""
    return await _page(seat, name)


@post("/report/{name:str}/recall", opt=seen_by(RIGHTS["recall_opened"]))
async def start(seat: Seat, name: str) -> Page:
    """Ask the money of the report back."""
    done = await act_of_form(seat, "recall_opened", report=name)
    if isinstance(done, Done):
        [opened] = [one for one in done.changes if isinstance(one, Recall)]
        return seat.view.go(seat.view.address(f"console/recall/{opened.id}"))
    if done is None:
        raise NotFoundException
    return await _page(seat, name, done)


async def _page(seat: Seat, name: str, refusal: Refusal | None = None) -> Page:
    office = seat.site.office
    found = await viewed(office, seat.actor, name, "a case", _look(name))
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    traced = None
    if with_parties:
        followed = await office.follow(lambda _: [seen.report])
        unless_problem(followed)
        assert not isinstance(followed, Problem)
        traced = traced_of(followed, seen.holds, seat)
    return await seat.page(
        "console/trace.html", status=200 if refusal is None else 409, seen=seen, traced=traced,
        refusal=refusal, with_parties=with_parties, may_start=seat.may(RIGHTS["recall_opened"]),
    )  # fmt: skip


def _look(name: str) -> Callable[[State, int], _Seen | None]:
    def look(state: State, now_ms: int) -> _Seen | None:
        found = state.reports.get(name)
        if found is None:
            return None
        recalls = (state.recall_of.get(one) for one in state.grounds[found.ground])
        recall = next((state.recalls[one] for one in recalls if one is not None), None)
        return _Seen(found, recall, list(state.holds_of_report(name)), now_ms)

    return look


def traced_of(followed: Followed | None, holds: Sequence[Hold], seat: Seat) -> Traced | None:
    """What the page tells of a trace; None where the payment is not held any longer."""
    if followed is None or not followed.trace.payments:
        return None
    trace = followed.trace
    ordered = sorted(trace.accounts, key=lambda one: (one.hop, -one.money.received.most))
    held = {one.account: one.weight_minor for one in holds}
    lines = [_line(one, held.get(one.token, 0)) for one in ordered[:MAX_ROWS]]
    return Traced(
        trace, lines, len(ordered) - len(lines), bounds_of(trace),
        followed.others[:MAX_OTHERS], len(followed.others) - MAX_OTHERS,
        way_of(followed, seat.view),
        max(1, *(one.came.most for one in lines)) if lines else 1,
    )  # fmt: skip


def _line(one: Account, held_minor: int) -> Line:
    parts = one.money
    return Line(
        one.token, one.bank, one.hop, parts.received, parts.there, parts.passed, parts.left,
        parts.unfollowed, one.cut_by_window or one.cut_by_looks, held_minor,
    )  # fmt: skip


def bounds_of(trace: Trace) -> list[Bound]:
    """Every bound, and how often it cut the trace."""
    bounds, cuts = trace.bounds, trace.cuts
    return [
        Bound("least_amount", bounds.least_amount_minor, cuts.least_amount),
        Bound("payments_most", bounds.payments_most, cuts.payments_most + cuts.unlisted),
        Bound("hop_window", bounds.hop_window_ms, cuts.hop_window),
        Bound("hops_most", bounds.hops_most, cuts.hops_most),
        Bound("looks_at_account", bounds.looks_at_account_most, cuts.looks_at_account),
        Bound("looks", bounds.looks_most, int(cuts.looks)),
    ]


ROUTES: Final[list[ControllerRouterHandler]] = [report, start]
