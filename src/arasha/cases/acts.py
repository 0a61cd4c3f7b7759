"""Everything that can be done in this room, a frozen record each, and its body in the log.

An act that was taken is one entry: who, when, and the act as it was asked, as JSON. The state is
what these entries make of it (cases/perform.py), so nothing else is kept. Parties are tokens, 32
hexadecimal digits; money is in minor units; no field takes free text but ``note`` and ``why``,
which a person of the centre writes and cases/notes.py looks through.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from arasha.events.schema import Kind

Reference = Annotated[str, Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{20}$")]
"""What a held person is given: 100 random bits, no letters that are mistaken for digits."""

Token = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, Meta(pattern=r"^[a-z][0-9]{1,19}(\.[0-9]{1,4})?$")]
Name = Annotated[str, Meta(pattern=r"^[!-~]{1,16}$")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_:.-]{1,64}$")]
Notice = Annotated[str, Meta(pattern=r"^[A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі0-9_:./-]{1,64}$")]
"""The number of a paper, as registries write them; it has no spaces, so that it is no free text."""

Text = Annotated[str, Meta(min_length=1, max_length=2_000)]
Minor = Annotated[int, Meta(ge=0, le=10**15)]
Score = Annotated[int, Meta(ge=0, le=1_000)]
Moment = Annotated[int, Meta(ge=0, le=2**52)]
Place = Annotated[int, Meta(ge=0, le=2**52)]

MAX_TARGETS: Final = 500
"""Accounts that one report can have money held at; MED 2.0's most payments of a trace."""

Pattern = Literal[
    "sim_box",
    "one_ring",
    "call_centre",
    "bulk_activation",
    "over_the_limit",
    "spoofing",
    "never_receives",
]
"""What numbers that were found look like, the plainest first (gateways/finding.py)."""

Short = Literal["none", "balance", "protected"]
"""Why a bank holds less than was asked: never the balance itself."""

ReleaseWhy = Literal["not_fraud", "mistake", "withdrawn", "appeal", "returned_otherwise", "other"]
Outcome = Literal["fraud", "legitimate", "unclear"]
RecallAnswer = Literal["accepted", "partly", "rejected"]
ActorKind = Literal["person", "participant", "appellant", "centre"]


class Actor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who acts. Persons have roles; an appellant is known by a reference and by nothing else."""

    kind: ActorKind
    name: str
    roles: tuple[str, ...] = ()


CENTRE: Final = Actor("centre", "ARASHA")
"""The centre's own machinery: it takes reports in and lets ends come, and decides nothing else."""

APPELLANT: Final = Actor("appellant", "")
"""Whoever has no key: a citizen who reports, or who holds a reference."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="act", tag=_snake):
    """What all acts are."""


# Reports and alerts, as the centre takes them from the log, and what becomes of a report.


class ReportTaken(Act, frozen=True):
    """A report of fraud is on the desk. ``place`` is its seq, ``report`` the digest of its name.

    ``bank`` is the participant at whose customer the money was taken; ``paid_ms`` when that was.
    """

    report: Token
    place: int
    sender: Name
    bank: Name
    amount_minor: Minor
    currency: int
    payer: Token
    payee: Token
    paid_ms: Moment
    payee_bank: Name | None = None
    payment: Token | None = None
    device: Token | None = None
    number: Token | None = None
    typology: Word | None = None
    attested: bool = False


class ReportAttested(Act, frozen=True, omit_defaults=True):
    """The victim's bank stands for the report. ``payment``: which payment a complaint is about;
    ``payee``: the account that it went to, where the complaint knows a telephone number alone.
    """

    report: Token
    payment: Token | None = None
    payee: Token | None = None


class ReportWithdrawn(Act, frozen=True):
    """The report no longer stands; what was held on it is released."""

    report: Token


class ComplaintMade(Act, frozen=True, omit_defaults=True):
    """Somebody without an account says that money was taken from theirs at ``bank``; by the
    ``reference`` they follow what becomes of it. Nothing is held before the bank stands for it.
    ``to_number``: it was sent to a telephone number, for which ``payee`` stands until the bank says
    which account that was.
    """

    reference: Reference
    bank: Name
    amount_minor: Minor
    currency: int
    payer: Token
    payee: Token
    paid_ms: Moment
    payee_bank: Name | None = None
    payment: Token | None = None
    number: Token | None = None
    typology: Word | None = None
    to_number: bool = False


class ComplaintLapsed(Act, frozen=True):
    """The bank did not answer in time."""

    complaint: Token


class AlertRaised(Act, frozen=True, omit_defaults=True):
    """A payment that the policy held or blocked. ``place`` is the payment's seq."""

    place: int
    subject: Token
    payment: Token
    amount_minor: Minor
    currency: int
    score: Score
    payer_bank: Name | None = None
    payee_bank: Name | None = None
    payer: Token | None = None


class Ties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many ties of each kind hold a ring together (flows/rings.py)."""

    flow: Annotated[int, Meta(ge=0)] = 0
    device: Annotated[int, Meta(ge=0)] = 0
    number: Annotated[int, Meta(ge=0)] = 0


class RingFound(Act, frozen=True):
    """Accounts that hang together; without one that is confirmed in fraud they are a question.

    A settled label confirms (``labelled``), or an attested report. ``place``: entries looked at.
    """

    place: int
    currency: int
    confirmed: Annotated[tuple[Token, ...], Meta(max_length=MAX_TARGETS)]
    others: Annotated[tuple[Token, ...], Meta(max_length=MAX_TARGETS)]
    ties: Ties = Ties()
    labelled: Annotated[tuple[Token, ...], Meta(max_length=MAX_TARGETS)] = ()


class NumberSigns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was seen of a number in a day or two: its calls, how many different numbers they went
    to, were taken, or were long; how many came to it; whether it is the operator's own.
    """

    number: Token
    calls: Annotated[int, Meta(ge=0)]
    callees: Annotated[int, Meta(ge=0)]
    taken: Annotated[int, Meta(ge=0)]
    long: Annotated[int, Meta(ge=0)]
    at_night: Annotated[int, Meta(ge=0)]
    received: Annotated[int, Meta(ge=0)]
    is_ours: bool
    activated_ms: Moment | None = None


class NumberTies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many numbers of a group are tied to it by each means."""

    device: Annotated[int, Meta(ge=0)] = 0
    dealer: Annotated[int, Meta(ge=0)] = 0
    holder: Annotated[int, Meta(ge=0)] = 0
    callees: Annotated[int, Meta(ge=0)] = 0


class NumbersFound(Act, frozen=True):
    """Numbers that look like a gateway, a call centre or straw SIMs. ``tied`` are numbers that hang
    together with these and show nothing of the kind themselves. ``place``: entries looked at.
    """

    place: int
    pattern: Pattern
    numbers: Annotated[tuple[NumberSigns, ...], Meta(max_length=MAX_TARGETS)]
    tied: Annotated[tuple[NumberSigns, ...], Meta(max_length=MAX_TARGETS)] = ()
    ties: NumberTies = NumberTies()


# Numbers, at an operator


class NumberSuspended(Act, frozen=True):
    """A number makes no calls until then; ``basis`` in law. Never one person's act, and each number
    its own. Calls to emergency services stay free.
    """

    case: Id
    number: Token
    basis: Word
    until_ms: Moment
    reference: Reference


class SuspensionTold(Act, frozen=True):
    """Whoever has the number has been told why, until when, and by which reference to appeal."""

    suspension: Id


class SuspensionLifted(Act, frozen=True):
    """The number calls again."""

    suspension: Id
    why: ReleaseWhy


class SuspensionEnded(Act, frozen=True):
    """Its end has come."""

    suspension: Id


# Holds


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where money is to be held: no more than ``amount_minor`` of it is disputed there.

    ``came`` is the place in the log of the payment by which most of it came, where that is known:
    by it the bank is asked for it (camt.056).
    """

    account: Token
    bank: Name
    amount_minor: Minor
    reference: Reference
    came: Place | None = None


class HoldsPlaced(Act, frozen=True):
    """Hold orders for the money of one attested report."""

    report: Token
    targets: Annotated[tuple[Target, ...], Meta(max_length=MAX_TARGETS)]


class HoldAnswered(Act, frozen=True):
    """What the bank could hold: min(balance without protected income, disputed)."""

    hold: Id
    held_minor: Minor
    short: Short = "none"


class HoldConfirmed(Act, frozen=True):
    """An officer has looked and says on what basis in law it stands."""

    hold: Id
    basis: Word


class HoldReviewed(Act, frozen=True):
    """An officer has looked again; it stands until its end."""

    hold: Id


class HoldProlonged(Act, frozen=True):
    """It ends later. Never one person's act."""

    hold: Id
    until_ms: Moment


class HoldReleased(Act, frozen=True):
    """It ends now."""

    hold: Id
    why: ReleaseWhy


class HoldEnded(Act, frozen=True):
    """Its end has come."""

    hold: Id


# Recalls


class RecallOpened(Act, frozen=True):
    """The money of an attested report is asked back."""

    report: Token


class RecallSent(Act, frozen=True):
    """Every bank that holds something is asked for it (camt.056)."""

    recall: Id


class RecallAnswered(Act, frozen=True):
    """A bank's answer for one hold (camt.029)."""

    recall: Id
    hold: Id
    answer: RecallAnswer
    amount_minor: Minor
    code: Annotated[str, Meta(pattern=r"^[A-Z0-9]{4}$")] | None = None


class ReceiverAgreed(Act, frozen=True):
    """Who is held lets the money go back."""

    reference: Reference


class ReturnOrdered(Act, frozen=True):
    """What is held goes back. ``notice`` names the authority's notice where the law wants one."""

    recall: Id
    notice: Notice | None = None


class MoneyReturned(Act, frozen=True, omit_defaults=True):
    """A bank has sent money back (pacs.004). ``fact`` is the digest of the outcome that said so:
    the same one counts once.
    """

    recall: Id
    hold: Id
    amount_minor: Minor
    fact: Token | None = None


class RecallCancelled(Act, frozen=True):
    """Nothing more is asked back."""

    recall: Id


# Cases


class CaseTaken(Act, frozen=True):
    """It is this person's for the length of a lease; taken again, for another."""

    case: Id


class CaseLeft(Act, frozen=True):
    """It is anybody's again."""

    case: Id


class CaseNoted(Act, frozen=True):
    """A note by whoever has the case."""

    case: Id
    note: Text


class CaseAttached(Act, frozen=True):
    """A document of the case, by its hash and what it is: its bytes are kept beside the log."""

    case: Id
    sha256: Digest
    media_type: Annotated[str, Meta(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")]
    size_bytes: Annotated[int, Meta(ge=1, le=10**12)]


class CaseClosed(Act, frozen=True):
    """What it was, and whether it was worth a person's time."""

    case: Id
    outcome: Outcome
    worth_it: bool
    typology: Word | None = None


class CaseSnoozed(Act, frozen=True):
    """Put aside until then; what comes new wakes it."""

    case: Id
    until_ms: Moment


class CaseMerged(Act, frozen=True):
    """It becomes part of another."""

    case: Id
    into: Id


class CaseSplit(Act, frozen=True):
    """Some of its subjects become a case of their own."""

    case: Id
    subjects: Annotated[tuple[Token, ...], Meta(min_length=1, max_length=MAX_TARGETS)]


class CaseEscalated(Act, frozen=True):
    """Somebody higher must look: its time is over, or a person asks for it."""

    case: Id


class CaseChecked(Act, frozen=True):
    """Somebody who had no hand in a closed case has looked at it again, and says what it was by
    them. It changes nothing that was decided: it is there so that a centre knows how often its
    people would have decided alike.
    """

    case: Id
    outcome: Outcome


class PartyViewed(Act, frozen=True):
    """A person was shown a party, or all parties (None), through something open that names them."""

    through: Annotated[str, Meta(pattern=r"^[a-z0-9.]{2,40}$")]
    party: Token | None = None


class EvidencePacked(Act, frozen=True):
    """A person takes the case out of the centre, as a pack of evidence; ``content`` is its hash."""

    case: Id
    why: Text
    content: Digest


# The shared list


class ListingAdded(Act, frozen=True):
    """An account or number confirmed in fraud goes on the shared list. Never one person's act."""

    party: Token
    party_kind: Literal["account", "number"]
    case: Id
    until_ms: Moment
    reference: Reference


class ListingTold(Act, frozen=True):
    """A participant has been told of it, and will be told when it ends."""

    listing: Id
    participant: Name


class ListingWithdrawn(Act, frozen=True):
    """It should not stand any longer."""

    listing: Id
    why: ReleaseWhy


class ListingEnded(Act, frozen=True):
    """Its end has come."""

    listing: Id


# Appeals


class AppealOpened(Act, frozen=True):
    """Who holds the reference contests it."""

    reference: Reference


class AppealTaken(Act, frozen=True):
    """Somebody who had no hand in it looks at it."""

    appeal: Id


class AppealRuled(Act, frozen=True):
    """``erred`` names what was wrong: ``rule:NAME``, ``model``, ``report`` or ``person``."""

    appeal: Id
    upheld: bool
    why: Text
    erred: Annotated[tuple[Word, ...], Meta(max_length=32)] = ()


# Law


class LawChosen(Act, frozen=True):
    """Another law file is in force from here on."""

    toml: Annotated[str, Meta(max_length=262_144)]


class PolicyChosen(Act, frozen=True):
    """Another policy judges from here on: the one of that hash, to which the text compiles."""

    policy: Digest
    toml: Annotated[str, Meta(max_length=262_144)]


class ShadowBegun(Act, frozen=True):
    """A draft follows the log and counts, by its hash; it touches no decision."""

    policy: Digest


class ShadowEnded(Act, frozen=True):
    """The policy of that hash follows no longer."""

    policy: Digest


# Two people

Askable: TypeAlias = (
    HoldProlonged | RecallSent | ReturnOrdered | ListingAdded | NumberSuspended | LawChosen
    | PolicyChosen
)  # fmt: skip
"""What one person alone cannot do, or not always."""


class Requested(Act, frozen=True):
    """One person asks for it; nothing has happened yet."""

    what: Askable


class RequestEdited(Act, frozen=True):
    """It is something else now: whoever approved has approved nothing."""

    request: Id
    what: Askable


class RequestApproved(Act, frozen=True):
    """Another person wants exactly this: ``content`` is the hash of what will be done."""

    request: Id
    content: Digest


class RequestDeclined(Act, frozen=True):
    """It will not be done: by another person, or by who asked."""

    request: Id


class RequestLapsed(Act, frozen=True):
    """Nobody answered in time."""

    request: Id


AnyAct: TypeAlias = (
    ReportTaken | ReportAttested | ReportWithdrawn | ComplaintMade | ComplaintLapsed | AlertRaised
    | RingFound | NumbersFound
    | NumberSuspended | SuspensionTold | SuspensionLifted | SuspensionEnded
    | HoldsPlaced | HoldAnswered | HoldConfirmed | HoldReviewed | HoldProlonged | HoldReleased
    | HoldEnded
    | RecallOpened | RecallSent | RecallAnswered | ReceiverAgreed | ReturnOrdered | MoneyReturned
    | RecallCancelled
    | CaseTaken | CaseLeft | CaseNoted | CaseAttached | CaseClosed | CaseSnoozed | CaseMerged
    | CaseSplit | CaseEscalated | CaseChecked | PartyViewed | EvidencePacked
    | ListingAdded | ListingTold | ListingWithdrawn | ListingEnded
    | AppealOpened | AppealTaken | AppealRuled
    | Requested | RequestEdited | RequestApproved | RequestDeclined | RequestLapsed
    | LawChosen | PolicyChosen | ShadowBegun | ShadowEnded
)  # fmt: skip
"""All of them."""

_KINDS: Final[dict[Kind, tuple[type[Act], ...]]] = {
    Kind.LAW: (LawChosen, PolicyChosen, ShadowBegun, ShadowEnded),
    Kind.CASE: (
        ReportTaken, ReportAttested, ReportWithdrawn, ComplaintMade, ComplaintLapsed, AlertRaised,
        RingFound, NumbersFound, CaseTaken, CaseLeft, CaseNoted, CaseAttached, CaseClosed,
        CaseSnoozed, CaseMerged, CaseSplit, CaseEscalated, CaseChecked,
    ),
    Kind.HOLD: (
        HoldsPlaced, HoldAnswered, HoldConfirmed, HoldReviewed, HoldProlonged, HoldReleased,
        HoldEnded,
    ),
    Kind.SUSPENSION: (NumberSuspended, SuspensionTold, SuspensionLifted, SuspensionEnded),
    Kind.RECALL: (
        RecallOpened, RecallSent, RecallAnswered, ReceiverAgreed, ReturnOrdered, MoneyReturned,
        RecallCancelled,
    ),
    Kind.APPEAL: (AppealOpened, AppealTaken, AppealRuled),
    Kind.LISTING: (ListingAdded, ListingTold, ListingWithdrawn, ListingEnded),
    Kind.REQUEST: (Requested, RequestEdited, RequestApproved, RequestDeclined, RequestLapsed),
    Kind.VIEW: (PartyViewed, EvidencePacked),
}  # fmt: skip
KIND_OF: Final = {act: kind for kind, acts in _KINDS.items() for act in acts}
"""The kind of entry that keeps each act."""

KINDS: Final = frozenset(_KINDS)
"""Kinds of entries that this room writes and reads."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act with who did it and when: the body of its entry."""

    at_ms: Moment
    by: Actor
    act: AnyAct


def word_of(act: Act | type[Act]) -> str:
    """The act's word, as the log and the tables of rights have it: ``hold_confirmed``."""
    return str(act.__struct_config__.tag)


def pack(entry: Entry) -> bytes:
    """The body of the entry."""
    return msgspec.json.encode(entry)


_DECODER: Final = msgspec.json.Decoder(Entry)


def unpack(body: bytes) -> Entry:
    """The entry of a body. Raises msgspec.ValidationError for what is none."""
    return _DECODER.decode(body)


def content_of(act: Act) -> str:
    """The hash that an approval is bound to: SHA-256 of the act as it will be kept, hexadecimal."""
    return sha256(msgspec.json.encode(act)).hexdigest()
