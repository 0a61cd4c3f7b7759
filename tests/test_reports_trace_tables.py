"""Tables of a trace: sums in words, bounds with what they cut."""

from __future__ import annotations

from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.flows.traced import Split
from arasha.reports import trace_tables
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of

HISTORY = [Transfer(0, 1, 1, 500_00), Transfer(1, 2, 2, 300_00), Transfer(1, 90, 3, 100_00, 1),
           Transfer(2, 3, 4, 10_00)]  # fmt: skip


def test_totals_by_rule() -> None:
    """What is there and what left, each rule in its column."""
    table = trace_tables.totals(Tracer(arena_of(HISTORY)).trace([0]))
    words = {row[0].words: [cell.words for cell in row[1:]] for row in table.rows}

    assert ["500.00 KZT"] * 3 + ["500.00 KZT"] == words["disputed"]
    assert ["100.00 KZT"] * 3 + ["0.00 – 100.00 KZT"] == words["cash"]
    assert "390.00 KZT" == words["still there"][0]
    assert "10.00 KZT" == words["not followed"][0]


def test_each_bound_has_its_value_and_says_whether_it_cut() -> None:
    """The least amount cut one payment."""
    table = trace_tables.bounds(Tracer(arena_of(HISTORY)).trace([0]))

    assert ("least amount", "200.00 KZT", "1 smaller payments not followed") == tuple(
        cell.words for cell in table.rows[0]
    )
    assert ["did not cut"] * 4 == [row[2].words for row in (*table.rows[1:2], *table.rows[3:])][:4]


def test_an_accounts_row_has_fifo_and_the_interval() -> None:
    """The hop, and that it paid on after its window."""
    bounds = Bounds(hop_window_ms=1)
    table = trace_tables.accounts(Tracer(arena_of(HISTORY), bounds).trace([0]))

    row = table.rows[0]
    assert "paid on after its window" == row[0].note
    assert ("500", "200", "300") == (row[4].words, row[5].words, row[6].words)


def test_a_span_of_one_value_is_that_value() -> None:
    """Least and most alike are said once."""
    assert "5.00 KZT" == trace_tables.span(Split(0, 0, 0, 500, 500, 0), 398)
