from __future__ import annotations

import numpy as np
import pytest

from arasha.country import payments_seen
from arasha.country.facts import Reader
from arasha.country.payments_seen import PaymentsSeen
from arasha.flows.arena import Arena
from country_lives import life_of


@pytest.mark.parametrize("at_once", [1, 100, 1 << 20])
def test_taken_in_together_they_are_the_same(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """However many wait, the arena is what batch by batch gives; so is a copy of it."""
    monkeypatch.setattr(payments_seen, "AT_ONCE", at_once)
    life = life_of(people=150)
    reader = Reader(life.society)
    seen, arena = PaymentsSeen(), Arena()
    for happened in life.slices(1):
        if len(happened.rows):
            facts = reader.facts(happened.rows)
            seen.see(facts)
            arena.observe(facts, facts.number("happened_at"))
    for one in (seen.arena, seen.copy().arena):
        assert np.array_equal(arena.save()["rows"], one.save()["rows"])
        accounts = range(arena.accounts)
        assert [arena.bank_of(at) for at in accounts] == [one.bank_of(at) for at in accounts]
        assert [arena.token_of(at) for at in accounts] == [one.token_of(at) for at in accounts]
