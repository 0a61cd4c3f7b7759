"""What people settle, as labels of payments: facts that models learn from and windows count.

In: the state before an act, and the records that it made. Out: labels to be kept as facts of the
log. A case that is closed as fraud or as legitimate settles the payments of its alerts and reports;
an appeal that is upheld, or a report that falls, settles that a payment was none.
"""

from __future__ import annotations

from dataclasses import dataclass

from arasha.cases.records import Case, Report
from arasha.cases.state import Changes, State


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether a payment was fraud. ``payment`` is the digest of its sender and id, hexadecimal; who
    paid whom how much stands with it where it is known, so that windows can count labels by party.
    """

    payment: str
    fraud: bool
    typology: str | None
    payer: str | None = None
    payee: str | None = None
    amount_minor: int = 0
    currency: int = 0


def labels_of(before: State, changes: Changes) -> list[Settled]:
    """What the records settle, each payment once, in order. ``before`` has not taken them yet.

    A report that was withdrawn settles nothing: nobody has said that it was no fraud.
    """
    settled: dict[str, Settled] = {}
    reports = {one.id: one for one in changes if isinstance(one, Report)}
    for change in changes:
        if isinstance(change, Case) and change.outcome in ("fraud", "legitimate"):
            fraud = change.outcome == "fraud"
            for alert in change.alerts:
                settled[alert.payment] = Settled(
                    alert.payment, fraud, change.typology, None, alert.subject,
                    alert.amount_minor, change.currency,
                )  # fmt: skip
            for name in change.reports:
                report = reports.get(name) or before.reports[name]
                if report.payment is not None and not (fraud and report.status != "open"):
                    settled[report.payment] = _settled(report, change.typology, fraud=fraud)
    for report in reports.values():
        old = before.reports.get(report.id)
        fell = old is not None and old.status == "open" and report.status == "cleared"
        if fell and report.payment is not None:
            settled[report.payment] = _settled(report, None, fraud=False)
    return list(settled.values())


def _settled(report: Report, typology: str | None, *, fraud: bool) -> Settled:
    assert report.payment is not None
    return Settled(
        report.payment, fraud, typology, report.payer, report.payee, report.amount_minor,
        report.currency,
    )  # fmt: skip
