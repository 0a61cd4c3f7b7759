"""What goes into the public figures, and by how much one record can change them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.projection import rebuilt
from arasha.log.log import Log
from arasha.reports.public_figures import (
    FIGURES,
    MONTH_MILLI,
    MOST_MAJOR,
    SETTLE_MS,
    YEAR_MILLI,
    Month,
    Records,
    most_minor,
    settled_months,
    values_of,
)
from cases_samples import KZT
from lived_samples import A_DAY, live

OFFSET_MS = 5 * HOUR_MS
NOW_MS = 1_796_000_000_000  # 2026-11-30 in the country
OCTOBER = Month(2026, 10)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """A hundred days of four thefts a day."""
    directory = tmp_path_factory.mktemp("lived") / "centre"
    live(directory, NOW_MS)
    with Log.open(directory, writable=False) as log:
        state = rebuilt(log).state
    return Records(
        tuple(state.reports.values()), tuple(state.complaints.values()),
        tuple(state.holds.values()), tuple(state.appeals.values()), KZT, OFFSET_MS,
    )  # fmt: skip


def sums(records: Records, month: Month = OCTOBER) -> dict[str, int]:
    """Each figure's sum, without noise."""
    return {one.name: sum(values_of(one, records, month)) for one in FIGURES}


def test_a_months_figures(records: Records) -> None:
    """Each theft's report and hold; every third held wrongly, every sixth appealed."""
    found = sums(records)
    thefts = 31 * A_DAY
    assert {"reports": thefts, "holds": thefts} == {n: found[n] for n in ("reports", "holds")}
    assert thefts // 3 <= found["held_wrongly"] <= thefts // 3 + 1
    assert thefts // 6 <= found["upheld"] == found["appeals"] <= thefts // 6 + 1
    assert 0 == found["returned"] < found["held"]
    lasted = values_of(next(f for f in FIGURES if f.name == "hours_to_unblock"), records, OCTOBER)
    assert {3, 4} == set(lasted)
    minutes = values_of(next(f for f in FIGURES if f.name == "minutes_to_hold"), records, OCTOBER)
    assert (3, 11) == (min(minutes), max(minutes))


def test_one_hold_more_or_less_changes_no_figure_by_more_than_it_says(records: Records) -> None:
    """Of the largest amounts, too: they are clamped."""
    rich = replace(records.holds[60], held_minor=10**14, returned_minor=10**14)
    holds = (*records.holds[:60], rich, *records.holds[61:])
    with_it = replace(records, holds=holds)
    without = replace(records, holds=(*records.holds[:60], *records.holds[61:]))
    for month in (Month(2026, 8), Month(2026, 9), OCTOBER):
        for figure in FIGURES:
            one, other = (values_of(figure, some, month) for some in (with_it, without))
            if figure.candidates:
                assert abs(len(one) - len(other)) <= 1
            else:
                assert abs(sum(one) - sum(other)) <= most_minor(figure, KZT)
    assert MOST_MAJOR * 100 == most_minor(next(f for f in FIGURES if f.name == "held"), KZT)


def test_money_of_another_currency_and_unattested_reports_do_not_count(records: Records) -> None:
    """Nor does a hold at which there was nothing."""
    none = replace(
        records,
        reports=tuple(replace(one, attested=False) for one in records.reports),
        holds=tuple(
            replace(one, currency=840) if at % 2 else replace(one, held_minor=0)
            for at, one in enumerate(records.holds)
        ),
        appeals=(),
    )
    assert dict.fromkeys(sums(none), 0) == sums(none)


def test_a_month_is_counted_when_it_has_settled() -> None:
    """Not before; in the country's time; over the turn of a year."""
    first_ms = Month(2026, 11).starts_ms(OFFSET_MS)
    ripe_ms = Month(2027, 1).starts_ms(OFFSET_MS) + SETTLE_MS
    assert [Month(2026, 11)] == settled_months(first_ms, ripe_ms - 1, OFFSET_MS)
    assert [Month(2026, 11), Month(2026, 12)] == settled_months(first_ms, ripe_ms, OFFSET_MS)
    assert Month(2026, 10) == Month.of(first_ms - 1, OFFSET_MS)
    assert "2026-11" == str(Month.of(first_ms, OFFSET_MS))
    assert [] == settled_months(first_ms, first_ms + DAY_MS, OFFSET_MS)


def test_a_years_budget_is_twelve_months() -> None:
    """And what a month takes is what its figures take."""
    assert 12 * MONTH_MILLI == YEAR_MILLI
    assert 0 < min(one.epsilon_milli for one in FIGURES)
