"""What somebody sees who watches the country and its centre: a clock, counts, what was stopped.

In: the slices of a life (loop.py) and what the judges decided in them. Out: the scene as of a
moment of the country's time, which the demonstration draws. Truth stands in it, for who watches;
no judge sees it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import FRAUD, LAUNDERING
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.loop import Happened
from arasha.country.script import Told
from arasha.engine.decide import Decided
from arasha.events.decisions import ACTIONS
from arasha.policy.definition import GROUPS, Policy
from arasha.policy.reasons import Reason, for_person
from arasha.policy.texts import Language, Value, render

LATEST: Final = 8
"""Stopped payments that the scene remembers."""

_HOLD: Final = ACTIONS.index("hold")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A payment held or blocked: what it was in truth (a play's name, "" for ordinary life), and
    the reasons, in the language of the scene.
    """

    time_ms: int
    amount: int
    action: str
    fraud: bool
    play: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """The country as of ``now_ms``. Money in tiyn; ``actions`` counts payments by action."""

    policy: Policy
    language: Language
    now_ms: int = 0
    payments: int = 0
    actions: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(ACTIONS), np.int64))
    stolen: int = 0
    stopped: int = 0
    frauds: int = 0
    alarms: int = 0
    latest: deque[Stopped] = field(default_factory=lambda: deque(maxlen=LATEST))
    _reasons: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _slice: Happened | None = None
    _casts: Sequence[Told] = ()
    _shown: int = 0

    def decided(self, decided: Decided) -> None:
        """Remember why payments are held: of two judges, the one with more to say."""
        for row in np.flatnonzero(decided.decisions.action >= _HOLD).tolist():
            serial = int(decided.facts.ids[int(decided.payments[row])])
            reasons = reasons_of(decided, row, self.policy, self.language)
            if len(reasons) > len(self._reasons.get(serial, ())):
                self._reasons[serial] = reasons

    def take(self, happened: Happened, casts: Sequence[Told]) -> None:
        """The next slice is to be shown; what is left of the one before is shown at once."""
        if self._slice is not None:
            self.show(self._slice.end_ms)
            last = int(self._slice.rows.serial.max(initial=0))
            self._reasons = {one: why for one, why in self._reasons.items() if one > last}
        self._slice, self._casts, self._shown = happened, casts, 0
        for one in happened.concluded:
            if one.became == RELEASED and one.paid.is_fraud:
                self.stolen += one.paid.amount
                self.stopped -= one.paid.amount

    def show(self, now_ms: int) -> None:
        """Let the country's clock come to that moment of the slice."""
        assert self._slice is not None
        rows, at = self._slice.rows, self._slice.payments
        self.now_ms = now_ms
        upto = int(np.searchsorted(rows.time_ms[at], now_ms, side="right"))
        new = slice(self._shown, upto)
        self._shown = max(upto, self._shown)
        places, actions, became = at[new], self._slice.actions[new], self._slice.became[new]
        self.payments += len(places)
        self.actions += np.bincount(actions, minlength=len(ACTIONS))
        truth, amount = rows.truth[places], rows.amount[places]
        fraud = (truth & FRAUD) != 0
        self.frauds += int(fraud.sum())
        self.stolen += int(amount[fraud & (became == MOVED)].sum())
        self.stopped += int(amount[fraud & (actions > 0) & (became != MOVED)].sum())
        self.alarms += int(((truth & (FRAUD | LAUNDERING)) == 0)[actions > 0].sum())
        for k in np.flatnonzero(actions >= _HOLD).tolist():
            self.latest.appendleft(self._stopped(int(places[k]), int(actions[k])))

    def _stopped(self, row: int, action: int) -> Stopped:
        assert self._slice is not None
        rows = self._slice.rows
        script = int(rows.script[row])
        return Stopped(
            int(rows.time_ms[row]), int(rows.amount[row]), ACTIONS[action],
            bool(rows.truth[row] & FRAUD), "" if script < 0 else self._casts[script].cast.name,
            self._reasons.get(int(rows.payment[row]), ()),
        )  # fmt: skip


def reasons_of(decided: Decided, row: int, policy: Policy, language: Language) -> tuple[str, ...]:
    """Why one payment was decided so: the texts of its rules, then what moved the model."""
    decisions = decided.decisions
    first, last = decisions.rule_offsets[row : row + 2].tolist()
    at = int(decisions.value_offsets[row])
    currency = int(decided.facts.number("currency")[int(decided.payments[row])])
    told = []
    for place in decisions.rules[first:last].tolist():
        rule = policy.rules[place]
        shown = decisions.values[at : at + len(rule.values)].tolist()
        at += len(rule.values)
        values = {
            name: Value(value, policy.type_of(name))
            for name, value in zip(rule.values, shown, strict=True)
        }
        told.append(render(rule, language, values, currency, policy.utc_offset_ms))
    if decided.moved is not None and policy.model is not None:
        by = np.nan_to_num(decided.moved[row]).tolist()
        moved = [Reason(group, each, ()) for group, each in zip(GROUPS, by, strict=True)]
        told += for_person(sorted(moved, key=lambda one: -one.by), language)
    return tuple(told)
