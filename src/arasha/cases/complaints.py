"""A citizen's own report: heard by their bank at once, and holding nothing by itself.

    made ──▶ waiting ──▶ attested: a report like any other, on which money can be held
                ├──────▶ declined, by the bank
                ╰──────▶ lapsed: the bank did not answer within the law's time

Anybody can make one, so until a bank stands for it there is no report: no case is opened, nothing
is counted against the account that it names, no feature sees it. Whoever made it follows it by a
reference, as who is held does. So many may wait at once, in all and for one payer's account.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Final, TypeAlias

from arasha.cases.acts import ComplaintLapsed, ComplaintMade, ReportAttested, ReportWithdrawn
from arasha.cases.records import Asked, Complaint
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State

Result: TypeAlias = Changes | Refusal

MAX_WAITING: Final = 50_000
"""Complaints that may wait for their banks at once."""

MAX_WAITING_OF_PAYER: Final = 3
"""Those that may wait for one payer's account."""


def id_of(reference: str) -> str:
    """The id of the complaint, and of the report that it becomes: 32 hexadecimal digits that tell
    nobody the reference.
    """
    return sha256(reference.encode("ascii")).hexdigest()[:32]


def make(state: State, asked: Asked, act: ComplaintMade) -> Result:
    """Somebody says that money was taken; their bank is asked."""
    name = id_of(act.reference)
    if act.amount_minor == 0:
        return Refusal.NOTHING_TO_HOLD
    if act.payer == act.payee:
        return Refusal.OWN_ACCOUNT
    if name in state.complaints or name in state.reports:
        return Refusal.REFERENCE_IN_USE
    waiting = [
        one
        for name_ in state.waiting_of.get(act.payer, ())
        if (one := state.complaints[name_]).bank == act.bank  # another's cannot stand in the way
    ]
    if len(waiting) >= MAX_WAITING_OF_PAYER or len(state.open_complaints) >= MAX_WAITING:
        return Refusal.COMPLAINTS_WAIT
    law = state.law
    assert law is not None, "no act is taken without a law"
    return (
        Complaint(
            id=name, seq=asked.seq, made_ms=asked.at_ms, bank=act.bank,
            amount_minor=act.amount_minor, currency=act.currency, payer=act.payer, payee=act.payee,
            payee_bank=act.payee_bank, paid_ms=act.paid_ms, payment=act.payment, number=act.number,
            typology=act.typology, to_number=act.to_number,
            answer_due_ms=law.hold.answer.after(asked.at_ms, law.calendar),
            lapses_ms=law.desk.request.after(asked.at_ms, law.calendar),
        ),
    )  # fmt: skip


def is_waiting(complaint: Complaint, at_ms: int) -> bool:
    """Whether its bank can still answer at that instant."""
    return complaint.status == "waiting" and at_ms < complaint.lapses_ms


def answered(
    state: State, asked: Asked, act: ReportAttested | ReportWithdrawn
) -> Complaint | Refusal:
    """The complaint that a bank answers, as it is then: attested, or declined. Where it knows a
    telephone number alone, the bank's payment says which account the money went to.
    """
    complaint = state.complaints[act.report]
    if asked.by.kind != "participant" or asked.by.name != complaint.bank:
        return Refusal.ANOTHER_PARTICIPANTS
    if not is_waiting(complaint, asked.at_ms):
        return Refusal.REPORT_IS_OVER
    if isinstance(act, ReportWithdrawn):
        return replace(complaint, status="declined", over_ms=asked.at_ms)
    attested = replace(
        complaint, status="attested", over_ms=asked.at_ms, payment=act.payment or complaint.payment
    )
    if act.payee is None:
        return attested
    if not complaint.to_number or act.payment is None:
        return Refusal.PAYEE_IS_KNOWN
    if act.payee == complaint.payer:
        return Refusal.OWN_ACCOUNT
    return replace(attested, payee=act.payee, to_number=False)


def lapse(state: State, asked: Asked, act: ComplaintLapsed) -> Result:
    """Its bank did not answer in time."""
    complaint = state.complaints.get(act.complaint)
    if complaint is None:
        return Refusal.REPORT_NOT_FOUND
    if complaint.status != "waiting":
        return Refusal.REPORT_IS_OVER
    if asked.at_ms < complaint.lapses_ms:
        return Refusal.NOT_ITS_END_YET
    return (replace(complaint, status="lapsed", over_ms=complaint.lapses_ms),)
