"""The figures of a backtest equal what a double loop counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports_samples import KZT, RULES, USD, judgements, month, rows

from arasha.engine.judgements import Action, none
from arasha.errors import UsageError
from arasha.reports.backtest import compare, measure
from arasha.reports.measures import Hits, Tally

Row = dict[str, object]
NAMES = ("a", "b", "c", "d")
OFFSET_MS = 5 * 3_600_000


def naive(some: Iterable[Row]) -> Tally:
    """One pass, one payment at a time."""
    some = list(some)

    def money(truth: int) -> dict[int, int]:
        sums: dict[int, int] = {}
        for row in some:
            if row["truth"] == truth:
                sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
        return sums

    return Tally(
        frauds=sum(row["truth"] == 1 for row in some),
        goods=sum(row["truth"] == 0 for row in some),
        unknown=sum(row["truth"] == -1 for row in some),
        fraud_money=money(1),
        good_money=money(0),
        unknown_money=money(-1),
        payers=len({row["payer"] for row in some if row["truth"] == 0}),
    )


def where(some: list[Row], test: Callable[[Row], bool]) -> Tally:
    return naive(row for row in some if test(row))


@given(rows(), st.sampled_from([Action.WARN, Action.HOLD, Action.BLOCK]))
def test_every_tally_is_what_counting_by_hand_gives(some: list[Row], stop_at: Action) -> None:
    """In all, by action and by rule, money to the last minor unit."""
    measures = measure(judgements(some), NAMES, stop_at=stop_at)
    assert naive(some) == measures.total
    assert where(some, lambda row: row["action"] > 0) == measures.bothered.hit
    assert where(some, lambda row: row["action"] >= stop_at) == measures.stopped.hit
    for action, hits in zip((1, 2, 3), measures.actions, strict=True):
        assert where(some, lambda row, a=action: row["action"] == a) == hits.hit
    for rule, hits in enumerate(measures.rules):
        assert where(some, lambda row, r=rule: r in row["rules"]) == hits.hit
        assert where(some, lambda row, r=rule: set(row["rules"]) == {r}) == hits.alone
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
        assert where(some, lambda row, p=point: row["score"] >= p.score) == point.hits.hit


@given(rows(), st.data())
def test_a_comparison_is_the_difference_of_the_sets(some: list[Row], data: st.DataObject) -> None:
    """What one policy hits and the other does not, in all and by rule."""
    other = [
        {**row, "action": data.draw(st.integers(0, 3)), "rules": data.draw(st.lists(st.integers(0, 3)))}
        for row in some
    ]  # fmt: skip
    names = ("b", "a", "new", "d")
    old, new = judgements(some), judgements(other)
    comparison = compare((old, measure(old, NAMES)), (new, measure(new, names)))
    pairs = list(zip(some, other, strict=True))

    def changed(test: Callable[[Row, Row], bool]) -> Tally:
        return naive(row for row, after in pairs if test(row, after))

    assert changed(lambda b, a: b["action"] == 0 < a["action"]) == comparison.newly_hit
    assert changed(lambda b, a: a["action"] == 0 < b["action"]) == comparison.newly_missed
    assert changed(lambda b, a: b["action"] < 2 <= a["action"]) == comparison.newly_stopped
    assert changed(lambda b, a: a["action"] < 2 <= b["action"]) == comparison.no_longer_stopped
    assert ["b", "a", "new", "d", "c"] == [change.name for change in comparison.rules]
    for change in comparison.rules:

        def fired(row: Row, own: tuple[str, ...], name: str = change.name) -> bool:
            return any(own[rule] == name for rule in row["rules"])

        assert changed(lambda b, a: fired(a, names) and not fired(b, NAMES)) == change.newly_hit
        assert changed(lambda b, a: fired(b, NAMES) and not fired(a, names)) == change.newly_missed
    for move in comparison.transitions:
        expected = changed(lambda b, a, m=move: (b["action"], a["action"]) == (m.before, m.after))
        assert (expected.payments, expected.frauds, expected.goods) == (
            move.payments, move.frauds, move.goods,
        )  # fmt: skip


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
    assert compare((none(), measures), (none(), measures)).recall_difference is None


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


def test_examples_are_the_largest_and_show_no_whole_token() -> None:
    """The same ones each time: by amount, then by place in the log."""
    some = [{"truth": 1, "amount": amount, "payer": 2**63 + 5} for amount in (5, 9, 9, 1)]
    missed = measure(judgements(some), NAMES).missed
    assert ["p1", "p2", "p0", "p3"] == [one.id for one in missed]
    assert {"05000000"} == {one.payer for one in missed}


@pytest.mark.parametrize("change", ["fewer", "truth", "ids"])
def test_other_payments_cannot_be_compared(change: str) -> None:
    """Two policies are compared on one file, or not at all."""
    old = judgements([{"truth": 1}, {"truth": 0}])
    new = {
        "fewer": judgements([{"truth": 1}]),
        "truth": judgements([{"truth": 1}, {"truth": 1}]),
        "ids": replace(old, ids=["p0", "other"]),
    }[change]
    with pytest.raises(UsageError, match="same payments"):
        compare((old, measure(old, NAMES)), (new, measure(new, NAMES)))


def test_a_month_reads_as_life_does() -> None:
    """Figures of the sample month hang together."""
    measures = measure(month(20_000), RULES)
    assert measures.bothered.hit.payments == sum(a.hit.payments for a in measures.actions)
    assert measures.alerts_per_day == measures.bothered.hit.payments / 30
    assert 0 == measures.rules[-1].hit.payments
    assert isinstance(measures.rules[0], Hits)
