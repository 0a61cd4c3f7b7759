"""Holds, read a second time: grounds, ends and amounts that the law does not let be are found."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor, Target
from audit_samples import broken, compared, forged, read_of
from cases_samples import (
    BANK,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    SECOND,
    SECOND_OFFICER,
    VICTIM,
    Room,
    bank,
    room,
)

DAY_MS = 86_400_000
NOT_ATTESTED = "e" * 32


def target(here: Room, account: str = MULE, amount: int = 100_000) -> Target:
    """Where to hold."""
    return Target(account, BANK, amount, here.reference())


def test_a_hold_on_no_ground_is_found() -> None:
    """A report for which no bank stands, one that has fallen, and none at all."""
    here = room()
    here.report(report=NOT_ATTESTED, attested=False)
    on_hearsay = forged(here, CENTRE, a.HoldsPlaced(NOT_ATTESTED, (target(here),)))
    assert {"ground"} == broken(on_hearsay).keys()
    on_nothing = forged(here, CENTRE, a.HoldsPlaced("f" * 32, (target(here),)))
    assert "money was held on no report" == broken(on_nothing)["ground"]
    fell = here.report(payment="b" * 32)
    here.do(OFFICER, a.ReportWithdrawn(fell.id))
    on_fallen = forged(here, CENTRE, a.HoldsPlaced(fell.id, (target(here),)))
    assert {"outlived"} == broken(on_fallen).keys()


def test_more_than_is_disputed_and_the_same_money_twice_are_found() -> None:
    """Also at the victim's own account."""
    here = room()
    report = here.report()
    here.hold(report, (MULE, BANK, 60_000))
    more = forged(here, CENTRE, a.HoldsPlaced(report.id, (target(here, SECOND, 40_001),)))
    assert {"amount": "more is held than is disputed"} == broken(more)
    twice = forged(here, CENTRE, a.HoldsPlaced(report.id, (target(here, MULE, 40_000),)))
    assert {"amount": "the same money is held twice at one account"} == broken(twice)
    own = forged(here, CENTRE, a.HoldsPlaced(report.id, (target(here, VICTIM, 40_000),)))
    assert {"ground": "the victim's own account is held"} == broken(own)


@pytest.mark.parametrize(
    ("by", "act", "law"),
    [
        (bank(BANK), a.HoldAnswered("h2.0", 100_001), "amount"),
        (bank(OTHER_BANK), a.HoldAnswered("h2.0", 100_000), "role"),
        (bank(BANK), a.MoneyReturned("r3", "h2.0", 1), "amount"),
        (bank(BANK), a.RecallAnswered("r99", "h2.0", "accepted", 1), "order"),
        (OFFICER, a.RecallSent("r99"), "order"),
        (OFFICER, a.RecallCancelled("r99"), "order"),
        (bank(BANK), a.HoldAnswered("h9.0", 1), "order"),
        (CENTRE, a.HoldEnded("h9.0"), "order"),
    ],
)
def test_what_a_bank_may_not_say_is_found(by: Actor, act: Act, law: str) -> None:
    """More than it was asked for, for another, of what was not ordered, of nothing."""
    here = room()
    report = here.report()
    here.hold(report)
    here.do(CENTRE, a.RecallOpened(report.id))
    assert law in broken(forged(here, by, act))


def test_what_treats_a_hold_as_standing_when_it_is_over_is_found() -> None:
    """Answered or reviewed after its end; the end that the law gave it stays what it was."""
    here = room()
    (hold,) = here.hold(here.report())
    here.later(hours=25)
    for by, act in ((bank(BANK), a.HoldAnswered(hold.id, 1)), (OFFICER, a.HoldReviewed(hold.id))):
        assert {"outlived"} == broken(forged(here, by, act)).keys()
    reading = read_of(forged(here, OFFICER, a.HoldConfirmed(hold.id, "kz:25-1")))
    read = reading.holds[hold.id]
    assert hold.until_ms == read.until_ms < read.said_until_ms


def test_an_officer_who_confirms_an_own_hold_is_found() -> None:
    """Whoever placed it does not confirm it."""
    here = room()
    report = here.report()
    placed = forged(here, OFFICER, a.HoldsPlaced(report.id, (target(here),)))
    here.entries = placed
    assert {"people"} == broken(forged(here, OFFICER, a.HoldConfirmed("h2.0", "x"))).keys()


def test_an_end_past_the_law_is_found_and_not_believed() -> None:
    """Two officers agreed to more than the law lets them, or before anybody confirmed it."""
    here = room()
    (hold,) = here.hold(here.report())
    early = a.HoldProlonged(hold.id, hold.until_ms + 1)
    here.entries = forged(here, OFFICER, a.Requested(early))
    agreed = a.RequestApproved("q3", a.content_of(early))
    assert "nobody had confirmed it" in broken(forged(here, SECOND_OFFICER, agreed))["people"]
    other = room()
    (hold,) = other.hold(other.report())
    other.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    far = a.HoldProlonged(hold.id, other.at_ms + 400 * DAY_MS)
    other.entries = forged(other, OFFICER, a.Requested(far))
    for by in (SECOND_OFFICER, PROSECUTOR):
        other.entries = forged(other, by, a.RequestApproved("q4", a.content_of(far)))
    assert {"end": "it was prolonged past what the law allows"} == broken(other.entries)
    read = read_of(other.entries).holds[hold.id]
    assert read.until_ms < far.until_ms == read.said_until_ms


def test_money_that_goes_back_is_read_to_its_end() -> None:
    """Answered, recalled, agreed, ordered by three people, returned: over, and by which way."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    recall = f"r{here.do(CENTRE, a.RecallOpened(report.id)).seq}"
    here.do(CENTRE, a.RecallSent(recall))
    here.do(bank(BANK), a.RecallAnswered(recall, hold.id, "accepted", 100_000))
    here.do(Actor("appellant", ""), a.ReceiverAgreed(hold.reference))
    order = a.ReturnOrdered(recall, "n-1")
    request = f"q{here.do(OFFICER, a.Requested(order)).seq}"
    for by in (SECOND_OFFICER, PROSECUTOR):
        here.do(by, a.RequestApproved(request, a.content_of(order)))
    here.do(bank(BANK), a.MoneyReturned(recall, hold.id, 100_000))
    reading = compared(here)
    assert [] == reading.findings
    read = reading.holds[hold.id]
    assert ("returned", 100_000, 100_000) == (read.ended, read.held_minor, read.returned_minor)
    assert reading.recalls[recall].is_over
