"""Labels: what people settle about payments."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.labels import Settled
from cases_samples import ANALYST, KZT, MULE, VICTIM, VICTIMS_BANK, bank, room


def test_a_case_of_fraud_does_not_label_what_was_withdrawn_from_it() -> None:
    """Only reports that stand."""
    here = room()
    report = here.report()
    other = here.report(payment="c" * 32, typology="loan")
    here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(report.id))
    here.do(ANALYST, a.CaseTaken(report.case))
    done = here.do(ANALYST, a.CaseClosed(report.case, "fraud", worth_it=True, typology="loan"))
    assert (Settled("c" * 32, True, "loan", VICTIM, MULE, 100_000, KZT),) == done.labels
    assert other.payment == "c" * 32


def test_a_report_of_no_payment_settles_none() -> None:
    """It names accounts alone."""
    here = room()
    report = here.report(payment=None)
    here.do(ANALYST, a.CaseTaken(report.case))
    assert () == here.do(ANALYST, a.CaseClosed(report.case, "fraud", worth_it=True)).labels


def test_an_alert_labels_its_payment_with_what_is_known_of_it() -> None:
    """Whom it was meant for, and how much; of a payment that was reported, too, the report's."""
    here = room()
    here.do(CENTRE, a.AlertRaised(1, MULE, "b" * 32, 5_000, KZT, 700))
    (case,) = here.state.cases
    here.do(ANALYST, a.CaseTaken(case))
    done = here.do(ANALYST, a.CaseClosed(case, "legitimate", worth_it=False))
    assert (Settled("b" * 32, False, None, None, MULE, 5_000, KZT),) == done.labels
