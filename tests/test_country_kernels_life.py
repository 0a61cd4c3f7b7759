from __future__ import annotations

import numpy as np
import pytest

from arasha.country import kernels_life as kernels
from arasha.country.happenings import (
    ACTIVE_CALL,
    CREDENTIALS_CHANGED,
    NEW_DEVICE,
    REMOTE_ACCESS,
    Happenings,
    make,
)
from arasha.country.kernels_life import (
    ALLOW,
    ASKED,
    BLOCK,
    BLOCKED,
    HELD,
    HOLD,
    MOVED,
    SHORT,
    STOPPED,
    WARN,
    AccountMemory,
    Acquaintances,
    Asking,
    NumberMemory,
    Slice,
)
from arasha.events.schema import (
    ACCOUNT_CHANGES,
    CHANNELS,
    SIGNAL_CLASSES,
    SIM_CHANGES,
    Kind,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 400 * DAY + 12 * HOUR
LEAST, LARGE = 1_000, 9_000
SHOP, ABROAD = 4, 5  # accounts that are nobody's; 0 … 3 are of people 0 … 3

MOBILE, POS = CHANNELS.index("mobile"), CHANNELS.index("pos")


def accounts() -> AccountMemory:
    """Four people with 10,000 each and old devices 0 … 3, a shop, an account abroad."""
    n = 6
    devices = np.full((n, 2), -1, np.int32)
    devices[:4, 0] = np.arange(4)
    return AccountMemory(
        private=np.array([1, 1, 1, 1, 0, 0], np.uint8),
        asked=np.array([1, 1, 1, 1, 0, 1], np.uint8),
        person=np.array([0, 1, 2, 3, -1, -1], np.int32),
        bank=np.array([0, 0, 1, 0, 0, 255], np.uint8),
        number=np.array([0, 1, 2, 3, -1, -1], np.int32),
        balance=np.full(n, 10_000, np.int64),
        reserved=np.zeros(n, np.int64),
        payees=np.full((n, kernels.LAST_PAYEES), -1, np.int32),
        payees_next=np.zeros(n, np.uint8),
        devices=devices,
        device_ms=np.full(n, kernels.LONG_AGO_MS),
        credentials_ms=np.zeros(n, np.int64),
    )


def numbers() -> NumberMemory:
    """Eight numbers; the first four are those of the people."""
    n = 8
    return NumberMemory(
        person=np.array([0, 1, 2, 3, -1, -1, -1, -1], np.int32),
        call_starts=np.zeros(n, np.int64),
        call_ends=np.full(n, kernels.LONG_AGO_MS),
        call_strange=np.zeros(n, np.uint8),
        callers=np.full((n, kernels.LAST_CALLERS), -1, np.int32),
        callers_day=np.zeros((n, kernels.LAST_CALLERS), np.int32),
        callers_next=np.zeros(n, np.uint8),
        strangers_ms=np.full((n, kernels.LAST_STRANGERS), kernels.LONG_AGO_MS),
        stranger=np.full(n, -1, np.int32),
        sim_ms=np.full(n, kernels.LONG_AGO_MS),
    )


KNOWN = Acquaintances(np.array([0, 1, 2, 2, 2]), np.array([1, 0], np.int32))  # 0 and 1 are friends
_BANKS = np.zeros(256, np.uint8)
_BANKS[0] = 1
ASKING = Asking(_BANKS, LEAST, LARGE)


def rows(*some: dict[str, int]) -> Happenings:
    """Those rows; payments of 0 to 2 by mobile with their device where nothing else is said."""
    usual = {"time_ms": NOW, "kind": 1, "first": 0, "second": 2, "device": 0, "code": MOBILE}
    whole = [usual | {"amount": 100} | one for one in some]
    return make({
        name: np.array([one.get(name, 0 if name != "script" else -1) for one in whole])
        for name in {*Slice._fields}
    })  # fmt: skip


def columns(some: Happenings) -> Slice:
    """What the kernels see of rows."""
    return Slice(*(getattr(some, name) for name in Slice._fields))


def sensed(*some: dict[str, int]) -> tuple[Happenings, list[int], list[list[str]]]:
    """The rows with their marks, those asked about, and the answers in words."""
    happened = rows(*some)
    asked, answers = np.zeros(len(some), np.int64), np.zeros((len(some), ASKED), np.uint8)
    count = kernels.sense(columns(happened), accounts(), numbers(), KNOWN, ASKING, asked, answers)
    words = [[SIGNAL_CLASSES[code] for code in row] for row in answers[:count].tolist()]
    return happened, asked[:count].tolist(), words


@pytest.mark.parametrize(
    ("action", "stops", "amount", "became", "payer", "payee", "reserved"),
    [
        (ALLOW, 0, 10_000, MOVED, 0, 20_000, 0),
        (ALLOW, 1, 10_000, MOVED, 0, 20_000, 0),
        (ALLOW, 0, 10_001, SHORT, 10_000, 10_000, 0),
        (WARN, 0, 4_000, MOVED, 6_000, 14_000, 0),
        (WARN, 1, 4_000, STOPPED, 10_000, 10_000, 0),
        (WARN, 1, 40_000, STOPPED, 10_000, 10_000, 0),
        (WARN, 0, 40_000, SHORT, 10_000, 10_000, 0),
        (HOLD, 0, 4_000, HELD, 6_000, 10_000, 4_000),
        (HOLD, 1, 40_000, SHORT, 10_000, 10_000, 0),
        (BLOCK, 0, 4_000, BLOCKED, 10_000, 10_000, 0),
        (BLOCK, 1, 40_000, BLOCKED, 10_000, 10_000, 0),
    ],
)
def test_settling(
    action: int, stops: int, amount: int, became: int, payer: int, payee: int, reserved: int
) -> None:
    """What becomes of a payment of person 0 (who has 10,000) to person 2, and of the money."""
    memory, out = accounts(), np.zeros(1, np.uint8)
    one = np.array([action], np.uint8), np.array([stops], np.uint8)
    kernels.settle(columns(rows({"amount": amount})), np.zeros(1, np.intp), *one, memory, out)
    assert [became] == out.tolist()
    assert (payer, payee) == (int(memory.balance[0]), int(memory.balance[2]))
    assert reserved == int(memory.reserved[0])


def test_others_than_people_may_owe() -> None:
    """A shop, a bank or the world abroad pays what it has not got."""
    memory, out = accounts(), np.zeros(1, np.uint8)
    none = np.zeros(1, np.uint8), np.zeros(1, np.uint8)
    kernels.settle(
        columns(rows({"first": SHOP, "amount": 50_000})), np.zeros(1, np.intp), *none, memory, out
    )
    assert [MOVED] == out.tolist()
    assert -40_000 == int(memory.balance[SHOP])


def test_what_came_in_before_can_be_spent() -> None:
    """Payments settle in their order: money that came in pays the next, not the one before."""
    some = rows(
        {"first": 1, "second": 3, "amount": 15_000, "script": 1},
        {"first": 0, "second": 1, "amount": 9_000},
        {"first": 1, "second": 3, "amount": 15_000},
    )
    memory, out = accounts(), np.zeros(3, np.uint8)
    nothing = np.zeros(3, np.uint8)
    kernels.settle(columns(some), np.arange(3), nothing, nothing, memory, out)
    assert [SHORT, MOVED, MOVED] == out.tolist()


@pytest.mark.parametrize(("share", "kept"), [(0.0, [1, 1, 0, 1]), (1.0, [1, 1, 1, 1])])
def test_what_cannot_be_afforded_is_dropped(share: float, kept: list[int]) -> None:
    """Ordinary payments without cover are tried in a share of cases, those of plays always; no
    balance is changed by looking.
    """
    some = rows(
        {"amount": 9_000}, {"kind": Kind.CALL, "second": 1}, {"amount": 2_000},
        {"amount": 3_000, "script": 7},
    )  # fmt: skip
    memory, keep = accounts(), np.zeros(4, np.uint8)
    kernels.afford(columns(some), memory, np.uint64(1), share, keep)
    assert kept == keep.tolist()
    assert [10_000] * 6 == memory.balance.tolist()


_RESET = ACCOUNT_CHANGES.index("credentials_reset")
_ADDED = ACCOUNT_CHANGES.index("device_added")


@pytest.mark.parametrize(
    ("before", "payment", "marks"),
    [
        ({}, {}, 0),
        ({}, {"marks": REMOTE_ACCESS}, REMOTE_ACCESS),
        ({}, {"device": 9}, NEW_DEVICE),
        ({}, {"device": -1}, 0),
        ({"device": 9}, {"device": 9, "time_ms": NOW + HOUR}, NEW_DEVICE),
        ({"device": 9}, {"device": 9, "time_ms": NOW + DAY}, 0),
        ({"device": 9}, {"time_ms": NOW + HOUR}, 0),
        ({"kind": Kind.ACCOUNT_CHANGE, "code": _ADDED, "device": 9}, {"device": 9}, NEW_DEVICE),
        ({"kind": Kind.ACCOUNT_CHANGE, "code": _RESET}, {}, CREDENTIALS_CHANGED),
        ({"kind": Kind.ACCOUNT_CHANGE, "code": _RESET}, {"time_ms": NOW + DAY}, 0),
        ({"kind": Kind.ACCOUNT_CHANGE, "code": _RESET, "first": 1}, {}, 0),
        ({"kind": Kind.CALL, "first": 7, "second": 0, "duration_ms": MINUTE}, {}, ACTIVE_CALL),
        ({"kind": Kind.CALL, "first": 0, "second": 7, "duration_ms": MINUTE}, {}, ACTIVE_CALL),
        ({"kind": Kind.CALL, "first": 7, "second": 0, "duration_ms": 0}, {}, 0),
        (
            {"kind": Kind.CALL, "first": 7, "second": 0, "duration_ms": MINUTE},
            {"time_ms": NOW + MINUTE}, 0,
        ),
        ({"kind": Kind.CALL, "first": 7, "second": 0, "duration_ms": MINUTE}, {"code": POS}, 0),
        ({}, {"device": 9, "first": SHOP}, 0),
    ],
)  # fmt: skip
def test_marks(before: dict[str, int], payment: dict[str, int], marks: int) -> None:
    """What is so at a payment after one thing that happened before it."""
    happened, _, _ = sensed(before, payment)
    assert marks == int(happened.marks[1])


@pytest.mark.parametrize(
    ("payment", "asked"),
    [
        ({"amount": LEAST}, True),
        ({"amount": LEAST - 1}, False),
        ({"amount": LARGE - 1, "second": 1}, False),
        ({"amount": LARGE, "second": 1}, True),
        ({"amount": LARGE, "second": SHOP}, False),
        ({"amount": LARGE, "second": ABROAD}, True),
        ({"amount": LARGE, "first": 2, "second": 0}, False),
        ({"amount": LARGE, "code": POS}, False),
    ],
)
def test_when_banks_ask(payment: dict[str, int], asked: bool) -> None:  # noqa: FBT001 - a column
    """Banks that ask, ask about transfers to a stranger, or large ones; bank 1 never does."""
    _, about, _ = sensed(payment)
    assert ([0] if asked else []) == about


def test_a_payee_is_familiar_the_second_time() -> None:
    """A bank asks about the first small transfer to somebody, and no more until eight others."""
    again = [{"amount": LEAST, "time_ms": NOW + at} for at in range(2)]
    assert [0] == sensed(*again)[1]


def call(first: int, second: int, minutes: int, ago: int) -> dict[str, int]:
    """A call so many minutes ago."""
    return {
        "kind": Kind.CALL, "first": first, "second": second, "duration_ms": minutes * MINUTE,
        "time_ms": NOW - ago * MINUTE,
    }  # fmt: skip


def change(what: str, days: float) -> dict[str, int]:
    """A change of number 0 so many days ago."""
    return {
        "kind": Kind.SIM_CHANGE,
        "code": SIM_CHANGES.index(what),
        "time_ms": NOW - int(days * DAY),
    }


@pytest.mark.parametrize(
    ("before", "answers"),
    [
        ([], ["none", "none", "none"]),
        ([call(7, 0, 60, 9)], ["on_call_under_10_min_unfamiliar", "none", "none"]),
        ([call(7, 0, 60, 10)], ["on_call_10_30_min_unfamiliar", "none", "none"]),
        ([call(7, 0, 60, 30)], ["on_call_over_30_min_unfamiliar", "none", "none"]),
        ([call(0, 7, 60, 30)], ["on_call_over_30_min_unfamiliar", "none", "none"]),
        ([call(1, 0, 60, 9)], ["on_call_under_10_min_familiar", "none", "none"]),
        (
            [call(7, 0, 1, 9), call(7, 0, 60, 7)],
            ["on_call_under_10_min_unfamiliar", "none", "none"],
        ),
        (
            [call(7, 0, 1, 999), call(7, 0, 60, 9)],
            ["on_call_under_10_min_familiar", "none", "none"],
        ),
        ([call(7, 0, 5, 5)], ["none", "none", "none"]),
        ([change("swapped", 0.9)], ["none", "changed_within_day", "none"]),
        ([change("ported_in", 6.9)], ["none", "changed_within_week", "none"]),
        ([change("swapped", 7)], ["none", "none", "none"]),
        ([change("activated", 0.1)], ["none", "none", "none"]),
        (
            [call(n, 0, 0, 50 - n) for n in (4, 5, 6)],
            ["none", "none", "several_first_time_callers"],
        ),
        ([call(n, 0, 0, 66 - n) for n in (4, 5, 6)], ["none", "none", "none"]),
        ([call(4, 0, 0, 50 - n) for n in (4, 5, 6)], ["none", "none", "none"]),
    ],
)
def test_what_operators_answer(before: list[dict[str, int]], answers: list[str]) -> None:
    """The classes about number 0 after what happened before: on a call, SIM, first-time callers."""
    _, _, said = sensed(*before, {"amount": LEAST})
    assert [answers] == said


def test_chance_about_a_payment_knows_no_neighbours() -> None:
    """The draw of a payment hangs on itself, not on its place."""
    one, out = rows({"amount": 5}, {"amount": 7}, {"first": 2, "second": 0}), np.zeros(3, np.uint64)
    fields = one.time_ms, one.first, one.second, one.amount
    kernels.draws(np.uint64(9), np.arange(3), *fields, out)
    back = np.zeros(1, np.uint64)
    kernels.draws(np.uint64(9), np.array([1]), *fields, back)
    assert int(back[0]) == int(out[1])
    assert 3 == len(set(out.tolist()))
