from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arasha.engine.recipe import DAY_MS
from arasha.engine.table import PaymentTable
from arasha.engine.trial import Trial
from arasha.events.symbols import code_bytes, symbols_of
from arasha.reports import card_trained
from arasha.reports.card import document
from arasha.reports.card_page import render
from arasha.reports.card_trained import card_of
from model_samples import RECIPE, UNTIL_MS, Learnt

FROM_MS = UNTIL_MS - 28 * DAY_MS


def trial_of(small_model: Learnt, test: PaymentTable, **more: bool) -> Trial:
    """A trial of the small model on those payments (it has seen them; that is no matter here)."""
    return Trial(small_model.trained, FROM_MS, small_model.table, test, **more)


@pytest.fixture(scope="module")
def judged_rows(small_model: Learnt) -> PaymentTable:
    """Payments of two banks and an unknown one."""
    rows = small_model.table.between(FROM_MS, UNTIL_MS)
    names = (code_bytes("BANKA"), code_bytes("BANKB"), bytes(16))
    banks = symbols_of(names[at % 3] for at in range(len(rows)))
    return replace(rows, payer_bank=banks)


def test_everything_of_a_training_is_on_its_card(
    small_model: Learnt, judged_rows: PaymentTable
) -> None:
    """Spans, thresholds, seeds, groups, drift and contributions of every feature, repeats."""
    trial = trial_of(small_model, judged_rows)
    recipe = replace(RECIPE, seeds=2, monotone={"much": 1})
    card = card_of(small_model.after, recipe, trial, [replace(trial, until_ms=FROM_MS - 1)])
    assert small_model.after.model is not None
    assert small_model.after.model.hash == card.subject.model_hash
    assert (0, 1) == card.subject.seeds_averaged
    assert ["first fit", "stop", "calibrate", "fit", "test"] == [
        one.name for one in card.subject.spans
    ]
    assert small_model.trained.rows["fit"] == card.subject.spans[0].payments
    assert ["bank", "channel", "amount", "time of day"] == [one.name for one in card.divisions]
    assert ["BANKA", "BANKB", "not known"] == [one.name for one in card.divisions[0].groups]
    assert ["card"] == [one.name for one in card.divisions[1].groups]
    assert set(small_model.table.names) == {one.name for one in card.drifts}
    assert set(small_model.table.names) == {one.name for one in card.weights}
    assert {"amount_habit", "pace", "payee_reports", "other"} == {
        one.name for one in card.group_weights
    }
    assert ["this test", "from 2018-07-16"] == [one.name for one in card.trainings]
    assert ("Bound to one direction", "much rising") in card.subject.facts
    assert card == card_of(small_model.after, recipe, trial, [replace(trial, until_ms=FROM_MS - 1)])
    document(card)
    assert "BANKA" in render(card)


def test_a_threshold_is_the_least_probability_that_reaches_it(
    small_model: Learnt, judged_rows: PaymentTable
) -> None:
    """The share that a threshold bothers is that of the points at or above it."""
    from arasha.policy.model import Model

    assert small_model.after.model is not None
    card = card_of(small_model.after, RECIPE, trial_of(small_model, judged_rows))
    points = Model(small_model.after.model).points(judged_rows.features)
    limits = small_model.trained.thresholds
    hit = [int((points >= (limit or 0)).sum()) for limit in (limits.warn, limits.hold)]
    assert hit == [level.precision.whole for level in card.levels[:2]]


def test_what_the_data_do_not_have_is_said(small_model: Learnt) -> None:
    """No bank in the file: no errors by bank, and the card tells why."""
    rows = small_model.table.between(FROM_MS, UNTIL_MS)
    card = card_of(small_model.after, RECIPE, trial_of(small_model, rows))
    assert "bank" not in [one.name for one in card.divisions]
    assert ("Not in the data", "bank") in card.subject.facts


def test_a_rehearsal_says_so(small_model: Learnt, judged_rows: PaymentTable) -> None:
    """First of all the notes."""
    card = card_of(small_model.after, RECIPE, trial_of(small_model, judged_rows, rehearsal=True))
    assert FROM_MS == card.subject.rehearsed_ms
    assert "rehearsal" in document(card)["notes"][0]  # type: ignore[index]  # a list


def test_a_card_of_no_payments_is_a_card(small_model: Learnt) -> None:
    """Nothing to try the model on: no figure, and a page."""
    card = card_of(
        small_model.after, RECIPE, trial_of(small_model, small_model.table.between(0, 1))
    )
    assert (0, None) == (card.payments, card.ranked.auc.value)
    document(card)
    assert "No payments." in render(card)


def test_samples_are_spread_evenly() -> None:
    """At most so many, the first among them."""
    assert [0, 3, 6, 9] == card_trained._spread(10, 4).tolist()
    assert list(range(4)) == card_trained._spread(4, 4).tolist()
    assert [] == np.asarray(card_trained._spread(0, 4)).tolist()
