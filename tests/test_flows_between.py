"""Who among some accounts paid whom: pairs, sums, and nothing outside the time or the accounts."""

from __future__ import annotations

import numpy as np

from arasha.events.records import PaymentConcluded
from arasha.flows.arena import Arena
from arasha.flows.between import Between, paid_between
from arasha.vault.rows import facts_from_records
from live_samples import NOW, NOW_MS, TOKENS, payment


def test_pairs_that_payments_tie() -> None:
    """Each pair once with its payments and their sum; a payment that was rejected ties nobody."""
    arena = Arena()
    way = [("a", "b", "100.00"), ("a", "b", "50.00"), ("b", "c", "70.00"), ("x", "b", "999.00"),
           ("c", "a", "5.00"), ("a", "c", "8.00")]  # fmt: skip
    paid = [
        payment(at, id=f"p-{at}", payer_account=payer, payee_account=payee, amount=amount)
        for at, (payer, payee, amount) in enumerate(way)
    ]
    rejected = PaymentConcluded(id="o", happened_at=NOW, payment="p-5", outcome="rejected")
    facts = facts_from_records([*paid, rejected], "BANKKZKA", TOKENS)
    arena.observe(facts, NOW_MS + np.arange(len(facts)), np.arange(len(facts)))
    payers = facts.symbol("payer_account")
    currency = int(facts.number("currency")[0])
    a, b, c = (arena.account_of(payers[row], currency) for row in (0, 2, 4))
    assert a is not None
    assert b is not None
    assert c is not None
    found = paid_between(arena, {a, b, c}, NOW_MS, NOW_MS + 99)
    assert {
        Between(a, b, 2, 15_000), Between(b, c, 1, 7_000), Between(c, a, 1, 500),
    } == set(found)  # fmt: skip
    assert [Between(b, c, 1, 7_000)] == paid_between(arena, {b, c}, NOW_MS, NOW_MS + 99)
    assert [Between(a, b, 1, 5_000)] == paid_between(arena, {a, b}, NOW_MS + 1, NOW_MS + 1)
