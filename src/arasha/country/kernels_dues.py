"""What comes by the month and the year: pay, pensions, allowances, rent, bills, fees, feasts.

In: as kernels_habits.py. Out: rows.
"""

from __future__ import annotations

import numpy as np

from arasha.country.kernels_chance import below, exponential_of, lognormal, normal_quantile, unit
from arasha.country.kernels_rows import moment, pay_from_phone, popular, put, rounded
from arasha.events.kernels import inlined, kernel

_PAYMENT = 1  # events.schema.Kind
_API = 6  # place in events.schema.CHANNELS
# Places in happenings.PURPOSES
_SALARY, _PENSION, _BENEFIT, _RENT, _STUDY, _BILL, _LOAN, _GIFT = 1, 2, 3, 4, 8, 9, 10, 12
# society.Status
_EMPLOYED, _PENSIONER, _STUDENT, _ON_BENEFIT = 0, 1, 2, 4
# society.BusinessKind
_UTILITY, _SCHOOL, _BANK, _STATE = 2, 3, 12, 15


@inlined
def monthly(day, own, what, first, last):  # type: ignore[no-untyped-def]  # compiled
    """Whether a person's own day of the month for something, first … last, is today."""
    return day.month_day == first + below(own, np.uint64(3000 + what), last - first + 1)


@kernel
def dues(rows, at, person, key, own, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """What comes and goes by the month: pay, pensions, allowances, rent, bills, loans, fees."""
    at = pay(rows, at, person, key, people, places, day)
    shift = np.int64(people.rhythm[person]) + day.later_min
    giver = people.supporter[person]
    if giver >= 0 and below(own, np.uint64(3100), 7) == day.weekday:
        time = moment(day.hours, day.transfer, shift, key, np.uint64(22))
        at = pay_from_phone(
            rows, at, time, giver, people.account[person], people.allowance[person], 0, people
        )
    if people.landlord[person] >= 0 and monthly(day, own, 0, 1, 10):
        said = unit(own, np.uint64(3103)) < day.rent_said_share
        time = moment(day.hours, day.transfer, shift, key, np.uint64(24))
        at = pay_from_phone(
            rows, at, time, person, people.landlord[person], people.rent[person],
            _RENT if said else 0, people,
        )  # fmt: skip
    head = person == 0 or people.household[person] != people.household[person - 1]
    if head:
        for bill in range(day.utility_bills):
            if monthly(day, own, 1 + bill, 5, 25):
                count = places.first[_UTILITY + 1] - places.first[_UTILITY]
                rank = popular(unit(own, np.uint64(3110 + bill)), count, places.ln_count[_UTILITY])
                size = day.utility_median * exponential_of(
                    day.utility_spread
                    * (0.8 * normal_quantile(unit(own, np.uint64(3120 + bill)))
                       + 0.6 * normal_quantile(unit(key, np.uint64(26 + bill))))
                )  # fmt: skip
                time = moment(day.hours, day.transfer, shift, key, np.uint64(34 + bill))
                at = pay_from_phone(
                    rows, at, time, person, places.account[places.first[_UTILITY] + rank],
                    max(10_000, np.int64(size)), _BILL, people,
                )  # fmt: skip
        learns = people.children[person] > 0 and day.term == 1
        learns = learns and unit(own, np.uint64(3130)) < day.school_fee_share
        if learns and monthly(day, own, 8, 1, 10):
            count = places.first[_SCHOOL + 1] - places.first[_SCHOOL]
            school = places.account[places.first[_SCHOOL] + below(own, np.uint64(3131), count)]
            size = lognormal(own, np.uint64(3132), day.school_median, day.school_spread)
            amount = rounded(size * people.children[person], own, np.uint64(3133), 1.0)
            time = moment(day.hours, day.transfer, shift, key, np.uint64(42))
            at = pay_from_phone(rows, at, time, person, school, amount, _STUDY, people)
    if people.loan[person] > 0 and monthly(day, own, 9, 5, 28):
        lender = places.account[places.first[_BANK] + np.int64(people.bank[person])]
        time = moment(day.hours, day.office, 0, key, np.uint64(44))
        at = pay_from_phone(
            rows, at, time, person, lender, people.loan[person] // 100 * 100, _LOAN, people
        )
    remits = people.abroad[person] >= 0 and unit(own, np.uint64(3140)) < day.remitter_share
    if remits and monthly(day, own, 10, 3, 28):
        part = day.remittance_part * (0.6 + 0.8 * unit(key, np.uint64(46)))
        amount = rounded(people.income[person] * part, key, np.uint64(47), 0.9)
        time = moment(day.hours, day.transfer, shift, key, np.uint64(49))
        at = pay_from_phone(rows, at, time, person, people.abroad[person], amount, 0, people)
    return at


@kernel
def pay(rows, at, person, key, people, places, day):  # type: ignore[no-untyped-def]  # compiled
    """Salary (in one part or two), pension, scholarship, benefit; an employer pays all at once."""
    status = people.status[person]
    payday = np.int64(people.payday[person])
    part, source, purpose = 0.0, -1, _SALARY
    if status == _EMPLOYED:
        employer = int(people.employer[person])
        halfway = (payday + 14) % 30 + 1
        if day.pays[payday] == 1:
            part = 0.6 if places.advance[employer] == 1 else 1.0
        elif places.advance[employer] == 1 and day.pays[halfway] == 1:
            part = 0.4
        source = employer
    elif status in (_PENSIONER, _STUDENT, _ON_BENEFIT) and (day.pays[payday] == 1):
        part = 1.0
        purpose = _PENSION if status == _PENSIONER else _BENEFIT
        source = places.first[_STATE] + np.int64(status == _PENSIONER)
    if part == 0.0:
        return at
    hours = 9.0 + 8.0 * unit(day.pay_key, np.uint64(source))
    if status != _EMPLOYED:
        hours = 6.0 + 5.0 * unit(key, np.uint64(1))
    time = np.int64((hours + 0.25 * unit(key, np.uint64(2))) * 3_600_000.0)
    noise = 0.97 + 0.06 * unit(key, np.uint64(3)) if status == _EMPLOYED else 1.0
    own_income = people.income[person] - people.allowance[person] * 43 // 10
    amount = max(1_000_000, np.int64(own_income * part * noise) // 100 * 100)
    return put(
        rows, at, time, _PAYMENT, places.account[source], people.account[person], amount, -1,
        places.number[source], _API, purpose, 0, 0,
    )  # fmt: skip


@kernel
def feasts(rows, at, person, key, own, people, day):  # type: ignore[no-untyped-def]  # compiled
    """A birthday or a wedding: many of those who know the person send money."""
    share, median = 0.0, 0.0
    if below(own, np.uint64(3200), 365) == day.year_day % 365:
        share, median = day.birthday_share * 2.0 * unit(own, np.uint64(3201)), day.birthday_gift
    elif day.wedding_rate > 0.0 and unit(key, np.uint64(0)) < day.wedding_rate:
        share, median = day.wedding_share, day.wedding_gift
    if share == 0.0:
        return at
    first = people.contact_start[person]
    for place in range(first, people.contact_start[person + 1]):
        draw = np.uint64(16 * (place - first + 1))
        guest = people.contacts[place]
        if unit(key, draw) >= share:
            continue
        amount = rounded(
            lognormal(key, draw + np.uint64(1), median, 0.6), key, draw + np.uint64(2), 1.0
        )
        shift = np.int64(people.rhythm[guest])
        time = moment(day.hours, day.transfer, shift, key, draw + np.uint64(4))
        purpose = _GIFT if unit(key, draw + np.uint64(5)) < 0.2 else 0
        at = pay_from_phone(rows, at, time, guest, people.account[person], amount, purpose, people)
    return at


# What is compiled into this file from others: 5ef96733bd42bf60.
