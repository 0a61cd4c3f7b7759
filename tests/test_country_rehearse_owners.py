"""Owners asked in whole countries: what is forged, and who must not be cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.country.border import WAYS
from arasha.country.rehearse import Size
from arasha.country.rehearse_calls import rehearse
from arasha.country.rehearse_owners import run as lived
from arasha.reports.owners import CONNECTED, DOWN, OTHERS, UNCONNECTED, OwnerRun

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"


@pytest.fixture(scope="module")
def run() -> OwnerRun:
    """A small country."""
    [one] = rehearse(lived, POLICY, [4], Size(1_000, 2, 4), sets=["standard"]).runs
    return one


def test_the_same_calls_are_judged_in_each_world(run: OwnerRun) -> None:
    """Of each way there are some."""
    for way in (*WAYS, OTHERS):
        assert 1 == len({run.worlds[world][way].calls for world in run.worlds})
        assert run.worlds[CONNECTED][way].calls > 0, way


def test_forged_numbers_are_refused_where_owners_are_asked(run: OwnerRun) -> None:
    """Unless their holder is abroad on that day or has just called into the same network; where
    nobody is asked, hardly any is touched; where the owner is down they are marked.
    """
    apart, asked, down = (run.worlds[world]["forged"] for world in (UNCONNECTED, CONNECTED, DOWN))
    assert apart.touched <= 0.1 * apart.calls
    assert asked.refused >= 0.9 * asked.calls
    assert asked.refused > down.refused > 0
    assert down.touched >= 0.9 * down.calls


def test_nobody_honest_is_cut_off(run: OwnerRun) -> None:
    """Neither abroad, nor by a long way, nor forwarded; an owner that is down has them marked."""
    for world in run.worlds.values():
        for way in ("abroad", "a long way", "forwarded back", OTHERS):
            assert 0 == world[way].refused, way
        assert run.worlds[UNCONNECTED][OTHERS] == world[OTHERS]
    met = ("abroad", "a long way")
    assert 0 == sum(run.worlds[CONNECTED][way].touched for way in met)
    assert 0 < sum(run.worlds[DOWN][way].marked for way in met)


def test_a_country_is_rehearsed_the_same_twice() -> None:
    """What comes out hangs on policy, parameters and seed alone."""
    one, two = (rehearse(lived, POLICY, [4], Size(300, 1, 0), sets=["standard"]) for _ in range(2))
    assert one == two
