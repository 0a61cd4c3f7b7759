"""What a bank may ask of a line as CAMARA has it: each question's fields, and its answer.

In: a question's message, and what the operator's log says of the number (engine/lines.py). Out: the
answer as CAMARA wants it, and the class that stands for it in the log and in the bank's facts. No
answer says more than a class does, but for the day on which something changed: CAMARA has a time
there, and gets the beginning of that day, UTC.

What the log does not reach back to is not said to be well: a period that is longer than the
operator looks back, or than its log does, is out of range, as the documents want it. A change that
is known is told all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from arasha.app.http.camara import OUT_OF_RANGE
from arasha.app.http.problems import Problem
from arasha.app.http.signals import NUMBER_PATTERN
from arasha.engine.call_risk import NOT_KNOWN
from arasha.engine.lines import MONITORED_MS, Line
from arasha.events.symbols import whole

MAX_AGE_HOURS: Final = 2_400
"""The longest period of a check in CAMARA's documents, hours."""

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
MAX_HOURS: Final = MONITORED_MS // _HOUR_MS
"""The longest that is looked back here, hours."""

_MONITORED_DAYS: Final = MONITORED_MS // _DAY_MS

PhoneNumber: TypeAlias = Annotated[str, Meta(pattern=whole(NUMBER_PATTERN))]


class OfNumber(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A question about a number alone."""

    phone_number: PhoneNumber | UnsetType = UNSET


class OfPeriod(OfNumber, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A question about the last hours."""

    max_age: Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": MAX_HOURS})] = 240


class SinceDate(OfNumber, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A question about the holder since a day."""

    specified_date: date


class TenureSince(OfNumber, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A question about the subscription since a day."""

    tenure_date: date


class CheckSwapInfo(Struct, frozen=True):
    """Whether it was swapped in the period."""

    swapped: bool


class SimSwapInfo(Struct, frozen=True, rename="camel"):
    """The day of the last change, or for how many days there was none."""

    latest_sim_change: str | None
    monitored_period: int | UnsetType = UNSET


class DeviceSwapInfo(Struct, frozen=True, rename="camel"):
    """The day of the last change, or for how many days there was none."""

    latest_device_change: str | None
    monitored_period: int | UnsetType = UNSET


class UnconditionalCallForwardingSignal(Struct, frozen=True):
    """Whether all calls are forwarded."""

    active: bool


class CheckNumRecyclingInfo(Struct, frozen=True, rename="camel"):
    """Whether the number has another holder since that day."""

    phone_number_recycled: bool


class TenureInfo(Struct, frozen=True, rename="camel"):
    """Whether the subscription is as old as that."""

    tenure_date_check: bool


class Known(NamedTuple):
    """What is known when a question is asked: the line, the time, for how long changes were
    monitored, and the operator's clock, by which its days begin; ms.
    """

    line: Line
    now_ms: int
    monitored_ms: int
    utc_offset_ms: int

    def day(self, at_ms: int) -> int:
        """The day of a moment, by number."""
        return (at_ms + self.utc_offset_ms) // _DAY_MS

    def reaches(self, day: int) -> bool:
        """Whether every change since the beginning of that day is known."""
        begins_ms = day * _DAY_MS - self.utc_offset_ms
        return self.now_ms - begins_ms <= self.monitored_ms


class Told(NamedTuple):
    """The class that is kept, and what is answered."""

    answer: str
    said: Struct | list[str] | Problem


def sim_swapped(asked: OfPeriod, known: Known) -> Told:
    """Whether it has another SIM, or its first, within the period."""
    return _swapped(known.line.sim_ms, asked, known)


def device_swapped(asked: OfPeriod, known: Known) -> Told:
    """Whether it is in another device, or its first, within the period."""
    return _swapped(known.line.device_ms, asked, known)


def sim_swap_date(_: OfNumber, known: Known) -> Told:
    """The day of the last SIM change."""
    answer, day, period = _last(known.line.sim_ms, known)
    return Told(answer, SimSwapInfo(day, period))


def device_swap_date(_: OfNumber, known: Known) -> Told:
    """The day of the last change of device."""
    answer, day, period = _last(known.line.device_ms, known)
    return Told(answer, DeviceSwapInfo(day, period))


def unconditionally_forwarded(_: OfNumber, known: Known) -> Told:
    """Whether all its calls are forwarded."""
    active = "unconditional" in known.line.forwarded
    return Told("forwarded" if active else "none", UnconditionalCallForwardingSignal(active))


def forwardings(_: OfNumber, known: Known) -> Told:
    """How its calls are forwarded."""
    active = list(known.line.forwarded)
    if not active:
        return Told("none", ["inactive"])
    always = "unconditional" in active
    return Told("forwarded" if always else "forwarded_conditionally", active)


def recycled(asked: SinceDate, known: Known) -> Told:
    """Whether it has another holder than on that day. On the day on which a subscription begins it
    has the one it has now; before, another one or none.
    """
    day, began_ms = _number_of(asked.specified_date), known.line.holder_ms
    if began_ms is None and not known.reaches(day):
        return Told(NOT_KNOWN, _too_far_back("specifiedDate", known))
    changed = began_ms is not None and known.day(began_ms) > day
    return Told("recycled" if changed else "none", CheckNumRecyclingInfo(changed))


def tenured(asked: TenureSince, known: Known) -> Told:
    """Whether its holder has been the operator's customer since that day."""
    day, joined_ms = _number_of(asked.tenure_date), known.line.joined_ms
    if joined_ms is None and not known.reaches(day):
        return Told(NOT_KNOWN, _too_far_back("tenureDate", known))
    since = joined_ms is None or known.day(joined_ms) <= day
    young = joined_ms is not None and known.now_ms - joined_ms <= MONITORED_MS
    return Told("tenure_under_month" if young and not since else "none", TenureInfo(since))


def _always(_: Any, __: int) -> Problem | None:
    """A question without a period is never out of range."""
    return None


def _period_in_range(asked: OfPeriod, _: int) -> Problem | None:
    """Why the period is out of range."""
    if not 1 <= asked.max_age <= MAX_AGE_HOURS:
        return Problem(OUT_OF_RANGE, "maxAge", expected=f"1 to {MAX_AGE_HOURS} hours")
    if asked.max_age * _HOUR_MS > MONITORED_MS:
        return Problem(OUT_OF_RANGE, f"the check period cannot exceed {_MONITORED_DAYS} days",
                       expected=f"maxAge of at most {MAX_HOURS} hours")  # fmt: skip
    return None


def _date_in_range(asked: SinceDate, today: int) -> Problem | None:
    """Why that day is out of range: it is in the future."""
    return _not_after(asked.specified_date, today, "specifiedDate")


def _tenure_in_range(asked: TenureSince, today: int) -> Problem | None:
    """The same."""
    return _not_after(asked.tenure_date, today, "tenureDate")


def _not_after(day: date, today: int, field: str) -> Problem | None:
    if _number_of(day) <= today:
        return None
    return Problem(OUT_OF_RANGE, f"{field} is in the future", expected="today or before")


def _swapped(at_ms: int | None, asked: OfPeriod, known: Known) -> Told:
    period_ms = asked.max_age * _HOUR_MS
    if at_ms is None and known.monitored_ms < period_ms:
        return Told(NOT_KNOWN, _too_far_back("maxAge", known))
    swapped = at_ms is not None and known.now_ms - at_ms <= period_ms
    return Told(_changed_within(period_ms) if swapped else "none", CheckSwapInfo(swapped))


def _last(at_ms: int | None, known: Known) -> tuple[str, str | None, int | UnsetType]:
    """The class, the day, and for how many days there was no change."""
    if at_ms is not None and known.now_ms - at_ms <= MONITORED_MS:
        day = datetime.fromtimestamp(at_ms // _DAY_MS * _DAY_MS / 1000, UTC)
        return _changed_within(known.now_ms - at_ms), f"{day:%Y-%m-%dT%H:%M:%SZ}", UNSET
    days = (MONITORED_MS if at_ms is not None else known.monitored_ms) // _DAY_MS
    return ("none", None, days) if days else (NOT_KNOWN, None, UNSET)


def _changed_within(period_ms: int) -> str:
    if period_ms <= _DAY_MS:
        return "changed_within_day"
    return "changed_within_week" if period_ms <= 7 * _DAY_MS else "changed_within_month"


def _number_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _too_far_back(field: str, known: Known) -> Problem:
    return Problem(
        OUT_OF_RANGE, f"{field} is before what is monitored",
        expected=f"the last {known.monitored_ms // _HOUR_MS} hours",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One route: its path, the signal its answers are of, its message and its answer's type, and
    what finds the answer. ``refused`` says why a message (and today, as a number) has none,
    whatever the number.
    """

    path: str
    operation: str
    summary: str
    signal: str
    message: type[OfNumber]
    said: Any
    answer: Callable[[Any, Known], Told]
    refused: Callable[[Any, int], Problem | None] = _always


Forwardings: TypeAlias = list[
    Literal[
        "inactive", "unconditional", "conditional_busy", "conditional_not_reachable",
        "conditional_no_answer",
    ]
]  # fmt: skip

QUESTIONS: Final = (
    Question("/sim-swap/v2/check", "checkSimSwap", "Was the SIM swapped lately?", "sim_swap",
             OfPeriod, CheckSwapInfo, sim_swapped, _period_in_range),
    Question("/sim-swap/v2/retrieve-date", "retrieveSimSwapDate", "On which day was it swapped?",
             "sim_swap", OfNumber, SimSwapInfo, sim_swap_date),
    Question("/device-swap/v1/check", "checkDeviceSwap", "Was the device swapped lately?",
             "device_swap", OfPeriod, CheckSwapInfo, device_swapped, _period_in_range),
    Question("/device-swap/v1/retrieve-date", "retrieveDeviceSwapDate",
             "On which day was it swapped?", "device_swap", OfNumber, DeviceSwapInfo,
             device_swap_date),
    Question("/call-forwarding-signal/v0.4/unconditional-call-forwardings",
             "checkUnconditionalCallForwarding", "Are all calls forwarded?", "call_forwarding",
             OfNumber, UnconditionalCallForwardingSignal, unconditionally_forwarded),
    Question("/call-forwarding-signal/v0.4/call-forwardings", "retrieveCallForwardings",
             "How are calls forwarded?", "call_forwarding", OfNumber, Forwardings, forwardings),
    Question("/number-recycling/v0.2/check", "checkNumberRecycling",
             "Has the number another holder since that day?", "number_recycling", SinceDate,
             CheckNumRecyclingInfo, recycled, _date_in_range),
    Question("/kyc-tenure/v0.2/check-tenure", "checkTenure",
             "Is the subscription as old as that?", "tenure", TenureSince, TenureInfo, tenured,
             _tenure_in_range),
)  # fmt: skip
"""Every question about a line that CAMARA's documents have and that is answered here."""
