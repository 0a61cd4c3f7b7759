from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from arasha.events.columns import Facts
from arasha.events.json import MAX_MESSAGE_BYTES, decode, decode_lines, encode
from arasha.events.records import PaymentReceived
from arasha.events.rejects import Reject
from arasha.testing.generated import histories
from arasha.vault.rows import records_from_facts

CANARY = "KZ99CANARY0000000001"
PAYMENT = {
    "fact": "payment",
    "id": "p-1",
    "happened_at": "2026-01-31T09:30:00+05:00",
    "payer_account": "KZ75125KZT1001300335",
    "payee_account": "KZ86125KZT5004100100",
    "amount": "1500.50",
    "currency": "KZT",
}


def _decode(**changes: object) -> object:
    message = {k: v for k, v in (PAYMENT | changes).items() if v != "leave out"}
    return decode(json.dumps(message).encode())


def test_a_message_becomes_a_record() -> None:
    """What is not said, or null, is unknown."""
    record = _decode(channel="mobile", new_device=False, device=None)
    assert isinstance(record, PaymentReceived)
    assert ("mobile", False, None) == (record.channel, record.new_device, record.device)


REFUSED: dict[str, dict[str, object]] = {
    "missing_value $.payer_account": {"payer_account": "leave out"},
    "unknown_field $": {"payee_name": "A"},
    "wrong_type $.amount": {"amount": 12.5},
    "too_many_decimals $.amount": {"amount": "12.345"},
    "not_positive $.amount": {"amount": "-12.00"},
    "not_finite $.amount": {"amount": "NaN"},
    "amount_too_large $.amount": {"amount": "99999999999999999"},
    "unknown_currency $.currency": {"currency": "KZX"},
    "currency_without_minor_unit $.currency": {"currency": "XAU"},
    "bad_time $.happened_at": {"happened_at": "2026-01-31T09:30:00"},
    "time_out_of_range $.happened_at": {"happened_at": "2126-01-31T09:30:00Z"},
    "unknown_category $.channel": {"channel": CANARY},
    "text_too_long $.device": {"device": CANARY * 10},
    "bad_identifier $.payer_account": {"payer_account": "  "},
    "bad_id $.id": {"id": "p-1\n"},
    "bad_code $.payer_bank": {"payer_bank": "two words"},
    "bad_reference $.uetr": {"uetr": "1234"},
    "bad_json $": {"device": {"deep": [CANARY]}},
    "wrong_type $.fact": {"fact": CANARY},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named_with_its_path(case: str) -> None:
    """Each refusal has a name and a JSON path, says what was expected, and repeats no value."""
    reject = _decode(**REFUSED[case])
    assert isinstance(reject, Reject)
    assert case == f"{reject.refusal.word} {reject.column}"
    assert reject.expected
    assert CANARY not in repr(reject)


@pytest.mark.parametrize(
    "message", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 50_000, b'{"a":' * 2000, b"null"]
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    """Broken, nested or foreign JSON is a refusal, never an exception."""
    assert isinstance(decode(message), Reject)


def test_an_unknown_field_that_is_nearly_known_is_pointed_out() -> None:
    """A spelling mistake is met with the right spelling."""
    reject = _decode(chanel="mobile")
    assert isinstance(reject, Reject)
    assert "did you mean 'channel'?" == reject.expected


def test_lines_are_counted_and_one_bad_line_is_one_reject() -> None:
    """NDJSON: empty lines count, a gigantic line costs no memory and no other line."""
    good = json.dumps(PAYMENT).encode()
    long = b'{"fact": "' + b"x" * (3 * MAX_MESSAGE_BYTES) + b'"}'
    lines = list(decode_lines(io.BytesIO(b"\n".join([good, b"", long, b"{", good]))))
    told = [
        (line.row, line.refusal.word) if isinstance(line, Reject) else line.id for line in lines
    ]
    assert ["p-1", (3, "text_too_long"), (4, "bad_json"), "p-1"] == told


@given(histories())
def test_every_record_survives_the_way_through_json(facts: Facts) -> None:
    """What is encoded is decoded to an equal record, for every kind of fact."""
    for record in records_from_facts(facts):
        assert record == decode(encode(record))


@given(st.binary(max_size=200))
def test_no_bytes_raise(message: bytes) -> None:
    """Whatever comes to the door is a record or a refusal."""
    assert isinstance(decode(message), Reject | Struct)
