from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine.backtest import backtest
from arasha.engine.labels import Labels
from arasha.engine.replay import REJECTS, replay
from arasha.engine.shadow import Shadow
from arasha.engine.table import payment_table
from arasha.engine.unkept import Unkept
from arasha.events.files import open_source
from arasha.events.mapping import Mapping
from arasha.events.schema import Kind
from arasha.vault.tokens import Tokens
from engine_samples import assert_same, history, hostile, policy, sample_mapping
from events_samples import GOOD, MAPPING, mapping
from test_engine_replay import assert_same_result, columns, stopped


def quarrelling(seed: int, n: int = 80) -> pl.DataFrame:
    """Hostile rows in which a repeated id often has another truth than the first."""
    chance = Random(seed)
    frame = hostile(n, seed, parties=4)
    return frame.with_columns(bad=pl.Series([chance.choice("01") for _ in range(len(frame))]))


def settling(whom: str) -> Mapping:
    """The sample mapping, with labels for frauds alone or for all."""
    return mapping(MAPPING + f'settles = "{whom}"\n')


@settings(max_examples=10)
@given(
    seed=st.integers(0, 10_000), batch=st.integers(1, 90), whom=st.sampled_from(("fraud", "all"))
)
def test_refused_payments_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory, seed: int, batch: int, whom: str
) -> None:
    """A file with them is judged as the same file without them: log, resume, backtest, table."""
    folder = tmp_path_factory.mktemp("labels")
    by, read_by = policy(folder), settling(whom)
    frame = quarrelling(seed)
    file, clean = folder / "payments.csv", folder / "clean.csv"
    frame.write_csv(file)
    whole = replay(file, by, read_by, folder / "whole", batch=batch)
    refused = pl.read_csv(folder / "whole" / REJECTS)["row"].to_numpy() - 1
    frame.with_row_index().filter(~pl.col("index").is_in(refused)).drop("index").write_csv(clean)
    assert len(set(frame["ref"])) < len(frame)

    alone = replay(clean, by, read_by, folder / "clean", batch=batch)
    assert history(folder / "clean") == history(folder / "whole")
    assert columns(alone.judgements) == columns(whole.judgements)

    one, other = (
        payment_table(path, by, read_by, ("frauds", "trouble_age")) for path in (clean, file)
    )
    np.testing.assert_array_equal(one.features, other.features)
    shadow = Shadow(by)
    first, second = backtest(file, [by, by], read_by, shadow=shadow)
    assert columns(first) == columns(second) == columns(alone.judgements)
    assert 0 == shadow.difference().stronger + shadow.difference().milder


@pytest.mark.parametrize("facts", [30, 60, 100])
def test_a_replay_taken_up_remembers_whose_labels_to_drop(tmp_path: Path, facts: int) -> None:
    """A payment was refused before it stopped; its label comes after."""
    file, by, read_by = tmp_path / "payments.csv", policy(tmp_path), sample_mapping()
    quarrelling(3, 100).write_csv(file)
    whole = replay(file, by, read_by, tmp_path / "whole", batch=50)
    stopped(file, tmp_path / "out", facts, batch=7)
    other = replay(file, by, read_by, tmp_path / "out", batch=11, resume=True)
    assert_same_result(whole, other)
    assert_same(tmp_path / "out", tmp_path / "whole")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_label_of_the_first_payment_is_the_one_that_counts(tmp_path: Path, size: int) -> None:
    """Two payments under one id, both frauds; the refused one's label would be known first."""
    rows = [
        GOOD | {"ref": "p-1", "when": "2026-02-01T00:00:00Z", "bad": "1"},
        GOOD | {"ref": "p-1", "when": "2026-01-31T00:00:00Z", "bad": "1", "sum": "5.00"},
        GOOD | {"ref": "p-2", "when": "2026-02-09T00:00:00Z"},
    ]
    file = tmp_path / "payments.csv"
    pl.DataFrame(rows).write_csv(file)
    source, log = open_source(file, sample_mapping()), Unkept()
    labels, found = Labels(settles_all=source.settles_all), list[int]()
    for some in source.batches(Tokens(bytes(32)), size):
        taken, admission = labels.taken(log, some)
        assert len(taken.facts) == len(taken.truth) == len(taken.rows) == len(admission.fresh)
        found += taken.rows[taken.facts.kinds == Kind.LABEL].tolist()
        _remember(log, taken.facts.take(np.flatnonzero(admission.fresh)))
    assert [1, 3] == found if source.settles_all else [1] == found


def _remember(log: Unkept, facts: object) -> None:
    """Keep the names of facts, as ``decide`` does."""
    from arasha.events.body import Bodies
    from arasha.events.columns import Facts
    from arasha.events.reference import digests_of
    from arasha.log.log import Entries

    assert isinstance(facts, Facts)
    nothing = Bodies(np.zeros(len(facts) + 1, np.int64), np.zeros(0, np.uint8))
    log.append(Entries(facts.kinds, facts.number("happened_at"), nothing, digests_of(facts)))
