"""The shared list: accounts and numbers confirmed in fraud, each with an end and a way off.

A listing rests on a case that was closed as fraud and that names the party; two people make it,
one withdraws it, and it ends by itself. Every participant that was told of it is told when it is
over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from arasha.cases.acts import ListingAdded, ListingEnded, ListingTold, ListingWithdrawn, ReleaseWhy
from arasha.cases.records import Asked, Case, Listing
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State

Result: TypeAlias = Changes | Refusal


def add(state: State, asked: Asked, act: ListingAdded) -> Result:
    """List a party; the second person has agreed (cases/requests.py)."""
    case = state.cases.get(act.case)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if act.reference in state.by_reference:
        return Refusal.REFERENCE_IN_USE
    law = state.law
    assert law is not None, "no act is taken without a law"
    if act.until_ms <= asked.at_ms:
        return Refusal.NOT_LATER
    if act.until_ms > law.listing.longest.after(asked.at_ms, law.calendar):
        return Refusal.PAST_THE_LAW
    if case.outcome != "fraud":
        return Refusal.NOT_CLOSED_AS_FRAUD
    if act.party not in _listable(state, case, act.party_kind):
        return Refusal.NOT_NAMED
    before = state.listings.get(state.listing_of.get(act.party, ""))
    if before is not None and before.stands_at(asked.at_ms):
        return Refusal.LISTED_ALREADY
    return (
        Listing(
            id=f"l{asked.seq}",
            party=act.party,
            party_kind=act.party_kind,
            case=case.id,
            reference=act.reference,
            law=law.hash,
            author=asked.by.name,
            second=(asked.seconds or ("",))[0],
            from_ms=asked.at_ms,
            until_ms=act.until_ms,
            hands=asked.hands,
        ),
    )


def _listable(state: State, case: Case, kind: str) -> frozenset[str]:
    """Whom a case confirmed in fraud: its accounts, or the numbers of its reports that stand; of an
    operator's case its numbers.
    """
    if case.seen is not None:
        return case.subjects if kind == "number" else frozenset()
    if kind == "account":
        return case.subjects
    standing = (state.reports[name] for name in case.reports)
    return frozenset(one.number for one in standing if one.number and one.status == "open")


def tell(state: State, asked: Asked, act: ListingTold) -> Result:
    """A participant knows of it from now on."""
    listing = state.listings.get(act.listing)
    if listing is None:
        return Refusal.LISTING_NOT_FOUND
    if act.participant in listing.told:
        return Refusal.ALREADY_TAKEN_IN
    if not listing.stands_at(asked.at_ms):
        return Refusal.LISTING_IS_OVER
    return (replace(listing, told=listing.told | {act.participant}),)


def withdraw(state: State, asked: Asked, act: ListingWithdrawn) -> Result:
    """One person is enough, and it is at once."""
    listing = state.listings.get(act.listing)
    if listing is None:
        return Refusal.LISTING_NOT_FOUND
    if not listing.stands_at(asked.at_ms):
        return Refusal.LISTING_IS_OVER
    return withdrawn(listing, act.why, asked)


def withdrawn(listing: Listing, why: ReleaseWhy, asked: Asked) -> Changes:
    """The listing as it is over."""
    hands = listing.hands | asked.hands
    return (replace(listing, status="withdrawn", why=why, hands=hands),)


def end(state: State, asked: Asked, act: ListingEnded) -> Result:
    """Its end has come."""
    listing = state.listings.get(act.listing)
    if listing is None:
        return Refusal.LISTING_NOT_FOUND
    if asked.at_ms < listing.until_ms:
        return Refusal.NOT_ITS_END_YET
    if listing.status != "listed":
        return Refusal.LISTING_IS_OVER
    return (replace(listing, status="ended"),)
