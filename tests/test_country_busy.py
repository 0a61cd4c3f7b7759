from __future__ import annotations

from datetime import date

from arasha.country.busy import BUSIER, busy
from arasha.country.parameters import load


def test_only_thieves_are_busier() -> None:
    """Every story by the same factor; what only looks like one as in life; from that day on."""
    standard, one = load("standard"), busy(date(2026, 11, 29))
    for name in standard.names("stories"):
        assert standard[f"stories.{name}.rate"] * BUSIER == one[f"stories.{name}.rate"]
    for name in standard.names("lookalikes"):
        assert standard[f"lookalikes.{name}.rate"] == one[f"lookalikes.{name}.rate"]
    assert "2026-11-29" == one.text("country.first_day")
    assert standard.hash != one.hash
