"""What the country knows of payments and accounts."""

from __future__ import annotations

import numpy as np

from arasha.country.facts import Reader
from arasha.country.happenings import FRAUD
from arasha.country.kernels_life import HELD, MOVED, REFUSED, RELEASED
from arasha.country.known import Known
from country_lives import always, life_of


def test_payments_are_known_as_they_were() -> None:
    """Every payment by its serial; others are unknown."""
    life = life_of(seed=2)
    known = Known(life.society, Reader(life.society), lambda account: account == 7)
    seen = []
    for happened in life.slices(2):
        known.take(happened)
        seen.append(happened)
    serials = set()
    for happened in seen:
        rows = happened.rows
        for at, became in zip(happened.payments.tolist(), happened.became.tolist(), strict=True):
            one = known.payment(int(rows.serial[at]))
            assert one is not None
            assert (one.time_ms, one.payer, one.payee, one.amount) == (
                rows.time_ms[at], rows.first[at], rows.second[at], rows.amount[at]
            )  # fmt: skip
            assert one.moved == (became == MOVED)
            assert one.is_fraud == bool(rows.truth[at] & FRAUD)
            serials.add(one.serial)
    assert known.payment(-1) is None
    assert all(known.payment(s) is None for s in range(max(serials) + 2) if s not in serials)
    assert known.has_part(7)


def test_a_held_payment_has_moved_when_its_review_says_so() -> None:
    """Until then it has not; refused it never does."""
    life = life_of(always(2), seed=2)
    known = Known(life.society, Reader(life.society), lambda _: False)
    became: dict[int, int] = {}
    for happened in life.slices(2):
        known.take(happened)
        rows, at = happened.rows, happened.payments
        became |= dict(zip(rows.serial[at].tolist(), happened.became.tolist(), strict=True))
        became |= {one.paid.serial: one.became for one in happened.concluded}
    assert {HELD, RELEASED, REFUSED} <= set(became.values())
    for serial, code in became.items():
        one = known.payment(serial)
        assert one is not None
        assert one.moved == (code == RELEASED)


def test_tokens_are_those_of_facts_and_lead_back() -> None:
    """Also of accounts that were opened since."""
    life = life_of(seed=2)
    reader = Reader(life.society)
    known = Known(life.society, reader, lambda _: False)
    for happened in life.slices(1):
        rows, facts = happened.rows, reader.facts(happened.rows)
        for at in happened.payments.tolist():
            token = np.ascontiguousarray(facts.symbol("payer_account")[at]).tobytes().hex()
            assert token == known.token(int(rows.first[at]))
            assert int(rows.first[at]) == known.account(token)
    new = life.society.open_account(0, 0, life.society.start_ms)
    assert new == known.account(known.token(new))
