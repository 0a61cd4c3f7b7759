"""What the acts amount to: frozen records of reports, holds, recalls, cases, listings, appeals.

Each has an ``id`` made from the seq of the entry that began it (``h1042.0`` is the first hold of
entry 1042), so a rebuilt state has the same ids. Times are ms since 1970 UTC, money is in minor
units. ``hands`` are the persons who have decided something about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Literal, get_args

from arasha.cases.acts import (
    Actor,
    Askable,
    NumberSigns,
    NumberTies,
    Outcome,
    Pattern,
    RecallAnswer,
    ReleaseWhy,
    Short,
    Ties,
)

Hands = frozenset[str]
NOBODY: Final[Hands] = frozenset()
NO_TIES: Final = Ties()
PATTERNS: Final[tuple[Pattern, ...]] = get_args(Pattern)


class HoldStatus(Enum):
    """Where a hold stands; the first three hold money until ``until_ms`` and no longer."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    PROLONGED = "prolonged"
    LAPSED = "lapsed"  # its end came before an officer confirmed it
    RELEASED = "released"
    ENDED = "ended"


HOLDING: Final = frozenset({HoldStatus.PROVISIONAL, HoldStatus.CONFIRMED, HoldStatus.PROLONGED})


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody says it was fraud; ``bank`` is the victim's."""

    id: str
    seq: int
    taken_ms: int
    sender: str
    bank: str
    amount_minor: int
    currency: int
    payer: str
    payee: str
    payee_bank: str | None
    paid_ms: int
    payment: str | None
    device: str | None
    number: str | None
    typology: str | None
    attested: bool
    case: str
    status: Literal["open", "withdrawn", "cleared"] = "open"

    @property
    def ground(self) -> str:
        """What a hold of this report rests on: the payment, however many reports name it."""
        return self.payment or self.id


@dataclass(frozen=True, slots=True)
class Complaint:
    """A citizen says that money was taken; ``id`` is that of the report it may become.
    ``to_number``: ``payee`` stands for a telephone number until the bank has said whose account.
    """

    id: str
    seq: int
    made_ms: int
    bank: str
    amount_minor: int
    currency: int
    payer: str
    payee: str
    payee_bank: str | None
    paid_ms: int
    payment: str | None
    number: str | None
    typology: str | None
    answer_due_ms: int
    lapses_ms: int
    status: Literal["waiting", "attested", "declined", "lapsed"] = "waiting"
    over_ms: int | None = None
    to_number: bool = False


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Money that a bank first held for the hold ``first``, and holds for another claim now. Nobody
    has it held past ``last_ms``: the law's longest time counts from when it was first held.
    """

    first: str
    amount_minor: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Disputed money that a bank is asked to keep where it is.

    ``held_minor`` is None until the bank has answered; ``to_return_minor`` None until it was
    ordered. ``law`` is the hash of the law in force when it was placed, ``basis`` what the officer
    named. ``came`` is the place of the payment by which most of it came, ``returned_by`` the
    outcomes (pacs.004) that said it went back. ``taken`` is what of ``held_minor`` came from other
    holds of the same pot (cases/pots.py), ``let_go_minor`` what of that was free before its end.
    """

    id: str
    report: str
    account: str
    bank: str
    amount_minor: int
    currency: int
    reference: str
    law: str
    author: str
    placed_ms: int
    until_ms: int
    status: HoldStatus = HoldStatus.PROVISIONAL
    basis: str | None = None
    held_minor: int | None = None
    short: Short = "none"
    answered_ms: int | None = None
    answer_due_ms: int = 0
    review_ms: int | None = None
    by_authority: bool = False
    agreed: bool = False
    to_return_minor: int | None = None
    returned_minor: int = 0
    returned_by: tuple[str, ...] = ()
    came: int | None = None
    why: ReleaseWhy | None = None
    over_ms: int | None = None
    hands: Hands = NOBODY
    taken: tuple[TakenOver, ...] = ()
    let_go_minor: int = 0

    def holds_at(self, at_ms: int) -> bool:
        """Whether it stands at that instant, whatever has been noted since."""
        return self.status in HOLDING and at_ms < self.until_ms

    def held_at(self, at_ms: int) -> int:
        """What is held by it at that instant and not back yet, as far as its bank has said."""
        if not self.holds_at(at_ms) or self.held_minor is None:
            return 0
        free = sum(one.amount_minor for one in self.taken if at_ms >= one.last_ms)
        return max(0, self.held_minor - self.returned_minor - free)

    def takes_up_at(self, at_ms: int) -> int:
        """What of its report's money it takes up: held, or gone back, or on its way."""
        back = max(self.returned_minor, self.to_return_minor or 0)
        return self.weight_minor if self.holds_at(at_ms) else back

    @property
    def pot(self) -> tuple[str, str, int]:
        """Where its money is: holds of one pot share what their bank holds there."""
        return self.account, self.bank, self.currency

    @property
    def is_going_back(self) -> bool:
        """Whether some of it is ordered to go back, and is not back yet."""
        return self.to_return_minor is not None and self.returned_minor < self.to_return_minor

    @property
    def next_end_ms(self) -> int:
        """When it ends, or when the first of the money that it took over is free. What is ordered
        to go back has the hold's own end.
        """
        if self.is_going_back:
            return self.until_ms
        return min((self.until_ms, *(one.last_ms for one in self.taken)))

    @property
    def weight_minor(self) -> int:
        """What of the disputed money it takes up: what is held, or was asked for."""
        return self.amount_minor if self.held_minor is None else self.held_minor


class RecallStatus(Enum):
    """The steps of a recall, named as Pix MED 2.0 has them."""

    REQUESTED = "requested"  # asked for; nothing is held yet
    TRACKED = "tracked"  # hold orders are out
    AWAITING_ANSWER = "awaiting_answer"  # camt.056 is out
    ANSWERED = "answered"  # every bank has answered
    RETURNING = "returning"  # what goes back is ordered
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN_RECALL: Final = frozenset(RecallStatus) - {RecallStatus.COMPLETED, RecallStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class Answered:
    """A bank's answer to a recall, for one hold; ``whole``: it gives back all that it held then."""

    hold: str
    answer: RecallAnswer
    amount_minor: int
    code: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Recall:
    """The money of one report, asked back. ``score`` is the claim's (cases/claims.py)."""

    id: str
    report: str
    by: str
    opened_ms: int
    due_ms: int
    score: int
    reasons: tuple[str, ...]
    status: RecallStatus = RecallStatus.REQUESTED
    asked: tuple[str, ...] = ()
    answers: tuple[Answered, ...] = ()
    notice: str | None = None
    returned_minor: int = 0
    hands: Hands = NOBODY


class CaseStatus(Enum):
    """Where a case stands."""

    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    MERGED = "merged"


OPEN_CASE: Final = frozenset({CaseStatus.OPEN, CaseStatus.SNOOZED})


@dataclass(frozen=True, slots=True)
class Alert:
    """A payment that the policy stopped. Of old entries the payer is not known."""

    subject: str
    payment: str
    amount_minor: int
    score: int
    payer_bank: str | None = None
    payee_bank: str | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote, and when."""

    by: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that somebody has, by its hash."""

    by: str
    at_ms: int
    sha256: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class NumbersSeen:
    """Why an operator's case is one: what its numbers look like, and what was seen of each."""

    pattern: Pattern
    signs: tuple[NumberSigns, ...]
    ties: NumberTies

    def only(self, numbers: frozenset[str]) -> NumbersSeen:
        """The same of these numbers alone."""
        return replace(self, signs=tuple(one for one in self.signs if one.number in numbers))

    def with_more(self, more: NumbersSeen) -> NumbersSeen:
        """Both together: the plainer pattern, and of each number what was seen last."""
        signs = {one.number: one for one in (*self.signs, *more.signs)}
        plainer = min(self, more, key=lambda one: PATTERNS.index(one.pattern))
        ties = NumberTies(
            *(max(getattr(self.ties, one), getattr(more.ties, one))
              for one in NumberTies.__struct_fields__)
        )  # fmt: skip
        return NumbersSeen(plainer.pattern, tuple(signs.values()), ties)


@dataclass(frozen=True, slots=True)
class Case:
    """Alerts and reports about the same account, or the accounts that were put together.

    ``ring`` are accounts that hang together with its subjects; nobody is a subject by that alone.
    ``confirmed`` are those of them that are confirmed in fraud, ``labelled`` those among these that
    a settled label confirms, whatever becomes of reports. ``seen``: it is about numbers.
    """

    id: str
    subjects: frozenset[str]
    currency: int
    opened_ms: int
    due_ms: int
    alerts: tuple[Alert, ...] = ()
    reports: tuple[str, ...] = ()
    status: CaseStatus = CaseStatus.OPEN
    lease_by: str | None = None
    lease_until_ms: int = 0
    snoozed_until_ms: int = 0
    escalated_ms: int | None = None
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outcome: Outcome | None = None
    typology: str | None = None
    worth_it: bool | None = None
    closed_ms: int | None = None
    closed_by: str | None = None
    merged_into: str | None = None
    hands: Hands = NOBODY
    ring: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    labelled: frozenset[str] = frozenset()
    ties: Ties = NO_TIES
    seen: NumbersSeen | None = None

    @property
    def is_question(self) -> bool:
        """Whether its accounts only look like a ring: nothing was stopped or reported at any."""
        return not self.subjects

    @property
    def gathers(self) -> frozenset[str]:
        """Accounts whose alerts and reports come to it though they are no subjects of it yet."""
        return self.ring if self.confirmed else frozenset()

    @property
    def score(self) -> int:
        """The highest of its alerts; a report counts as certain."""
        return 1_000 if self.reports else max((alert.score for alert in self.alerts), default=0)


@dataclass(frozen=True, slots=True)
class Checked:
    """A second look at a closed case; ``id`` is the case's, ``outcome`` what it was by them."""

    id: str
    by: str
    at_ms: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Listing:
    """A party on the shared list; ``told`` are the participants who know of it."""

    id: str
    party: str
    party_kind: Literal["account", "number"]
    case: str
    reference: str
    law: str
    author: str
    second: str
    from_ms: int
    until_ms: int
    status: Literal["listed", "ended", "withdrawn"] = "listed"
    why: ReleaseWhy | None = None
    told: frozenset[str] = frozenset()
    hands: Hands = NOBODY

    def stands_at(self, at_ms: int) -> bool:
        """Whether the party is listed at that instant."""
        return self.status == "listed" and at_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Suspension:
    """A number that makes no calls until then. ``told_ms``: when whoever has it was told."""

    id: str
    number: str
    case: str
    reference: str
    law: str
    basis: str
    author: str
    second: str
    from_ms: int
    until_ms: int
    tell_by_ms: int
    status: Literal["suspended", "ended", "lifted"] = "suspended"
    told_ms: int | None = None
    why: ReleaseWhy | None = None
    over_ms: int | None = None
    hands: Hands = NOBODY

    def stands_at(self, at_ms: int) -> bool:
        """Whether the number is suspended at that instant."""
        return self.status == "suspended" and at_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody contests a hold, a listing or a suspension; its clock runs in the open."""

    id: str
    about: str
    opened_ms: int
    look_due_ms: int
    due_ms: int
    status: Literal["open", "upheld", "dismissed"] = "open"
    reviewer: str | None = None
    why: str | None = None
    erred: tuple[str, ...] = ()
    ruled_ms: int | None = None
    damages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What one person asks another to agree to; ``approvals`` are (person, role)."""

    id: str
    what: Askable
    content: str
    by: str
    roles: tuple[str, ...]
    asked_ms: int
    lapses_ms: int
    approvals: tuple[tuple[str, str], ...] = ()
    status: Literal["open", "done", "declined", "lapsed"] = "open"


@dataclass(frozen=True, slots=True)
class Published:
    """The policy that two people put in force last: its hash, who asked, who agreed."""

    policy: str
    author: str
    second: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What follows in the shadow, by its policy's hash; None once that was ended. Who said so."""

    policy: str | None
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that the counters of a party count."""

    party: str
    at_ms: int
    what: Literal["reported", "confirmed", "cleared"]


@dataclass(frozen=True, slots=True)
class Viewed:
    """A person was shown a party, or all that something names."""

    through: str
    party: str | None
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Alerted:
    """A payment between these accounts was stopped: for whoever works on a later case of theirs. No
    counter of a party that others are told has it.
    """

    parties: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Reports and alerts up to that place of the log have been taken in."""

    place: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an act, when, and the place its entry would get.

    ``seconds`` are the persons who approved exactly this; None where nobody was asked.
    """

    at_ms: int
    by: Actor
    seq: int
    seconds: tuple[str, ...] | None = None

    @property
    def hands(self) -> Hands:
        """The persons whose act it is."""
        mine = {self.by.name} if self.by.kind == "person" else set()
        return frozenset(mine | set(self.seconds or ()))
