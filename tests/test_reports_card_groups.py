"""Whom a model errs on, and how sure that is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.schema import MISSING
from arasha.reports.card_columns import HOUR_MS, Grouping, Rows
from arasha.reports.card_groups import (
    MAX_GROUPS,
    Rate,
    by_amount,
    by_time_of_day,
    clustered_rate,
    design_effect,
    difference,
    errors_by,
)
from arasha.reports.proportions import wilson
from reports_card_samples import KZT, USD, rows

counts = st.integers(0, 500)


@given(counts, counts)
def test_independent_cases_have_wilsons_interval(part: int, rest: int) -> None:
    """As many as there are: the same interval as a backtest's."""
    plain = wilson(part, part + rest)
    found = Rate(part, part + rest, float(part + rest)).interval
    if plain is None:
        assert found is None
    else:
        assert found is not None
        assert pytest.approx((plain.low, plain.high)) == (found.low, found.high)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_the_design_effect_is_the_ratio_of_variances(some: list[tuple[bool, int]]) -> None:
    """By a plain loop over the clusters."""
    n, part = len(some), sum(hit for hit, _ in some)
    clusters = {cluster for _, cluster in some}
    found = design_effect(np.array([h for h, _ in some]), np.array([c for _, c in some]))
    if part in (0, n):
        assert found == 1
    elif len(clusters) == 1:
        assert found == n
    else:
        share = part / n
        sums = [sum(h - share for h, c in some if c == cluster) for cluster in clusters]
        variance = sum(x * x for x in sums) * len(sums) / (len(sums) - 1) / n**2
        assert pytest.approx(variance / (share * (1 - share) / n)) == found


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_a_rate_is_never_worth_more_than_its_cases(some: list[tuple[bool, int]]) -> None:
    """Likeness only takes away; the interval holds the share."""
    one = clustered_rate(np.array([h for h, _ in some]), np.array([c for _, c in some]))
    assert one.worth <= one.whole
    assert one.share is not None
    assert one.interval is not None
    assert 0 <= one.interval.low <= one.share <= one.interval.high <= 1


def test_a_difference_is_newcombes() -> None:
    """R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, table II, method 10."""
    for (a, m, b, n), (low, high) in {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 20): (0.6791, 1.0),
    }.items():
        found = difference(Rate(a, m, float(m)), Rate(b, n, float(n)))
        assert found is not None
        assert (low, high) == (round(found.low, 4), round(found.high, 4))
    assert difference(Rate(0, 0, 0.0), Rate(1, 2, 2.0)) is None


def errors(labels: list[str | None], truth: list[int], bothered: list[bool]) -> dict[str, object]:
    n = len(labels)
    division = errors_by(
        Grouping.of("bank", labels), np.array(bothered), np.full(n, 0.5),
        np.array(truth, np.int8), np.arange(n),
    )  # fmt: skip
    return {
        one.name: (
            (one.bothered.part, one.bothered.whole),
            (one.rest_bothered.part, one.rest_bothered.whole),
            (one.missed.part, one.missed.whole), one.times,
        )
        for one in division.groups
    }  # fmt: skip


def test_each_group_is_set_beside_all_others() -> None:
    """Good payments bothered, frauds missed; who belongs nowhere is a group too."""
    found = errors(
        ["A", "A", "A", "B", "B", None],
        [0, 0, 1, 0, 1, 0],
        [True, False, False, True, True, False],
    )
    assert {
        "A": ((1, 2), (1, 2), (1, 1), 1.0),
        "B": ((1, 1), (1, 3), (0, 1), 3.0),
        "not known": ((0, 1), (2, 3), (0, 0), 0.0),
    } == found


def test_small_groups_are_put_together() -> None:
    """The largest keep their names; nobody is lost."""
    labels: list[str | None] = [f"bank {at:02d}" for at in range(40) for _ in range(1 + (at < 20))]
    found = errors(labels, [0] * len(labels), [False] * len(labels))
    assert MAX_GROUPS == len(found)
    assert "others" in found
    assert "bank 00" in found
    assert "bank 39" not in found


def test_a_group_that_is_bothered_more_is_found_out() -> None:
    """Twice as often in 3,000 payments is beyond chance; in 30 it is not."""
    for each, more in ((1_500, 1), (15, 0)):
        labels = ["A"] * each + ["B"] * each
        hits = np.tile(np.arange(15) < 1, 2 * each // 15)
        hits[:each] = np.tile(np.arange(15) < 2, each // 15)
        division = errors_by(
            Grouping.of("bank", labels), hits, np.full(2 * each, 0.1),
            np.zeros(2 * each, np.int8), np.arange(2 * each),
        )  # fmt: skip
        a, b = division.groups
        assert pytest.approx(2.0) == a.times
        assert (more, -more) == (a.bothered_more, b.bothered_more)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60))
def test_amount_bands_follow_each_other(amounts: list[int]) -> None:
    """Each amount is in a band; bands do not overlap; currencies do not mix."""
    some = rows([0.0] * len(amounts), [0] * len(amounts), amount=amounts)
    bands = by_amount(some)
    assert bands.codes.min() >= 0
    ends = [
        (min(a), max(a))
        for band in range(len(bands.names))
        if (a := [x for x, at in zip(amounts, bands.codes.tolist(), strict=True) if at == band])
    ]
    assert all(high < low for (_, high), (low, _) in pairwise(ends))


def test_amounts_are_banded_by_currency_and_unknown_in_none() -> None:
    """A dollar is not a tenge."""
    some = rows([0.0] * 4, [0] * 4, amount=[100_00, 100_00, 500_00, MISSING])
    mixed = Rows(
        some.probability, some.truth, some.amount_minor,
        np.array([KZT, USD, USD, KZT], np.int64), some.payer, some.payee,
        some.happened_at_ms, some.known_at_ms,
    )  # fmt: skip
    bands = by_amount(mixed)
    assert -1 == bands.codes[3]
    assert ("any, KZT", "under 200 USD", "200 to 500 USD", "500 USD and over")[0] == bands.names[0]
    assert len({bands.codes[0], bands.codes[1], bands.codes[2]}) == 3
    assert all("USD" in bands.names[code] for code in bands.codes[1:3])


@pytest.mark.parametrize(("offset", "name"), [(0, "00:00 to 03:00"), (5, "03:00 to 06:00")])
def test_the_time_of_day_is_local(offset: int, name: str) -> None:
    """Midnight in London is five in Astana."""
    bands = by_time_of_day(rows([0.0], [0]), offset * HOUR_MS)
    assert name == bands.names[bands.codes[0]]
