"""What a trace says as plain data: tokens, sums by name, never the arena's own numbers."""

from __future__ import annotations

import json

from arasha.flows.trace import Tracer
from arasha.flows.traced import Split
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of, token


def test_sums_are_added_by_rule() -> None:
    """Each with its own."""
    assert Split(2, 4, 6, 8, 10, 12) == Split(1, 2, 3, 4, 5, 6) + Split(1, 2, 3, 4, 5, 6)
    assert {"fifo": 1, "lifo": 2, "haircut": 3, "least": 4, "most": 5, "poison": 6} == (
        Split(1, 2, 3, 4, 5, 6).as_object()
    )


def test_an_account_as_json_is_named_by_its_token() -> None:
    """And by nothing else."""
    arena = arena_of([Transfer(0, 1, 1, 50_000), Transfer(1, 2, 2, 40_000)])
    account = Tracer(arena).trace([0]).accounts[0].as_object()

    assert token(1).tobytes().hex() == account["account"]
    assert "number" not in account
    assert 10_000 == account["there"]["fifo"]
    assert json.dumps(account)


def test_most_of_a_total_is_no_more_than_what_was_reported() -> None:
    """Two accounts may each hold the same money at most; together they hold it once."""
    history = [Transfer(0, 1, 1, 50_000), Transfer(1, 2, 2, 50_000), Transfer(1, 3, 3, 50_000)]

    trace = Tracer(arena_of(history)).trace([0])

    assert 50_000 == trace.total("there").most
    assert trace.accounts[0].money.there.most == 50_000
