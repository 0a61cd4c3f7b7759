"""What an audit finds in a log: plain records of holds, suspensions, appeals, listings, views.

Made by the second reading (audit_reading.py), not by the domain. Parties are tokens, times ms since
1970 UTC, money minor units. No payment, no reference and no free text of anybody is in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Broken = Literal[
    "ground", "outlived", "end", "people", "role", "amount", "view", "reveal", "listing", "order",
    "told", "differs", "suspension",
]  # fmt: skip

LAWS: Final[dict[Broken, str]] = {
    "ground": "a hold rests on a report that stands and that the victim's bank attests",
    "outlived": "a hold is over when its end has come or its ground has fallen",
    "end": "no end is later than the law lets it be",
    "people": "what needs two people is done by two, and nobody rules on what they had a hand in",
    "role": "nobody does what their role may not",
    "amount": "no more is held than is disputed, and the same money is not held twice",
    "view": "a party is seen only through something open that names it",
    "reveal": "nobody has more tokens revealed in a day than the budget lets them",
    "listing": "a listing rests on a case closed as fraud, two people made it, and it ends",
    "suspension": "a number is suspended that its case names, by two people, until an end",
    "order": "acts are about what there is, in the order of time",
    "told": "a bank that does what it was told holds nothing that is over",
    "differs": "the state that the centre works with is what the entries amount to",
}
"""What an audit looks for, a sentence each."""

Ended = Literal["lapsed", "released", "ended", "nothing there", "returned"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A law that an entry breaks: which, where, about what, and what was found."""

    law: Broken
    seq: int
    about: str
    found: str


@dataclass(frozen=True, slots=True)
class Prolonged:
    """A later end: who asked for it, and who agreed."""

    until_ms: int
    asked_by: str
    agreed_by: tuple[str, ...]


@dataclass(slots=True)
class HoldRead:
    """One hold. ``until_ms`` is the end that the law gives it, ``said_until_ms`` what the entries
    say; ``hands`` are the persons who decided something about it. ``others`` is what of
    ``held_minor`` was first held for another hold, by (that hold, the last instant the law gives
    it); ``let_go_minor`` what of that was free before this hold's end.
    """

    id: str
    seq: int
    report: str
    account: str
    bank: str
    amount_minor: int
    currency: int
    law: str
    author: str
    placed_ms: int
    until_ms: int
    said_until_ms: int
    attested_by: str | None
    basis: str | None = None
    confirmed_by: str | None = None
    prolonged: list[Prolonged] = field(default_factory=list)
    held_minor: int | None = None
    to_return_minor: int | None = None
    returned_minor: int = 0
    answered_ms: int | None = None
    ended: Ended | None = None
    over_ms: int | None = None
    released_by: str | None = None
    why: str | None = None
    appeal: str | None = None
    hands: set[str] = field(default_factory=set)
    returned_by: set[str] = field(default_factory=set)
    past_limit: bool = False
    others: dict[tuple[str, int], int] = field(default_factory=dict)
    let_go_minor: int = 0

    def stands(self, at_ms: int) -> bool:
        """Whether money is lawfully held by it at that instant."""
        return self.over_ms is None and at_ms < self.until_ms

    def lasted_ms(self, at_ms: int) -> int:
        """How long money has been held by it, up to that instant."""
        end = min(self.until_ms, at_ms) if self.over_ms is None else self.over_ms
        return max(0, end - self.placed_ms)

    @property
    def weight_minor(self) -> int:
        """What of the disputed money it takes up."""
        return self.amount_minor if self.held_minor is None else self.held_minor


@dataclass(slots=True)
class ReportRead:
    """A report; ``ground`` is what no two holds at one account may rest on. ``attested_ms`` None:
    nobody stands for it; ``fell_ms``: from then on it is no ground.
    """

    id: str
    seq: int
    sender: str
    bank: str
    amount_minor: int
    currency: int
    payer: str
    payee: str
    ground: str
    paid_ms: int
    attested_ms: int | None
    case: str
    fell_ms: int | None = None


@dataclass(slots=True)
class ComplaintRead:
    """What a citizen said, as the report that it may become, which payment it names, until when
    their bank can answer, and whether it names a telephone number instead of an account.
    """

    report: ReportRead
    payment: str | None
    lapses_ms: int
    to_number: bool
    is_open: bool = True


@dataclass(slots=True)
class RecallRead:
    """A recall, as far as the end of a hold depends on it."""

    id: str
    report: str
    asked: tuple[str, ...] = ()
    answers: dict[str, int] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    is_returning: bool = False
    is_over: bool = False
    hands: set[str] = field(default_factory=set)


@dataclass(slots=True)
class CaseRead:
    """A case, as far as reports, views and appeals depend on it. ``ring`` are accounts that hang
    together with its subjects, ``confirmed`` those of them confirmed in fraud, ``labelled`` by a
    label. Of an operator's: the ``pattern`` of its numbers, and those that are ``ours``.
    """

    id: str
    currency: int
    subjects: set[str]
    opened_ms: int
    ring: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    labelled: set[str] = field(default_factory=set)
    reports: list[str] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    notes: int = 0
    had_until_ms: int = 0
    is_open: bool = True
    outcome: str | None = None
    merged_into: str | None = None
    hands: set[str] = field(default_factory=set)
    pattern: str | None = None
    ours: set[str] = field(default_factory=set)
    closed_ms: int | None = None

    @property
    def keys(self) -> set[str]:
        """Accounts whose alerts and reports come to it."""
        return self.subjects | (self.ring if self.confirmed else set())


@dataclass(slots=True)
class AppealRead:
    """An appeal and its ruling; ``about`` is a hold, a listing or a suspension."""

    id: str
    about: str
    opened_ms: int
    due_ms: int
    reviewer: str | None = None
    ruled_ms: int | None = None
    upheld: bool | None = None
    erred: tuple[str, ...] = ()


@dataclass(slots=True)
class ListingRead:
    """A listing; ``second`` is who agreed to it."""

    id: str
    party: str
    party_kind: str
    case: str
    author: str
    second: str | None
    from_ms: int
    until_ms: int
    over_ms: int | None = None
    withdrawn_by: str | None = None
    why: str | None = None
    hands: set[str] = field(default_factory=set)

    def stands(self, at_ms: int) -> bool:
        """Whether the party is listed at that instant."""
        return self.over_ms is None and at_ms < self.until_ms


@dataclass(slots=True)
class SuspensionRead:
    """A number that made no calls: on what basis, by whom, who agreed, when its holder was told."""

    id: str
    number: str
    case: str
    basis: str
    law: str
    author: str
    second: str | None
    from_ms: int
    until_ms: int
    told_ms: int | None = None
    over_ms: int | None = None
    lifted_by: str | None = None
    why: str | None = None
    hands: set[str] = field(default_factory=set)

    def stands(self, at_ms: int) -> bool:
        """Whether the number is suspended at that instant."""
        return self.over_ms is None and at_ms < self.until_ms

    def lasted_ms(self, at_ms: int) -> int:
        """How long it was suspended, up to that instant."""
        over = min(self.until_ms, at_ms) if self.over_ms is None else self.over_ms
        return max(0, over - self.from_ms)

    def lift(self, at_ms: int, why: str, by: str, hands: set[str]) -> None:
        """It is over, where it stands."""
        if self.stands(at_ms):
            self.over_ms, self.why, self.lifted_by = at_ms, why, by
            self.hands = self.hands | hands


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """An act that two people wanted: what, who asked, who agreed, at which entry it was done."""

    seq: int
    act: str
    asked_by: str
    agreed_by: tuple[str, ...]


@dataclass(slots=True)
class ShadowRead:
    """A policy that followed and counted, by its hash: who began it, who ended it or put another in
    its place. ``author`` and ``from_ms`` None: the command line had put it there.
    """

    seq: int
    policy: str
    author: str | None
    from_ms: int | None
    over_ms: int | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Reveal:
    """A token was turned back into what it hides. ``in_day`` is the how-manieth of this person in
    24 hours; None where a participant was told of its own customer, for which there is no budget.
    """

    seq: int
    at_ms: int
    by: str
    reason: str
    token: str
    in_day: int | None


@dataclass(frozen=True, slots=True)
class View:
    """A person was shown a party, or all (None), through something that named it; ``why`` where
    they took it out of the centre, as evidence.
    """

    seq: int
    at_ms: int
    by: str
    through: str
    party: str | None
    why: str | None = None
