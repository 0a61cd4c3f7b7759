"""A case as the state has it: its parties, what else shares one of them, how often each was named.

In: the state, between two acts; an id; as of when counts are told. Out: frozen records. Nothing
here looks through all cases: whatever is found is found from the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from arasha.app.pages.console.rows import Row, row_of
from arasha.cases.acts import HoldProlonged
from arasha.cases.records import OPEN_CASE, Alert, Case, CaseStatus, Hold, Report, Request
from arasha.cases.state import State

MAX_PAYMENTS: Final = 40
"""Payments of a case whose facts are read, the highest score first."""

MAX_PARTIES: Final = 200
"""Parties of a case that are told, its subjects first."""

MAX_RELATED: Final = 20
"""Related cases that are told, the newest first."""

_EACH: Final = 20  # cases looked at of one party, the last ones

PartyKind = Literal["account", "number", "device"]
Part = Literal[
    "subject", "payer", "payee", "ring", "held", "number", "device", "listed", "suspended"
]
Way = Literal["subject", "ring", "device"]


@dataclass(frozen=True, slots=True)
class Named:
    """A party that the case names: its token, what it is, what it is here, and its bank."""

    token: str
    kind: PartyKind
    part: Part
    bank: str | None = None

    @property
    def mark(self) -> str:
        """What a page shows of it."""
        return self.token[:8]


@dataclass(frozen=True, slots=True)
class Related:
    """Another case, and what it shares with this one."""

    case: Case
    ways: tuple[Way, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it."""
        return self.case.status in OPEN_CASE


@dataclass(frozen=True, slots=True)
class Seen:
    """A case. Parties are in ``parties`` and ``people`` alone, so that who may be told of none is
    told of none. ``people``: how many had reported each by ``as_of_ms``.
    """

    case: Case
    row: Row
    reports: list[Report]
    holds: list[Hold]
    parties: list[Named]
    asked: list[Request]
    people: dict[str, int]
    now_ms: int
    as_of_ms: int

    @property
    def is_open(self) -> bool:
        """Whether somebody can work on it."""
        return self.case.status in OPEN_CASE

    @property
    def payments(self) -> list[tuple[str, int]]:
        """What was stopped or reported: each payment's digest once, with its amount."""
        return payments_of(self.case.alerts, self.reports)

    @property
    def is_several(self) -> bool:
        """Whether it is about more than one stopped payment that nobody has reported."""
        return len(self.case.alerts) > 1

    @property
    def held_minor(self) -> int:
        """What banks have said that they hold for it."""
        return sum(one.held_at(self.now_ms) for one in self.holds)

    @property
    def holders(self) -> list[str]:
        """The banks that hold it."""
        return sorted({one.bank for one in self.holds if one.held_at(self.now_ms)})

    @property
    def typology(self) -> str | None:
        """What the reports say it is, the first that says so."""
        return next((one.typology for one in self.reports if one.typology), None)

    @property
    def ids(self) -> list[str]:
        """The case, and what hangs on it: whose acts are its history."""
        return [self.case.id, *(one.id for one in self.reports), *(one.id for one in self.holds)]


def looking(name: str) -> Callable[[State, int], Seen | None]:
    """How to look at that case, as it is now; `counted` then tells who was reported how often."""

    def look(state: State, now_ms: int) -> Seen | None:
        case = state.cases.get(name)
        if case is None:
            return None
        reports = [state.reports[one] for one in case.reports]
        holds = [hold for one in reports for hold in state.holds_of_report(one.id)]
        parties = list(parties_of(case, reports, holds))[:MAX_PARTIES]
        return Seen(
            case, row_of(state, case, now_ms), reports, holds, parties, _asked(state, holds), {},
            now_ms, now_ms,
        )  # fmt: skip

    return look


def counted(state: State, seen: Seen, as_of_ms: int) -> Seen:
    """The same with how many people had reported each party by then."""
    people = {one.token: people_before(state, one.token, as_of_ms) for one in seen.parties}
    return replace(seen, people=people, as_of_ms=as_of_ms)


def payments_of(alerts: Iterable[Alert], reports: Iterable[Report]) -> list[tuple[str, int]]:
    """The digest and amount of each payment, the highest score first; then those only reported."""
    found = {one.payment: one.amount_minor for one in sorted(alerts, key=lambda one: -one.score)}
    for one in reports:
        if one.payment is not None:
            found.setdefault(one.payment, one.amount_minor)
    return list(found.items())[:MAX_PAYMENTS]


def parties_of(case: Case, reports: Iterable[Report], holds: Iterable[Hold]) -> Iterator[Named]:
    """Whom the case names (cases/views.py), each once: as what matters most about it."""
    kind: PartyKind = "account" if case.seen is None else "number"
    reports, found = list(reports), dict[str, Named]()
    banks = {one.payee: one.payee_bank for one in reports} | {
        one.account: one.bank for one in holds
    }
    some: list[tuple[str | None, PartyKind, Part, str | None]] = [
        *((one, kind, "subject", banks.get(one)) for one in sorted(case.subjects)),
        *((one.payer, "account", "payer", one.bank) for one in reports),
        *((one.payee, "account", "payee", one.payee_bank) for one in reports),
        *((one.number, "number", "number", None) for one in reports),
        *((one.device, "device", "device", None) for one in reports),
        *((one.account, "account", "held", one.bank) for one in holds),
        *((one, kind, "ring", banks.get(one)) for one in sorted(case.ring)),
    ]  # fmt: skip
    for token, what, part, bank in some:
        if token is not None:
            found.setdefault(token, Named(token, what, part, bank))
    return iter(found.values())


def related_to(state: State, case: Case, devices: Iterable[str]) -> list[Related]:
    """Cases that share a subject, a ring or one of these devices with this one; one that became
    part of another is told as that.
    """
    found: dict[str, dict[Way, None]] = {}

    def share(names: Iterable[str], way: Way) -> None:
        for name in names:
            other = _whole(state, name)
            if other.id != case.id:
                found.setdefault(other.id, {})[way] = None

    for account in sorted(case.subjects)[:MAX_PARTIES]:
        share(list(state.cases_of.get(account, ()))[-_EACH:], "subject")
    for account in sorted(case.ring - case.subjects)[:MAX_PARTIES]:
        share(list(state.cases_of.get(account, ()))[-_EACH:], "ring")
    for device in sorted(set(devices))[:MAX_PARTIES]:
        share(_cases(state, state.claims_of.get(device, ())), "device")
    whole = [Related(state.cases[name], tuple(ways)) for name, ways in found.items()]
    whole.sort(key=lambda one: (-one.is_open, -one.case.opened_ms, one.case.id))
    return whole[:MAX_RELATED]


def reviews(state: State, seen: Seen, person: str) -> bool:
    """Whether that person looks at an appeal against a hold of the case, which is not ruled on:
    whoever does is not told who decided before.
    """
    about = (state.appeal_about.get(one.id) for one in seen.holds)
    appeals = (state.appeals[name] for name in about if name is not None)
    return any(one.status == "open" and one.reviewer == person for one in appeals)


def people_before(state: State, party: str, before_ms: int) -> int:
    """How many people had reported a party before that instant: each robbed account once."""
    named = (state.reports[name] for name in state.reports_about.get(party, ()))
    return len({one.payer for one in named if one.taken_ms < before_ms})


def _cases(state: State, reports: Iterable[str]) -> list[str]:
    return [state.reports[name].case for name in list(reports)[-_EACH:]]


def _whole(state: State, name: str) -> Case:
    case = state.cases[name]
    while case.status is CaseStatus.MERGED and case.merged_into in state.cases:
        case = state.cases[case.merged_into]
    return case


def _asked(state: State, holds: Iterable[Hold]) -> list[Request]:
    """Requests for a second person about holds of the case that wait."""
    ours = {one.id for one in holds}
    waiting = (state.requests[name] for name in state.open_requests)
    return [one for one in waiting if isinstance(one.what, HoldProlonged) and one.what.hold in ours]


@dataclass(frozen=True, slots=True)
class Through:
    """Something open that names parties: what hangs on it, and since when it is there."""

    parties: list[Named]
    reports: list[Report]
    holds: list[Hold]
    alerts: tuple[Alert, ...]
    since_ms: int


def through(state: State, name: str) -> Through | None:
    """What an id names, of a case, report, hold, recall, listing, suspension or appeal; None where
    there is nothing of that id. Whether it is open is for cases/views.py to say.
    """
    if (case := state.cases.get(name)) is not None:
        reports = [state.reports[one] for one in case.reports]
        holds = [hold for one in reports for hold in state.holds_of_report(one.id)]
        parties = list(parties_of(case, reports, holds))
        return Through(parties, reports, holds, case.alerts, case.opened_ms)
    if (report := state.reports.get(name)) is not None:
        return _of_report(state, report, report.taken_ms)
    if (recall := state.recalls.get(name)) is not None:
        return _of_report(state, state.reports[recall.report], recall.opened_ms)
    if (appeal := state.appeals.get(name)) is not None:
        found = through(state, appeal.about)
        return None if found is None else replace(found, since_ms=appeal.opened_ms)
    if (hold := state.holds.get(name)) is not None:
        named = Named(hold.account, "account", "held", hold.bank)
        return Through([named], [], [hold], (), hold.placed_ms)
    if (listing := state.listings.get(name)) is not None:
        return Through([Named(listing.party, listing.party_kind, "listed")], [], [], (),
                       listing.from_ms)  # fmt: skip
    if (suspended := state.suspensions.get(name)) is not None:
        named = Named(suspended.number, "number", "suspended")
        return Through([named], [], [], (), suspended.from_ms)
    return None


def _of_report(state: State, report: Report, since_ms: int) -> Through:
    holds = list(state.holds_of_report(report.id))
    case = Case(report.case, frozenset(), report.currency, report.taken_ms, report.taken_ms)
    return Through(list(parties_of(case, [report], holds)), [report], holds, (), since_ms)
