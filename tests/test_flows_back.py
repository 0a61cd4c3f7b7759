"""Looking back finds who else paid into the accounts of a trace, as the oracle does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.flows.back import look_back
from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.testing import naive_back
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of, histories, token

bounds = st.builds(
    Bounds,
    least_amount_minor=st.integers(1, 4),
    hop_window_ms=st.sampled_from((0, 2, 20, 1_000)),
    hops_most=st.integers(1, 4),
)


@given(histories(), st.integers(0, 12), bounds)
def test_arrivals_are_what_the_oracle_says(
    history: list[Transfer], reported: int, limits: Bounds
) -> None:
    """Each payment from outside, what fed it, whether its payer was known."""
    arena = arena_of(history)
    trace = Tracer(arena, limits).trace([min(reported, len(history) - 1)])
    number = {token(account).tobytes().hex(): account for account in range(100)}
    watched = {number[one.token]: (one.since_ms, one.until_ms) for one in trace.accounts}

    found = look_back(arena, trace)

    expected = naive_back.look_back(
        history, watched, {one.ordinal for one in trace.payments}, limits
    )
    assert expected == {
        naive_back.Arrival(one.ordinal, one.hops, one.fed_minor, one.first)
        for one in found.arrivals
    }
    assert not found.cut


def test_another_victim_is_found() -> None:
    """The second victim paid the same mule; the mule's friend, known for long, comes after."""
    hour = 3_600_000
    history = [
        Transfer(7, 1, 0, 9_000_00),  # a friend of the mule's, long before
        Transfer(5, 1, 100 * hour, 80_000_00),  # a victim who did not report
        Transfer(7, 1, 101 * hour, 9_000_00),
        Transfer(0, 1, 102 * hour, 50_000_00),  # the victim who did
        Transfer(1, 2, 103 * hour, 130_000_00),
    ]
    arena = arena_of(history)
    trace = Tracer(arena).trace([3])

    found = look_back(arena, trace)

    assert [1] == [one.ordinal for one in found.likely]
    assert [2, 1] == [one.ordinal for one in found.arrivals]
