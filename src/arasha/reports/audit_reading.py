"""The second reading of what was done: what the entries so far say, worked out without the domain.

The domain (cases/perform.py) refuses what is against the law; this reading refuses nothing. It
takes each entry at its word (audit_taking.py), works out for itself which end the law gives, who
had to agree and whether the ground still stood, and says where that is not so. It shares with the
domain the records of acts, the table of roles, the law file's reader with its calendar, and the
rule by which a pot is shared: each is tested by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from arasha.cases.acts import Actor, Askable
from arasha.cases.law import Law
from arasha.reports.audit_records import (
    AppealRead,
    Broken,
    CaseRead,
    ComplaintRead,
    Finding,
    HoldRead,
    ListingRead,
    RecallRead,
    ReportRead,
    ShadowRead,
    SuspensionRead,
    TwoPeople,
    View,
)


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something, when, at which entry; ``seconds`` agreed to it."""

    seq: int
    at_ms: int
    by: Actor
    seconds: tuple[str, ...] = ()

    @property
    def hands(self) -> set[str]:
        """The persons whose act it is."""
        return set(self.seconds) | ({self.by.name} if self.by.kind == "person" else set())


@dataclass(slots=True)
class Asking:
    """A request for others, as it stands."""

    what: Askable
    by: Actor
    lapses_ms: int
    approvals: list[tuple[str, str]] = field(default_factory=list)
    is_open: bool = True


@dataclass(slots=True)
class Reading:
    """What the entries so far say."""

    law: Law | None = None
    at_ms: int = 0
    reports: dict[str, ReportRead] = field(default_factory=dict)
    complaints: dict[str, ComplaintRead] = field(default_factory=dict)
    holds: dict[str, HoldRead] = field(default_factory=dict)
    recalls: dict[str, RecallRead] = field(default_factory=dict)
    cases: dict[str, CaseRead] = field(default_factory=dict)
    appeals: dict[str, AppealRead] = field(default_factory=dict)
    listings: dict[str, ListingRead] = field(default_factory=dict)
    suspensions: dict[str, SuspensionRead] = field(default_factory=dict)
    requests: dict[str, Asking] = field(default_factory=dict)
    two_people: list[TwoPeople] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    shadows: list[ShadowRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    holds_of: dict[str, list[HoldRead]] = field(default_factory=dict)  # by ground
    holds_at: dict[str, list[HoldRead]] = field(default_factory=dict)  # by account
    recall_of: dict[str, RecallRead] = field(default_factory=dict)  # by report
    references: dict[str, str] = field(default_factory=dict)
    listed: dict[str, ListingRead] = field(default_factory=dict)  # the latest, by party
    open_case: dict[tuple[str, int], str] = field(default_factory=dict)
    ring_at: dict[str, str] = field(default_factory=dict)

    def found(self, law: Broken, doing: Doing, about: str, what: str) -> None:
        """Note a law that is broken."""
        self.findings.append(Finding(law, doing.seq, about, what))

    def in_force(self) -> Law:
        """The law; there is one when anything but a law is taken."""
        assert self.law is not None
        return self.law

    @property
    def follows(self) -> ShadowRead | None:
        """What is in the shadow, as far as entries say."""
        last = self.shadows[-1] if self.shadows else None
        return last if last is not None and last.over_ms is None else None

    def hands_of(self, about: str) -> set[str]:
        """Everybody who decided something about a hold, a listing or a suspension, its recall, its
        case.
        """
        hold = self.holds.get(about)
        listing = self.listings.get(about) or self.suspensions.get(about)
        hands: set[str] = set()
        case = ""
        if hold is not None:
            report = self.reports.get(hold.report)
            case = "" if report is None else report.case
            recall = self.recall_of.get(hold.report)
            hands = hold.hands | (set() if recall is None else recall.hands)
        elif listing is not None:
            case, hands = listing.case, set(listing.hands)
        while (known := self.cases.get(case)) is not None:
            hands |= known.hands
            case = known.merged_into or ""
        return hands
