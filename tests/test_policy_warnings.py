"""What the payer is shown."""

from __future__ import annotations

import pytest

from arasha.policy.definition import ACTIONS, Action
from arasha.policy.texts import LANGUAGES
from arasha.policy.warnings import WARNINGS


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_its_words_in_each_language(action: Action) -> None:
    """A text that fits a telephone's screen, and questions that end as questions do."""
    warned = WARNINGS[action]
    for language in LANGUAGES:
        assert 40 < len(warned.text[language]) < 250
        assert all(question.endswith("?") for question in warned.ask[language])
    assert len({len(warned.ask[language]) for language in LANGUAGES}) == 1
    assert len(set(warned.text.values())) == len(LANGUAGES)


def test_nothing_in_them_is_a_value_or_a_placeholder() -> None:
    """A thief reads them, too: no number, no threshold, nothing to fill in."""
    for warned in WARNINGS.values():
        for text in (*warned.text.values(), *(q for some in warned.ask.values() for q in some)):
            assert not any(character.isdigit() for character in text)
            assert not set("{}<>%") & set(text)
