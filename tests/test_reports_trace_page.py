"""The page of a trace: layers, small accounts drawn as one, bounds that cut, nothing raw."""

from __future__ import annotations

import re

import pytest

from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.flows.traced import Trace
from arasha.reports import trace_tables
from arasha.reports.trace_chart import MAX_DRAWN, Rule, way_of_money
from arasha.reports.trace_page import RULES, notes, render
from arasha.reports.trace_text import as_rich
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of


def wide_trace(bounds: Bounds | None = None) -> Trace:
    """A theft that is split over sixty mules, one of whom sends money back and one withdraws."""
    split = [Transfer(1, 10 + n, 2 + n, 1_000_00) for n in range(60)]
    ends = [Transfer(10, 1, 100, 500_00), Transfer(11, 90, 101, 700_00, 1)]
    arena = arena_of([Transfer(0, 1, 1, 60_000_00), *split, *ends])
    return Tracer(arena, bounds or Bounds()).trace([0])


@pytest.mark.parametrize("rule", RULES)
def test_small_accounts_of_a_hop_are_drawn_as_one(rule: Rule) -> None:
    """The picture has the largest accounts, the rest as one bar, the victim and the way out."""
    drawn = way_of_money(wide_trace(), rule)

    assert f"{61 - MAX_DRAWN} accounts" in drawn
    assert "cash" in drawn
    bars = re.findall(r'<rect[^>]*class="bar', drawn)
    assert MAX_DRAWN + 1 + 1 + 1 == len(bars)


def test_money_that_comes_back_is_drawn_otherwise() -> None:
    """A band against the order of hops has a class of its own."""
    assert 1 == way_of_money(wide_trace(), "fifo").count('class="band back"')


def test_the_page_says_what_cut_it() -> None:
    """Each bound that cut is a sentence on the page; one that did not is not."""
    free, cut = wide_trace(), wide_trace(Bounds(payments_most=5))

    assert [] == notes(free)
    assert ["Cut by the bound “most payments” (5): 56 payments not followed, 2 not listed."] == (
        notes(cut)
    ) or ["Cut by the bound “most payments” (5): 56 payments not followed."] == notes(cut)
    assert "56 payments not followed" in render(cut, "a report")


def test_a_trace_of_nothing_is_a_page() -> None:
    """No payment held: the page says so."""
    nothing = Tracer(arena_of([Transfer(0, 1, 1, 5)])).trace([])

    assert "No payment to follow." in render(nothing, "nothing")


def test_long_tables_are_cut_on_a_terminal() -> None:
    """What is left out is counted."""
    table = trace_tables.accounts(wide_trace())

    assert 61 == len(table.rows)
    assert 11 == as_rich(table, 10).row_count
