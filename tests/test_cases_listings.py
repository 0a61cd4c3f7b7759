"""The shared list: two people on, one off, and everybody who knew is told."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.messages import ListingOver
from arasha.cases.projection import Done
from arasha.cases.records import Listing, Request
from arasha.cases.refusals import Refusal
from cases_samples import (
    ANALYST,
    BANK,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    SECOND_OFFICER,
    Room,
    room,
)

NUMBER = "e" * 32


def listed(party: str = MULE, kind: str = "account") -> tuple[Room, Listing]:
    """On the list for ten days, by the analyst and the officer, known to two banks."""
    here = room()
    report = here.report(number=NUMBER)
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseClosed(report.case, "fraud", worth_it=True))
    until_ms = here.at_ms + 10 * 86_400_000
    act = a.ListingAdded(party, kind, report.case, until_ms, here.reference())  # type: ignore[arg-type]  # one of the two
    request = here.do(ANALYST, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    done = here.do(OFFICER, a.RequestApproved(request.id, request.content))
    listing = next(one for one in done.changes if isinstance(one, Listing))
    for name in (OTHER_BANK, BANK):
        here.do(CENTRE, a.ListingTold(listing.id, name))
    return here, here.state.listings[listing.id]


def told(done: Done) -> list[tuple[str, str]]:
    return [(one.to, one.party) for one in done.messages if isinstance(one, ListingOver)]


def test_a_listing_has_ground_author_second_end_and_a_way_off() -> None:
    """All on its record."""
    _, listing = listed()
    assert ("aigul", "bolat") == (listing.author, listing.second)
    assert listing.case
    assert listing.reference
    assert 64 == len(listing.law)
    assert listing.from_ms < listing.until_ms


def test_a_number_of_a_report_can_be_listed() -> None:
    """As long as its report stands."""
    _, listing = listed(NUMBER, "number")
    assert "number" == listing.party_kind


def test_it_ends_by_itself_and_everybody_who_knew_is_told() -> None:
    """Nobody has to remember it."""
    here, listing = listed()
    here.later(days=10)
    assert not listing.stands_at(here.at_ms)
    done = here.do(CENTRE, a.ListingEnded(listing.id))
    assert [(BANK, MULE), (OTHER_BANK, MULE)] == told(done)


def test_one_person_takes_it_off() -> None:
    """At once."""
    for by in (ANALYST, OFFICER, PROSECUTOR):
        here, listing = listed()
        done = here.do(by, a.ListingWithdrawn(listing.id, "mistake"))
        assert [(BANK, MULE), (OTHER_BANK, MULE)] == told(done)
        assert Refusal.LISTING_IS_OVER is here.ask(by, a.ListingWithdrawn(listing.id, "mistake"))


def test_an_appeal_that_is_upheld_takes_it_off() -> None:
    """By somebody who had no hand in it, or in its case."""
    here, listing = listed()
    appeal = here.do(HELD, a.AppealOpened(listing.reference)).changes[0]
    name = str(appeal.id)  # type: ignore[union-attr]  # an appeal
    assert Refusal.SAME_PERSON is here.ask(OFFICER, a.AppealTaken(name))
    here.do(SECOND_OFFICER, a.AppealTaken(name))
    ruling = a.AppealRuled(name, upheld=True, why="Another's account.", erred=("person",))
    assert [(BANK, MULE), (OTHER_BANK, MULE)] == told(here.do(SECOND_OFFICER, ruling))
    assert "withdrawn" == here.state.listings[listing.id].status
