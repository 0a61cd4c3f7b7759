"""Stories: each is what its module says, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from arasha.country.happenings import FRAUD, LAUNDERING
from arasha.country.parameters import load
from arasha.country.script import found
from arasha.events.schema import ACCOUNT_CHANGES, SIM_CHANGES, Kind
from country_plays import asked_by, lived, names_its_source, stated_for, told

FOUND = {one.cast.name: one for one in found() if one.is_fraud}
STORIES = list(FOUND)
WITHOUT_PAYMENTS = {"wangiri"}
WITHOUT_VICTIMS = WITHOUT_PAYMENTS | {"mule_recruiting"}
WORLDS_OWN = {"noticed_share", "notice_hours", "stop_share", "attested_share"}


def test_there_are_the_stories_that_were_asked_for() -> None:
    """At least 14 are found by listing the package, each once."""
    assert len(STORIES) >= 14
    assert len(FOUND) == len(STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_names_its_source(name: str) -> None:
    """A module says where its story is from, or that it is assumed."""
    assert names_its_source(FOUND[name])


@pytest.mark.parametrize("name", STORIES)
def test_parameters_are_all_there_and_all_used(name: str) -> None:
    """What a module asks for stands in its table, and nothing else does but the world's own."""
    assert asked_by(FOUND[name]) | {"rate"} == stated_for(FOUND[name]) - WORLDS_OWN


def test_every_table_belongs_to_a_story() -> None:
    """No parameters are left of a story that is gone."""
    assert set(load("standard").names("stories")) == set(STORIES)


@pytest.mark.parametrize("name", [one for one in STORIES if one not in WITHOUT_VICTIMS])
def test_a_story_steals(name: str) -> None:
    """Money is stolen from victims and comes to mules, and some of it is moved on."""
    country = lived(told(name), days=4)
    payments = country.payments
    stolen = (payments.truth & FRAUD) != 0
    mules = set(country.life.underworld.mules)
    assert stolen.any()
    assert set(payments.second[stolen].tolist()) <= mules
    assert ((payments.truth & LAUNDERING) != 0).any()
    assert {"stolen"} == {
        role for role, is_so in zip(country.roles(), stolen, strict=True) if is_so
    }


def test_wangiri_is_calls_alone() -> None:
    """One ring to many numbers from abroad, few answers, some calls back, no payment."""
    country = lived(told("wangiri"), rate=400.0)
    calls = country.of(Kind.CALL)
    assert len(country.payments) == 0
    assert len(calls) > 100
    assert (calls.duration_ms > 0).mean() < 0.2


def test_mules_are_recruited_before_they_are_used() -> None:
    """Recruiting opens accounts or takes used ones, and they are mules only from some day on."""
    country = lived(told("mule_recruiting"), days=3)
    opened = country.of(Kind.ACCOUNT_CHANGE)
    assert (opened.code == ACCOUNT_CHANGES.index("opened")).any()
    hired = list(country.life.underworld.mules.values())
    assert any(mule.since_ms > int(country.rows.time_ms[-1]) for mule in hired)


def test_a_sim_is_swapped_before_the_money_goes() -> None:
    """Each victim's number changed its SIM before the first theft."""
    country = lived(told("sim_swap"), days=3)
    changes = country.of(Kind.SIM_CHANGE)
    swapped = {
        int(script): int(at)
        for script, at, code in zip(changes.script, changes.time_ms, changes.code, strict=True)
        if SIM_CHANGES[code] in ("swapped", "ported_in")
    }
    stolen = country.payments.take((country.payments.truth & FRAUD) != 0)
    assert len(stolen)
    assert all(
        0 < at - swapped[int(script)]
        for script, at in zip(stolen.script, stolen.time_ms, strict=True)
    )


def test_invoices_are_paid_by_firms() -> None:
    """The victim of a redirected invoice is a business, in office hours."""
    country = lived(told("invoice_redirected"), days=5)
    stolen = country.payments.take((country.payments.truth & FRAUD) != 0)
    kinds = country.life.society.accounts.kind[stolen.first]
    assert set(kinds.tolist()) == {1}


def test_a_recall_is_abused_with_false_reports() -> None:
    """Honest sellers, or people who gave money back, are reported."""
    country = lived(
        told("recall_abuse"), days=4, stories__recall_abuse__sum_kzt=1_000,
        stories__recall_abuse__goods_share=1.0,
    )  # fmt: skip
    reports = country.of(Kind.REPORT)
    assert len(reports)
    assert not reports.truth.any()


def test_the_same_seed_gives_the_same_rows() -> None:
    """All stories at once, twice: every column is equal; another seed gives others."""
    plays = found()
    once, again = lived(*plays, rate=300.0), lived(*plays, rate=300.0)
    other = lived(*plays, rate=300.0, seed=2)
    for name, column in once.rows.columns().items():
        assert np.array_equal(column, again.rows.columns()[name]), name
    assert not np.array_equal(once.rows.first, other.rows.first)


def test_nobody_pays_themselves_or_next_to_nothing() -> None:
    """All plays at once: payer and payee differ, and nothing below 300 tenge is sent."""
    payments = lived(*found(), rate=300.0, days=3).payments
    assert (payments.first != payments.second).all()
    assert payments.amount.min() >= 300_00
