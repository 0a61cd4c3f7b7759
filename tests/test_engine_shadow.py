from __future__ import annotations

from pathlib import Path

import polars as pl

from arasha.engine.backtest import backtest
from arasha.engine.replay import replay
from arasha.engine.shadow import SHADOW_FILE, Shadow
from model_samples import Learnt


def test_differences_are_counted_and_listed(small_model: Learnt, tmp_path: Path) -> None:
    """What two backtests differ in is what the shadow of a replay lists, and it changes nothing."""
    few = tmp_path / "few.parquet"
    pl.read_parquet(small_model.file).head(8_000).write_parquet(few)
    both = [small_model.before, small_model.after]
    ours, theirs = backtest(few, both, small_model.mapping)
    alone = replay(few, both[0], small_model.mapping, tmp_path / "alone")
    done = replay(few, both[0], small_model.mapping, tmp_path / "out", shadow=both[1], batch=999)
    assert alone.judgements.score.tolist() == done.judgements.score.tolist()
    assert done.shadow is not None
    listed = pl.read_parquet(tmp_path / "out" / SHADOW_FILE)
    differ = ours.action != theirs.action
    assert differ.any()
    assert done.judgements.seq[differ].tolist() == listed["seq"].to_list()
    assert theirs.score[differ].tolist() == listed["shadow_score"].to_list()
    assert len(ours) == done.shadow.payments == done.shadow.counts.sum()
    assert int((theirs.action > ours.action).sum()) == done.shadow.stronger
    assert int((theirs.action < ours.action).sum()) == done.shadow.milder
    frauds = int((ours.truth == 1).sum())
    assert frauds == done.shadow.frauds.sum()
    pairs = done.shadow.as_object()["actions"]
    assert isinstance(pairs, list)
    assert len(ours) == sum(pair["payments"] for pair in pairs)


def test_a_backtest_has_a_shadow_too(small_model: Learnt) -> None:
    """A policy beside itself differs nowhere."""
    shadow = Shadow(small_model.after)
    backtest(small_model.file, [small_model.after], small_model.mapping, shadow=shadow)
    found = shadow.difference()
    assert (0, 0, 0) == (found.stronger, found.milder, len(found.rows))
    assert len(small_model.table) == found.payments
