"""The figures of a backtest equal what a double loop counts."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from arasha.engine.judgements import Action, none
from arasha.reports.backtest import measure
from arasha.reports.measures import Hits
from reports_samples import KZT, RULES, USD, Row, judgements, month, naive, rows, where

NAMES = ("a", "b", "c", "d")
OFFSET_MS = 5 * 3_600_000


def took(action: int, row: Row) -> bool:
    return bool(row["action"] == action)


def fired(rule: int, row: Row) -> bool:
    return rule in row["rules"]


def fired_alone(rule: int, row: Row) -> bool:
    return {rule} == set(row["rules"])


def reached(score: int, row: Row) -> bool:
    return bool(row["score"] >= score)


@given(rows(), st.sampled_from([Action.WARN, Action.HOLD, Action.BLOCK]))
def test_every_tally_is_what_counting_by_hand_gives(some: list[Row], stop_at: Action) -> None:
    """In all, by action and by rule, money to the last minor unit."""
    measures = measure(judgements(some), NAMES, stop_at=stop_at)
    assert naive(some) == measures.total
    assert where(some, lambda row: row["action"] > 0) == measures.bothered.hit
    assert where(some, lambda row: row["action"] >= stop_at) == measures.stopped.hit
    for action, hits in zip((1, 2, 3), measures.actions, strict=True):
        assert where(some, partial(took, action)) == hits.hit
    for rule, hits in enumerate(measures.rules):
        assert where(some, partial(fired, rule)) == hits.hit
        assert where(some, partial(fired_alone, rule)) == hits.alone
    assert sum(bool(row["late"]) for row in some) == measures.late


@given(rows())
def test_overlap_counts_the_payments_both_rules_hit(some: list[Row]) -> None:
    """The diagonal is a rule's own hits; Jaccard is both over either."""
    measures = measure(judgements(some), NAMES)
    for i in range(4):
        for j in range(4):
            both = sum(i in row["rules"] and j in row["rules"] for row in some)
            either = sum(i in row["rules"] or j in row["rules"] for row in some)
            assert both == measures.overlap[i][j]
            assert (both / either if either else None) == measures.jaccard(i, j)


@given(rows())
def test_days_hours_and_bands_divide_the_payments(some: list[Row]) -> None:
    """Each payment stands in one day, one hour and one band, in the policy's own time."""
    measures = measure(judgements(some), NAMES, utc_offset_ms=OFFSET_MS)
    for unit_ms, count, slices in (
        (86_400_000, 10**9, measures.days),
        (3_600_000, 24, measures.hours),
    ):
        assert len(some) == sum(one.payments for one in slices)
        for one in slices:
            mine = [
                r for r in some if (r["at_ms"] + OFFSET_MS) // unit_ms % count == one.at % count
            ]
            found = [r for r in mine if r["action"] > 0]
            assert (
                len(mine), len(found), naive(mine).frauds, naive(found).frauds, naive(mine).goods,
                naive(found).goods,
            ) == (
                one.payments, one.bothered, one.frauds, one.frauds_found, one.goods,
                one.goods_bothered,
            )  # fmt: skip
    assert len(some) == sum(band.bothered.of.payments for band in measures.bands)
    for band in measures.bands:
        mine = [
            row
            for row in some
            if row["currency"] == band.currency
            and band.from_minor <= row["amount"] < band.below_minor
        ]
        assert naive(mine) == band.bothered.of
        assert where(mine, lambda row: row["action"] > 0) == band.bothered.hit
        assert where(mine, lambda row: row["action"] >= 2) == band.stopped.hit


@given(rows())
def test_the_curve_is_what_each_threshold_would_hit(some: list[Row]) -> None:
    """From the highest score given down to the lowest above 0."""
    curve = measure(judgements(some), NAMES).curve
    assert sorted({row["score"] for row in some} - {0}, reverse=True) == [p.score for p in curve]
    for point in curve:
        assert where(some, partial(reached, point.score)) == point.hits.hit


def test_nothing_has_no_shares() -> None:
    """No payments: every count 0, every share missing, nothing raised."""
    measures = measure(none(), NAMES)
    assert 0 == measures.total.payments
    assert measures.first_at_ms is None
    assert measures.alerts_per_day is None
    assert NAMES == tuple(hits.name for hits in measures.rules)
    for hits in (measures.bothered, measures.stopped, *measures.actions, *measures.rules):
        assert [None] * 7 == [
            hits.hit_share, hits.precision, hits.recall, hits.precision_interval,
            hits.recall_interval, hits.good_per_fraud, hits.good_per_10_000,
        ]  # fmt: skip


def test_a_policy_without_rules_is_measured() -> None:
    """A model alone has actions and scores but no rules."""
    measures = measure(judgements([{"truth": 1, "action": 2, "score": 900}]), ())
    assert ((), ()) == (measures.rules, measures.overlap)
    assert 1.0 == measures.bothered.recall


def test_without_frauds_there_is_no_recall_but_a_precision() -> None:
    """Only good payments, one of them bothered."""
    hits = measure(judgements([{"truth": 0, "action": 1}, {"truth": 0}]), NAMES).bothered
    assert (None, 0.0, None, 5000.0) == (
        hits.recall, hits.precision, hits.good_per_fraud, hits.good_per_10_000,
    )  # fmt: skip


def test_nothing_but_frauds_bothers_nobody() -> None:
    """There were no good payments, so there is no share of them."""
    hits = measure(judgements([{"truth": 1, "action": 3}]), NAMES).bothered
    assert (1.0, 1.0, 0.0, None) == (
        hits.recall, hits.precision, hits.good_per_fraud, hits.good_per_10_000,
    )  # fmt: skip


def test_unknown_truth_is_never_good() -> None:
    """An unsettled payment that was held is a hit, and in no other share."""
    measures = measure(judgements([{"truth": -1, "action": 2, "amount": 5}]), NAMES)
    hits = measures.bothered
    assert (1, 0, 0, 1.0, None) == (
        hits.hit.payments, hits.hit.goods, hits.hit.payers, hits.hit_share, hits.precision,
    )  # fmt: skip
    assert {KZT: 5} == hits.hit.unknown_money


def test_money_of_two_currencies_is_two_sums() -> None:
    """And what was missed is what was not hit, by currency."""
    some = [
        {"truth": 1, "action": 2, "amount": 7},
        {"truth": 1, "amount": 5},
        {"truth": 1, "amount": 3, "currency": USD},
    ]
    stopped = measure(judgements(some), NAMES).stopped
    assert {KZT: 7} == stopped.hit.fraud_money
    assert {KZT: 5, USD: 3} == stopped.missed_money
    assert (7 / 12, 0.0) == (stopped.money_recall(KZT), stopped.money_recall(USD))


def test_a_month_reads_as_life_does() -> None:
    """Figures of the sample month hang together."""
    measures = measure(month(20_000), RULES)
    assert measures.bothered.hit.payments == sum(a.hit.payments for a in measures.actions)
    assert measures.alerts_per_day == measures.bothered.hit.payments / 30
    assert 0 == measures.rules[-1].hit.payments
    assert isinstance(measures.rules[0], Hits)
