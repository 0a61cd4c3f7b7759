from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.engine.backtest import backtest
from arasha.engine.replay import REJECTS, Replayed, replay
from arasha.engine.table import payment_table
from arasha.events.schema import Kind
from engine_samples import assert_same, files, history, policy
from native_samples import START, busy, folder

SIZES = (1, 7, 1000)
POLICY = "policies/instant-payments.toml"


class Stopped(Exception):
    """What a test stops a replay with."""


def run(
    place: Path, out: Path, *, batch: int = 50, resume: bool = False,
    told: Callable[[int], None] | None = None,
) -> Replayed:  # fmt: skip
    """Replay the folder of facts by the watchful policy."""
    by = policy(place.parent)
    return replay(place, by, None, out, batch=batch, resume=resume, on_progress=told)


def test_batches_of_any_size_give_the_same_decisions(tmp_path: Path) -> None:
    """Byte for byte the decisions and rejects, and each entry's place, time and acts."""
    place = folder(tmp_path / "country", busy(120), busy(60, 1))
    for size in SIZES:
        run(place, tmp_path / str(size), batch=size)
    for size in SIZES[1:]:
        assert_same(tmp_path / str(size), tmp_path / "1")
    kinds = set(history(tmp_path / "1")[0])
    assert {Kind.PAYMENT, Kind.LABEL, Kind.REPORT, Kind.CALL} <= kinds


@pytest.mark.parametrize("after", [1, 60, 150])
def test_a_stopped_replay_goes_on_to_the_same_decisions(tmp_path: Path, after: int) -> None:
    """Wherever it stopped, in one file or the next."""
    place = folder(tmp_path / "country", busy(90), busy(90, 1))
    left = after

    def told(some: int) -> None:
        nonlocal left
        left -= some
        if left <= 0:
            raise Stopped

    run(place, tmp_path / "whole")
    with pytest.raises(Stopped):
        run(place, tmp_path / "out", batch=13, told=told)
    run(place, tmp_path / "out", batch=7, resume=True)
    assert_same(tmp_path / "out", tmp_path / "whole")


def test_refused_rows_name_their_file(tmp_path: Path) -> None:
    """The file of the day and the row in it; facts that come twice are refused, labels too."""
    place = folder(tmp_path / "country", busy(80), busy(80))
    done = run(place, tmp_path / "out")
    rejects = pl.read_csv(tmp_path / "out" / REJECTS)
    assert done.rejected == len(rejects)
    days = [pl.read_parquet(f) for f in sorted((place / "events").iterdir())]
    second = rejects.filter(pl.col("file") == "2026-01-06.parquet")
    assert len(days[1]) == len(second)  # the day before, once more
    assert list(range(1, len(days[1]) + 1)) == second["row"].to_list()
    assert {"not_a_number", "duplicate_id"} <= set(rejects["reason"])
    assert files(tmp_path / "out")


def test_backtest_and_table_see_what_the_replay_saw(tmp_path: Path) -> None:
    """The same payments, truths and scores; labels settled later tell a training nothing."""
    place = folder(tmp_path / "country", busy(150))
    by = policy(tmp_path)
    done = run(place, tmp_path / "out")
    [judged] = backtest(place, [by], None)
    assert list(done.judgements.ids) == list(judged.ids)
    np.testing.assert_array_equal(done.judgements.score, judged.score)
    np.testing.assert_array_equal(done.judgements.truth, judged.truth)
    table = payment_table(place, by, None, ["pair", "paid"])
    np.testing.assert_array_equal(table.truth, judged.truth)
    until = round(START.timestamp() * 1000) + 60 * 3_600_000
    early = table.known_by(until)
    assert 0 < (early.truth == 1).sum() < (table.truth == 1).sum()


def test_the_commands_read_a_countrys_folder(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a mapping, by the shipped policy; a policy's own mapping is not in the way."""
    place = str(folder(tmp_path / "country", busy(40)))
    shipped = str(root / POLICY)
    assert Exit.OK == main(["replay", place, "--policy", shipped, "--out", str(tmp_path / "out")])
    assert Exit.OK == main(["backtest", place, "--policy", shipped])
    handbook = str(root / "policies" / "handbook.toml")
    assert Exit.OK == main(["backtest", place, "--policy", handbook])
    assert "40" in capsys.readouterr().out
