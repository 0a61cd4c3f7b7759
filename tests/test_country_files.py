from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from arasha.country.files import COUNTRY_FILE, EVENTS_FOLDER, CountryFiles, date_of, make_room
from arasha.country.happenings import Happenings, merged
from arasha.country.loop import Judging, Life
from arasha.errors import UsageError
from arasha.events.native import open_facts
from arasha.events.schema import FACT_OF_KIND, Kind
from arasha.vault.tokens import Tokens
from country_lives import always, days_of, life_of


def written(out: Path, life: Life, days: int) -> None:
    """The files of a country."""
    with CountryFiles(out, life, {"seed": 1}) as files:
        for happened in life.slices(days):
            files.write(happened)


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*")) if path.is_file()
    }  # fmt: skip


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of a country under a judge who warns of everything."""
    out = tmp_path_factory.mktemp("country")
    written(out, life_of(always(1)), 3)
    return out


def test_the_same_seed_gives_the_same_files_for_any_workers(tmp_path: Path) -> None:
    """Files are equal byte for byte for 1 and 2 workers."""
    for workers in (1, 2):
        written(tmp_path / str(workers), life_of(workers=workers), 2)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_rows_of_groups_change_no_fact(
    tmp_path: Path, country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows are written at once, the facts are the same."""
    monkeypatch.setattr("arasha.country.files.GROUP_ROWS", 100)
    written(tmp_path, life_of(always(1)), 3)
    for file in sorted((country / EVENTS_FOLDER).iterdir()):
        assert pl.read_parquet(file).equals(pl.read_parquet(tmp_path / EVENTS_FOLDER / file.name))


def test_every_fact_is_in_the_file_of_its_day(country: Path) -> None:
    """Files have all rows in their order, each on its local date."""
    rows = merged([one.rows for one in days_of(life_of(always(1)), 3)])
    frames = [pl.read_parquet(file) for file in sorted((country / EVENTS_FOLDER).iterdir())]
    together = pl.concat(frames)
    assert [str(serial) for serial in rows.serial.tolist()] == together["id"].to_list()
    words = [FACT_OF_KIND[Kind(kind)].word for kind in rows.kind.tolist()]
    assert words == together["fact"].to_list()
    assert rows.time_ms.tolist() == together["happened_at"].dt.epoch("ms").to_list()
    names = [f"2026-01-0{day}.parquet" for day in (5, 6, 7)]
    assert names == sorted(path.name for path in (country / EVENTS_FOLDER).iterdir())
    for name, frame in zip(names, frames, strict=True):
        local = frame["happened_at"].dt.offset_by("5h").dt.date().unique().to_list()
        assert [date.fromisoformat(name.removesuffix(".parquet"))] == local


def test_files_are_read_without_a_mapping_and_nothing_is_refused(country: Path) -> None:
    """What a country writes is what replay, backtest and train read, every kind of fact."""
    source = open_facts(country, None)
    kinds: set[int] = set()
    for batch in source.batches(Tokens(bytes(32)), 4_096):
        assert not batch.rejects
        kinds |= set(batch.facts.kinds.tolist())
    assert kinds >= {Kind.PAYMENT, Kind.CALL, Kind.SIGNAL, Kind.WARNING, Kind.REPORT}


def test_country_json_says_what_it_was_made_of(country: Path) -> None:
    """The last file says what it was told and counts the facts."""
    about = json.loads((country / COUNTRY_FILE).read_text())
    frames = [pl.read_parquet(file) for file in (country / EVENTS_FOLDER).iterdir()]
    counted = dict(pl.concat(frames)["fact"].value_counts().iter_rows())
    assert 1 == about["seed"]
    assert {word: count for word, count in about["facts"].items() if count} == counted


def test_a_country_is_not_written_over(country: Path) -> None:
    """A folder that holds a country is refused, and left as it is."""
    before = contents(country)
    with pytest.raises(UsageError, match="there is a country here already"):
        CountryFiles(country, life_of(), {})
    assert before == contents(country)


def test_a_fault_leaves_whole_days_and_nothing_half(tmp_path: Path) -> None:
    """When the country stops in the middle of a day, the days before it are there, whole."""

    class Enough(Judging):
        """A judge who breaks on the second day."""

        slices = 0

        def judge(self, some: Happenings) -> NDArray[np.uint8]:
            self.slices += 1
            if self.slices > 200:
                raise ValueError("enough")
            return np.zeros(int((some.kind == Kind.PAYMENT).sum()), np.uint8)

        def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
            """Nothing to do."""

    with pytest.raises(ValueError, match="enough"):
        written(tmp_path, life_of(Enough()), 3)
    names = {path.rpartition("/")[2] for path in contents(tmp_path)}
    assert names <= {"2026-01-05.parquet"}
    for file in (tmp_path / EVENTS_FOLDER).iterdir():
        assert len(pl.read_parquet(file)) > 1_000


def test_a_disk_that_refuses_stops_the_country(tmp_path: Path) -> None:
    """A file that cannot be written is said, not passed over."""
    (tmp_path / EVENTS_FOLDER / "2026-01-05.parquet.part").mkdir(parents=True)
    with pytest.raises(OSError, match="2026-01-05"):
        written(tmp_path, life_of(), 4)
    assert not (tmp_path / COUNTRY_FILE).exists()


_WRITES = """
import sys
from pathlib import Path
from arasha.country import files
files.GROUP_ROWS = 500
from arasha.country.loop import Life
from arasha.country.parameters import load
from arasha.country.society import Society
life = Life(Society.make(1, 2_000, load()), load(), 1)
with files.CountryFiles(Path(sys.argv[1]), life, {}) as written:
    for happened in life.slices(1_000):
        written.write(happened)
"""


def test_a_kill_leaves_no_half_file(tmp_path: Path) -> None:
    """Killed while it writes, a country leaves whole files under their names, or none."""
    process = subprocess.Popen([sys.executable, "-c", _WRITES, str(tmp_path)])
    try:
        deadline = time.monotonic() + 120
        while len(list(tmp_path.glob(f"{EVENTS_FOLDER}/*.parquet"))) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (tmp_path / COUNTRY_FILE).exists()
    for file in tmp_path.rglob("*.parquet"):
        assert len(pl.read_parquet(file)) > 0
    with pytest.raises(UsageError, match="half of a country is here"):
        make_room(tmp_path)


def test_dates_are_the_countrys_own() -> None:
    """Midnight is at 19:00 UTC."""
    midnight = 1_767_553_200_000
    assert date(2026, 1, 5) == date_of(midnight)
    assert date(2026, 1, 4) == date_of(midnight - 1)
