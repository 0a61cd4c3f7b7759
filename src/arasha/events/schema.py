"""What can have happened: every kind of fact, its fields and their types, in one table.

Everything that needs to know a field reads it here: the records and their JSON codec, the columns
of a batch, the body of a log entry, and the type checker of the policy language. There is no field
for a face, a plate, a voice, a place, content, or a trait of a person, and a test says so.

A value is either a *number* (int64, ``MISSING`` when unknown) or a *symbol* (16 bytes, all zero
when unknown)::

    number  money in minor units, milliseconds, an ISO 4217 numeric code, the index of a category,
            a mark (0 no, 1 yes)
    symbol  a party's token (HMAC, see vault/tokens.py), a short plain code padded with zeros
            (bank, purpose), a UETR, the digest of sender + id of a payment referred to
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

MISSING: Final = -(2**63)
"""The int64 that stands for "unknown" in a number column."""

MAX_AMOUNT_MINOR: Final = 10**15
"""Largest amount of one payment, minor units; ten times the largest settlement anyone makes."""

MAX_ID_CHARS: Final = 64
"""Longest id of a fact, characters of ``[A-Za-z0-9._:/+-]``."""

MAX_IDENTIFIER_CHARS: Final = 128
"""Longest raw identifier (account, number, device) the door will read, characters."""

MAX_CODE_BYTES: Final = 16
"""Longest plain code (bank, operator, sender, purpose), ASCII bytes."""


class FieldType(Enum):
    """The types of the policy language, too."""

    MONEY = "money"  # number: minor units of the fact's own currency
    CURRENCY = "currency"  # number: ISO 4217 numeric code
    INSTANT = "instant"  # number: milliseconds since 1970-01-01 UTC
    DURATION = "duration"  # number: milliseconds
    CATEGORY = "category"  # number: index into the field's categories
    MARK = "mark"  # number: 0 or 1
    PARTY = "party"  # symbol: keyed token of an account, number or device
    CODE = "code"  # symbol: plain ASCII code
    REFERENCE = "reference"  # symbol: digest of the sender + id of another fact, or a UETR

    @property
    def is_symbol(self) -> bool:
        """Whether values are 16-byte symbols rather than int64 numbers."""
        return self in (FieldType.PARTY, FieldType.CODE, FieldType.REFERENCE)


class PartyKind(Enum):
    """What a token stands for. The kind goes into the HMAC: an account never equals a number."""

    ACCOUNT = "account"
    NUMBER = "number"
    DEVICE = "device"
    END_TO_END = "end_to_end"
    HOLDER = "holder"  # a natural person, in whose name a number is
    DEALER = "dealer"  # where a SIM card was activated
    BLOCK = "block"  # the beginning that numbers in sequence share


class Kind(IntEnum):
    """The kind of a log entry, as stored in its header."""

    PAYMENT = 1
    OUTCOME = 2
    WARNING = 3
    SIGNAL = 4
    CALL = 5
    SIM_CHANGE = 6
    ACCOUNT_CHANGE = 7
    REPORT = 8
    LABEL = 9
    CALL_CHANGE = 10
    FORWARDING_CHANGE = 13
    REGISTRATION = 14
    ANNOUNCEMENT = 15
    DECISION = 32
    POLICY = 33
    RETIRED = 34
    RIGHTS = 35
    REVEAL = 36
    ERASED = 37
    SENT = 38  # what became of messages to participants
    UNTOLD = 39  # verdicts whose senders were told that there is none in time
    FIGURES = 40  # figures told to the public, with noise, and what they took of the year's budget
    LAW = 64  # acts of the centre: bodies in cases/acts.py
    CASE = 65
    HOLD = 66
    RECALL = 67
    APPEAL = 68
    LISTING = 69
    REQUEST = 70
    VIEW = 71
    SUSPENSION = 72


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact."""

    name: str
    type: FieldType
    required: bool = False
    categories: tuple[str, ...] = ()
    party: PartyKind | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact: its word in the policy language, its record's name, its fields."""

    word: str
    record: str
    kind: Kind
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


CHANNELS: Final = ("mobile", "web", "branch", "atm", "card", "pos", "api", "phone")
OUTCOMES: Final = ("settled", "rejected", "returned")
WARNING_ANSWERS: Final = ("stopped", "continued", "no_answer")
SIGNALS: Final = (
    "call_risk", "sim_swap", "device_swap", "call_forwarding", "number_recycling", "tenure",
    "new_callers", "origination", "number_verification",
)  # fmt: skip
SIGNAL_CLASSES: Final = (
    "none",
    "on_call_under_10_min_familiar",
    "on_call_under_10_min_unfamiliar",
    "on_call_10_30_min_familiar",
    "on_call_10_30_min_unfamiliar",
    "on_call_over_30_min_familiar",
    "on_call_over_30_min_unfamiliar",
    "changed_within_day",
    "changed_within_week",
    "forwarded",
    "recycled",
    "tenure_under_month",
    "several_first_time_callers",
    "not_known_here",
    "originated",
    "not_originated",
    "roaming",
    "not_mine",
    "changed_within_month",
    "forwarded_conditionally",
    "number_matches",
    "number_differs",
)
CALL_ROUTES: Final = ("domestic", "foreign", "roaming")
OWNER_ANSWERS: Final = (
    "confirmed", "denied", "roaming", "not_mine", "no_owner", "not_answered", "operator_down",
    "not_asked",
)  # fmt: skip
ATTESTATIONS: Final = ("attest_a", "attest_b", "attest_c", "invalid")
CALL_CHANGES: Final = ("answered", "missed", "ended")
SIM_CHANGES: Final = (
    "activated", "swapped", "ported_in", "ported_out", "deactivated", "device_changed",
)  # fmt: skip
FORWARDINGS: Final = (
    "unconditional", "conditional_busy", "conditional_not_reachable", "conditional_no_answer",
)  # fmt: skip
FORWARDING_CHANGES: Final = ("set", "removed")
REGISTRATION_CHANGES: Final = ("registered", "withdrawn")
ACCOUNT_CHANGES: Final = (
    "opened", "closed", "number_changed", "credentials_reset", "limit_raised", "device_added",
    "loan_disbursed",
)  # fmt: skip
TYPOLOGIES: Final = (
    "safe_account", "account_takeover", "sim_swap", "remote_access", "loan", "marketplace",
    "investment", "romance", "relative_in_trouble", "invoice", "parcel_code", "card", "mule",
    "other",
)  # fmt: skip


def _party(name: str, party: PartyKind, *, required: bool = False) -> Field:
    return Field(name, FieldType.PARTY, required, party=party)


def _category(name: str, categories: tuple[str, ...], *, required: bool = False) -> Field:
    return Field(name, FieldType.CATEGORY, required, categories)


_HAPPENED_AT = Field("happened_at", FieldType.INSTANT, required=True)
_PAYMENT = Field("payment", FieldType.REFERENCE)
_MONEY = (Field("amount", FieldType.MONEY), Field("currency", FieldType.CURRENCY))
_PARTIES = (
    _party("payer_account", PartyKind.ACCOUNT),
    _party("payee_account", PartyKind.ACCOUNT),
)

PAYMENT: Final = Fact(
    "payment",
    "PaymentReceived",
    Kind.PAYMENT,
    (
        _HAPPENED_AT,
        _party("payer_account", PartyKind.ACCOUNT, required=True),
        _party("payee_account", PartyKind.ACCOUNT, required=True),
        Field("amount", FieldType.MONEY, required=True),
        Field("currency", FieldType.CURRENCY, required=True),
        Field("payer_bank", FieldType.CODE),
        Field("payee_bank", FieldType.CODE),
        _category("channel", CHANNELS),
        _party("device", PartyKind.DEVICE),
        _party("payer_number", PartyKind.NUMBER),
        Field("purpose_code", FieldType.CODE),
        Field("uetr", FieldType.REFERENCE),
        _party("end_to_end_id", PartyKind.END_TO_END),
        Field("new_device", FieldType.MARK),
        Field("remote_access", FieldType.MARK),
        Field("active_call", FieldType.MARK),
        Field("credentials_changed", FieldType.MARK),
    ),
)
OUTCOME: Final = Fact(
    "outcome",
    "PaymentConcluded",
    Kind.OUTCOME,
    (
        _HAPPENED_AT,
        Field("payment", FieldType.REFERENCE, required=True),
        _category("outcome", OUTCOMES, required=True),
        *_PARTIES,
        *_MONEY,
    ),
)
WARNING: Final = Fact(
    "warning",
    "WarningAnswered",
    Kind.WARNING,
    (
        _HAPPENED_AT,
        Field("payment", FieldType.REFERENCE, required=True),
        _category("answer", WARNING_ANSWERS, required=True),
        _party("payer_account", PartyKind.ACCOUNT),
    ),
)
SIGNAL: Final = Fact(
    "signal",
    "SignalAnswered",
    Kind.SIGNAL,
    (
        _HAPPENED_AT,
        _party("number", PartyKind.NUMBER, required=True),
        _category("signal", SIGNALS, required=True),
        _category("answer", SIGNAL_CLASSES, required=True),
        _PAYMENT,
        Field("operator", FieldType.CODE),
    ),
)
CALL: Final = Fact(
    "call",
    "CallMade",
    Kind.CALL,
    (
        _HAPPENED_AT,
        _party("caller_number", PartyKind.NUMBER, required=True),
        _party("callee_number", PartyKind.NUMBER, required=True),
        Field("answered", FieldType.MARK),
        Field("duration", FieldType.DURATION),
        _category("route", CALL_ROUTES),
        _party("device", PartyKind.DEVICE),
        Field("operator", FieldType.CODE),
        _category("owner_answer", OWNER_ANSWERS),
        _category("attestation", ATTESTATIONS),
    ),
)
CALL_CHANGE: Final = Fact(
    "call_change",
    "CallChanged",
    Kind.CALL_CHANGE,
    (
        _HAPPENED_AT,
        Field("call", FieldType.REFERENCE, required=True),
        _category("change", CALL_CHANGES, required=True),
        _party("caller_number", PartyKind.NUMBER, required=True),
        _party("callee_number", PartyKind.NUMBER, required=True),
        Field("duration", FieldType.DURATION),
    ),
)
SIM_CHANGE: Final = Fact(
    "sim_change",
    "SimChanged",
    Kind.SIM_CHANGE,
    (
        _HAPPENED_AT,
        _party("number", PartyKind.NUMBER, required=True),
        _category("change", SIM_CHANGES, required=True),
        _party("device", PartyKind.DEVICE),
        Field("operator", FieldType.CODE),
        _party("dealer", PartyKind.DEALER),
        _party("holder", PartyKind.HOLDER),
        _party("block", PartyKind.BLOCK),
    ),
)
ACCOUNT_CHANGE: Final = Fact(
    "account_change",
    "AccountChanged",
    Kind.ACCOUNT_CHANGE,
    (
        _HAPPENED_AT,
        _party("account", PartyKind.ACCOUNT, required=True),
        _category("change", ACCOUNT_CHANGES, required=True),
        _party("number", PartyKind.NUMBER),
        _party("device", PartyKind.DEVICE),
        Field("bank", FieldType.CODE),
    ),
)
REPORT: Final = Fact(
    "report",
    "ReportFiled",
    Kind.REPORT,
    (
        _HAPPENED_AT,
        _PAYMENT,
        *_PARTIES,
        _party("number", PartyKind.NUMBER),
        _category("typology", TYPOLOGIES),
        Field("attested", FieldType.MARK),
        *_MONEY,
    ),
)
LABEL: Final = Fact(
    "label",
    "LabelSettled",
    Kind.LABEL,
    (
        _HAPPENED_AT,
        Field("payment", FieldType.REFERENCE, required=True),
        Field("fraud", FieldType.MARK, required=True),
        *_PARTIES,
        _category("typology", TYPOLOGIES),
        *_MONEY,
    ),
)
FORWARDING_CHANGE: Final = Fact(
    "forwarding_change",
    "ForwardingChanged",
    Kind.FORWARDING_CHANGE,
    (
        _HAPPENED_AT,
        _party("number", PartyKind.NUMBER, required=True),
        _category("forwarding", FORWARDINGS, required=True),
        _category("change", FORWARDING_CHANGES, required=True),
    ),
)
REGISTRATION: Final = Fact(
    "registration",
    "CallerRegistered",
    Kind.REGISTRATION,
    (
        _HAPPENED_AT,
        _party("number", PartyKind.NUMBER, required=True),
        _category("change", REGISTRATION_CHANGES, required=True),
        Field("bank", FieldType.CODE, required=True),
    ),
)
ANNOUNCEMENT: Final = Fact(
    "announcement",
    "CallAnnounced",
    Kind.ANNOUNCEMENT,
    (
        _HAPPENED_AT,
        _party("caller_number", PartyKind.NUMBER, required=True),
        _party("callee_number", PartyKind.NUMBER, required=True),
        Field("duration", FieldType.DURATION, required=True),
    ),
)

FACTS: Final[dict[str, Fact]] = {
    fact.word: fact
    for fact in (
        PAYMENT, OUTCOME, WARNING, SIGNAL, CALL, SIM_CHANGE, ACCOUNT_CHANGE, REPORT, LABEL,
        CALL_CHANGE, FORWARDING_CHANGE, REGISTRATION, ANNOUNCEMENT,
    )
}  # fmt: skip
"""Every fact by its word in the policy language."""

FACT_OF_KIND: Final[dict[Kind, Fact]] = {fact.kind: fact for fact in FACTS.values()}

JUDGED: Final = (PAYMENT, CALL)
"""The kinds of fact a policy can judge: one of them each."""

REFERENCES: Final = ("payment", "call")
"""Fields that hold the name of another fact of the same sender (events/reference.py)."""

CALL_FACTS: Final = frozenset(
    {"call", "call_change", "forwarding_change", "registration", "announcement"}
)
"""What only an operator's own Arasha holds: who called whom, and how it went; where calls are
forwarded; which numbers announce their calls, and whom they will call.
"""


_CAME_LATER: Final = ("owner_answer", "attestation", "dealer", "holder", "block", "forwarding")
"""Columns that a fact of old got later, in the order in which they came: they stand behind all that
logs had before."""


def _columns(*, symbols: bool) -> tuple[str, ...]:
    names: dict[str, None] = {"sender": None} if symbols else {}
    later: dict[str, None] = {}
    for fact in FACTS.values():
        for f in fact.fields:
            if f.type.is_symbol == symbols:
                (later if f.name in _CAME_LATER else names)[f.name] = None
    return (*names, *(name for name in _CAME_LATER if name in later))


NUMBER_COLUMNS: Final = _columns(symbols=False)
"""Names of the int64 columns of a batch, in the order the log body stores them. Append only."""

SYMBOL_COLUMNS: Final = _columns(symbols=True)
"""Names of the 16-byte columns of a batch, in the order the log body stores them. Append only."""
