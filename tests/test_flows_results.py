"""Records of a trace: stays of one account are added up, payments point at accounts."""

from __future__ import annotations

from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of, token


def test_two_stays_of_an_account_are_one_account() -> None:
    """Money that came again after the window: one line, with both."""
    history = [Transfer(0, 1, 0, 100), Transfer(1, 2, 1, 40), Transfer(0, 1, 500, 70)]
    bounds = Bounds(least_amount_minor=1, hop_window_ms=10)

    trace = Tracer(arena_of(history), bounds).trace([0, 2])

    mule, second = trace.accounts
    assert token(1).tobytes().hex() == mule.token
    assert (170, 130, 40) == (
        mule.money.received.fifo, mule.money.there.fifo, mule.money.passed.fifo
    )  # fmt: skip
    assert (0, 510) == (mule.since_ms, mule.until_ms)
    assert [(None, 0), (0, 1), (None, 0)] == [
        (one.from_account, one.to_account) for one in trace.payments
    ]
    assert (1, 2) == (mule.hop, second.hop)


def test_a_tracer_forgets_one_trace_before_the_next() -> None:
    """The same question twice has the same answer, whatever was asked between."""
    history = [Transfer(n, n + 1, n, 100 - n) for n in range(8)]
    tracer = Tracer(arena_of(history), Bounds(least_amount_minor=1))

    first = tracer.trace([0])
    tracer.trace([3, 5])

    assert first == tracer.trace([0])
