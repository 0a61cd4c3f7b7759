"""Pots: what a bank holds at one account, and the claims of the victims who share it.

Money is held once, however many claims there are on it. A bank that finds nothing more to hold for
a second claim says so, and the claim stands on what is held there already::

    first claim   60,000 ┐                      the first is over:   40,000 stay for the second,
                         ├ 50,000 are held                           10,000 are free at once
    second claim  40,000 ┘                      a return is ordered: the law's rule divides 50,000

What is held never grows but by a bank's answer, and is never more than the claims that stand. Money
that goes from one claim to another keeps its clock (`TakenOver`): the law's longest time counts
from when it was first held, or one claim after the other could hold it for ever.

In: a state. Out: the holds of pots as an act leaves them. docs/decisions/0024-*.md says why so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from arasha.cases.allocation import allocate
from arasha.cases.law import Law
from arasha.cases.records import HOLDING, Hold, HoldStatus, TakenOver
from arasha.cases.state import State


@dataclass(slots=True)
class Pots:
    """The holds of a state as one act leaves them; the state itself is not touched."""

    state: State
    _changed: dict[str, Hold] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Hold, ...]:
        """The holds that are another now."""
        holds = self.state.holds
        return tuple(one for one in self._changed.values() if one != holds.get(one.id))

    def now(self, hold: Hold) -> Hold:
        """That hold, as the act has left it so far."""
        return self._changed.get(hold.id, hold)

    def put(self, hold: Hold) -> None:
        """The hold is so from now on."""
        self._changed[hold.id] = hold

    # --- what time does ---------------------------------------------------------------------------

    def settle(self, hold: Hold, at_ms: int) -> None:
        """Let the pot of that hold be as time has made it: each end at its own instant, so that it
        does not matter when an end is put on record.
        """
        while True:
            ends = [(one.next_end_ms, one.id) for one in self._open(hold)]
            end_ms, name = min(ends, default=(at_ms + 1, ""))
            if end_ms > at_ms:
                return
            self._end(self.now(self.state.holds[name]), end_ms)

    def _end(self, hold: Hold, end_ms: int) -> None:
        """The hold's end has come, or that of money which it took over."""
        if end_ms >= hold.until_ms:
            lapsed = hold.status is HoldStatus.PROVISIONAL
            status = HoldStatus.LAPSED if lapsed else HoldStatus.ENDED
            return self.over([replace(hold, status=status, over_ms=hold.until_ms)], end_ms)
        free = sum(one.amount_minor for one in hold.taken if end_ms >= one.last_ms)
        kept = tuple(one for one in hold.taken if end_ms < one.last_ms)
        self.put(
            replace(
                hold, held_minor=(hold.held_minor or 0) - free, taken=kept,
                let_go_minor=hold.let_go_minor + free,
            )
        )  # fmt: skip
        return self.close_empty(hold, end_ms)

    # --- claims that are over ---------------------------------------------------------------------

    def over(self, holds: Iterable[Hold], at_ms: int) -> None:
        """These are over, together: what others claim of it stays for them, the rest is free."""
        holds = list(holds)
        for hold in holds:
            self.put(hold)
        for hold in holds:
            self._pass_on(hold, at_ms)
            self.close_empty(hold, at_ms)

    def _pass_on(self, hold: Hold, at_ms: int) -> None:
        """What is not back, and not on its way, goes to claims that lack something."""
        if hold.held_minor is None:
            return
        spoken_for = max(hold.returned_minor, hold.to_return_minor or 0)
        rest = max(0, hold.held_minor - spoken_for)
        _, money = self._parted(hold, rest)
        passed = 0
        for part in money:
            if at_ms >= part.last_ms:
                continue
            takers = self.sharing(hold, at_ms)
            lacking = [self.lacks(one, at_ms) for one in takers]
            shares = allocate(self._law.recall.allocation, part.amount_minor, lacking)
            for one, share in zip(takers, shares, strict=True):
                self._give(one, replace(part, amount_minor=share))
            passed += sum(shares)
        self.put(replace(hold, held_minor=_less(hold, passed), taken=()))

    def close_empty(self, hold: Hold, at_ms: int) -> None:
        """Claims of the pot for which nothing is held are over when nothing can come any more."""
        standing = [one for one in self._open(hold) if one.holds_at(at_ms)]
        if any(one.held_minor is None or one.held_minor > one.returned_minor for one in standing):
            return
        for one in standing:
            over_ms = max(at_ms, one.answered_ms or at_ms)
            self.put(replace(one, status=HoldStatus.ENDED, over_ms=over_ms))

    # --- claims that share ------------------------------------------------------------------------

    def share(self, hold: Hold, at_ms: int) -> None:
        """Divide the pot of that hold by the law's rule over all that share it."""
        sharing = self.sharing(hold, at_ms)
        held = [one.held_minor or 0 for one in sharing]
        claims = [has + self.lacks(one, at_ms) for has, one in zip(held, sharing, strict=True)]
        shares = allocate(self._law.recall.allocation, sum(held), claims)
        assert sum(shares) == sum(held), "sharing makes no money and loses none"
        money: list[TakenOver] = []
        for one, has, share in zip(sharing, held, shares, strict=True):
            if share < has:
                less, parts = self._parted(one, has - share)
                self.put(less)
                money += parts
        for one, has, share in zip(sharing, held, shares, strict=True):
            lacking = max(0, share - has)
            while lacking:
                part = money.pop(0)
                goes = min(lacking, part.amount_minor)
                self._give(self.now(one), replace(part, amount_minor=goes))
                lacking -= goes
                if goes < part.amount_minor:
                    money.insert(0, replace(part, amount_minor=part.amount_minor - goes))

    def sharing(self, hold: Hold, at_ms: int) -> list[Hold]:
        """The holds of its pot that share what is there, the earliest payment first: those that
        stand, that the bank has answered, and whose return is not ordered.
        """
        reports = self.state.reports
        found = [
            one
            for one in self._open(hold)
            if one.holds_at(at_ms) and one.held_minor is not None and one.to_return_minor is None
        ]
        return sorted(found, key=lambda one: (reports[one.report].paid_ms, one.id))

    def lacks(self, hold: Hold, at_ms: int) -> int:
        """What it could still take: of what was asked for here, and of what its report disputes,
        as far as that is held nowhere and not back.
        """
        report = self.state.reports[hold.report]
        elsewhere = sum(
            self.now(one).takes_up_at(at_ms)
            for one in self.state.holds_of_ground(report.ground)
            if one.id != hold.id
        )
        claim = min(hold.amount_minor, report.amount_minor - elsewhere)
        return max(0, claim - (hold.held_minor or 0))

    def most_back(self, hold: Hold, at_ms: int) -> int:
        """The most that could go back for it as things are: all of the pot that it claims."""
        sharing = self.sharing(hold, at_ms)
        if all(one.id != hold.id for one in sharing):
            return hold.weight_minor
        there = sum(one.held_minor or 0 for one in sharing)
        return min((hold.held_minor or 0) + self.lacks(hold, at_ms), there)

    # --- helpers ----------------------------------------------------------------------------------

    @property
    def _law(self) -> Law:
        assert self.state.law is not None, "no act is taken without a law"
        return self.state.law

    def _open(self, hold: Hold) -> list[Hold]:
        """The holds of its pot that are not over on record."""
        found = (self.now(one) for one in self.state.holds_of_account(hold.account))
        return [one for one in found if one.pot == hold.pot and one.status in HOLDING]

    def _give(self, hold: Hold, money: TakenOver) -> None:
        """Money of another claim is held for this one from now on."""
        if not money.amount_minor:
            return
        key = (money.first, money.last_ms)
        same = sum(one.amount_minor for one in hold.taken if (one.first, one.last_ms) == key)
        others = tuple(one for one in hold.taken if (one.first, one.last_ms) != key)
        whole = replace(money, amount_minor=money.amount_minor + same)
        held = (hold.held_minor or 0) + money.amount_minor
        self.put(replace(hold, held_minor=held, taken=(*others, whole)))

    def _parted(self, hold: Hold, amount_minor: int) -> tuple[Hold, list[TakenOver]]:
        """The hold with so much less, and that money: what is free the soonest goes first."""
        law = self._law
        last_ms = law.hold.limit.after(hold.placed_ms, law.calendar)
        if hold.by_authority:
            last_ms = max(last_ms, hold.until_ms)
        others = sum(one.amount_minor for one in hold.taken)
        own = TakenOver(hold.id, _less(hold, others + hold.returned_minor), last_ms)
        given: list[TakenOver] = []
        kept: list[TakenOver] = []
        left = amount_minor
        for part in sorted((own, *hold.taken), key=lambda one: (one.last_ms, one.first)):
            goes = min(part.amount_minor, left)
            left -= goes
            if goes:
                given.append(replace(part, amount_minor=goes))
            if part is not own and goes < part.amount_minor:
                kept.append(replace(part, amount_minor=part.amount_minor - goes))
        assert left == 0, "no more is parted than is held"
        return replace(hold, held_minor=_less(hold, amount_minor), taken=tuple(kept)), given


def sent_back(hold: Hold, amount_minor: int) -> tuple[TakenOver, ...]:
    """What a hold still has of other claims' money when so much went back: that goes first."""
    kept = []
    for part in sorted(hold.taken, key=lambda one: (one.last_ms, one.first)):
        goes = min(part.amount_minor, amount_minor)
        amount_minor -= goes
        if goes < part.amount_minor:
            kept.append(replace(part, amount_minor=part.amount_minor - goes))
    return tuple(kept)


def _less(hold: Hold, amount_minor: int) -> int:
    return (hold.held_minor or 0) - amount_minor
