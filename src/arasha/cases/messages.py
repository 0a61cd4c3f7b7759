"""What participants must hear of because of an act: plain records, each to one participant.

In: the state before an act, and the records that it made. Out: messages, a function of the log
alone, so what is due can be found again at any time (cases/projection.py hands them out entry by
entry; exchange delivers them). ``account`` and ``party`` are tokens of this installation: who
delivers opens them in the vault and seals the identifier to the receiver, as tokens never travel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from arasha.cases.acts import ReleaseWhy
from arasha.cases.pots import Pots
from arasha.cases.records import (
    HOLDING,
    Complaint,
    Hold,
    HoldStatus,
    Listing,
    Recall,
    RecallStatus,
    Report,
)
from arasha.cases.state import Changes, State


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """Hold min(balance without protected income, ``amount_minor``), beside what you hold there for
    other orders; tell the customer, who gets the ``reference`` to appeal with; answer by
    ``answer_by_ms``.
    """

    to: str
    hold: str
    account: str
    amount_minor: int
    currency: int
    reference: str
    until_ms: int
    answer_by_ms: int
    protected: tuple[str, ...]
    law: str


@dataclass(frozen=True, slots=True)
class HoldLasts:
    """The hold now ends then: it was confirmed, or prolonged."""

    to: str
    hold: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class HoldShares:
    """The order, for ``claim_minor``, shares what you hold at the account for all orders: of that
    ``held_minor`` is held for this one now. Whichever of them ends, free no more of it than those
    leave that stand. A ``hold_part`` follows for each part of it that was another's.
    """

    to: str
    hold: str
    held_minor: int
    claim_minor: int
    currency: int


@dataclass(frozen=True, slots=True)
class HoldPart:
    """Of what is held for this order so much was first held for the order ``first``: it is free at
    ``until_ms``, or when this order ends, whichever comes first.
    """

    to: str
    hold: str
    first: str
    amount_minor: int
    currency: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class HoldOver:
    """Hold nothing for it any longer. What then stays held for others that share with it, their
    ``hold_shares`` in the same entry says.
    """

    to: str
    hold: str
    why: ReleaseWhy | None


@dataclass(frozen=True, slots=True)
class AttestationAsked:
    """Urgent: your customer says that money was taken. Say whether you stand for it. ``source``:
    who says so, a ``participant`` or a ``citizen``; a citizen's lapses if nobody answers.
    """

    to: str
    report: str
    payment: str | None
    amount_minor: int
    currency: int
    source: str = "participant"
    answer_by_ms: int | None = None


@dataclass(frozen=True, slots=True)
class RecallAsked:
    """Give back what you hold, at most ``amount_minor``; answer (camt.029) by ``answer_by_ms``.
    Where orders share what you hold, each asks for all that it claims of it, and what goes back is
    the law's share. A camt.056 follows, where the payment is known by which the money ``came``.
    """

    to: str
    recall: str
    hold: str
    amount_minor: int
    currency: int
    answer_by_ms: int
    came: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnAsked:
    """Send so much back (pacs.004) by ``by_ms``, on the authority's ``notice`` if there is one."""

    to: str
    recall: str
    hold: str
    amount_minor: int
    currency: int
    by_ms: int
    notice: str | None


@dataclass(frozen=True, slots=True)
class RecallMoved:
    """To the victim's bank: where its recall stands."""

    to: str
    recall: str
    report: str
    status: RecallStatus
    returned_minor: int


@dataclass(frozen=True, slots=True)
class ListingOver:
    """To everybody who was told of it: the party is listed no longer."""

    to: str
    listing: str
    party: str
    why: ReleaseWhy | None


Message: TypeAlias = (
    HoldOrder | HoldLasts | HoldShares | HoldPart | HoldOver | AttestationAsked | RecallAsked
    | ReturnAsked | RecallMoved | ListingOver
)  # fmt: skip
"""Any of them. ``to`` is a participant's name."""


def messages_of(before: State, changes: Changes) -> list[Message]:
    """What is due because of these records, in their order; ``before`` has not taken them yet."""
    found: list[Message] = []
    for change in changes:
        match change:
            case Hold():
                found += _of_hold(before, change)
            case Report():
                found += _of_report(before, change)
            case Complaint():
                found += _of_complaint(before, change)
            case Recall():
                found += _of_recall(before, change, changes)
            case Listing():
                found += _of_listing(before, change)
            case _:
                pass
    return found


def _of_hold(before: State, hold: Hold) -> Iterator[Message]:
    old = before.holds.get(hold.id)
    law = before.law
    assert law is not None, "nothing is held without a law"
    if old is None:
        yield HoldOrder(
            hold.bank, hold.id, hold.account, hold.amount_minor, hold.currency, hold.reference,
            hold.until_ms, hold.answer_due_ms, law.hold.protected, hold.law,
        )  # fmt: skip
        return
    if hold.status in HOLDING:
        if hold.until_ms != old.until_ms:
            yield HoldLasts(hold.bank, hold.id, hold.until_ms)
        yield from _of_share(before, hold, old)
    elif old.status in HOLDING and not (hold.held_minor == 0 and old.held_minor is None):
        all_back = (
            hold.returned_minor > old.returned_minor and hold.returned_minor == old.held_minor
        )
        if not (
            hold.status is HoldStatus.ENDED and all_back
        ):  # with the last of it: the bank knows
            yield HoldOver(hold.bank, hold.id, hold.why)


def _of_share(before: State, hold: Hold, old: Hold) -> Iterator[Message]:
    """What is held for it, where that hangs on others at the account and its bank cannot know."""
    if hold.held_minor is None or hold.returned_minor > old.returned_minor:
        return
    if old.held_minor is None:
        others = (one for one in before.holds_of_account(hold.account) if one.id != hold.id)
        shared = any(one.pot == hold.pot and one.status in HOLDING for one in others)
        if hold.held_minor == hold.amount_minor or not shared:
            return
    elif (hold.held_minor, hold.taken) == (old.held_minor, old.taken):
        return
    there = hold.held_minor - hold.returned_minor
    yield HoldShares(hold.bank, hold.id, there, hold.amount_minor, hold.currency)
    for part in hold.taken:
        yield HoldPart(
            hold.bank, hold.id, part.first, part.amount_minor, hold.currency, part.last_ms
        )


def _of_report(before: State, report: Report) -> Iterator[Message]:
    if report.id not in before.reports and not report.attested:
        yield AttestationAsked(
            report.bank, report.id, report.payment, report.amount_minor, report.currency
        )


def _of_complaint(before: State, complaint: Complaint) -> Iterator[Message]:
    if complaint.id not in before.complaints:
        yield AttestationAsked(
            complaint.bank, complaint.id, complaint.payment, complaint.amount_minor,
            complaint.currency, "citizen", complaint.answer_due_ms,
        )  # fmt: skip


def _of_recall(before: State, recall: Recall, changes: Changes) -> Iterator[Message]:
    old = before.recalls.get(recall.id)
    report = before.reports[recall.report]
    if old is None or (old.status, old.returned_minor) != (recall.status, recall.returned_minor):
        yield RecallMoved(report.bank, recall.id, report.id, recall.status, recall.returned_minor)
    if old is not None and not old.asked:
        pots = Pots(before)
        for asked in (before.holds[name] for name in recall.asked):
            yield RecallAsked(
                asked.bank,
                recall.id,
                asked.id,
                pots.most_back(asked, before.at_ms),
                asked.currency,
                recall.due_ms,
                asked.came,
            )
    if (
        recall.status is RecallStatus.RETURNING
        and old is not None
        and old.status is not (RecallStatus.RETURNING)
    ):
        for hold in (one for one in changes if isinstance(one, Hold)):
            if hold.id in recall.asked and hold.to_return_minor:
                yield ReturnAsked(
                    hold.bank, recall.id, hold.id, hold.to_return_minor, hold.currency,
                    recall.due_ms, recall.notice,
                )  # fmt: skip


def _of_listing(before: State, listing: Listing) -> Iterator[Message]:
    old = before.listings.get(listing.id)
    if old is not None and old.status == "listed" and listing.status != "listed":
        for name in sorted(listing.told):
            yield ListingOver(name, listing.id, listing.party, listing.why)
