"""Messages of ISO 20022 as facts: each message by the few things of it that are a fact.

At *happened*. In: bytes, XML or JSON. Out: a `Message` with its records, or a refusal with the path
and what was expected there. What each message becomes::

    pain.001  CstmrCdtTrfInitn    a payment for each transaction
    pacs.008  FIToFICstmrCdtTrf   a payment for each transaction
    pain.013  CdtrPmtActvtnReq    nothing: a payee asks to be paid, no payer has ordered it
    pacs.002  FIToFIPmtStsRpt     an outcome: settled (ACSC, ACCC) or rejected (RJCT, CANC);
                                  of another status nothing, the payment goes on
    pacs.004  PmtRtr              an outcome: returned
    camt.056  FIToFIPmtCxlReq     a report, when the reason is FRAD; of another reason nothing
    camt.029  RsltnOfInvstgtn     no fact; what it says to a recall are its replies (replies.py)

**Which id.** A payment's id is the first of UETR, TxId, InstrId, EndToEndId that the message has;
messages about it refer to it by the same rule (OrgnlUETR, OrgnlTxId, …), so they must carry the one
that the payment had. The sender of both is the same participant. A payment that is sent as pain.001
and as pacs.008 is told twice: send the one at which the verdict is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from arasha.events.iso20022.fields import (
    NOT_PROVIDED,
    Refused,
    account,
    bank,
    code_4,
    every,
    first_of,
    identity,
    instant,
    max_35,
    maybe,
    money,
    must,
    original_id,
    uetr,
)
from arasha.events.iso20022.replies import Reply, answers_of, return_of
from arasha.events.iso20022.tree import Node, Tree, tree_of_json, tree_of_xml
from arasha.events.records import PaymentConcluded, PaymentReceived, Record, ReportFiled
from arasha.events.rejects import Refusal, Reject

MAX_TRANSACTIONS: Final = 1_000
"""Most transactions of one message."""

SETTLED: Final = frozenset({"ACSC", "ACCC"})
REJECTED: Final = frozenset({"RJCT", "CANC"})
FRAUD: Final = "FRAD"


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: its kind (``pacs.008``), its own id, its facts and what it says to
    recalls, maybe none.
    """

    kind: str
    id: str
    records: tuple[Record, ...]
    replies: tuple[Reply, ...] = ()


def decode_xml(message: bytes, *, kind: str | None = None) -> Message | Reject:
    """An XML message as facts; ``kind``, if given, is the only one that is taken."""
    return _read(tree_of_xml(message), kind)


def decode_json(message: bytes, *, kind: str | None = None) -> Message | Reject:
    """A JSON message as facts; ``kind``, if given, is the only one that is taken."""
    return _read(tree_of_json(message), kind)


def _read(tree: Tree | Reject, wanted: str | None) -> Message | Reject:
    if isinstance(tree, Reject):
        return tree
    kind, read = _READERS.get(tree.name, ("", None))
    expected = "one of " + ", ".join(f"{k} ({name})" for name, (k, _) in _READERS.items())
    if read is None:
        return Reject(1, "/", Refusal.UNKNOWN_MESSAGE, expected, "another message")
    said = tree.type
    if said is not None and not re.fullmatch(rf"{re.escape(kind)}\.001\.[0-9]{{2}}", said):
        expected = f"the type {kind}.001.NN, as the message is a {tree.name}"
        return Reject(1, tree.root.path, Refusal.UNKNOWN_MESSAGE, expected, "another type")
    if wanted is not None and kind != wanted:
        return Reject(1, tree.root.path, Refusal.UNKNOWN_MESSAGE, wanted, kind)
    try:
        return read(kind, tree.root)
    except Refused as refused:
        return refused.reject


def _payments_of_initiation(kind: str, root: Node) -> Message:
    """pain.001: instructions of one debtor each, with transactions in them."""
    header = must(root, "GrpHdr")
    pairs = [(one, tx) for one in _some(root, "PmtInf") for tx in _transactions(one, "CdtTrfTxInf")]
    _count(header, [tx for _, tx in pairs])
    at = instant(must(header, "CreDtTm"))
    records = tuple(
        PaymentReceived(
            id=_own_id(tx),
            happened_at=at,
            **_payer(payer_side),
            **_payee(tx),
            **_amount(tx, "Amt/InstdAmt", "Amt/EqvtAmt"),
            **_known_by(tx),
            purpose_code=_purpose(tx),
        )
        for payer_side, tx in pairs
    )
    return Message(kind, _message_id(header), records)


def _payments_of_transfer(kind: str, root: Node) -> Message:
    """pacs.008: transactions between banks."""
    header = must(root, "GrpHdr")
    transactions = _transactions(root, "CdtTrfTxInf")
    _count(header, transactions)
    at = instant(must(header, "CreDtTm"))
    records = tuple(
        PaymentReceived(
            id=_own_id(tx),
            happened_at=at,
            **_payer(tx),
            **_payee(tx),
            **_amount(tx, "IntrBkSttlmAmt"),
            **_known_by(tx),
            purpose_code=_purpose(tx),
        )
        for tx in transactions
    )
    return Message(kind, _message_id(header), records)


def _request_to_pay(kind: str, root: Node) -> Message:
    """pain.013: checked like an initiation; nobody has ordered a payment yet."""
    header = must(root, "GrpHdr")
    instant(must(header, "CreDtTm"))
    for one in _some(root, "PmtInf"):
        name = "CdtTrfTx" if every(one, "CdtTrfTx") else "CdtTrfTxInf"  # XML's; Tazama's JSON
        for tx in _transactions(one, name):
            _own_id(tx)
            _amount(tx, "Amt/InstdAmt", "Amt/EqvtAmt")
    return Message(kind, _message_id(header), ())


def _outcomes(kind: str, root: Node) -> Message:
    """pacs.002: how transactions stand; a fact when they stand at their end."""
    header = must(root, "GrpHdr")
    at, own = instant(must(header, "CreDtTm")), _message_id(header)
    records = []
    for number, tx in enumerate(_bounded(every(root, "TxInfAndSts")), start=1):
        status = code_4(maybe(tx, "TxSts"))
        if status not in SETTLED | REJECTED:
            continue
        records.append(
            PaymentConcluded(
                id=_part_id(own, identity(maybe(tx, "StsId")), number),
                happened_at=at,
                payment=_original(tx),
                outcome="settled" if status in SETTLED else "rejected",
                **_original_parties(tx),
            )
        )
    return Message(kind, own, tuple(records))


def _returns(kind: str, root: Node) -> Message:
    """pacs.004: money that goes back."""
    header = must(root, "GrpHdr")
    transactions = _transactions(root, "TxInf")
    _count(header, transactions)
    at, own = instant(must(header, "CreDtTm")), _message_id(header)
    records = tuple(
        PaymentConcluded(
            id=_part_id(own, identity(maybe(tx, "RtrId")), number),
            happened_at=at,
            payment=_original(tx),
            outcome="returned",
            **_original_parties(tx),
            **_amount(tx, "RtrdIntrBkSttlmAmt"),
        )
        for number, tx in enumerate(transactions, start=1)
    )
    replies = (
        return_of(tx, record.id, record.payment)
        for tx, record in zip(transactions, records, strict=True)
    )
    return Message(kind, own, records, tuple(one for one in replies if one is not None))


def _recalls(kind: str, root: Node) -> Message:
    """camt.056: a bank asks for money back; for fraud, that is a report.

    Whether the victim's bank attests it is not said here: an attested report lets money be held.
    """
    header = must(root, "Assgnmt")
    at, own = instant(must(header, "CreDtTm")), _message_id(header, "Id")
    records = []
    transactions = _bounded([tx for one in _some(root, "Undrlyg") for tx in every(one, "TxInf")])
    for number, tx in enumerate(transactions, start=1):
        reasons = [code_4(maybe(one, "Rsn/Cd")) for one in every(tx, "CxlRsnInf")]
        payment = _original(tx)
        amount = _amount(tx, "OrgnlIntrBkSttlmAmt") if maybe(tx, "OrgnlIntrBkSttlmAmt") else {}
        if FRAUD in reasons:
            records.append(
                ReportFiled(
                    id=_part_id(own, identity(maybe(tx, "CxlId")), number),
                    happened_at=at,
                    payment=payment,
                    **_original_parties(tx),
                    **amount,
                )
            )
    return Message(kind, own, tuple(records))


def _answers(kind: str, root: Node) -> Message:
    """camt.029: what became of a recall; nothing that happened to a payment."""
    header = must(root, "Assgnmt")
    instant(must(header, "CreDtTm"))
    _bounded([tx for one in every(root, "CxlDtls") for tx in every(one, "TxInfAndSts")])
    return Message(kind, _message_id(header, "Id"), (), answers_of(root))


_READERS: Final[dict[str, tuple[str, Callable[[str, Node], Message]]]] = {
    "CstmrCdtTrfInitn": ("pain.001", _payments_of_initiation),
    "CdtrPmtActvtnReq": ("pain.013", _request_to_pay),
    "FIToFICstmrCdtTrf": ("pacs.008", _payments_of_transfer),
    "FIToFIPmtStsRpt": ("pacs.002", _outcomes),
    "FIToFIPmtSts": ("pacs.002", _outcomes),  # what Tazama's JSON calls it
    "PmtRtr": ("pacs.004", _returns),
    "FIToFIPmtCxlReq": ("camt.056", _recalls),
    "RsltnOfInvstgtn": ("camt.029", _answers),
}


def _transactions(node: Node, name: str) -> list[Node]:
    return _bounded(_some(node, name))


def _some(node: Node, name: str) -> list[Node]:
    """All elements of that name, at least one."""
    return every(node, name) or [must(node, name)]


def _bounded(transactions: list[Node]) -> list[Node]:
    if len(transactions) > MAX_TRANSACTIONS:
        raise Refused(transactions[-1].path, Refusal.TOO_MANY,
                      f"at most {MAX_TRANSACTIONS} transactions",
                      f"{len(transactions)} of them")  # fmt: skip
    return transactions


def _count(header: Node, transactions: list[Node]) -> None:
    """NbOfTxs is the number of transactions: else a part was lost on the way."""
    said = must(header, "NbOfTxs")
    if said.text != str(len(_bounded(transactions))):
        raise Refused(said.path, Refusal.OUT_OF_RANGE, f"{len(transactions)}, as there are so many",
                      "another number")  # fmt: skip


def _message_id(header: Node, name: str = "MsgId") -> str:
    return identity(must(header, name)) or ""


def _own_id(tx: Node) -> str:
    """The payment's id; see the module's docstring."""
    ids = must(tx, "PmtId")
    ends = max_35(must(ids, "EndToEndId"))
    found = [
        uetr(maybe(ids, "UETR")),
        identity(maybe(ids, "TxId")),
        identity(maybe(ids, "InstrId")),
        None if ends == NOT_PROVIDED else identity(must(ids, "EndToEndId")),
    ]
    own = first_of(found)
    if own is None:
        raise Refused(ids.path, Refusal.MISSING_VALUE, "a UETR, TxId, InstrId or EndToEndId",
                      "no id of the payment")  # fmt: skip
    return own


def _original(tx: Node) -> str:
    """The id of the payment that is spoken of."""
    found = original_id(tx)
    assert found is not None, "it is refused without one"
    return found


def _part_id(message: str, own: str | None, number: int) -> str:
    """The id of one fact of a message about others: its own, else the message's and its number."""
    return own if own is not None else f"{message}/{number}"


def _payer(node: Node) -> dict[str, Any]:
    """Account, bank and telephone number of the payer."""
    found = account(must(node, "DbtrAcct"))
    if found is None:
        raise _no_account(must(node, "DbtrAcct"))
    number = maybe(node, "Dbtr/CtctDtls/MobNb")
    return {
        "payer_account": found,
        "payer_bank": bank(maybe(node, "DbtrAgt")),
        "payer_number": None if number is None else max_35(number),
    }


def _payee(node: Node) -> dict[str, Any]:
    """Account and bank of the payee."""
    found = account(must(node, "CdtrAcct"))
    if found is None:
        raise _no_account(must(node, "CdtrAcct"))
    return {"payee_account": found, "payee_bank": bank(maybe(node, "CdtrAgt"))}


def _no_account(node: Node) -> Refused:
    return Refused(node.path, Refusal.MISSING_VALUE, "an Id with an IBAN or another id", "neither")


def _original_parties(tx: Node) -> dict[str, Any]:
    """The accounts of the payment that is spoken of, where they are said."""
    return {
        "payer_account": account(maybe(tx, "OrgnlTxRef/DbtrAcct")),
        "payee_account": account(maybe(tx, "OrgnlTxRef/CdtrAcct")),
    }


def _amount(tx: Node, *ways: str) -> dict[str, Any]:
    """The amount that lies the first of these ways that there is."""
    node = next((found for way in ways if (found := maybe(tx, way)) is not None), None)
    amount, currency = money(must(tx, ways[0]) if node is None else node)
    return {"amount": amount, "currency": currency}


def _known_by(tx: Node) -> dict[str, Any]:
    """The references that go with a payment from end to end."""
    ends = max_35(must(tx, "PmtId/EndToEndId"))
    return {
        "uetr": uetr(maybe(tx, "PmtId/UETR")),
        "end_to_end_id": None if ends == NOT_PROVIDED else ends,
    }


def _purpose(tx: Node) -> str | None:
    """The purpose's code; one in the bank's own words is text and not read."""
    return code_4(maybe(tx, "Purp/Cd")) or code_4(maybe(tx, "PmtTpInf/CtgyPurp/Cd"))
