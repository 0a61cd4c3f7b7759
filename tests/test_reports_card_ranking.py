"""Ranking figures, each against a plain loop that anyone can check by eye."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports.card_ranking import Curve, Order, TopK, precision_at, spread

judged = st.lists(st.tuples(st.sampled_from([0, 0.1, 0.5, 0.9]), st.integers(0, 1)), max_size=30)
Judged = list[tuple[float, int]]


def curve(some: Judged, times: list[int] | None = None) -> Curve:
    order = Order.of(np.array([p for p, _ in some]), np.array([y for _, y in some], np.int8))
    return order.curve(None if times is None else np.array(times, np.float64))


def naive_auc(some: Judged) -> float | None:
    pairs = [(a > b) + (a == b) / 2 for (a, x), (b, y) in product(some, some) if x > y]
    return sum(pairs) / len(pairs) if pairs else None


def naive_steps(some: Judged) -> list[tuple[int, int]]:
    """Frauds and good payments at or above each distinct score, from the top."""
    return [
        (sum(y for p, y in some if p >= at), sum(1 - y for p, y in some if p >= at))
        for at in sorted({p for p, _ in some}, reverse=True)
    ]


def naive_average_precision(some: Judged) -> float | None:
    frauds = sum(y for _, y in some)
    total, before = 0.0, 0
    for hit, false in naive_steps(some):
        total += (hit - before) * hit / (hit + false)
        before = hit
    return total / frauds if frauds else None


def naive_recall(some: Judged, most: float) -> float | None:
    frauds, goods = sum(y for _, y in some), sum(1 - y for _, y in some)
    if not (frauds and goods):
        return None
    return max([hit / frauds for hit, false in naive_steps(some) if false <= most * goods] or [0])


@given(judged)
def test_auc_is_the_chance_that_a_fraud_scores_higher(some: Judged) -> None:
    """Over all pairs, ties counting half."""
    assert pytest.approx(naive_auc(some)) == curve(some).auc


@given(judged)
def test_average_precision_takes_ties_as_one_step(some: Judged) -> None:
    """The order of the file must not matter."""
    assert pytest.approx(naive_average_precision(some)) == curve(some).average_precision
    assert curve(some).average_precision == curve(some[::-1]).average_precision


@given(judged, st.sampled_from([0, 0.1, 0.25, 0.5, 1]))
def test_recall_at_false_alarms_never_bothers_more(some: Judged, most: float) -> None:
    """A tie that would bother too many is not split."""
    assert pytest.approx(naive_recall(some, most)) == curve(some).recall_at(most)


@given(judged, st.data())
def test_a_weight_is_a_repetition(some: Judged, data: st.DataObject) -> None:
    """A payment that counts three times is three payments; one that counts none is not there."""
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(some), max_size=len(some)))
    repeated = [one for one, n in zip(some, times, strict=True) for _ in range(n)]
    weighted = curve(some, times)
    assert pytest.approx(naive_auc(repeated)) == weighted.auc
    assert pytest.approx(naive_average_precision(repeated)) == weighted.average_precision


def test_known_figures() -> None:
    """Computed by hand: one fraud first, the other third of four."""
    some = [(0.9, 1), (0.8, 0), (0.7, 1), (0.1, 0)]
    assert 0.75 == curve(some).auc
    assert pytest.approx((1 + 2 / 3) / 2) == curve(some).average_precision
    assert 0.5 == curve(some).recall_at(0.01)
    assert 1.0 == curve(some).recall_at(0.5)


def test_intervals_hold_the_figure_and_widen_with_likeness() -> None:
    """Payments that always come in tens say less than as many alone."""
    rng = np.random.default_rng(1)
    values = np.repeat(rng.random(100), 10)

    def mean(weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float | None]:
        whole = weights.sum()
        return [float((weights * values).sum() / whole) if whole else None]

    (alone,) = spread(mean, np.arange(1000), seed=1)
    (together,) = spread(mean, np.repeat(np.arange(100), 10), seed=1)
    assert alone is not None
    assert together is not None
    assert together.low < alone.low < values.mean() < alone.high < together.high
    assert 2 < (together.high - together.low) / (alone.high - alone.low) < 5
    assert (together,) == tuple(spread(mean, np.repeat(np.arange(100), 10), seed=1))


def test_one_cluster_has_no_interval() -> None:
    """Nothing can be drawn anew; nor of a figure that most draws do not have."""
    assert [None] == spread(lambda _: [1.0], np.zeros(5, np.int64), seed=1)
    assert [None] == spread(lambda _: [None], np.arange(5), seed=1)


# --- the first k a day ----------------------------------------------------------------------------

cards = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 4), st.sampled_from([0.1, 0.2, 0.3]), st.integers(0, 1)
    ),
    min_size=1,
    max_size=14,
)
Cards = list[tuple[int, int, float, int]]


def naive_top(some: Cards, k: int) -> tuple[float, list[int]]:
    """The handbook's loop: day by day, highest score per card, the first k, found ones leave."""
    found: set[int] = set()
    numbers = []
    for day in sorted({day for day, *_ in some}):
        best: dict[int, tuple[float, int]] = {}
        for on, card, score, fraud in some:
            if on == day and card not in found:
                old = best.get(card, (0.0, 0))
                best[card] = (max(old[0], score), max(old[1], fraud))
        first = sorted(best, key=lambda card: (-best[card][0], card))[:k]
        hit = {card for card in first if best[card][1]}
        found |= hit
        numbers.append(len(hit))
    return sum(numbers) / (k * len(numbers)), numbers


def naive_most(some: Cards, k: int) -> int:
    """The most fraud cards that k a day can find: every way of giving each one of its days."""
    days_of: dict[int, set[int]] = {}
    for day, card, _, fraud in some:
        if fraud:
            days_of.setdefault(card, set()).add(day)
    best = 0
    for choice in product(*([*sorted(days), -1] for days in days_of.values())):
        if all(choice.count(day) <= k for day in set(choice) - {-1}):
            best = max(best, sum(day >= 0 for day in choice))
    return best


def top(some: Cards, k: int) -> TopK:
    days, keys, scores, truth = (np.array(column) for column in zip(*some, strict=True))
    (found,) = precision_at(scores, truth.astype(np.int8), keys, days, [k])
    return found


@given(cards, st.integers(1, 3))
def test_card_precision_is_the_handbooks(some: Cards, k: int) -> None:
    """Per day the highest score of each card, the first k, found cards leave later days."""
    precision, numbers = naive_top(some, k)
    found = top(some, k)
    assert pytest.approx(precision) == found.precision
    assert tuple(numbers) == found.found


@given(cards, st.integers(1, 3))
def test_the_ceiling_is_the_most_that_any_order_finds(some: Cards, k: int) -> None:
    """By trying all; and so nothing exceeds it."""
    found = top(some, k)
    days = len({day for day, *_ in some})
    assert pytest.approx(naive_most(some, k) / (k * days)) == found.ceiling
    assert found.precision is not None
    assert found.ceiling is not None
    assert found.precision <= found.ceiling + 1e-12


def test_the_ceiling_moves_cards_to_other_days() -> None:
    """Card 1 could be found on either day, card 0 on the first alone: both are found."""
    some = [(0, 1, 0.9, 1), (0, 0, 0.1, 1), (1, 1, 0.9, 1)]
    assert (0.5, 1.0) == (top(some, 1).precision, top(some, 1).ceiling)


def test_no_payments_have_no_precision() -> None:
    """None, not 0."""
    empty = np.zeros(0)
    (found,) = precision_at(
        empty, empty.astype(np.int8), empty.astype(np.int64), empty.astype(np.int64), [10]
    )
    assert (None, None) == (found.precision, found.ceiling)
