"""Holds: the disputed money stays where it is, for a time, on a ground.

    attested report ──▶ provisional ──▶ confirmed ──▶ prolonged ──▶ ended
                             │              │              │
                             ▼ nobody did   ╰── released at once, by one person, at any time
                           lapsed

What the domain sees to, whoever asks: a ground that stands (a report which the victim's bank
attests), never more than is disputed, over all accounts together; never the same payment twice at
the same account, or an end would be none; the law's ends. What the receiving bank sees to: that no
more is held than is there, and that protected income is free (`most_to_hold`). Where money of
several victims is at one account their holds share a pot (cases/pots.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from arasha.cases.acts import (
    HoldAnswered,
    HoldConfirmed,
    HoldEnded,
    HoldProlonged,
    HoldReleased,
    HoldReviewed,
    HoldsPlaced,
    ReleaseWhy,
)
from arasha.cases.law import Law
from arasha.cases.pots import Pots
from arasha.cases.records import (
    Asked,
    Hold,
    HoldStatus,
    Recall,
    RecallStatus,
    Report,
    TakenOver,
)
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State

Result: TypeAlias = Changes | Refusal


def most_to_hold(balance_minor: int, protected_minor: int, disputed_minor: int) -> int:
    """What a bank holds: of what is there beside protected income, at most what is disputed.

    >>> most_to_hold(900, 200, 1_000), most_to_hold(900, 200, 500), most_to_hold(100, 200, 500)
    (700, 500, 0)
    """
    return max(0, min(balance_minor - protected_minor, disputed_minor))


def place(state: State, asked: Asked, act: HoldsPlaced) -> Result:
    """Provisional holds for the money of an attested report, and an order to each bank."""
    report = state.reports.get(act.report)
    if report is None:
        return Refusal.REPORT_NOT_FOUND
    refusal = _refused(state, asked, act, report)
    if refusal is not None:
        return refusal
    law = _law(state)
    holds = tuple(
        Hold(
            id=f"h{asked.seq}.{number}",
            report=report.id,
            account=target.account,
            bank=target.bank,
            amount_minor=target.amount_minor,
            currency=report.currency,
            reference=target.reference,
            law=law.hash,
            author=asked.by.name,
            placed_ms=asked.at_ms,
            until_ms=law.hold.provisional.after(asked.at_ms, law.calendar),
            answer_due_ms=law.hold.answer.after(asked.at_ms, law.calendar),
            came=target.came,
            hands=asked.hands,
        )
        for number, target in enumerate(act.targets)
    )
    recall = state.recalls.get(state.recall_of.get(report.id, ""))
    if recall is not None and recall.status is RecallStatus.REQUESTED:
        return (*holds, replace(recall, status=RecallStatus.TRACKED))
    return holds


def _refused(state: State, asked: Asked, act: HoldsPlaced, report: Report) -> Refusal | None:
    """Why this money is not held."""
    accounts = [target.account for target in act.targets]
    references = [target.reference for target in act.targets]
    taken = sum(hold.takes_up_at(asked.at_ms) for hold in state.holds_of_ground(report.ground))
    before = {hold.account for hold in state.holds_of_ground(report.ground)}
    wanted = [target.amount_minor for target in act.targets]
    checks = (
        (report.status != "open", Refusal.REPORT_IS_OVER),
        (not report.attested, Refusal.REPORT_NOT_ATTESTED),
        (not accounts or min(wanted) <= 0, Refusal.NOTHING_TO_HOLD),
        (report.payer in accounts, Refusal.OWN_ACCOUNT),
        (
            len(set(accounts)) < len(accounts) or not before.isdisjoint(accounts),
            Refusal.HELD_BEFORE,
        ),
        (
            len(set(references)) < len(references)
            or any(reference in state.by_reference for reference in references),
            Refusal.REFERENCE_IN_USE,
        ),
        (taken + sum(wanted) > report.amount_minor, Refusal.MORE_THAN_DISPUTED),
    )
    return next((refusal for wrong, refusal in checks if wrong), None)


def answer(state: State, asked: Asked, act: HoldAnswered) -> Result:
    """What the bank could hold beside what it holds there already, told once. Nothing held is no
    hold, but where the account has a pot for others: there it is a claim on that.
    """
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    if asked.by.name != hold.bank:
        return Refusal.ANOTHER_PARTICIPANTS
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    if hold.held_minor is not None:
        return Refusal.ALREADY_ANSWERED
    if act.held_minor > hold.amount_minor:
        return Refusal.MORE_THAN_DISPUTED
    if act.held_minor < hold.amount_minor and act.short == "none":
        return Refusal.SHORT_WITHOUT_REASON
    pots = Pots(state)
    pots.settle(hold, asked.at_ms)
    pots.put(replace(hold, held_minor=act.held_minor, short=act.short, answered_ms=asked.at_ms))
    pots.close_empty(hold, asked.at_ms)
    return pots.changes


def confirm(state: State, asked: Asked, act: HoldConfirmed) -> Result:
    """An officer who did not place it says on what basis it stands; it lasts the law's term."""
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    if asked.by.name in hold.hands:
        return Refusal.SAME_PERSON
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    if hold.status is not HoldStatus.PROVISIONAL:
        return Refusal.ALREADY_CONFIRMED
    law = _law(state)
    until_ms = min(
        law.hold.confirmed.after(hold.placed_ms, law.calendar),
        law.hold.limit.after(hold.placed_ms, law.calendar),
    )
    return (
        replace(
            hold, status=HoldStatus.CONFIRMED, basis=act.basis,
            until_ms=max(until_ms, hold.until_ms), hands=hold.hands | asked.hands,
            review_ms=law.hold.review.after(asked.at_ms, law.calendar),
        ),
    )  # fmt: skip


def review(state: State, asked: Asked, act: HoldReviewed) -> Result:
    """It was looked at again; the next look is due a term later."""
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    if hold.status is HoldStatus.PROVISIONAL:
        return Refusal.NOT_CONFIRMED
    law = _law(state)
    due_ms = law.hold.review.after(asked.at_ms, law.calendar)
    return (replace(hold, review_ms=due_ms, hands=hold.hands | asked.hands),)


def needs_authority(state: State, act: HoldProlonged) -> bool:
    """Whether that end is past what officers alone may give."""
    hold, law = state.holds.get(act.hold), _law(state)
    return hold is not None and act.until_ms > law.hold.limit.after(hold.placed_ms, law.calendar)


def prolong(state: State, asked: Asked, act: HoldProlonged) -> Result:
    """A later end, within the law; who had to agree has (cases/requests.py)."""
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    pots = Pots(state)
    pots.settle(hold, asked.at_ms)  # what is free by now is not held on
    hold = pots.now(hold)
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    if hold.status is HoldStatus.PROVISIONAL:
        return Refusal.NOT_CONFIRMED
    if act.until_ms <= hold.until_ms:
        return Refusal.NOT_LATER
    law = _law(state)
    past_limit = needs_authority(state, act)
    each = law.hold.authority_each if past_limit else law.hold.prolonging
    last = law.hold.authority_limit if past_limit else law.hold.limit
    latest_ms = min(
        each.after(hold.until_ms, law.calendar), last.after(hold.placed_ms, law.calendar)
    )
    if act.until_ms > latest_ms:
        return Refusal.PAST_THE_LAW
    pots.put(
        replace(
            hold, status=HoldStatus.PROLONGED, until_ms=act.until_ms,
            by_authority=hold.by_authority or past_limit, hands=hold.hands | asked.hands,
            taken=_held_on(state, hold, act.until_ms) if past_limit else hold.taken,
        )
    )  # fmt: skip
    return pots.changes


def _held_on(state: State, hold: Hold, until_ms: int) -> tuple[TakenOver, ...]:
    """What it took over, as the authority lets it be held on: each by its own clock."""
    law = _law(state)

    def latest_ms(part: TakenOver) -> int:
        each_ms = law.hold.authority_each.after(part.last_ms, law.calendar)
        first_ms = state.holds[part.first].placed_ms
        limit_ms = law.hold.authority_limit.after(first_ms, law.calendar)
        return max(part.last_ms, min(until_ms, each_ms, limit_ms))

    return tuple(replace(part, last_ms=latest_ms(part)) for part in hold.taken)


def release(state: State, asked: Asked, act: HoldReleased) -> Result:
    """One person is enough, and it is at once."""
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    if not hold.holds_at(asked.at_ms):
        return Refusal.HOLD_IS_OVER
    return released(state, hold, act.why, asked)


def end(state: State, asked: Asked, act: HoldEnded) -> Result:
    """Its end has come: it lapses where nobody confirmed it. Or the end of money that it took over
    from another's, which it does not hold on.
    """
    hold = state.holds.get(act.hold)
    if hold is None:
        return Refusal.HOLD_NOT_FOUND
    if hold.id not in state.open_holds:
        return Refusal.HOLD_IS_OVER
    if asked.at_ms < hold.next_end_ms:
        return Refusal.NOT_ITS_END_YET
    pots = Pots(state)
    pots.settle(hold, asked.at_ms)
    return pots.changes


def released(state: State, hold: Hold, why: ReleaseWhy, asked: Asked) -> Changes:
    """The hold as it is released, and its recall, where that waited for nothing else."""
    pots = Pots(state)
    free(pots, (hold,), why, asked)
    recall = state.recalls.get(state.recall_of.get(hold.report, ""))
    if recall is None or recall.status is not RecallStatus.RETURNING:
        return pots.changes
    return (*pots.changes, *_completed(state, recall, hold))


def free(pots: Pots, holds: Iterable[Hold], why: ReleaseWhy, asked: Asked) -> None:
    """Release these, together: nothing of them goes back any more, and what others claim of their
    money stays for them.
    """
    holds = list(holds)
    for hold in holds:
        pots.settle(hold, asked.at_ms)
    standing = [now for hold in holds if (now := pots.now(hold)).holds_at(asked.at_ms)]
    pots.over([freed(hold, why, asked) for hold in standing], asked.at_ms)


def freed(hold: Hold, why: ReleaseWhy, asked: Asked) -> Hold:
    """The hold as it is released: nothing of it goes back any more."""
    return replace(
        hold, status=HoldStatus.RELEASED, why=why, over_ms=asked.at_ms,
        hands=hold.hands | asked.hands,
        to_return_minor=None if hold.to_return_minor is None else hold.returned_minor,
    )  # fmt: skip


def _completed(state: State, recall: Recall, over: Hold) -> Changes:
    """The recall is complete if nothing else is still to come back."""
    others = [state.holds[one] for one in recall.asked if one != over.id]
    waiting = any(h.to_return_minor is not None and h.returned_minor < h.to_return_minor
                  for h in others)  # fmt: skip
    return () if waiting else (replace(recall, status=RecallStatus.COMPLETED),)


def _law(state: State) -> Law:
    assert state.law is not None, "no act is taken without a law"
    return state.law
