from __future__ import annotations

from pathlib import Path

from arasha.country.card import card_of
from arasha.engine.version import write_version
from arasha.reports.card import document
from arasha.reports.card_texts import notes
from course_samples import SMALL, small_policy, taught


def test_the_card_says_what_the_model_rests_on(tmp_path: Path) -> None:
    """Seeds, sizes and the country's parameters; each row of the test is one judgement."""
    version = write_version(small_policy(), taught().trained, tmp_path, fallback="rules")
    card = card_of(version, taught(), SMALL)
    facts = dict(card.subject.facts)
    assert "2 of 150 people, seeds 1, 2" == facts["countries to learn from"]
    assert facts["parameters of the country"].startswith("version ")
    told = (taught().examined.table.truth >= 0).sum()
    assert told == card.payments
    assert {"warn": 0.1, "hold": 0.25} == card.subject.thresholds
    names = {division.name for division in card.divisions}
    assert {"judge", "channel"} <= names
    assert document(card)["format"] == "arasha-model-card"


def test_the_card_warns_of_no_gap_in_time(tmp_path: Path) -> None:
    """The test is another country of the same weeks: it says so, with the seeds."""
    version = write_version(small_policy(), taught().trained, tmp_path, fallback="rules")
    card = card_of(version, taught(), SMALL)
    assert card.label_gap_ms is None
    said = " ".join(notes(card))
    seeds = f"another seed ({SMALL.examine}) than those it learnt from (1, 2)"
    assert seeds in said
    assert "promise too much" not in said
