from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from arasha.app import training
from arasha.app.training import Order, made
from arasha.engine.recipe import DAY_MS, Trees
from arasha.engine.table import PaymentTable, joined
from arasha.errors import UsageError
from arasha.policy import document
from model_samples import POLICY, RECIPE, UNTIL_MS, Learnt
from policy_samples import written

QUICK = replace(RECIPE, trees=Trees(count=10, leaves=4))


@pytest.fixture
def order(small_model: Learnt, tmp_path: Path) -> Order:
    """A training of the small policy, with frauds enough in every week."""
    frame = pl.read_parquet(small_model.file)
    fraud = (frame["TX_AMOUNT"] > 130).cast(pl.Int8)
    file = tmp_path / "payments.parquet"
    frame.with_columns(TX_FRAUD=fraud).write_parquet(file)
    return Order(file, written(tmp_path, POLICY), tmp_path / "out", QUICK)


def test_without_a_word_the_last_weeks_are_kept_for_the_card(order: Order) -> None:
    """One file and no --until: the card is of this very model, on payments it has not seen, with
    the mapping's label delay between; and the same again is the same, the card included.
    """
    done = made(order, quiet=True)
    assert not done.trial.rehearsal
    assert done.version.model is not None
    assert done.version.model.hash == done.card.subject.model_hash
    assert 7 * DAY_MS == done.recipe.label_delay_ms
    assert done.card.label_gap_ms is not None
    assert done.card.label_gap_ms > 7 * DAY_MS
    spans = done.card.subject.spans
    assert 26 * DAY_MS < spans[-1].last_ms - spans[-1].first_ms <= 28 * DAY_MS
    assert ["card.json", "card.html"] == [path.name for path in done.files]
    again = made(replace(order, out=order.out.parent / "again"), quiet=True)
    assert done.version.hash == again.version.hash
    assert [path.read_bytes() for path in done.files] == [p.read_bytes() for p in again.files]


def test_a_training_at_the_files_end_is_rehearsed(order: Order) -> None:
    """Nothing comes after it: the card is of the recipe, trained earlier, and of one time more."""
    done = made(replace(order, until_ms=UNTIL_MS + DAY_MS, repeats=1), quiet=True)
    assert done.trial.rehearsal
    assert done.trial.until_ms == done.card.subject.rehearsed_ms
    assert document.load(order.out / "policy.toml").hash == done.card.subject.policy_hash
    assert 2 == len(done.card.trainings)
    assert ["this test"] == [one.name for one in done.card.trainings[:1]]


def test_labels_do_not_come_sooner_than_the_mapping_says(order: Order) -> None:
    """A shorter delay would let the model know the future; a longer one is taken."""
    with pytest.raises(UsageError, match="shorter than labels take"):
        made(replace(order, delay_ms=3 * DAY_MS), quiet=True)
    with pytest.raises(UsageError, match="too little time"):
        made(replace(order, delay_ms=200 * DAY_MS), quiet=True)


def test_without_truth_there_is_nothing_to_learn(order: Order, tmp_path: Path, root: Path) -> None:
    """A mapping without labels is told so, and a file without frauds."""
    text = (root / "mappings" / "handbook.toml").read_text("utf-8").partition("[labels]")[0]
    (tmp_path / "untold.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="nothing says which payments were fraud"):
        made(replace(order, mapping=tmp_path / "untold.toml"), quiet=True)
    honest = tmp_path / "honest.parquet"
    pl.read_parquet(order.file).with_columns(TX_FRAUD=pl.lit(0, pl.Int8)).write_parquet(honest)
    with pytest.raises(UsageError, match="too few payments"):
        made(replace(order, file=honest), quiet=True)


def test_times_that_are_given_are_taken(order: Order) -> None:
    """--until and --test as they are; without --test no longer than the file goes on."""
    from arasha.app.judging import mapping_for

    read_by = mapping_for(document.load(order.policy), None)
    given = replace(order, until_ms=UNTIL_MS - 10 * DAY_MS, test_ms=3 * DAY_MS)
    assert (UNTIL_MS - 10 * DAY_MS, 3 * DAY_MS) == training._times(given, read_by)
    until, test = training._times(replace(given, test_ms=None), read_by)
    assert UNTIL_MS - 10 * DAY_MS == until
    assert 10 * DAY_MS < test <= 11 * DAY_MS


def test_costs_are_in_the_currency_of_most_payments(order: Order, small_model: Learnt) -> None:
    """Of euros in cents, of dinars in thousandths; left out, a tenth of the median payment."""
    known: PaymentTable = small_model.table.take(np.arange(100))
    costs = training._costs(replace(order, cost_bothered=5.0), known)
    assert (50, 500, 5_000) == (costs.warned_minor, costs.held_minor, costs.blocked_minor)
    dinars = replace(known, currency=np.where(np.arange(100) < 60, 414, 978))
    assert 5_000 == training._costs(replace(order, cost_bothered=5.0), dinars).held_minor
    left_out = training._costs(order, dinars)
    assert round(float(np.median(known.amount_minor[:60])) / 10) == left_out.held_minor
    assert 0 == training._costs(order, joined([], ("a",))).held_minor
