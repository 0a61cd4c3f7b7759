"""Ordinary life: what everyone pays, calls and changes on a day when nothing has a plot.

In: a society, the number of a day, threads. Out: Happenings by time; of one moment, in the order
of the people. Blocks of BLOCK people are made by compiled kernels, each a function of seed, day and
block, so the threads change nothing. Then the new phones, numbers and accounts of the day are given
out in order of time; they are in use from the next day on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.country import kernels_habits as kernels
from arasha.country import kernels_rows
from arasha.country.calendar import SORTS, Day, day_of
from arasha.country.chance import key_of
from arasha.country.changes import give_out
from arasha.country.happenings import ABSENT, COLUMNS, DTYPES, PURPOSES, Happenings
from arasha.country.kernels_chance import exponential_of
from arasha.country.parameters import Parameters
from arasha.country.society import BusinessKind, Society
from arasha.events.schema import CHANNELS
from arasha.features.machine import natural_log

BLOCK: Final = 8_192
"""People made at once; never depends on the number of threads."""

ROWS_A_PERSON: Final = 8
"""Room for so many rows a person; a block that needs more is made again with more."""

HOURS: Final = ("shopping", "eating", "travel", "online", "transfer", "office", "call", "sunset")
"""Profiles of the hours of the day, by their names under ``hours``."""


class Target(IntEnum):
    """Who is paid."""

    BUSINESS = 0
    SELLER = 1
    DRIVER = 2
    CONTACT = 3
    STRANGER = 4
    OWN = 5
    ATM = 6
    CRYPTO = 7
    LARGE = 8  # a business or a stranger


class Talk(IntEnum):
    """Who calls whom."""

    TO_CONTACT = 0
    TO_BUSINESS = 1
    TO_BANK = 2
    BY_COURIER = 3
    BY_DRIVER = 4
    BY_BUSINESS = 5
    TO_STRANGER = 6
    ABROAD = 7


Raw: Final = np.dtype(
    [("amount", np.int64)]
    + [(name, np.int32) for name in ("time", "first", "second", "device", "number", "duration")]
    + [(name, np.uint8) for name in ("kind", "code", "purpose", "marks")],
    align=True,
)
"""One row as the kernels write it; ``time`` in ms of the day, the rest as in happenings.py."""


class Flow(NamedTuple):
    """What a sort of spending is, beside the numbers in the table ``flows``."""

    name: str
    target: Target
    kind: BusinessKind
    channel: str
    purpose: str
    hours: str
    sort: str


_SHOP, _ONLINE = BusinessKind.SHOP, BusinessKind.ONLINE
FLOWS: Final = (
    Flow("groceries", Target.BUSINESS, _SHOP, "pos", "GDDS", "shopping", "food"),
    Flow("market", Target.SELLER, _SHOP, "mobile", "", "shopping", "market"),
    Flow("cafe", Target.BUSINESS, BusinessKind.CAFE, "pos", "GDDS", "eating", "eating out"),
    Flow("taxi", Target.BUSINESS, BusinessKind.TAXI, "card", "", "travel", "transport"),
    Flow("driver", Target.DRIVER, _SHOP, "mobile", "", "travel", "transport"),
    Flow("fuel", Target.BUSINESS, BusinessKind.FUEL, "pos", "GDDS", "travel", "transport"),
    Flow("online", Target.BUSINESS, _ONLINE, "card", "GDDS", "online", "online"),
    Flow("telecom", Target.BUSINESS, BusinessKind.TELECOM, "mobile", "UBIL", "online", "formal"),
    Flow("contacts", Target.CONTACT, _SHOP, "mobile", "", "transfer", "transfers"),
    Flow("strangers", Target.STRANGER, _SHOP, "mobile", "", "transfer", "transfers"),
    Flow("own", Target.OWN, _SHOP, "mobile", "", "transfer", "transfers"),
    Flow("cash", Target.ATM, BusinessKind.ATM, "atm", "CASH", "shopping", "cash"),
    Flow("charity", Target.BUSINESS, BusinessKind.CHARITY, "mobile", "CHAR", "online", "charity"),
    Flow("clinic", Target.BUSINESS, BusinessKind.CLINIC, "pos", "HSPC", "office", "formal"),
    Flow("state", Target.BUSINESS, BusinessKind.GOVERNMENT, "mobile", "GOVT", "office", "formal"),
    Flow("crypto", Target.CRYPTO, BusinessKind.CRYPTO, "card", "INVS", "online", "online"),
    Flow("gifts", Target.CONTACT, _SHOP, "mobile", "GIFT", "transfer", "gifts"),
    Flow("large", Target.LARGE, _ONLINE, "mobile", "", "office", "transfers"),
)
"""Every sort of spending, in the order of its draws. Append only: the order is part of the draw."""

TALKS: Final[dict[str, tuple[Talk, BusinessKind, str, str]]] = {
    "contacts": (Talk.TO_CONTACT, _SHOP, "call", "calls"),
    "to_businesses": (Talk.TO_BUSINESS, _SHOP, "office", "office calls"),
    "to_bank": (Talk.TO_BANK, BusinessKind.BANK, "office", "office calls"),
    "courier": (Talk.BY_COURIER, _SHOP, "office", "online"),
    "driver": (Talk.BY_DRIVER, _SHOP, "travel", "transport"),
    "bank": (Talk.BY_BUSINESS, BusinessKind.BANK, "office", "office calls"),
    "clinic": (Talk.BY_BUSINESS, BusinessKind.CLINIC, "office", "office calls"),
    "school": (Talk.BY_BUSINESS, BusinessKind.SCHOOL, "office", "office calls"),
    "selling": (Talk.BY_BUSINESS, BusinessKind.EMPLOYER, "office", "office calls"),
    "strangers": (Talk.TO_STRANGER, _SHOP, "call", "calls"),
    "abroad": (Talk.ABROAD, _SHOP, "call", "calls"),
}
"""Every sort of calls: who, a kind of business, hours, the sort whose seasons it has."""


def ordinary_day(society: Society, day: int, workers: int = 1) -> Happenings:
    """Everything ordinary of that day, by time; the day's new things are given out in ``society``.

    Days are made in their order, each once.
    """
    today = day_of(day, society.parameters)
    read = tables(society, today)
    day_key = np.uint64(key_of(society.seed, "day", day))
    own_key = np.uint64(key_of(society.seed, "own"))

    def made(first: int) -> NDArray[Any]:
        last = min(first + BLOCK, len(society.people))
        room = (last - first) * ROWS_A_PERSON + 1024
        while True:
            rows = np.empty(room, Raw)
            used = kernels.block(rows, first, last, day_key, own_key, *read)
            if used <= room:
                return rows[:used].copy()
            room = used

    firsts = range(0, len(society.people), BLOCK)
    if workers == 1:
        blocks = [made(first) for first in firsts]
    else:
        with ThreadPoolExecutor(workers) as pool:
            blocks = list(pool.map(made, firsts))
    rows = np.concatenate(blocks)
    blocks.clear()
    happened = by_time(rows, today.start_ms)
    give_out(society, happened, key_of(society.seed, "changes", day))
    return happened


def tables(society: Society, today: Day) -> tuple[_People, _Places, _Today]:
    """The society and the day as the kernels read them."""
    return _people(society), _places(society), _today(society, today)


def by_time(rows: NDArray[Any], start_ms: int) -> Happenings:
    """Rows of a day as Happenings, by time; of one moment, in their order."""
    n = len(rows)
    columns = {name: np.full(n, ABSENT[name], DTYPES[name]) for name in COLUMNS}
    order = kernels_rows.order_by_time(rows)
    filled = _Filled(**{name: columns[name] for name in _Filled._fields})
    kernels_rows.laid_out(rows, order, start_ms, filled)
    return Happenings(**columns)


class _Filled(NamedTuple):
    """The columns of Happenings that ordinary life fills."""

    time_ms: NDArray[np.int64]
    kind: NDArray[np.uint8]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    amount: NDArray[np.int64]
    device: NDArray[np.int32]
    number: NDArray[np.int32]
    code: NDArray[np.uint8]
    purpose: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    duration_ms: NDArray[np.int64]


class _People(NamedTuple):
    """The columns of people that the kernels read; ``bank`` is that of the main account."""

    age: NDArray[np.uint8]
    status: NDArray[np.uint8]
    household: NDArray[np.int32]
    children: NDArray[np.uint8]
    employer: NDArray[np.int32]
    payday: NDArray[np.uint8]
    income: NDArray[np.int64]
    account: NDArray[np.int32]
    second_account: NDArray[np.int32]
    number: NDArray[np.int32]
    second_number: NDArray[np.int32]
    device: NDArray[np.int32]
    activity: NDArray[np.float32]
    rhythm: NDArray[np.int16]
    landlord: NDArray[np.int32]
    rent: NDArray[np.int64]
    loan: NDArray[np.int64]
    supporter: NDArray[np.int32]
    allowance: NDArray[np.int64]
    burden: NDArray[np.int64]
    abroad: NDArray[np.int32]
    contact_start: NDArray[np.int64]
    contacts: NDArray[np.int32]
    bank: NDArray[np.uint8]


def _people(society: Society) -> _People:
    people = society.people
    columns = {name: getattr(people, name) for name in _People._fields if name != "bank"}
    return _People(**columns, bank=society.accounts.bank[people.account])


class _Places(NamedTuple):
    """Where money goes: businesses by kind, and those paid or called in private."""

    first: NDArray[np.int64]
    ln_count: NDArray[np.float64]
    account: NDArray[np.int32]
    number: NDArray[np.int32]
    advance: NDArray[np.uint8]
    sellers: NDArray[np.int32]
    drivers: NDArray[np.int32]
    couriers: NDArray[np.int32]
    abroad_numbers: NDArray[np.int32]


def _places(society: Society) -> _Places:
    some = society.businesses
    counts = [float(count + 1) for count in np.diff(some.first)]
    return _Places(
        some.first, np.array([natural_log(count) for count in counts]), some.account, some.number,
        some.advance, society.sellers, society.drivers, society.couriers, society.abroad_numbers,
    )  # fmt: skip


class _Today(NamedTuple):
    """The day and the parameters, as the kernels read them."""

    weekday: int
    month_day: int
    year_day: int
    term: int
    later_min: int
    pay_key: np.uint64
    pays: NDArray[np.uint8]
    hours: NDArray[np.uint8]
    transfer: int
    office: int
    evening: int
    evening_share: float
    # spending, by flow
    rate: NDArray[np.float64]
    median: NDArray[np.float64]
    spread: NDArray[np.float64]
    target: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    purpose: NDArray[np.uint8]
    profile: NDArray[np.uint8]
    eats: NDArray[np.uint8]
    cost: NDArray[np.float64]
    least_part: float
    spent_part: float
    income_power: float
    payday_lift: float
    favourites_share: float
    second_account_use: float
    round_share: float
    web_share: float
    remote_access_share: float
    second_buy_share: float
    # dues
    rent_said_share: float
    utility_bills: int
    utility_median: float
    utility_spread: float
    school_fee_share: float
    school_median: float
    school_spread: float
    remitter_share: float
    remittance_part: float
    birthday_share: float
    birthday_gift: float
    wedding_rate: float
    wedding_share: float
    wedding_gift: float
    # calls, by sort
    call_rate: NDArray[np.float64]
    talk_median: NDArray[np.float64]
    talk_spread: NDArray[np.float64]
    answered: NDArray[np.float64]
    talk: NDArray[np.uint8]
    talk_kind: NDArray[np.uint8]
    talk_hours: NDArray[np.uint8]
    long_share: float
    long_median: float
    roaming_share: float
    # changes
    new_phone: float
    new_phone_new_sim: float
    new_phone_new_credentials: float
    account_opened: float
    credentials_reset: float
    limit_raised: float
    number_changed: float
    sim_swapped: float
    ported: float
    loan: float
    loan_median: float


def _today(society: Society, today: Day) -> _Today:
    p = society.parameters
    fields: dict[str, Any] = {
        "weekday": today.weekday,
        "month_day": today.date.day,
        "year_day": today.date.timetuple().tm_yday,
        "term": int(today.date.month not in (6, 7, 8)),
        "later_min": p.whole("hours.weekend_later") if today.free else 0,
        "pay_key": np.uint64(key_of(society.seed, "pay", today.index)),
        "pays": np.array([day in today.paydays for day in range(32)], np.uint8),
        "hours": hour_tables(p),
        **{name: HOURS.index(name) for name in ("transfer", "office")},
        "evening": HOURS.index("sunset"),
        "evening_share": p["seasons.ramadan_evening"] if "ramadan" in today.occasions else 0.0,
    }
    fields |= _spending(p, today) | _dues(p, today) | _talking(p, today) | _changing(p)
    return _Today(**fields)


def hour_tables(p: Parameters) -> NDArray[np.uint8]:
    """uint8[profiles, 1024]: hours of the day, each as often as it weighs."""
    tables = np.zeros((len(HOURS), 1024), np.uint8)
    for place, name in enumerate(HOURS):
        weights = np.array([int(weight) for weight in p.numbers(f"hours.{name}")], np.int64)
        reached = np.cumsum(weights)
        at = (2 * np.arange(1024) + 1) * reached[-1] // 2048
        tables[place] = np.searchsorted(reached, at, side="right")
    return tables


def _factor(today: Day, sort: str) -> float:
    return today.factors[SORTS.index(sort)]


def _spending(p: Parameters, today: Day) -> dict[str, Any]:
    def column(values: list[Any], dtype: type = np.uint8) -> NDArray[Any]:
        return np.array(values, dtype)

    def numbers(name: str, scale: float = 1.0) -> NDArray[Any]:
        return column([p[f"flows.{flow.name}.{name}"] * scale for flow in FLOWS], np.float64)

    names = (
        "least_part", "spent_part", "income_power", "favourites_share", "second_account_use",
        "round_share", "web_share", "remote_access_share", "second_buy_share",
    )  # fmt: skip
    seasons = column([_factor(today, flow.sort) for flow in FLOWS], np.float64)
    return {
        "rate": numbers("rate") * seasons,
        "median": numbers("median_kzt", 100.0),
        "spread": numbers("spread"),
        "target": column([flow.target for flow in FLOWS]),
        "kind": column([flow.kind for flow in FLOWS]),
        "channel": column([CHANNELS.index(flow.channel) for flow in FLOWS]),
        "purpose": column([PURPOSES.index(flow.purpose) for flow in FLOWS]),
        "profile": column([HOURS.index(flow.hours) for flow in FLOWS]),
        "eats": column([flow.hours == "eating" for flow in FLOWS]),
        "cost": column([_cost(p, flow) for flow in FLOWS], np.float64),
        "payday_lift": p["seasons.payday_lift"],
        **{name: p[f"spending.{name}"] for name in names},
    }


def _cost(p: Parameters, flow: Flow) -> float:
    """What a sort of spending takes of a person's money a day, on average, tiyn."""
    if flow.target == Target.OWN:
        return 0.0
    spread = p[f"flows.{flow.name}.spread"]
    mean = p[f"flows.{flow.name}.median_kzt"] * float(exponential_of(spread * spread / 2.0))
    kept = p["spending.transfers_not_returned"]
    if flow.target == Target.LARGE:
        kept = (1.0 + kept) / 2.0  # half of them goes to people
    elif flow.target not in (Target.CONTACT, Target.STRANGER):
        kept = 1.0
    return p[f"flows.{flow.name}.rate"] * mean * 100.0 * kept


def _dues(p: Parameters, today: Day) -> dict[str, Any]:
    dues = p.section("dues")
    winter = p["seasons.winter_utilities"] if today.date.month in (11, 12, 1, 2, 3) else 1.0
    festive = today.weekday in (4, 5)
    season = 3.0 if "weddings" in today.occasions else 1.0
    return {
        "rent_said_share": dues["rent_said_share"],
        "utility_bills": dues.whole("utility_bills"),
        "utility_median": dues["utility_median_kzt"] * 100.0 * winter,
        "utility_spread": dues["utility_spread"],
        "school_fee_share": p["people.school_fee_share"],
        "school_median": dues["school_median_kzt"] * 100.0,
        "school_spread": dues["school_spread"],
        "remitter_share": p["people.remitter_share"] / p["contacts.abroad_share"],
        "remittance_part": dues["remittance_part"],
        "birthday_share": dues["birthday_gift_share"],
        "birthday_gift": dues["birthday_gift_kzt"] * 100.0,
        "wedding_rate": dues["wedding_rate"] * season if festive else 0.0,
        "wedding_share": dues["wedding_gift_share"],
        "wedding_gift": dues["wedding_gift_kzt"] * 100.0,
    }


def _talking(p: Parameters, today: Day) -> dict[str, Any]:
    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([p[f"calls.{sort}.{name}"] for sort in TALKS])

    sorts = list(TALKS.values())
    return {
        "call_rate": numbers("rate") * np.array([_factor(today, sort[3]) for sort in sorts]),
        "talk_median": numbers("median_s"),
        "talk_spread": numbers("spread"),
        "answered": numbers("answered"),
        "talk": np.array([sort[0] for sort in sorts], np.uint8),
        "talk_kind": np.array([sort[1] for sort in sorts], np.uint8),
        "talk_hours": np.array([HOURS.index(sort[2]) for sort in sorts], np.uint8),
        "long_share": p["talks.long_share"],
        "long_median": p["talks.long_median_s"],
        "roaming_share": p["talks.roaming_share"],
    }


def _changing(p: Parameters) -> dict[str, Any]:
    names = (
        "new_phone", "new_phone_new_sim", "new_phone_new_credentials", "account_opened",
        "credentials_reset", "limit_raised", "number_changed", "sim_swapped", "ported", "loan",
    )  # fmt: skip
    return {name: p[f"changes.{name}"] for name in names} | {
        "loan_median": p["changes.loan_incomes_median"]
    }
