"""The order of a message's elements, as the schemas have it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from lxml import etree

from arasha.events.iso20022.messages import Message, decode_json, decode_xml
from arasha.events.iso20022.order import places_in
from arasha.events.iso20022.tree import KEPT
from arasha.events.rejects import Refusal, Reject
from iso20022_samples import JSON, XML


def moved(kind: str, element: str, behind: str) -> bytes:
    """The message with the first such element put right behind another of its siblings."""
    root = etree.fromstring(XML[kind])
    found = next(root.iter(f"{{*}}{element}"))
    parent = found.getparent()
    assert parent is not None
    after = next(one for one in parent if etree.QName(one).localname == behind)
    parent.remove(found)
    after.addnext(found)
    return etree.tostring(root)


@pytest.mark.parametrize(
    ("kind", "element", "behind", "path"),
    [
        ("pacs.008", "MsgId", "CreDtTm", "GrpHdr/MsgId"),
        ("pacs.008", "GrpHdr", "CdtTrfTxInf", "FIToFICstmrCdtTrf/GrpHdr"),
        ("pacs.008", "PmtId", "IntrBkSttlmAmt", "CdtTrfTxInf/PmtId"),
        ("pacs.008", "TxId", "UETR", "PmtId/TxId"),
        ("pacs.008", "DbtrAcct", "DbtrAgt", "CdtTrfTxInf/DbtrAcct"),
        ("pacs.008", "ChrgBr", "Cdtr", "CdtTrfTxInf/ChrgBr"),
        ("pacs.008", "Nm", "CtctDtls", "Dbtr/Nm"),
        ("pain.001", "PmtInfId", "DbtrAgt", "PmtInf/PmtInfId"),
        ("pain.001", "Amt", "CdtrAcct", "CdtTrfTxInf/Amt"),
        ("pacs.002", "StsId", "TxSts", "TxInfAndSts/StsId"),
        ("pacs.004", "RtrRsnInf", "OrgnlTxRef", "TxInf/RtrRsnInf"),
        ("pacs.004", "AddtlInf", "Rsn", None),
        ("pacs.004", "Rsn", "AddtlInf", "RtrRsnInf/Rsn"),
        ("camt.056", "CxlRsnInf", "OrgnlTxRef", "TxInf/CxlRsnInf"),
        ("camt.056", "Id", "CreDtTm", "Assgnmt/Id"),
        ("camt.029", "Sts", "CxlDtls", "RsltnOfInvstgtn/Sts"),
        ("camt.029", "OrgnlTxId", "TxCxlSts", "TxInfAndSts/OrgnlTxId"),
    ],
)
def test_an_element_out_of_its_place_is_refused(
    kind: str, element: str, behind: str, path: str | None
) -> None:
    """The refusal says what must stand ahead of what; the element that was moved, or the one that
    it now follows, is named by its path.
    """
    found = decode_xml(moved(kind, element, behind))
    if path is None:
        assert isinstance(found, Message)
        return
    assert isinstance(found, Reject), found
    assert Refusal.OUT_OF_ORDER is found.refusal
    parent = path.rpartition("/")[0]
    assert f"/{parent}/" in found.column
    ahead, words, after = found.expected.partition(" ahead of ")
    assert words
    assert element in (ahead, after)


@pytest.mark.parametrize("kind", sorted(XML))
def test_any_two_neighbours_swapped_are_refused_where_the_schema_has_an_order(kind: str) -> None:
    """Each pair of neighbours that the table names, in each message, exchanged."""
    message = XML[kind]
    count = 0
    for number, element in enumerate(etree.fromstring(message).iter()):
        names = [etree.QName(one).localname for one in element]
        root = etree.fromstring(message)
        top = etree.QName(root[0]).localname
        places = places_in(top, etree.QName(element).localname)
        kept = etree.QName(element).localname in KEPT and _is_looked_into(element)
        for at, (one, other) in enumerate(pairwise(names)):
            if not kept or one not in places or other not in places or one == other:
                continue
            again = etree.fromstring(message)
            here = list(again.iter())[number]
            second = here[at + 1]
            here.remove(second)
            here.insert(at, second)
            found = decode_xml(etree.tostring(again))
            assert isinstance(found, Reject), (kind, one, other)
            assert Refusal.OUT_OF_ORDER is found.refusal
            count += 1
    assert count >= 5


def _is_looked_into(element: etree._Element) -> bool:
    """Whether everything above it is kept: what is dropped is not looked into."""
    return all(etree.QName(one).localname in KEPT for one in element.iterancestors())


def test_of_a_choice_one_alternative_stands_there() -> None:
    """An account has an IBAN or another id, a reason a code or the bank's own words."""
    other = "<Othr><Id>77015550142</Id></Othr>"
    text = XML["pacs.008"].decode()
    both = re.sub(r"(<DbtrAcct><Id><IBAN>\w+</IBAN>)", rf"\1{other}", text)
    found = decode_xml(both.encode())
    assert isinstance(found, Reject)
    assert (Refusal.TOO_MANY, "IBAN or Othr", "both") == (
        found.refusal, found.expected, found.found,
    )  # fmt: skip
    purposes = text.replace("<Purp>", "<Purp><Cd>SALA</Cd>")
    assert isinstance(decode_xml(purposes.encode()), Reject)


def test_a_later_version_may_add_elements_anywhere() -> None:
    """What no row of the table names is passed over."""
    text = XML["pacs.008"].decode()
    for behind in ("<GrpHdr>", "</MsgId>", "<CdtTrfTxInf>", "</PmtId>", "</DbtrAgt>"):
        added = text.replace(behind, f"{behind}<AddedLater>1</AddedLater>", 1)
        assert isinstance(decode_xml(added.encode()), Message)


def test_json_has_no_order() -> None:
    """An object is a set of members."""
    import json

    value = json.loads(JSON["pacs.008"])
    header = value["FIToFICstmrCdtTrf"]["GrpHdr"]
    value["FIToFICstmrCdtTrf"]["GrpHdr"] = dict(reversed(header.items()))
    value["FIToFICstmrCdtTrf"] = dict(reversed(value["FIToFICstmrCdtTrf"].items()))
    assert isinstance(decode_json(json.dumps(value).encode()), Message)


def test_a_wide_message_is_looked_through_once() -> None:
    """Sixty thousand elements out of order are refused by the first of them."""
    text = XML["pacs.008"].decode()
    many = text.replace("<GrpHdr>", "<GrpHdr>" + "<CreDtTm/><MsgId/>" * 30_000, 1)
    found = decode_xml(many.encode())
    assert isinstance(found, Reject)
    assert Refusal.OUT_OF_ORDER is found.refusal
