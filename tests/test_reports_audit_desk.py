"""Cases, appeals, listings and views, read a second time."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor
from audit_samples import broken, forged, read_of
from cases_samples import (
    ANALYST,
    BANK,
    HELD,
    MULE,
    OFFICER,
    SECOND,
    THIRD_OFFICER,
    VICTIMS_BANK,
    Room,
    bank,
    room,
)

DAY_MS = 86_400_000


def worked() -> Room:
    """A held report whose case aigul has taken, and an open appeal."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(ANALYST, a.CaseTaken("c1"))
    here.do(HELD, a.AppealOpened(hold.reference))
    return here


def test_a_view_through_what_is_not_open_is_found() -> None:
    """Through a case it is allowed until that is closed; through nothing, never."""
    here = worked()
    here.do(ANALYST, a.PartyViewed("c1"))
    assert {} == broken(here.entries)
    assert {"view"} == broken(forged(here, ANALYST, a.PartyViewed("c99"))).keys()
    here.do(ANALYST, a.CaseClosed("c1", "unclear", worth_it=False))
    assert {"view"} == broken(forged(here, ANALYST, a.PartyViewed("c1"))).keys()
    assert 1 == len(read_of(here.entries).views)


@pytest.mark.parametrize("name", ["h2.0", "a4", "0000000000000000000000000000002"])
def test_what_names_somebody_while_it_is_open(name: str) -> None:
    """A hold, an appeal, a report."""
    here = worked()
    name = name if len(name) < 9 else next(iter(here.state.reports))
    assert {} == broken(forged(here, ANALYST, a.PartyViewed(name)))


def test_a_reviewer_who_had_a_hand_in_it_is_found() -> None:
    """Who has worked on the case does not look at its appeal, nor rules on it."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(OFFICER, a.CaseTaken("c1"))
    here.do(HELD, a.AppealOpened(hold.reference))
    assert {"people"} == broken(forged(here, OFFICER, a.AppealTaken("a4"))).keys()
    ruled = forged(here, OFFICER, a.AppealRuled("a4", False, "No."))
    assert {"people"} == broken(ruled).keys()
    here.do(THIRD_OFFICER, a.AppealTaken("a4"))
    here.do(THIRD_OFFICER, a.AppealRuled("a4", True, "Rent.", ("report",)))
    reading = read_of(here.entries)
    assert [] == reading.findings
    assert ("released", "appeal") == (reading.holds[hold.id].ended, reading.holds[hold.id].why)


@pytest.mark.parametrize(
    ("by", "act", "law"),
    [
        (bank(BANK), a.ReportAttested("0" * 31 + "2"), "ground"),
        (bank(VICTIMS_BANK), a.ReportAttested("f" * 32), "order"),
        (bank(VICTIMS_BANK), a.ReportWithdrawn("f" * 32), "order"),
        (ANALYST, a.CaseTaken("c99"), "order"),
        (ANALYST, a.CaseMerged("c1", "c99"), "order"),
        (ANALYST, a.CaseSplit("c99", (MULE,)), "order"),
        (HELD, a.AppealOpened("0" * 20), "order"),
        (OFFICER, a.AppealTaken("a99"), "order"),
        (CENTRE, a.ListingTold("l99", BANK), "listing"),
        (CENTRE, a.ListingEnded("l99"), "order"),
        (OFFICER, a.ListingWithdrawn("l99", "mistake"), "order"),
    ],
)
def test_what_is_about_nothing_is_found(by: Actor, act: Act, law: str) -> None:
    """An unknown report, case, appeal, listing; and a bank that is not the victim's."""
    assert law in broken(forged(worked(), by, act))


def test_a_listing_without_its_ground_is_found() -> None:
    """By one person, of a case not closed as fraud, of an account not in it, for too long."""
    here = worked()
    listing = a.ListingAdded(MULE, "account", "c1", here.at_ms + DAY_MS, here.reference())
    found = read_of(forged(here, ANALYST, listing))
    assert {"people", "listing"} == {one.law for one in found.findings}
    here.do(ANALYST, a.CaseClosed("c1", "fraud", worth_it=True))
    other = a.ListingAdded(SECOND, "account", "c1", here.at_ms + 400 * DAY_MS, here.reference())
    said = broken(forged(here, ANALYST, other))
    assert {"people", "listing", "end"} == said.keys()
    assert "its case does not name the account" == said["listing"]
