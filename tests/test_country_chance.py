"""Chance: a stream of draws that a seed and a path name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.country import kernels_chance as kernels
from arasha.country.chance import Chance, key_of

PATHS = st.lists(st.one_of(st.integers(0, 2**40), st.text(max_size=8)), max_size=3)


@given(seed=st.integers(0, 2**63), path=PATHS)
def test_a_path_names_one_stream(seed: int, path: list[int | str]) -> None:
    """Equal seeds and paths draw the same; a branch of any word draws something else."""
    one, same = Chance(seed, *path), Chance(seed, *path)
    drawn = [one.uniform() for _ in range(3)]
    assert drawn == [same.uniform() for _ in range(3)]
    assert drawn != [Chance(seed, *path, "further").uniform() for _ in range(3)]


def test_a_branch_does_not_disturb_its_stream() -> None:
    """Draws from a branch change nothing of the stream, nor the other way round."""
    left, right = Chance(7, "a"), Chance(7, "a")
    branch = left.branch("b")
    first = branch.below(1000)
    assert [left.below(1000) for _ in range(5)] == [right.below(1000) for _ in range(5)]
    assert first == left.branch("b").below(1000)


def test_draws_are_these_for_ever() -> None:
    """Known values: a change of the mixing would change every country."""
    chance = Chance(1, "example")
    assert [0, 1, 5, 0, 2] == [chance.below(6) for _ in range(5)]


def test_python_and_kernels_draw_the_same() -> None:
    """The stream in Python and the compiled kernel mix alike."""
    key = key_of(3, "alike")
    chance = Chance(3, "alike")
    assert [kernels_unit(key, n) for n in (1, 2, 3)] == [chance.uniform() for _ in range(3)]


def kernels_unit(key: int, counter: int) -> float:
    """The kernel's draw, as a float."""
    drawn = kernels.unit(np.uint64(key), np.uint64(counter))
    return float(drawn)


@given(n=st.integers(1, 1000), low=st.integers(-50, 50), span=st.integers(0, 50))
def test_whole_numbers_stay_in_their_range(n: int, low: int, span: int) -> None:
    """``below`` and ``between`` never leave what they promise."""
    chance = Chance(n, low, span)
    assert all(0 <= chance.below(n) < n for _ in range(20))
    assert all(low <= chance.between(low, low + span) <= low + span for _ in range(20))


@pytest.mark.parametrize(
    ("name", "mean", "deviation"),
    [
        ("uniform", 0.5, 0.2887),
        ("normal", 0.0, 1.0),
        ("exponential", 3.0, 3.0),
        ("poisson", 2.5, 1.5811),
        ("many", 80.0, 8.9443),
        ("happens", 0.3, 0.4583),
        ("weighted", 1.4, 0.8),
    ],
)
def test_draws_have_their_mean_and_deviation(name: str, mean: float, deviation: float) -> None:
    """Twenty thousand draws are within five standard errors of the law's mean and deviation."""
    chance = Chance(11, name)
    draw = {
        "uniform": chance.uniform,
        "normal": chance.normal,
        "exponential": lambda: chance.exponential(3.0),
        "poisson": lambda: chance.poisson(2.5),
        "many": lambda: chance.poisson(80.0),
        "happens": lambda: chance.happens(0.3),
        "weighted": lambda: chance.weighted((1.0, 1.0, 3.0)),
    }[name]
    drawn = np.array([float(draw()) for _ in range(20_000)])  # type: ignore[no-untyped-call]  # lambdas
    assert abs(drawn.mean() - mean) < 5 * deviation / 141
    assert abs(drawn.std() - deviation) < 0.05 * max(1.0, deviation)


def test_lognormal_draws_have_their_median() -> None:
    """Half of the draws are below the median, and the spread is that of ln."""
    chance = Chance(5)
    logs = np.log([chance.lognormal(40.0, 0.8) for _ in range(10_000)])
    assert abs(float(np.median(logs)) - np.log(40.0)) < 0.04
    assert abs(float(logs.std()) - 0.8) < 0.03


def test_choosing_and_shuffling_keep_what_there_is() -> None:
    """A choice is one of them; a shuffled list has all, in more than one order."""
    chance = Chance(9)
    assert {chance.choose("abc") for _ in range(50)} == {"a", "b", "c"}
    orders = {tuple(chance.shuffled(range(4))) for _ in range(50)}
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len(orders) > 10
