"""The tables of a card hold its figures."""

from __future__ import annotations

import pytest

from arasha.reports import card_tables as tables
from arasha.reports import figures
from arasha.reports.card_measures import Card
from arasha.reports.proportions import Estimate, Interval
from arasha.reports.tables import Table
from reports_card_samples import sample_card


@pytest.fixture(scope="module")
def card() -> Card:
    """A whole one."""
    return sample_card(6_000)


def every(card: Card) -> list[Table]:
    return [
        tables.spans(card), tables.false_alarms(card), tables.levels(card), tables.curve(card),
        tables.top_k("cards", card.ranked.cards), tables.calibration(card),
        tables.bins(card.calibration.bins), tables.periods(card), tables.drift(card),
        *tables.contributions(card), tables.trainings(card.trainings),
        *(tables.seeds(one) for one in card.trainings),
        *(tables.division(one) for one in card.divisions),
    ]  # fmt: skip


def test_every_row_is_as_wide_as_its_head(card: Card) -> None:
    """And no cell is empty."""
    for table in every(card):
        assert table.rows, table.caption
        for row in table.rows:
            assert len(table.columns) == len(row), table.caption
            assert all(cell.words for cell in row), table.caption


def test_every_group_stands_with_its_figures(card: Card) -> None:
    """The rate, its interval, everyone else's and how many times as often."""
    for division in card.divisions:
        for group, row in zip(division.groups, tables.division(division).rows, strict=True):
            assert group.name == row[0].words
            assert figures.percent(group.bothered.share) == row[2].words
            assert figures.interval(group.bothered.interval) == row[2].note
            assert figures.ratio(group.times) == row[4].words


def test_bothered_in_all_finds_what_was_not_missed(card: Card) -> None:
    """The last row of the thresholds is the policy's."""
    last = tables.levels(card).rows[-1]
    assert figures.count(card.missed.whole - card.missed.part) == last[3].words
    assert figures.count(card.bothered.part) == last[1].words


def test_an_interval_below_zero_is_readable() -> None:
    """A dash between minus signs is not."""
    assert "−0.541 to −0.294" == tables.numbers(Estimate(-0.4, Interval(-0.541, -0.294)))
    assert "0.100–0.200" == tables.numbers(Estimate(0.15, Interval(0.1, 0.2)))
    assert "" == tables.numbers(Estimate(None))
