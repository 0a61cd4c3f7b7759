"""Whatever is sent as ISO 20022, the answer is a message or a refusal, and nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.events.iso20022 import tree
from arasha.events.iso20022.messages import Message, decode_json, decode_xml
from arasha.events.rejects import Refusal, Reject
from iso20022_samples import JSON, PERSONAL, XML

SPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12))


def refused(found: Message | Reject) -> Refusal:
    assert isinstance(found, Reject), found
    assert not any(word in str(found) for word in PERSONAL)
    return found.refusal


@pytest.mark.parametrize(
    "head",
    [
        f"<!DOCTYPE Document [{BOMB}]>",
        '<!DOCTYPE Document [<!ENTITY e11 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE Document>",
    ],
)
def test_there_are_no_entities(head: str) -> None:
    """Bombs, files and addresses: a document type is refused before a parser sees it."""
    text = (
        XML["pacs.008"].decode().replace("<Document", f"{head}<Document").replace("MSG-1", "&e11;")
    )
    assert Refusal.BAD_XML is refused(decode_xml(text.encode()))
    wide = text.replace("UTF-8", "UTF-16").encode("utf-16")
    assert Refusal.NOT_UTF8 is refused(decode_xml(wide))


def test_an_entity_that_nobody_declared_is_no_text() -> None:
    """It is a fault of the XML; the five that XML itself has are letters."""
    text = XML["pacs.008"].decode()
    assert Refusal.BAD_XML is refused(decode_xml(text.replace("MSG-1", "&e;").encode()))
    assert Refusal.BAD_ID is refused(decode_xml(text.replace("MSG-1", "&lt;&amp;").encode()))


def test_nothing_is_included(tmp_path: Path) -> None:
    """XInclude and style sheets are other namespaces and instructions: they are not followed."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET-1")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    text = XML["pacs.008"].decode()
    found = decode_xml(text.replace("MSG-1", include).encode())
    assert Refusal.MISSING_VALUE is refused(found)
    style = text.replace("<Document", f'<?xml-stylesheet href="{secret}"?><Document', 1)
    assert isinstance(decode_xml(style.encode()), Message)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1251", "cp500", "utf-7"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """By their bytes or by what they declare; a mark before UTF-8 is none."""
    text = (
        XML["pacs.008"].decode().replace("Aigerim", "Әйгерім" if "utf" in encoding else "Айгерім")
    )
    if encoding == "cp500":
        text = XML["pacs.008"].decode()
    declared = text.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert isinstance(decode_xml(declared.encode(encoding)), Reject)
    assert Refusal.NOT_UTF8 is refused(decode_xml(declared.encode()))
    assert isinstance(decode_xml(b"\xef\xbb\xbf" + XML["pacs.008"]), Message)


def test_deep_and_wide_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth, elements and bytes each have a bound, in both notations."""
    deep = "<CdtTrfTxInf>" * 100 + "</CdtTrfTxInf>" * 100
    xml = f'<Document xmlns="{SPACE}"><FIToFICstmrCdtTrf>{{}}</FIToFICstmrCdtTrf></Document>'
    assert Refusal.BAD_XML is refused(decode_xml(xml.format(deep).encode()))
    very = "<a>" * 100_000 + "</a>" * 100_000
    assert Refusal.BAD_XML is refused(decode_xml(xml.format(very).encode()))
    for nested in ('{"a":' * 100_000 + "1" + "}" * 100_000, "[" * 500_000, '{"a":' * 500_000):
        assert Refusal.BAD_JSON is refused(decode_json(nested.encode()))
    monkeypatch.setattr(tree, "MAX_NODES", 5)
    assert Refusal.TOO_MANY is refused(decode_xml(XML["pacs.008"]))
    assert Refusal.TOO_MANY is refused(decode_json(JSON["pacs.008"]))
    monkeypatch.setattr(tree, "MAX_MESSAGE_BYTES", 100)
    assert Refusal.TEXT_TOO_LONG is refused(decode_xml(XML["pacs.008"]))
    assert Refusal.TEXT_TOO_LONG is refused(decode_json(JSON["pacs.008"]))


@pytest.mark.parametrize(
    "number",
    ["1" * 5_000, "1e999999999", "-0", "0.00000000000000000001", "1E400", "9" * 400 + ".5"],
)
def test_huge_and_tiny_numbers_are_no_amounts(number: str) -> None:
    """They are refused by what they are, without being worked out."""
    text = JSON["pacs.008"].decode().replace("250000.5", number)
    assert isinstance(decode_json(text.encode()), Reject)
    named = JSON["pacs.008"].decode().replace('"MSG-1"', number)
    assert isinstance(decode_json(named.encode()), Reject | Message)
    xml = XML["pacs.008"].decode().replace("250000.50", number)
    assert isinstance(decode_xml(xml.encode()), Reject)


def test_texts_are_bounded() -> None:
    """A long text where a short one belongs, kept or not."""
    text = XML["pacs.008"].decode()
    assert Refusal.TEXT_TOO_LONG is refused(
        decode_xml(text.replace("MSG-1", "M" * 100_000).encode())
    )
    long_name = text.replace("Aigerim", "A" * 100_000)
    assert isinstance(decode_xml(long_name.encode()), Message)


@pytest.mark.parametrize(
    "root",
    [
        '<Document xmlns="urn:other"><FIToFICstmrCdtTrf/></Document>',
        "<Document><FIToFICstmrCdtTrf/></Document>",
        f'<Document xmlns="{SPACE}"/>',
        f'<Document xmlns="{SPACE}"><FIToFICstmrCdtTrf/><PmtRtr/></Document>',
        f'<Document xmlns="{SPACE}"><Other/></Document>',
        f'<Document xmlns="{SPACE}"><PmtRtr/></Document>',
        f'<FIToFICstmrCdtTrf xmlns="{SPACE}"/>',
        f'<d:Document xmlns:d="{SPACE}" xmlns="urn:o"><FIToFICstmrCdtTrf/></d:Document>',
    ],
)
def test_other_documents_are_unknown(root: str) -> None:
    """The namespace, the root and the one message in it are as the standard has them."""
    assert Refusal.UNKNOWN_MESSAGE is refused(decode_xml(root.encode()))


@settings(max_examples=300)
@given(st.data())
def test_changed_xml_is_a_message_or_a_refusal(data: st.DataObject) -> None:
    """Bytes taken out, put in, doubled, swapped anywhere: never anything else."""
    message = data.draw(st.sampled_from(sorted(XML.values())))
    for _ in range(data.draw(st.integers(1, 3))):
        message = mutated(message, data)
    assert isinstance(decode_xml(message), Message | Reject)


@settings(max_examples=300)
@given(st.data())
def test_changed_json_is_a_message_or_a_refusal(data: st.DataObject) -> None:
    """The same for JSON."""
    message = data.draw(st.sampled_from(sorted(JSON.values())))
    for _ in range(data.draw(st.integers(1, 3))):
        message = mutated(message, data)
    assert isinstance(decode_json(message), Message | Reject)


def mutated(message: bytes, data: st.DataObject) -> bytes:
    start = data.draw(st.integers(0, len(message)))
    stop = data.draw(st.integers(start, min(len(message), start + 40)))
    piece = message[start:stop]
    new = data.draw(
        st.sampled_from(
            [b"", piece * 2, piece[::-1], b"<", b"&#0;", b"&#x110000;", b"\x00", b"\xff\xfe",
             b"]]>", b"<![CDATA[", b"<!--", b'"', b"{", b"[[[[", b"null", b"1e999", b"\\ud800",
             "\u202e\U0010ffff".encode(), b"<?xml version='1.0' encoding='x'?>", b"<Id></Id>"]
        )
        | st.binary(max_size=8)
    )  # fmt: skip
    return message[:start] + new + message[stop:]


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(sorted(tree.KEPT)), inner, max_size=5)
        ),
        max_leaves=30,
    ),
    st.sampled_from(["FIToFICstmrCdtTrf", "CstmrCdtTrfInitn", "FIToFIPmtSts", "CdtrPmtActvtnReq"]),
)
def test_any_json_of_known_names_is_a_message_or_a_refusal(value: object, name: str) -> None:
    """Values of any type in any place."""
    assert isinstance(decode_json(json.dumps({name: value}).encode()), Message | Reject)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(message: bytes) -> None:
    """Neither XML nor JSON: a refusal."""
    assert isinstance(decode_xml(message), Reject)
    assert isinstance(decode_json(message), Reject)
