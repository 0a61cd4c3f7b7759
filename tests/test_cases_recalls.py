"""Recalls: steps, clocks, shared pots, and what stops them."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, LawChosen
from arasha.cases.messages import RecallMoved
from arasha.cases.records import Hold, Recall, RecallStatus, Report, Request
from arasha.cases.refusals import Refusal
from cases_samples import (
    BANK,
    HELD,
    OFFICER,
    PROSECUTOR,
    SECOND_OFFICER,
    STRANGER,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
    kz,
    room,
)


def recalled(here: Room, hold: Hold) -> Recall:
    """A recall that was sent, accepted, and heard."""
    recall = here.do(bank(VICTIMS_BANK), a.RecallOpened(hold.report)).changes[0]
    assert isinstance(recall, Recall)
    here.do(CENTRE, a.RecallSent(recall.id))
    held = here.hold_now(hold).held_minor or 0
    here.do(bank(BANK), a.RecallAnswered(recall.id, hold.id, "accepted", held))
    here.do(HELD, a.ReceiverAgreed(hold.reference))
    return here.recall_now(recall)


def ordered(here: Room, recall: Recall) -> None:
    """Three people have it sent back."""
    act = a.ReturnOrdered(recall.id, "notice-1")
    request = here.do(OFFICER, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    for by in (SECOND_OFFICER, PROSECUTOR):
        here.do(by, a.RequestApproved(request.id, request.content))


def two_victims(rule: str) -> tuple[Room, list[Hold]]:
    """60,000 of the first and 40,000 of the second came in; 50,000 are there."""
    here = Room()
    here.do(CENTRE, LawChosen(kz().text.replace('"pro_rata"', f'"{rule}"')))
    paid_ms = here.at_ms - 7_200_000
    first = here.report(amount_minor=60_000, paid_ms=paid_ms)
    second = here.report(amount_minor=40_000, paid_ms=paid_ms + 1, payer=STRANGER, payment="c" * 32)
    holds = [here.hold(report)[0] for report in (first, second)]
    here.do(bank(BANK), a.HoldAnswered(holds[0].id, 50_000, "balance"))
    here.do(bank(BANK), a.HoldAnswered(holds[1].id, 1, "balance"))
    return here, holds


@pytest.mark.parametrize(
    ("rule", "shares"),
    [("pro_rata", [30_001, 20_000]), ("last_in_first_returned", [10_001, 40_000])],
)
def test_two_victims_share_a_pot_by_the_laws_rule(rule: str, shares: list[int]) -> None:
    """Whoever was answered first has no better right; not a unit more or less goes back."""
    here, holds = two_victims(rule)
    recalls = [recalled(here, hold) for hold in holds[:1]]
    ordered(here, recalls[0])
    assert shares == [here.hold_now(hold).held_minor for hold in holds]
    assert shares[0] == here.hold_now(holds[0]).to_return_minor
    recalls.append(recalled(here, holds[1]))
    ordered(here, recalls[1])
    assert shares == [here.hold_now(hold).to_return_minor for hold in holds]
    for hold, recall, share in zip(holds, recalls, shares, strict=True):
        here.do(bank(BANK), a.MoneyReturned(recall.id, hold.id, share))
    assert 50_001 == sum(one.returned_minor for one in here.state.recalls.values())
    assert {RecallStatus.COMPLETED} == {one.status for one in here.state.recalls.values()}


def test_what_a_bank_gives_back_whole_is_its_share_though_it_was_asked_before() -> None:
    """Both banks' answers come before the first return: no share of the pot is set free."""
    here = Room()
    here.do(CENTRE, LawChosen(kz().text))
    first = here.report(amount_minor=100_000)
    second = here.report(amount_minor=100_000, payer=STRANGER, payment="c" * 32)
    holds = [here.hold(report)[0] for report in (first, second)]
    here.do(bank(BANK), a.HoldAnswered(holds[0].id, 100_000))
    here.do(bank(BANK), a.HoldAnswered(holds[1].id, 40_000, "balance"))
    recalls = [recalled(here, here.hold_now(hold)) for hold in holds]
    for recall in recalls:
        ordered(here, recall)
    assert [70_000, 70_000] == [here.hold_now(hold).to_return_minor for hold in holds]


def test_nothing_is_agreed_to_before_it_is_held() -> None:
    """A recall that is answered before its hold order: what could go back is not known."""
    here = room()
    (hold,) = here.hold(here.report())
    recall = here.do(bank(VICTIMS_BANK), a.RecallOpened(hold.report)).changes[0]
    here.do(CENTRE, a.RecallSent(recall.id))  # type: ignore[union-attr]  # a recall
    yes = a.RecallAnswered(recall.id, hold.id, "accepted", 1)  # type: ignore[union-attr]  # a recall
    assert Refusal.HOLD_NOT_ANSWERED is here.ask(bank(BANK), yes)
    here.do(bank(BANK), a.HoldAnswered(hold.id, hold.amount_minor))
    here.do(bank(BANK), yes)


def test_every_step_has_its_clock_and_the_victims_bank_hears_of_each() -> None:
    """Named as MED 2.0 names them."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    start = len(here.entries)
    recall = recalled(here, hold)
    assert kz().recall.returned.after(recall.opened_ms, kz().calendar) == recall.due_ms
    here.later(hours=1)
    ordered(here, recall)
    here.do(bank(BANK), a.MoneyReturned(recall.id, hold.id, 40_000))
    here.do(bank(BANK), a.MoneyReturned(recall.id, hold.id, 60_000))
    again = Room()
    told = []
    for seq, entry in enumerate(here.entries):
        done = again.projection.take(seq, a.pack(entry))
        told += [one for one in done.messages if isinstance(one, RecallMoved) and seq >= start]
    assert [
        ("tracked", 0), ("awaiting_answer", 0), ("answered", 0), ("returning", 0),
        ("returning", 40_000), ("completed", 100_000),
    ] == [(one.status.value, one.returned_minor) for one in told]  # fmt: skip
    assert {VICTIMS_BANK} == {one.to for one in told}


def test_a_recall_before_any_hold_waits_for_one() -> None:
    """Requested, then tracked when the orders go out."""
    here = room()
    report = here.report()
    recall = here.do(CENTRE, a.RecallOpened(report.id)).changes[0]
    assert isinstance(recall, Recall)
    assert RecallStatus.REQUESTED is recall.status
    here.hold(report)
    assert RecallStatus.TRACKED is here.recall_now(recall).status


def test_all_banks_refusing_is_the_end() -> None:
    """Nothing goes back."""
    here = room()
    (hold,) = here.hold(here.report())
    recall = here.do(CENTRE, a.RecallOpened(hold.report)).changes[0]
    assert isinstance(recall, Recall)
    here.do(CENTRE, a.RecallSent(recall.id))
    here.do(bank(BANK), a.RecallAnswered(recall.id, hold.id, "rejected", 0, "CUST"))
    assert RecallStatus.CANCELLED is here.recall_now(recall).status


def test_a_release_ends_what_was_to_go_back() -> None:
    """What is back already stays back; the recall waits for nothing more."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    recall = recalled(here, hold)
    ordered(here, recall)
    here.do(bank(BANK), a.MoneyReturned(recall.id, hold.id, 30_000))
    here.do(OFFICER, a.HoldReleased(hold.id, "mistake"))
    assert (RecallStatus.COMPLETED, 30_000) == (
        here.recall_now(recall).status, here.recall_now(recall).returned_minor,
    )  # fmt: skip
    refused = here.ask(bank(BANK), a.MoneyReturned(recall.id, hold.id, 1))
    assert Refusal.MORE_THAN_DISPUTED is refused


def suspicious(here: Room) -> Report:
    """The third claim of an account whose earlier two were withdrawn."""
    for letter in "cd":
        report = here.report(payment=letter * 32)
        here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(report.id))
    return here.report()


def test_a_suspicious_claim_needs_two_people_before_banks_are_asked() -> None:
    """The centre alone does not send it; two officers do."""
    here = room()
    report = suspicious(here)
    here.hold(report)
    recall = here.do(CENTRE, a.RecallOpened(report.id)).changes[0]
    assert isinstance(recall, Recall)
    assert recall.score >= kz().recall.suspicion
    assert ("earlier_claims", "unfounded_claims", "same_pair") == recall.reasons
    assert Refusal.NEEDS_A_SECOND_PERSON is here.ask(CENTRE, a.RecallSent(recall.id))
    request = here.do(OFFICER, a.Requested(a.RecallSent(recall.id))).changes[0]
    assert isinstance(request, Request)
    here.do(SECOND_OFFICER, a.RequestApproved(request.id, request.content))
    assert RecallStatus.AWAITING_ANSWER is here.recall_now(recall).status
    assert VICTIM == report.payer
