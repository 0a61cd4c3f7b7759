"""The docket: what somebody sees who looks over the shoulder of those who act on reports.

In: what came of each act, in every office (offices.py). Out: a line for each act that changes
something for somebody, the newest first; and one report followed from the payment to its end, read
from the records themselves at the moment they are looked at. Nothing here is kept for the centre.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from arasha.cases.acts import (
    AppealOpened,
    AppealRuled,
    HoldAnswered,
    HoldConfirmed,
    HoldEnded,
    HoldReleased,
    HoldsPlaced,
    MoneyReturned,
    RecallAnswered,
    RecallSent,
    ReportAttested,
    ReportTaken,
    RequestApproved,
    Requested,
    ReturnOrdered,
)
from arasha.cases.projection import Done
from arasha.cases.records import HOLDING, OPEN_RECALL, Appeal, Hold, Recall, Report, Request
from arasha.cases.state import State
from arasha.country.casework import Casework
from arasha.country.script import HOUR_MS
from arasha.flows.traced import Trace

LINES: Final = 40
"""Acts that the docket remembers."""

STAYS_MS: Final = 3 * HOUR_MS
"""How long a report that is over still stands there, ms of the country."""

RETURNED_ENOUGH: Final = 2
"""A report whose money is held at so many banks is shown before others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act, in words. ``tone`` says for whom it is good: the victim, who is held, or neither."""

    at_ms: int
    office: str
    text: str
    tone: str = ""


@dataclass(slots=True)
class Followed:
    """A report that is followed, and what its trace said."""

    work: Casework
    report: str
    trace: Trace | None
    over_ms: int | None = None

    @property
    def holds(self) -> list[Hold]:
        """Its holds, as they stand now."""
        return list(self.work.state.holds_of_report(self.report))

    @property
    def recall(self) -> Recall | None:
        """Its recall, as it stands now."""
        state = self.work.state
        return state.recalls.get(state.recall_of.get(self.report, ""))

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it."""
        recall = self.recall
        held = any(hold.status in HOLDING for hold in self.holds)
        return not held and (recall is None or recall.status not in OPEN_RECALL)

    @property
    def worth(self) -> tuple[int, int]:
        """Banks and money: of several reports the one with more is shown."""
        held = [hold for hold in self.holds if hold.held_minor]
        return len({hold.bank for hold in held}), sum(hold.held_minor or 0 for hold in held)


@dataclass(slots=True)
class Docket:
    """What is shown of the offices. Money in minor units, counted over all of them; ``no_part`` of
    the ``accounts`` at which something was held are in truth nobody's who had a part.
    """

    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES))
    shown: Followed | None = None
    reports: int = 0
    held: int = 0
    returned: int = 0
    appeals: int = 0
    upheld: int = 0
    accounts: int = 0
    no_part: int = 0
    _traces: dict[str, Trace] = field(default_factory=dict)

    def traced(self, report: Report, trace: Trace) -> None:
        """A report was followed."""
        self._traces[report.id] = trace

    def holds(self, *, has_part: bool) -> None:
        """A bank has held something at an account for the first time."""
        self.accounts += 1
        self.no_part += not has_part

    def done(self, work: Casework, done: Done) -> None:
        """An act was taken."""
        at_ms = done.entry.at_ms
        for text, tone in _texts(work.state, done):
            self.lines.appendleft(Line(at_ms, work.name, text, tone))
        self._count(done)
        act = done.entry.act
        if isinstance(act, HoldAnswered) and act.held_minor:
            self._consider(work, work.state.holds[act.hold].report, at_ms)

    def _consider(self, work: Casework, report: str, at_ms: int) -> None:
        """Show that report from now on, where nothing better is shown."""
        one = Followed(work, report, self._traces.get(report))
        old = self.shown
        if old is not None and not old.is_over:
            if old.report == report or old.worth >= one.worth or old.worth[0] >= RETURNED_ENOUGH:
                return
        elif old is not None:
            old.over_ms = old.over_ms or at_ms
            if at_ms - old.over_ms < STAYS_MS:
                return
        self.shown = one

    def _count(self, done: Done) -> None:
        match done.entry.act:
            case ReportTaken():
                self.reports += 1
            case HoldAnswered() as act:
                self.held += act.held_minor
            case MoneyReturned() as act:
                self.returned += act.amount_minor
            case AppealOpened():
                self.appeals += 1
            case AppealRuled() as act:
                self.upheld += act.upheld
            case _:
                pass


def money(minor: int) -> str:
    """An amount without its tiyn.

    >>> money(338_000_00)
    '338,000'
    """
    return f"{minor // 100:,}"


def _texts(state: State, done: Done) -> Iterator[tuple[str, str]]:
    """What an act did, in words, with its tone; nothing for acts that only keep the desk tidy."""
    yield from _of_reports(state, done)
    yield from _of_holds(state, done)
    yield from _of_recalls(state, done)
    yield from _of_appeals(state, done)


def _of_reports(state: State, done: Done) -> Iterator[tuple[str, str]]:
    match done.entry.act:
        case ReportTaken() as act:
            word = "stands for it" if act.attested else "is asked whether it stands for it"
            kind = _said(act.typology or "fraud")
            yield f"reported: {money(act.amount_minor)}, {kind}; {act.bank} {word}", ""
        case ReportAttested() as act:
            amount = money(state.reports[act.report].amount_minor)
            yield f"{done.entry.by.name} stands for the report of {amount}", ""
        case _:
            pass


def _of_holds(state: State, done: Done) -> Iterator[tuple[str, str]]:
    by = done.entry.by.name
    match done.entry.act:
        case HoldsPlaced() as act:
            where = ", ".join(f"{money(one.amount_minor)} at {one.bank}" for one in act.targets)
            yield f"followed; hold orders: {where}", "victim"
        case HoldAnswered() as act:
            hold = state.holds[act.hold]
            of = f"{money(act.held_minor)} of {money(hold.amount_minor)}"
            why = "" if act.short == "none" else f": {act.short}"
            if hold.status in HOLDING and not act.held_minor:
                why = ": it shares what is held there for others"
            yield f"{hold.bank} holds {of}{why}", "victim" if act.held_minor else ""
        case HoldConfirmed() as act:
            yield f"officer {by} confirms the hold {_of(state, act.hold)}", ""
        case HoldReleased() as act:
            yield f"officer {by} releases the hold {_of(state, act.hold)}: {_said(act.why)}", "held"
        case HoldEnded() as act:
            yield f"the hold {_of(state, act.hold)} {state.holds[act.hold].status.value}", "held"
        case _:
            pass


def _of_recalls(state: State, done: Done) -> Iterator[tuple[str, str]]:
    by = done.entry.by
    match done.entry.act:
        case RecallSent() as act:
            yield f"recalled: {len(state.recalls[act.recall].asked)} accounts asked", ""
        case RecallAnswered() as act if act.amount_minor:
            yield f"{by.name} will give back {money(act.amount_minor)}", ""
        case Requested(what=ReturnOrdered()):
            yield f"officer {by.name} asks for the return of what is held", ""
        case RequestApproved():
            for one in done.changes:
                if isinstance(one, Request) and isinstance(one.what, ReturnOrdered):
                    ordered = ": the return is ordered" if one.status == "done" else ""
                    tone = "victim" if ordered else ""
                    yield f"{' '.join(by.roles)} {by.name} agrees{ordered}", tone
        case MoneyReturned() as act:
            yield f"{by.name} sends {money(act.amount_minor)} back to the victim", "victim"
        case _:
            pass


def _of_appeals(state: State, done: Done) -> Iterator[tuple[str, str]]:
    match done.entry.act:
        case AppealOpened():
            for one in done.changes:
                if isinstance(one, Appeal):
                    yield f"appeal against the hold {_of(state, one.about)}", ""
        case AppealRuled() as act:
            word = "upheld, free at once" if act.upheld else "dismissed"
            about = _of(state, state.appeals[act.appeal].about)
            by = done.entry.by.name
            yield f"officer {by} rules on the hold {about}: {word}", "held" if act.upheld else ""
        case _:
            pass


def _of(state: State, name: str) -> str:
    hold = state.holds[name]
    amount = hold.amount_minor if hold.held_minor is None else hold.held_minor
    return f"of {money(amount)} at {hold.bank}"


def _said(why: str) -> str:
    return why.replace("_", " ")
