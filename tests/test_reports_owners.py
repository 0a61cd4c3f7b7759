"""What a rehearsal of owners prints."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from arasha.reports.calls import CallCountry, Group
from arasha.reports.owners import (
    CONNECTED,
    DOWN,
    OTHERS,
    UNCONNECTED,
    OwnerRehearsal,
    OwnerRun,
    document,
    lines,
)


def run_of(seed: int) -> OwnerRun:
    """A country in which forged calls are refused where all are connected."""
    return OwnerRun(
        "standard", seed,
        {
            UNCONNECTED: {"forged": Group(100, 2, 0), OTHERS: Group(9_000, 1, 0)},
            CONNECTED: {"forged": Group(100, 3, 97), OTHERS: Group(9_000, 1, 0)},
            DOWN: {"forged": Group(100, 40, 60), OTHERS: Group(9_000, 1, 0)},
        },
    )  # fmt: skip


REHEARSAL = OwnerRehearsal(
    "calls", "f" * 64, 6_000, 7, 2, (CallCountry("standard", "1", "a" * 64),),
    (run_of(2), run_of(1)),
)  # fmt: skip


def test_a_table_says_what_was_refused_and_marked_in_each_world() -> None:
    """Of all seeds together."""
    console = Console(file=io.StringIO(), width=140)
    for line in lines(REHEARSAL):
        console.print(line)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    [forged] = [line for line in told.splitlines() if line.startswith("forged")]
    assert ["forged", "200", "0%", "refused,", "4", "marked"] == forged.split()[:6]
    assert "97.0% refused, 6 marked" in forged
    assert "60.0% refused, 80 marked" in forged


def test_as_plain_data_every_run_is_there() -> None:
    """By seed; a share has its interval."""
    sets: Any = document(REHEARSAL)["sets"]
    [one] = sets
    assert [1, 2] == [run["seed"] for run in one["runs"]]
    forged = one["worlds"][CONNECTED]["forged"]
    assert (200, 6, 194) == (forged["calls"], forged["marked"], forged["refused"])
    assert 0.97 == forged["refused_share"]["value"]
    assert 2 == len(forged["refused_share"]["interval_95"])
