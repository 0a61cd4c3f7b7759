"""Who guesses waits; who does not, does not."""

from __future__ import annotations

from arasha.exchange.backoff import FORGET_S, FREE, LONGEST_S, Backoff


def test_the_wait_doubles_up_to_its_bound_and_is_forgotten() -> None:
    """A few failures are free; then 1, 2, 4 … seconds, never more than a quarter of an hour."""
    tries, waits = Backoff(), []
    for _ in range(FREE + 14):
        tries.failed("aigul", 0.0)
        waits.append(tries.wait_s("aigul", 0.0))
    assert [0.0] * (FREE - 1) + [1.0, 2.0, 4.0, 8.0] == waits[: FREE + 3]
    assert LONGEST_S == waits[-1]
    assert 0.0 == tries.wait_s("aigul", FORGET_S)
    tries.failed("aigul", FORGET_S)
    assert 0.0 == tries.wait_s("aigul", FORGET_S)


def test_memory_is_bounded_and_keeps_who_waits_longest() -> None:
    """Many other names do not push out the one that is guessed at."""
    tries = Backoff(free=2, most=10)
    for _ in range(9):
        tries.failed("aigul", 0.0)
    for n in range(1_000):
        tries.failed(f"name {n}", 1.0)
    assert tries.wait_s("aigul", 1.0) > 0
    tries.passed("aigul")
    assert 0.0 == tries.wait_s("aigul", 1.0)
