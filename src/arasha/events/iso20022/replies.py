"""What a message says to a recall: an answer (camt.029), or money on its way back (pacs.004).

At *happened*, beside messages.py. In: a transaction of such a message. Out: a `Reply`; whose recall
it is, and whether it fits, is known to the room *cases* alone. A reply names the recall by the case
of the camt.056 that asked (``RslvdCase/Id``), or the payment by its original id, as pacs.004 must.

What the standard's codes amount to::

    TxCxlSts, or Conf of the whole message   ACCR, CNCL  accepted: all of it, or the amount said
                                             PACR        partly: the amount said
                                             RJCR        rejected
                                             PDCR        pending: nothing is answered yet
    pacs.004 with the reason FOCR            returned: it follows a cancellation request
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from arasha.events.iso20022.fields import (
    Refused,
    code_4,
    every,
    first,
    max_35,
    maybe,
    money,
    must,
    original_id,
)
from arasha.events.iso20022.tree import Node
from arasha.events.records import money as minor_of
from arasha.events.rejects import Refusal

Said = Literal["accepted", "partly", "rejected", "pending", "returned"]

FOLLOWS_REQUEST: Final = "FOCR"
"""Reason of a pacs.004 that answers a camt.056."""

_STATUSES: Final[dict[str, Said]] = {
    "ACCR": "accepted", "CNCL": "accepted", "PACR": "partly", "RJCR": "rejected",
    "PDCR": "pending",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """One transaction's word to a recall.

    ``case`` is the recall's as the camt.056 had it, ``payment`` the original payment's id; one of
    them is there. ``amount_minor`` None: all that was asked for. ``code`` is the reason's.
    ``fact`` is the id of the outcome that came with it.
    """

    said: Said
    case: str | None
    payment: str | None
    amount_minor: int | None = None
    currency: int | None = None
    code: str | None = None
    fact: str | None = None


def answers_of(root: Node) -> tuple[Reply, ...]:
    """What a camt.029 answers: each of its transactions or, without any, the message itself."""
    case, conf = _case_of(root), code_4(maybe(root, "Sts/Conf"))
    transactions = [tx for one in every(root, "CxlDtls") for tx in every(one, "TxInfAndSts")]
    if not transactions:
        found = None if case is None else _answer(root, case, None, conf)
        return () if found is None else (found,)
    answers = []
    for tx in transactions:
        own, status = _case_of(tx) or case, code_4(maybe(tx, "TxCxlSts")) or conf
        found = _answer(tx, own, original_id(tx, needed=own is None), status)
        if found is not None:
            answers.append(found)
    return tuple(answers)


def return_of(tx: Node, fact: str, payment: str) -> Reply | None:
    """What a transaction of a pacs.004 gives back, if it follows a cancellation request."""
    reasons = [code_4(maybe(one, "Rsn/Cd")) for one in every(tx, "RtrRsnInf")]
    if FOLLOWS_REQUEST not in reasons:
        return None
    minor, currency = _money(must(tx, "RtrdIntrBkSttlmAmt"))
    return Reply("returned", None, payment, minor, currency, FOLLOWS_REQUEST, fact)


def _answer(tx: Node, case: str | None, payment: str | None, status: str | None) -> Reply | None:
    said = _STATUSES.get(status or "")
    if said is None:
        return None
    amount = maybe(tx, "RsltnRltdInf/IntrBkSttlmAmt")
    minor, currency = (None, None) if amount is None else _money(amount)
    if said == "partly" and minor is None:
        path = f"{tx.path}/RsltnRltdInf/IntrBkSttlmAmt"
        raise Refused(path, Refusal.MISSING_VALUE, "the amount that goes back", "nothing")
    if said == "rejected":
        minor, currency = 0, None
    return Reply(said, case, payment, minor, currency, _reason_of(tx))


def _case_of(node: Node) -> str | None:
    return max_35(maybe(node, "RslvdCase/Id"))


def _reason_of(tx: Node) -> str | None:
    """The first reason's code, if it is one of four characters, as all of this list are."""
    code = code_4(maybe(first(tx, "CxlStsRsnInf"), "Rsn/Cd"))
    return code if code is not None and len(code) == 4 else None


def _money(node: Node) -> tuple[int, int]:
    amount = minor_of(*money(node))
    assert not isinstance(amount, Refusal), "it has been looked at"
    return amount
