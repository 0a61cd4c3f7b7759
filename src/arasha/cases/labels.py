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
    """Whether a payment was fraud. ``payment`` is the digest of its sender and id, hexadecimal."""

    payment: str
    fraud: bool
    typology: str | None


def labels_of(before: State, changes: Changes) -> list[Settled]:
    """What the records settle, each payment once, in order. ``before`` has not taken them yet.

    A report that was withdrawn settles nothing: nobody has said that it was no fraud.
    """
    settled: dict[str, Settled] = {}
    reports = {one.id: one for one in changes if isinstance(one, Report)}
    for change in changes:
        if isinstance(change, Case) and change.outcome in ("fraud", "legitimate"):
            fraud = change.outcome == "fraud"
            named = [reports.get(name) or before.reports[name] for name in change.reports]
            payments = [one.payment for one in named if not (fraud and one.status != "open")]
            for payment in (*payments, *(alert.payment for alert in change.alerts)):
                if payment is not None:
                    settled[payment] = Settled(payment, fraud, change.typology)
    for report in reports.values():
        old = before.reports.get(report.id)
        fell = old is not None and old.status == "open" and report.status == "cleared"
        if fell and report.payment is not None:
            settled[report.payment] = Settled(report.payment, fraud=False, typology=None)
    return list(settled.values())
