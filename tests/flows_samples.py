"""Payments between numbered accounts, for the tests of the room that follows money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.columns import Facts, concatenate
from arasha.events.reference import digests_of
from arasha.events.schema import CHANNELS, OUTCOMES, Kind
from arasha.events.symbols import code_bytes, symbols_of
from arasha.flows.arena import Arena
from arasha.flows.kernels_arena import NAMES_BANKS
from arasha.flows.ways_out import ABROAD, CASH, CRYPTO
from arasha.testing.naive_trace import Transfer

TENGE = 398
_ATM, _MOBILE = CHANNELS.index("atm"), CHANNELS.index("mobile")


def token(account: int) -> NDArray[np.uint64]:
    """The token of a numbered account."""
    return np.array([account + 1, 3 * account + 7], np.uint64)


def facts_of(transfers: Sequence[Transfer], first: int = 0) -> Facts:
    """The transfers as payments, with ids by place; the rejected ones are followed by an outcome
    at the end.
    """
    n = len(transfers)
    bank, none = code_bytes("BANKKZKA"), bytes(16)
    payments = Facts(
        np.full(n, Kind.PAYMENT, np.uint8),
        [f"p{first + place}" for place in range(n)],
        {
            "happened_at": np.array([t.at_ms for t in transfers], np.int64),
            "amount": np.array([t.amount for t in transfers], np.int64),
            "currency": np.full(n, TENGE, np.int64),
            "channel": np.array([_ATM if t.way == CASH else _MOBILE for t in transfers], np.int64),
        },
        {
            "sender": np.repeat(symbols_of([bank]), n, axis=0),
            "payer_account": np.array([token(t.payer) for t in transfers], np.uint64),
            "payee_account": np.array([token(t.payee) for t in transfers], np.uint64),
            "payer_bank": np.repeat(symbols_of([bank]), n, axis=0),
            "payee_bank": symbols_of(none if t.way == ABROAD else bank for t in transfers),
        },
    )
    refused = np.array([place for place, t in enumerate(transfers) if not t.moved], np.intp)
    return concatenate([payments, outcomes(payments.take(refused), "rejected")])


def outcomes(payments: Facts, word: str) -> Facts:
    """What became of payments, known when the last of them was."""
    n = len(payments)
    at = payments.number("happened_at").max(initial=0)
    return Facts(
        np.full(n, Kind.OUTCOME, np.uint8),
        [f"o-{word}-{one}" for one in payments.ids],
        {
            "happened_at": np.full(n, at, np.int64),
            "outcome": np.full(n, OUTCOMES.index(word), np.int64),
        },
        {"sender": payments.symbol("sender"), "payment": digests_of(payments)},
    )


def arena_of(transfers: Sequence[Transfer], **settings: int) -> Arena:
    """An arena that holds the transfers; their places are their ordinals."""
    arena = Arena(**settings)
    facts = facts_of(transfers)
    known_at = np.maximum.accumulate(facts.number("happened_at"))
    arena.about[NAMES_BANKS] = 1
    arena.observe(facts, known_at)
    for transfer in transfers:
        if transfer.way == CRYPTO:
            arena.name_exchanges(token(transfer.payee)[None])
    return arena


EXCHANGE = 99
"""The account of a crypto exchange."""

_OUTSIDE = {CRYPTO: EXCHANGE, ABROAD: 97}


@st.composite
def histories(draw: st.DrawFn) -> list[Transfer]:
    """Some dozens of small payments among few accounts, in order of time."""
    accounts = draw(st.integers(2, 6))
    at, history = 1, []
    for _ in range(draw(st.integers(1, 40))):
        at += draw(st.sampled_from((0, 0, 1, 3, 12)))
        payer, amount = draw(st.integers(0, accounts - 1)), draw(st.integers(1, 12))
        way = draw(st.sampled_from((0, 0, 0, 0, 0, CASH, ABROAD, CRYPTO)))
        payee = _OUTSIDE.get(way, draw(st.integers(0, accounts - 1)))
        history.append(Transfer(payer, payee, at, amount, way, draw(st.integers(0, 9)) > 0))
    return history
