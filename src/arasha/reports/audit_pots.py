"""The second reading of pots: what stays held for others when a claim is over, and who gets what.

Below audit_holds.py. In: a reading and an instant. Out: the same reading, further. It is worked out
apart from the domain (cases/pots.py) from what docs/decisions/0024-*.md says; only the rule that
divides a sum is the same (cases/allocation.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from arasha.cases.allocation import allocate
from arasha.reports.audit_reading import Reading
from arasha.reports.audit_records import Ended, HoldRead


def settle(reading: Reading, hold: HoldRead, at_ms: int) -> None:
    """What time has done to the pot of that hold by then, the earliest first."""
    while True:
        due = [
            (_next_end_ms(one), one.id, one)
            for one in _pot(reading, hold)
            if one.over_ms is None and _next_end_ms(one) <= at_ms
        ]
        if not due:
            return
        end_ms, _, one = min(due, key=lambda end: end[:2])
        if end_ms < one.until_ms:
            for part in [part for part in one.others if part[1] <= end_ms]:
                amount = one.others.pop(part)
                one.held_minor = (one.held_minor or 0) - amount
                one.let_go_minor += amount
            close_empty(reading, one, end_ms)
        else:
            over(one, "lapsed" if one.confirmed_by is None else "ended", one.until_ms)
            leave(reading, (one,), end_ms)


def over(hold: HoldRead, ended: Ended, at_ms: int) -> None:
    """It is over, in that way."""
    hold.ended, hold.over_ms = ended, at_ms


def leave(reading: Reading, holds: Iterable[HoldRead], at_ms: int) -> None:
    """These are over: what of their money others claim stays held for them."""
    law = reading.in_force()
    for hold in holds:
        rest = (hold.held_minor or 0) - max(hold.returned_minor, hold.to_return_minor or 0)
        for (first, last_ms), amount in _money(reading, hold, max(0, rest)):
            if last_ms <= at_ms:
                continue
            takers = sharers(reading, hold, at_ms)
            lacking = [lacks(reading, one, at_ms) for one in takers]
            shares = allocate(law.recall.allocation, amount, lacking)
            for one, share in zip(takers, shares, strict=True):
                _add(one, (first, last_ms), share)
            hold.held_minor = (hold.held_minor or 0) - sum(shares)
        hold.others = {}
        close_empty(reading, hold, at_ms)


def close_empty(reading: Reading, hold: HoldRead, at_ms: int) -> None:
    """Claims to nothing are over where nothing can come any more."""
    standing = [one for one in _pot(reading, hold) if one.stands(at_ms)]
    if all(one.held_minor is not None and one.held_minor <= one.returned_minor for one in standing):
        for one in standing:
            over(one, "nothing there", max(at_ms, one.answered_ms or at_ms))


def divide(reading: Reading, hold: HoldRead, at_ms: int) -> None:
    """The pot of that hold, divided by the law's rule among those that share it."""
    sharing = sharers(reading, hold, at_ms)
    had = {one.id: one.held_minor or 0 for one in sharing}
    claims = [had[one.id] + lacks(reading, one, at_ms) for one in sharing]
    shares = allocate(reading.in_force().recall.allocation, sum(had.values()), claims)
    moving: list[tuple[tuple[str, int], int]] = []
    for one, share in zip(sharing, shares, strict=True):
        goes = max(0, had[one.id] - share)
        money = _money(reading, one, goes)
        moving += money
        for part, amount in money:
            if part in one.others:
                one.others[part] -= amount
        one.others = {part: amount for part, amount in one.others.items() if amount}
        one.held_minor = had[one.id] - goes
    for one, share in zip(sharing, shares, strict=True):
        wants = max(0, share - had[one.id])
        while wants and moving:
            part, amount = moving[0]
            goes = min(wants, amount)
            _add(one, part, goes)
            wants -= goes
            moving[0] = (part, amount - goes)
            if goes == amount:
                del moving[0]


def sharers(reading: Reading, hold: HoldRead, at_ms: int) -> list[HoldRead]:
    """Who shares the pot of that hold: answered, and no return ordered; the first loss first."""
    found = [
        one
        for one in _pot(reading, hold)
        if one.stands(at_ms) and one.held_minor is not None and one.to_return_minor is None
    ]
    return sorted(found, key=lambda one: (reading.reports[one.report].paid_ms, one.id))


def lacks(reading: Reading, hold: HoldRead, at_ms: int) -> int:
    """What of its claim is held nowhere and not back."""
    report = reading.reports[hold.report]
    elsewhere = sum(
        taken_up(one, at_ms) for one in reading.holds_of[report.ground] if one is not hold
    )
    claim = min(hold.amount_minor, report.amount_minor - elsewhere)
    return max(0, claim - (hold.held_minor or 0))


def taken_up(hold: HoldRead, at_ms: int) -> int:
    """What of the disputed money a hold takes up: held, or gone back, or on its way."""
    if hold.stands(at_ms):
        return hold.weight_minor
    return max(hold.returned_minor, hold.to_return_minor or 0)


def most_back(reading: Reading, hold: HoldRead, at_ms: int) -> int:
    """The most of the pot that could be its share."""
    sharing = sharers(reading, hold, at_ms)
    if hold not in sharing:
        return hold.weight_minor
    there = sum(one.held_minor or 0 for one in sharing)
    return min((hold.held_minor or 0) + lacks(reading, hold, at_ms), there)


def went_back(hold: HoldRead, amount_minor: int) -> None:
    """So much is back: of what was first held for others, what would be free the soonest."""
    for part in sorted(hold.others, key=lambda part: (part[1], part[0])):
        goes = min(hold.others[part], amount_minor)
        amount_minor -= goes
        hold.others[part] -= goes
    hold.others = {part: amount for part, amount in hold.others.items() if amount}


def _pot(reading: Reading, hold: HoldRead) -> list[HoldRead]:
    where = (hold.account, hold.bank, hold.currency)
    return [
        one
        for one in reading.holds_at.get(hold.account, [])
        if (one.account, one.bank, one.currency) == where and one.over_ms is None
    ]


def _next_end_ms(hold: HoldRead) -> int:
    """Its end, or before it the end of money that was first held for another."""
    if hold.to_return_minor is not None and hold.returned_minor < hold.to_return_minor:
        return hold.until_ms
    return min((hold.until_ms, *(last_ms for _, last_ms in hold.others)))


def _money(
    reading: Reading, hold: HoldRead, amount_minor: int
) -> list[tuple[tuple[str, int], int]]:
    """So much of a hold's money, by whom it was first held for and until when it may be at most;
    what is free the soonest comes first.
    """
    law = reading.in_force()
    last_ms = law.hold.limit.after(hold.placed_ms, law.calendar)
    if hold.past_limit:
        last_ms = max(last_ms, hold.until_ms)
    own = (hold.held_minor or 0) - hold.returned_minor - sum(hold.others.values())
    parts = sorted(
        [((hold.id, last_ms), own), *hold.others.items()],
        key=lambda one: (one[0][1], one[0][0]),
    )
    found = []
    for part, amount in parts:
        goes = min(amount, amount_minor)
        amount_minor -= goes
        if goes > 0:
            found.append((part, goes))
    return found


def _add(hold: HoldRead, part: tuple[str, int], amount_minor: int) -> None:
    if amount_minor:
        hold.others[part] = hold.others.get(part, 0) + amount_minor
        hold.held_minor = (hold.held_minor or 0) + amount_minor
