"""What offices come to, against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from arasha.country.arms import Notes
from arasha.country.happenings import FRAUD
from arasha.country.kernels_life import MOVED
from arasha.country.outcome import outcome
from arasha.reports.recovered import Recovered
from offices_samples import Acting, acting

DAYS = 9


def lived(seed: int) -> tuple[Acting, Recovered, Notes]:
    """A country, and what it comes to."""
    country, parts = acting(seed=seed), []
    for at, happened in enumerate(country.life.slices(DAYS)):
        country.see(happened)
        if at == 0:
            country.offices.begin(happened.start_ms)
        country.offices.after(happened)
        rows, some = happened.rows, happened.payments
        parts.append((
            rows.payment[some], rows.time_ms[some], rows.first[some], rows.amount[some],
            rows.truth[some], rows.script[some], happened.became,
        ))  # fmt: skip
    payment, time_ms, payer, amount, truth, script, became = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    none, score = np.zeros(len(payment), np.uint8), np.zeros(len(payment), np.int32)
    notes = Notes(
        payment, time_ms, payer, amount, truth, script, none, score, none, score, none, became
    )
    return country, outcome(country.offices, notes, country.life.society), notes


@pytest.fixture(name="done", scope="module")
def _done() -> tuple[Acting, Recovered, Notes]:
    return lived(3)


def test_money_of_thefts_is_stolen_found_held_and_returned_in_this_order(
    done: tuple[Acting, Recovered, Notes],
) -> None:
    """Each is part of the one before; all thefts that moved are in a class."""
    _, found, notes = done
    stolen = ((notes.truth & FRAUD) != 0) & (notes.became == MOVED)
    assert (int(stolen.sum()), int(notes.amount[stolen].sum())) == (
        found.all.thefts, found.all.stolen
    )  # fmt: skip
    for one in found.classes:
        assert one.stolen >= one.found >= one.held >= max(one.returned, one.returned_other) >= 0
    assert found.all.returned > 0
    assert 0 == found.classes[-1].held


def test_who_was_held_is_told_by_the_truth(done: tuple[Acting, Recovered, Notes]) -> None:
    """Those without a part are some of those held, those on a false claim some of these."""
    country, found, _ = done
    assert 0 < found.no_part < found.held
    assert found.no_part_claimed <= found.no_part
    assert found.upheld <= found.appeals
    assert found.no_part_upheld <= found.no_part_appeals <= found.appeals
    assert all(hours >= 0 for hours in found.release_hours)
    held = [note for note in country.offices.notes.values() if note.held]
    assert found.no_part_money == sum(note.held for note in held if not note.has_part)
    assert len(found.hold_minutes) == len(found.ground_minutes)
    assert all(
        whole >= part >= 0
        for whole, part in zip(found.hold_minutes, found.ground_minutes, strict=True)
    )


def test_what_came_back_is_what_was_asked_for_at_most(
    done: tuple[Acting, Recovered, Notes],
) -> None:
    """Over all recalls, those of false claims too."""
    country, found, _ = done
    assert country.docket.returned == found.came_back <= found.asked_back


def test_every_rule_asks_of_what_lifo_follows(done: tuple[Acting, Recovered, Notes]) -> None:
    """Poison touches the most accounts."""
    _, found, _ = done
    assert ["lifo", "fifo", "haircut", "poison"] == list(found.rules)
    assert max(one.accounts for one in found.rules.values()) == found.rules["poison"].accounts
    assert all(one.no_part <= one.accounts for one in found.rules.values())


def test_payments_that_are_not_measured_count_nowhere(
    done: tuple[Acting, Recovered, Notes],
) -> None:
    """Without a payment there is nothing."""
    country, _, notes = done
    none = outcome(country.offices, notes.take(notes.amount < 0), country.life.society)
    assert (0, 0, 0) == (none.held, none.all.stolen, none.asked_back)
