"""The picture of a trace: bars as high as the money, bands between them."""

from __future__ import annotations

import re

from arasha.flows.trace import Tracer
from arasha.reports.trace_chart import drawn_in, way_of_money
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of


def test_bars_are_as_high_as_what_came() -> None:
    """600 and 300 of 900: twice as high; the victim's bar is as high as both."""
    history = [Transfer(0, 1, 1, 900_00), Transfer(1, 2, 2, 600_00), Transfer(1, 3, 3, 300_00)]
    drawn = way_of_money(Tracer(arena_of(history)).trace([0]), "fifo")

    heights = [float(height) for height in re.findall(r'height="([\d.]+)" class="bar', drawn)]
    victim, mule, large, small = sorted(heights, reverse=True)
    assert victim == mule
    assert abs(large - 2 * small) < 0.1
    assert abs(large + small - victim) < 0.1
    assert 3 == drawn.count('class="band"')


def test_a_picture_has_words_for_who_cannot_see_it() -> None:
    """A title, a description, and what each bar holds."""
    history = [Transfer(0, 1, 1, 900_00), Transfer(1, 2, 2, 600_00)]
    drawn = way_of_money(Tracer(arena_of(history)).trace([0]), "haircut")

    assert "The way of the disputed money by haircut" in drawn
    assert "600.00 KZT came, 600.00 KZT still there" in drawn


def test_an_account_to_which_nothing_came_is_left_to_the_table() -> None:
    """900 came, then 500 of somebody else, then 500 went on: by the first in it is of the 900, by
    the last in it is not, and whoever got it is on no band and in no picture.
    """
    history = [Transfer(8, 1, 1, 900_00), Transfer(9, 1, 2, 500_00), Transfer(1, 2, 3, 500_00)]
    trace = Tracer(arena_of(history)).trace([0])
    hops = [one.hop for one in trace.accounts]

    assert [1, 2] == sorted(hops)
    assert [1, 2] == [hops[at] for at in drawn_in(trace, "fifo")]
    assert [1] == [hops[at] for at in drawn_in(trace, "lifo")]
    assert "hop 2" in way_of_money(trace, "fifo")
    assert "hop 2" not in way_of_money(trace, "lifo")
