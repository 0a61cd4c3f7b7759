from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from arasha.events.mapping import TimeRule
from arasha.events.rejects import Refusal
from arasha.events.times import instants, whole_numbers
from events_samples import MAPPING, facts_of, mapping, read, rejects_of

TIMES = """
time = "iso"                              | 2026-01-31T09:30:00+05:00     | 1769833800000
time = "iso"                              | 2026-01-31 04:30:00.1239Z     | 1769833800123
time = "iso"                              | 2026-01-31T09:30:00.5+0500    | 1769833800500
time = "iso"                              | 2026-01-31T09:30:00           | bad
time = "iso", zone = "+05:00"             | 2026-01-31T09:30:00           | 1769833800000
time = "iso", zone = "-03:30"             | 2026-01-31T01:00:00           | 1769833800000
time = "iso", zone = "Asia/Tokyo"         | 2026-01-31T13:30:00           | 1769833800000
time = "iso", zone = "Asia/Tokyo"         | 2026-01-31T09:30:00+05:00     | 1769833800000
time = "iso", zone = "Europe/Berlin"      | 2026-03-29T02:30:00           | bad
time = "iso", zone = "UTC"                | 2026-13-31T09:30:00           | bad
time = "iso", zone = "UTC"                | 1969-12-31T23:59:59           | range
time = "%d.%m.%Y %H:%M", zone = "UTC"     | 31.01.2026 04:30              | 1769833800000
time = "%d.%m.%Y %H:%M %z"                | 31.01.2026 09:30 +0500        | 1769833800000
time = "%d.%m.%Y", zone = "UTC"           | 31.01.2026                    | 1769817600000
time = "%d.%m.%Y %H:%M"                   | 31.01.2026 04:30              | bad
time = "epoch_s"                          | 1769833800                    | 1769833800000
time = "epoch_ms"                         | 1769833800001                 | 1769833800001
time = "epoch_s"                          | 1769833800.5                  | bad
time = "epoch_ms"                         | 999999999999999999            | range
time = "step", origin = "2017-01-01", step = "1d" | 1                     | 1483315200000
time = "step", origin = "2017-01-01T00:00+05:00", step = "12h" | 0        | 1483210800000
time = "step", origin = "2017-01-01", step = "1d" | 1000000000000000000   | bad
time = "step", origin = "2017-01-01", step = "1d" | 99999999999999999     | range
"""


@pytest.mark.parametrize("line", TIMES.strip().splitlines())
def test_times_are_read_in_the_strangers_way(tmp_path: Path, line: str) -> None:
    """Zones, patterns, counts and steps; what names no zone needs one from the mapping."""
    rule, text, expected = (part.strip() for part in line.split("|"))
    by = mapping(MAPPING.replace('time = "iso"', rule))
    path = tmp_path / "payments.csv"
    path.write_text("ref,when,from,to,sum,ccy,way,phone,bad\n" + f"p-1,{text},A,B,1,KZT,APP,,0\n")
    batches = read(path, by)
    if expected.isdecimal():
        assert [int(expected)] == facts_of(batches).number("happened_at").tolist()
    else:
        refusal = {"bad": Refusal.BAD_TIME, "range": Refusal.TIME_OUT_OF_RANGE}[expected]
        assert [("when", refusal)] == [(r.column, r.refusal) for r in rejects_of(batches)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps_of_any_fineness_are_milliseconds(unit: Literal["ms", "us", "ns"]) -> None:
    """What is finer is cut off; a zone in the file wins over the mapping's."""
    naive = pl.Series(["2026-01-31 04:30:00.123"]).str.to_datetime(time_unit=unit)
    rule = TimeRule("timestamp", zone="+05:00")
    assert [1769833800123 - 5 * 3_600_000] == instants(naive, rule)[0].tolist()
    aware = naive.dt.replace_time_zone("UTC")
    assert [1769833800123] == instants(aware, rule)[0].tolist()


def test_numbers_that_are_whole_are_read_whatever_their_type() -> None:
    """Ints, floats without a fraction and digits; all else is unknown."""
    assert [7, None] == whole_numbers(pl.Series([7, None], dtype=pl.UInt8)).to_list()
    floats = pl.Series([7.0, 7.5, float("nan"), float("inf"), None])
    assert [7, None, None, None, None] == whole_numbers(floats).to_list()
    assert [-7, None, None] == whole_numbers(pl.Series(["-7", "7.0", "seven"])).to_list()
