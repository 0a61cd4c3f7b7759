"""Appeals: those that wait, with their two clocks; and one of them as who rules on it sees it.

The reviewer is told what was done to a person, on what ground and what was known, and not by whom:
who decided before is on no page of an appeal. What a ruling did is shown after it. A page of an
open appeal names the party, so that looking is an entry (app/http/viewing.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from litestar import get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http.problems import Problem
from arasha.app.http.viewing import viewed
from arasha.app.pages.console.act_forms import act_of_form
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.console.timeline import Moment, timeline_of
from arasha.app.pages.paging import Paged, number_of, paged
from arasha.app.pages.site import Page
from arasha.app.pages.stopped import Stopped
from arasha.cases.appeals import THE_REPORT
from arasha.cases.lookups import look_up
from arasha.cases.records import Appeal, Case, Hold, Listing, Report, Suspension
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.flows.traced import Account

VIEW: Final = VIEWS["a hold, recall, appeal or listing"]
LISTS: Final = VIEWS["the lists of recalls and appeals"]

RULED_KEPT: Final = 500
"""Appeals, the last opened, among which those that were ruled on are listed."""

MAX_WHY: Final = 2_000
"""Longest reason of a ruling, characters (cases/acts.py)."""

PLACES: Final = {
    Refusal.NOTHING_ERRED: ("erred", "refusal.nothing_erred"),
    Refusal.NAMES_SOMEBODY: ("why", "refusal.names_somebody"),
}
"""Refusals that are about one field of the ruling's form: which, and what is said there."""

Kind = Literal["hold", "listing", "suspension"]
SHOWS: Final = ("", "late", "mine", "ruled")


@dataclass(frozen=True, slots=True)
class Row:
    """An appeal of the list: what it is about, and its clocks."""

    appeal: Appeal
    kind: Kind
    hold: Hold | None

    @property
    def due_ms(self) -> int | None:
        """The clock that runs."""
        return clock_of(self.appeal)


def clock_of(appeal: Appeal) -> int | None:
    """Until when somebody takes it up or, once somebody has, rules on it; None when it is over."""
    if appeal.status != "open":
        return None
    return _runs_until(appeal)


@get("/appeals", opt=seen_by(LISTS))
async def appeals(seat: Seat) -> Page:
    """Those that wait, the earliest clock first; ``?show=`` late, mine, or ruled."""
    query = seat.view.request.query_params
    asked, number = query.get("show", ""), number_of(query.get("page"))
    show = asked if asked in SHOWS else ""

    def look(state: State, now_ms: int) -> tuple[list[Appeal], list[Appeal], int]:
        waiting = list(map(state.appeals.__getitem__, state.open_appeals))
        last = islice(reversed(state.appeals.values()), RULED_KEPT)
        return waiting, [one for one in last if one.status != "open"], now_ms

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert not isinstance(found, Problem)
    waiting, ruled, now_ms = found
    lists = await asyncio.to_thread(lists_of, waiting, ruled, seat.actor.name, now_ms)
    page = paged(lists[show], number)
    rows = await seat.site.office.read(
        lambda state, _: [Row(one, _kind(state, one), _hold(state, one)) for one in page.rows]
    )
    unless_problem(rows)
    assert not isinstance(rows, Problem)
    return await seat.page(
        "console/appeals.html", page=Paged(rows, page.number, page.total), show=show,
        counts={one: len(lists[one]) for one in SHOWS}, now_ms=now_ms, me=seat.actor.name,
    )  # fmt: skip


def _runs_until(waiting: Appeal) -> int:
    return waiting.look_due_ms if waiting.reviewer is None else waiting.due_ms


def lists_of(
    waiting: Sequence[Appeal], ruled: Sequence[Appeal], me: str, now_ms: int
) -> dict[str, list[Appeal]]:
    """Each list by its word, the earliest clock first; of those ruled on, the last one first."""
    ordered = sorted(waiting, key=_runs_until)  # of one clock the first opened stands first
    return {
        "": ordered,
        "late": [one for one in ordered if _runs_until(one) <= now_ms],
        "mine": [one for one in ordered if one.reviewer == me],
        "ruled": sorted(ruled, key=lambda one: -(one.ruled_ms or 0)),
    }


def _kind(state: State, appeal: Appeal) -> Kind:
    if appeal.about in state.holds:
        return "hold"
    return "suspension" if appeal.about in state.suspensions else "listing"


def _hold(state: State, appeal: Appeal) -> Hold | None:
    return state.holds.get(appeal.about)


# One appeal.


@dataclass(frozen=True, slots=True)
class Followed:
    """What a ruling that upheld it did: words of the page, each with its time where it has one."""

    word: str
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """An appeal and what it is about; nobody who decided is in it. ``counted``: how often the party
    was named in each window, ms.
    """

    appeal: Appeal
    hold: Hold | None
    listing: Listing | None
    suspension: Suspension | None
    report: Report | None
    case: Case | None
    party: str
    counted: list[tuple[int, Mapping[str, int]]]
    had_a_hand: bool
    followed: list[Followed]
    now_ms: int

    @property
    def kind(self) -> Kind:
        if self.hold is not None:
            return "hold"
        return "listing" if self.listing is not None else "suspension"

    @property
    def is_number(self) -> bool:
        listed = self.listing is not None and self.listing.party_kind == "number"
        return listed or self.suspension is not None

    @property
    def stands(self) -> bool:
        if self.hold is not None:
            return self.hold.holds_at(self.now_ms)
        one = self.listing or self.suspension
        return one is not None and one.stands_at(self.now_ms)


@get("/appeal/{name:str}", opt=seen_by(VIEW))
async def appeal(seat: Seat, name: str) -> Page:
    """One appeal."""
    return await _page(seat, name)


async def _page(
    seat: Seat, name: str, refusal: Refusal | None = None, fault: tuple[str, str] | None = None
) -> Page:
    """The appeal; ``fault`` is the field that was not filled in as it must be, and what is said of
    it.
    """
    office, me = seat.site.office, seat.actor.name
    found = await viewed(
        office, seat.actor, name, "a hold, recall, appeal or listing", _look(name, me)
    )
    unless_problem(found)
    assert not isinstance(found, Problem)
    seen, with_parties = found
    stopped: Mapping[str, Stopped] = {}
    times: Sequence[Moment] = []
    place: OnTheWay | None = None
    if seen.report is not None and seen.report.payment is not None:
        stopped = await seat.site.stopped.of([seen.report.payment])
    reasons = [one for each in stopped.values() for one in each.reasons]
    if seen.report is not None and with_parties:
        about = [one for one in (seen.appeal.about, seen.report.id) if one]
        acts = await office.acts_about(about)
        unless_problem(acts)
        assert not isinstance(acts, Problem)
        times = timeline_of(acts, stopped, [seen.report])
        place = await _on_the_way(seat, seen.report, seen.party)
    wrong = PLACES.get(refusal, fault) if refusal else fault
    return await seat.page(
        "console/appeal.html", status=409 if refusal else 422 if fault else 200,
        seen=seen, refusal=refusal, wrong=wrong, with_parties=with_parties, place=place,
        reasons=reasons if with_parties else [], times=times, erring=_erring(seen, reasons),
        rules={one.rule: one for one in reasons if one.rule}, mine=seen.appeal.reviewer == me,
        may_rule=seat.may(RIGHTS["appeal_ruled"]), typed=_Typed.of(seat, refusal or fault),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Typed:
    """What the form said, so that nobody says it twice."""

    ruling: str = ""
    why: str = ""
    erred: tuple[str, ...] = ()

    @staticmethod
    def of(seat: Seat, failed: object) -> _Typed:
        """Of this request, where it has failed."""
        if not failed:
            return _Typed()
        fields = seat.view.fields
        return _Typed(fields.text("ruling"), fields.text("why"), tuple(fields.all("erred")))


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Where the account stands on the way of the disputed money: how many payments from the victim,
    of how many that the longest way has.
    """

    account: Account
    hops: int


async def _on_the_way(seat: Seat, report: Report, token: str) -> OnTheWay | None:
    """None where the payment is not held any longer, or the account is on no way that we can see
    now.
    """
    followed = await seat.site.office.follow(lambda _: [report])
    unless_problem(followed)
    assert not isinstance(followed, Problem)
    accounts = [] if followed is None else followed.trace.accounts
    hops = max((one.hop for one in accounts), default=0)
    return next((OnTheWay(one, hops) for one in accounts if one.token == token), None)


def _erring(seen: _Seen, reasons: Sequence[Any]) -> list[tuple[str, str, Any]]:
    """What may have erred: (value, word of the page, the rule's reason)."""
    found: list[tuple[str, str, Any]] = [
        (f"rule:{one.rule}", "rule", one) for one in reasons if one.rule
    ]
    if any(not one.rule for one in reasons):
        found.append(("model", "model", None))
    if seen.hold is not None:
        found.append((THE_REPORT, "report", None))
    return [*found, ("person", "person", None)]


def _look(name: str, me: str) -> Callable[[State, int], _Seen | None]:
    def look(state: State, now_ms: int) -> _Seen | None:
        found = state.appeals.get(name)
        law = state.law
        if found is None or law is None:
            return None
        hold, listing = state.holds.get(found.about), state.listings.get(found.about)
        suspension = state.suspensions.get(found.about)
        report = None if hold is None else state.reports[hold.report]
        party = hold.account if hold else listing.party if listing else ""
        party = suspension.number if suspension else party
        about_case = report or listing or suspension
        widths = [one.after(now_ms, law.calendar) - now_ms for one in law.listing.windows]
        counts = look_up(state, party, now_ms).windows.values()
        return _Seen(
            found, hold, listing, suspension, report,
            state.cases.get(about_case.case) if about_case else None, party,
            list(zip(widths, counts, strict=True)), me in state.hands_of(found.about),
            _followed(state, found, party), now_ms,
        )  # fmt: skip

    return look


def _followed(state: State, appeal: Appeal, party: str) -> list[Followed]:
    """What came of an appeal that was upheld, as the records have it now."""
    if appeal.status != "upheld":
        return []
    found = []
    hold = state.holds.get(appeal.about)
    if hold is not None:
        if hold.why == "appeal":
            found.append(Followed("released", hold.over_ms))
        report = state.reports[hold.report]
        if report.status == "cleared":
            found.append(Followed("report_fell", appeal.ruled_ms))
            if report.payment is not None:
                found.append(Followed("label", appeal.ruled_ms))
    suspension = state.suspensions.get(appeal.about)
    if suspension is not None and suspension.why == "appeal":
        found.append(Followed("lifted", suspension.over_ms))
    listed = state.listings.get(state.listing_of.get(party, ""))
    if listed is not None and listed.why == "appeal":
        found.append(Followed("unlisted", appeal.ruled_ms))
    found.append(Followed("cleared", appeal.ruled_ms))
    return [*found, Followed("told", appeal.ruled_ms)]


# What is done.


@post("/appeal/{name:str}/take", opt=seen_by(RIGHTS["appeal_taken"]))
async def take(seat: Seat, name: str) -> Page:
    """I look at it, if I had no hand in it."""
    return await _acted(seat, name, "appeal_taken", appeal=name)


@post("/appeal/{name:str}/rule", opt=seen_by(RIGHTS["appeal_ruled"]))
async def rule(seat: Seat, name: str) -> Page:
    """Uphold it or dismiss it, with the reason that the person reads."""
    fields = seat.view.fields
    ruling, why = fields.text("ruling"), fields.text("why")
    if ruling not in ("uphold", "dismiss"):
        return await _page(seat, name, fault=("ruling", "appeals.no_ruling"))
    if not 0 < len(why) <= MAX_WHY:
        return await _page(seat, name, fault=("why", "appeals.no_why"))
    return await _acted(
        seat, name, "appeal_ruled", appeal=name, upheld=ruling == "uphold", why=why,
        erred=tuple(fields.all("erred")) if ruling == "uphold" else (),
    )  # fmt: skip


async def _acted(seat: Seat, name: str, word: str, **values: Any) -> Page:
    done = await act_of_form(seat, word, **values)
    if done is None:
        return await _page(seat, name, fault=("erred", "refusal.nothing_erred"))
    if isinstance(done, Refusal):
        return await _page(seat, name, done)
    return seat.view.go(seat.view.address(f"console/appeal/{name}"))


ROUTES: Final[list[ControllerRouterHandler]] = [appeals, appeal, take, rule]
