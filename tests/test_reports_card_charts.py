"""The charts of a card draw what its figures say."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from arasha.reports import card_charts as charts
from arasha.reports.card_drift import Drift
from arasha.reports.card_measures import Card, measure_card
from arasha.reports.card_ranking import TopK
from reports_card_samples import rows, sample_card, subject


@pytest.fixture(scope="module")
def card() -> Card:
    """A whole one."""
    return sample_card(6_000)


def every(card: Card) -> list[str]:
    return [
        charts.precision_recall(card), charts.calibration(card), charts.periods(card),
        charts.drift(card), charts.contributions(card),
        charts.spans(card.subject.spans, card.subject.label_delay_ms, 0),
        charts.top_k("cards", "cards", card.ranked.cards),
        *(charts.division(one, card.bothered) for one in card.divisions),
    ]  # fmt: skip


def test_each_is_told_in_words_and_stays_inside(card: Card) -> None:
    """A title, a description, and nothing drawn beyond the edge."""
    for drawn in every(card):
        root = ElementTree.fromstring(drawn)
        assert root.findtext("title")
        assert root.findtext("desc")
        _, _, width, height = (float(x) for x in (root.get("viewBox") or "").split())
        for one in root.iter():
            for name, end in (("x", width), ("y", height)):
                for at in (name, f"{name}1", f"{name}2", f"c{name}"):
                    assert -1 <= float(one.get(at, "0")) <= end + 1, (one.tag, one.attrib)
            if one.tag == "rect":
                assert float(one.get("x", "0")) + float(one.get("width", "0")) <= width + 1


def test_a_perfect_ranking_is_drawn_round_what_was_reached() -> None:
    """Half of the ceiling is half as wide."""
    drawn = charts.top_k("cards", "cards", [TopK(100, 0.2, 0.4, (20,), (40,))])
    wide = {
        one.get("class"): float(one.get("width", "0"))
        for one in ElementTree.fromstring(drawn).iter("rect")
    }
    assert wide["hollow"] == pytest.approx(2 * wide["accent"], abs=0.1)
    assert "0.200 of 0.400" in drawn


def test_many_features_are_drawn_in_part(card: Card) -> None:
    """The worst; the table has them all."""
    many = tuple(Drift(f"feature {at}", 9.0 - at / 100, 0, 0, 0, 0, 0) for at in range(300))
    root = ElementTree.fromstring(charts.drift(replace(card, drifts=many)))
    assert charts.MAX_DRAWN_FEATURES == len(list(root.iter("rect")))


def test_nothing_is_drawn_as_an_empty_chart() -> None:
    """No payments, no frauds, a single payment."""
    blank = subject(rows([0.5], [0]))
    for truth in ([], [0], [1], [0, 1]):
        some = rows([0.5] * len(truth), truth)
        for drawn in every(measure_card(blank, some)):
            ElementTree.fromstring(drawn)


@pytest.mark.parametrize("highest", [0.0, 1e-7, 0.003, 0.02, 0.31, 0.99, 1.0])
def test_an_axis_of_shares_ends_above_what_it_shows(highest: float) -> None:
    """And not above 1."""
    top, step = charts._axis(highest)
    assert highest <= top * 1.001
    assert top <= 1
    assert 1 <= round(top / step) <= 6
