"""An ordinary day of a block of people: a pure function of the day's key, the people and the day.

In: tables of the society and of the day (habits.py makes them). Out: rows in no order of time.
A person's draws depend on the day and the person alone, so blocks can be made in any order and by
any number of threads. Here: spending; kernels_dues.py has what comes by the month and the year,
kernels_talk.py calls and changes.
"""

from __future__ import annotations

import numpy as np

from arasha.country.kernels_chance import below, exponential_of, lognormal, mixed, unit
from arasha.country.kernels_dues import dues, feasts
from arasha.country.kernels_rows import DAY_MS, contact, few, moment, put, rounded, usual_place
from arasha.country.kernels_talk import change, talk
from arasha.events.kernels import inlined, kernel
from arasha.features.machine import natural_log

_PAYMENT = 1  # events.schema.Kind
_MOBILE, _WEB, _ATM = 0, 1, 3  # places in events.schema.CHANNELS
_REMOTE = 2  # happenings.REMOTE_ACCESS
_ONLINE = 10  # society.BusinessKind
# habits.Target
_AT_BUSINESS, _AT_SELLER, _AT_DRIVER, _AT_CONTACT = 0, 1, 2, 3
_AT_OWN, _AT_ATM, _AT_CRYPTO, _AT_LARGE = 5, 6, 7, 8

_SHIFT = np.uint64(20)  # draws of one thing: its number, shifted, plus the number of the draw


@kernel
def block(rows, first, last, day_key, own_key, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """Write the day of the people first … last − 1; how many rows it takes, fit or not."""
    at = 0
    for person in range(first, last):
        key = mixed(day_key, np.uint64(person))
        own = mixed(own_key, np.uint64(person))
        at = spend(rows, at, person, key, own, people, places, day)
        at = dues(rows, at, person, mixed(key, np.uint64(1)), own, people, places, day)
        at = feasts(rows, at, person, mixed(key, np.uint64(2)), own, people, day)
        at = talk(rows, at, person, mixed(key, np.uint64(3)), own, people, places, day)
        at = change(rows, at, person, mixed(key, np.uint64(4)), people, places, day)
    return at


@inlined
def usual_person(own, some, what, key, counter, day):  # type: ignore[no-untyped-def]  # compiled
    """One of a row of people who are paid in private: mostly one of a few usual ones."""
    u = unit(key, counter)
    if u < day.favourites_share * 0.75:
        v = u / (day.favourites_share * 0.75)
        u = unit(own, np.uint64(2000 + what * 16 + np.int64(v * 5)))
    else:
        u = (u - day.favourites_share * 0.75) / (1.0 - day.favourites_share * 0.75)
    return some[min(len(some) - 1, np.int64(u * u * len(some)))]


@inlined
def payee_of(target, kind, person, own, key, counter, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """The account that a payment of that sort goes to; -1: nobody is there."""
    if target == _AT_BUSINESS:
        return places.account[usual_place(own, kind, key, counter, places, day)]
    if target == _AT_CONTACT:
        return people.account[contact(people, person, unit(key, counter))]
    if target == _AT_SELLER:
        return people.account[usual_person(own, places.sellers, 0, key, counter, day)]
    if target == _AT_DRIVER:
        return people.account[usual_person(own, places.drivers, 1, key, counter, day)]
    if target == _AT_OWN:
        return people.second_account[person]
    if target == _AT_ATM:
        return places.account[usual_place(own, kind, key, counter, places, day)]
    if target == _AT_CRYPTO:
        if unit(own, np.uint64(31)) >= 0.02:
            return -1
        return places.account[usual_place(own, kind, key, counter, places, day)]
    if target == _AT_LARGE and unit(key, counter + np.uint64(1)) < 0.5:
        return places.account[usual_place(own, _ONLINE, key, counter, places, day)]
    return people.account[below(key, counter, len(people.account))]


@inlined
def taste(own, flow):  # type: ignore[no-untyped-def]  # compiled
    """How much a person likes a sort of spending: 0 … 3, mean 1."""
    u = unit(own, np.uint64(flow))
    return u * u * 3.0


@kernel
def wealth_of(person, own, people, day):  # type: ignore[no-untyped-def]  # compiled
    """Factor of all amounts, so that what a person is likely to spend is what there is to spend.

    The rich spend less than all of it: above 1, with the elasticity ``income_power``.
    """
    income = np.float64(people.income[person])
    left = max(day.least_part * income, day.spent_part * income - people.burden[person])
    cost = 0.0
    for flow in range(len(day.cost)):
        trades = day.target[flow] != _AT_CRYPTO or unit(own, np.uint64(31)) < 0.02
        if trades:
            cost += day.cost[flow] * taste(own, flow)
    wealth = left / (30.4 * max(0.02, np.float64(people.activity[person])) * cost)
    if wealth > 1.0:
        wealth = exponential_of(day.income_power * natural_log(wealth))
    return min(wealth, 25.0)


@kernel
def spend(rows, at, person, key, own, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """Purchases, transfers, cash: each sort as often as the day, the person and habit make it."""
    wealth = wealth_of(person, own, people, day)
    since = (day.month_day - np.int64(people.payday[person])) % 30
    lift = 1.0 + day.payday_lift * (0.5 - since / 30.0)
    active = np.float64(people.activity[person]) * lift
    second = people.second_account[person]
    shift = np.int64(people.rhythm[person]) + day.later_min
    for flow in range(len(day.rate)):
        mean = day.rate[flow] * active * taste(own, flow)
        target = day.target[flow]
        if target == _AT_OWN and second < 0:
            continue
        base = np.uint64(flow + 1) << _SHIFT
        times = few(mean, unit(key, base))
        for n in range(times):
            draw = base + np.uint64(16 * n + 1)
            account = people.account[person]
            twice = second >= 0 and target != _AT_OWN
            if twice and unit(key, draw) < day.second_account_use:
                account = second
            payee = payee_of(
                target, day.kind[flow], person, own, key, draw + np.uint64(1), people, places, day
            )
            if target == _AT_OWN and unit(key, draw + np.uint64(15)) < 0.5:
                account, payee = payee, account
            if payee < 0 or payee == account:
                continue
            size = lognormal(key, draw + np.uint64(3), day.median[flow] * wealth, day.spread[flow])
            profile = day.profile[flow]
            if day.eats[flow] == 1 and unit(key, draw + np.uint64(6)) < day.evening_share:
                profile = day.evening
            time = moment(day.hours, profile, shift, key, draw + np.uint64(4))
            channel = int(day.channel[flow])
            share = day.round_share if channel in (_MOBILE, _ATM) else 0.1
            if channel == _ATM:
                amount = max(1, int(size / 100_000.0 + 0.5)) * 100_000
            else:
                amount = rounded(size, key, draw + np.uint64(7), share)
            device, marks = -1, 0
            if channel == _MOBILE:
                device = people.device[person]
                if unit(key, draw + np.uint64(9)) < day.web_share:
                    channel = _WEB
                if unit(key, draw + np.uint64(10)) < day.remote_access_share:
                    marks = _REMOTE
            at = put(
                rows, at, time, _PAYMENT, account, payee, amount, device, people.number[person],
                channel, day.purpose[flow], marks, 0,
            )  # fmt: skip
            if target == _AT_BUSINESS and unit(key, draw + np.uint64(11)) < day.second_buy_share:
                later = time + np.int64((3.0 + 55.0 * unit(key, draw + np.uint64(12))) * 60_000.0)
                other = payee_of(
                    target, day.kind[flow], person, own, key, draw + np.uint64(13), people, places,
                    day,
                )  # fmt: skip
                if later < DAY_MS and other != payee:
                    part = 0.15 + 0.9 * unit(key, draw + np.uint64(14))
                    at = put(
                        rows, at, later, _PAYMENT, account, other,
                        max(100, np.int64(amount * part) // 100 * 100), -1, people.number[person],
                        channel, day.purpose[flow], 0, 0,
                    )  # fmt: skip
    return at


# What is compiled into this file from others: b5c1e4e0518c2290.
