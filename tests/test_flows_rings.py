"""Rings hang together by flow, devices and numbers; only what is confirmed makes one actionable."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import Kind
from arasha.flows.arena import Arena
from arasha.flows.rings import Uses, confirmed_accounts, flow_ties, rings
from arasha.testing import naive_back
from arasha.testing.naive_trace import Transfer
from flows_samples import TENGE, arena_of, facts_of, histories, token

MINUTE = 60_000
MULES = [
    Transfer(10, 1, 0, 100_00),
    Transfer(1, 2, 5 * MINUTE, 95_00),
    Transfer(2, 3, 9 * MINUTE, 90_00),
    Transfer(3, 8, 20 * MINUTE, 85_00, 1),
]
"""Stolen money goes over three mules in twenty minutes and is cash."""


@given(histories(), st.sampled_from((0, 3, 20, 1_000)), st.integers(1, 6))
def test_ties_by_flow_are_what_the_oracle_says(
    history: list[Transfer], quick_ms: int, least: int
) -> None:
    """Money matched newest first, both shares at least 80 in 100, strangers only."""
    arena = arena_of(history)
    number = {
        account: held
        for account in range(100)
        if (held := arena.account_of(token(account), TENGE)) is not None
    }

    found = {tuple(pair) for pair in flow_ties(arena, quick_ms, least).tolist()}

    expected = naive_back.flow_ties(history, quick_ms, least)
    assert {(number[a], number[b]) for a, b in expected} == found


def test_a_payment_to_oneself_feeds_nothing() -> None:
    """Money that an account moves to itself is not money that came to it."""
    history = [
        Transfer(2, 2, 1, 5), Transfer(9, 2, 2, 1), Transfer(2, 3, 3, 5), Transfer(3, 4, 4, 5)
    ]  # fmt: skip

    assert 0 == len(flow_ties(arena_of(history), 1_000, 1))


def test_resemblance_alone_is_a_question() -> None:
    """Without an account confirmed in fraud no ring is a ground to act."""
    arena = arena_of(MULES)

    [ring] = rings(arena, least_amount_minor=50_00)

    assert 3 == len(ring.accounts)
    assert (2, 0, 0) == ring.ties
    assert not ring.actionable


def test_a_settled_label_or_an_attested_report_makes_a_ring_actionable() -> None:
    """A report that no bank attests does not."""
    payments = facts_of(MULES)
    for kind, column, value, actionable in (
        (Kind.LABEL, "fraud", 1, True),
        (Kind.LABEL, "fraud", 0, False),
        (Kind.REPORT, "attested", 1, True),
        (Kind.REPORT, "attested", 0, False),
    ):
        arena = arena_of(MULES)
        said = Facts(
            np.array([kind], np.uint8),
            ["s"],
            {column: np.array([value])},
            {"payment": digests_of(payments)[:1], "sender": payments.symbol("sender")[:1]},
        )

        [ring] = rings(arena, None, confirmed_accounts(arena, said), least_amount_minor=50_00)

        assert actionable == ring.actionable


def test_a_collection_for_a_gift_is_no_ring() -> None:
    """Twenty parents pay one, who pays a shop: the shop passes nothing on."""
    gift = [Transfer(place, 50, place * MINUTE, 5_00) for place in range(20)]
    gift.append(Transfer(50, 60, 30 * MINUTE, 100_00))

    assert [] == rings(arena_of(gift), least_amount_minor=1_00)


def test_a_device_ties_few_accounts_and_a_till_none() -> None:
    """An account that pays from a mule's device belongs to the ring; a shared terminal does not."""
    outsider = Transfer(20, 21, 30 * MINUTE, 60_00)
    crowd = [Transfer(30 + n, 80, 31 * MINUTE + n, 1_00) for n in range(20)]
    history = [*MULES, outsider, *crowd]
    facts = facts_of(history)
    devices = np.zeros((len(facts), 2), np.uint64)
    devices[[1, 4]] = 7  # a mule's and the outsider's
    devices[[2, *range(5, 25)]] = 9  # a terminal that another mule used, too
    facts.symbols["device"] = devices
    arena = Arena()
    arena.observe(facts, facts.number("happened_at"))
    uses = Uses(arena)
    uses.observe(facts)

    [ring] = rings(arena, uses, least_amount_minor=50_00)

    expected = {arena.account_of(token(account), TENGE) for account in (1, 2, 3, 20)}
    assert expected == set(ring.accounts)
    assert (2, 1, 0) == ring.ties
