"""Who judges: nobody, each bank on its own data, or the centre beside the banks.

Where on the path: *judged* and *decided*, in the closed loop. In: slices of happenings from the
world (loop.py). Out: an action for each payment, and a note of who said what of it. Each judge is
the engine's own ``decide`` with windows of its own, over what it sees (views.py) and nothing else::

    a payment from bank A to bank B      bank A's judge   the centre's judge
    what is done                         the stronger of the two
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import Happenings, merged
from arasha.country.kernels_life import MOVED
from arasha.country.payments_seen import PaymentsSeen
from arasha.country.views import Banks, CentreView, Parties, seen_by_bank, sent_by
from arasha.engine.decide import Centre, Decided, decide
from arasha.engine.unkept import Unkept
from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.policy.judge import Judge

AT_ONCE: Final = 1 << 16
"""Happenings judged in one go where nobody waits for the answer."""

UNJUDGED: Final = -1
"""The score of a payment that a judge did not see."""

Actions = NDArray[np.uint8]
FactsOf = Callable[[Happenings], Facts]
BankOf = Callable[[], Banks]
OnDecided = Callable[[Decided], None]


class Arm(Enum):
    """What is compared."""

    NOBODY = "no centre"
    BANKS = "each bank on its own data"
    CENTRE = "the centre's view of all"


@dataclass(frozen=True, slots=True)
class Notes:
    """n payments in order: what they were, and what was said of them.

    ``truth`` and ``script`` as in happenings.py; scores are `UNJUDGED` where a judge did not see
    the payment; ``action`` is what was done, ``became`` what came of it (kernels_life.py).
    """

    payment: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    payer: NDArray[np.int32]
    amount: NDArray[np.int64]
    truth: NDArray[np.uint8]
    script: NDArray[np.int32]
    bank_action: Actions
    bank_score: NDArray[np.int32]
    centre_action: Actions
    centre_score: NDArray[np.int32]
    action: Actions
    became: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.payment)

    def take(self, rows: NDArray[Any]) -> Notes:
        """Those rows, in that order."""
        return Notes(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def joined(parts: list[Notes]) -> Notes:
    """All notes, in order."""
    if not parts:
        return _noted(merged([]), np.zeros(0, np.intp))
    columns = [f.name for f in fields(Notes)]
    return Notes(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in columns})


class Seat:
    """One judge at its place: what it has seen is in its windows and nowhere else, but for the
    payments ``seen`` where it has them to follow money with.
    """

    def __init__(self, judge: Judge, centre: Centre | None = None) -> None:
        self._centre = centre or Centre(Unkept(), judge, judge.fresh_state())
        self.seen: PaymentsSeen | None = None

    def judge(self, facts: Facts, *, reasons: bool = False) -> Decided:
        """The engine's path, on a log that forgets."""
        if self.seen is not None:
            self.seen.see(facts)
        return decide(self._centre, facts, reasons=reasons)

    def copy(self) -> Seat:
        """Another one that has seen the same."""
        judge, state = self._centre.judge, self._centre.judge.fresh_state()
        state.restore({name: array.copy() for name, array in self._centre.state.save().items()})
        seat = Seat(judge, Centre(deepcopy(self._centre.log), judge, state))
        seat.seen = None if self.seen is None else self.seen.copy()
        return seat


@dataclass(slots=True)
class Seats:
    """A judge at each bank, and perhaps one at the centre."""

    banks: list[Seat]
    centre: Seat | None
    view: CentreView

    @staticmethod
    def of(judge: Judge, banks: int, *, centre: bool) -> Seats:
        """Seats of judges that have seen nothing."""
        return Seats(
            [Seat(judge) for _ in range(banks)], Seat(judge) if centre else None, CentreView()
        )

    def follow(self) -> None:
        """From now on each seat holds the payments it sees, to follow money with."""
        for seat in self._all():
            seat.seen = PaymentsSeen()

    def forget(self) -> None:
        """No more of that."""
        for seat in self._all():
            seat.seen = None

    def _all(self) -> list[Seat]:
        return [*self.banks, *([] if self.centre is None else [self.centre])]

    def copy(self, *, centre: bool) -> Seats:
        """Others that have seen the same; with the centre's or without."""
        chair = self.centre.copy() if centre and self.centre is not None else None
        return Seats([seat.copy() for seat in self.banks], chair, deepcopy(self.view))


class Bench:
    """The judges of one arm, in the form in which the world asks them (loop.Judging).

    ``facts_of`` makes facts of happenings as the senders see them, ``bank_of`` tells the bank of
    each account. Without seats they sleep: every payment is allowed and nothing is noted. Once they
    ``watch`` they note what they would do, once they ``act`` it is done.
    """

    def __init__(self, facts_of: FactsOf, bank_of: BankOf) -> None:
        self._facts_of, self._bank_of = facts_of, bank_of
        self._seats: Seats | None = None
        self._acting = False
        self._told: OnDecided | None = None
        self._waiting: list[Happenings] = []
        self._notes: list[Notes] = []
        self._became: list[tuple[NDArray[np.int64], NDArray[np.uint8]]] = []

    def watch(self, seats: Seats) -> None:
        """From now on they see and note, and every payment is allowed."""
        self._seats = seats

    def act(self, on_decided: OnDecided | None = None) -> None:
        """From now on what they say is done; ``on_decided`` is told it all, with reasons."""
        self.catch_up()
        self._acting, self._told = True, on_decided

    def judge(self, some: Happenings) -> Actions:
        """What is to be done about each payment of a slice, in order."""
        if self._acting and self._seats is not None:
            return self._judged(some, self._seats).action
        if self._seats is not None:
            self._waiting.append(some)
            if sum(map(len, self._waiting)) >= AT_ONCE:
                self.catch_up()
        return np.zeros(int((some.kind == Kind.PAYMENT).sum()), np.uint8)

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """What became of payments; of one that was held, told again later, the last counts."""
        if self._seats is not None:
            self._became.append((serials, became))

    def notes(self) -> Notes:
        """All payments since they began to watch."""
        self.catch_up()
        notes = joined(self._notes)
        for serials, became in self._became:
            at = np.searchsorted(notes.payment, serials)
            noted = at < len(notes)
            noted[noted] = notes.payment[at[noted]] == serials[noted]
            notes.became[at[noted]] = became[noted]
        return notes

    def catch_up(self) -> None:
        """See at once what was put off, for nobody waits for an answer."""
        if self._waiting and self._seats is not None:
            some, self._waiting = merged(self._waiting), []
            self._judged(some, self._seats)

    def _judged(self, some: Happenings, seats: Seats) -> Notes:
        facts, parties = self._facts_of(some), Parties.of(some, self._bank_of())
        payments = np.flatnonzero(some.kind == Kind.PAYMENT)
        actions = np.zeros((2, len(some)), np.uint8)
        scores = np.full((2, len(some)), UNJUDGED, np.int32)
        for bank, seat in enumerate(seats.banks):
            seen = np.flatnonzero(seen_by_bank(bank, some, parties))
            self._ask(seat, facts, seen, sent_by(bank, some, parties), actions[0], scores[0])
        if seats.centre is not None:
            mask = seats.view.seen(some, parties)
            self._ask(seats.centre, facts, np.flatnonzero(mask), mask, actions[1], scores[1])
        notes = _noted(
            some, payments, actions[0], scores[0], actions[1], scores[1], acting=self._acting
        )
        self._notes.append(notes)
        return notes

    def _ask(
        self,
        seat: Seat,
        facts: Facts,
        seen: NDArray[np.intp],
        judged: NDArray[np.bool_],
        actions: Actions,
        scores: NDArray[np.int32],
    ) -> None:
        """Let one judge see those rows, and note what it says of the ``judged`` ones."""
        if not len(seen):
            return
        decided = seat.judge(facts.take(seen), reasons=self._told is not None)
        rows = seen[decided.payments]
        own = judged[rows]
        actions[rows[own]] = decided.decisions.action[own]
        scores[rows[own]] = decided.decisions.score[own]
        if self._told is not None:
            self._told(decided)


def _noted(
    some: Happenings,
    rows: NDArray[np.intp],
    bank_action: Actions | None = None,
    bank_score: NDArray[np.int32] | None = None,
    centre_action: Actions | None = None,
    centre_score: NDArray[np.int32] | None = None,
    *,
    acting: bool = False,
) -> Notes:
    def at(column: Any, kind: Any, missing: int) -> NDArray[Any]:
        return np.full(len(rows), missing, kind) if column is None else column[rows]

    banks, centre = at(bank_action, np.uint8, 0), at(centre_action, np.uint8, 0)
    done = np.maximum(banks, centre) if acting else np.zeros(len(rows), np.uint8)
    return Notes(
        some.payment[rows], some.time_ms[rows], some.first[rows], some.amount[rows],
        some.truth[rows], some.script[rows], banks, at(bank_score, np.int32, UNJUDGED), centre,
        at(centre_score, np.int32, UNJUDGED), done, np.full(len(rows), MOVED, np.uint8),
    )  # fmt: skip
