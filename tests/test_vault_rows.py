from __future__ import annotations

import numpy as np
from hypothesis import given

from arasha.events.columns import Facts
from arasha.events.json import decode
from arasha.events.records import PaymentReceived, Record
from arasha.events.reference import digest16
from arasha.events.rejects import Reject
from arasha.events.schema import PartyKind
from arasha.testing.generated import histories
from arasha.vault.rows import facts_from_records, facts_of_rows, records_from_facts, row_of
from arasha.vault.tokens import Tokens
from events_samples import tokens

ACCOUNT = PartyKind.ACCOUNT


def _record(text: str) -> Record:
    record = decode(text.encode())
    assert not isinstance(record, Reject)
    return record


def test_records_become_facts_without_a_raw_identifier() -> None:
    """Identifiers are tokens, a reference is the digest of sender and id, money minor units."""
    head = '"happened_at": "2026-01-31T09:30:00.25+05:00"'
    facts = facts_from_records(
        [
            _record(
                f'{{"fact": "payment", "id": "p-1", {head}, "payer_account": "KZ1", '
                '"payee_account": "KZ2", "amount": "12.50", "currency": "KZT", "channel": "web",'
                '"uetr": "97ED4827-7B6F-4491-A06F-B548D5A7512D", "new_device": true}'
            ),
            _record(
                f'{{"fact": "outcome", "id": "o-1", {head}, "payment": "p-1", '
                '"outcome": "returned"}'
            ),
        ],
        "BANKKZKA",
        tokens(),
    )
    assert ([1, 2], ["p-1", "o-1"]) == (facts.kinds.tolist(), list(facts.ids))
    assert (1250, 398) == (facts.number("amount")[0], facts.number("currency")[0])
    assert 1769833800250 == facts.number("happened_at")[0]
    assert tokens().of(ACCOUNT, "KZ1") == facts.symbol("payer_account")[0].tobytes()
    assert digest16("BANKKZKA", "p-1") == facts.symbol("payment")[1].tobytes()
    assert b"BANKKZKA" + bytes(8) == facts.symbol("sender")[1].tobytes()
    shown = records_from_facts(facts)[0]
    assert isinstance(shown, PaymentReceived)
    assert "97ed4827-7b6f-4491-a06f-b548d5a7512d" == shown.uetr
    assert "12.50" == shown.amount
    assert tokens().of(ACCOUNT, "KZ1").hex() == shown.payer_account


@given(histories())
def test_what_facts_say_beside_identifiers_survives_the_way_through_records(facts: Facts) -> None:
    """Numbers, codes and UETRs come back; tokens of tokens are new, as they must be."""
    again = facts_from_records(records_from_facts(facts), "ALPHAKZK", tokens())
    assert facts.kinds.tolist() == again.kinds.tolist()
    for name in facts.numbers:
        assert np.array_equal(facts.number(name), again.number(name)), name
    for name in ("payer_bank", "operator", "purpose_code", "bank", "uetr"):
        assert np.array_equal(facts.symbol(name), again.symbol(name)), name


def test_a_batch_of_rows_is_a_batch_of_records() -> None:
    """Row by row and sender by sender, with the columns that any row knows."""
    tokens = Tokens(b"k" * 32)
    payment = (
        b'{"fact":"payment","id":"p","happened_at":"2026-01-31T09:30:00Z","payer_account":"a",'
        b'"payee_account":"b","amount":"1.50","currency":"KZT","channel":"web","new_device":true}'
    )
    warning = (
        b'{"fact":"warning","id":"w","happened_at":"2026-01-31T09:30:01Z","payment":"p",'
        b'"answer":"stopped"}'
    )
    records = [decode(payment), decode(warning)]
    known = [record for record in records if not isinstance(record, Reject)]
    assert 2 == len(known)
    made = facts_of_rows([row_of(record, "BANKKZKA", tokens) for record in known])
    whole = facts_from_records(known, "BANKKZKA", tokens)
    assert records_from_facts(whole) == records_from_facts(made)
    assert whole.numbers.keys() == made.numbers.keys()
    assert "amount" in made.numbers
    assert "duration" not in made.numbers
    mixed = facts_of_rows([row_of(known[0], sender, tokens) for sender in ("ONE", "OTHER")])
    assert 2 == len(np.unique(mixed.symbol("sender"), axis=0))
    assert 0 == len(facts_of_rows([]))
