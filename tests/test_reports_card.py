"""The files of a model card agree with each other and with the figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.reports import figures
from arasha.reports.card import document, write_card
from arasha.reports.card_measures import Card, measure_card
from reports_card_samples import rows, sample_card, subject


@pytest.fixture(scope="module")
def card() -> Card:
    """A whole one."""
    return sample_card(6_000)


def test_json_and_page_say_the_same(card: Card, tmp_path: Path) -> None:
    """Two files, and their figures are the card's."""
    assert ["card.json", "card.html"] == [path.name for path in write_card(tmp_path, card)]
    assert ["card.html", "card.json"] == sorted(path.name for path in tmp_path.iterdir())
    told = json.loads((tmp_path / "card.json").read_text())
    page = (tmp_path / "card.html").read_text()
    assert ("arasha-model-card", 1) == (told["format"], told["version"])
    assert card.subject.model_hash == told["subject"]["model_hash"]
    assert card.ranked.auc.value == told["ranked"]["auc"]["value"]
    banks = told["divisions"][0]
    assert "bank" == banks["name"]
    for group, plain in zip(card.divisions[0].groups, banks["groups"], strict=True):
        assert group.bothered.share == plain["bothered"]["share"]
        assert group.times == plain["times"]
        assert figures.percent(plain["bothered"]["share"]) in page
    mean = card.trainings[0].mean("auc")
    assert mean is not None
    assert list(mean) == list(told["trainings"][0]["means"]["auc"].values())
    at = told["ranked"]["at_false_alarms"][-1]
    assert {"KZT", "USD"} == set(at["money_of"])


def test_the_same_card_is_the_same_bytes(card: Card, tmp_path: Path) -> None:
    """A second writing replaces the first."""
    first = [path.read_bytes() for path in write_card(tmp_path, card)]
    assert first == [path.read_bytes() for path in write_card(tmp_path, card)]


@pytest.mark.parametrize("truth", [[], [0], [0, 1]])
def test_nothing_is_null_not_zero(truth: list[int]) -> None:
    """JSON has no NaN, and a figure of nothing is no figure."""
    some = rows([0.5] * len(truth), truth)
    told = document(measure_card(subject(rows([0.5], [0])), some))
    json.dumps(told, allow_nan=False)
    ranked = told["ranked"]
    assert isinstance(ranked, dict)
    assert (ranked["auc"]["value"] is None) == (len(truth) < 2)


def test_the_document_is_described(root: Path, card: Card) -> None:
    """Each name of the JSON's first level, and of the records in it, is in the reference."""
    text = (root / "docs" / "reference" / "model-card.md").read_text("utf-8")
    told = document(card)

    def names(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*(names(one) for one in value[:2]))
        if isinstance(value, dict):
            return set(value).union(*(names(one) for one in value.values()))
        return set()

    from_others = {"KZT", "USD", "warn", "hold", "block"}
    assert set() == {name for name in names(told) - from_others if name not in text}


def test_no_identifier_is_in_a_card(card: Card) -> None:
    """Counts and shares only: a card shows no payer and no payment."""
    names = json.dumps(document(card))
    assert "payer_" not in names
    assert '"id"' not in names
