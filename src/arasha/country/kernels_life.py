"""What the world does to a slice of happenings, row by row, compiled.

In: the columns of a slice in time order, and what the world remembers of accounts and numbers. Out:
which payments can be afforded, what banks' apps and operators know at each payment, what became of
each payment. Money is only ever moved between two places, so its sum never changes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import ACTIVE_CALL, CREDENTIALS_CHANGED, NEW_DEVICE
from arasha.country.kernels_chance import mixed, unit
from arasha.events.kernels import inlined, kernel
from arasha.events.schema import ACCOUNT_CHANGES, CHANNELS, SIGNAL_CLASSES, SIM_CHANGES, Kind

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

MOVED, SHORT, STOPPED, HELD, BLOCKED, RELEASED, REFUSED = range(7)
"""What became of a payment: at once, and of one that was held, after its review."""

ALLOW, WARN, HOLD, BLOCK = range(4)
"""What a judge says about a payment."""

LAST_PAYEES: Final = 8
"""Payees an account is familiar with: the last so many, and the owner's contacts."""

LAST_CALLERS: Final = 4
"""Numbers a number is familiar with: the last so many it talked to on an earlier day (UTC), and
the owner's contacts.
"""

LAST_STRANGERS: Final = 3
"""First-time callers within the hour that make an operator say "several"."""

LONG_AGO_MS: Final = -(2**62)

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS
_UNDER_10_MS: Final = 600_000
_UNDER_30_MS: Final = 1_800_000

_PAYMENT, _CALL = np.uint8(Kind.PAYMENT), np.uint8(Kind.CALL)
_SIM_CHANGE, _ACCOUNT_CHANGE = np.uint8(Kind.SIM_CHANGE), np.uint8(Kind.ACCOUNT_CHANGE)
_MOBILE, _WEB = CHANNELS.index("mobile"), CHANNELS.index("web")
_SWAPPED, _PORTED_IN = SIM_CHANGES.index("swapped"), SIM_CHANGES.index("ported_in")
_CREDENTIALS_RESET = ACCOUNT_CHANGES.index("credentials_reset")
_DEVICE_ADDED = ACCOUNT_CHANGES.index("device_added")
_NOTHING = SIGNAL_CLASSES.index("none")
_ON_CALL = SIGNAL_CLASSES.index("on_call_under_10_min_familiar")
_WITHIN_DAY = SIGNAL_CLASSES.index("changed_within_day")
_WITHIN_WEEK = SIGNAL_CLASSES.index("changed_within_week")
_SEVERAL = SIGNAL_CLASSES.index("several_first_time_callers")

ASKED: Final = 3
"""Signals asked about a payment: call_risk, sim_swap, new_callers, in this order."""


class Slice(NamedTuple):
    """The columns of a slice that the kernels read (and ``marks``, which they set)."""

    time_ms: Ints
    kind: Bytes
    first: Indices
    second: Indices
    amount: Ints
    device: Indices
    code: Bytes
    marks: Bytes
    duration_ms: Ints
    script: Indices


class AccountMemory(NamedTuple):
    """What the world keeps of each account."""

    private: Bytes  # 1: a person's; it is never overdrawn
    asked: Bytes  # 1: banks ask about payments to it: a person's, abroad, or an exchange's
    person: Indices  # whose, -1: nobody's
    bank: Bytes
    number: Indices  # the number its bank knows
    balance: Ints  # can be spent, tiyn
    reserved: Ints  # held, tiyn
    payees: Indices  # [n, LAST_PAYEES]
    payees_next: Bytes
    devices: Indices  # [n, 2], the newest first
    device_ms: Ints  # since when the newest is known
    credentials_ms: Ints


class NumberMemory(NamedTuple):
    """What the operators know of each number."""

    person: Indices
    call_starts: Ints
    call_ends: Ints
    call_strange: Bytes
    callers: Indices  # [n, LAST_CALLERS]
    callers_day: Indices  # since which day
    callers_next: Bytes
    strangers_ms: Ints  # [n, LAST_STRANGERS], when first-time callers called, the newest first
    stranger: Indices  # the last of them
    sim_ms: Ints


class Acquaintances(NamedTuple):
    """Who knows whom: the contacts of person p are targets[starts[p]:starts[p + 1]]."""

    starts: Ints
    targets: Indices


class Asking(NamedTuple):
    """Of which payments a bank asks the operators: from ``least`` on to an unfamiliar payee, from
    ``large`` on to anybody, tiyn; ``banks`` 1 for those that ask.
    """

    banks: Bytes
    least: int
    large: int


@inlined
def draw_of(key, time_ms, first, second, amount):  # type: ignore[no-untyped-def]  # compiled
    """64 bits that name a payment whatever its place among others: chance about it hangs on them,
    so that two runs that differ elsewhere agree about it.
    """
    parties = (np.uint64(first) << np.uint64(32)) ^ np.uint64(np.uint32(second))
    return mixed(mixed(np.uint64(key) ^ parties, np.uint64(time_ms)), np.uint64(amount))


@kernel
def draws(key, rows, time_ms, first, second, amount, out):  # type: ignore[no-untyped-def]  # compiled
    """``draw_of`` each of the rows."""
    for k in range(len(rows)):
        i = rows[k]
        out[k] = draw_of(key, time_ms[i], first[i], second[i], amount[i])


@kernel
def units(keys, counter, out):  # type: ignore[no-untyped-def]  # compiled
    """A number from [0, 1) for each key."""
    for i in range(len(keys)):
        out[i] = unit(keys[i], counter)


@kernel
def afford(rows, accounts, key, attempt_share, keep):  # type: ignore[no-untyped-def]  # compiled
    """Which rows happen at all: ordinary payments that cannot be afforded mostly do not.

    Plays the slice through as if every payment moved, then takes all of it back. ``keep`` uint8[n].
    """
    n = len(rows.kind)
    moved = np.zeros(n, np.uint8)
    for i in range(n):
        keep[i] = 1
        if rows.kind[i] != _PAYMENT:
            continue
        payer, amount = rows.first[i], rows.amount[i]
        if accounts.private[payer] and accounts.balance[payer] < amount:
            if rows.script[i] < 0:
                draw = draw_of(key, rows.time_ms[i], payer, rows.second[i], amount)
                keep[i] = 1 if unit(draw, 1) < attempt_share else 0
            continue
        accounts.balance[payer] -= amount
        accounts.balance[rows.second[i]] += amount
        moved[i] = 1
    for i in range(n):
        if moved[i]:
            accounts.balance[rows.first[i]] += rows.amount[i]
            accounts.balance[rows.second[i]] -= rows.amount[i]


@inlined
def _acquainted(known, one, other):  # type: ignore[no-untyped-def]  # compiled
    if one < 0 or other < 0:
        return False
    if one == other:
        return True
    for at in range(known.starts[one], known.starts[one + 1]):  # noqa: SIM110 - numba knows no any
        if known.targets[at] == other:
            return True
    return False


@inlined
def _heard_of(ring, row, value):  # type: ignore[no-untyped-def]  # compiled
    for k in range(ring.shape[1]):  # noqa: SIM110 - the same
        if ring[row, k] == value:
            return True
    return False


@inlined
def _remember(ring, following, row, value):  # type: ignore[no-untyped-def]  # compiled
    if not _heard_of(ring, row, value):
        ring[row, following[row]] = value
        following[row] = (following[row] + 1) % ring.shape[1]


@inlined
def _talked_before(numbers, row, other, now):  # type: ignore[no-untyped-def]  # compiled
    for k in range(LAST_CALLERS):
        if numbers.callers[row, k] == other:
            return numbers.callers_day[row, k] < now // _DAY_MS
    return False


@inlined
def _talk(numbers, row, other, now):  # type: ignore[no-untyped-def]  # compiled
    if not _heard_of(numbers.callers, row, other):
        numbers.callers_day[row, numbers.callers_next[row]] = now // _DAY_MS
        _remember(numbers.callers, numbers.callers_next, row, other)


@inlined
def _call(i, rows, numbers, known):  # type: ignore[no-untyped-def]  # compiled
    caller, callee, now = rows.first[i], rows.second[i], rows.time_ms[i]
    strange = not (
        _talked_before(numbers, callee, caller, now)
        or _acquainted(known, numbers.person[callee], numbers.person[caller])
    )
    if strange and numbers.stranger[callee] != caller:
        numbers.stranger[callee] = caller
        for k in range(LAST_STRANGERS - 1, 0, -1):
            numbers.strangers_ms[callee, k] = numbers.strangers_ms[callee, k - 1]
        numbers.strangers_ms[callee, 0] = now
    ends = now + rows.duration_ms[i]
    if rows.duration_ms[i] > 0:
        for party in (caller, callee):
            if numbers.call_ends[party] < ends:
                numbers.call_starts[party] = now
                numbers.call_ends[party] = ends
                numbers.call_strange[party] = strange
        _talk(numbers, callee, caller, now)
        _talk(numbers, caller, callee, now)


@inlined
def _add_device(accounts, account, device, now):  # type: ignore[no-untyped-def]  # compiled
    if device >= 0 and not _heard_of(accounts.devices, account, device):
        accounts.devices[account, 1] = accounts.devices[account, 0]
        accounts.devices[account, 0] = device
        accounts.device_ms[account] = now


@inlined
def _marks(i, rows, accounts, numbers):  # type: ignore[no-untyped-def]  # compiled
    account, now, device = rows.first[i], rows.time_ms[i], rows.device[i]
    marks = rows.marks[i]
    _add_device(accounts, account, device, now)
    newest = device >= 0 and accounts.devices[account, 0] == device
    if newest and now - accounts.device_ms[account] < _DAY_MS:
        marks |= NEW_DEVICE
    number = accounts.number[account]
    if number >= 0 and numbers.call_ends[number] > now:
        marks |= ACTIVE_CALL
    if now - accounts.credentials_ms[account] < _DAY_MS:
        marks |= CREDENTIALS_CHANGED
    rows.marks[i] = marks


@inlined
def _answers(number, now, numbers, out):  # type: ignore[no-untyped-def]  # compiled
    out[0], out[1], out[2] = _NOTHING, _NOTHING, _NOTHING
    if numbers.call_ends[number] > now:
        lasted = now - numbers.call_starts[number]
        length = 0 if lasted < _UNDER_10_MS else (1 if lasted < _UNDER_30_MS else 2)
        out[0] = _ON_CALL + 2 * length + numbers.call_strange[number]
    since = now - numbers.sim_ms[number]
    if since < _DAY_MS:
        out[1] = _WITHIN_DAY
    elif since < _WEEK_MS:
        out[1] = _WITHIN_WEEK
    if now - numbers.strangers_ms[number, LAST_STRANGERS - 1] < _HOUR_MS:
        out[2] = _SEVERAL


@kernel
def sense(rows, accounts, numbers, known, asking, asked, answers):  # type: ignore[no-untyped-def]  # compiled
    """Set the marks of payments, and answer banks' questions about some of them.

    ``asked`` int64[n] gets the rows of the payments asked about, ``answers`` uint8[n, ASKED] the
    classes; returns how many.
    """
    count = 0
    for i in range(len(rows.kind)):
        kind, now = rows.kind[i], rows.time_ms[i]
        if kind == _CALL:
            _call(i, rows, numbers, known)
        elif kind == _SIM_CHANGE:
            if rows.code[i] == _SWAPPED or rows.code[i] == _PORTED_IN:
                numbers.sim_ms[rows.first[i]] = now
        elif kind == _ACCOUNT_CHANGE:
            if rows.code[i] == _CREDENTIALS_RESET:
                accounts.credentials_ms[rows.first[i]] = now
            elif rows.code[i] == _DEVICE_ADDED:
                _add_device(accounts, rows.first[i], rows.device[i], now)
        elif kind == _PAYMENT:
            payer, payee, channel = rows.first[i], rows.second[i], rows.code[i]
            if not accounts.private[payer] or (channel != _MOBILE and channel != _WEB):
                continue
            _marks(i, rows, accounts, numbers)
            if not accounts.asked[payee]:
                continue
            familiar = _heard_of(accounts.payees, payer, payee) or _acquainted(
                known, accounts.person[payer], accounts.person[payee]
            )
            _remember(accounts.payees, accounts.payees_next, payer, payee)
            least = asking.large if familiar else asking.least
            number = accounts.number[payer]
            if asking.banks[accounts.bank[payer]] and rows.amount[i] >= least and number >= 0:
                asked[count] = i
                _answers(number, now, numbers, answers[count])
                count += 1
    return count


@kernel
def settle(rows, payments, actions, gives_up, accounts, became):  # type: ignore[no-untyped-def]  # compiled
    """What becomes of each payment, in time order; moves or reserves its money.

    ``payments`` int64[m] are their rows, ``actions`` uint8[m] what the judge says, ``gives_up``
    uint8[m] whether the payer would stop when warned; ``became`` uint8[m] is the result.
    """
    for k in range(len(payments)):
        i = payments[k]
        payer, amount, action = rows.first[i], rows.amount[i], actions[k]
        if action == BLOCK:
            became[k] = BLOCKED
        elif action == WARN and gives_up[k]:
            became[k] = STOPPED
        elif accounts.private[payer] and accounts.balance[payer] < amount:
            became[k] = SHORT
        elif action == HOLD:
            accounts.balance[payer] -= amount
            accounts.reserved[payer] += amount
            became[k] = HELD
        else:
            accounts.balance[payer] -= amount
            accounts.balance[rows.second[i]] += amount
            became[k] = MOVED


# What is compiled into this file from others: 7b92a6824233e5f4.
