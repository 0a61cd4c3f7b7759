"""The whole way through the room, once for each of its ends."""

from __future__ import annotations

from arasha.cases.acts import (
    CENTRE,
    AppealOpened,
    AppealRuled,
    AppealTaken,
    HoldAnswered,
    HoldConfirmed,
    MoneyReturned,
    RecallAnswered,
    RecallOpened,
    RecallSent,
    RequestApproved,
    Requested,
    ReturnOrdered,
    ShadowBegun,
    ShadowEnded,
    content_of,
)
from arasha.cases.messages import HoldOver, RecallAsked, ReturnAsked
from arasha.cases.records import Appeal, HoldStatus, Recall, RecallStatus, Request, Shadowed
from arasha.cases.refusals import Refusal
from cases_samples import (
    AUTHOR,
    BANK,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    PUBLISHER,
    SECOND,
    SECOND_OFFICER,
    THIRD_OFFICER,
    VICTIMS_BANK,
    bank,
    room,
)

DRAFT, OTHER = "d" * 64, "e" * 64


def test_the_way_from_a_report_to_the_money_back() -> None:
    """Report, holds at two banks, answers, confirmation, recall, return by three people."""
    here = room()
    report = here.report()
    first, second = here.hold(report, (MULE, BANK, 60_000), (SECOND, OTHER_BANK, 40_000))
    assert HoldStatus.PROVISIONAL is first.status
    here.do(bank(BANK), HoldAnswered(first.id, 60_000))
    here.do(bank(OTHER_BANK), HoldAnswered(second.id, 15_000, "balance"))
    here.later(hours=2)
    for hold in (first, second):
        here.do(OFFICER, HoldConfirmed(hold.id, "kz:25-1"))
    done = here.do(bank(VICTIMS_BANK), RecallOpened(report.id))
    recall = next(one for one in done.changes if isinstance(one, Recall))
    assert (RecallStatus.TRACKED, 0) == (recall.status, recall.score)
    sent = here.do(CENTRE, RecallSent(recall.id))
    asked = [one for one in sent.messages if isinstance(one, RecallAsked)]
    assert [(BANK, 60_000), (OTHER_BANK, 15_000)] == [(m.to, m.amount_minor) for m in asked]
    here.do(bank(BANK), RecallAnswered(recall.id, first.id, "accepted", 60_000))
    here.do(bank(OTHER_BANK), RecallAnswered(recall.id, second.id, "partly", 10_000, "AM04"))
    assert RecallStatus.ANSWERED is here.recall_now(recall).status
    here.later(days=2)
    order = ReturnOrdered(recall.id, notice="notice-17")
    request = here.do(OFFICER, Requested(order)).changes[0]
    assert isinstance(request, Request)
    here.do(SECOND_OFFICER, RequestApproved(request.id, content_of(order)))
    assert RecallStatus.ANSWERED is here.recall_now(recall).status
    ordered = here.do(PROSECUTOR, RequestApproved(request.id, content_of(order)))
    asked_back = [one for one in ordered.messages if isinstance(one, ReturnAsked)]
    assert [(BANK, 60_000), (OTHER_BANK, 10_000)] == [(m.to, m.amount_minor) for m in asked_back]
    here.do(bank(BANK), MoneyReturned(recall.id, first.id, 60_000))
    here.do(bank(OTHER_BANK), MoneyReturned(recall.id, second.id, 10_000))
    done_recall = here.recall_now(recall)
    assert (RecallStatus.COMPLETED, 70_000) == (done_recall.status, done_recall.returned_minor)
    assert {HoldStatus.ENDED} == {here.hold_now(h).status for h in (first, second)}


def test_the_way_from_a_hold_to_its_appeal_upheld() -> None:
    """The person has a reference; somebody who had no hand in it rules; the bank hears of it."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    order = here.projection.state.holds[hold.id]
    here.do(OFFICER, HoldConfirmed(hold.id, "kz:25-1"))
    opened = here.do(HELD, AppealOpened(order.reference)).changes[0]
    assert isinstance(opened, Appeal)
    here.do(THIRD_OFFICER, AppealTaken(opened.id))
    ruling = AppealRuled(
        opened.id, upheld=True, why="The transfer was rent.", erred=("rule:new_payee", "report")
    )
    ruled = here.do(THIRD_OFFICER, ruling)
    assert HoldStatus.RELEASED is here.hold_now(hold).status
    assert [HoldOver(BANK, hold.id, "appeal")] == [
        one for one in ruled.messages if isinstance(one, HoldOver)
    ]
    assert [("a" * 32, False)] == [(one.payment, one.fraud) for one in ruled.labels]


def test_what_follows_in_the_shadow_is_an_act_of_whoever_works_on_policies() -> None:
    """Who, when, which; another takes its place; the command line's can be ended, too. What is in
    force is not touched, and a log from before these acts has none.
    """
    here = room()
    assert here.state.shadowed is None
    here.do(AUTHOR, ShadowBegun(DRAFT))
    assert Shadowed(DRAFT, AUTHOR.name, here.at_ms) == here.state.shadowed
    here.later(hours=1)
    here.do(PUBLISHER, ShadowBegun(OTHER))
    assert Shadowed(OTHER, PUBLISHER.name, here.at_ms) == here.state.shadowed
    here.do(AUTHOR, ShadowEnded(OTHER))
    here.do(AUTHOR, ShadowEnded(DRAFT))
    assert Shadowed(None, AUTHOR.name, here.at_ms) == here.state.shadowed
    assert here.state.published is None
    for nobody in (OFFICER, PROSECUTOR, CENTRE, HELD):
        assert Refusal.NOT_FOR_THIS_ROLE is here.ask(nobody, ShadowBegun(DRAFT))
        assert Refusal.NOT_FOR_THIS_ROLE is here.ask(nobody, ShadowEnded(DRAFT))
