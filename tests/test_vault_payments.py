from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arasha.events.json import decode
from arasha.events.records import PaymentReceived
from arasha.events.rejects import Reject
from arasha.events.schema import CHANNELS
from arasha.events.symbols import code_bytes
from arasha.vault.payments import PaymentReader
from arasha.vault.rows import Row, row_of
from arasha.vault.tokens import Tokens

SENDER = "BANKKZKA"
PLAIN: dict[str, Any] = {
    "fact": "payment",
    "id": "p-1",
    "happened_at": "2026-01-31T09:30:00.25+05:00",
    "payer_account": "KZ75125KZT1001300335",
    "payee_account": "KZ86125KZT5004100100",
    "amount": "1500.50",
    "currency": "KZT",
}
RARER: dict[str, Any] = {
    "channel": "web",
    "device": "device-7",
    "payer_number": "+7 701 123 45 67",
    "payer_bank": "BANKKZKA",
    "payee_bank": "OTHERKZK",
    "purpose_code": "SALA",
    "uetr": "97ED4827-7B6F-4491-A06F-B548D5A7512D",
    "end_to_end_id": "INVOICE 7",
    "new_device": True,
    "remote_access": False,
    "active_call": True,
    "credentials_changed": None,
}

texts = st.one_of(
    st.sampled_from(
        ["", " ", "\u00a0", "a", "p-1", "x" * 64, "x" * 65, "y" * 129, "é", "{", "[]", "\n", "KZT",
         "XAU", "kzt", "12.345", "0", "-1", "1e3", "01.5", "1.", ".5", "\u0661", "9" * 16, "1" * 40,
         "nan", "2026-01-31T09:30:00", "2100-01-01T00:00:00Z", "1969-12-31T23:59:59Z", *CHANNELS]
    ),
    st.text(max_size=20),
)  # fmt: skip
values = st.one_of(texts, st.none(), st.booleans(), st.integers(-5, 5), st.just([]), st.just({}))
messages = st.builds(
    lambda rarer, changed, gone: {
        key: value for key, value in (PLAIN | rarer | changed).items() if key not in gone
    },
    st.sets(st.sampled_from(sorted(RARER))).map(
        lambda names: {name: RARER[name] for name in names}
    ),
    st.dictionaries(st.sampled_from([*PLAIN, *RARER, "note"]), values, max_size=2),
    st.sets(st.sampled_from([*PLAIN]), max_size=1),
)


def slowly(message: bytes, tokens: Tokens) -> Row | Reject | None:
    """What the ways of every other fact make of a message; None of one that is no payment."""
    record = decode(message)
    if isinstance(record, Reject):
        return record
    return row_of(record, SENDER, tokens) if isinstance(record, PaymentReceived) else None


@given(messages, st.integers(1, 2))
def test_the_short_way_leads_where_the_long_one_does(said: dict[str, Any], times: int) -> None:
    """Where the short way reads a payment, the long way reads the same; known texts or new ones."""
    tokens, message = Tokens(bytes(32), remember=True), json.dumps(said).encode()
    reader = PaymentReader(tokens)
    for _ in range(times):
        row = reader.row(message, code_bytes(SENDER))
        if row is not None:
            assert slowly(message, Tokens(bytes(32))) == row


@given(st.sets(st.sampled_from(sorted(RARER))))
def test_what_is_right_goes_the_short_way(names: set[str]) -> None:
    """Any fields a payment may have, as banks write them."""
    message = json.dumps(PLAIN | {name: RARER[name] for name in names}).encode()
    row = PaymentReader(Tokens(bytes(32))).row(message, code_bytes(SENDER))
    assert slowly(message, Tokens(bytes(32))) == row
    assert row is not None


def test_what_is_refused_leaves_nothing_for_the_vault() -> None:
    """A payment that is not read as a whole hides none of its identifiers."""
    tokens = Tokens(bytes(32), remember=True)
    message = json.dumps(PLAIN | {"uetr": "not one"}).encode()
    assert PaymentReader(tokens).row(message, code_bytes(SENDER)) is None
    assert tokens.taken() == []


def test_tokens_that_were_forgotten_are_made_again() -> None:
    """The reader holds on to no token longer than its maker."""
    tokens = Tokens(bytes(32), remember=True)
    reader, message = PaymentReader(tokens), json.dumps(PLAIN).encode()
    first = reader.row(message, code_bytes(SENDER))
    tokens.forget()
    assert reader.row(message, code_bytes(SENDER)) == first
    assert 2 == len(tokens.taken())
