"""The walk: payments are looked at in the order of the log, and no more often than the bounds."""

from __future__ import annotations

from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of


def test_a_busy_account_is_left_and_said_to_be() -> None:
    """After so many payments of one account it is watched no longer; the rest goes on."""
    shop = [Transfer(20 + n, 2, 10 + n, 5) for n in range(50)]
    history = [
        Transfer(0, 1, 1, 1_000), Transfer(1, 2, 2, 500), *shop, Transfer(1, 3, 90, 400),
        Transfer(3, 4, 95, 400),
    ]  # fmt: skip
    bounds = Bounds(least_amount_minor=1, looks_at_account_most=10)

    trace = Tracer(arena_of(history), bounds).trace([0])

    assert 1 == trace.cuts.looks_at_account
    assert [False, True, False, False] == [one.cut_by_looks for one in trace.accounts]
    assert 400 == trace.accounts[3].money.there.fifo
    assert trace.looked_at < 20


def test_looks_in_all_end_a_trace() -> None:
    """The trace ends there and says so."""
    history = [Transfer(n, n + 1, n, 1_000) for n in range(40)]
    bounds = Bounds(least_amount_minor=1, hops_most=60, looks_at_account_most=12, looks_most=12)

    trace = Tracer(arena_of(history), bounds).trace([0])

    assert trace.cuts.looks
    assert 12 == trace.looked_at == len(trace.payments)


def test_payments_stand_in_the_order_of_the_log() -> None:
    """Over however many accounts at once."""
    split = [Transfer(1, 2 + n % 9, 2 + n, 20) for n in range(30)]
    onward = [Transfer(2 + n % 9, 30 + n, 40 + n, 15) for n in range(30)]
    trace = Tracer(
        arena_of([Transfer(0, 1, 1, 600), *split, *onward]), Bounds(least_amount_minor=1)
    ).trace([0])

    ordinals = [one.ordinal for one in trace.payments]
    assert sorted(ordinals) == ordinals
    assert 61 == len(ordinals)
