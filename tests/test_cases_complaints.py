"""A citizen's own report: heard at once, holding nothing before the bank stands for it."""

from __future__ import annotations

from typing import Any

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, pack
from arasha.cases.calendar import HOUR_MS
from arasha.cases.complaints import MAX_WAITING_OF_PAYER, id_of
from arasha.cases.due import due
from arasha.cases.lookups import look_up
from arasha.cases.messages import AttestationAsked
from arasha.cases.projection import Projection
from arasha.cases.records import Complaint, Report
from arasha.cases.refusals import Refusal
from cases_samples import (
    BANK,
    HELD,
    KZT,
    MULE,
    OFFICER,
    OTHER_BANK,
    PAYMENT,
    SECOND,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
    person,
    room,
)


def complained(here: Room, **values: Any) -> Complaint:
    """A complaint of 1,000.00 KZT."""
    fields: dict[str, Any] = {
        "reference": here.reference(), "bank": VICTIMS_BANK, "amount_minor": 100_000,
        "currency": KZT, "payer": VICTIM, "payee": MULE, "paid_ms": here.at_ms - HOUR_MS,
        "payee_bank": BANK,
    }  # fmt: skip
    done = here.do(HELD, a.ComplaintMade(**(fields | values)))
    (complaint,) = done.changes
    assert isinstance(complaint, Complaint)
    return complaint


def test_its_bank_is_asked_at_once_and_nothing_else_happens() -> None:
    """No report, no case, no counter, no hold: anybody can complain of anybody."""
    here = room()
    complaint = complained(here)
    projection = Projection()
    for seq, entry in enumerate(here.entries):
        done = projection.take(seq, pack(entry))
    assert (
        AttestationAsked(VICTIMS_BANK, complaint.id, None, 100_000, KZT, "citizen",
                         here.at_ms + HOUR_MS // 2),
    ) == done.messages  # fmt: skip
    state = here.state
    assert not state.reports
    assert not state.cases
    assert not look_up(state, MULE, here.at_ms).is_known
    target = a.Target(MULE, BANK, 1, here.reference())
    assert Refusal.REPORT_NOT_FOUND is here.ask(CENTRE, a.HoldsPlaced(complaint.id, (target,)))
    assert Refusal.REPORT_NOT_FOUND is here.ask(CENTRE, a.RecallOpened(complaint.id))


def test_a_bank_that_stands_for_it_makes_it_a_report_like_any() -> None:
    """With the payment that the bank names; then money can be held on it, and no more."""
    here = room()
    complaint = complained(here)
    done = here.do(bank(VICTIMS_BANK), a.ReportAttested(complaint.id, PAYMENT))
    (report,) = (one for one in done.changes if isinstance(one, Report))
    assert (complaint.id, True, PAYMENT, VICTIMS_BANK, "open") == (
        report.id, report.attested, report.payment, report.sender, report.status,
    )  # fmt: skip
    assert "attested" == here.state.complaints[complaint.id].status
    assert look_up(here.state, MULE, here.at_ms).is_known
    (hold,) = here.hold(report)
    assert 100_000 == hold.amount_minor
    assert Refusal.ALREADY_ANSWERED is here.ask(bank(VICTIMS_BANK), a.ReportAttested(report.id))
    here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(report.id))
    assert not here.hold_now(hold).holds_at(here.at_ms)


def test_the_banks_payment_says_whose_account_a_number_is() -> None:
    """The report is of that account, and money is held there; no bank exchanges accounts."""
    here = room()
    number = "7" * 32
    known = complained(here, amount_minor=1)
    act = a.ReportAttested(known.id, PAYMENT, MULE)
    assert Refusal.PAYEE_IS_KNOWN is here.ask(bank(VICTIMS_BANK), act)
    complaint = complained(here, payee=number, to_number=True)
    for payment, payee, why in (
        (None, MULE, Refusal.PAYEE_IS_KNOWN), (PAYMENT, VICTIM, Refusal.OWN_ACCOUNT),
    ):  # fmt: skip
        asked = a.ReportAttested(complaint.id, payment, payee)
        assert why is here.ask(bank(VICTIMS_BANK), asked)
    here.do(bank(VICTIMS_BANK), a.ReportAttested(complaint.id, PAYMENT, MULE))
    report = here.state.reports[complaint.id]
    assert (MULE, PAYMENT) == (report.payee, report.payment)
    assert MULE in here.state.cases[report.case].subjects
    assert not look_up(here.state, number, here.at_ms).is_known
    (hold,) = here.hold(report)
    assert (MULE, 100_000) == (hold.account, hold.amount_minor)


def test_a_payment_that_was_reported_before_is_not_held_twice_for_a_complaint() -> None:
    """The ground is the payment, whoever speaks of it."""
    here = room()
    here.hold(here.report())
    complaint = complained(here, payment=PAYMENT)
    here.do(bank(VICTIMS_BANK), a.ReportAttested(complaint.id))
    target = a.Target(MULE, BANK, 1, here.reference())
    assert Refusal.HELD_BEFORE is here.ask(CENTRE, a.HoldsPlaced(complaint.id, (target,)))
    other = a.Target(SECOND, OTHER_BANK, 1, here.reference())
    assert Refusal.MORE_THAN_DISPUTED is here.ask(CENTRE, a.HoldsPlaced(complaint.id, (other,)))


@pytest.mark.parametrize("way", ["declined", "lapsed"])
def test_what_no_bank_stands_for_ends_as_nothing(way: str) -> None:
    """Declined by the bank, or over after the law's time; neither can be attested later."""
    here = room()
    complaint = complained(here)
    if way == "declined":
        here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(complaint.id))
    else:
        early = here.ask(CENTRE, a.ComplaintLapsed(complaint.id))
        assert Refusal.NOT_ITS_END_YET is early
        here.at_ms = complaint.lapses_ms
        assert Refusal.REPORT_IS_OVER is here.ask(
            bank(VICTIMS_BANK), a.ReportAttested(complaint.id)
        )
        assert [a.ComplaintLapsed(complaint.id)] == due(here.state, here.at_ms)
        here.do(CENTRE, a.ComplaintLapsed(complaint.id))
    assert way == here.state.complaints[complaint.id].status
    assert not here.state.open_complaints
    assert not here.state.reports
    over = here.ask(bank(VICTIMS_BANK), a.ReportAttested(complaint.id))
    assert Refusal.REPORT_IS_OVER is over
    assert Refusal.REPORT_IS_OVER is here.ask(CENTRE, a.ComplaintLapsed(complaint.id))


def test_only_the_bank_that_was_asked_answers() -> None:
    """Not another bank, not the centre's officers, not somebody with the bank's name."""
    here = room()
    complaint = complained(here)
    act = a.ReportAttested(complaint.id)
    assert Refusal.ANOTHER_PARTICIPANTS is here.ask(bank(OTHER_BANK), act)
    assert Refusal.NOT_FOR_THIS_ROLE is here.ask(OFFICER, act)
    namesake = person(VICTIMS_BANK, "officer")
    withdrawn = here.ask(namesake, a.ReportWithdrawn(complaint.id))
    assert Refusal.ANOTHER_PARTICIPANTS is withdrawn


def test_so_many_wait_for_one_account() -> None:
    """A flood of complaints in one customer's name stops there; when one is over there is room."""
    here = room()
    first = next(iter([complained(here) for _ in range(MAX_WAITING_OF_PAYER)]))
    again = a.ComplaintMade(here.reference(), VICTIMS_BANK, 1, KZT, VICTIM, MULE, 0)
    assert Refusal.COMPLAINTS_WAIT is here.ask(HELD, again)
    complained(here, payer=SECOND)
    complained(here, bank=OTHER_BANK)  # what waits elsewhere is not in the way
    here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(first.id))
    complained(here)


def test_the_id_that_a_bank_is_told_does_not_tell_the_reference() -> None:
    """Whoever knows the reference finds the id; not the other way round."""
    here = room()
    reference = here.reference()
    complaint = complained(here, reference=reference)
    assert id_of(reference) == complaint.id
    assert reference.lower() not in complaint.id
    again = a.ComplaintMade(reference, VICTIMS_BANK, 1, KZT, SECOND, MULE, 0)
    assert Refusal.REFERENCE_IN_USE is here.ask(HELD, again)
