"""Refusals, a line a case: who asks for what, and by which name it is refused."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

from arasha.cases import acts as a
from arasha.cases import appeals, desk, holds, listings, numbers, recalls, reports, requests, rings
from arasha.cases.acts import CENTRE, Act, Actor
from arasha.cases.records import Case, Hold, Recall, Report, Request
from arasha.cases.refusals import Refusal
from cases_samples import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    AUTHOR,
    BANK,
    HELD,
    KZT,
    MULE,
    NUMBERS,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    PUBLISHER,
    SECOND,
    SECOND_OFFICER,
    STRANGER,
    THIRD,
    THIRD_OFFICER,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
    kz,
    person,
    reference,
    room,
    signs,
)


@dataclass
class Stage:
    """A room in which one of each thing stands, and who may do what with it."""

    room: Room
    report: Report
    hold: Hold
    recall: Recall
    extra: dict[str, Any] = field(default_factory=dict)


def stage() -> Stage:
    """A hold that was answered and confirmed by the officer, and a recall that was sent."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    recall = here.do(CENTRE, a.RecallOpened(report.id)).changes[0]
    assert isinstance(recall, Recall)
    here.do(CENTRE, a.RecallSent(recall.id))
    return Stage(here, report, here.hold_now(hold), here.recall_now(recall))


Ask = Callable[[Stage], tuple[Actor, Act]]
Before = Callable[[Stage], object]


def _later(s: Stage, **waits: float) -> Stage:
    s.room.later(**waits)
    return s


def _nothing(_: Stage) -> None:
    """Nothing has to be done before."""


def _target(amount: int = 1, account: str = SECOND, number: int = 77) -> a.Target:
    return a.Target(account, OTHER_BANK, amount, reference(number))


def _closed(s: Stage, outcome: Any = "fraud") -> Case:
    case = s.room.case_of(s.report)
    s.room.do(ANALYST, a.CaseTaken(case.id))
    s.room.do(ANALYST, a.CaseClosed(case.id, outcome, worth_it=True))
    return case


def _listed(s: Stage) -> str:
    case = _closed(s)
    act = a.ListingAdded(MULE, "account", case.id, s.room.at_ms + 3_600_000, reference(91))
    request = s.room.do(ANALYST, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    done = s.room.do(OFFICER, a.RequestApproved(request.id, request.content))
    return str(done.changes[1].id)  # type: ignore[union-attr]  # a listing


def _asked(s: Stage, until: int = 3_600_000) -> Request:
    act = a.HoldProlonged(s.hold.id, s.hold.until_ms + until)
    request = s.room.do(OFFICER, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    return request


def _answered(s: Stage) -> object:
    return s.room.do(bank(BANK), a.RecallAnswered(s.recall.id, s.hold.id, "accepted", 100_000))


def _waiting(s: Stage) -> None:
    """A recall is sent while its hold order has no answer."""
    report = s.room.report(payment="c" * 32)
    s.extra["h"] = s.room.hold(report)[0]
    s.extra["r"] = s.room.do(CENTRE, a.RecallOpened(report.id)).changes[0]
    s.room.do(CENTRE, a.RecallSent(s.extra["r"].id))


def _appealed(s: Stage) -> str:
    return str(s.room.do(HELD, a.AppealOpened(s.hold.reference)).changes[0].id)  # type: ignore[union-attr]  # an appeal


def _taken(s: Stage) -> str:
    name = _appealed(s)
    s.room.do(THIRD_OFFICER, a.AppealTaken(name))
    return name


def _chosen(s: Stage) -> object:
    request = s.room.do(AUTHOR, a.Requested(a.PolicyChosen("0" * 64, "[policy]"))).changes[0]
    assert isinstance(request, Request)
    return s.room.do(PUBLISHER, a.RequestApproved(request.id, request.content))


def _other_case(s: Stage, currency: int = KZT) -> Case:
    report = s.room.report(payee=SECOND, payment="c" * 32, currency=currency)
    return s.room.case_of(report)


def _full(s: Stage) -> str:
    case = s.room.case_of(s.report)
    s.room.do(ANALYST, a.CaseTaken(case.id))
    note = s.room.state.cases[case.id]
    s.room.state.cases[case.id] = replace(note, notes=(None,) * rings.MAX_NOTES)  # type: ignore[arg-type]  # as many as there may be
    return case.id


def _question(s: Stage) -> str:
    s.room.do(CENTRE, a.RingFound(0, KZT, (), (SECOND, THIRD)))
    name = f"c{len(s.room.entries) - 1}"
    s.room.do(ANALYST, a.CaseTaken(name))
    return name


DAY_MS = 86_400_000


def _found(s: Stage, *tied: str) -> Case:
    """A case about two numbers, and these that are tied to them."""
    return s.room.found(NUMBERS[0], NUMBERS[3], tied=tied)


def _suspending(s: Stage, case: str, number: str = NUMBERS[0], days: int = 1) -> a.Requested:
    until_ms = s.room.at_ms + days * DAY_MS
    return a.Requested(a.NumberSuspended(case, number, "kz:numbers", until_ms, reference(95)))


def _suspended(s: Stage) -> str:
    """The first of them suspended, by two people."""
    act = a.NumberSuspended(
        _found(s).id, NUMBERS[0], "kz:numbers", s.room.at_ms + DAY_MS, reference(96)
    )
    request = s.room.do(ANALYST, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    done = s.room.do(OFFICER, a.RequestApproved(request.id, request.content))
    return str(done.changes[1].id)  # type: ignore[union-attr]  # a suspension


def _no_law_on_numbers(s: Stage) -> None:
    """Two people put a law in force that says nothing about numbers."""
    text = kz().text
    at = text.index("[numbers]")
    without = text[:at] + text[text.index("# Holidays", at) :]
    request = s.room.do(AUTHOR, a.Requested(a.LawChosen(without))).changes[0]
    assert isinstance(request, Request)
    s.room.do(PUBLISHER, a.RequestApproved(request.id, request.content))


N = Refusal
CASES: list[tuple[str, Refusal, Before, Ask]] = [
    # what is wrong, its name, what was done before, who asks for what
    ("older than the last act", N.TIME_RUNS_BACK, lambda s: _later(s, hours=-1),
     lambda s: (OFFICER, a.HoldReviewed(s.hold.id))),
    ("an administrator looks at a case", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda s: (ADMINISTRATOR, a.CaseTaken(s.report.case))),
    ("an administrator who is an officer, too", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda s: (person("x", "administrator", "officer"), a.CaseTaken(s.report.case))),
    ("an authority that is an officer, too", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda s: (person("x", "authority", "officer"), a.HoldReleased(s.hold.id, "mistake"))),
    ("an auditor releases", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda s: (AUDITOR, a.HoldReleased(s.hold.id, "mistake"))),
    ("an analyst confirms", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda s: (ANALYST, a.HoldConfirmed(s.hold.id, "kz:25-1"))),
    ("a bank takes in a report of its own", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda _: (bank(BANK), a.AlertRaised(10**6, MULE, "a" * 32, 1, KZT, 1))),
    ("the centre chooses another law", N.NOT_FOR_THIS_ROLE, _nothing,
     lambda _: (AUDITOR, a.Requested(a.LawChosen(kz().text + "#")))),
    ("a note names an account", N.NAMES_SOMEBODY, _nothing,
     lambda s: (ANALYST, a.CaseNoted(s.report.case, "It is KZ75125KZT1001300335."))),
    ("a note names a number", N.NAMES_SOMEBODY, _nothing,
     lambda s: (ANALYST, a.CaseNoted(s.report.case, "Called from +7 701 123 45 67."))),
    ("one officer prolongs", N.NEEDS_A_SECOND_PERSON, _nothing,
     lambda s: (OFFICER, a.HoldProlonged(s.hold.id, s.hold.until_ms + 1))),
    ("one officer has money sent back", N.NEEDS_A_SECOND_PERSON, _nothing,
     lambda s: (OFFICER, a.ReturnOrdered(s.recall.id, "n-1"))),
    ("one author puts a law in force", N.NEEDS_A_SECOND_PERSON, _nothing,
     lambda _: (AUTHOR, a.LawChosen(kz().text + "#"))),
    ("no such report", N.REPORT_NOT_FOUND, _nothing,
     lambda _: (OFFICER, a.ReportWithdrawn("9" * 32))),
    ("no such hold", N.HOLD_NOT_FOUND, _nothing,
     lambda _: (OFFICER, a.HoldReviewed("h9.9"))),
    ("no such recall", N.RECALL_NOT_FOUND, _nothing,
     lambda _: (OFFICER, a.RecallSent("r99"))),
    ("a question is no fraud", N.ONLY_A_QUESTION, _question,
     lambda s: (ANALYST, a.CaseClosed(f"c{len(s.room.entries) - 2}", "fraud", worth_it=True))),
    ("no such case", N.CASE_NOT_FOUND, _nothing,
     lambda _: (ANALYST, a.CaseTaken("c99"))),
    ("no such listing", N.LISTING_NOT_FOUND, _nothing,
     lambda _: (ANALYST, a.ListingWithdrawn("l99", "mistake"))),
    ("no such appeal", N.APPEAL_NOT_FOUND, _nothing,
     lambda _: (OFFICER, a.AppealTaken("a99"))),
    ("no such request", N.REQUEST_NOT_FOUND, _nothing,
     lambda _: (OFFICER, a.RequestApproved("q99", "0" * 64))),
    ("a guessed reference", N.REFERENCE_NOT_FOUND, _nothing,
     lambda _: (HELD, a.AppealOpened(reference(10**20)))),
    ("the same report again", N.ALREADY_TAKEN_IN, _nothing,
     lambda s: (CENTRE, a.ReportTaken(s.report.id, 10**6, "X", "X", 1, KZT, VICTIM, MULE, 0))),
    ("an alert from behind", N.ALREADY_TAKEN_IN, _nothing,
     lambda s: (CENTRE, a.AlertRaised(s.report.seq, MULE, "a" * 32, 1, KZT, 1))),
    ("another bank answers", N.ANOTHER_PARTICIPANTS, _nothing,
     lambda s: (bank(OTHER_BANK), a.HoldAnswered(s.hold.id, 1, "balance"))),
    ("another bank attests", N.ANOTHER_PARTICIPANTS, _nothing,
     lambda s: (bank(OTHER_BANK), a.ReportAttested(s.report.id))),
    ("another bank appeals", N.ANOTHER_PARTICIPANTS, _nothing,
     lambda s: (bank(OTHER_BANK), a.AppealOpened(s.hold.reference))),
    ("an answer for another hold", N.NOT_ON_THE_RECALL, _nothing,
     lambda s: (bank(BANK), a.RecallAnswered(s.recall.id, "h9.9", "accepted", 1))),
    ("who asked approves", N.SAME_PERSON, lambda s: s.extra.update(q=_asked(s)),
     lambda s: (OFFICER, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("who confirmed rules", N.SAME_PERSON, lambda s: s.extra.update(a=_appealed(s)),
     lambda s: (OFFICER, a.AppealTaken(s.extra["a"]))),
    ("who closed the case rules", N.SAME_PERSON,
     lambda s: (s.room.do(SECOND_OFFICER, a.CaseTaken(s.report.case)),
                s.extra.update(a=_appealed(s))),
     lambda s: (SECOND_OFFICER, a.AppealTaken(s.extra["a"]))),
    ("approved is what was edited away", N.CONTENT_HAS_CHANGED,
     lambda s: (s.extra.update(q=_asked(s)),
                s.room.do(OFFICER, a.RequestEdited(
                    s.extra["q"].id, a.HoldProlonged(s.hold.id, s.hold.until_ms + 7)))),
     lambda s: (SECOND_OFFICER, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("a request that has lapsed", N.REQUEST_IS_OVER,
     lambda s: (s.extra.update(q=_asked(s)), _later(s, hours=24)),
     lambda s: (SECOND_OFFICER, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("a request that was declined", N.REQUEST_IS_OVER,
     lambda s: (s.extra.update(q=_asked(s)),
                s.room.do(SECOND_OFFICER, a.RequestDeclined(s.extra["q"].id))),
     lambda s: (SECOND_OFFICER, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("an authority alone approves for an officer's part", N.ROLE_NOT_NEEDED,
     lambda s: s.extra.update(q=_asked(s)),
     lambda s: (PROSECUTOR, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("a publisher approves a hold", N.ROLE_NOT_NEEDED, lambda s: s.extra.update(q=_asked(s)),
     lambda s: (PUBLISHER, a.RequestApproved(s.extra["q"].id, s.extra["q"].content))),
    ("another edits a request", N.ANOTHERS_REQUEST, lambda s: s.extra.update(q=_asked(s)),
     lambda s: (SECOND_OFFICER, a.RequestEdited(
         s.extra["q"].id, a.HoldProlonged(s.hold.id, s.hold.until_ms + 7)))),
    ("held on a report that was withdrawn", N.REPORT_IS_OVER,
     lambda s: s.room.do(OFFICER, a.ReportWithdrawn(s.report.id)),
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(),)))),
    ("held on a report nobody attests", N.REPORT_NOT_ATTESTED,
     lambda s: s.extra.update(r=s.room.report(attested=False, payment="c" * 32)),
     lambda s: (CENTRE, a.HoldsPlaced(s.extra["r"].id, (_target(),)))),
    ("attested by another bank than the victim's", N.REPORT_NOT_ATTESTED,
     lambda s: s.extra.update(r=s.room.report(sender=OTHER_BANK, payment="c" * 32)),
     lambda s: (CENTRE, a.HoldsPlaced(s.extra["r"].id, (_target(),)))),
    ("a bank names another account than its customer", N.PAYEE_IS_KNOWN,
     lambda s: s.room.do(HELD, a.ComplaintMade(reference(300), BANK, 1, KZT, VICTIM, MULE, 0)),
     lambda s: (bank(BANK), a.ReportAttested(
         next(iter(s.room.state.complaints)), "c" * 32, SECOND))),
    ("a fourth complaint of one payer", N.COMPLAINTS_WAIT,
     lambda s: [s.room.do(HELD, a.ComplaintMade(reference(300 + n), BANK, 1, KZT, VICTIM, MULE, 0))
                for n in range(3)],
     lambda _: (HELD, a.ComplaintMade(reference(400), BANK, 1, KZT, VICTIM, MULE, 0))),
    ("recalled after 80 days", N.PAYMENT_TOO_OLD,
     lambda s: (s.extra.update(r=s.room.report(payment="c" * 32)), _later(s, days=81)),
     lambda s: (CENTRE, a.RecallOpened(s.extra["r"].id))),
    ("cases of two currencies", N.OTHER_CURRENCY,
     lambda s: (s.extra.update(c=_other_case(s, 840)),
                s.room.do(ANALYST, a.CaseTaken(s.report.case))),
     lambda s: (ANALYST, a.CaseMerged(s.report.case, s.extra["c"].id))),
    ("reviewed after its end", N.HOLD_IS_OVER, lambda s: _later(s, days=4),
     lambda s: (OFFICER, a.HoldReviewed(s.hold.id))),
    ("prolonged after its end", N.HOLD_IS_OVER, lambda s: _later(s, days=4),
     lambda s: (OFFICER, a.Requested(a.HoldProlonged(s.hold.id, s.hold.until_ms + 1)))),
    ("released twice", N.HOLD_IS_OVER,
     lambda s: s.room.do(ANALYST, a.HoldReleased(s.hold.id, "mistake")),
     lambda s: (ANALYST, a.HoldReleased(s.hold.id, "mistake"))),
    ("answered twice", N.ALREADY_ANSWERED, _nothing,
     lambda s: (bank(BANK), a.HoldAnswered(s.hold.id, 100_000))),
    ("confirmed twice", N.ALREADY_CONFIRMED, _nothing,
     lambda s: (SECOND_OFFICER, a.HoldConfirmed(s.hold.id, "kz:25-1"))),
    ("prolonged before it is confirmed", N.NOT_CONFIRMED,
     lambda s: s.extra.update(h=s.room.hold(s.room.report(payment="c" * 32))[0]),
     lambda s: (OFFICER, a.Requested(
         a.HoldProlonged(s.extra["h"].id, s.extra["h"].until_ms + 1)))),
    ("ended before its end", N.NOT_ITS_END_YET, _nothing,
     lambda s: (CENTRE, a.HoldEnded(s.hold.id))),
    ("held nowhere", N.NOTHING_TO_HOLD, _nothing,
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, ()))),
    ("held nothing", N.NOTHING_TO_HOLD, _nothing,
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(0),)))),
    ("the victim's account", N.OWN_ACCOUNT, _nothing,
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(1, VICTIM),)))),
    ("held again at the same account", N.HELD_BEFORE,
     lambda s: s.room.do(ANALYST, a.HoldReleased(s.hold.id, "mistake")),
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(1, MULE),)))),
    ("held again by another report of the payment", N.HELD_BEFORE,
     lambda s: (_later(s, days=4), s.extra.update(r=s.room.report())),
     lambda s: (CENTRE, a.HoldsPlaced(s.extra["r"].id, (_target(1, MULE),)))),
    ("another's reference", N.REFERENCE_IN_USE,
     lambda s: s.room.do(ANALYST, a.HoldReleased(s.hold.id, "mistake")),
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(1, SECOND, 1),)))),
    ("more than was reported, over all accounts", N.MORE_THAN_DISPUTED, _nothing,
     lambda s: (CENTRE, a.HoldsPlaced(s.report.id, (_target(1),)))),
    ("more than the bank was asked to hold", N.MORE_THAN_DISPUTED,
     lambda s: s.extra.update(h=s.room.hold(s.room.report(payment="c" * 32))[0]),
     lambda s: (bank(BANK), a.HoldAnswered(s.extra["h"].id, 100_001))),
    ("more than is held goes back", N.MORE_THAN_DISPUTED, _nothing,
     lambda s: (bank(BANK), a.RecallAnswered(s.recall.id, s.hold.id, "accepted", 100_001))),
    ("agreed to before it is held", N.HOLD_NOT_ANSWERED, _waiting,
     lambda s: (bank(BANK), a.RecallAnswered(s.extra["r"].id, s.extra["h"].id, "accepted", 1))),
    ("money back that nobody ordered", N.MORE_THAN_DISPUTED, _answered,
     lambda s: (bank(BANK), a.MoneyReturned(s.recall.id, s.hold.id, 1))),
    ("less held, and nobody says why", N.SHORT_WITHOUT_REASON,
     lambda s: s.extra.update(h=s.room.hold(s.room.report(payment="c" * 32))[0]),
     lambda s: (bank(BANK), a.HoldAnswered(s.extra["h"].id, 99_999))),
    ("an earlier end", N.NOT_LATER, _nothing,
     lambda s: (OFFICER, a.Requested(a.HoldProlonged(s.hold.id, s.hold.until_ms)))),
    ("more than the authority may give at a time", N.PAST_THE_LAW, _nothing,
     lambda s: (OFFICER, a.Requested(
         a.HoldProlonged(s.hold.id, s.hold.until_ms + 31 * 86_400_000)))),
    ("a listing for longer than a year", N.PAST_THE_LAW, lambda s: s.extra.update(c=_closed(s)),
     lambda s: (ANALYST, a.Requested(a.ListingAdded(
         MULE, "account", s.extra["c"].id, s.room.at_ms + 366 * 86_400_000, reference(88))))),
    ("a second recall", N.RECALL_EXISTS, _nothing,
     lambda s: (bank(VICTIMS_BANK), a.RecallOpened(s.report.id))),
    ("a second recall of the same payment", N.RECALL_EXISTS,
     lambda s: s.extra.update(r=s.room.report()),
     lambda s: (bank(VICTIMS_BANK), a.RecallOpened(s.extra["r"].id))),
    ("sent after it was cancelled", N.RECALL_IS_OVER,
     lambda s: s.room.do(OFFICER, a.RecallCancelled(s.recall.id)),
     lambda s: (OFFICER, a.RecallSent(s.recall.id))),
    ("sent twice", N.WRONG_STEP, _nothing,
     lambda s: (OFFICER, a.RecallSent(s.recall.id))),
    ("sent when nothing is held", N.NOTHING_HELD,
     lambda s: s.extra.update(r=s.room.do(CENTRE, a.RecallOpened(
         s.room.report(payment="c" * 32).id)).changes[0]),
     lambda s: (OFFICER, a.RecallSent(s.extra["r"].id))),
    ("back without the authority's notice", N.NOTICE_MISSING,
     lambda s: (_answered(s), _later(s, days=2)),
     lambda s: (OFFICER, a.Requested(a.ReturnOrdered(s.recall.id)))),
    ("back while an appeal is open", N.APPEAL_IS_OPEN,
     lambda s: (_answered(s), _later(s, days=2), _appealed(s)),
     lambda s: (OFFICER, a.Requested(a.ReturnOrdered(s.recall.id, "n-1")))),
    ("back before who is held could answer", N.RECEIVER_NOT_HEARD, _answered,
     lambda s: (OFFICER, a.Requested(a.ReturnOrdered(s.recall.id, "n-1")))),
    ("a case that is closed", N.CASE_IS_OVER, _closed,
     lambda s: (ANALYST, a.CaseTaken(s.report.case))),
    ("a second look at a case that is open", N.CASE_IS_OPEN, _nothing,
     lambda s: (OFFICER, a.CaseChecked(s.report.case, "fraud"))),
    ("a second look at a case twice", N.CHECKED_ALREADY,
     lambda s: (_closed(s), s.room.do(OFFICER, a.CaseChecked(s.report.case, "fraud"))),
     lambda s: (SECOND_OFFICER, a.CaseChecked(s.report.case, "unclear"))),
    ("a second look at one's own case", N.SAME_PERSON,
     lambda s: (s.room.do(OFFICER, a.CaseTaken(s.report.case)),
                s.room.do(OFFICER, a.CaseClosed(s.report.case, "unclear", worth_it=True))),
     lambda s: (OFFICER, a.CaseChecked(s.report.case, "fraud"))),
    ("a case that another has", N.HELD_BY_ANOTHER,
     lambda s: s.room.do(OFFICER, a.CaseTaken(s.report.case)),
     lambda s: (ANALYST, a.CaseTaken(s.report.case))),
    ("a note in another's case", N.HELD_BY_ANOTHER,
     lambda s: s.room.do(OFFICER, a.CaseTaken(s.report.case)),
     lambda s: (ANALYST, a.CaseNoted(s.report.case, "Mine."))),
    ("a case nobody has taken", N.NOT_TAKEN, _nothing,
     lambda s: (ANALYST, a.CaseClosed(s.report.case, "fraud", worth_it=True))),
    ("a lease that has run out", N.NOT_TAKEN,
     lambda s: (s.room.do(ANALYST, a.CaseTaken(s.report.case)), _later(s, hours=0.5)),
     lambda s: (ANALYST, a.CaseClosed(s.report.case, "fraud", worth_it=True))),
    ("a ruling before anybody took it", N.NOT_TAKEN, lambda s: s.extra.update(a=_appealed(s)),
     lambda s: (THIRD_OFFICER, a.AppealRuled(s.extra["a"], upheld=False, why="No."))),
    ("another's ruling", N.HELD_BY_ANOTHER, lambda s: s.extra.update(a=_taken(s)),
     lambda s: (SECOND_OFFICER, a.AppealRuled(s.extra["a"], upheld=False, why="No."))),
    ("escalated twice", N.ESCALATED_ALREADY,
     lambda s: s.room.do(ANALYST, a.CaseEscalated(s.report.case)),
     lambda s: (CENTRE, a.CaseEscalated(s.report.case))),
    ("put aside for a month", N.TOO_LONG,
     lambda s: s.room.do(ANALYST, a.CaseTaken(s.report.case)),
     lambda s: (ANALYST, a.CaseSnoozed(s.report.case, s.room.at_ms + 30 * 86_400_000))),
    ("merged with itself", N.SAME_CASE,
     lambda s: s.room.do(ANALYST, a.CaseTaken(s.report.case)),
     lambda s: (ANALYST, a.CaseMerged(s.report.case, s.report.case))),
    ("all of a case split off", N.SUBJECTS_NOT_SPLIT,
     lambda s: s.room.do(ANALYST, a.CaseTaken(s.report.case)),
     lambda s: (ANALYST, a.CaseSplit(s.report.case, (MULE,)))),
    ("a note too many", N.FULL, lambda s: s.extra.update(c=_full(s)),
     lambda s: (ANALYST, a.CaseNoted(s.extra["c"], "One more."))),
    ("listed though the case was unclear", N.NOT_CLOSED_AS_FRAUD,
     lambda s: s.extra.update(c=_closed(s, "unclear")),
     lambda s: (ANALYST, a.Requested(a.ListingAdded(
         MULE, "account", s.extra["c"].id, s.room.at_ms + 1, reference(88))))),
    ("listed though the case does not name it", N.NOT_NAMED,
     lambda s: s.extra.update(c=_closed(s)),
     lambda s: (ANALYST, a.Requested(a.ListingAdded(
         STRANGER, "account", s.extra["c"].id, s.room.at_ms + 1, reference(88))))),
    ("a party that nothing names", N.NOT_NAMED, _nothing,
     lambda s: (ANALYST, a.PartyViewed(s.report.case, STRANGER))),
    ("a party of a closed case", N.NOT_NAMED, _closed,
     lambda s: (ANALYST, a.PartyViewed(s.report.case, MULE))),
    ("listed twice", N.LISTED_ALREADY, lambda s: s.extra.update(l=_listed(s)),
     lambda s: (ANALYST, a.Requested(a.ListingAdded(
         MULE, "account", s.report.case, s.room.at_ms + 1, reference(88))))),
    ("told of a listing that has ended", N.LISTING_IS_OVER,
     lambda s: (s.extra.update(l=_listed(s)), _later(s, hours=1)),
     lambda s: (CENTRE, a.ListingTold(s.extra["l"], BANK))),
    ("appealed twice", N.APPEALED_ALREADY, _appealed,
     lambda s: (HELD, a.AppealOpened(s.hold.reference))),
    ("ruled on twice", N.APPEAL_IS_OVER,
     lambda s: (s.extra.update(a=_taken(s)), s.room.do(
         THIRD_OFFICER, a.AppealRuled(s.extra["a"], True, "Rent.", ("report",)))),
     lambda s: (SECOND_OFFICER, a.AppealTaken(s.extra["a"]))),
    ("upheld, and nothing erred", N.NOTHING_ERRED, lambda s: s.extra.update(a=_taken(s)),
     lambda s: (THIRD_OFFICER, a.AppealRuled(s.extra["a"], upheld=True, why="Rent."))),
    ("numbers under a law that says nothing of them", N.NO_LAW_ON_NUMBERS, _no_law_on_numbers,
     lambda _: (CENTRE, a.NumbersFound(1, "sim_box", (signs(NUMBERS[0]),)))),
    ("one person suspends a number", N.NEEDS_A_SECOND_PERSON, lambda s: s.extra.update(c=_found(s)),
     lambda s: (OFFICER, _suspending(s, s.extra["c"].id).what)),
    ("the same numbers found again", N.ALREADY_TAKEN_IN, _found,
     lambda _: (CENTRE, a.NumbersFound(1, "sim_box", (signs(NUMBERS[0]),)))),
    ("suspended for longer than the law says", N.PAST_THE_LAW,
     lambda s: s.extra.update(c=_found(s)),
     lambda s: (ANALYST, _suspending(s, s.extra["c"].id, days=31))),
    ("an account is no number", N.NOT_NAMED, _nothing,
     lambda s: (ANALYST, _suspending(s, s.report.case, MULE))),
    ("a number that is only tied", N.ONLY_TIED,
     lambda s: s.extra.update(c=_found(s, NUMBERS[1])),
     lambda s: (ANALYST, _suspending(s, s.extra["c"].id, NUMBERS[1]))),
    ("another operator's number", N.NOT_OUR_NUMBER, lambda s: s.extra.update(c=_found(s)),
     lambda s: (ANALYST, _suspending(s, s.extra["c"].id, NUMBERS[3]))),
    ("suspended twice for one case", N.SUSPENDED_BEFORE,
     lambda s: s.room.do(ANALYST, a.SuspensionLifted(_suspended(s), "mistake")),
     lambda s: (ANALYST, _suspending(s, s.room.state.ring_at[NUMBERS[0]]))),
    ("no such suspension", N.SUSPENSION_NOT_FOUND, _nothing,
     lambda _: (ANALYST, a.SuspensionLifted("s99", "mistake"))),
    ("lifted after its end", N.SUSPENSION_IS_OVER,
     lambda s: (s.extra.update(s=_suspended(s)), _later(s, days=1)),
     lambda s: (ANALYST, a.SuspensionLifted(s.extra["s"], "mistake"))),
    ("accounts and numbers in one case", N.OF_ANOTHER_KIND,
     lambda s: (s.extra.update(c=_found(s)), s.room.do(ANALYST, a.CaseTaken(s.report.case))),
     lambda s: (ANALYST, a.CaseMerged(s.report.case, s.extra["c"].id))),
    ("the policy that two people chose last", N.SAME_POLICY, _chosen,
     lambda _: (AUTHOR, a.Requested(a.PolicyChosen("0" * 64, "[policy]")))),
    ("the law that is in force", N.SAME_LAW, _nothing,
     lambda _: (AUTHOR, a.Requested(a.LawChosen(kz().text)))),
    ("a law with errors", N.LAW_DOES_NOT_COMPILE, _nothing,
     lambda _: (AUTHOR, a.Requested(a.LawChosen("[law]")))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "before", "ask"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_it_is_refused_by_its_name(refusal: Refusal, before: Before, ask: Ask) -> None:
    """And nothing of it is kept."""
    here = stage()
    before(here)
    entries = len(here.room.entries)
    by, act = ask(here)
    assert refusal is here.room.ask(by, act)
    assert entries == len(here.room.entries)


def test_without_a_law_nothing_is_done() -> None:
    """The first entry puts one in force."""
    assert Refusal.NO_LAW_IN_FORCE is Room().ask(OFFICER, a.CaseTaken("c1"))


def test_every_refusal_has_its_line() -> None:
    """A name that nothing leads to would say nothing."""
    assert set(Refusal) == {case[1] for case in CASES} | {Refusal.NO_LAW_IN_FORCE}


DOMAIN = (appeals, desk, holds, listings, numbers, recalls, reports, requests, rings)


def test_refusals_stand_in_one_order() -> None:
    """In each function the checks are in the order of the enum: the first that applies is told."""
    order = {refusal.name: place for place, refusal in enumerate(Refusal)}
    wrong = []
    for module in DOMAIN:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef):
                source = ast.unparse(node)
                names = re.findall(r"Refusal\.([A-Z_]+)", source)
                for first, second in pairwise(names):
                    if order[first] > order[second]:
                        wrong.append(f"{module.__name__}.{node.name}: {first} before {second}")
    assert [] == wrong
