"""The second reading of complaints: a citizen's word is no ground before a bank stands for it.

Below audit_desk.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from arasha.cases import acts as a
from arasha.reports.audit_cases import gather_report
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import ComplaintRead, ReportRead


def make(reading: Reading, doing: Doing, act: a.ComplaintMade) -> None:
    """Somebody says so; nothing follows but that their bank is asked."""
    law = reading.in_force()
    name = sha256(act.reference.encode("ascii")).hexdigest()[:32]
    lapses_ms = law.desk.request.after(doing.at_ms, law.calendar)
    report = ReportRead(
        name, doing.seq, act.bank, act.bank, act.amount_minor, act.currency, act.payer, act.payee,
        act.payment or name, act.paid_ms, None, "",
    )  # fmt: skip
    reading.complaints[name] = ComplaintRead(report, act.payment, lapses_ms, act.to_number)


def lapse(reading: Reading, doing: Doing, act: a.ComplaintLapsed) -> None:
    """Nobody answered in time."""
    complaint = reading.complaints.get(act.complaint)
    if complaint is None:
        return reading.found("order", doing, act.complaint, "there is no such complaint")
    if doing.at_ms < complaint.lapses_ms:
        reading.found("end", doing, act.complaint, "lapsed before its time was over")
    complaint.is_open = False
    return None


def attest(reading: Reading, doing: Doing, act: a.ReportAttested) -> None:
    """The bank stands for it: from here on it is a report."""
    complaint = _answered(reading, doing, act.report)
    if complaint is None:
        return
    payment = act.payment or complaint.payment
    if act.payee is not None:
        if not complaint.to_number:
            reading.found("ground", doing, act.report, "another account than was complained of")
        complaint.report.payee = act.payee
    complaint.report.ground = payment or complaint.report.id
    complaint.report.attested_ms = doing.at_ms
    gather_report(reading, doing, complaint.report, payment)


def decline(reading: Reading, doing: Doing, act: a.ReportWithdrawn) -> None:
    """The bank does not."""
    _answered(reading, doing, act.report)


def _answered(reading: Reading, doing: Doing, name: str) -> ComplaintRead | None:
    """The complaint that is answered, which is over then; None where it was not this bank's."""
    complaint = reading.complaints.get(name)
    if complaint is None:
        reading.found("order", doing, name, "there is no such report")
        return None
    if complaint.report.bank != doing.by.name:
        reading.found("ground", doing, name, f"{doing.by.name} is not the victim's bank")
        return None
    if not complaint.is_open or doing.at_ms >= complaint.lapses_ms:
        reading.found("end", doing, name, "answered after the complaint was over")
    complaint.is_open = False
    return complaint


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    a.ComplaintMade: make,
    a.ComplaintLapsed: lapse,
}
"""How each act is read."""
