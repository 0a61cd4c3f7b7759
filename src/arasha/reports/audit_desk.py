"""The second reading of reports, cases, appeals, listings and views.

Below audit_reading.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from arasha.cases import acts as a
from arasha.reports.audit_holds import fallen, released
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import AppealRead, CaseRead, ListingRead, ReportRead, View

THE_REPORT: Final = "report"


def take_report(reading: Reading, doing: Doing, act: a.ReportTaken) -> None:
    """A report; it can be a ground from when the victim's bank stands for it."""
    case = _case_at(reading, doing, act.payee, act.currency)
    attested = act.attested and act.sender == act.bank
    reading.reports[act.report] = ReportRead(
        act.report, doing.seq, act.sender, act.bank, act.amount_minor, act.currency, act.payer,
        act.payee, act.payment or act.report, act.paid_ms, doing.at_ms if attested else None,
        case.id,
    )  # fmt: skip
    case.reports.append(act.report)


def raise_alert(reading: Reading, doing: Doing, act: a.AlertRaised) -> None:
    """A payment that was stopped: its payee has a case."""
    _case_at(reading, doing, act.subject, act.currency)


def attest(reading: Reading, doing: Doing, act: a.ReportAttested) -> None:
    """The victim's bank stands for it."""
    report = reading.reports.get(act.report)
    if report is None:
        return reading.found("order", doing, act.report, "there is no such report")
    if report.bank != doing.by.name:
        reading.found("ground", doing, report.id, f"{doing.by.name} is not the victim's bank")
        return None
    report.attested_ms = doing.at_ms
    return None


def withdraw(reading: Reading, doing: Doing, act: a.ReportWithdrawn) -> None:
    """It is no ground any more."""
    report = reading.reports.get(act.report)
    if report is None:
        return reading.found("order", doing, act.report, "there is no such report")
    return fallen(reading, doing, report, "withdrawn")


# Cases.


def touch(reading: Reading, doing: Doing, act: Any) -> None:
    """Somebody has done something to a case: a hand in it."""
    if (case := _case(reading, doing, act.case)) is not None:
        case.hands |= doing.hands


def close(reading: Reading, doing: Doing, act: a.CaseClosed) -> None:
    """What it was. Legitimate: its reports are no ground any more."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    case.hands |= doing.hands
    case.is_open, case.outcome = False, act.outcome
    _unkey(reading, case)
    if act.outcome == "legitimate":
        for name in case.reports:
            fallen(reading, doing, reading.reports[name], "not_fraud")


def merge(reading: Reading, doing: Doing, act: a.CaseMerged) -> None:
    """One case becomes part of another."""
    case, into = _case(reading, doing, act.case), _case(reading, doing, act.into)
    if case is None or into is None:
        return
    case.hands |= doing.hands
    into.hands |= case.hands
    case.is_open, case.merged_into = False, into.id
    _unkey(reading, case)
    into.subjects |= case.subjects
    into.reports += case.reports
    for name in case.reports:
        reading.reports[name].case = into.id
    _key(reading, into)


def split(reading: Reading, doing: Doing, act: a.CaseSplit) -> None:
    """Some accounts become a case of their own, with the same hands."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    case.hands |= doing.hands
    chosen = set(act.subjects)
    new = CaseRead(f"c{doing.seq}", case.currency, chosen, hands=set(case.hands))
    theirs = [name for name in case.reports if reading.reports[name].payee in chosen]
    new.reports, case.reports = theirs, [name for name in case.reports if name not in theirs]
    case.subjects -= chosen
    for name in theirs:
        reading.reports[name].case = new.id
    reading.cases[new.id] = new
    _key(reading, case)
    _key(reading, new)


def _case(reading: Reading, doing: Doing, name: str) -> CaseRead | None:
    case = reading.cases.get(name)
    if case is None:
        reading.found("order", doing, name, "there is no such case")
    return case


def _case_at(reading: Reading, doing: Doing, subject: str, currency: int) -> CaseRead:
    """The open case of an account, or a new one."""
    case = reading.cases.get(reading.open_case.get((subject, currency), ""))
    if case is None:
        case = reading.cases[f"c{doing.seq}"] = CaseRead(f"c{doing.seq}", currency, {subject})
        _key(reading, case)
    return case


def _key(reading: Reading, case: CaseRead) -> None:
    for subject in case.subjects:
        reading.open_case[subject, case.currency] = case.id


def _unkey(reading: Reading, case: CaseRead) -> None:
    for subject in case.subjects:
        if reading.open_case.get((subject, case.currency)) == case.id:
            del reading.open_case[subject, case.currency]


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
    if not act.upheld:
        for one in (hold, listing):
            if one is not None:
                one.hands |= doing.hands
        return
    if listing is not None:
        _delist(doing, listing, "appeal")
    if hold is None:
        return
    report = reading.reports[hold.report]
    if THE_REPORT in act.erred and report.fell_ms is None:
        fallen(reading, doing, report, "appeal")
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
    appeal = reading.appeals.get(name)
    return appeal is not None and appeal.ruled_ms is None


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    a.ReportTaken: take_report,
    a.AlertRaised: raise_alert,
    a.ReportAttested: attest,
    a.ReportWithdrawn: withdraw,
    a.CaseTaken: touch,
    a.CaseLeft: touch,
    a.CaseNoted: touch,
    a.CaseAttached: touch,
    a.CaseSnoozed: touch,
    a.CaseClosed: close,
    a.CaseMerged: merge,
    a.CaseSplit: split,
    a.AppealOpened: open_appeal,
    a.AppealTaken: take_appeal,
    a.AppealRuled: rule,
    a.ListingAdded: add_listing,
    a.ListingTold: tell,
    a.ListingWithdrawn: withdraw_listing,
    a.ListingEnded: end_listing,
    a.PartyViewed: view,
}
"""How each act is read."""
