"""Counting what happened, one pass over the rows of a slice.

In: columns of a slice. Out: counts and sums added to the tables of portrait.py.
"""

from __future__ import annotations

import numpy as np

from arasha.events.kernels import kernel

_PAYMENT, _CALL = 1, 5  # events.schema.Kind
_MOBILE, _WEB, _ATM, _API = 0, 1, 3, 6  # places in events.schema.CHANNELS
_BUSINESS, _CASH_MACHINE, _ABROAD = 1, 2, 3  # society.AccountKind
_FRAUD = 1  # happenings.FRAUD
_HOUR_MS = 3_600_000
# Places in portrait.GROUPS
_PURCHASE, _TRANSFER, _BILL, _CASH, _PAY = 0, 1, 2, 3, 4


@kernel
def group_of(channel, payer_kind, payee_kind):  # type: ignore[no-untyped-def]  # compiled
    """The place in portrait.GROUPS of a payment."""
    if channel == _ATM:
        return _CASH
    if channel == _API or payer_kind != 0:
        return _PAY
    if channel == _MOBILE or channel == _WEB:  # noqa: SIM109 - a tuple is slower here
        return _TRANSFER if payee_kind in (0, _ABROAD) else _BILL
    return _PURCHASE


@kernel
def count_rows(rows, moved, account_kind, free, local_midnight_ms, size_edges, length_edges, into):  # type: ignore[no-untyped-def]  # compiled  # fmt: skip
    """Add the rows of a slice to ``into`` (portrait._Counts); ``moved`` is by payment, in order."""
    payment = 0
    for i in range(len(rows.kind)):
        kind = rows.kind[i]
        into.kinds[kind] += 1
        hour = (rows.time_ms[i] - local_midnight_ms) // _HOUR_MS
        if kind == _CALL:
            into.hours[1, free, hour] += 1
            length = rows.duration_ms[i]
            place = 0 if length == 0 else 1 + np.searchsorted(length_edges, length, side="right")
            into.lengths[place] += 1
        elif kind == _PAYMENT:
            went = moved[payment]
            payment += 1
            if not went:
                into.not_moved[0] += 1
                continue
            payer, payee, amount = rows.first[i], rows.second[i], rows.amount[i]
            group = group_of(rows.code[i], account_kind[payer], account_kind[payee])
            into.hours[0, free, hour] += 1
            into.counts[group] += 1
            into.sums[group] += amount
            into.sizes[group, np.searchsorted(size_edges, amount, side="right")] += 1
            if account_kind[payer] == 0:
                into.paid[payer] += 1
            if account_kind[payee] == 0:
                into.received[payee] += 1
