"""Makes a shift: a small country is lived, and what its centre holds becomes the cases.

In: a seed. Out: on standard output the shift as JSON (shift.py). It is a process of its own, so
that no payment of the real centre waits for it: ``python -m arasha.app.practice.making SEED``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.app.practice.shift import CASES, Held, PracticeCase, Shift, Truth, Why
from arasha.app.shipped import default_policy
from arasha.country.busy import busy
from arasha.country.facts import TENGE, Reader
from arasha.country.happenings import ACTIVE_CALL, FRAUD, LAUNDERING, Happenings
from arasha.country.loop import Life
from arasha.country.names import bank_codes
from arasha.country.scene import reasons_of
from arasha.country.script import DAY_MS, Story
from arasha.country.society import Society
from arasha.country.views import CentreView, Parties
from arasha.engine.decide import Centre, Decided, decide
from arasha.engine.unkept import Unkept
from arasha.events.decisions import ACTIONS, TOLD_SHIFT
from arasha.events.schema import Kind
from arasha.policy.definition import GROUPS
from arasha.policy.document import load
from arasha.policy.judge import Judge
from arasha.policy.reasons import ABOUT
from arasha.policy.texts import LANGUAGES

PEOPLE: Final = 2_500
FIRST_DAY: Final = date(2026, 3, 2)
WARM_UP_DAYS: Final = 4
MOST_DAYS: Final = 9
"""Days after which a shift is as long as it has become."""

HONEST: Final = 5
"""Cases of a shift that are honest, where there are so many."""

EACH: Final = 4
"""Payments of one case that are shown, the first."""

_HOLD: Final = ACTIONS.index("hold")
_NEW_PAYEE: Final = GROUPS.index("new_payee")


@dataclass(slots=True)
class _Found:
    """A held payment, in truth."""

    payee: int
    held: Held
    truth: Truth
    typology: str | None
    play: str


@dataclass(slots=True)
class _Bench:
    """Judges as the centre does, and notes what is held."""

    society: Society
    judged: Centre
    reader: Reader
    codes: tuple[str, ...]
    life: Life | None = None
    view: CentreView = field(default_factory=CentreView)
    found: list[_Found] = field(default_factory=list)

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """As loop.Judging."""
        rows = np.flatnonzero(self.view.seen(some, Parties.of(some, self.society.accounts.bank)))
        payments = np.flatnonzero(some.kind == Kind.PAYMENT)
        actions = np.zeros(len(payments), np.uint8)
        if not len(rows):
            return actions
        decided = decide(self.judged, self.reader.facts(some.take(rows)), reasons=True)
        places = rows[decided.payments]
        actions[np.searchsorted(payments, places)] = decided.decisions.action
        for row in np.flatnonzero(decided.decisions.action >= _HOLD).tolist():
            self.found.append(self._noted(some, int(places[row]), decided, row))
        return actions

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """Nobody here asks."""

    def _noted(self, some: Happenings, place: int, decided: Decided, row: int) -> _Found:
        assert self.life is not None, "who judges does so in a life"
        truth, script = int(some.truth[place]), int(some.script[place])
        cast = None if script < 0 else self.life.casts[script].cast
        told = int(decided.decisions.marks[row]) >> TOLD_SHIFT
        bank = self.society.accounts.bank
        held = Held(
            int(some.time_ms[place]), int(some.amount[place]),
            self.codes[bank[some.first[place]]], self.codes[bank[some.second[place]]],
            int(decided.decisions.score[row]), bool(some.marks[place] & ACTIVE_CALL),
            bool(told >> _NEW_PAYEE & 1), self._why(decided, row),
        )  # fmt: skip
        what: Truth = "honest"
        if truth & FRAUD:
            what = "fraud"
        elif truth & LAUNDERING:
            what = "laundering"
        typology = cast.typology if isinstance(cast, Story) and what == "fraud" else None
        return _Found(
            int(some.second[place]), held, what, typology, "" if cast is None else cast.name
        )

    def _why(self, decided: Decided, row: int) -> list[Why]:
        policy, decisions = self.judged.judge.policy, decided.decisions
        texts = {one: reasons_of(decided, row, policy, one) for one in LANGUAGES}
        first, last = decisions.rule_offsets[row : row + 2].tolist()
        found = [
            Why(policy.rules[place].points, {one: texts[one][at] for one in LANGUAGES})
            for at, place in enumerate(decisions.rules[first:last].tolist())
        ]
        told = int(decisions.marks[row]) >> TOLD_SHIFT
        moved = [Why(0, dict(ABOUT[group])) for at, group in enumerate(GROUPS) if told >> at & 1]
        return sorted(found, key=lambda one: -one.points) + moved


def make(seed: int, policy: Judge | None = None) -> Shift:
    """The shift of a seed."""
    judge = policy or Judge(load(default_policy()))
    society = Society.make(seed, PEOPLE, parameters := busy(FIRST_DAY))
    bench = _Bench(
        society, Centre(Unkept(), judge, judge.fresh_state()), Reader(society), bank_codes(society)
    )
    bench.life = Life(society, parameters, seed, bench)
    begins_ms = society.start_ms + WARM_UP_DAYS * DAY_MS
    cases: list[PracticeCase] = []
    for happened in bench.life.slices(MOST_DAYS):
        if happened.end_ms <= begins_ms:
            bench.found.clear()
        elif happened.end_ms % (6 * 3_600_000) == 0:
            cases = list(_cases(bench.found))
            if len(cases) == CASES:
                break
    return Shift(seed, TENGE, cases or list(_cases(bench.found)))


def _cases(found: list[_Found]) -> Iterator[PracticeCase]:
    """The first cases, with no more honest ones, and no more of the others, than a shift wants."""
    groups: dict[int, list[_Found]] = {}
    for one in found:
        groups.setdefault(one.payee, []).append(one)
    left = {True: HONEST, False: CASES - HONEST}
    for some in groups.values():
        worst = max(some, key=lambda one: ("honest", "laundering", "fraud").index(one.truth))
        honest = worst.truth == "honest"
        if left[honest]:
            left[honest] -= 1
            yield PracticeCase(
                [one.held for one in some[:EACH]], worst.truth, worst.typology, worst.play
            )


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(make(int(sys.argv[1]))))
