"""The arena's index and table: what is there is found, whatever left before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.events.reference import digests_of
from arasha.flows.kernels_arena import PAYEE, PAYER, amount_of, status_of, time_of, way_of
from arasha.testing.naive_trace import Transfer
from flows_samples import TENGE, arena_of, facts_of, token


@given(st.integers(20, 400), st.integers(1, 60), st.integers(2, 90))
def test_index_and_table_close_up_behind_what_leaves(n: int, keep_ms: int, accounts: int) -> None:
    """Each payment held is found by its digest and none that is not; accounts likewise."""
    history = [Transfer(k * k % accounts, (k * 7 + 3) % accounts, k, 1 + k) for k in range(n)]
    arena = arena_of(history, keep_ms=keep_ms)
    digests = digests_of(facts_of(history))
    first = n - len(arena)

    assert first == max(0, n - keep_ms)
    for k in range(n):
        assert (k if k >= first else None) == arena.ordinal_of(digests[k])
    held = {a for t in history[first:] for a in (t.payer, t.payee)}
    for account in range(accounts):
        assert (account in held) == (arena.account_of(token(account), TENGE) is not None)


def test_a_row_keeps_what_a_payment_says() -> None:
    """The largest amount, a time and marks come out of their words as they went in."""
    arena = arena_of([Transfer(1, 2, 2**41 + 5, 10**15, 1, moved=False)])
    row, links = arena.arrays.rows[0], arena.arrays.rows_32[0]

    assert 10**15 == amount_of(int(row[3]))
    assert (1, 1) == (status_of(int(row[3])), way_of(int(row[3])))
    assert 2**41 + 5 == time_of(int(row[4]))
    assert token(1).tobytes() == arena.token_of(int(links[PAYER]))
    assert token(2).tobytes() == arena.token_of(int(links[PAYEE]))
