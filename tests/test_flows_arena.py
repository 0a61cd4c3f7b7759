"""The arena holds payments with their links, whatever the batches, and forgets what is old."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import SnapshotError, StateFull
from arasha.events.reference import digests_of
from arasha.flows.arena import Arena
from arasha.flows.bounds import Bounds
from arasha.flows.kernels_arena import NAMES_BANKS
from arasha.flows.trace import Tracer
from arasha.testing.naive_trace import Transfer
from flows_samples import TENGE, arena_of, facts_of, histories, outcomes, token

SEE_ALL = Bounds(least_amount_minor=1)


@given(histories(), st.integers(1, 7))
def test_batches_do_not_matter(history: list[Transfer], size: int) -> None:
    """The same facts in any batches give the same trace."""
    whole, facts = arena_of(history), facts_of(history)
    known_at = np.maximum.accumulate(facts.number("happened_at"))
    cut = Arena()
    cut.about[NAMES_BANKS] = 1
    for start in range(0, len(facts), size):
        part = slice(start, start + size)
        cut.observe(facts.take(part), known_at[part])
    for number in (0, len(history) // 2):
        expected = Tracer(whole, SEE_ALL).trace([number])
        if not any(t.way == 3 for t in history):
            assert expected == Tracer(cut, SEE_ALL).trace([number])


@given(histories(), st.integers(0, 30))
def test_what_is_old_goes_and_what_is_held_is_followed_as_before(
    history: list[Transfer], keep_ms: int
) -> None:
    """An arena that forgot traces a held payment as one that had never seen the older ones."""
    arena = arena_of(history, keep_ms=keep_ms)
    last = history[-1].at_ms
    held = [t for t in history if t.at_ms > last - keep_ms]
    first = len(history) - len(held)

    assert len(held) == len(arena)
    assert len({t.payer for t in held} | {t.payee for t in held}) == arena.accounts
    if held:
        fresh = Tracer(arena_of(held), SEE_ALL).trace([0])
        trace = Tracer(arena, SEE_ALL).trace([first])
        assert [one.money for one in fresh.accounts] == [one.money for one in trace.accounts]
        assert [one.token for one in fresh.accounts] == [one.token for one in trace.accounts]


@given(histories(), st.integers(0, 40), st.integers(1, 60))
def test_a_saved_arena_goes_on_as_if_it_had_never_stopped(
    history: list[Transfer], cut: int, keep_ms: int
) -> None:
    """Saved anywhere, restored into a fresh arena, fed with the rest: the same."""
    facts = facts_of(history)
    known_at = np.maximum.accumulate(facts.number("happened_at"))
    whole, first, second = (Arena(keep_ms=keep_ms) for _ in range(3))
    whole.observe(facts, known_at)
    first.observe(facts.take(slice(0, cut)), known_at[:cut])
    second.restore({name: array.copy() for name, array in first.save().items()})
    second.observe(facts.take(slice(cut, None)), known_at[cut:])

    saved, expected = second.save(), whole.save()
    assert expected.keys() == saved.keys()
    assert len(whole) == len(second)
    assert whole.accounts == second.accounts
    if len(whole):
        ordinal = (len(history) - len(whole)) % len(history)
        assert Tracer(whole, SEE_ALL).trace([ordinal]) == Tracer(second, SEE_ALL).trace([ordinal])


def test_a_snapshot_of_something_else_is_refused() -> None:
    """With what to do."""
    with pytest.raises(SnapshotError, match="something else"):
        Arena().restore({"rings": np.zeros(1, np.int64)})


def test_accounts_and_payments_are_found_by_name() -> None:
    """By digest, by token and currency; what is not held is None."""
    history = [Transfer(n % 37, (n * 7 + 1) % 41 + 50, n, 5) for n in range(3_000)]
    arena = arena_of(history)
    digests = digests_of(facts_of(history))

    assert [0, 1_234, 2_999] == [arena.ordinal_of(digests[n]) for n in (0, 1_234, 2_999)]
    assert arena.ordinal_of(digests[0] + np.uint64(1)) is None
    account = arena.account_of(token(3), TENGE)
    assert account is not None
    assert token(3).tobytes() == arena.token_of(account)
    assert arena.bank_of(account) == "BANKKZKA"
    assert arena.currency_of(account) == TENGE
    assert arena.account_of(token(3), 840) is None


def test_money_in_two_currencies_is_never_one_sum() -> None:
    """A token in another currency is another account."""
    facts = facts_of([Transfer(0, 1, 1, 100), Transfer(1, 2, 2, 100)])
    facts.numbers["currency"][1] = 840
    arena = Arena()
    arena.observe(facts, facts.number("happened_at"))

    trace = Tracer(arena, SEE_ALL).trace([0])

    assert 1 == len(trace.payments)
    assert 100 == trace.total("there").fifo


def test_a_returned_payment_is_followed_back() -> None:
    """The money is again with the victim, where the trace shows it."""
    history = [Transfer(0, 1, 1, 100)]
    facts = facts_of(history)
    arena = Arena()
    arena.observe(facts, facts.number("happened_at"))
    arena.observe(outcomes(facts, "returned"), np.array([5]))

    trace = Tracer(arena, SEE_ALL).trace([0])

    assert [token(1).tobytes().hex(), token(0).tobytes().hex()] == [
        one.token for one in trace.accounts
    ]
    assert 100 == trace.accounts[1].money.there.fifo


def test_a_full_arena_says_so() -> None:
    """Before anything of the batch is taken in."""
    facts = facts_of([Transfer(0, 1, n, 1) for n in range(5)])
    arena = Arena(payments_max=4)

    with pytest.raises(StateFull, match="arena of payments is full"):
        arena.observe(facts, facts.number("happened_at"))
    assert 0 == len(arena)


def test_payments_by_an_account_from_a_time_on() -> None:
    """Within the hop window, oldest first: an account and a time name what was stolen from it."""
    arena = arena_of([Transfer(0, 1, 10 * n, 1) for n in range(8)])
    account = arena.account_of(token(0), TENGE)
    assert account is not None

    found = Tracer(arena, Bounds(hop_window_ms=25)).paid_by(account, 20)

    assert [2, 3, 4] == found
