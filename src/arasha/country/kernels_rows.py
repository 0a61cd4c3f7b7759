"""How the kernels of ordinary life write: rows, moments, amounts, ranks, and the order of a day.

In: keys and what is to be written. Out: rows (habits.Raw) and columns of Happenings.
"""

from __future__ import annotations

import numpy as np

from arasha.country.kernels_chance import exponential_of, mixed, unit
from arasha.events.kernels import inlined, kernel

_PAYMENT = 1  # events.schema.Kind
_MOBILE = 0  # place in events.schema.CHANNELS
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000

_USUAL_PLACES = 6
_LEAST = 50  # tenge; nothing costs less


@inlined
def put(  # type: ignore[no-untyped-def]  # compiled
    rows, at, time, kind, first, second, amount, device, number, code, purpose, marks, duration
):
    """Write a row if there is room; the next place. A full block is made again with more room."""
    if at < len(rows):
        row = rows[at]
        row.time = time
        row.kind = kind
        row.first = first
        row.second = second
        row.amount = amount
        row.device = device
        row.number = number
        row.code = code
        row.purpose = purpose
        row.marks = marks
        row.duration = duration
    return at + 1


@inlined
def rounded(tiyn, key, counter, share):  # type: ignore[no-untyped-def]  # compiled
    """An amount as people write it: whole tenge, and often whole hundreds or thousands."""
    tenge = max(_LEAST, int(tiyn) // 100)
    if unit(key, counter) < share:
        step = 1
        while step * 20 <= tenge:
            step *= 10
        half = step // 2 if step >= 10 and unit(key, counter + np.uint64(1)) < 0.5 else step
        tenge = max(half, (tenge + half // 2) // half * half)
    return tenge * 100


@inlined
def few(mean, u):  # type: ignore[no-untyped-def]  # compiled
    """A Poisson draw by its quantile; quick where it is nought."""
    if u < 1.0 - mean:
        return 0
    share = exponential_of(-mean)
    reached, count = share, 0
    while u >= reached and count < 60:
        count += 1
        share *= mean / count
        reached += share
    return count


@inlined
def moment(hours, profile, shift_min, key, counter):  # type: ignore[no-untyped-def]  # compiled
    """A moment of the day in ms: an hour of the profile, later by some minutes."""
    bits = mixed(key, counter)
    hour = np.int64(hours[profile, np.int64(bits >> np.uint64(54))])
    within = np.int64((bits >> np.uint64(10)) & np.uint64(0xFFFFFFFF)) % HOUR_MS
    return (hour * HOUR_MS + within + shift_min * MINUTE_MS) % DAY_MS


@inlined
def popular(u, count, ln_count):  # type: ignore[no-untyped-def]  # compiled
    """A rank by Zipf's law with exponent 1: density 1 / rank."""
    return min(count - 1, np.int64(exponential_of(u * ln_count)) - 1 if count > 1 else 0)


@inlined
def usual_place(own, kind, key, counter, places, day):  # type: ignore[no-untyped-def]  # compiled
    """A business of a kind: mostly one of the person's few usual ones, else any by popularity."""
    first, count = places.first[kind], places.first[kind + 1] - places.first[kind]
    u = unit(key, counter)
    if u < day.favourites_share:
        v = u / day.favourites_share
        slot = np.int64(v * v * _USUAL_PLACES)
        u = unit(own, np.uint64(1000 + kind * 16 + slot))
    else:
        u = (u - day.favourites_share) / (1.0 - day.favourites_share)
    return first + popular(u, count, places.ln_count[kind])


@inlined
def contact(people, person, u):  # type: ignore[no-untyped-def]  # compiled
    """One of those the person knows, mostly a close one; the person if there is nobody."""
    first = people.contact_start[person]
    count = people.contact_start[person + 1] - first
    if count == 0:
        return person
    return people.contacts[first + np.int64(u * u * u * count)]


@inlined
def pay_from_phone(rows, at, time, person, payee, amount, purpose, people):  # type: ignore[no-untyped-def]  # compiled
    """A row of a payment from the person's main account in the bank's app."""
    return put(
        rows, at, time, _PAYMENT, people.account[person], payee, amount, people.device[person],
        people.number[person], _MOBILE, purpose, 0, 0,
    )  # fmt: skip


@kernel
def order_by_time(rows):  # type: ignore[no-untyped-def]  # compiled
    """int32[n]: the rows by time of the day, equal times in their order (radix sort)."""
    n = len(rows)
    order, other = np.empty(n, np.int32), np.empty(n, np.int32)
    for i in range(n):
        order[i] = i
    for turn in range(3):
        shift = 9 * turn
        starts = np.zeros(513, np.int64)
        for i in range(n):
            starts[((rows[i].time >> shift) & 511) + 1] += 1
        for digit in range(512):
            starts[digit + 1] += starts[digit]
        for i in range(n):
            row = order[i]
            digit = (rows[row].time >> shift) & 511
            other[starts[digit]] = row
            starts[digit] += 1
        order, other = other, order
    return order


@kernel
def laid_out(rows, order, start_ms, columns):  # type: ignore[no-untyped-def]  # compiled
    """Fill columns with the rows in that order."""
    for i in range(len(order)):
        row = rows[order[i]]
        columns.time_ms[i] = start_ms + row.time
        columns.kind[i] = row.kind
        columns.first[i] = row.first
        columns.second[i] = row.second
        columns.amount[i] = row.amount
        columns.device[i] = row.device
        columns.number[i] = row.number
        columns.code[i] = row.code
        columns.purpose[i] = row.purpose
        columns.marks[i] = row.marks
        columns.duration_ms[i] = row.duration


# What is compiled into this file from others: 7b92a6824233e5f4.
