"""A cancellation request as banks read it: camt.056.001.08, written.

The other way round: out of the centre. In: a payment by what its banks call it, what is asked, and
by whom. Out: the message as XML in UTF-8, its elements in the order of the schema; messages.py
reads it back, and a test holds the two together. There is no place in it for a party.

    Assgnmt   Id, from the centre to the bank, when
    Undrlyg   TxInf   CxlId and Case/Id: the recall and the hold, ``r57/h43.0``; an answer names it
                      OrgnlTxId, OrgnlUETR: whichever the payment has
                      OrgnlIntrBkSttlmAmt: what was paid, as the schema wants it
                      CxlRsnInf: FRAD; how much of it is asked for, and until when an answer is
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from arasha.events.iso20022.tree import NAMESPACE
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor

VERSION: Final = "camt.056.001.08"
"""The message's version, as its namespace ends."""

REASON: Final = "FRAD"

_MAX_35: Final = 35
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_UETR: Final = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}")
_SPACE: Final = NAMESPACE + VERSION


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says. ``payment`` is the payment's own id, ``uetr`` its UETR if it has one,
    ``paid_minor`` its amount, ``asked_minor`` what is asked back of it; times are ms since 1970.
    """

    id: str
    case: str
    by: str
    to: str
    at_ms: int
    payment: str
    uetr: str | None
    paid_minor: int
    asked_minor: int
    currency: int
    answer_by_ms: int


def can_be_named(payment: str, uetr: str | None) -> bool:
    """Whether the standard has a place for one of these ids: a UETR of version 4, or a Max35Text.

    >>> can_be_named("p-1", None), can_be_named("p" * 36, None)
    (True, False)
    """
    return _uetr_of(payment, uetr) is not None or len(payment) <= _MAX_35


def cancellation_request(asked: Asked) -> bytes:
    """The message. The payment `can_be_named`, and the ids have at most 35 characters."""
    assert can_be_named(asked.payment, asked.uetr)
    assert len(asked.id) <= _MAX_35
    assert len(asked.case) <= _MAX_35
    document = etree.Element(f"{{{_SPACE}}}Document", nsmap={None: _SPACE})  # type: ignore[dict-item]  # None is the default namespace
    root = _in(document, "FIToFIPmtCxlReq")
    assignment = _in(root, "Assgnmt")
    _in(assignment, "Id", asked.id)
    for name, bank in (("Assgnr", asked.by), ("Assgne", asked.to)):
        _bank(_in(_in(assignment, name), "Agt"), bank)
    _in(assignment, "CreDtTm", _instant(asked.at_ms))
    _in(_in(root, "CtrlData"), "NbOfTxs", "1")
    tx = _in(_in(root, "Undrlyg"), "TxInf")
    _in(tx, "CxlId", asked.case)
    case = _in(tx, "Case")
    _in(case, "Id", asked.case)
    _bank(_in(_in(case, "Cretr"), "Agt"), asked.by)
    uetr = _uetr_of(asked.payment, asked.uetr)
    if len(asked.payment) <= _MAX_35:
        _in(tx, "OrgnlTxId", asked.payment)
    if uetr is not None:
        _in(tx, "OrgnlUETR", uetr)
    currency = CURRENCY_OF_NUMERIC[asked.currency]
    paid = _in(tx, "OrgnlIntrBkSttlmAmt", format_minor(asked.paid_minor, currency))
    paid.set("Ccy", currency.code)
    reason = _in(tx, "CxlRsnInf")
    _in(_in(reason, "Rsn"), "Cd", REASON)
    wanted = format_minor(asked.asked_minor, currency)
    _in(reason, "AddtlInf", f"Asked for: {currency.code} {wanted}")
    _in(reason, "AddtlInf", f"Answer by: {_instant(asked.answer_by_ms)}")
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8")


def _bank(agent: etree._Element, name: str) -> None:
    """Who it is: by BIC where the name is one, else as a member of the clearing system."""
    institution = _in(agent, "FinInstnId")
    if _BIC.fullmatch(name):
        _in(institution, "BICFI", name)
    else:
        _in(_in(institution, "ClrSysMmbId"), "MmbId", name)


def _uetr_of(payment: str, uetr: str | None) -> str | None:
    """The UETR that the payment has, or has for its id."""
    return next((one for one in (uetr, payment.lower()) if one and _UETR.fullmatch(one)), None)


def _in(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_SPACE}}}{name}")
    made.text = text
    return made


def _instant(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
