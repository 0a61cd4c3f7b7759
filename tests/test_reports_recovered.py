from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from arasha.reports.recovered import (
    CLASSES,
    MINUTES,
    Recovered,
    class_of,
    document,
    quantile,
    summed,
    tables,
)
from recovered_samples import RECOVERED, recovered

RULES = ("pro_rata", "last_in_first_returned")


def shown(*runs: Recovered) -> str:
    """What is printed."""
    page = StringIO()
    for one in tables(runs, RULES):
        Console(width=170, file=page).print(one)
    return page.getvalue()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("held_of_reported", 11 / 40),
        ("returned_of_asked", 0.4),
        ("hold_minutes_median", 20.0),
        ("ground_minutes_median", 10.0),
        ("held_owners", 20),
        ("no_part_share", 0.1),
        ("no_part_claimed", 1),
        ("no_part_traced_share", 1 / 19),
        ("no_part_minor", 50_000_00),
        ("release_hours_median", 9.0),
        ("release_hours_p95", 30.0),
        ("for_good", 1),
        ("appeals", 4),
        ("appeals_upheld", 0.75),
        ("no_part_upheld", 1.0),
    ],
)
def test_each_figure_by_hand(key: str, value: float) -> None:
    """Of the sample: 4 million reported, 1.1 of it held."""
    told = document([RECOVERED])[key]
    assert isinstance(told, dict)
    assert pytest.approx(value) == told["value"]
    assert told["interval_95"] is None


def test_shares_of_a_class_are_of_what_was_stolen_in_it() -> None:
    """Found, held, returned by either rule; of no thefts there is no share."""
    classes = document([RECOVERED, RECOVERED])["classes"]
    assert isinstance(classes, dict)
    assert [*CLASSES, "all"] == list(classes)
    first = classes["0-10"]
    assert [0.9, 0.8, 0.7, 0.6] == [
        first[name]["value"] for name in ("found", "held", "returned", "returned_other")
    ]
    assert [0.8, 0.8] == first["held"]["interval_95"]
    assert classes["10-60"]["held"]["value"] is None
    assert pytest.approx(11 / 45) == classes["all"]["held"]["value"]


def test_intervals_of_shares_end_where_shares_do() -> None:
    """Two countries that differ much have a wide interval, within nothing and all."""
    told = document([recovered(no_part=19), recovered(no_part=0)])["no_part_share"]
    assert isinstance(told, dict)
    assert [0.0, 1.0] == told["interval_95"]


def test_rules_are_set_side_by_side() -> None:
    """What each would have had held, and whose it is."""
    rules = document([RECOVERED])["rules"]
    assert isinstance(rules, dict)
    assert (0.15, 0.5) == tuple(rules[name]["no_part_share"]["value"] for name in rules)
    text = shown(RECOVERED)
    assert "followed by" in text
    assert "returned, last in first returned" in text
    assert "share without a part (aim: under 5%)" in text


@given(st.floats(0, 10**6))
def test_every_report_is_in_one_class(minutes: float) -> None:
    """By the ends of the classes."""
    place = class_of(minutes)
    ends = (0, *MINUTES, float("inf"))
    assert ends[place] <= minutes < ends[place + 1]
    assert class_of(None) == len(CLASSES) - 1


def test_classes_add_up() -> None:
    """Field by field."""
    assert RECOVERED.all == summed(RECOVERED.classes)
    assert 6 == RECOVERED.all.thefts
    assert 4_500_000_00 == RECOVERED.all.stolen


@given(st.lists(st.floats(0, 100), min_size=1), st.sampled_from([0.5, 0.95]))
def test_a_quantile_is_one_of_the_values(values: list[float], share: float) -> None:
    """So many are not above it."""
    found = quantile(values, share)
    assert found in values
    assert sum(one <= found for one in values) >= share * len(values)
