"""Reports and alerts come to the desk, and gather into cases: one for each account that got money,
or for a ring of them (cases/rings.py).

In: what the log's facts and decisions say, as acts of the centre. Out: records. A report that its
victim's bank has not attested is on the desk, urgent, and holds nothing. When its ground falls
(withdrawn, or found to be no fraud) everything that stood on it is released in the same act. What a
citizen complains of becomes a report when their bank stands for it (cases/complaints.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from arasha.cases import complaints, holds, recalls
from arasha.cases.acts import AlertRaised, ReleaseWhy, ReportAttested, ReportTaken, ReportWithdrawn
from arasha.cases.pots import Pots
from arasha.cases.records import (
    OPEN_CASE,
    OPEN_RECALL,
    Alert,
    Alerted,
    Asked,
    Case,
    CaseStatus,
    Complaint,
    Counted,
    Report,
    TakenIn,
)
from arasha.cases.refusals import Refusal
from arasha.cases.rings import MAX_ALERTS, MAX_REPORTS, loosened
from arasha.cases.state import Change, Changes, State

Result: TypeAlias = Changes | Refusal


def take_report(state: State, asked: Asked, act: ReportTaken) -> Result:
    """A report goes to the case of the account that the money went to."""
    if act.report in state.reports or act.place <= state.taken_in:
        return Refusal.ALREADY_TAKEN_IN
    gathered = _gathered(state, asked, act)
    if gathered is None:
        return Refusal.FULL
    report = Report(
        id=act.report,
        seq=act.place,
        taken_ms=asked.at_ms,
        sender=act.sender,
        bank=act.bank,
        amount_minor=act.amount_minor,
        currency=act.currency,
        payer=act.payer,
        payee=act.payee,
        payee_bank=act.payee_bank,
        paid_ms=act.paid_ms,
        payment=act.payment,
        device=act.device,
        number=act.number,
        typology=act.typology,
        attested=act.attested and act.sender == act.bank,
        case=gathered.id,
    )
    return (
        report, _with(gathered, report), TakenIn(act.place),
        *_counted(asked, act.payee, act.number),
    )  # fmt: skip


def _gathered(state: State, asked: Asked, of: ReportTaken | Complaint) -> Case | None:
    """The case of the account that the money went to; None where it can hold no more."""
    case = _case_of(state, asked, of.payee, of.currency)
    return case if len(case.reports) < MAX_REPORTS else None


def _with(case: Case, report: Report) -> Case:
    """The case with one more report, which an alert about the same payment goes into."""
    alerts = tuple(one for one in case.alerts if one.payment != report.payment)
    subjects = case.subjects | {report.payee}
    return replace(case, reports=(*case.reports, report.id), alerts=alerts, subjects=subjects)


def _counted(asked: Asked, payee: str, number: str | None) -> list[Counted]:
    named = [payee] if number is None else [payee, number]
    return [Counted(one, asked.at_ms, "reported") for one in named]


def raise_alert(state: State, asked: Asked, act: AlertRaised) -> Result:
    """A payment that the policy stopped goes to the case of whom it was meant for."""
    if act.place <= state.taken_in:
        return Refusal.ALREADY_TAKEN_IN
    case = _case_of(state, asked, act.subject, act.currency)
    sides = (act.subject,) if act.payer is None else (act.payer, act.subject)
    taken = (Alerted(sides, asked.at_ms), TakenIn(act.place))
    if len(case.alerts) >= MAX_ALERTS:
        return taken
    alert = Alert(
        act.subject, act.payment, act.amount_minor, act.score, act.payer_bank, act.payee_bank,
        act.payer,
    )  # fmt: skip
    gathered = replace(case, alerts=(*case.alerts, alert), subjects=case.subjects | {act.subject})
    return (gathered, *taken)


def attest(state: State, asked: Asked, act: ReportAttested) -> Result:
    """The victim's bank stands for the report; from now on it can be a ground."""
    report = state.reports.get(act.report)
    if report is None:
        return _attest_complaint(state, asked, act)
    if asked.by.name != report.bank:
        return Refusal.ANOTHER_PARTICIPANTS
    if report.status != "open":
        return Refusal.REPORT_IS_OVER
    if report.attested:
        return Refusal.ALREADY_ANSWERED
    return (replace(report, attested=True),)


def _attest_complaint(state: State, asked: Asked, act: ReportAttested) -> Result:
    """A complaint becomes a report when its bank stands for it; from here on it is like any."""
    if act.report not in state.complaints:
        return Refusal.REPORT_NOT_FOUND
    heard = complaints.answered(state, asked, act)
    if isinstance(heard, Refusal):
        return heard
    gathered = _gathered(state, asked, heard)
    if gathered is None:
        return Refusal.FULL
    report = Report(
        id=heard.id, seq=heard.seq, taken_ms=asked.at_ms, sender=heard.bank, bank=heard.bank,
        amount_minor=heard.amount_minor, currency=heard.currency, payer=heard.payer,
        payee=heard.payee, payee_bank=heard.payee_bank, paid_ms=heard.paid_ms,
        payment=heard.payment, device=None, number=heard.number, typology=heard.typology,
        attested=True, case=gathered.id,
    )  # fmt: skip
    counted = _counted(asked, heard.payee, heard.number)
    return (heard, report, _with(gathered, report), *counted)


def withdraw(state: State, asked: Asked, act: ReportWithdrawn) -> Result:
    """It no longer stands: what was held on it is free at once. A bank that does not stand for a
    complaint says so by the same act.
    """
    report = state.reports.get(act.report)
    if report is None:
        if act.report not in state.complaints:
            return Refusal.REPORT_NOT_FOUND
        heard = complaints.answered(state, asked, act)
        return heard if isinstance(heard, Refusal) else (heard,)
    if asked.by.kind == "participant" and asked.by.name not in (report.bank, report.sender):
        return Refusal.ANOTHER_PARTICIPANTS
    if report.status != "open":
        return Refusal.REPORT_IS_OVER
    changes = fallen(state, (report,), "withdrawn", "withdrawn", asked)
    return (*changes, *loosened(state, report))


def fallen(
    state: State,
    reports: Sequence[Report],
    status: Literal["withdrawn", "cleared"],
    why: ReleaseWhy,
    asked: Asked,
) -> Changes:
    """Reports that no longer stand, and all that stood on them: holds released, recalls over. They
    fall together, so that no money of the one stays held for another.
    """
    changes: list[Change] = [replace(report, status=status) for report in reports]
    pots = Pots(state)
    for report in reports:
        recall = state.recalls.get(state.recall_of.get(report.id, ""))
        if recall is not None and recall.status in OPEN_RECALL:
            changes.append(recalls.cancelled(pots, recall, asked))
    theirs = (hold for report in reports for hold in state.holds_of_report(report.id))
    holds.free(pots, [hold for hold in theirs if hold.holds_at(asked.at_ms)], why, asked)
    return (*changes, *pots.changes)


def _case_of(state: State, asked: Asked, subject: str, currency: int) -> Case:
    """The open case of an account, awake; a new one where there is none."""
    case = state.cases.get(state.case_at.get((subject, currency), ""))
    if case is not None and case.status in OPEN_CASE:
        return replace(case, status=CaseStatus.OPEN, snoozed_until_ms=0)
    law = state.law
    assert law is not None, "no act is taken without a law"
    return Case(
        id=f"c{asked.seq}",
        subjects=frozenset({subject}),
        currency=currency,
        opened_ms=asked.at_ms,
        due_ms=law.desk.due.after(asked.at_ms, law.calendar),
    )
