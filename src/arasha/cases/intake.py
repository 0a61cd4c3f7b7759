"""What the log holds for the desk: payments that were stopped, and reports of fraud.

In: a stretch of the log, read beside its writer. Out: acts of the centre, in the order of their
places: an `AlertRaised` for each payment whose decision is to hold or to block, a `ReportTaken` for
each report that names two accounts and an amount, itself or through its payment. A report refers
to a payment by the name its own sender gave it, so whoever reports a payment is the one who sent
it; a payment that the log does not hold is known by nothing but what the report says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.cases.acts import AlertRaised, ReportTaken
from arasha.events.body import unpack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import ACTIONS, unpack_decisions
from arasha.events.reference import digests_of
from arasha.events.schema import MISSING, TYPOLOGIES, Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log

ENTRIES_AT_ONCE: Final = 8_192
"""Entries of one stretch."""

_STOPPED: Final = ACTIONS.index("hold")
_UNKNOWN: Final = bytes(16)
_NAME: Final = re.compile(r"[!-~]{1,16}")

Find = Callable[[Sequence[bytes]], NDArray[np.int64]]
"""The places of facts by their digests, as the log's writer knows them (`Log.seqs_of`)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A report or a payment as the log has it; tokens are hexadecimal, unknown ones None."""

    place: int
    name: str
    sender: str
    happened_ms: int
    payer: str | None
    payee: str | None
    amount_minor: int | None
    currency: int | None
    payment: bytes | None = None
    number: str | None = None
    device: str | None = None
    payer_bank: str | None = None
    payee_bank: str | None = None
    typology: str | None = None
    attested: bool = False


def read(log: Log, start: int, stop: int) -> list[AlertRaised | Seen]:
    """Alerts and reports whose decision, or report, stands in ``start`` to ``stop``.

    A decision stands right behind its payment, so one entry more is read ahead of the stretch.
    """
    found: list[AlertRaised | Seen] = []
    payments: dict[int, Seen] = {}
    for frame in log.read(max(0, start - 1), stop, missing="skip"):
        wanted = np.isin(frame.kinds, (Kind.PAYMENT, Kind.REPORT)) & frame.readable
        rows = np.flatnonzero(wanted)
        facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
        for row, seen in zip(rows.tolist(), _seen(facts, frame.first_seq + rows), strict=True):
            if frame.kinds[row] == Kind.PAYMENT:
                payments[seen.place] = seen
            elif seen.place >= start:
                found.append(seen)
        at = np.flatnonzero((frame.kinds == Kind.DECISION) & frame.readable)
        decisions = unpack_decisions(frame.bodies.take(at))
        stopped = decisions.action >= _STOPPED
        for seq, score in zip(
            decisions.subject_seq[stopped].tolist(), decisions.score[stopped].tolist(), strict=True
        ):
            alert = _alert(payments.get(seq), score)
            if alert is not None:
                found.append(alert)
    return sorted(found, key=lambda one: one.place)


def report_of(log: Log, seen: Seen, find: Find, banks: Collection[str]) -> ReportTaken | None:
    """A report as it comes to the desk; None when it does not say who paid whom how much.

    ``banks`` are the participants' names. The victim's bank is the one that the payment names as
    the payer's, where it is a participant, else who sent the report. Not more than was paid is
    disputed. For the log's writing thread.
    """
    payment = None
    if seen.payment is not None:
        place = int(find([seen.payment])[0])
        payment = _payment_at(log, place) if place >= 0 else None
    said = payment or seen
    if said.payer is None or said.payee is None or not said.amount_minor or said.currency is None:
        return None
    amount = said.amount_minor
    if seen.amount_minor and seen.currency == said.currency:
        amount = min(amount, seen.amount_minor)
    return ReportTaken(
        report=seen.name,
        place=seen.place,
        sender=seen.sender,
        bank=_known(said.payer_bank, banks) or seen.sender,
        amount_minor=amount,
        currency=said.currency,
        payer=said.payer,
        payee=said.payee,
        payee_bank=_known(said.payee_bank, banks),
        paid_ms=max(0, said.happened_ms),
        payment=None if seen.payment is None else seen.payment.hex(),
        device=said.device,
        number=seen.number,
        typology=seen.typology,
        attested=seen.attested,
    )


def payment_named(log: Log, name: bytes) -> Seen | None:
    """The payment with that digest, if the log still has it. For the log's writing thread."""
    place = int(log.seqs_of([name])[0])
    return _payment_at(log, place) if place >= 0 else None


def _known(bank: str | None, banks: Collection[str]) -> str | None:
    """The bank, if it is a participant: nobody else can be asked to hold anything."""
    return bank if bank in banks else None


def _payment_at(log: Log, place: int) -> Seen | None:
    for frame in log.read(place, place + 1, missing="skip"):
        if frame.readable[0] and frame.kinds[0] == Kind.PAYMENT:
            facts = unpack_facts(frame.kinds, frame.bodies)
            return _seen(facts, np.array([place]))[0]
    return None


def _alert(payment: Seen | None, score: int) -> AlertRaised | None:
    if payment is None or payment.payee is None:
        return None
    assert payment.amount_minor is not None
    assert payment.currency is not None
    return AlertRaised(
        payment.place, payment.payee, payment.name, payment.amount_minor, payment.currency, score,
        _named(payment.payer_bank), _named(payment.payee_bank), payment.payer,
    )  # fmt: skip


def _named(bank: str | None) -> str | None:
    """The bank, if what the payment says can be the name of one."""
    return bank if bank is not None and _NAME.fullmatch(bank) else None


def _seen(facts: Facts, places: NDArray[np.int64]) -> list[Seen]:
    """The facts one by one."""
    names = _symbols(digests_of(facts)) if len(facts) else []
    columns = {
        name: _symbols(facts.symbol(name))
        for name in ("sender", "payer_account", "payee_account", "payment", "number", "device",
                     "payer_bank", "payee_bank")
    }  # fmt: skip
    numbers = {
        name: facts.number(name).tolist()
        for name in ("happened_at", "amount", "currency", "typology", "attested")
    }
    return [
        Seen(
            place=place,
            name=names[row].hex(),
            sender=code_text(columns["sender"][row]) or "",
            happened_ms=numbers["happened_at"][row],
            payer=_token(columns["payer_account"][row]),
            payee=_token(columns["payee_account"][row]),
            amount_minor=_number(numbers["amount"][row]),
            currency=_number(numbers["currency"][row]),
            payment=columns["payment"][row] if columns["payment"][row] != _UNKNOWN else None,
            number=_token(columns["number"][row]),
            device=_token(columns["device"][row]),
            payer_bank=code_text(columns["payer_bank"][row]),
            payee_bank=code_text(columns["payee_bank"][row]),
            typology=_typology(numbers["typology"][row]),
            attested=numbers["attested"][row] == 1,
        )
        for row, place in enumerate(places.tolist())
    ]


def _symbols(column: NDArray[np.uint64]) -> list[bytes]:
    data = np.ascontiguousarray(column).tobytes()
    return [data[at : at + 16] for at in range(0, len(data), 16)]


def _token(symbol: bytes) -> str | None:
    return None if symbol == _UNKNOWN else symbol.hex()


def _number(value: int) -> int | None:
    return None if value == MISSING else value


def _typology(value: int) -> str | None:
    return None if value == MISSING else TYPOLOGIES[value]
