"""What a message of ISO 20022 becomes, and how it is refused."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from arasha.events.iso20022 import messages
from arasha.events.iso20022.messages import Message, decode_json, decode_xml
from arasha.events.iso20022.tree import KEPT
from arasha.events.json import decode, encode
from arasha.events.records import PaymentConcluded, PaymentReceived, Record, ReportFiled
from arasha.events.rejects import Refusal, Reject
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens
from iso20022_samples import JSON, PAYEE, PAYER, PERSONAL, UETR, XML

AT = datetime(2026, 1, 5, 4, 30, 0, 250_000, UTC)
NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def taken(found: Message | Reject) -> Message:
    assert isinstance(found, Message), found
    return found


def changed(kind: str, old: str, new: str) -> Message | Reject:
    """The XML message with one thing changed."""
    text = XML[kind].decode()
    assert old in text
    return decode_xml(text.replace(old, new).encode())


def changed_json(kind: str, change: dict[str, Any]) -> Message | Reject:
    """The JSON message with some values changed, by path; None takes a value away."""
    value = json.loads(JSON[kind])
    for path, new in change.items():
        *way, last = path.split("/")
        at = value
        for name in way:
            at = at[name]
        if new is None:
            del at[last]
        else:
            at[last] = new
    return decode_json(json.dumps(value).encode())


PAYMENT: dict[str, Any] = {
    "happened_at": AT, "payer_account": PAYER, "payee_account": PAYEE, "amount": "250000.50",
    "currency": "KZT", "payer_bank": "CASPKZKA", "payee_bank": "BANK-2",
    "payer_number": "+7-7015550142", "end_to_end_id": "E-1",
}  # fmt: skip
FROM_TAZAMA: dict[str, Any] = {
    "happened_at": AT, "payer_account": "77015550142", "payee_account": "77015550143",
    "amount": "250000.5", "currency": "KZT", "payer_bank": "fsp001", "payee_bank": "fsp002",
    "payer_number": "+7-7015550142", "end_to_end_id": "E-1", "purpose_code": "MP2P",
}  # fmt: skip
PARTIES: dict[str, Any] = {"payer_account": PAYER, "payee_account": PAYEE}


@pytest.mark.parametrize(
    ("kind", "own", "records"),
    [
        ("pain.001", "MSG-1", [PaymentReceived(id="I-1", purpose_code="SALA", **PAYMENT)]),
        ("pacs.008", "MSG-1", [PaymentReceived(id=UETR, uetr=UETR, **PAYMENT)]),
        (
            "pacs.002", "MSG-1",
            [PaymentConcluded(
                id="S-1", happened_at=AT, payment=UETR, outcome="settled", **PARTIES
            )],
        ),
        (
            "pacs.004", "MSG-1",
            [PaymentConcluded(
                id="R-1", happened_at=AT, payment="T-1", outcome="returned", amount="1000",
                currency="KZT", **PARTIES,
            )],
        ),
        (
            "camt.056", "CASE-1",
            [ReportFiled(
                id="C-1", happened_at=NINE, payment="T-1", amount="250000.50", currency="KZT",
                **PARTIES,
            )],
        ),
        ("camt.029", "CASE-1", []),
    ],
)  # fmt: skip
def test_what_an_xml_message_becomes(kind: str, own: str, records: list[Record]) -> None:
    """Each of the six kinds, as a bank sends it."""
    found = taken(decode_xml(XML[kind]))
    assert (kind, own, tuple(records)) == (found.kind, found.id, found.records)


@pytest.mark.parametrize(
    ("kind", "own", "records"),
    [
        ("pain.001", "MSG-1", [PaymentReceived(id="E-1", **FROM_TAZAMA)]),
        ("pain.013", "MSG-1", []),
        ("pacs.008", "MSG-1", [PaymentReceived(id="I-1", **FROM_TAZAMA)]),
        (
            "pacs.002", "MSG-2",
            [PaymentConcluded(
                id="MSG-2/1", happened_at=datetime(2026, 1, 5, 4, 31, tzinfo=UTC), payment="I-1",
                outcome="settled",
            )],
        ),
    ],
)  # fmt: skip
def test_what_a_json_message_becomes(kind: str, own: str, records: list[Record]) -> None:
    """Each of the four kinds, as Tazama takes them."""
    assert Message(kind, own, tuple(records)) == decode_json(JSON[kind])


@pytest.mark.parametrize("message", [*XML.values(), *JSON.values()])
def test_nothing_personal_comes_in(message: bytes) -> None:
    """Names, addresses, births, mail and text to the payee are in no record and in no repr."""
    assert all(word in message.decode() for word in PERSONAL[:1]) or b"wedding" in message
    found = decode_xml(message) if message.startswith(b"<") else decode_json(message)
    said = msgspec.json.encode(taken(found)).decode() + repr(found)
    said += repr(facts_from_records(taken(found).records, "BANK", Tokens(b"k" * 32)))
    assert [] == [word for word in PERSONAL if word in said]
    assert "wedding" not in said


@pytest.mark.parametrize("message", [*XML.values(), *JSON.values()])
def test_the_records_are_those_of_the_other_door(message: bytes) -> None:
    """Each record passes the checks of the JSON door as it stands."""
    found = decode_xml(message) if message.startswith(b"<") else decode_json(message)
    for record in taken(found).records:
        assert record == decode(encode(record))


XML_FAULTS = [
    ("pacs.008", "<MsgId>MSG-1</MsgId>", "", "missing_value", "GrpHdr/MsgId"),
    ("pacs.008", "MSG-1", "MSG 1", "bad_id", "GrpHdr/MsgId"),
    ("pacs.008", "MSG-1", "M" * 36, "text_too_long", "GrpHdr/MsgId"),
    ("pacs.008", "+05:00", "", "bad_time", "GrpHdr/CreDtTm"),
    ("pacs.008", "2026-01-05T09", "2126-01-05T09", "time_out_of_range", "GrpHdr/CreDtTm"),
    ("pacs.008", ">1</NbOfTxs>", ">2</NbOfTxs>", "out_of_range", "GrpHdr/NbOfTxs"),
    ("pacs.008", "250000.50", "250000.501", "too_many_decimals", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", "250000.50", "-5", "not_positive", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", "250000.50", "1e3", "not_a_number", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", "250000.50", "9" * 30, "amount_too_large", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", "250000.50", "", "missing_value", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", 'Ccy="KZT"', "", "missing_value", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", '"KZT"', '"KZZ"', "unknown_currency", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", '"KZT"', '"XAU"', "currency_without_minor_unit", "CdtTrfTxInf/IntrBkSttlmAmt"),
    ("pacs.008", PAYER, "KZ87125KZT5004100100", "bad_identifier", "DbtrAcct/Id/IBAN"),
    ("pacs.008", f"<IBAN>{PAYEE}</IBAN>", "", "missing_value", "CdtrAcct"),
    ("pacs.008", "CASPKZKA", "CASP", "bad_code", "DbtrAgt/FinInstnId/BICFI"),
    ("pacs.008", "BANK-2", "B" * 17, "bad_code", "ClrSysMmbId/MmbId"),
    ("pacs.008", UETR.upper(), "no-uuid", "bad_reference", "CdtTrfTxInf/PmtId/UETR"),
    ("pacs.008", "<TxId>T-1</TxId>", "<TxId>1</TxId><TxId>2</TxId>", "too_many", "PmtId/TxId[2]"),
    ("pacs.002", "ACSC", "settled", "bad_code", "TxInfAndSts/TxSts"),
    ("pacs.004", "<RtrdIntrBkSttlmAmt Ccy", "<Rtrd Ccy", "bad_xml", "/"),
    ("pacs.004", "FOCR", "for cause", "bad_code", "RtrRsnInf/Rsn/Cd"),
    ("camt.056", "<Assgnmt>", "<Assgn>", "bad_xml", "/"),
    ("camt.056", "CASE-1", "", "missing_value", "Assgnmt/Id"),
    ("camt.029", "<OrgnlTxId>T-1</OrgnlTxId>", "<OrgnlTxId/>", "missing_value", "OrgnlTxId"),
    ("pain.001", "<PmtInf>", "<Pmt>", "bad_xml", "/"),
    ("pain.001", "KZT", "kzt", "unknown_currency", "Amt/InstdAmt"),
]


@pytest.mark.parametrize(("kind", "old", "new", "word", "path"), XML_FAULTS)
def test_what_does_not_fit_is_refused_with_its_path(
    kind: str, old: str, new: str, word: str, path: str
) -> None:
    """The refusal names the element and what was expected, and repeats nothing."""
    found = changed(kind, old, new)
    assert isinstance(found, Reject)
    assert (word, True) == (found.refusal.word, found.column.endswith(path)), found
    assert found.expected
    assert not new or len(new) < 4 or new not in str(found)


def test_which_id_a_payment_has() -> None:
    """UETR, TxId, InstrId, EndToEndId: the first that there is; none at all is refused."""
    ids = ["<InstrId>I-1</InstrId>", "<TxId>T-1</TxId>", f"<UETR>{UETR.upper()}</UETR>"]
    text = XML["pacs.008"].decode()
    seen = []
    for gone in (ids[2], ids[1], ids[0]):
        text = text.replace(gone, "")
        seen.append(taken(decode_xml(text.encode())).records[0].id)
    assert ["T-1", "I-1", "E-1"] == seen
    found = decode_xml(text.replace("E-1", "NOTPROVIDED").encode())
    assert isinstance(found, Reject)
    assert (Refusal.MISSING_VALUE, "a UETR, TxId, InstrId or EndToEndId") == (
        found.refusal, found.expected,
    )  # fmt: skip


def test_an_end_to_end_id_that_is_not_provided_is_unknown() -> None:
    """NOTPROVIDED is no id that all such payments share."""
    (payment,) = taken(changed("pacs.008", "E-1", "NOTPROVIDED")).records
    assert isinstance(payment, PaymentReceived)
    assert None is payment.end_to_end_id
    found = changed_json(
        "pacs.002",
        {"FIToFIPmtSts/TxInfAndSts/OrgnlInstrId": None,
         "FIToFIPmtSts/TxInfAndSts/OrgnlEndToEndId": "NOTPROVIDED"},
    )  # fmt: skip
    assert isinstance(found, Reject)
    assert Refusal.MISSING_VALUE is found.refusal


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("ACSC", "settled"), ("ACCC", "settled"), ("RJCT", "rejected"), ("CANC", "rejected"),
     ("ACSP", None), ("PDNG", None)],
)  # fmt: skip
def test_only_an_end_is_an_outcome(status: str, outcome: str | None) -> None:
    """While a payment goes on there is no fact; the message is taken all the same."""
    records = taken(changed("pacs.002", "ACSC", status)).records
    found = [record.outcome for record in records if isinstance(record, PaymentConcluded)]
    assert ([outcome] if outcome else []) == found


def test_only_fraud_is_a_report() -> None:
    """A recall for a duplicate says nothing about fraud."""
    assert () == taken(changed("camt.056", "FRAD", "DUPL")).records


def test_facts_without_an_own_id_get_the_messages_and_their_number() -> None:
    """Two statuses of one message stay two facts, and the same two when asked again."""
    text = XML["pacs.002"].decode().replace("<StsId>S-1</StsId>", "")
    start, stop = text.index("<TxInfAndSts>"), text.index("</FIToFIPmtStsRpt>")
    twice = text[:stop] + text[start:stop] + text[stop:]
    assert ["MSG-1/1", "MSG-1/2"] == [r.id for r in taken(decode_xml(twice.encode())).records]


def test_several_transactions_and_instructions_are_several_payments() -> None:
    """Each transaction of a pain.001 has the debtor of its own instruction."""
    text = XML["pain.001"].decode()
    start, stop = text.index("<PmtInf>"), text.index("</CstmrCdtTrfInitn>")
    other = text[start:stop].replace("I-1", "I-2").replace(PAYER, PAYEE)
    both = (text[:stop] + other + text[stop:]).replace("<NbOfTxs>1", "<NbOfTxs>2")
    records = taken(decode_xml(both.encode())).records
    assert [("I-1", PAYER), ("I-2", PAYEE)] == [
        (r.id, r.payer_account) for r in records if isinstance(r, PaymentReceived)
    ]


def test_transactions_of_one_message_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there may be is refused."""
    monkeypatch.setattr(messages, "MAX_TRANSACTIONS", 1)
    text = XML["pacs.008"].decode()
    start, stop = text.index("<CdtTrfTxInf>"), text.index("</FIToFICstmrCdtTrf>")
    found = decode_xml((text[:stop] + text[start:stop] + text[stop:]).encode())
    assert isinstance(found, Reject)
    assert Refusal.TOO_MANY is found.refusal


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ({"Amt": {"Amt": 1000, "Ccy": "KZT"}}, ("1000", "KZT")),
        ({"Amt": "1000.10", "Ccy": "KZT"}, ("1000.10", "KZT")),
        ({"Amt": 0.1, "Ccy": "USD"}, ("0.1", "USD")),
        ({"Amt": 999999999999.99, "Ccy": "KZT"}, ("999999999999.99", "KZT")),
    ],
)
def test_amounts_in_json_are_read_as_they_are_written(
    amount: dict[str, Any], expected: tuple[str, str]
) -> None:
    """A number is the decimal that stands there, never a float near it."""
    found = changed_json("pacs.008", {"FIToFICstmrCdtTrf/CdtTrfTxInf/IntrBkSttlmAmt": amount})
    (payment,) = taken(found).records
    assert isinstance(payment, PaymentReceived)
    assert expected == (payment.amount, payment.currency)


JSON_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"TxTp": "pacs.002.001.12"}, "unknown_message", "$.FIToFICstmrCdtTrf"),
    ({"FIToFICstmrCdtTrf/GrpHdr": None}, "missing_value", "$.FIToFICstmrCdtTrf.GrpHdr"),
    ({"FIToFICstmrCdtTrf/GrpHdr": 7}, "missing_value", "$.FIToFICstmrCdtTrf.GrpHdr.NbOfTxs"),
    ({"FIToFICstmrCdtTrf/CdtTrfTxInf": []}, "missing_value", "$.FIToFICstmrCdtTrf.CdtTrfTxInf"),
    ({"FIToFICstmrCdtTrf/GrpHdr/MsgId": 10**50}, "text_too_long", "GrpHdr.MsgId"),
    ({"FIToFICstmrCdtTrf/GrpHdr/MsgId": [[1]]}, "missing_value", "GrpHdr.MsgId"),
    ({"FIToFICstmrCdtTrf/CdtTrfTxInf/IntrBkSttlmAmt": 5}, "missing_value", "IntrBkSttlmAmt"),
    ({"FIToFIPmtSts": {}}, "unknown_message", "$"),
    ({"FIToFICstmrCdtTrf": "text"}, "unknown_message", "$"),
]


@pytest.mark.parametrize(("change", "word", "path"), JSON_FAULTS)
def test_json_that_does_not_fit_is_refused_with_its_path(
    change: dict[str, Any], word: str, path: str
) -> None:
    """The path is JSON's."""
    found = changed_json("pacs.008", change)
    assert isinstance(found, Reject)
    assert (word, True) == (found.refusal.word, found.column.endswith(path)), found


def test_a_door_for_one_kind_takes_no_other() -> None:
    """The address says which message it is for."""
    assert "pacs.008" == taken(decode_json(JSON["pacs.008"], kind="pacs.008")).kind
    for found in (
        decode_json(JSON["pacs.008"], kind="pain.001"),
        decode_xml(XML["pacs.002"], kind="pacs.008"),
    ):
        assert isinstance(found, Reject)
        assert Refusal.UNKNOWN_MESSAGE is found.refusal


def test_the_rarer_ways_to_say_it_are_read() -> None:
    """An equivalent amount, a BIC of older versions, a category of purpose, pain.013's XML."""
    text = XML["pain.001"].decode()
    for old, new in (
        ("<InstdAmt", "<EqvtAmt><Amt"),
        ("</InstdAmt>", "</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>"),
        ("BICFI", "BIC"),
        ("<Purp><Cd>SALA</Cd></Purp>", ""),
        ("</PmtId>", "</PmtId><PmtTpInf><CtgyPurp><Cd>CASH</Cd></CtgyPurp></PmtTpInf>"),
    ):
        assert old in text
        text = text.replace(old, new)
    (payment,) = taken(decode_xml(text.encode())).records
    assert isinstance(payment, PaymentReceived)
    assert ("250000.50", "KZT", "CASPKZKA", "CASH") == (
        payment.amount, payment.currency, payment.payer_bank, payment.purpose_code,
    )  # fmt: skip
    asked = XML["pain.001"].decode()
    for old, new in (
        ("CstmrCdtTrfInitn", "CdtrPmtActvtnReq"),
        ("pain.001.001.09", "pain.013.001.07"),
        ("CdtTrfTxInf", "CdtTrfTx"),
    ):
        asked = asked.replace(old, new)
    assert Message("pain.013", "MSG-1", ()) == decode_xml(asked.encode())
    refused = decode_xml(asked.replace("250000.50", "0").encode())
    assert isinstance(refused, Reject)
    assert Refusal.NOT_POSITIVE is refused.refusal


def test_every_element_that_is_asked_for_comes_in(root: Path) -> None:
    """A name that the tree does not keep would always be missing: there is none."""
    asked = set()
    for module in ("messages", "fields"):
        path = root / "src" / "arasha" / "events" / "iso20022" / f"{module}.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                ways = [a.value for a in node.args if isinstance(a, ast.Constant)]
                if node.func.id in WALKS:
                    asked |= {name for way in ways for name in str(way).split("/")}
    assert {"UETR", "EqvtAmt", "CdtTrfTxInf", "MmbId"} <= asked
    assert set() == asked - KEPT


WALKS = {"must", "maybe", "first", "every", "_transactions", "_some", "_amount", "_message_id"}
