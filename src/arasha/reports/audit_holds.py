"""The second reading of holds and recalls: which end the law gives each, and what ended it.

Below audit_reading.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from arasha.cases import acts as a
from arasha.reports import audit_pots as pots
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import HoldRead, Prolonged, RecallRead, ReportRead


def place(reading: Reading, doing: Doing, act: a.HoldsPlaced) -> None:
    """Money is to be held: on a ground that stands, and no more than is disputed."""
    law, report = reading.in_force(), reading.reports.get(act.report)
    if report is None:
        return reading.found("ground", doing, act.report, "money was held on no report")
    if report.attested_ms is None:
        reading.found("ground", doing, f"h{doing.seq}",
                      f"held on report {report.id}, for which no bank stands")  # fmt: skip
    if report.fell_ms is not None:
        reading.found("outlived", doing, f"h{doing.seq}",
                      f"held on report {report.id}, which had fallen")  # fmt: skip
    others = reading.holds_of.setdefault(report.ground, [])
    taken = sum(pots.taken_up(one, doing.at_ms) for one in others)
    if taken + sum(target.amount_minor for target in act.targets) > report.amount_minor:
        reading.found("amount", doing, f"h{doing.seq}", "more is held than is disputed")
    until_ms = law.hold.provisional.after(doing.at_ms, law.calendar)
    for number, target in enumerate(act.targets):
        hold = HoldRead(
            id=f"h{doing.seq}.{number}", seq=doing.seq, report=report.id, account=target.account,
            bank=target.bank, amount_minor=target.amount_minor, currency=report.currency,
            law=law.hash, author=doing.by.name, placed_ms=doing.at_ms, until_ms=until_ms,
            said_until_ms=until_ms,
            attested_by=None if report.attested_ms is None else report.bank, hands=doing.hands,
        )  # fmt: skip
        if any(one.account == target.account for one in others):
            reading.found("amount", doing, hold.id, "the same money is held twice at one account")
        if target.account == report.payer:
            reading.found("ground", doing, hold.id, "the victim's own account is held")
        others.append(hold)
        reading.holds[hold.id] = hold
        reading.holds_at.setdefault(hold.account, []).append(hold)
        reading.references[target.reference] = hold.id
    return None


def answer(reading: Reading, doing: Doing, act: a.HoldAnswered) -> None:
    """What the bank could hold beside what it holds there already."""
    hold = _standing(reading, doing, act.hold, "answered")
    if hold is None:
        return
    if act.held_minor > hold.amount_minor:
        reading.found("amount", doing, hold.id, "more was held than was asked for")
    if doing.by.name != hold.bank:
        reading.found("role", doing, hold.id, f"{doing.by.name} answered for {hold.bank}")
    pots.settle(reading, hold, doing.at_ms)
    hold.held_minor, hold.answered_ms = act.held_minor, doing.at_ms
    pots.close_empty(reading, hold, doing.at_ms)


def confirm(reading: Reading, doing: Doing, act: a.HoldConfirmed) -> None:
    """An officer's word gives it the law's term, if it still stood."""
    hold = _standing(reading, doing, act.hold, "confirmed")
    if hold is None:
        return
    if doing.by.name in hold.hands:
        reading.found("people", doing, hold.id, f"{doing.by.name} confirmed an own hold")
    law = reading.in_force()
    until_ms = min(
        law.hold.confirmed.after(hold.placed_ms, law.calendar),
        law.hold.limit.after(hold.placed_ms, law.calendar),
    )
    if hold.stands(doing.at_ms):
        hold.until_ms = max(hold.until_ms, until_ms)
    hold.said_until_ms = max(hold.said_until_ms, until_ms)
    hold.basis, hold.confirmed_by = act.basis, doing.by.name
    hold.hands |= doing.hands


def review(reading: Reading, doing: Doing, act: a.HoldReviewed) -> None:
    """Somebody has looked again."""
    hold = _standing(reading, doing, act.hold, "reviewed")
    if hold is not None:
        hold.hands |= doing.hands


def prolong(reading: Reading, doing: Doing, act: a.HoldProlonged) -> None:
    """A later end, as far as the law lets it be so late."""
    hold = _standing(reading, doing, act.hold, "prolonged")
    if hold is None:
        return
    pots.settle(reading, hold, doing.at_ms)
    law = reading.in_force()
    days, terms = law.calendar, law.hold
    past_limit = act.until_ms > terms.limit.after(hold.placed_ms, days)
    each, last = (
        (terms.authority_each, terms.authority_limit)
        if past_limit
        else (terms.prolonging, terms.limit)
    )
    latest_ms = min(each.after(hold.until_ms, days), last.after(hold.placed_ms, days))
    if act.until_ms > latest_ms:
        reading.found("end", doing, hold.id, "it was prolonged past what the law allows")
    if hold.confirmed_by is None:
        reading.found("people", doing, hold.id, "it was prolonged, and nobody had confirmed it")
    if hold.stands(doing.at_ms):
        hold.until_ms = max(hold.until_ms, min(act.until_ms, latest_ms))
        if past_limit:
            hold.past_limit = True
            _hold_others_on(reading, hold)
    hold.said_until_ms = max(hold.said_until_ms, act.until_ms)
    hold.prolonged.append(Prolonged(act.until_ms, doing.by.name, doing.seconds))
    hold.hands |= doing.hands


def release(reading: Reading, doing: Doing, act: a.HoldReleased) -> None:
    """It ends now."""
    hold = reading.holds.get(act.hold)
    if hold is None:
        return reading.found("order", doing, act.hold, "what nobody held was released")
    return released(reading, doing, hold, act.why)


def _hold_others_on(reading: Reading, hold: HoldRead) -> None:
    """What was first held for another is held on with the authority's consent, by its own clock."""
    law = reading.in_force()
    later: dict[tuple[str, int], int] = {}
    for (first, last_ms), amount in hold.others.items():
        each_ms = law.hold.authority_each.after(last_ms, law.calendar)
        limit_ms = law.hold.authority_limit.after(reading.holds[first].placed_ms, law.calendar)
        part = (first, max(last_ms, min(hold.until_ms, each_ms, limit_ms)))
        later[part] = later.get(part, 0) + amount
    hold.others = later


def end(reading: Reading, doing: Doing, act: a.HoldEnded) -> None:
    """Its end is put on record; it was over from then on, whenever that is noted. Or the end of
    what was first held for another, which it does not hold on.
    """
    hold = reading.holds.get(act.hold)
    if hold is None:
        return reading.found("order", doing, act.hold, "what nobody held has ended")
    if hold.over_ms is not None:
        return None
    before = hold.let_go_minor
    pots.settle(reading, hold, doing.at_ms)
    if hold.let_go_minor == before and hold.over_ms is None:
        pots.over(hold, "lapsed" if hold.confirmed_by is None else "ended", doing.at_ms)
        pots.leave(reading, (hold,), doing.at_ms)
    return None


def released(reading: Reading, doing: Doing, hold: HoldRead, why: str) -> None:
    """The hold is free, and its recall waits for it no longer."""
    freed(reading, doing, (hold,), why)
    recall = reading.recall_of.get(hold.report)
    if recall is not None and recall.is_returning and not recall.is_over:
        recall.is_over = not _waiting(reading, recall)


def freed(reading: Reading, doing: Doing, holds: Sequence[HoldRead], why: str) -> None:
    """They end now, and nothing of them goes back any more; what others claim stays for those."""
    for hold in holds:
        pots.settle(reading, hold, doing.at_ms)
    standing = [hold for hold in holds if hold.stands(doing.at_ms)]
    for hold in standing:
        pots.over(hold, "released", doing.at_ms)
        hold.why, hold.released_by = why, doing.by.name
        hold.hands |= doing.hands
        if hold.to_return_minor is not None:
            hold.to_return_minor = hold.returned_minor
    pots.leave(reading, standing, doing.at_ms)


def fallen(reading: Reading, doing: Doing, reports: Sequence[ReportRead], why: str) -> None:
    """The reports are no ground any more: from this instant nothing may stand on them."""
    reports = [report for report in reports if report.fell_ms is None]
    for report in reports:
        report.fell_ms = doing.at_ms
        recall = reading.recall_of.get(report.id)
        if recall is not None and not recall.is_over:
            _cancel(reading, doing, recall)
    theirs = [
        hold
        for report in reports
        for hold in reading.holds_of.get(report.ground, [])
        if hold.report == report.id
    ]
    freed(reading, doing, [hold for hold in theirs if hold.stands(doing.at_ms)], why)


def _standing(reading: Reading, doing: Doing, name: str, what: str) -> HoldRead | None:
    """The hold that something was done to; whoever treats it as standing when it is over breaks
    the law that this audit is for.
    """
    hold = reading.holds.get(name)
    if hold is None:
        reading.found("order", doing, name, f"what nobody held was {what}")
        return None
    if not hold.stands(doing.at_ms):
        report = reading.reports[hold.report]
        over = "its ground had fallen" if report.fell_ms is not None else "its end had come"
        reading.found("outlived", doing, name, f"it was {what} when {over}")
    return hold


# Recalls.


def open_recall(reading: Reading, doing: Doing, act: a.RecallOpened) -> None:
    """The money of a report is asked back."""
    recall = RecallRead(f"r{doing.seq}", act.report, hands=doing.hands)
    reading.recalls[recall.id] = reading.recall_of[act.report] = recall


def send(reading: Reading, doing: Doing, act: a.RecallSent) -> None:
    """Every bank that holds something is asked for it."""
    recall = reading.recalls.get(act.recall)
    report = None if recall is None else reading.reports.get(recall.report)
    if recall is None or report is None:
        return reading.found("order", doing, act.recall, "there is no such recall")
    held = reading.holds_of.get(report.ground, [])
    recall.asked = tuple(
        one.id for one in held if one.report == report.id and one.stands(doing.at_ms)
    )
    recall.hands |= doing.hands
    return None


def answer_recall(reading: Reading, doing: Doing, act: a.RecallAnswered) -> None:
    """What a bank says; where none of them gives anything back, the recall is over."""
    recall = reading.recalls.get(act.recall)
    if recall is None:
        return reading.found("order", doing, act.recall, "there is no such recall")
    hold = reading.holds.get(act.hold)
    if act.amount_minor and (hold is None or hold.held_minor is None):
        reading.found("order", doing, act.hold, "agreed to give back what nobody said is held")
    recall.answers[act.hold] = act.amount_minor
    if hold is not None:
        pots.settle(reading, hold, doing.at_ms)
        most = pots.most_back(reading, hold, doing.at_ms)
        if act.amount_minor == hold.held_minor or act.amount_minor >= most:
            recall.whole.add(hold.id)
    if len(recall.answers) >= len(recall.asked) and not any(recall.answers.values()):
        recall.is_over = True
    return None


def order_return(reading: Reading, doing: Doing, act: a.ReturnOrdered) -> None:
    """What goes back: of each account's pot the share that the law's rule gives."""
    recall = reading.recalls.get(act.recall)
    if recall is None:
        return reading.found("order", doing, act.recall, "there is no such recall")
    law = reading.in_force()
    if law.recall.sanction and act.notice is None:
        reading.found("people", doing, recall.id, "money went back without the law's notice")
    asked = [
        hold
        for name, amount in recall.answers.items()
        if amount and (hold := reading.holds.get(name)) is not None
    ]
    for hold in asked:
        pots.settle(reading, hold, doing.at_ms)
    own = [hold for hold in asked if hold.stands(doing.at_ms)]
    for hold in own:
        _give_back(reading, doing, recall, hold)
    recall.is_returning = True
    recall.is_over = not any(hold.to_return_minor for hold in own)
    recall.hands |= doing.hands
    return None


def _give_back(reading: Reading, doing: Doing, recall: RecallRead, hold: HoldRead) -> None:
    """Its share of the pot is to go back; without one it is over."""
    if hold.held_minor is None or hold.to_return_minor is not None:
        return
    pots.divide(reading, hold, doing.at_ms)
    share = hold.held_minor
    if hold.id not in recall.whole:
        share = min(share, recall.answers[hold.id])
    hold.to_return_minor = share
    hold.hands |= doing.hands
    if not share:
        pots.over(hold, "nothing there", doing.at_ms)
        pots.leave(reading, (hold,), doing.at_ms)


def returned(reading: Reading, doing: Doing, act: a.MoneyReturned) -> None:
    """Money went back; a hold of which all has is over."""
    recall, hold = reading.recalls.get(act.recall), reading.holds.get(act.hold)
    if recall is None or hold is None:
        return reading.found("order", doing, act.recall, "money came back that nobody asked for")
    if act.fact is not None and act.fact in hold.returned_by:
        reading.found("amount", doing, hold.id, "the same return was counted twice")
    pots.settle(reading, hold, doing.at_ms)
    hold.returned_by |= {act.fact} if act.fact is not None else set()
    hold.returned_minor += act.amount_minor
    pots.went_back(hold, act.amount_minor)
    if hold.returned_minor > (hold.to_return_minor or 0):
        reading.found("amount", doing, hold.id, "more went back than was ordered")
    if hold.returned_minor == hold.to_return_minor and hold.over_ms is None:
        pots.over(hold, "returned", doing.at_ms)
        pots.leave(reading, (hold,), doing.at_ms)
    recall.is_over = recall.is_over or (recall.is_returning and not _waiting(reading, recall))
    return None


def cancel(reading: Reading, doing: Doing, act: a.RecallCancelled) -> None:
    """Nothing more is asked back."""
    recall = reading.recalls.get(act.recall)
    if recall is None:
        return reading.found("order", doing, act.recall, "there is no such recall")
    return _cancel(reading, doing, recall)


def _cancel(reading: Reading, doing: Doing, recall: RecallRead) -> None:
    recall.is_over = True
    recall.hands |= doing.hands
    for name in recall.asked:
        hold = reading.holds[name]
        if hold.to_return_minor is not None:
            hold.to_return_minor = hold.returned_minor


def _waiting(reading: Reading, recall: RecallRead) -> bool:
    """Whether anything is still to come back."""
    asked = [reading.holds[name] for name in recall.asked]
    return any(
        one.to_return_minor is not None and one.returned_minor < one.to_return_minor
        for one in asked
    )


How = Callable[..., None]

HOW: Final[Mapping[type[Any], How]] = {
    a.HoldsPlaced: place,
    a.HoldAnswered: answer,
    a.HoldConfirmed: confirm,
    a.HoldReviewed: review,
    a.HoldProlonged: prolong,
    a.HoldReleased: release,
    a.HoldEnded: end,
    a.RecallOpened: open_recall,
    a.RecallSent: send,
    a.RecallAnswered: answer_recall,
    a.ReturnOrdered: order_return,
    a.MoneyReturned: returned,
    a.RecallCancelled: cancel,
}
"""How each act is read."""
