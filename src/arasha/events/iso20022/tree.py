"""A message of ISO 20022 as a tree, whether it came as XML or as JSON; and nothing it need not say.

In: bytes from a door. Out: the message's `Node`, or a refusal. Only elements that `KEPT` names
become nodes: names, addresses, places and dates of birth, contacts beside a telephone number, and
whatever a payer wrote to a payee end here. Nothing of the message is repeated in a refusal.

Of XML only UTF-8 is read, and no document type: so there are no entities, and nothing is fetched.
Bytes, depth and elements are bounded before a tree is made.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import msgspec
from lxml import etree

from arasha.events.iso20022.order import alternatives_in, places_in
from arasha.events.rejects import Refusal, Reject, redacted

MAX_MESSAGE_BYTES: Final = 4 << 20
"""Longest message, bytes: room for a thousand transactions with all that a bank may say of each."""

MAX_DEPTH: Final = 32
"""Deepest nesting of elements; the messages read here need half of it."""

MAX_NODES: Final = 200_000
"""Most elements of one message, those that are dropped included."""

MAX_TEXT_CHARS: Final = 2_048
"""Longest text of an element that is kept; XSD allows at most 2,048 for any of them."""

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"

_LOOKED_AT: Final = """
    Document TxTp
    CstmrCdtTrfInitn CdtrPmtActvtnReq FIToFICstmrCdtTrf FIToFIPmtStsRpt FIToFIPmtSts PmtRtr
    FIToFIPmtCxlReq RsltnOfInvstgtn
    GrpHdr Assgnmt MsgId CreDtTm NbOfTxs PmtInf CdtTrfTx CdtTrfTxInf
    PmtId InstrId EndToEndId TxId UETR Amt Ccy InstdAmt EqvtAmt IntrBkSttlmAmt
    Purp CtgyPurp PmtTpInf Cd
    Dbtr CtctDtls MobNb DbtrAcct CdtrAcct Id IBAN Othr DbtrAgt CdtrAgt FinInstnId BICFI BIC
    ClrSysMmbId MmbId
    TxInfAndSts StsId OrgnlInstrId OrgnlEndToEndId OrgnlTxId OrgnlUETR TxSts
    TxInf RtrId RtrdIntrBkSttlmAmt OrgnlIntrBkSttlmAmt OrgnlTxRef RtrRsnInf Rsn
    Undrlyg CxlId CxlRsnInf CxlDtls TxCxlSts Sts Conf RslvdCase CxlStsRsnInf RsltnRltdInf
"""

KEPT: Final = frozenset(re.findall(r"\w+", _LOOKED_AT))
"""Every element that is looked at. What is not here does not come in."""

_DECLARED: Final = re.compile(r"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)[\"']")
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKETS: Final = re.compile(rb"[\[{\]}]")


@dataclass(slots=True)
class Node:
    """One element: its path, its text, the currency that stands at it, what is in it by name."""

    path: str
    text: str = ""
    currency: str | None = None
    inside: dict[str, list[Node]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Node {self.path}>"


@dataclass(frozen=True, slots=True)
class Tree:
    """A message: its element's name, the type it says it is (``pacs.008.001.08``), the root."""

    name: str
    type: str | None
    root: Node


def tree_of_xml(message: bytes) -> Tree | Reject:
    """The tree of an XML message."""
    if refused := _too_long(message):
        return refused
    try:
        text = message.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Reject(1, "/", Refusal.NOT_UTF8, "XML in UTF-8", redacted(message))
    declared = _DECLARED.match(text.lstrip())
    if declared and declared[1].upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        return Reject(1, "/", Refusal.NOT_UTF8, "XML in UTF-8", "another encoding declared")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return _bad_xml("XML without a document type", "a document type or an entity")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, recover=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as fault:
        return _bad_xml("well-formed XML", f"a fault in line {fault.position[0]}")
    return _from_element(root)


def tree_of_json(message: bytes) -> Tree | Reject:
    """The tree of a JSON message: an object with ``TxTp``, and one named like the XML's root.

    A number stands for the text that it is written as; a list for an element that is repeated.
    """
    if refused := _too_long(message):
        return refused
    if _depth(message) > MAX_DEPTH:
        return _bad_json(f"JSON nested at most {MAX_DEPTH} deep", "deeper nesting")
    try:
        value: Any = _DECODER.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return _bad_json("one JSON object in UTF-8", redacted(message))
    if not isinstance(value, dict):
        return _bad_json("one JSON object", "another value")
    names = [name for name in value if name in KEPT and name != "TxTp"]
    if len(names) != 1 or not isinstance(value[names[0]], dict):
        expected = "one object with a message, such as FIToFICstmrCdtTrf"
        return Reject(1, "$", Refusal.UNKNOWN_MESSAGE, expected, f"{len(names)} of them")
    said = value.get("TxTp")
    return _from_object(names[0], value[names[0]], said if isinstance(said, str) else None)


def _from_element(root: etree._Element) -> Tree | Reject:
    """The Document's one element as a tree of what is kept."""
    tag = str(root.tag)
    space, _, name = tag.rpartition("}")
    inner = list(root)
    if name != "Document" or not space.startswith("{" + NAMESPACE) or len(inner) != 1:
        expected = f"a Document of {NAMESPACE}… with one message in it"
        return Reject(1, "/", Refusal.UNKNOWN_MESSAGE, expected, "another root")
    top = _local(inner[0], space)
    node = Node(f"/Document/{top}")
    seen, waiting = 0, deque([(inner[0], node, 2)])
    while waiting:
        element, parent, depth = waiting.popleft()
        if depth > MAX_DEPTH:
            return _bad_xml(f"elements at most {MAX_DEPTH} deep", "deeper nesting")
        if refused := _out_of_order(top, element, parent.path, space):
            return refused
        for child in element:
            seen += 1
            if seen > MAX_NODES:
                return _too_many()
            local = _local(child, space)
            if local not in KEPT:
                continue
            text = (child.text or "").strip()
            made = _added(parent, local, text, child.get("Ccy"), "/")
            if isinstance(made, Reject):
                return made
            waiting.append((child, made, depth + 1))
    return Tree(top, space[1:].removeprefix(NAMESPACE), node)


def _out_of_order(message: str, element: etree._Element, path: str, space: str) -> Reject | None:
    """Why the children of an element do not stand as the schema has them (order.py)."""
    name = _local(element, space)
    places, alternatives = places_in(message, name), alternatives_in(name)
    if not places and not alternatives:
        return None
    last, chosen = "", ""
    for child in islice(element, MAX_NODES):
        local = _local(child, space)
        if local in places:
            if last and places[local] < places[last]:
                return Reject(
                    1, f"{path}/{local}", Refusal.OUT_OF_ORDER, f"{local} ahead of {last}",
                    "behind it",
                )  # fmt: skip
            last = local
        if local in alternatives:
            if chosen and chosen != local:
                return Reject(
                    1, f"{path}/{local}", Refusal.TOO_MANY, f"{chosen} or {local}", "both"
                )
            chosen = local
    return None


def _from_object(name: str, value: dict[str, Any], said: str | None) -> Tree | Reject:
    node = Node(f"$.{name}")
    seen = 0
    waiting: deque[tuple[dict[str, Any], Node]] = deque([(value, node)])
    while waiting:
        inside, parent = waiting.popleft()
        for local, one in inside.items():
            for found in one if isinstance(one, list) else [one]:
                seen += 1
                if seen > MAX_NODES:
                    return _too_many()
                if local not in KEPT or found is None:
                    continue
                text = "" if isinstance(found, dict) else _text_of(found)
                made = _added(parent, local, text, None, ".")
                if isinstance(made, Reject):
                    return made
                if isinstance(found, dict):
                    waiting.append((found, made))
    return Tree(name, said, node)


def _added(
    parent: Node, name: str, text: str, currency: str | None, separator: str
) -> Node | Reject:
    siblings = parent.inside.setdefault(name, [])
    place = f"[{len(siblings) + 1}]" if siblings else ""
    node = Node(f"{parent.path}{separator}{name}{place}", text, currency)
    if len(text) > MAX_TEXT_CHARS:
        expected = f"at most {MAX_TEXT_CHARS} characters"
        return Reject(1, node.path, Refusal.TEXT_TOO_LONG, expected, redacted(text))
    siblings.append(node)
    return node


def _local(element: etree._Element, space: str) -> str:
    """The name of an element of the message's own namespace; of another one, nothing."""
    mine, _, name = str(element.tag).rpartition("}")
    return name if mine == space else ""


def _text_of(value: object) -> str:
    """A scalar as it stands; a list in a list, which no message has, as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else "9" * 41
    return value.strip() if isinstance(value, str) else ""


def _depth(message: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", message)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _too_long(message: bytes) -> Reject | None:
    if len(message) <= MAX_MESSAGE_BYTES:
        return None
    expected = f"at most {MAX_MESSAGE_BYTES} bytes"
    return Reject(1, "/", Refusal.TEXT_TOO_LONG, expected, redacted(message))


def _too_many() -> Reject:
    return Reject(1, "/", Refusal.TOO_MANY, f"at most {MAX_NODES} elements", "more")


def _bad_xml(expected: str, found: str) -> Reject:
    return Reject(1, "/", Refusal.BAD_XML, expected, found)


def _bad_json(expected: str, found: str) -> Reject:
    return Reject(1, "$", Refusal.BAD_JSON, expected, found)


_DECODER: Final = msgspec.json.Decoder(float_hook=str)
