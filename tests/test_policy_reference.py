from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.errors import InputError
from arasha.policy import reference
from arasha.policy.reference import Reference, Tenths, psi_of, reference_of, tenths


def test_tenths_hold_equally_many_and_the_missing_apart() -> None:
    """A hundred values in ten bins; equal values share one; a missing one is in none of them."""
    assert (10,) * 10 + (0,) == tenths(np.arange(100.0)).counts
    assert Tenths((0.0,), (9, 1, 1)) == tenths(np.array([0.0] * 9 + [5.0, np.nan]))
    assert Tenths((), (0, 3)) == tenths(np.full(3, np.nan))
    assert Tenths((), (4, 0)) == tenths(np.ones(4))


def test_the_index_by_hand() -> None:
    """Shares 1/2 and 1/2 that become 3/4 and 1/4; half a payment stands in each bin besides."""
    one, other = np.array([50.5, 50.5]) / 101, np.array([75.5, 25.5]) / 101
    by_hand = float(((other - one) * np.log(other / one)).sum())
    assert by_hand == pytest.approx(psi_of((50, 50, 0), (75, 25, 0))[0])
    assert (0.0, 0.0) == psi_of((5, 5), (0, 0))


def test_chance_alone_exceeds_its_bound_once_in_twenty() -> None:
    """Two thousand pairs of samples with nothing changed."""
    chance = np.random.default_rng(7)
    edges = np.arange(1, 10) / 10
    exceeded = 0
    for _ in range(2_000):
        one, other = (
            np.bincount(np.searchsorted(edges, chance.random(500)), minlength=11) for _ in "ab"
        )
        index, bound = psi_of(one, other)
        exceeded += index > bound
    assert 60 < exceeded < 140


def test_a_reference_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """To the byte; one of another model is none."""
    learnt = np.array([[1.0, np.nan], [2.0, 4.0], [3.0, 4.0]])
    made = reference_of("ab" * 32, ("a", "b"), learnt, [10, 20, 900])
    path = reference.path_beside(tmp_path / "small-abab.txt")
    reference.write(path, made)
    assert "small-abab-reference.json" == path.name
    assert made == reference.read(path, "ab" * 32)
    assert None is reference.read(path, "cd" * 32)
    assert None is reference.read(tmp_path / "none.json", "ab" * 32)
    first = path.read_bytes()
    reference.write(path, made)
    assert first == path.read_bytes()


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"model_hash":"a","features":{},"score":{"edges":[1.0],"counts":[1]}}'],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, text: str) -> None:
    """It says where, and what to do."""
    path = tmp_path / "reference.json"
    path.write_text(text)
    with pytest.raises(InputError, match="no reference of a model") as raised:
        reference.read(path, "a")
    assert str(path) == raised.value.where.file


def test_the_reference_is_small() -> None:
    """A hundred features take less than a hundredth of what a model may."""
    chance = np.random.default_rng(1)
    names = [f"feature_{at}" for at in range(100)]
    made = reference_of("ab" * 32, names, chance.random((5_000, 100)), chance.integers(0, 999, 99))
    assert isinstance(made, Reference)
    import msgspec

    assert len(msgspec.json.encode(made)) < 50_000
