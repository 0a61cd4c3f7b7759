"""What a camt.029 or a pacs.004 says to a recall."""

from __future__ import annotations

import pytest

from arasha.events.iso20022.messages import Message, decode_xml
from arasha.events.iso20022.replies import Reply
from arasha.events.rejects import Refusal, Reject
from iso20022_samples import UETR, XML

CASE = "r57/h43.0"


def replies(kind: str, *changes: tuple[str, str]) -> tuple[Reply, ...]:
    found = message(kind, *changes)
    assert isinstance(found, Message), found
    return found.replies


def message(kind: str, *changes: tuple[str, str]) -> Message | Reject:
    text = XML[kind].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return decode_xml(text.encode())


RESOLVED = ("<Sts>", f"<RslvdCase><Id>{CASE}</Id></RslvdCase><Sts>")
OWN = ("<OrgnlEndToEndId>", "<RslvdCase><Id>r1/h1.0</Id></RslvdCase><OrgnlEndToEndId>")
AMOUNT = (
    "</CxlStsRsnInf>",
    '</CxlStsRsnInf><RsltnRltdInf><IntrBkSttlmAmt Ccy="KZT">150.25</IntrBkSttlmAmt></RsltnRltdInf>',
)


def status(code: str) -> tuple[str, str]:
    return "<TxCxlSts>RJCR</TxCxlSts>", f"<TxCxlSts>{code}</TxCxlSts>"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((), Reply("rejected", None, "T-1", 0, None, "CUST")),
        ((RESOLVED,), Reply("rejected", CASE, "T-1", 0, None, "CUST")),
        ((RESOLVED, OWN), Reply("rejected", "r1/h1.0", "T-1", 0, None, "CUST")),
        ((RESOLVED, status("ACCR")), Reply("accepted", CASE, "T-1", None, None, "CUST")),
        ((status("CNCL"), AMOUNT), Reply("accepted", None, "T-1", 15_025, 398, "CUST")),
        ((status("PACR"), AMOUNT), Reply("partly", None, "T-1", 15_025, 398, "CUST")),
        ((status("PDCR"),), Reply("pending", None, "T-1", None, None, "CUST")),
        ((status("RJCR"), AMOUNT), Reply("rejected", None, "T-1", 0, None, "CUST")),
        ((status("WHAT"),), None),
        ((("<TxCxlSts>RJCR</TxCxlSts>", ""),), Reply("rejected", None, "T-1", 0, None, "CUST")),
        ((("<Cd>CUST</Cd>", "<Prtry>ours</Prtry>"),), Reply("rejected", None, "T-1", 0)),
        ((("<Cd>CUST</Cd>", "<Cd>NO</Cd>"),), Reply("rejected", None, "T-1", 0)),
    ],
)
def test_what_an_answer_says(changes: tuple[tuple[str, str], ...], expected: Reply | None) -> None:
    """The transaction's word, else the message's; its own case, else the message's."""
    assert ((expected,) if expected else ()) == replies("camt.029", *changes)


def test_an_answer_without_transactions_is_the_messages_own() -> None:
    """With a case it answers; without one it speaks of nothing we know."""
    text = XML["camt.029"].decode()
    start, stop = text.index("<CxlDtls>"), text.index("</CxlDtls>") + len("</CxlDtls>")
    bare = (text[start:stop], "")
    assert (Reply("rejected", CASE, None, 0),) == replies("camt.029", bare, RESOLVED)
    assert () == replies("camt.029", bare)


def test_an_answer_that_names_neither_case_nor_payment_is_refused() -> None:
    """With a case it needs no payment."""
    gone = ("<OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlTxId>T-1</OrgnlTxId>", "")
    found = message("camt.029", gone)
    assert isinstance(found, Reject)
    assert Refusal.MISSING_VALUE is found.refusal
    assert (Reply("rejected", CASE, None, 0, None, "CUST"),) == replies("camt.029", gone, RESOLVED)


def test_partly_without_an_amount_is_refused() -> None:
    """It would be part of nothing that is said."""
    found = message("camt.029", status("PACR"))
    assert isinstance(found, Reject)
    assert (Refusal.MISSING_VALUE, True) == (
        found.refusal, found.column.endswith("/RsltnRltdInf/IntrBkSttlmAmt"),
    )  # fmt: skip


def test_what_a_return_says() -> None:
    """Only one that follows a cancellation request; it names the payment, and is told by its id."""
    assert (Reply("returned", None, "T-1", 100_000, 398, "FOCR", "R-1"),) == replies("pacs.004")
    assert () == replies("pacs.004", ("FOCR", "AC04"))
    uetr = ("</OrgnlTxId>", f"</OrgnlTxId><OrgnlUETR>{UETR}</OrgnlUETR>")
    assert UETR == replies("pacs.004", uetr)[0].payment
