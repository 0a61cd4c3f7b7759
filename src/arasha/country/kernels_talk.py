"""Calls, and the phones, numbers, accounts, limits and loans that change.

In: as kernels_habits.py. Out: rows.
"""

from __future__ import annotations

import numpy as np

from arasha.country.kernels_chance import below, lognormal, unit
from arasha.country.kernels_rows import (
    DAY_MS,
    HOUR_MS,
    contact,
    few,
    moment,
    pay_from_phone,
    popular,
    put,
    rounded,
    usual_place,
)
from arasha.events.kernels import inlined, kernel

_PAYMENT, _CALL, _SIM, _ACCOUNT = 1, 5, 6, 7  # events.schema.Kind
_API = 6  # place in events.schema.CHANNELS
_LOAN = 10  # place in happenings.PURPOSES
_SCHOOL, _BANK = 3, 12  # society.BusinessKind
# habits.Talk
_TO_CONTACT, _TO_BUSINESS, _TO_BANK, _BY_COURIER, _BY_DRIVER = 0, 1, 2, 3, 4
_TO_STRANGER, _ABROAD = 6, 7

_CALL_MS_MOST = 3 * HOUR_MS
_SHIFT = np.uint64(20)  # draws of one thing: its number, shifted, plus the number of the draw


@inlined
def put_call(rows, at, time, caller, callee, device, route, sort, key, draw, day):  # type: ignore[no-untyped-def]  # compiled
    """A row of a call, answered or not."""
    duration = 0
    if unit(key, draw) < day.answered[sort]:
        median, spread = day.talk_median[sort], day.talk_spread[sort]
        if sort == 0 and unit(key, draw + np.uint64(1)) < day.long_share:
            median, spread = day.long_median, 0.6
        seconds = lognormal(key, draw + np.uint64(2), median, spread)
        duration = min(_CALL_MS_MOST, max(1_000, int(seconds * 1_000.0)))
    return put(rows, at, time, _CALL, caller, callee, 0, device, -1, route, 0, 0, duration)


@kernel
def talk(rows, at, person, key, own, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """Calls made to people and businesses, and calls received from strangers at work."""
    active = 0.4 + 0.6 * np.float64(people.activity[person])
    talker = unit(own, np.uint64(3300))
    shift = np.int64(people.rhythm[person]) + day.later_min
    for sort in range(len(day.call_rate)):
        way = day.talk[sort]
        mean = day.call_rate[sort]
        if way in (_TO_CONTACT, _TO_STRANGER):
            mean *= active * (0.3 + 1.4 * talker)
        elif way == _ABROAD and people.abroad[person] < 0:
            continue
        base = np.uint64(sort + 1) << _SHIFT
        for n in range(few(mean, unit(key, base))):
            draw = base + np.uint64(16 * n + 1)
            mine = people.number[person]
            if people.second_number[person] >= 0 and unit(key, draw) < 0.2:
                mine = people.second_number[person]
            other, device, route, by_me = -1, -1, 0, True
            u = unit(key, draw + np.uint64(1))
            if way == _TO_CONTACT:
                other = people.number[contact(people, person, u)]
            elif way == _TO_STRANGER:
                other = people.number[np.int64(u * len(people.number))]
            elif way == _TO_BANK:
                bank = places.first[_BANK] + np.int64(people.bank[person])
                other = places.number[bank]
            elif way == _TO_BUSINESS:
                kind = 3 + below(key, draw + np.uint64(2), 6)
                other = places.number[usual_place(own, kind, key, draw + np.uint64(3), places, day)]
            elif way == _BY_COURIER:
                courier = places.couriers[np.int64(u * len(places.couriers))]
                other, by_me = people.number[courier], False
                device = people.device[courier]
            elif way == _BY_DRIVER:
                driver = places.drivers[np.int64(u * len(places.drivers))]
                other, by_me = people.number[driver], False
                device = people.device[driver]
            elif way == _ABROAD:
                at_place = (people.abroad[person] + np.int64(u * 3)) % len(places.abroad_numbers)
                other, route = places.abroad_numbers[at_place], 1
                by_me = unit(key, draw + np.uint64(2)) < 0.5
            else:
                by_me = False
                kind = np.int64(day.talk_kind[sort])
                first = places.first[kind]
                count = places.first[kind + 1] - first
                if kind == _SCHOOL and people.children[person] == 0:
                    continue
                if kind == _BANK and u < 0.6:
                    chosen = np.int64(people.bank[person])
                elif kind == _BANK:
                    chosen = np.int64((u - 0.6) / 0.4 * count)
                else:
                    chosen = popular(u, count, places.ln_count[kind])
                other = places.number[first + chosen]
            if other == mine:
                continue
            time = moment(
                day.hours, day.talk_hours[sort], shift if by_me else 0, key, draw + np.uint64(5)
            )
            if by_me:
                device = people.device[person]
                if route == 0 and unit(own, np.uint64(3301)) < day.roaming_share:
                    route = 2
            caller, callee = (mine, other) if by_me else (other, mine)
            at = put_call(
                rows, at, time, caller, callee, device, route, sort, key, draw + np.uint64(6), day
            )
    return at


@kernel
def change(rows, at, person, key, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """New phones, numbers, accounts, limits, loans. ``second`` is the person: habits.py gives out
    what is new and clears it.
    """
    u = unit(key, np.uint64(0))
    account, number, device = people.account[person], people.number[person], people.device[person]
    time = moment(day.hours, day.office, 0, key, np.uint64(1))
    minutes = np.int64((4.0 + 200.0 * unit(key, np.uint64(2))) * 60_000.0)
    later = min(DAY_MS - 1, time + minutes)
    edge = day.new_phone
    if u < edge:
        if unit(key, np.uint64(3)) < day.new_phone_new_sim:
            at = put(rows, at, time, _SIM, number, person, 0, device, -1, 1, 0, 0, 0)
        at = put(rows, at, later, _ACCOUNT, account, person, 0, device, number, 5, 0, 0, 0)
        if unit(key, np.uint64(4)) < day.new_phone_new_credentials:
            soon = min(DAY_MS - 1, later + 120_000)
            at = put(rows, at, soon, _ACCOUNT, account, person, 0, device, number, 3, 0, 0, 0)
        return at
    u -= edge
    if u < day.account_opened:
        if people.second_account[person] < 0:
            at = put(rows, at, time, _ACCOUNT, -1, person, 0, device, number, 0, 0, 0, 0)
        return at
    u -= day.account_opened
    if u < day.credentials_reset:
        return put(rows, at, time, _ACCOUNT, account, person, 0, device, number, 3, 0, 0, 0)
    u -= day.credentials_reset
    if u < day.limit_raised:
        return put(rows, at, time, _ACCOUNT, account, person, 0, device, number, 4, 0, 0, 0)
    u -= day.limit_raised
    if u < day.number_changed:
        at = put(rows, at, time, _SIM, -1, person, 0, device, -1, 0, 0, 0, 0)
        return put(rows, at, later, _ACCOUNT, account, person, 0, device, -1, 2, 0, 0, 0)
    u -= day.number_changed
    if u < day.sim_swapped:
        return put(rows, at, time, _SIM, number, person, 0, device, -1, 1, 0, 0, 0)
    u -= day.sim_swapped
    if u < day.ported:
        return put(rows, at, time, _SIM, number, person, 0, device, -1, 2, 0, 0, 0)
    u -= day.ported
    if u < day.loan and people.age[person] >= 1 and people.age[person] <= 4:
        lender = places.first[_BANK] + np.int64(people.bank[person])
        size = lognormal(
            key, np.uint64(5), np.float64(people.income[person]) * day.loan_median, 0.7
        )
        amount = rounded(size, key, np.uint64(6), 1.0)
        at = put(rows, at, time, _ACCOUNT, account, person, amount, device, number, 6, 0, 0, 0)
        soon = min(DAY_MS - 1, time + 60_000 + minutes // 10)
        at = put(
            rows, at, soon, _PAYMENT, places.account[lender], account, amount, -1,
            places.number[lender], _API, _LOAN, 0, 0,
        )  # fmt: skip
        if unit(key, np.uint64(8)) < 0.5 and later > soon:
            payee = people.account[below(key, np.uint64(9), len(people.account))]
            if payee != account:
                part = int(amount * (0.3 + 0.6 * unit(key, np.uint64(10)))) // 100_000
                at = pay_from_phone(
                    rows, at, later, person, payee, max(1, part) * 100_000, 0, people
                )
    return at


# What is compiled into this file from others: 5ef96733bd42bf60.
