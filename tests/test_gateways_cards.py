"""The activations that stand."""

from __future__ import annotations

from arasha.gateways.cards import KEEP_MS, Cards
from gateways_samples import Telling, token


def test_the_last_word_about_a_number_counts() -> None:
    """Activated again it is once; ended it is none; what is old is gone."""
    telling = Telling().sim("old", dealer="a").later(KEEP_MS)
    telling.sim("twice", dealer="a").sim("over").sim("swapped", "swapped").later(1)
    telling.sim("twice", dealer="b").sim("over", "deactivated")
    facts, cards = telling.facts, Cards()
    cards.observe(facts, facts.number("happened_at"))
    standing = cards.standing(telling.at_ms)
    assert [token("twice")] == [one.tobytes() for one in standing.tokens]
    assert int.from_bytes(token("b")[:8], "little") == standing.dealer[0]
    assert 0 == standing.holder[0]


def test_no_more_are_held_than_may_be() -> None:
    """The latest stay."""
    telling = Telling()
    for turn in range(10):
        telling.sim(f"n{turn}").later(1)
    facts, cards = telling.facts, Cards(most=4)
    cards.observe(facts, facts.number("happened_at"))
    kept = [one.tobytes() for one in cards.standing(telling.at_ms).tokens]
    assert [token(f"n{turn}") for turn in range(6, 10)] == kept
