from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from arasha.reports.rehearsal import (
    FIGURES,
    NOT_YET,
    ParameterSet,
    Rehearsal,
    Run,
    Tally,
    Uplift,
    document,
    estimate,
    lines,
    of_arm,
    t95,
)

TALLY = Tally(
    stolen=500_000_00, stopped=100_000_00, victims=4, frauds=6, hits=2, goods=10_000,
    false_alarms=8, people=1_000, bothered=7,
)  # fmt: skip
UPLIFT = Uplift(20, 2_000, banks_found=8, banks_money=800, centre_found=12, centre_money=1_000)


def rehearsal(*stolen: int) -> Rehearsal:
    """Two ways of judging; the second steals so much, seed by seed."""
    runs = tuple(
        Run("standard", seed, {"none": TALLY, "centre": replace(TALLY, stolen=each)}, UPLIFT)
        for seed, each in enumerate(stolen, 1)
    )
    sets = (ParameterSet("standard", "1", "ab" * 32),)
    return Rehearsal("house", "cd" * 32, 1_000, 14, 7, sets, runs)


def shown(*rehearsals: Rehearsal) -> str:
    """What is printed, as plain text."""
    page = StringIO()
    console = Console(width=160, file=page)
    for one in lines(*rehearsals):
        console.print(one)
    return page.getvalue()


def figure(key: str) -> int:
    """The place of a figure."""
    return [one.key for one in FIGURES].index(key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stolen_minor", 500_000_00),
        ("goods_per_10000", 8.0),
        ("people_per_10000", 70.0),
        ("false_alarms_per_hit", 4.0),
        ("hold_minutes", None),
    ],
)
def test_each_figure_is_of_the_tally(key: str, value: float | None) -> None:
    """Rates are of good payments and of people, false alarms of frauds acted on."""
    assert value == FIGURES[figure(key)].of(TALLY)


def test_no_hits_have_no_false_alarms_per_hit() -> None:
    """A rate of nothing is nothing, not zero."""
    assert FIGURES[figure("false_alarms_per_hit")].of(replace(TALLY, hits=0)) is None


def test_an_interval_is_students() -> None:
    """Worked by hand: deviation 2, ten values, 2.262 of its tenth's root on either side."""
    found = estimate([1.0, 5.0] * 5)
    assert found.interval is not None
    half = 2.2622 * (40 / 9) ** 0.5 / 10**0.5
    assert 3.0 == found.mean
    assert pytest.approx((3 - half, 3 + half)) == (found.interval.low, found.interval.high)


def test_what_one_run_lacks_has_no_mean() -> None:
    """A mean over some of the runs would be of others than the rest of the table."""
    assert estimate([1.0, None]).mean is None
    assert estimate([]).mean is None
    assert estimate([2.0]).interval is None


@pytest.mark.parametrize(("freedom", "value"), [(1, 12.7062), (30, 2.0423), (60, 2.0003)])
def test_percentiles_of_t(freedom: int, value: float) -> None:
    """As in the tables, within the table of this module and beyond."""
    assert pytest.approx(value, abs=2e-4) == t95(freedom)


def test_uplift_is_a_share_of_what_the_banks_find() -> None:
    """Half as much again; of nothing there is no share."""
    assert (0.5, 0.25) == (UPLIFT.found, UPLIFT.saved)
    assert replace(UPLIFT, banks_found=0).found is None
    assert replace(UPLIFT, banks_money=0).saved is None


def test_what_is_not_there_yet_says_so() -> None:
    """In words for people, as null for machines; nothing else is empty."""
    text = shown(rehearsal(100, 200))
    for name in ("held after", "returned", "minutes from report to hold"):
        line = next(line for line in text.splitlines() if line.startswith(name))
        assert 2 == line.count(NOT_YET)
    assert 6 == text.count(NOT_YET)
    told = document(rehearsal(100, 200))
    assert ["held_minor", "returned_minor", "hold_minutes"] == told["notyet"]


def test_the_table_names_its_parameters_and_runs() -> None:
    """Version and hash of the country's parameters, policy, size and how many seeds."""
    text = shown(rehearsal(100, 200, 300))
    assert "parameters: standard, version 1 (abababababab)" in text
    assert "house (cdcdcdcdcdcd): 3 countries of 1,000 people, 14 days after 7 of warm-up" in text
    assert "finds +50% [+50%, +50%] more frauds than the banks alone" in text


def test_another_policy_is_set_against_it_seed_by_seed() -> None:
    """The difference is paired: what both have in common does not widen its interval."""
    ours, theirs = rehearsal(100, 900, 500), rehearsal(200, 1000, 600)
    told = document(ours, theirs)
    changes = told["changes"]
    assert isinstance(changes, dict)
    stolen = changes["standard"]["centre"]["stolen_minor"]
    assert {"mean": -100.0, "interval_95": [-100.0, -100.0]} == stolen
    assert "house (cdcdcdcd) less house (cdcdcdcd)" in shown(ours, theirs)


def test_figures_of_an_arm_are_over_its_runs() -> None:
    """The mean over the seeds."""
    runs = rehearsal(100, 300).of("standard")
    assert 200 == of_arm(runs, "centre", FIGURES[figure("stolen_minor")]).mean
    assert [] == rehearsal(100).of("shifted")
