"""The tables of a rehearsal of gateways."""

from __future__ import annotations

from rich.console import Console

from arasha.reports.gateways import (
    Campaigns,
    GatewayCountry,
    GatewayRehearsal,
    GatewayRun,
    Named,
    document,
    good_of,
    lines,
    together,
)

RUN = GatewayRun(
    "standard", 1, False, Campaigns(3, 2, 20, 12, 15), Campaigns(1, 1, 1, 1, 1), 4,
    {"people": Named(900, 0, 1, {"never_receives": 1})},
)  # fmt: skip


def rehearsal() -> GatewayRehearsal:
    """Two countries, one of them with its boxes spread."""
    spread = GatewayRun("standard", 1, True, Campaigns(3, 3, 20, 20, 20), Campaigns(), 4, RUN.good)
    country = GatewayCountry("standard", "1", "ab" * 32)
    return GatewayRehearsal(1_000, 5, 1, (country,), (RUN, spread))


def test_counts_are_added_up_and_told_with_their_interval() -> None:
    """Boxes as they are and spread, in rows of their own; good numbers by whose they are."""
    console = Console(width=160, record=True, file=None)
    with console.capture() as captured:
        for line in lines(rehearsal()):
            console.print(line)
    text = captured.get()
    assert "SIM boxes, one device" in text
    assert "2, 66.7% [" in text
    assert "3, 100.0% [" in text or "3, 100% [" in text
    assert "2 never_receives" in text


def test_sums_are_of_all_runs() -> None:
    """Good numbers of two runs, campaigns of two."""
    runs = rehearsal().runs
    assert Named(1_800, 0, 2, {"never_receives": 2}) == good_of(runs)["people"]
    assert Campaigns(6, 5, 40, 32, 35) == together([run.boxes for run in runs])
    assert 2 == len(document(rehearsal())["runs"])  # type: ignore[arg-type]  # plain data
