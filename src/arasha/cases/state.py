"""The state of the room: what all acts so far amount to.

In: records, as the domain says they are from now on (cases/perform.py). Out: the same, found by id
and by whatever else the domain asks for. Records never change; the tables do, by `State.put` alone,
so a state that is rebuilt from the log equals the one that was live.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from arasha.cases.law import Law
from arasha.cases.records import (
    HOLDING,
    OPEN_CASE,
    OPEN_RECALL,
    Alerted,
    Appeal,
    Case,
    Checked,
    Complaint,
    Counted,
    Hold,
    Listing,
    Published,
    Recall,
    Report,
    Request,
    Shadowed,
    Suspension,
    TakenIn,
    Viewed,
)

Change: TypeAlias = (
    Report
    | Complaint
    | Hold
    | Recall
    | Case
    | Checked
    | Listing
    | Suspension
    | Appeal
    | Request
    | Counted
    | Alerted
    | Viewed
    | TakenIn
    | Law
    | Published
    | Shadowed
)
Changes: TypeAlias = tuple[Change, ...]
"""Records as they are after an act, each whole."""


@dataclass(slots=True)
class State:
    """All records, and the ways to them."""

    law: Law | None = None
    published: Published | None = None
    shadowed: Shadowed | None = None
    at_ms: int = 0
    taken_in: int = -1  # place of the last report or alert that was taken in
    reports: dict[str, Report] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    recalls: dict[str, Recall] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    suspensions: dict[str, Suspension] = field(default_factory=dict)
    appeals: dict[str, Appeal] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    counted: dict[str, list[Counted]] = field(default_factory=dict)
    alerted: dict[str, list[int]] = field(default_factory=dict)  # when, ms, by account
    views: int = 0
    checked: dict[str, Checked] = field(default_factory=dict)  # by case
    closings: list[str] = field(
        default_factory=list
    )  # cases in the order in which they were closed
    moved: dict[str, None] = field(default_factory=dict)  # cases, since somebody looked (waiting)

    holds_of: dict[str, dict[str, None]] = field(default_factory=dict)  # by report
    holds_at: dict[str, dict[str, None]] = field(default_factory=dict)  # by account
    holds_by_payment: dict[int, dict[str, None]] = field(default_factory=dict)  # by its place
    grounds: dict[str, dict[str, None]] = field(default_factory=dict)  # reports by their ground
    claims_of: dict[str, dict[str, None]] = field(default_factory=dict)  # reports by payer, device
    reports_about: dict[str, dict[str, None]] = field(default_factory=dict)  # by payee, number
    recall_of: dict[str, str] = field(default_factory=dict)  # by report
    ring_at: dict[str, str] = field(default_factory=dict)  # the latest case, by account of a ring
    case_at: dict[tuple[str, int], str] = field(default_factory=dict)  # open, by subject, currency
    cases_of: dict[str, dict[str, None]] = field(default_factory=dict)  # ever, by account in one
    listing_of: dict[str, str] = field(default_factory=dict)  # the latest, by party
    suspension_of: dict[str, str] = field(default_factory=dict)  # the latest, by number
    appeal_about: dict[str, str] = field(default_factory=dict)
    by_reference: dict[str, str] = field(default_factory=dict)
    open_holds: dict[str, None] = field(default_factory=dict)
    open_recalls: dict[str, None] = field(default_factory=dict)
    open_cases: dict[str, None] = field(default_factory=dict)
    open_listings: dict[str, None] = field(default_factory=dict)
    open_suspensions: dict[str, None] = field(default_factory=dict)
    open_appeals: dict[str, None] = field(default_factory=dict)
    open_requests: dict[str, None] = field(default_factory=dict)
    open_complaints: dict[str, None] = field(default_factory=dict)
    waiting_of: dict[str, dict[str, None]] = field(default_factory=dict)  # complaints, by payer

    def take(self, changes: Changes, at_ms: int) -> None:
        """Let the state be as an act has made it."""
        assert at_ms >= self.at_ms, "acts are in the order of time"
        for change in changes:
            self.put(change)
        self.at_ms = at_ms

    def put(self, change: Change) -> None:
        """One record, as it is from now on."""
        match change:
            case Hold():
                self._put_hold(change)
            case Report():
                self._put_report(change)
            case Complaint():
                self._put_complaint(change)
            case Recall():
                self.recalls[change.id] = change
                self.recall_of[change.report] = change.id
                _keep(self.open_recalls, change.id, still=change.status in OPEN_RECALL)
            case Case() | Checked():
                self._put_case(change)
            case Listing() | Suspension():
                self._put_notice(change)
            case Appeal():
                self.appeals[change.id] = change
                self.appeal_about[change.about] = change.id
                _keep(self.open_appeals, change.id, still=change.status == "open")
            case Request():
                self.requests[change.id] = change
                _keep(self.open_requests, change.id, still=change.status == "open")
            case Counted() | Alerted():
                self._count(change)
            case TakenIn():
                self.taken_in = change.place
            case Viewed():
                self.views += 1
            case Law() | Published() | Shadowed():
                self._put_rules(change)

    def _count(self, change: Counted | Alerted) -> None:
        """What is told of a party, and what is counted for the queue alone."""
        if isinstance(change, Counted):
            self.counted.setdefault(change.party, []).append(change)
            return
        for party in change.parties:
            self.alerted.setdefault(party, []).append(change.at_ms)

    def _put_rules(self, change: Law | Published | Shadowed) -> None:
        """The law, and the policies: what judges by two people's word, what only counts."""
        match change:
            case Law():
                self.law = change
            case Published():
                self.published = change
            case Shadowed():
                self.shadowed = change

    def _put_report(self, report: Report) -> None:
        self.reports[report.id] = report
        self.moved[report.case] = None
        self.grounds.setdefault(report.ground, {})[report.id] = None
        for named in (report.payee, report.number):
            if named is not None:
                self.reports_about.setdefault(named, {})[report.id] = None
        for claimant in (report.payer, report.device):
            if claimant is not None:
                self.claims_of.setdefault(claimant, {})[report.id] = None

    def _put_hold(self, hold: Hold) -> None:
        self.holds[hold.id] = hold
        if hold.report in self.reports:
            self.moved[self.reports[hold.report].case] = None
        self.holds_of.setdefault(hold.report, {})[hold.id] = None
        self.holds_at.setdefault(hold.account, {})[hold.id] = None
        if hold.came is not None:
            self.holds_by_payment.setdefault(hold.came, {})[hold.id] = None
        self.by_reference[hold.reference] = hold.id
        _keep(self.open_holds, hold.id, still=hold.status in HOLDING)

    def _put_notice(self, notice: Listing | Suspension) -> None:
        """What stands about one party until an end, and is contested by its reference."""
        self.by_reference[notice.reference] = notice.id
        if isinstance(notice, Listing):
            self.listings[notice.id] = notice
            self.listing_of[notice.party] = notice.id
            _keep(self.open_listings, notice.id, still=notice.status == "listed")
        else:
            self.suspensions[notice.id] = notice
            self.suspension_of[notice.number] = notice.id
            _keep(self.open_suspensions, notice.id, still=notice.status == "suspended")

    def _put_complaint(self, complaint: Complaint) -> None:
        still = complaint.status == "waiting"
        self.complaints[complaint.id] = complaint
        _keep(self.open_complaints, complaint.id, still=still)
        waiting = self.waiting_of.setdefault(complaint.payer, {})
        _keep(waiting, complaint.id, still=still)
        if not waiting:
            del self.waiting_of[complaint.payer]

    def _put_case(self, case: Case | Checked) -> None:
        if isinstance(case, Checked):
            self.checked[case.id] = case
            return
        still = case.status in OPEN_CASE
        before = self.cases.get(case.id)
        self.cases[case.id] = case
        if case.closed_ms is not None and (before is None or before.closed_ms is None):
            self.closings.append(case.id)
        self.moved[case.id] = None
        _keep(self.open_cases, case.id, still=still)
        for account in case.ring:
            self.ring_at[account] = case.id
        for account in case.subjects | case.ring:
            self.cases_of.setdefault(account, {})[case.id] = None
        held = case.subjects | case.gathers if still else frozenset()
        known = held if before is None else held | before.subjects | before.gathers
        for account in known:
            key = (account, case.currency)
            if account in case.subjects and still:
                self.case_at[key] = case.id
            elif account in held:
                self.case_at.setdefault(key, case.id)
            elif self.case_at.get(key) == case.id:
                del self.case_at[key]

    def holds_of_report(self, report: str) -> Iterator[Hold]:
        """Every hold of a report, in order."""
        return (self.holds[hold] for hold in self.holds_of.get(report, ()))

    def holds_of_ground(self, ground: str) -> Iterator[Hold]:
        """Every hold that rests on that payment, of whichever report."""
        for report in self.grounds.get(ground, ()):
            yield from self.holds_of_report(report)

    def holds_of_account(self, account: str) -> Iterator[Hold]:
        """Every hold at an account, in order."""
        return (self.holds[hold] for hold in self.holds_at.get(account, ()))

    def hands_of(self, about: str) -> frozenset[str]:
        """Everybody who has decided something about a hold, a listing or a suspension, or in its
        case.
        """
        hold = self.holds.get(about)
        if hold is not None:
            report = self.reports[hold.report]
            recall = self.recalls.get(self.recall_of.get(hold.report, ""))
            hands = hold.hands | self.case_hands(report.case)
            return hands if recall is None else hands | recall.hands
        other = self.suspensions.get(about) or self.listings[about]
        return other.hands | self.case_hands(other.case)

    def case_hands(self, case_id: str) -> frozenset[str]:
        """Everybody who has worked on a case, or on the one it became part of."""
        hands: frozenset[str] = frozenset()
        case: Case | None = self.cases.get(case_id)
        while case is not None:
            hands |= case.hands
            case = self.cases.get(case.merged_into or "")
        return hands


def _keep(names: dict[str, None], name: str, *, still: bool) -> None:
    """Have the name among them, or not. A dict keeps the order in which they came."""
    if still:
        names[name] = None
    else:
        names.pop(name, None)
