"""The facts as records: what a bank or an operator sends, one frozen struct per kind.

At *happened*. In: JSON (events/json.py), later ISO 20022. Out: records whose identifiers are still
raw; vault/tokens.py turns them into a batch of columns, and nothing behind it sees these again.

The fields are those of events/schema.py, one to one, and a test says so. Each has a bounded length
and nothing is nested. ``amount`` is a decimal text in major units, ``happened_at`` an instant with
its offset, ``payment`` the sender's own id of the payment referred to, ``duration`` milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from arasha.events.money import CURRENCIES, MAX_AMOUNT_CHARS, currency_of, parse_minor
from arasha.events.rejects import Refusal
from arasha.events.schema import MAX_IDENTIFIER_CHARS
from arasha.events.symbols import CODE_PATTERN, ID_PATTERN, UETR_PATTERN, whole

MIN_INSTANT_MS: Final = 0
"""Earliest time a fact may have: 1970-01-01 UTC."""

MAX_INSTANT_MS: Final = 4_102_444_800_000
"""Times at or after 2100-01-01 UTC are refused: one would drag the log's clock there for good."""

MAX_DURATION_MS: Final = 366 * 86_400_000
"""Longest duration of one fact, a year."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MONEY_REMEMBERED: Final = 8_192  # amounts

Id: TypeAlias = Annotated[str, Meta(pattern=whole(ID_PATTERN))]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
Identifier: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=MAX_IDENTIFIER_CHARS, pattern=r"\S")
]
Code: TypeAlias = Annotated[str, Meta(pattern=whole(CODE_PATTERN))]
Uetr: TypeAlias = Annotated[str, Meta(pattern=whole(UETR_PATTERN))]
Amount: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_AMOUNT_CHARS)]
CurrencyCode: TypeAlias = Annotated[str, Meta(pattern=whole("[A-Z]{3}"))]
Duration: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_DURATION_MS)]

Channel: TypeAlias = Literal["mobile", "web", "branch", "atm", "card", "pos", "api", "phone"]
Outcome: TypeAlias = Literal["settled", "rejected", "returned"]
WarningAnswer: TypeAlias = Literal["stopped", "continued", "no_answer"]
Signal: TypeAlias = Literal[
    "call_risk", "sim_swap", "device_swap", "call_forwarding", "number_recycling", "tenure",
    "new_callers", "origination", "number_verification",
]  # fmt: skip
SignalClass: TypeAlias = Literal[
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
]
CallRoute: TypeAlias = Literal["domestic", "foreign", "roaming"]
OwnerAnswer: TypeAlias = Literal[
    "confirmed", "denied", "roaming", "not_mine", "no_owner", "not_answered", "operator_down",
    "not_asked",
]  # fmt: skip
Attestation: TypeAlias = Literal["attest_a", "attest_b", "attest_c", "invalid"]
CallChange: TypeAlias = Literal["answered", "missed", "ended"]
SimChange: TypeAlias = Literal[
    "activated", "swapped", "ported_in", "ported_out", "deactivated", "device_changed",
]  # fmt: skip
Forwarding: TypeAlias = Literal[
    "unconditional", "conditional_busy", "conditional_not_reachable", "conditional_no_answer",
]  # fmt: skip
ForwardingChange: TypeAlias = Literal["set", "removed"]
RegistrationChange: TypeAlias = Literal["registered", "withdrawn"]
AccountChange: TypeAlias = Literal[
    "opened", "closed", "number_changed", "credentials_reset", "limit_raised", "device_added",
    "loan_disbursed",
]  # fmt: skip
Typology: TypeAlias = Literal[
    "safe_account", "account_takeover", "sim_swap", "remote_access", "loan", "marketplace",
    "investment", "romance", "relative_in_trouble", "invoice", "parcel_code", "card", "mule",
    "other",
]  # fmt: skip


class _Fact(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    tag_field="fact",
):  # fmt: skip
    """What every fact has: the sender's own id for it, and when it happened."""

    id: Id
    happened_at: Instant

    def __repr__(self) -> str:
        """Its kind and nothing else: a traceback or a diagnostic must not show an identifier."""
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Nothing, for the same reason."""
        return []


class PaymentReceived(_Fact, frozen=True, tag="payment"):
    """A payment was ordered and asks to be judged. What is not said is unknown."""

    payer_account: Identifier
    payee_account: Identifier
    amount: Amount
    currency: CurrencyCode
    payer_bank: Code | None = None
    payee_bank: Code | None = None
    channel: Channel | None = None
    device: Identifier | None = None
    payer_number: Identifier | None = None
    purpose_code: Code | None = None
    uetr: Uetr | None = None
    end_to_end_id: Identifier | None = None
    new_device: bool | None = None
    remote_access: bool | None = None
    active_call: bool | None = None
    credentials_changed: bool | None = None


class PaymentConcluded(_Fact, frozen=True, tag="outcome"):
    """A payment came to its end: settled, rejected or returned."""

    payment: Id
    outcome: Outcome
    payer_account: Identifier | None = None
    payee_account: Identifier | None = None
    amount: Amount | None = None
    currency: CurrencyCode | None = None


class WarningAnswered(_Fact, frozen=True, tag="warning"):
    """The payer was warned and went on, stopped, or did not answer."""

    payment: Id
    answer: WarningAnswer
    payer_account: Identifier | None = None


class SignalAnswered(_Fact, frozen=True, tag="signal"):
    """An operator answered a question about a number, in classes."""

    number: Identifier
    signal: Signal
    answer: SignalClass
    payment: Id | None = None
    operator: Code | None = None


class CallMade(_Fact, frozen=True, tag="call"):
    """One number calls another. Of what is said there is nothing, and no place for it.

    Before it rings nobody knows whether it will be answered: then ``answered`` and ``duration`` are
    unknown, and what became of it follows as `CallChanged`. ``owner_answer`` is what the operator
    that owns the caller's number said of the call, ``attestation`` what a PASSporT did.
    """

    caller_number: Identifier
    callee_number: Identifier
    answered: bool | None = None
    duration: Duration | None = None
    route: CallRoute | None = None
    device: Identifier | None = None
    operator: Code | None = None
    owner_answer: OwnerAnswer | None = None
    attestation: Attestation | None = None


class CallChanged(_Fact, frozen=True, tag="call_change"):
    """What became of a call: somebody answered it, nobody did, or the talk has ended.

    ``call`` is the sender's own id of the call; ``duration`` is that of a talk that has ended.
    """

    call: Id
    change: CallChange
    caller_number: Identifier
    callee_number: Identifier
    duration: Duration | None = None


class SimChanged(_Fact, frozen=True, tag="sim_change"):
    """The SIM behind a number was activated, swapped, ported or deactivated, or put into another
    device. ``activated`` begins a subscription on the number, ``deactivated`` ends it.

    ``dealer`` is where; ``holder`` in whose name, of natural persons alone: the law limits how many
    numbers one has; ``block`` what numbers in sequence begin with, such as +7 701 000 00.
    """

    number: Identifier
    change: SimChange
    device: Identifier | None = None
    operator: Code | None = None
    dealer: Identifier | None = None
    holder: Identifier | None = None
    block: Identifier | None = None


class AccountChanged(_Fact, frozen=True, tag="account_change"):
    """An account was opened, closed or changed."""

    account: Identifier
    change: AccountChange
    number: Identifier | None = None
    device: Identifier | None = None
    bank: Code | None = None


class ReportFiled(_Fact, frozen=True, tag="report"):
    """Somebody says that it was fraud."""

    payment: Id | None = None
    payer_account: Identifier | None = None
    payee_account: Identifier | None = None
    number: Identifier | None = None
    typology: Typology | None = None
    attested: bool | None = None
    amount: Amount | None = None
    currency: CurrencyCode | None = None


class ForwardingChanged(_Fact, frozen=True, tag="forwarding_change"):
    """Calls to a number are forwarded from now on, or no longer, always or on that condition.

    What still holds is sent again within 28 days: what is older is not known any more.
    """

    number: Identifier
    forwarding: Forwarding
    change: ForwardingChange


class CallerRegistered(_Fact, frozen=True, tag="registration"):
    """A number announces its calls from now on, or no longer; ``bank`` is the participant whose
    number it is. What still holds is sent again within 28 days.
    """

    number: Identifier
    change: RegistrationChange
    bank: Code


class CallAnnounced(_Fact, frozen=True, tag="announcement"):
    """Who holds a number says whom it will call, within ``duration`` milliseconds."""

    caller_number: Identifier
    callee_number: Identifier
    duration: Duration


class LabelSettled(_Fact, frozen=True, tag="label"):
    """It is settled that a payment was fraud, or that it was not."""

    payment: Id
    fraud: bool
    payer_account: Identifier | None = None
    payee_account: Identifier | None = None
    typology: Typology | None = None
    amount: Amount | None = None
    currency: CurrencyCode | None = None


Record: TypeAlias = (
    PaymentReceived
    | PaymentConcluded
    | WarningAnswered
    | SignalAnswered
    | CallMade
    | SimChanged
    | AccountChanged
    | ReportFiled
    | LabelSettled
    | CallChanged
    | ForwardingChanged
    | CallerRegistered
    | CallAnnounced
)
"""Any fact, told apart by its field ``fact``."""

RECORDS: Final[tuple[type[Record], ...]] = get_args(Record)


def milliseconds(instant: datetime) -> int:
    """An instant as milliseconds since 1970-01-01 UTC, finer parts cut off."""
    return (instant - _EPOCH) // _MILLISECOND


def instant(ms: int) -> datetime:
    """The instant of that many milliseconds since 1970-01-01, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def money_of(record: Record) -> tuple[int, int] | Refusal | None:
    """Minor units and numeric currency code; None if both are unknown; or why they are refused.

    An amount without a currency, or the other way round, is refused: it says nothing.
    """
    amount = getattr(record, "amount", None)
    code = getattr(record, "currency", None)
    if amount is None and code is None:
        return None
    if amount is None or code is None:
        return Refusal.MISSING_VALUE
    return money(amount, code)


@lru_cache(_MONEY_REMEMBERED)  # the decoder asks first, the door again
def money(amount: str, code: str) -> tuple[int, int] | Refusal:
    """Minor units and numeric code of an amount and a currency as they are written, or why not."""
    currency = currency_of(code)
    if isinstance(currency, Refusal):
        return currency
    minor = parse_minor(amount, currency.decimals)
    return minor if isinstance(minor, Refusal) else (minor, CURRENCIES[currency.code].numeric)
