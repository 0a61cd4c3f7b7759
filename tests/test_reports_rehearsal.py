from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from arasha.reports.proportions import Estimate
from arasha.reports.rehearsal import (
    FIGURES,
    ParameterSet,
    Rehearsal,
    Run,
    Tally,
    Uplift,
    document,
    lift_of_frauds,
    lift_of_money,
    lines,
    of_arm,
)
from recovered_samples import recovered

TALLY = Tally(
    stolen=500_000_00, stopped=100_000_00, victims=4, frauds=6, hits=2, goods=10_000,
    false_alarms=8, people=1_000, bothered=7,
)  # fmt: skip
UPLIFT = Uplift(20, 2_000, banks_found=8, banks_money=800, centre_found=12, centre_money=1_000)


def rehearsal(*stolen: int, uplifts: tuple[Uplift, ...] = ()) -> Rehearsal:
    """Two ways of judging; the second steals so much, seed by seed."""
    each = zip(stolen, uplifts or (UPLIFT,) * len(stolen), strict=True)
    runs = tuple(
        Run(
            "standard",
            seed,
            {"none": TALLY, "centre": replace(TALLY, stolen=money)},
            uplift,
            {"centre": recovered()},
        )
        for seed, (money, uplift) in enumerate(each, 1)
    )
    sets = (ParameterSet("standard", "1", "ab" * 32, "ef" * 32),)
    allocations = ("pro_rata", "last_in_first_returned")
    return Rehearsal(
        "house", "cd" * 32, 1_000, 14, 7, 5, "a law", "01" * 32, allocations, sets, runs
    )


def counted(*found: tuple[int, int]) -> tuple[Uplift, ...]:
    """So many frauds found by the centre and by the banks alone, seed by seed; each is 1 KZT."""
    return tuple(Uplift(20, 2_000, banks, 100 * banks, centre, 100 * centre)
                 for centre, banks in found)  # fmt: skip


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
        ("held_minor", 0),
        ("stolen_minor", 500_000_00),
        ("goods_per_10000", 8.0),
        ("people_per_10000", 70.0),
        ("false_alarms_per_hit", 4.0),
        ("hold_minutes", None),
    ],
)
def test_each_figure_is_of_the_tally(key: str, value: float | None) -> None:
    """Rates are of good payments and of people, false alarms of frauds acted on."""
    runs = [Run("standard", 1, {"one": TALLY}, UPLIFT)]
    assert value == of_arm(runs, "one", FIGURES[figure(key)]).value


def test_a_rate_is_of_sums_so_a_country_without_hits_takes_nothing_away() -> None:
    """Eight false alarms a hit over both; no hits at all have no rate, which is not zero."""
    one, none = FIGURES[figure("false_alarms_per_hit")], replace(TALLY, hits=0)
    runs = [Run("standard", seed, {"one": t}, UPLIFT) for seed, t in enumerate((TALLY, none))]
    assert 8.0 == of_arm(runs, "one", one).value
    assert of_arm([Run("standard", 1, {"one": none}, UPLIFT)], "one", one).value is None


def test_uplift_is_of_sums_over_all_countries() -> None:
    """Half as many frauds again, a quarter more money."""
    runs = rehearsal(1, 2, 3).of("standard")
    assert 0.5 == lift_of_frauds(runs).more.value
    assert 0.25 == lift_of_money(runs).more.value
    assert (36, 24, 60) == (
        lift_of_frauds(runs).centre, lift_of_frauds(runs).banks, lift_of_frauds(runs).of
    )  # fmt: skip


def test_a_country_in_which_the_banks_find_nothing_counts_too() -> None:
    """By hand: 26 and 16 found; without the first 14 and 6, the second 17 and 10, the third 21 and
    16. Student's t of two degrees, 4.3027.
    """
    some = rehearsal(1, 2, 3, uplifts=counted((12, 10), (9, 6), (5, 0)))
    found = lift_of_frauds(some.of("standard"))
    assert "" == found.lacks
    assert 26 / 16 - 1 == found.more.value
    without = (14 / 6 - 1, 17 / 10 - 1, 21 / 16 - 1)
    middle = sum(without) / 3
    half = 4.3027 * (2 / 3 * sum((one - middle) ** 2 for one in without)) ** 0.5
    assert found.more.interval is not None
    assert pytest.approx(0.625 - half) == found.more.interval.low
    assert pytest.approx(0.625 + half) == found.more.interval.high
    assert "+62% [−194%, +319%] more frauds than the banks alone (26 and 16 of 60)" in (
        " ".join(shown(some).split())
    )


def test_where_the_banks_find_nothing_anywhere_it_says_why_there_is_no_share() -> None:
    """No number, and what the centre found."""
    some = rehearsal(1, 2, uplifts=counted((3, 0), (1, 0)))
    found = lift_of_frauds(some.of("standard"))
    assert found.more == Estimate(None)
    said = " ".join(shown(some).split())
    assert "– more frauds than the banks alone (4 and 0 of 40) and – more money" in said
    assert 1 == said.count(": the banks alone find nothing in any country; a national pilot")
    told = document(some)["sets"]
    assert isinstance(told, list)
    assert told[0]["uplift"]["found"] == {
        "value": None, "interval_95": None, "centre": 4, "banks": 0, "of": 40,
        "lacks": "the banks alone find nothing in any country",
    }  # fmt: skip


def test_what_hangs_on_one_country_has_no_interval() -> None:
    """Left out, it leaves nothing to compare with; the share itself is there."""
    some = rehearsal(1, 2, uplifts=counted((3, 2), (1, 0)))
    found = lift_of_frauds(some.of("standard"))
    assert found.more == Estimate(1.0)
    assert "+100% more frauds" in shown(some)
    assert "in one country only" in " ".join(shown(some).split())


def test_what_came_back_stands_below_each_table() -> None:
    """For each way of judging in which somebody follows the money; published figures beside."""
    text = shown(rehearsal(100, 200))
    assert "standard, centre: what came back" in text
    assert "standard, none: what came back" not in text
    assert "Brazil's first scheme returned 8%" in text
    told = document(rehearsal(100, 200))["sets"]
    assert isinstance(told, list)
    assert ["centre"] == list(told[0]["recovered"])


def test_minutes_to_hold_are_a_mean_over_holds() -> None:
    """Of all holds of all countries; without a hold there is none."""
    one = FIGURES[figure("hold_minutes")]
    held = replace(TALLY, holds=4, hold_minutes=100.0)
    assert 25.0 == of_arm([Run("standard", 1, {"one": held}, UPLIFT)], "one", one).value
    assert "–" in next(
        x for x in shown(rehearsal(1)).splitlines() if x.startswith("minutes from r")
    )


def test_the_table_names_its_parameters_and_runs() -> None:
    """Version and hash of the country's parameters, policy, size and how many seeds."""
    text = shown(rehearsal(100, 200, 300))
    assert "parameters: standard, version 1 (abababababab)" in text
    assert (
        "house (cdcdcdcdcdcd): 3 countries of 1,000 people, 14 days after 7 of warm-up, 5 more"
        in text
    )
    assert "finds +50% [+50%, +50%] more frauds than the banks alone" in text


def test_another_policy_is_set_against_it_seed_by_seed() -> None:
    """The difference is paired: what both have in common does not widen its interval."""
    ours, theirs = rehearsal(100, 900, 500), rehearsal(200, 1000, 600)
    told = document(ours, theirs)
    changes = told["changes"]
    assert isinstance(changes, dict)
    stolen = changes["standard"]["centre"]["stolen_minor"]
    assert {"value": -100.0, "interval_95": [-100.0, -100.0]} == stolen
    assert "house (cdcdcdcd) less house (cdcdcdcd)" in shown(ours, theirs)


def test_figures_of_an_arm_are_over_its_runs() -> None:
    """The mean over the seeds."""
    runs = rehearsal(100, 300).of("standard")
    assert 200 == of_arm(runs, "centre", FIGURES[figure("stolen_minor")]).value
    assert [] == rehearsal(100).of("shifted")
