"""Reports and alerts: into which case, and what falls with a report."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.messages import AttestationAsked, HoldOver
from arasha.cases.records import CaseStatus, HoldStatus, RecallStatus
from arasha.cases.rings import MAX_ALERTS
from cases_samples import (
    ANALYST,
    BANK,
    KZT,
    MULE,
    OFFICER,
    OTHER_BANK,
    SECOND,
    VICTIMS_BANK,
    bank,
    room,
)


def test_alerts_and_reports_of_one_account_are_one_case() -> None:
    """A payment that is reported after it was an alert is counted once; currencies stay apart."""
    here = room()
    here.do(CENTRE, a.AlertRaised(1, MULE, "a" * 32, 100_000, KZT, 700))
    here.do(CENTRE, a.AlertRaised(2, MULE, "b" * 32, 5_000, KZT, 400))
    here.do(CENTRE, a.AlertRaised(3, MULE, "c" * 32, 5_000, 840, 400))
    report = here.report(place=4)
    case = here.case_of(report)
    assert 2 == len(here.state.open_cases)
    assert ["b" * 32] == [alert.payment for alert in case.alerts]
    assert ((report.id,), 1_000) == (case.reports, case.score)


def test_a_report_that_is_not_attested_is_asked_of_the_victims_bank_at_once() -> None:
    """Urgent; it can be a ground when the bank says so."""
    here = room()
    report = here.report(attested=False)
    body = a.pack(here.entries[-1])
    again = room().projection.take(1, body)
    assert (AttestationAsked(VICTIMS_BANK, report.id, report.payment, 100_000, KZT),) == (
        again.messages
    )
    here.do(bank(VICTIMS_BANK), a.ReportAttested(report.id))
    assert here.hold(here.state.reports[report.id])


def test_only_the_victims_bank_attests() -> None:
    """Another's word is the word of whoever reports."""
    assert not room().report(sender=OTHER_BANK).attested


def test_everything_falls_with_the_report() -> None:
    """Holds at every bank, and the recall, in one entry."""
    here = room()
    report = here.report()
    holds = here.hold(report, (MULE, BANK, 60_000), (SECOND, OTHER_BANK, 40_000))
    here.do(CENTRE, a.RecallOpened(report.id))
    done = here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(report.id))
    assert {HoldStatus.RELEASED} == {here.hold_now(hold).status for hold in holds}
    assert {RecallStatus.CANCELLED} == {one.status for one in here.state.recalls.values()}
    over = [one for one in done.messages if isinstance(one, HoldOver)]
    assert [(BANK, "withdrawn"), (OTHER_BANK, "withdrawn")] == [(m.to, m.why) for m in over]
    assert () == done.labels, "nobody has said that it was no fraud"


def test_what_comes_new_wakes_a_case_and_after_its_end_opens_another() -> None:
    """A closed case stays closed."""
    here = room()
    report = here.report()
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseSnoozed(report.case, here.at_ms + 3_600_000))
    here.report(payment="c" * 32)
    case = here.case_of(report)
    assert (CaseStatus.OPEN, 2) == (case.status, len(case.reports))
    here.do(OFFICER, a.CaseTaken(report.case))
    here.do(OFFICER, a.CaseClosed(report.case, "fraud", worth_it=True))
    assert report.case != here.report(payment="d" * 32).case


def test_a_case_keeps_as_many_alerts_as_it_may() -> None:
    """Those beyond are taken in, and change nothing."""
    here = room()
    for place in range(MAX_ALERTS + 2):
        here.do(CENTRE, a.AlertRaised(place, MULE, f"{place:032x}", 1, KZT, 1))
    (case,) = here.state.cases.values()
    assert (MAX_ALERTS, MAX_ALERTS + 1) == (len(case.alerts), here.state.taken_in)
