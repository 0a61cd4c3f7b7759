"""Recalls: the money of an attested report is asked back, and goes back. Steps as in Pix MED 2.0.

    requested ─▶ tracked ─▶ awaiting answer ─▶ answered ─▶ returning ─▶ completed
        ╰───────────┴──────────────┴──────────────┴───────────┴──────▶ cancelled

Hold orders go first; then camt.056 to every bank that holds something; each answers with camt.029;
what goes back is ordered by two people (and the authority, where the law wants its notice), after
who is held could answer; pacs.004 says that it went. Where several victims' money is in one
account, the law's rule shares what is held there (cases/pots.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from arasha.cases.acts import (
    MoneyReturned,
    RecallAnswered,
    RecallCancelled,
    RecallOpened,
    RecallSent,
    ReceiverAgreed,
    ReturnOrdered,
)
from arasha.cases.claims import score_claim
from arasha.cases.law import Law
from arasha.cases.pots import Pots, sent_back
from arasha.cases.records import (
    HOLDING,
    OPEN_RECALL,
    Answered,
    Asked,
    Hold,
    HoldStatus,
    Recall,
    RecallStatus,
)
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State

Result: TypeAlias = Changes | Refusal


def open_recall(state: State, asked: Asked, act: RecallOpened) -> Result:
    """Begin one, by the victim's bank or the centre; its claim is scored here."""
    report = state.reports.get(act.report)
    if report is None:
        return Refusal.REPORT_NOT_FOUND
    if asked.by.kind == "participant" and asked.by.name not in (report.bank, report.sender):
        return Refusal.ANOTHER_PARTICIPANTS
    if report.status != "open":
        return Refusal.REPORT_IS_OVER
    if not report.attested:
        return Refusal.REPORT_NOT_ATTESTED
    law = _law(state)
    if asked.at_ms > law.recall.payment_age.after(report.paid_ms, law.calendar):
        return Refusal.PAYMENT_TOO_OLD
    if any(one in state.recall_of for one in state.grounds[report.ground]):
        return Refusal.RECALL_EXISTS
    score, reasons = score_claim(state, report, asked.at_ms)
    holding = any(hold.holds_at(asked.at_ms) for hold in state.holds_of_report(report.id))
    return (
        Recall(
            id=f"r{asked.seq}",
            report=report.id,
            by=asked.by.name,
            opened_ms=asked.at_ms,
            due_ms=law.recall.answer.after(asked.at_ms, law.calendar),
            score=score,
            reasons=reasons,
            status=RecallStatus.TRACKED if holding else RecallStatus.REQUESTED,
            hands=asked.hands,
        ),
    )


def is_suspicious(state: State, act: RecallSent) -> bool:
    """Whether the claim's score wants a second person."""
    recall = state.recalls.get(act.recall)
    return recall is not None and recall.score >= _law(state).recall.suspicion


def send(state: State, asked: Asked, act: RecallSent) -> Result:
    """Ask every bank that holds something for it."""
    recall = state.recalls.get(act.recall)
    if recall is None:
        return Refusal.RECALL_NOT_FOUND
    if recall.status not in OPEN_RECALL:
        return Refusal.RECALL_IS_OVER
    if recall.status not in (RecallStatus.REQUESTED, RecallStatus.TRACKED):
        return Refusal.WRONG_STEP
    held = [h.id for h in state.holds_of_report(recall.report) if h.holds_at(asked.at_ms)]
    if not held:
        return Refusal.NOTHING_HELD
    law = _law(state)
    return (
        replace(
            recall, status=RecallStatus.AWAITING_ANSWER, asked=tuple(held),
            due_ms=law.recall.answer.after(asked.at_ms, law.calendar),
            hands=recall.hands | asked.hands,
        ),
    )  # fmt: skip


def answer(state: State, asked: Asked, act: RecallAnswered) -> Result:
    """What a bank says to one hold; when all have answered, the recall goes on or is over. A bank
    agrees to give back what it has said it holds: nothing else could go back. Where several claims
    share that, it may agree to all that is claimed: what goes back is the claim's share at most.
    """
    recall = state.recalls.get(act.recall)
    if recall is None:
        return Refusal.RECALL_NOT_FOUND
    if act.hold not in recall.asked:
        return Refusal.NOT_ON_THE_RECALL
    hold = state.holds[act.hold]
    if asked.by.name != hold.bank:
        return Refusal.ANOTHER_PARTICIPANTS
    if any(one.hold == act.hold for one in recall.answers):
        return Refusal.ALREADY_ANSWERED
    pots = Pots(state)
    pots.settle(hold, asked.at_ms)
    hold = pots.now(hold)
    shares = len(pots.sharing(hold, asked.at_ms)) > 1
    most_minor = hold.amount_minor if shares else hold.weight_minor
    if (act.amount_minor == 0) != (act.answer == "rejected") or act.amount_minor > most_minor:
        return Refusal.MORE_THAN_DISPUTED
    if recall.status not in OPEN_RECALL:
        return Refusal.RECALL_IS_OVER
    if act.amount_minor and hold.held_minor is None:
        return Refusal.HOLD_NOT_ANSWERED
    whole = act.amount_minor == hold.held_minor or (
        act.amount_minor >= pots.most_back(hold, asked.at_ms)
    )
    given = Answered(act.hold, act.answer, act.amount_minor, act.code, whole)
    answers = (*recall.answers, given)
    if len(answers) < len(recall.asked):
        return (*pots.changes, replace(recall, answers=answers))
    law = _law(state)
    agreed = any(one.amount_minor for one in answers)
    return (
        *pots.changes,
        replace(
            recall, answers=answers,
            status=RecallStatus.ANSWERED if agreed else RecallStatus.CANCELLED,
            due_ms=law.recall.returned.after(recall.opened_ms, law.calendar),
        ),
    )  # fmt: skip


def agree(state: State, asked: Asked, act: ReceiverAgreed) -> Result:
    """Who is held lets it go back: there is no need to wait for an answer any longer."""
    hold = state.holds.get(state.by_reference.get(act.reference, ""))
    if hold is None:
        return Refusal.REFERENCE_NOT_FOUND
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    if hold.agreed:
        return Refusal.ALREADY_ANSWERED
    return (replace(hold, agreed=True),)


def order_return(state: State, asked: Asked, act: ReturnOrdered) -> Result:
    """What each bank sends back, once everybody who had to be asked was."""
    recall = state.recalls.get(act.recall)
    if recall is None:
        return Refusal.RECALL_NOT_FOUND
    if recall.status not in OPEN_RECALL:
        return Refusal.RECALL_IS_OVER
    if recall.status is not RecallStatus.ANSWERED:
        return Refusal.WRONG_STEP
    law = _law(state)
    pots = Pots(state)
    agreed = {one.hold: one for one in recall.answers if one.amount_minor}
    for name in agreed:
        pots.settle(state.holds[name], asked.at_ms)
    holds = [pots.now(state.holds[name]) for name in agreed]
    holds = [hold for hold in holds if hold.holds_at(asked.at_ms)]
    back = [_send_back(pots, hold, agreed[hold.id], asked) for hold in holds]
    if not any(back):
        return Refusal.NOTHING_HELD
    if law.recall.sanction and act.notice is None:
        return Refusal.NOTICE_MISSING
    for hold in holds:
        appeal = state.appeals.get(state.appeal_about.get(hold.id, ""))
        if appeal is not None and appeal.status == "open":
            return Refusal.APPEAL_IS_OPEN
    if not all(_was_heard(hold, law, asked.at_ms) for hold in holds):
        return Refusal.RECEIVER_NOT_HEARD
    going = replace(
        recall, status=RecallStatus.RETURNING, notice=act.notice,
        hands=recall.hands | asked.hands,
    )  # fmt: skip
    return (*pots.changes, going)


def _send_back(pots: Pots, hold: Hold, agreed: Answered, asked: Asked) -> int:
    """Order the return of its share of the pot: so much, minor units. A claim that has no share, as
    another's comes before it by the law's rule, is over.
    """
    pots.share(hold, asked.at_ms)
    shared = pots.now(hold)
    share = shared.held_minor or 0
    goes_back = share if agreed.whole else min(share, agreed.amount_minor)
    ordered = replace(shared, to_return_minor=goes_back, hands=shared.hands | asked.hands)
    pots.put(ordered)
    if not goes_back:
        pots.over([replace(ordered, status=HoldStatus.ENDED, over_ms=asked.at_ms)], asked.at_ms)
    return goes_back


def heard_from_ms(hold: Hold, law: Law) -> int | None:
    """From when on who is held has had the law's time to answer, since the bank told them; None
    while it has not.
    """
    if hold.answered_ms is None:
        return None
    return law.recall.hearing.after(hold.answered_ms, law.calendar)


def _was_heard(hold: Hold, law: Law, at_ms: int) -> bool:
    """Whether who is held has agreed, or could have answered."""
    heard_ms = heard_from_ms(hold, law)
    return hold.agreed or (heard_ms is not None and at_ms >= heard_ms)


def returned(state: State, asked: Asked, act: MoneyReturned) -> Result:
    """Money went back; when all of it has, the recall is complete."""
    recall = state.recalls.get(act.recall)
    if recall is None:
        return Refusal.RECALL_NOT_FOUND
    if act.hold not in recall.asked:
        return Refusal.NOT_ON_THE_RECALL
    hold = state.holds[act.hold]
    if asked.by.name != hold.bank:
        return Refusal.ANOTHER_PARTICIPANTS
    if act.fact is not None and act.fact in hold.returned_by:
        return Refusal.ALREADY_ANSWERED
    total = hold.returned_minor + act.amount_minor
    if act.amount_minor == 0 or total > (hold.to_return_minor or 0):
        return Refusal.MORE_THAN_DISPUTED
    if recall.status is not RecallStatus.RETURNING:
        return Refusal.RECALL_IS_OVER
    pots = Pots(state)
    pots.settle(hold, asked.at_ms)
    hold = pots.now(hold)
    by = hold.returned_by if act.fact is None else (*hold.returned_by, act.fact)
    after = replace(
        hold, returned_minor=total, returned_by=by, taken=sent_back(hold, act.amount_minor)
    )
    pots.put(after)
    if total == hold.to_return_minor and hold.status in HOLDING:
        pots.over([replace(after, status=HoldStatus.ENDED, over_ms=asked.at_ms)], asked.at_ms)
    others = [state.holds[one] for one in recall.asked if one != hold.id]
    complete = total == hold.to_return_minor and all(
        one.returned_minor >= (one.to_return_minor or 0) for one in others
    )
    status = RecallStatus.COMPLETED if complete else recall.status
    told = replace(recall, returned_minor=recall.returned_minor + act.amount_minor, status=status)
    return (*pots.changes, told)


def cancel(state: State, asked: Asked, act: RecallCancelled) -> Result:
    """Whoever reported, or an officer, asks for nothing more; that releases no hold."""
    recall = state.recalls.get(act.recall)
    if recall is None:
        return Refusal.RECALL_NOT_FOUND
    report = state.reports[recall.report]
    if asked.by.kind == "participant" and asked.by.name not in (report.bank, report.sender):
        return Refusal.ANOTHER_PARTICIPANTS
    if recall.status not in OPEN_RECALL:
        return Refusal.RECALL_IS_OVER
    pots = Pots(state)
    over = cancelled(pots, recall, asked)
    return (*pots.changes, over)


def cancelled(pots: Pots, recall: Recall, asked: Asked) -> Recall:
    """The recall as it is over; of its holds nothing more goes back."""
    for name in recall.asked:
        hold = pots.now(pots.state.holds[name])
        if hold.to_return_minor is not None:
            pots.put(replace(hold, to_return_minor=hold.returned_minor))
    return replace(recall, status=RecallStatus.CANCELLED, hands=recall.hands | asked.hands)


def _law(state: State) -> Law:
    assert state.law is not None, "no act is taken without a law"
    return state.law
