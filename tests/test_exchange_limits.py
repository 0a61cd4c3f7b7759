from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.exchange import limits
from arasha.exchange.limits import Limits
from arasha.exchange.participants import Participant


def bank(name: str = "BANK", rate_per_s: float = 10.0, burst: int = 5) -> Participant:
    return Participant(name, "bank", frozenset(), frozenset(), "none", rate_per_s, burst, 500)


def test_a_burst_then_the_rate() -> None:
    """As many as the burst at once, then one for each tenth of a second."""
    limited = Limits()
    assert [0.0] * 5 + [0.1] == [limited.wait_s(bank(), 0.0) for _ in range(6)]
    assert 0.0 == limited.wait_s(bank(), 0.1)
    assert pytest.approx(0.1) == limited.wait_s(bank(), 0.1)


def test_participants_do_not_wait_for_each_other() -> None:
    """Each has a bucket of its own."""
    limited = Limits()
    assert 0.0 == limited.wait_s(bank(), 0.0, 5)
    assert 0.0 == limited.wait_s(bank("BONK"), 0.0, 5)
    assert 0.5 == limited.wait_s(bank(), 0.0, 5)


def test_more_than_a_burst_never_fits() -> None:
    """Waiting does not help; the answer says so, and nothing is taken."""
    limited = Limits()
    assert float("inf") == limited.wait_s(bank(), 0.0, 6)
    assert 0.0 == limited.wait_s(bank(), 0.0, 5)


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    """Time that was counted once is not counted again."""
    limited = Limits()
    assert 0.0 == limited.wait_s(bank(), 100.0, 5)
    assert 0.1 == limited.wait_s(bank(), 50.0)
    assert 0.1 == limited.wait_s(bank(), 100.0)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 5)), max_size=60))
def test_never_more_than_burst_and_rate_allow(steps: list[tuple[float, int]]) -> None:
    """In any stretch from the first moment on: at most burst + rate × time."""
    limited, now_s, taken = Limits(), 0.0, 0
    for passed_s, facts in steps:
        now_s += passed_s
        if limited.wait_s(bank(), now_s, facts) == 0.0:
            taken += facts
        assert taken <= 5 + 10 * now_s + 1e-6


def test_buckets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that nobody has touched for an hour make room."""
    monkeypatch.setattr(limits, "MAX_BUCKETS", 3)
    limited = Limits()
    for number in range(3):
        limited.wait_s(bank(f"B{number}"), 0.0, 5)
    limited.wait_s(bank("LATE"), limits.IDLE_S, 5)
    assert {"LATE"} == set(limited._buckets)
