"""Columns of times, in whatever way they are written, as milliseconds since 1970-01-01 UTC.

At *happened*. In: a column of a file and the mapping's rule for it. Out: int64[n] and refusals.
Finer parts than a millisecond are cut off. A time is in [1970, 2100).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.events.columns import Numbers
from arasha.events.mapping import TimeRule, offset_ms
from arasha.events.records import MAX_INSTANT_MS, MIN_INSTANT_MS
from arasha.events.rejects import Refusal
from arasha.events.schema import MISSING

Refusals = NDArray[np.uint8]

_ISO: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_ISO_WHOLE_CHARS: Final = 19  # 2026-01-31T09:30:00


def instants(column: pl.Series, rule: TimeRule) -> tuple[Numbers, Refusals]:
    """Milliseconds int64[n], ``MISSING`` where null or refused; refusals uint8[n], 0 for null."""
    if column.dtype.is_temporal():
        milliseconds = _of_temporal(column, rule.zone)
    elif rule.format in ("timestamp", "iso"):
        milliseconds = _of_iso(column, rule.zone)
    elif rule.format == "pattern":
        milliseconds = _of_pattern(column, rule)
    else:
        milliseconds = _of_count(column, rule)
    values = milliseconds.fill_null(MISSING).to_numpy().copy()
    refusals = np.zeros(len(values), np.uint8)
    refusals[(values < MIN_INSTANT_MS) | (values >= MAX_INSTANT_MS)] = (
        Refusal.TIME_OUT_OF_RANGE.value
    )
    refusals[values == MISSING] = Refusal.BAD_TIME.value
    refusals[column.is_null().to_numpy()] = 0
    values[refusals != 0] = MISSING
    return values, refusals


def expected_time(rule: TimeRule) -> str:
    """The times the rule reads, in words."""
    naming = "" if rule.zone else " with its offset from UTC"
    return {
        "timestamp": f"a timestamp{naming} from 1970 to 2099",
        "iso": f"an ISO 8601 time{naming}, such as 2026-01-31T09:30:00+05:00, from 1970 to 2099",
        "pattern": f"a time like {rule.pattern}{naming}, from 1970 to 2099",
        "epoch_s": "whole seconds since 1970-01-01 UTC, before 2100",
        "epoch_ms": "whole milliseconds since 1970-01-01 UTC, before 2100",
        "step": "the whole number of a step, before 2100",
    }[rule.format]


def whole_numbers(column: pl.Series) -> pl.Series:
    """Int64[n] of ints, integral floats and digits; null for all else."""
    if column.dtype.is_integer():
        return column.cast(pl.Int64, strict=False)
    if column.dtype.is_float():
        whole = column.is_finite() & (column.round(0) == column)
        return column.set(~whole.fill_null(value=True), None).cast(pl.Int64, strict=False)
    if column.dtype == pl.String:
        digits = column.str.contains(r"^-?[0-9]{1,18}$")
        return column.set(~digits.fill_null(value=True), None).cast(pl.Int64, strict=False)
    return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(column))


def _milliseconds(column: pl.Series) -> pl.Series:
    return column.dt.cast_time_unit("ms").to_physical().cast(pl.Int64)


def _in_zone(naive: pl.Series, zone: str | None) -> pl.Series:
    """Naive datetimes as milliseconds UTC; null where the zone is unknown or skips that time."""
    if zone is None:
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(naive))
    fixed = offset_ms(zone)
    if fixed is not None:
        return _milliseconds(naive) - fixed
    return _milliseconds(
        naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    )


def _of_temporal(column: pl.Series, zone: str | None) -> pl.Series:
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("ms"))
    assert isinstance(column.dtype, pl.Datetime)
    return _in_zone(column, zone) if column.dtype.time_zone is None else _milliseconds(column)


def _of_iso(text: pl.Series, zone: str | None) -> pl.Series:
    good = text.str.contains(_ISO).fill_null(value=False)
    text = text.set(~good, None)
    whole = text.str.slice(0, _ISO_WHOLE_CHARS).str.replace("T", " ", literal=True)
    naive = whole.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
    rest = text.str.slice(_ISO_WHOLE_CHARS)
    if (rest.fill_null("") == "").all():
        return _in_zone(naive, zone)
    part = rest.str.extract(r"^\.([0-9]+)").str.pad_end(3, "0").str.slice(0, 3)
    offsets = rest.str.extract(r"([Zz]|[+-][0-9]{2}:?[0-9]{2})$")
    ahead = _mapped_offsets(offsets)
    local = _milliseconds(naive)
    aware = offsets.is_not_null()
    whole_ms = (local - ahead).zip_with(aware, _in_zone(naive, zone))
    return whole_ms + part.cast(pl.Int64).fill_null(0)


def _mapped_offsets(offsets: pl.Series) -> pl.Series:
    known: dict[str | None, int | None] = {None: None}
    for text in offsets.unique().drop_nulls().to_list():
        zone = "UTC" if text in "Zz" else f"{text[:3]}:{text[-2:]}"
        known[text] = offset_ms(zone)
    return offsets.replace_strict(list(known), list(known.values()), return_dtype=pl.Int64)


def _of_pattern(column: pl.Series, rule: TimeRule) -> pl.Series:
    text = column.cast(pl.String)
    parsed = text.str.to_datetime(rule.pattern, time_unit="ms", strict=False)
    return _of_temporal(parsed, rule.zone)


def _of_count(column: pl.Series, rule: TimeRule) -> pl.Series:
    unit = {"epoch_s": 1000, "epoch_ms": 1}.get(rule.format, rule.step_ms)
    count = whole_numbers(column)
    latest = MAX_INSTANT_MS // unit + 1  # beyond it the product could leave 64 bits
    return rule.origin_ms + count.clip(-latest, latest) * unit
