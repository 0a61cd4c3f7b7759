"""What is laid beside a country: the same for the same seed, and whose each number is."""

from __future__ import annotations

from collections import Counter

import numpy as np

from arasha.country.planted import AGENCY, COMPANY, FAMILY, PROMOTION, REPAIRS, STRAW, plant
from arasha.country.script import DAY_MS
from arasha.events.schema import Kind


def test_everybody_is_there_in_time_order_and_the_same_each_time() -> None:
    """Counts as the tables of the rehearsal have them."""
    made = plant(1, 10**12, 10**12 + 3 * DAY_MS)
    facts = made.facts()
    times = facts.number("happened_at")
    assert (np.diff(times) >= 0).all()
    assert {COMPANY: 200, FAMILY: 8, PROMOTION: 300, REPAIRS: 16, AGENCY: 6, STRAW: 14} == Counter(
        made.whose.values()
    )
    assert {int(Kind.CALL), int(Kind.SIM_CHANGE)} == set(facts.kinds.tolist())
    again = plant(1, 10**12, 10**12 + 3 * DAY_MS).facts()
    assert facts.symbol("number").tobytes() == again.symbol("number").tobytes()
    assert (
        facts.symbol("number").tobytes()
        != plant(2, 10**12, 10**12 + DAY_MS).facts().symbol("number").tobytes()
    )
