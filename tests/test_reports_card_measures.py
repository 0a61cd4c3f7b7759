"""All figures of a card together: what is counted, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arasha.reports.card_columns import DAY_MS, Repeat, Seed
from arasha.reports.card_measures import SEED_FIGURES, measure_card
from reports_card_samples import KZT, USD, features, month, rows, sample_card, subject


def test_the_same_columns_give_the_same_card() -> None:
    """Bit for bit, intervals drawn by chance included."""
    assert sample_card(2_000, days=7) == sample_card(2_000, days=7)


def test_unsettled_payments_change_nothing_but_their_count() -> None:
    """They are neither good nor frauds."""
    test, _ = month(3_000)
    settled = test.take(test.truth >= 0)
    one, other = (measure_card(subject(test), some) for some in (test, settled))
    assert int((test.truth < 0).sum()) == one.unsettled
    assert 0 == other.unsettled
    assert other == replace(
        one, unsettled=0, late=other.late, first_ms=other.first_ms, last_ms=other.last_ms
    )


def test_the_order_of_the_file_does_not_matter() -> None:
    """Where no two scores tie on a card's day, nothing depends on it but what chance drew."""
    test, _ = month(3_000)
    test = test.take(test.truth >= 0)
    back = np.arange(len(test))[::-1]
    turned = type(test)(
        test.probability[back], test.truth[back], test.amount_minor[back], test.currency[back],
        test.payer[back], test.payee[back], test.happened_at_ms[back], test.known_at_ms[back],
        tuple(replace(one, codes=one.codes[back]) for one in test.groupings),
        None if test.score is None else test.score[back], None,
        None if test.bothered is None else test.bothered[back],
    )  # fmt: skip
    one, other = (measure_card(subject(test), some) for some in (test, turned))
    assert one.ranked.auc == other.ranked.auc
    assert one.ranked.cards == other.ranked.cards
    counted, turned_round = (
        [
            (group.name, group.bothered.part, group.missed.part)
            for part in card.divisions
            for group in part.groups
        ]
        for card in (one, other)
    )
    assert counted == turned_round


def test_money_is_weighed_by_currency_and_exactly() -> None:
    """Nothing is added across currencies, and sums beyond 64 bits survive."""
    big = 2**62
    some = rows([0.9, 0.8, 0.7, 0.1, 0.05], [1, 1, 1, 0, 1], amount=[big, big, big, 5, 7])
    some.currency[2] = USD
    at = measure_card(subject(some), some).ranked.at_false_alarms[-1]
    assert {KZT: 2 * big, USD: big} == dict(at.money_found)
    assert {KZT: 2 * big + 7, USD: big} == dict(at.money_of)
    assert 0.75 == at.recall.value
    assert pytest.approx(1.0) == at.money_recall.value


def test_without_actions_a_hundredth_of_the_good_is_bothered() -> None:
    """And the card says that this is not what a policy did."""
    test, _ = month(5_000)
    card = measure_card(subject(test), replace(test, bothered=None))
    assert not card.stated_bothered
    assert card.bothered.share is not None
    assert 0.005 < card.bothered.share <= 0.01
    at = card.ranked.at_false_alarms[-1]
    assert at.recall.value is not None
    assert card.missed.share is not None
    assert pytest.approx(1 - at.recall.value) == card.missed.share


@pytest.mark.parametrize(
    ("days", "by_week", "lengths"),
    [(7, False, [1] * 7), (14, True, [7, 7]), (17, True, [7, 10]), (18, True, [7, 7, 4])],
)
def test_periods_are_weeks_or_days(days: int, *, by_week: bool, lengths: list[int]) -> None:
    """Two whole weeks make weeks; a short rest joins the last; each payment is in one."""
    some = rows([0.1] * days, [0] * days, day=list(range(days)))
    card = measure_card(replace(subject(some), utc_offset_ms=0), some)
    assert by_week == card.by_week
    assert lengths == [one.last_day - one.first_day + 1 for one in card.periods]
    assert days == sum(one.payments for one in card.periods)


def test_seeds_give_mean_and_deviation() -> None:
    """A seed judged as the model itself has its figures."""
    test, _ = month(4_000)
    assert test.score is not None
    same = Seed(1, test.probability, test.score)
    worse = Seed(2, test.probability[::-1].copy(), test.score[::-1].copy())
    card = measure_card(subject(test), test, seeds=[same, worse], repeats=[Repeat("then", test)])
    (now, then) = card.trainings
    assert ("this test", "then") == (now.name, then.name)
    assert card.ranked.auc.value == now.seeds[0].figures["auc"]
    assert card.calibration.log_loss_gain == now.seeds[0].figures["log_loss_gain"]
    assert card.ranked.cards[2].precision == now.seeds[0].figures["card_precision"]
    auc = [one.figures["auc"] or 0 for one in now.seeds]
    mean, deviation = now.mean("auc") or (0.0, 0.0)
    assert pytest.approx((np.mean(auc), np.std(auc, ddof=1))) == (mean, deviation)
    assert (now.seeds[0].figures["auc"], None) == then.mean("auc")
    assert set(SEED_FIGURES) == set(now.seeds[0].figures)


@pytest.mark.parametrize("truth", [[], [0], [1], [-1], [0, 0], [1, 1], [-1, -1]])
def test_one_sided_tests_have_no_ranking(truth: list[int]) -> None:
    """None, and no warning on the way."""
    some = rows([0.5] * len(truth), truth)
    blank = replace(subject(rows([0.5], [0])), thresholds={"warn": 0.4})
    card = measure_card(blank, some, seeds=[Seed(1, some.probability)])
    assert card.ranked.auc.value is None
    assert card.calibration.line is None
    assert () == card.ranked.curve


def test_drift_counts_unsettled_payments_too() -> None:
    """Whether a payment is settled says nothing of its features."""
    test, logit = month(2_000)
    matrix, contributions = features(test, logit)
    card = measure_card(
        subject(test), test, matrix=matrix, contributions=contributions,
        train_probability=test.probability,
    )  # fmt: skip
    assert len(test) == len(matrix.test)
    assert card.drifts[0].name in {"calls_before", "payee_reports_30d"}
    assert card.score_drift is not None
    assert 0.0 == card.score_drift[0]
    assert "payee_reports" == card.group_weights[0].name


def test_the_gap_before_the_test_is_measured() -> None:
    """From the last payment learned from to the first of the test."""
    card = sample_card(2_000, days=7)
    assert 7 * DAY_MS + 1 == card.label_gap_ms
    assert replace(card, subject=replace(card.subject, spans=())).label_gap_ms is None


def test_a_test_elsewhere_has_no_gap() -> None:
    """In another country no time lies between training and test, whatever their clocks say."""
    card = sample_card(2_000, days=7)
    assert replace(card, subject=replace(card.subject, elsewhere="in a dream")).label_gap_ms is None
