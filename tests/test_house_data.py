from __future__ import annotations

from pathlib import Path

import polars as pl

from small_data import AMLGENTEX_FILE, AMLSIM_FOLDER, HANDBOOK_FILE, write_small_data


def test_the_data_sets_have_the_columns_that_tests_rely_on(
    shared_data: Path, small_data: Path
) -> None:
    """Whichever data are found, they have the same files, columns and types, sorted by time."""
    for name, time in ((HANDBOOK_FILE, "TX_DATETIME"), (AMLGENTEX_FILE, "step")):
        found, small = (pl.scan_parquet(folder / name) for folder in (shared_data, small_data))
        assert small.collect_schema() == found.collect_schema()
        assert small.select(pl.col(time).is_sorted()).collect().item()
    for name in ("transactions.csv", "nodes.csv"):
        found, small = (pl.scan_csv(f / AMLSIM_FOLDER / name) for f in (shared_data, small_data))
        assert small.collect_schema() == found.collect_schema()


def test_small_data_hold_some_frauds_and_are_the_same_each_time(
    small_data: Path, tmp_path: Path
) -> None:
    """The same seed gives the same payments; between 0.1 % and 5 % of them are frauds."""
    first = pl.read_parquet(small_data / HANDBOOK_FILE)
    again = pl.read_parquet(write_small_data(tmp_path) / HANDBOOK_FILE)
    assert first.equals(again)
    frauds = int(first["TX_FRAUD"].sum())
    assert 0.001 < frauds / len(first) < 0.05
