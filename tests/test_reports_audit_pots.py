"""Pots, read a second time: worked out apart from the domain, and the same to the unit."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import HOUR_MS
from arasha.reports import audit_pots
from audit_samples import broken, compared, forged, read_of
from cases_driver import Driver
from cases_samples import ANALYST, BANK, Room, bank, room


def two_claims() -> tuple[Room, str, str]:
    """60,000 and 40,000 at one account; the bank held 50,000 for the first."""
    here = room()
    names = []
    for number, amount, held in ((1, 60_000, 50_000), (2, 40_000, 0)):
        report = here.report(amount_minor=amount, payment=f"{number:032x}")
        (hold,) = here.hold(report)
        here.do(bank(BANK), a.HoldAnswered(hold.id, held, "balance"))
        names.append(hold.id)
    return here, names[0], names[1]


def test_the_two_readings_agree_on_every_story() -> None:
    """Whatever happens to victims of one account, and whenever an end is put on record."""
    moved = 0
    for seed in range(300):
        here = Driver(60_000 + seed).run(10)
        assert [] == compared(here).findings, seed
        said = {
            one.act.hold: one.act.held_minor
            for one in here.entries
            if isinstance(one.act, a.HoldAnswered)
        }
        moved += any(here.state.holds[name].held_minor != held for name, held in said.items())
    assert moved > 10


def test_what_one_claim_leaves_is_read_for_the_other() -> None:
    """With the clock of whoever it was first held for."""
    here, first, second = two_claims()
    here.do(ANALYST, a.HoldReleased(first, "mistake"))
    reading = compared(here)
    assert [] == reading.findings
    law = reading.in_force()
    last_ms = law.hold.limit.after(reading.holds[first].placed_ms, law.calendar)
    assert {(first, last_ms): 40_000} == reading.holds[second].others
    audit_pots.settle(reading, reading.holds[second], last_ms)
    assert (40_000, {}) == (reading.holds[second].held_minor, reading.holds[second].others)


def test_a_bank_that_says_too_much_of_a_shared_pot_is_found() -> None:
    """More than was asked for; and money that goes back though nobody ordered it."""
    here, _, second = two_claims()
    other = here.report(amount_minor=10_000, payment="9" * 32)
    (hold,) = here.hold(other)
    assert {"amount"} == broken(forged(here, bank(BANK), a.HoldAnswered(hold.id, 10_001))).keys()
    recall = f"r{here.do(CENTRE, a.RecallOpened(here.state.holds[second].report)).seq}"
    back = a.MoneyReturned(recall, second, 1)
    assert {"amount"} == broken(forged(here, bank(BANK), back)).keys()


def test_an_end_that_is_forged_before_its_time_is_read_as_an_end() -> None:
    """The entry is taken at its word; the claim that stands takes over, and the domain differs."""
    here, first, second = two_claims()
    here.at_ms += HOUR_MS
    reading = read_of(forged(here, CENTRE, a.HoldEnded(first)))
    assert ("lapsed", here.at_ms) == (reading.holds[first].ended, reading.holds[first].over_ms)
    assert 40_000 == reading.holds[second].held_minor
