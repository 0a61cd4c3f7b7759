"""What a rehearsal of calls prints: classes, shares over all countries, and the sums."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from arasha.reports.calls import (
    BOXES,
    COACHED,
    CallCountry,
    CallRehearsal,
    CallRun,
    Group,
    Reach,
    document,
    lines,
    together,
    touched,
)

STANDARD = CallCountry("standard", "3", "a" * 64)


def rehearsal() -> CallRehearsal:
    """Two countries: in one a box is found, in the other there is none."""
    first = {
        BOXES: Group(40, 10, 26), COACHED: Group(10), "people": Group(900, 1, 0),
        "couriers": Group(100, 0, 1),
    }  # fmt: skip
    second = {COACHED: Group(5, 1, 0), "people": Group(1000)}
    return CallRehearsal(
        "calls", "b" * 64, 20_000, 14, 4, (STANDARD,),
        (
            CallRun("standard", 2, second, 0, 0, 0, 90),
            CallRun("standard", 1, first, 2, 1, 1, 80),
        ),
    )  # fmt: skip


def printed(told: CallRehearsal) -> str:
    out = io.StringIO()
    console = Console(file=out, width=140)
    for one in lines(told):
        console.print(one)
    return out.getvalue()


def test_the_table_tells_each_class_and_the_sums() -> None:
    """Fraud first; good calls are all that are not fraud; an interval needs two countries."""
    text = printed(rehearsal())
    rows = [line.split("  ")[0] for line in text.splitlines()]
    assert rows.index(BOXES) < rows.index(COACHED) < rows.index("couriers") < rows.index("people")
    assert "calls of known fraudulent numbers touched: 90.0% (≥ 85%: met)" in text
    assert "good calls touched: 0.10% [" in text
    assert "SIM boxes found within 60 min: 1 of 2, 50.0% [" in text
    assert "honest numbers with a refused call: 1 of 170 (≤ 0: not met)" in text
    assert "(≤ 0.1%: met)" in text
    assert "(≥ 95%: not met)" in text
    assert "coached calls after a number's first 20: 0 of 0 touched; before that, 1 of 15" in text
    assert "2 countries of 20,000 people, 14 days after 4 of warm-up" in text


def test_json_has_the_same_and_every_run() -> None:
    """Shares with intervals, counts by class, and the runs by seed."""
    told: dict[str, Any] = document(rehearsal())
    [one] = told["sets"]
    assert {"calls": 15, "marked": 1, "refused": 0} == {
        key: one["classes"][COACHED][key] for key in ("calls", "marked", "refused")
    }
    assert one["good_touched"]["value"] == pytest.approx(2 / 2000)
    assert (2, 0.5) == (one["boxes"], one["boxes_found"]["value"])
    assert [1, 2] == [run["seed"] for run in one["runs"]]
    assert [True, True, False, False] == [reach["met"] for reach in one["reaches"]]


def test_what_is_not_there_is_not_reached() -> None:
    """Where no box began, none was found in time."""
    assert not Reach("boxes", None, "at_least", 0.95).met


def test_shares_are_of_sums() -> None:
    """Of nothing there is no share; classes add up."""
    assert touched([Group()]).value is None
    assert Group(3, 1, 1) == together([Group(1, 1, 0), Group(2, 0, 1)])
    assert 2 == Group(3, 1, 1).touched
