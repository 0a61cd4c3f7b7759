"""Stories for the driver: victims of one account, each on the way from a report to its return.

A story yields who does what next. Several are told in turns, with anything else in between, so that
holds of one pot are at every step when another's is placed, ends, is appealed or goes back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor
from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.pots import Pots
from arasha.cases.records import Hold
from cases_samples import (
    ANALYST,
    BANK,
    HELD,
    KZT,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    SECOND,
    SECOND_OFFICER,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
)

Step = tuple[Actor, Act]
AMOUNTS = (100_000, 60_000, 70_001, 3, 1)
BALANCES = (0, 1, 50_000, 99_999, 200_000)


@dataclass
class Banks:
    """What is free at each account: a bank finds no more to hold than that."""

    chance: random.Random
    free: dict[str, int] = field(default_factory=dict)

    def holds(self, hold: Hold) -> tuple[int, a.Short]:
        """What it holds for an order, and why it is less. What is freed later comes in no more."""
        there = self.free.setdefault(hold.account, self.chance.choice(BALANCES))
        found = min(there, hold.amount_minor)
        self.free[hold.account] = there - found
        return found, "none" if found == hold.amount_minor else "balance"


def victim(room: Room, chance: random.Random, banks: Banks, number: int) -> Iterator[Step]:
    """One victim's story: most of the money is at the mule's account, some may have gone on."""
    amount = chance.choice(AMOUNTS)
    name = f"{chance.randrange(1 << 60):032x}"
    yield CENTRE, a.ReportTaken(
        report=name, place=len(room.entries) * 10, sender=VICTIMS_BANK, bank=VICTIMS_BANK,
        amount_minor=amount, currency=KZT, payer=VICTIM, payee=MULE, payee_bank=BANK,
        paid_ms=room.at_ms - chance.randrange(HOUR_MS), payment=f"{number:032x}", attested=True,
    )  # fmt: skip
    here = amount if chance.random() < 0.7 else chance.randrange(1, amount + 1)
    targets = [a.Target(MULE, BANK, here, room.reference())]
    if here < amount:
        targets.append(a.Target(SECOND, OTHER_BANK, amount - here, room.reference()))
    yield CENTRE, a.HoldsPlaced(name, tuple(targets))
    for hold in _holds(room, name):
        held, short = banks.holds(hold)
        yield bank(hold.bank), a.HoldAnswered(hold.id, held, short)
    missing = amount - sum(one.weight_minor for one in _holds(room, name))
    if missing and here == amount and chance.random() < 0.3:
        yield (
            CENTRE,
            a.HoldsPlaced(name, (a.Target(SECOND, OTHER_BANK, missing, room.reference()),)),
        )  # what is not there is looked for elsewhere
    if chance.random() < 0.7:
        for hold in _holds(room, name):
            yield OFFICER, a.HoldConfirmed(hold.id, "kz:25-1")
    if chance.random() < 0.2:
        yield from _prolonged(room, chance, name)
    yield from _recall(room, chance, name)


def _prolonged(room: Room, chance: random.Random, report: str) -> Iterator[Step]:
    """To the law's limit by two officers, past it with the authority; or an analyst frees it."""
    law = room.state.law
    assert law is not None
    for hold in _holds(room, report):
        if chance.random() < 0.3:
            yield ANALYST, a.HoldReleased(hold.id, "not_fraud")
        limit_ms = law.hold.limit.after(hold.placed_ms, law.calendar)
        for until_ms in (limit_ms, limit_ms + chance.choice((1, 20 * DAY_MS))):
            later = a.HoldProlonged(hold.id, until_ms)
            yield OFFICER, a.Requested(later)
            yield from _approved(room, later)


def _approved(room: Room, what: a.Askable) -> Iterator[Step]:
    for name in reversed(room.state.open_requests):
        if room.state.requests[name].what == what:
            yield SECOND_OFFICER, a.RequestApproved(name, a.content_of(what))
            yield PROSECUTOR, a.RequestApproved(name, a.content_of(what))
            return


def _recall(room: Room, chance: random.Random, report: str) -> Iterator[Step]:
    yield bank(VICTIMS_BANK), a.RecallOpened(report)
    recall = room.state.recall_of.get(report)
    if recall is None:
        return
    yield CENTRE, a.RecallSent(recall)
    for hold in _holds(room, report):
        most = Pots(room.state).most_back(hold, room.at_ms)
        agreed = most if chance.random() < 0.8 else chance.randrange(most + 1)
        answer: a.RecallAnswer = "accepted" if agreed else "rejected"
        yield bank(hold.bank), a.RecallAnswered(recall, hold.id, answer, agreed)
    for hold in _holds(room, report):
        yield HELD, a.ReceiverAgreed(hold.reference)
    if chance.random() < 0.1:
        yield OFFICER, a.Requested(a.ReturnOrdered(recall))
    order = a.ReturnOrdered(recall, "notice-1")
    yield OFFICER, a.Requested(order)
    yield from _approved(room, order)
    for hold in _holds(room, report):
        for part in (2, 1):
            rest = (hold.to_return_minor or 0) - room.hold_now(hold).returned_minor
            if rest > 0 and (part == 1 or chance.random() < 0.3):
                yield bank(hold.bank), a.MoneyReturned(recall, hold.id, max(1, rest // part))


def _holds(room: Room, report: str) -> list[Hold]:
    return list(room.state.holds_of_report(report))
