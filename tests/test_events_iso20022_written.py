"""A camt.056 that we write is one that we read, in the order of its schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from arasha.events.iso20022.messages import Message, decode_xml
from arasha.events.iso20022.order import places_in
from arasha.events.iso20022.written import VERSION, Asked, can_be_named, cancellation_request
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor
from arasha.events.records import ReportFiled, instant, milliseconds
from iso20022_samples import UETR

ASKED = Asked(
    id="57.3", case="r57/h43.0", by="ARASHA", to="MULEBANK", at_ms=1_772_422_200_123,
    payment="p-1", uetr=None, paid_minor=25_000_000, asked_minor=18_000_050, currency=398,
    answer_by_ms=1_773_027_000_000,
)  # fmt: skip
IDS = st.text("ABCabc0189._:/+-", min_size=1, max_size=35)


def read(asked: Asked) -> ReportFiled:
    found = decode_xml(cancellation_request(asked))
    assert isinstance(found, Message), found
    assert ("camt.056", asked.id) == (found.kind, found.id)
    (report,) = found.records
    assert isinstance(report, ReportFiled)
    return report


@given(
    st.builds(
        Asked,
        id=IDS, case=IDS, by=st.sampled_from(["ARASHA", "BANKKZKA"]),
        to=st.text("!#$&<>\"'ABC019", min_size=1, max_size=16),
        at_ms=st.integers(0, 4_000_000_000_000), payment=IDS | st.just(UETR),
        uetr=st.none() | st.just(UETR), paid_minor=st.integers(1, 10**15),
        asked_minor=st.integers(1, 10**15),
        currency=st.sampled_from(sorted(CURRENCY_OF_NUMERIC)),
        answer_by_ms=st.integers(0, 4_000_000_000_000),
    )
)  # fmt: skip
def test_what_is_written_is_read_as_a_report_of_the_same_payment(asked: Asked) -> None:
    """Case, payment, amount, time: whatever the ids, banks and currencies are."""
    report = read(asked)
    currency = CURRENCY_OF_NUMERIC[asked.currency]
    assert (asked.case, asked.at_ms, format_minor(asked.paid_minor, currency), currency.code) == (
        report.id, milliseconds(report.happened_at), report.amount, report.currency,
    )  # fmt: skip
    assert report.payment == (asked.uetr or asked.payment)
    assert (None, None, None) == (report.attested, report.payer_account, report.payee_account)


def test_every_element_is_one_of_the_schema_in_its_place() -> None:
    """None is unknown to the table of orders, and each stands behind the one before it."""
    root = etree.fromstring(cancellation_request(ASKED))
    assert f"urn:iso:std:iso:20022:tech:xsd:{VERSION}" == etree.QName(root).namespace
    top = "FIToFIPmtCxlReq"
    for element in root[0].iter():
        name = etree.QName(element).localname
        places = places_in(top, {"Case": "RslvdCase", "Agt": "DbtrAgt"}.get(name, name))
        children = [etree.QName(one).localname for one in element]
        if name in ("Assgnr", "Assgne", "Cretr", "CtrlData", "Rsn"):  # choices, and a header
            assert 1 == len(children)
            continue
        assert set(children) <= set(places), (name, children)
        assert sorted(children, key=places.__getitem__) == children


def test_it_says_how_much_is_asked_for_and_until_when() -> None:
    """The element's amount is the payment's, as the schema wants it; what is asked is words."""
    text = cancellation_request(ASKED).decode()
    assert '<OrgnlIntrBkSttlmAmt Ccy="KZT">250000.00</OrgnlIntrBkSttlmAmt>' in text
    assert "<AddtlInf>Asked for: KZT 180000.50</AddtlInf>" in text
    assert f"<AddtlInf>Answer by: {instant(ASKED.answer_by_ms):%Y-%m-%dT%H:%M:%S}.000Z" in text
    assert "<Cd>FRAD</Cd>" in text


@pytest.mark.parametrize(
    ("payment", "uetr", "can"),
    [
        ("p" * 35, None, True),
        ("p" * 36, None, False),
        ("p" * 64, UETR, True),
        (UETR.upper(), None, True),
        ("00000000-0000-0000-0000-000000000001", None, False),  # no UUID of version 4
    ],
)
def test_which_payments_the_standard_can_name(payment: str, uetr: str | None, can: bool) -> None:  # noqa: FBT001 - a table
    """An id of more than 35 characters that is no UETR has no place in a camt.056."""
    assert can is can_be_named(payment, uetr)
