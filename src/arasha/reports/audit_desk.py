"""The second reading of grounds, appeals, listings and views.

Below audit_reading.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from arasha.cases import acts as a
from arasha.reports import audit_complaints
from arasha.reports.audit_cases import loosen
from arasha.reports.audit_holds import fallen, released
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import AppealRead, ListingRead, View

THE_REPORT: Final = "report"


def attest(reading: Reading, doing: Doing, act: a.ReportAttested) -> None:
    """The victim's bank stands for it; a complaint is a report from then on."""
    report = reading.reports.get(act.report)
    if report is None:
        return audit_complaints.attest(reading, doing, act)
    if report.bank != doing.by.name:
        reading.found("ground", doing, report.id, f"{doing.by.name} is not the victim's bank")
        return None
    report.attested_ms = doing.at_ms
    return None


def withdraw(reading: Reading, doing: Doing, act: a.ReportWithdrawn) -> None:
    """It is no ground any more; a complaint never becomes one."""
    report = reading.reports.get(act.report)
    if report is None:
        return audit_complaints.decline(reading, doing, act)
    fallen(reading, doing, (report,), "withdrawn")
    return loosen(reading, report)


# Appeals.


def open_appeal(reading: Reading, doing: Doing, act: a.AppealOpened) -> None:
    """Somebody who is held or listed contests it."""
    about = reading.references.get(act.reference)
    if about is None:
        return reading.found("order", doing, f"a{doing.seq}", "an appeal against nothing")
    law = reading.in_force()
    due_ms = law.appeal.ruling.after(doing.at_ms, law.calendar)
    reading.appeals[f"a{doing.seq}"] = AppealRead(f"a{doing.seq}", about, doing.at_ms, due_ms)
    if (hold := reading.holds.get(about)) is not None:
        hold.appeal = f"a{doing.seq}"
    return None


def take_appeal(reading: Reading, doing: Doing, act: a.AppealTaken) -> None:
    """Somebody looks at it, who had no hand in it."""
    if (appeal := _appeal(reading, doing, act.appeal)) is not None:
        appeal.reviewer = doing.by.name


def rule(reading: Reading, doing: Doing, act: a.AppealRuled) -> None:
    """Upheld, it is over at once."""
    appeal = _appeal(reading, doing, act.appeal)
    if appeal is None:
        return
    appeal.reviewer, appeal.ruled_ms, appeal.upheld = doing.by.name, doing.at_ms, act.upheld
    appeal.erred = act.erred if act.upheld else ()
    hold, listing = reading.holds.get(appeal.about), reading.listings.get(appeal.about)
    suspension = reading.suspensions.get(appeal.about)
    if not act.upheld:
        for one in (hold, listing, suspension):
            if one is not None:
                one.hands |= doing.hands
        return
    if suspension is not None:
        suspension.lift(doing.at_ms, "appeal", doing.by.name, doing.hands)
        if (listed := reading.listed.get(suspension.number)) is not None:
            _delist(doing, listed, "appeal")
    if listing is not None:
        _delist(doing, listing, "appeal")
    if hold is None:
        return
    report = reading.reports[hold.report]
    if THE_REPORT in act.erred and report.fell_ms is None:
        fallen(reading, doing, (report,), "appeal")
        loosen(reading, report)
    elif hold.stands(doing.at_ms):
        released(reading, doing, hold, "appeal")
    listed = reading.listed.get(hold.account)
    if listed is not None:
        _delist(doing, listed, "appeal")


def _appeal(reading: Reading, doing: Doing, name: str) -> AppealRead | None:
    appeal = reading.appeals.get(name)
    if appeal is None:
        reading.found("order", doing, name, "there is no such appeal")
        return None
    if doing.by.name in reading.hands_of(appeal.about):
        reading.found("people", doing, appeal.about,
                      f"{doing.by.name} had a hand in it and looks at the appeal")  # fmt: skip
    return appeal


# The shared list.


def add_listing(reading: Reading, doing: Doing, act: a.ListingAdded) -> None:
    """A party goes on the list."""
    law, name = reading.in_force(), f"l{doing.seq}"
    case = reading.cases.get(act.case)
    if case is None or case.outcome != "fraud":
        reading.found("listing", doing, name, "its case is not closed as fraud")
    elif act.party_kind == "account" and act.party not in case.subjects:
        reading.found("listing", doing, name, "its case does not name the account")
    elif case.pattern is not None and act.party not in case.subjects:
        reading.found("listing", doing, name, "its case does not name the number")
    if act.until_ms > law.listing.longest.after(doing.at_ms, law.calendar):
        reading.found("end", doing, name, "it is to last longer than the law allows")
    listing = ListingRead(
        name, act.party, act.party_kind, act.case, doing.by.name,
        doing.seconds[0] if doing.seconds else None, doing.at_ms, act.until_ms, hands=doing.hands,
    )  # fmt: skip
    reading.listings[name] = reading.listed[act.party] = listing
    reading.references[act.reference] = name


def tell(reading: Reading, doing: Doing, act: a.ListingTold) -> None:
    """A participant is told of it while it stands."""
    listing = reading.listings.get(act.listing)
    if listing is None or not listing.stands(doing.at_ms):
        reading.found("listing", doing, act.listing, "a listing was told that does not stand")


def withdraw_listing(reading: Reading, doing: Doing, act: a.ListingWithdrawn) -> None:
    """Somebody takes it off."""
    listing = reading.listings.get(act.listing)
    if listing is None:
        return reading.found("order", doing, act.listing, "there is no such listing")
    return _delist(doing, listing, act.why)


def end_listing(reading: Reading, doing: Doing, act: a.ListingEnded) -> None:
    """Its end is put on record."""
    listing = reading.listings.get(act.listing)
    if listing is None:
        return reading.found("order", doing, act.listing, "there is no such listing")
    if listing.over_ms is None:
        listing.over_ms = min(listing.until_ms, doing.at_ms)
    return None


def _delist(doing: Doing, listing: ListingRead, why: str) -> None:
    if listing.stands(doing.at_ms):
        listing.over_ms, listing.why, listing.withdrawn_by = doing.at_ms, why, doing.by.name
        listing.hands |= doing.hands


# Views.


def view(reading: Reading, doing: Doing, act: a.PartyViewed) -> None:
    """A person was shown a party, through something that must have been open."""
    reading.views.append(View(doing.seq, doing.at_ms, doing.by.name, act.through, act.party))
    if not _is_open(reading, act.through):
        reading.found("view", doing, act.through,
                      f"{doing.by.name} was shown a party through what was not open")  # fmt: skip


def pack(reading: Reading, doing: Doing, act: a.EvidencePacked) -> None:
    """A case was taken out: the case, or a report in it, must have named its parties."""
    reading.views.append(View(doing.seq, doing.at_ms, doing.by.name, act.case, None, act.why))
    case = reading.cases.get(act.case)
    if case is None or not any(_is_open(reading, name) for name in (case.id, *case.reports)):
        reading.found("view", doing, act.case,
                      f"{doing.by.name} took out what was not open")  # fmt: skip


def _is_open(reading: Reading, name: str) -> bool:
    """Whether it names anybody: until its end is on record, and no longer."""
    if case := reading.cases.get(name):
        return case.is_open
    if report := reading.reports.get(name):
        return report.fell_ms is None
    if hold := reading.holds.get(name):
        return hold.over_ms is None
    if recall := reading.recalls.get(name):
        return not recall.is_over
    if listing := reading.listings.get(name):
        return listing.over_ms is None
    if suspension := reading.suspensions.get(name):
        return suspension.over_ms is None
    appeal = reading.appeals.get(name)
    return appeal is not None and appeal.ruled_ms is None


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    a.ReportAttested: attest,
    a.ReportWithdrawn: withdraw,
    a.AppealOpened: open_appeal,
    a.AppealTaken: take_appeal,
    a.AppealRuled: rule,
    a.ListingAdded: add_listing,
    a.ListingTold: tell,
    a.ListingWithdrawn: withdraw_listing,
    a.ListingEnded: end_listing,
    a.PartyViewed: view,
    a.EvidencePacked: pack,
}
"""How each act is read."""
