"""Complaints, read a second time: no ground before their bank stands for them."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import HOUR_MS
from arasha.cases.complaints import id_of
from audit_samples import broken, forged, read_of
from cases_driver import Driver
from cases_samples import (
    AUTHOR,
    BANK,
    HELD,
    KZT,
    MULE,
    OTHER_BANK,
    PAYMENT,
    SECOND,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
    reference,
    room,
)

NAME = id_of(reference(500))


def complained() -> Room:
    """Somebody has complained; their bank is asked."""
    here = room()
    here.do(HELD, a.ComplaintMade(reference(500), VICTIMS_BANK, 100_000, KZT, VICTIM, MULE,
                                  here.at_ms - HOUR_MS, BANK))  # fmt: skip
    return here


def test_a_hold_on_a_complaint_that_no_bank_stands_for_is_found() -> None:
    """Attested it is a ground like any other."""
    here = complained()
    placed = a.HoldsPlaced(NAME, (a.Target(MULE, BANK, 100_000, reference(501)),))
    assert broken(forged(here, CENTRE, placed))
    here.do(bank(VICTIMS_BANK), a.ReportAttested(NAME, PAYMENT))
    here.do(CENTRE, placed)
    assert {} == broken(here.entries)
    read = read_of(here.entries)
    assert (PAYMENT, here.at_ms) == (read.reports[NAME].ground, read.reports[NAME].attested_ms)


def test_an_account_that_nobody_complained_of_is_found() -> None:
    """Only of money that was sent to a number does the bank say whose account that is."""
    here = complained()
    elsewhere = a.ReportAttested(NAME, PAYMENT, SECOND)
    assert {"ground"} == broken(forged(here, bank(VICTIMS_BANK), elsewhere)).keys()
    here.do(HELD, a.ComplaintMade(reference(502), VICTIMS_BANK, 1, KZT, VICTIM, "7" * 32,
                                  here.at_ms - HOUR_MS, BANK, to_number=True))  # fmt: skip
    here.do(bank(VICTIMS_BANK), a.ReportAttested(id_of(reference(502)), "6" * 32, SECOND))
    assert {} == broken(here.entries)
    assert SECOND == read_of(here.entries).reports[id_of(reference(502))].payee


def test_another_banks_answer_and_one_that_comes_too_late_are_found() -> None:
    """Nor does it lapse early; whoever declines has said nothing else."""
    here = complained()
    answer = a.ReportAttested(NAME)
    assert {"ground"} == broken(forged(here, bank(OTHER_BANK), answer)).keys()
    assert {"end"} == broken(forged(here, CENTRE, a.ComplaintLapsed(NAME))).keys()
    assert {"order"} == broken(forged(here, CENTRE, a.ComplaintLapsed("0" * 32))).keys()
    here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(NAME))
    assert {} == broken(here.entries)
    assert {"end"} == broken(forged(here, bank(VICTIMS_BANK), answer)).keys()


def test_a_policy_that_one_person_chose_is_found() -> None:
    """It takes two, as a law does."""
    here = room()
    chosen = a.PolicyChosen("0" * 64, "[policy]")
    assert {"people"} == broken(forged(here, AUTHOR, chosen)).keys()


def test_the_second_reading_finds_nothing_in_what_the_domain_took() -> None:
    """After any sequence, complaints and policies among the acts."""
    words = set()
    for seed in range(60):
        here = Driver(95_000 + seed).run(60)
        assert {} == broken(here.entries), seed
        words |= {a.word_of(entry.act) for entry in here.entries}
    assert {"complaint_made", "complaint_lapsed", "report_attested"} <= words
