"""What a rehearsal of signals prints."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from arasha.reports.calls import CallCountry
from arasha.reports.signals import (
    CONNECTED,
    SILENT,
    UNCONNECTED,
    Judged,
    Outage,
    SignalRehearsal,
    SignalRun,
    document,
    found,
    gained,
    lines,
)


def run_of(seed: int, coached: int, without: float, connected: float) -> SignalRun:
    """A country in which so many coached transfers are found at 10 and at 30, and all at 100."""
    judged = {
        UNCONNECTED: Judged(1, 20), CONNECTED: Judged(3, 30), SILENT: Judged(2, 28),
    }  # fmt: skip
    return SignalRun(
        "standard", seed, 10_000, coached, 4, 5, 2, 100, 7, 0,
        {
            UNCONNECTED: (without, without, coached), CONNECTED: (connected, connected, coached),
            SILENT: (without, connected, coached),
        },
        judged, Outage(40, 2, {arm: Judged(1, 1) for arm in judged}, 0),
    )  # fmt: skip


REHEARSAL = SignalRehearsal(
    "instant-payments", "b" * 64, 6_000, 14, 7, 72, (CallCountry("standard", "3", "a" * 64),),
    (run_of(2, 10, 2, 5), run_of(1, 30, 8, 15)),
)  # fmt: skip


def test_shares_are_of_sums_and_the_gain_is_of_the_same_countries() -> None:
    """20 of 40 against 10 of 40."""
    runs = REHEARSAL.of("standard")
    assert [1, 2] == [run.seed for run in runs]
    assert (0.25, 0.5) == (found(runs, UNCONNECTED, 0).value, found(runs, CONNECTED, 0).value)
    assert 0.25 == gained(runs, 0).value
    assert gained(runs, 0).interval is not None
    assert 0 == gained(runs, 2).value


def test_the_table_says_each_way_and_the_outage() -> None:
    """Shares with intervals at each of the bothers, then by the policy, then what was asked."""
    out = io.StringIO()
    console = Console(file=out, width=240)
    for one in lines(REHEARSAL):
        console.print(one)
    text = out.getvalue()
    for said in (
        "2 countries of 6,000 people, 14 days after 7 of warm-up", "gained by connecting",
        "at 30 good payments bothered per 10,000", "coached transfers: 40; made during the talk: 8",
        "silent for 72 h: 80 payments judged without its answer, 4 of them coached",
        "good payments bothered that its answer would have spared: 0",
    ):  # fmt: skip
        assert said in text
    assert "25.0% [" in text


def test_json_has_the_same_and_every_run() -> None:
    """By set: at equal bother, by the policy, and the runs."""
    told: dict[str, Any] = document(REHEARSAL)
    [one] = told["sets"]
    assert [10, 30, 100] == [row["good_bothered_per_10_000"] for row in one["at_equal_bother"]]
    assert 0.5 == one["at_equal_bother"][1]["found"][CONNECTED]["value"]
    assert pytest.approx(30) == one["by_policy"][CONNECTED]["good_bothered_per_10_000"]["value"]
    assert 2 == len(one["runs"])
    assert 72 == told["silent_hours"]
