"""The words of a card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arasha.policy.texts import LANGUAGES
from arasha.reports.card_measures import measure_card
from arasha.reports.card_texts import USES, bothered_more, notes
from reports_card_samples import month, rows, sample_card, subject


def test_the_uses_are_told_alike_in_each_language() -> None:
    """Kazakh, Russian and English, point by point; none is another's copy."""
    assert set(LANGUAGES) == set(USES)
    assert 1 == len({len(one.forbidden) for one in USES.values()})
    texts = [text for one in USES.values() for text in (one.heading, one.purpose, *one.forbidden)]
    assert len(texts) == len(set(texts))
    assert any(letter in "".join(USES["kk"].forbidden) for letter in "әғқңөұүһі")
    assert "і" not in "".join(USES["ru"].forbidden)


@pytest.mark.parametrize("word", ["persons", "ethnicity", "religion", "health", "proof of guilt"])
def test_what_arasha_will_not_do_is_said(word: str) -> None:
    """The uses that the design forbids."""
    assert word in " ".join(USES["en"].forbidden)


def test_a_note_for_each_thing_to_mind() -> None:
    """Few frauds, a short gap, no actions, payments not settled, drift."""
    test, _ = month(2_000)
    late = replace(subject(test), label_delay_ms=10**12)
    said = " ".join(notes(measure_card(late, replace(test, bothered=None))))
    for words in ("read the intervals", "promise too much", "No policy's actions", "not settled"):
        assert words in said
    assert "calls_before" in " ".join(notes(sample_card(2_000)))
    none = rows([0.5], [0], bothered=rows([1], [0]).probability > 0)
    assert ["No payment of the test is known"] == [
        note[:31] for note in notes(measure_card(replace(late, label_delay_ms=0), none))
    ]


def test_a_test_elsewhere_is_said_to_be_that_and_nothing_about_time() -> None:
    """The place is named; a gap in time that does not exist is not warned of."""
    test, _ = month(2_000)
    one = replace(subject(test), label_delay_ms=10**12, elsewhere="in a country of another seed")
    said = " ".join(notes(measure_card(one, test)))
    assert "not later than the training but elsewhere: in a country of another seed." in said
    assert "promise too much" not in said


def test_who_is_bothered_more_is_named_with_how_much() -> None:
    """The bank and the hours that the made-up model is unfair to, the worst first."""
    said, compared = bothered_more(sample_card())
    assert compared > 20
    assert any("ALFAKZKA (bank)" in one and "times as often" in one for one in said)
    assert not any("HSBKKZKX" in one for one in said)
