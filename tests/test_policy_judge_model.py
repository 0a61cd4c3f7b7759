from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from arasha.engine.again import compare, explain
from arasha.engine.decide import Centre, decide
from arasha.engine.replay import replay
from arasha.engine.unkept import Unkept
from arasha.errors import UsageError
from arasha.events.decisions import DEGRADED
from arasha.events.files import open_source
from arasha.policy import document
from arasha.policy.definition import GROUPS
from arasha.policy.judge import Judge
from arasha.vault.tokens import Tokens
from model_samples import Learnt


@pytest.fixture
def few(small_model: Learnt, tmp_path: Path) -> Path:
    """The first payments of the sample."""
    pl.read_parquet(small_model.file).head(4_000).write_parquet(tmp_path / "few.parquet")
    return tmp_path / "few.parquet"


@pytest.fixture
def without_model(small_model: Learnt, tmp_path: Path) -> Path:
    """The policy with a declared fallback and without its file."""
    shutil.copytree(small_model.after.source.parent, tmp_path / "copy")
    path = tmp_path / "copy" / "policy.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[model]\n", '[model]\nfallback = "rules"\n'), encoding="utf-8")
    return path


def test_one_by_one_gives_what_a_batch_gives(small_model: Learnt, few: Path) -> None:
    """Score, action and reasons of a payment do not depend on its batch."""
    judge = Judge(small_model.after)
    found = []
    for size in (4_000, 1):
        centre = Centre(Unkept(), judge, judge.fresh_state())
        batches = open_source(few, small_model.mapping).batches(Tokens(bytes(32)), 1_500)
        parts = []
        for some in batches:
            for at in range(0, len(some.facts), size):
                facts = some.facts.take(slice(at, at + size))
                parts.append(decide(centre, facts, reasons=True))
        found.append(
            (
                np.concatenate([part.decisions.score for part in parts]).tobytes(),
                np.concatenate([part.moved for part in parts if part.moved is not None]).tobytes(),
            )
        )
    assert found[0] == found[1]


def test_reasons_are_computed_for_those_above_allow_alone(small_model: Learnt, few: Path) -> None:
    """A row of groups for a payment that was acted on, NaN for one that was let through."""
    judge = Judge(small_model.after)
    centre = Centre(Unkept(), judge, judge.fresh_state())
    [some] = open_source(few, small_model.mapping).batches(Tokens(bytes(32)), 10_000)
    decided = decide(centre, some.facts, reasons=True)
    assert decided.moved is not None
    above = decided.decisions.action > 0
    assert 0 < above.sum() < len(above)
    assert (len(above), len(GROUPS)) == decided.moved.shape
    np.testing.assert_array_equal(above, ~np.isnan(decided.moved).any(axis=1))


def test_a_log_holds_its_model(small_model: Learnt, few: Path, tmp_path: Path) -> None:
    """Judged again from the log alone, nothing is otherwise; a decision is explained by groups."""
    done = replay(few, small_model.after, small_model.mapping, tmp_path / "out")
    again = compare(tmp_path / "out")
    assert (len(done.judgements), 0) == (again.decisions, again.differing)
    seq = int(done.judgements.seq[int(np.argmax(done.judgements.score))])
    told = explain(tmp_path / "out", seq)
    assert told.contributions is not None
    assert told.probability is not None
    assert (len(small_model.before.keep) + 1,) == told.contributions.shape


def test_a_missing_part_is_declared_in_every_decision(
    small_model: Learnt, few: Path, without_model: Path, tmp_path: Path
) -> None:
    """The fallback judges, each decision says so, and judging again obeys it, even when the model
    is back; a replay that began degraded is not gone on with as if it had not.
    """
    models = without_model.parent / "models"
    models.rename(tmp_path / "away")
    less = document.load(without_model)
    assert less.degraded
    judge = Judge(less)
    [some] = open_source(few, small_model.mapping).batches(Tokens(bytes(32)), 10_000)
    decided = decide(Centre(Unkept(), judge, judge.fresh_state()), some.facts)
    assert (decided.decisions.marks & DEGRADED).all()
    out = tmp_path / "out"
    replay(few, less, small_model.mapping, out)
    assert pl.read_parquet(out / "decisions-*.parquet")["degraded"].all()
    (tmp_path / "away").rename(models)
    whole = document.load(without_model)
    assert not whole.degraded
    assert 0 == compare(out).differing
    with pytest.raises(UsageError, match="another part"):
        replay(few, whole, small_model.mapping, out, resume=True)


def test_the_score_is_the_larger_of_rules_and_model(small_model: Learnt, few: Path) -> None:
    """Neither hides the other."""
    one = Judge(small_model.after)
    [some] = open_source(few, small_model.mapping).batches(Tokens(bytes(32)), 10_000)
    decided = decide(Centre(Unkept(), one, one.fresh_state()), some.facts)
    assert one.model is not None
    features = small_model.table.features[: len(decided.decisions)]
    points = one.model.points(features)
    fired = 300 * np.diff(decided.decisions.rule_offsets)
    np.testing.assert_array_equal(np.maximum(points, fired), decided.decisions.score)
