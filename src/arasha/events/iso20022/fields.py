"""What stands at a place of a message: found, checked as its schema says, or refused with its path.

In: nodes (tree.py). Out: texts, amounts, instants, accounts. The checks are those of the schema's
simple types in words (Max35Text, ActiveCurrencyAndAmount, ISODateTime, IBAN2007, BICFI), and our
own: an offset at every time, a currency that exists, check digits of IBANs.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from arasha.events.identifiers import account_fault, iban_fault
from arasha.events.iso20022.tree import Node
from arasha.events.json import amount_expectation
from arasha.events.money import currency_of, parse_minor
from arasha.events.records import MAX_INSTANT_MS, MIN_INSTANT_MS, milliseconds
from arasha.events.rejects import Refusal, Reject, redacted
from arasha.events.symbols import CODE_PATTERN, ID_PATTERN, UETR_PATTERN

NOT_PROVIDED: Final = "NOTPROVIDED"
"""What ISO 20022 says in place of an EndToEndId that nobody gave."""

_ID: Final = re.compile(ID_PATTERN)
_CODE: Final = re.compile(CODE_PATTERN)
_UETR: Final = re.compile(UETR_PATTERN)
_CODE_4: Final = re.compile(r"[A-Z0-9]{1,4}")
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MAX_35: Final = 35


class Refused(Exception):
    """A place of the message is not as it must be; carries the `Reject`. Stays in this folder."""

    def __init__(self, path: str, refusal: Refusal, expected: str, found: str) -> None:
        super().__init__(refusal.word)
        self.reject = Reject(1, path, refusal, expected, found)


def maybe(node: Node | None, way: str) -> Node | None:
    """The one element that lies that way (``PmtId/EndToEndId``), or None. Refused: two of them."""
    for name in way.split("/"):
        if node is None:
            return None
        found = node.inside.get(name)
        if not found:
            return None
        if len(found) > 1:
            raise Refused(found[1].path, Refusal.TOO_MANY, f"one {name}", f"{len(found)} of them")
        node = found[0]
    return node


def first(node: Node | None, way: str) -> Node | None:
    """The same, and of several the first."""
    for name in way.split("/"):
        found = None if node is None else node.inside.get(name)
        if not found:
            return None
        node = found[0]
    return node


def must(node: Node, way: str) -> Node:
    """The one element that lies that way. Refused: none of them, or two."""
    found = maybe(node, way)
    if found is None:
        separator = "." if node.path.startswith("$") else "/"
        path = separator.join([node.path, *way.split("/")])
        raise Refused(path, Refusal.MISSING_VALUE, "a value: it is required", "nothing")
    return found


def every(node: Node, name: str) -> list[Node]:
    """All elements of that name."""
    return node.inside.get(name, [])


def max_35(node: Node | None) -> str | None:
    """A Max35Text, or None where there is no node."""
    if node is None:
        return None
    if not 1 <= len(node.text) <= _MAX_35:
        raise Refused(node.path, Refusal.TEXT_TOO_LONG if node.text else Refusal.MISSING_VALUE,
                      "1 to 35 characters", redacted(node.text))  # fmt: skip
    return node.text


def identity(node: Node | None) -> str | None:
    """A Max35Text that can be the id of a fact."""
    text = max_35(node)
    if node is not None and text is not None and not _ID.fullmatch(text):
        raise Refused(node.path, Refusal.BAD_ID, "letters, digits and . _ : / + -", redacted(text))
    return text


def uetr(node: Node | None) -> str | None:
    """A UETR, in small letters."""
    if node is None:
        return None
    if not _UETR.fullmatch(node.text):
        raise Refused(node.path, Refusal.BAD_REFERENCE,
                      "a UETR: a UUID of 32 hexadecimal digits and 4 hyphens",
                      redacted(node.text))  # fmt: skip
    return node.text.lower()


def first_of(ids: list[str | None]) -> str | None:
    """The first of them that there is."""
    return next((found for found in ids if found is not None), None)


def original_id(tx: Node, *, needed: bool = True) -> str | None:
    """The id of the payment that a transaction speaks of: the first of those that a payment's own
    can be. Refused where it is ``needed`` and not there.
    """
    ends = maybe(tx, "OrgnlEndToEndId")
    found = first_of([
        uetr(maybe(tx, "OrgnlUETR")),
        identity(maybe(tx, "OrgnlTxId")),
        identity(maybe(tx, "OrgnlInstrId")),
        None if ends is None or ends.text == NOT_PROVIDED else identity(ends),
    ])  # fmt: skip
    if found is None and needed:
        raise Refused(tx.path, Refusal.MISSING_VALUE,
                      "an OrgnlUETR, OrgnlTxId, OrgnlInstrId or OrgnlEndToEndId",
                      "no id of the payment")  # fmt: skip
    return found


def instant(node: Node) -> datetime:
    """An ISODateTime with its offset, from 1970 to 2099."""
    try:
        found = msgspec.convert(node.text, datetime)
    except msgspec.ValidationError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused(node.path, Refusal.BAD_TIME,
                      "a time with its offset, such as 2026-01-31T09:30:00+05:00",
                      redacted(node.text))  # fmt: skip
    if not MIN_INSTANT_MS <= milliseconds(found) < MAX_INSTANT_MS:
        raise Refused(node.path, Refusal.TIME_OUT_OF_RANGE, "a time from 1970 to 2099", "a time")
    return found


def money(node: Node) -> tuple[str, str]:
    """The amount as decimal text, and its currency.

    The currency is XML's attribute ``Ccy``; in JSON it stands beside the amount, ``{"Amt": 100,
    "Ccy": "KZT"}``. Either may stand in an element of its own under the name ``Amt``.
    """
    inner = maybe(node, "Amt")
    if inner is not None and (inner.inside or inner.currency):
        node, inner = inner, maybe(inner, "Amt")
    code_node = maybe(node, "Ccy")
    code = node.currency if code_node is None else code_node.text
    if not code:
        raise Refused(node.path, Refusal.MISSING_VALUE, "a currency, Ccy", "nothing")
    currency = currency_of(code) if _CURRENCY.fullmatch(code) else Refusal.UNKNOWN_CURRENCY
    if isinstance(currency, Refusal):
        raise Refused(node.path, currency, "an active currency of ISO 4217 with a minor unit",
                      redacted(code))  # fmt: skip
    amount = (node if inner is None else inner).text
    minor = parse_minor(amount, currency.decimals) if amount else Refusal.MISSING_VALUE
    if isinstance(minor, Refusal):
        raise Refused(node.path, minor, amount_expectation(code), redacted(amount))
    return amount, code


def account(node: Node | None) -> str | None:
    """The account's IBAN or other id, from a ``DbtrAcct`` or ``CdtrAcct``; None when not said."""
    iban = maybe(node, "Id/IBAN")
    if iban is not None:
        if fault := iban_fault(iban.text):
            raise Refused(iban.path, Refusal.BAD_IDENTIFIER, fault, redacted(iban.text))
        return iban.text
    other = first(node, "Id/Othr/Id")
    if other is None:
        return None
    fault = "1 to 128 characters" if not 1 <= len(other.text) <= 128 else account_fault(other.text)
    if fault:
        raise Refused(other.path, Refusal.BAD_IDENTIFIER, fault, redacted(other.text))
    return other.text


def bank(node: Node | None) -> str | None:
    """The bank's BIC or member id, from a ``DbtrAgt`` or ``CdtrAgt``; None when not said."""
    bic = maybe(node, "FinInstnId/BICFI") or maybe(node, "FinInstnId/BIC")
    if bic is not None:
        if not _BIC.fullmatch(bic.text):
            raise Refused(bic.path, Refusal.BAD_CODE, "a BIC of 8 or 11 letters and digits",
                          redacted(bic.text))  # fmt: skip
        return bic.text
    member = maybe(node, "FinInstnId/ClrSysMmbId/MmbId")
    if member is None:
        return None
    if not _CODE.fullmatch(member.text):
        raise Refused(member.path, Refusal.BAD_CODE, "1 to 16 ASCII characters, no spaces",
                      redacted(member.text))  # fmt: skip
    return member.text


def code_4(node: Node | None) -> str | None:
    """A code of one to four capital letters and digits (purpose, status, reason)."""
    if node is None:
        return None
    if not _CODE_4.fullmatch(node.text):
        raise Refused(node.path, Refusal.BAD_CODE, "a code of 1 to 4 capital letters and digits",
                      redacted(node.text))  # fmt: skip
    return node.text
