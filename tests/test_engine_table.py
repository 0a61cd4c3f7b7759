from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from arasha.engine.backtest import backtest
from arasha.engine.recipe import DAY_MS
from arasha.engine.table import payment_table, time_of
from arasha.policy.model import Model, points_of
from model_samples import Learnt

DELAY_MS = 7 * DAY_MS


def test_the_table_holds_what_the_live_path_judged_by(small_model: Learnt) -> None:
    """The model's points on the table's rows are the scores a backtest gives, payment for payment.

    The rules' points may be higher; the score is the larger of the two.
    """
    assert small_model.after.model is not None
    [judged] = backtest(small_model.file, [small_model.after], small_model.mapping)
    points = points_of(Model(small_model.after.model).predict(small_model.table.features))
    often = 300 * (small_model.table.column("payments_1d") >= 4)
    assert list(judged.ids) == list(small_model.table.ids)
    np.testing.assert_array_equal(np.maximum(points, often), judged.score)


def test_a_part_of_the_time_gives_the_same_rows(small_model: Learnt) -> None:
    """Windows see all history, whatever rows are asked for."""
    whole = small_model.table
    from_ms, until_ms = 1_527_811_200_000, 1_528_416_000_000
    part = payment_table(
        small_model.file, small_model.before, small_model.mapping, whole.names,
        from_ms=from_ms, until_ms=until_ms,
    )  # fmt: skip
    expected = whole.between(from_ms, until_ms)
    assert 0 < len(part)
    assert list(expected.ids) == list(part.ids)
    assert expected.features.tobytes() == part.features.tobytes()
    np.testing.assert_array_equal(expected.truth, part.truth)


def test_nothing_leaks_from_the_future(small_model: Learnt, tmp_path: Path) -> None:
    """Truths not known at a payment, and whatever happens after it, change no feature and no score.

    At several moments the truths not known by then are permuted, the payments behind it shuffled
    among payers, payees and amounts; everything before stays bit for bit the same.
    """
    assert small_model.after.model is not None
    model = Model(small_model.after.model)
    frame = pl.read_parquet(small_model.file)
    at_ms = frame["TX_DATETIME"].dt.timestamp("ms").to_numpy()
    for seed, moment in enumerate((1_526_000_000_000, 1_529_500_000_000, 1_533_000_000_000)):
        random = np.random.default_rng(seed)
        late, unknown = np.flatnonzero(at_ms > moment), np.flatnonzero(at_ms + DELAY_MS > moment)
        columns = {name: frame[name].to_numpy().copy() for name in frame.columns}
        before = columns["TX_FRAUD"].copy()
        for name in ("TX_FRAUD", "TX_FRAUD_SCENARIO"):
            columns[name][unknown] = columns[name][random.permutation(unknown)]
        for name in ("CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT"):
            columns[name][late] = columns[name][random.permutation(late)]
        assert (columns["TX_FRAUD"] != before).any()
        path = tmp_path / f"{seed}.parquet"
        frame.with_columns(
            pl.Series(name, values, dtype=frame[name].dtype) for name, values in columns.items()
        ).write_parquet(path)
        other = payment_table(path, small_model.before, small_model.mapping, model.features)
        ours = small_model.table.between(0, moment + 1)
        theirs = other.between(0, moment + 1)
        assert 1_000 < len(ours)
        assert ours.features.tobytes() == theirs.features.tobytes()
        assert model.predict(ours.features).tobytes() == model.predict(theirs.features).tobytes()


def test_the_last_moment_is_that_of_a_payment(small_model: Learnt) -> None:
    """Labels come later, and do not count."""
    happened = small_model.table.happened_at_ms
    found = time_of(small_model.file, small_model.mapping)
    assert (int(happened.min()), int(happened.max())) == found


def test_rows_are_taken_whole(small_model: Learnt) -> None:
    """Every column of a part has its rows, in the order asked for."""
    part = small_model.table.take(np.array([5, 3]))
    assert [small_model.table.ids[5], small_model.table.ids[3]] == list(part.ids)
    assert 2 == len(part)
    assert replace(part).features.shape == (2, len(part.names))
