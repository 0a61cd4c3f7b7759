"""Look-alikes: honest, each what its module says, and nothing else."""

from __future__ import annotations

import pytest

from arasha.country.parameters import load
from arasha.country.script import found
from country_plays import asked_by, lived, names_its_source, source_of, stated_for, told

FOUND = {one.cast.name: one for one in found() if not one.is_fraud}


def test_there_are_the_lookalikes_that_were_asked_for() -> None:
    """At least 10 are found by listing the package."""
    assert len(FOUND) >= 10


@pytest.mark.parametrize("name", FOUND)
def test_a_lookalike_names_its_source(name: str) -> None:
    """A module says where its story is from, or that it is assumed, and what it looks like."""
    assert names_its_source(FOUND[name])
    assert "Looks like:" in source_of(FOUND[name])


@pytest.mark.parametrize("name", FOUND)
def test_parameters_are_all_there_and_all_used(name: str) -> None:
    """What a module asks for stands in its table, and nothing else does."""
    assert asked_by(FOUND[name]) | {"rate"} == stated_for(FOUND[name])


def test_every_table_belongs_to_a_lookalike() -> None:
    """No parameters are left of a look-alike that is gone."""
    assert set(load("standard").names("lookalikes")) == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_a_lookalike_steals_nothing(name: str) -> None:
    """Something is paid, and all of it is honest."""
    payments = lived(told(name), days=6).payments
    assert len(payments)
    assert not payments.truth.any()


def test_lookalikes_are_far_more_than_stories() -> None:
    """About ten plays of a look-alike begin for each of a story."""
    parameters = load("standard")
    begun = {
        kind: sum(parameters[f"{kind}.{name}.rate"] for name in parameters.names(kind))
        for kind in ("stories", "lookalikes")
    }
    assert 6.0 < begun["lookalikes"] / begun["stories"] < 15.0
