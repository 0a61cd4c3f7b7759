"""Call risk: is the owner of a number being worked on right now? An operator's answer, in classes.

In: the log of an operator, a number's token, a time. Out: three classes and nothing else: whether
the number is on a call, for about how long and with a familiar number or not; whether its SIM has
just changed; whether several numbers that never called it before did so within the hour. It is kept
beside the log, as far as that has grown, and can be made anew from it::

    call          a and b have never called each other (28 days)  ->  rings, unfamiliar
    call_change   answered                                        ->  a and b are on a call since
    call_change   ended                                           ->  they are not

What is not known does not accuse: a talk whose call was never seen counts as one with a familiar
number, one that lasts longer than TALK_MAX_MS as ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.engine.askings import Askings
from arasha.engine.growth import Growth
from arasha.engine.lines import MONITORED_MS, Line, Lines
from arasha.events.columns import Facts, Symbols
from arasha.events.reference import digests_of
from arasha.events.schema import CALL, CALL_CHANGES, SIGNAL, SIGNAL_CLASSES, Fact, Kind
from arasha.features.expressions import Expression
from arasha.features.language import Scope, parse
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.policy.definition import Policy, Thresholds
from arasha.policy.judge import Judge

RINGING_MAX_MS: Final = 5 * 60_000
"""A call of which nothing is heard for so long does not ring any more, ms."""

TALK_MAX_MS: Final = 4 * 3_600_000
"""A talk of which nothing is heard for so long has ended, ms."""

SEVERAL: Final = 3
"""First-time callers within the hour that are several."""

ASKED: Final = ("call_risk", "sim_swap", "new_callers")
"""What one asking answers, of schema.SIGNALS."""

NOT_KNOWN: Final = "not_known_here"
"""The class of every signal about a number that no call and no SIM change of 28 days names: it is
another operator's, or nobody's. "none" would say that all is well.
"""

_OF_A_CALL: Final = {
    "before": 'count(call, by=(caller_number, callee_number), window="28d") + count(call, '
    'by={caller_number: callee_number, callee_number: caller_number}, window="28d")',
}
_OF_A_NUMBER: Final = {
    "new_callers_1h": 'distinct(call.caller_number, by={callee_number: number}, window="28d") - '
    'distinct(call.caller_number, by={callee_number: number}, window="671h", delay="1h")',
    "swapped_age": 'last(sim_change, by=number, window="7d", '
    'where=change in ("swapped", "ported_in"))',
    "seen": 'exists(call, by={callee_number: number}, window="28d") '
    'or exists(call, by={caller_number: number}, window="28d") '
    'or exists(sim_change, by=number, window="28d")',
    "calling": 'exists(call, by={caller_number: number}, window="28d", where=known(device))',
}
_ANSWERED: Final = CALL_CHANGES.index("answered")
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


class Told(NamedTuple):
    """The class of each signal of ASKED, as a place in SIGNAL_CLASSES, and how often the number was
    asked about in the 24 hours before.
    """

    classes: tuple[int, ...]
    asked_24h: int


class _Talk(NamedTuple):
    parties: tuple[bytes, bytes]
    since_ms: int
    familiar: bool


class CallState:
    """What an operator knows of its numbers now, by the facts it was shown. Used by one thread."""

    def __init__(self) -> None:
        self._pairs, self._numbers = _judge(CALL, _OF_A_CALL), _judge(SIGNAL, _OF_A_NUMBER)
        self._pair_state = self._pairs.fresh_state()
        self._number_state = self._numbers.fresh_state()
        self._ringing: dict[bytes, tuple[int, bool]] = {}  # by the call's name, oldest first
        self._talks: dict[bytes, _Talk] = {}  # likewise
        self._on: dict[bytes, list[bytes]] = {}  # the calls that each number is on, by their start
        self.askings, self._lines = Askings(), Lines()
        self._since_ms: int | None = None  # when the first fact became known
        self._known_ms = 0

    @property
    def talks(self) -> int:
        """Calls that are going on."""
        return len(self._talks)

    @property
    def events_held(self) -> int:
        """Facts in the windows: each call once by its pair, and once by the number called."""
        return self._pair_state.events_held + self._number_state.events_held

    def tell(self, number: bytes, now_ms: int) -> Told:
        """What is so of a number (its token) as of now."""
        return self.tell_all([number], now_ms)[0]

    def tell_all(self, numbers: Sequence[bytes], now_ms: int) -> list[Told]:
        """The same of many at once, which costs hardly more."""
        self._known_ms = max(self._known_ms, now_ms)
        self._forget()
        return [
            Told(
                tuple(map(SIGNAL_CLASSES.index, self._classes(number, *known[:-1]))),
                self.askings.asked_24h(number, self._known_ms),
            )
            for number, known in zip(numbers, self._of_numbers(numbers), strict=True)
        ]

    def lines(self, numbers: Sequence[bytes], now_ms: int) -> list[Line | None]:
        """The subscription behind each number as of now, where this operator serves it."""
        self._known_ms = max(self._known_ms, now_ms)
        return [
            self._lines.line(number, self._known_ms, calling=known[-1] > 0)
            for number, known in zip(numbers, self._of_numbers(numbers), strict=True)
        ]

    def bank_of(self, number: bytes, now_ms: int) -> str | None:
        """The participant whose number it is, if its calls are announced."""
        self._known_ms = max(self._known_ms, now_ms)
        return self._lines.bank_of(number, self._known_ms)

    def monitored_ms(self, now_ms: int) -> int:
        """For how long everything is known that is told of lines, ms: a young log knows less."""
        return 0 if self._since_ms is None else min(MONITORED_MS, max(0, now_ms - self._since_ms))

    def _classes(
        self, number: bytes, new_callers: float, swapped_ms: float, seen: float
    ) -> tuple[str, ...]:
        """The words of ASKED's classes."""
        if not seen > 0 and number not in self._on:
            return (NOT_KNOWN,) * len(ASKED)
        several = "several_first_time_callers" if new_callers >= SEVERAL else "none"
        return self._on_call(number), _since_swap(swapped_ms), several

    def _on_call(self, number: bytes) -> str:
        names = self._on.get(number)
        if names is None:
            return "none"
        talk = self._talks[names[-1]]
        minutes = (self._known_ms - talk.since_ms) / 60_000
        length = "under_10" if minutes < 10 else "10_30" if minutes <= 30 else "over_30"
        return f"on_call_{length}_min_{'familiar' if talk.familiar else 'unfamiliar'}"

    def _of_numbers(self, numbers: Sequence[bytes]) -> list[list[float]]:
        """Of each: first-time callers of the hour; ms since the SIM changed, NaN if it did not;
        whether anything is known of the number; whether it calls from a device that is known.
        """
        n = len(numbers)
        question = Facts(
            np.full(n, Kind.SIGNAL, np.uint8), ["question"] * n,
            {"happened_at": np.full(n, self._known_ms, np.int64)},
            {
                "sender": np.zeros((n, 2), np.uint64),
                "number": np.frombuffer(b"".join(numbers), np.uint64).reshape(n, 2),
            },
        )  # fmt: skip
        known_at = np.full(n, self._known_ms, np.int64)
        found: list[list[float]] = []
        for _, registers in self._numbers.watch(self._number_state, question, known_at):
            found += self._numbers.matrix(registers, list(_OF_A_NUMBER)).tolist()
        return found

    def take(
        self, facts: Facts, known_at: NDArray[np.int64], names: NDArray[np.uint64] | None = None
    ) -> None:
        """Take in the next facts, as they became known. ``names`` are their digests, for who has
        them.
        """
        if not len(facts):
            return
        kinds, times = facts.kinds, known_at.tolist()
        called = np.flatnonzero(kinds == Kind.CALL)
        if len(called):
            calls = facts.take(called)
            self._take_calls(
                calls, known_at[called], digests_of(calls) if names is None else names[called]
            )
        counted = np.flatnonzero((kinds == Kind.CALL) | (kinds == Kind.SIM_CHANGE))
        if len(counted):
            self._numbers.absorb(self._number_state, facts.take(counted), known_at[counted])
        self._take_changes(facts, times)
        self.askings.take(facts, known_at)
        self._lines.take(facts, known_at)
        self._since_ms = times[0] if self._since_ms is None else self._since_ms
        self._known_ms = max(self._known_ms, times[-1])
        self._forget()

    def _take_calls(
        self, calls: Facts, known_at: NDArray[np.int64], names: NDArray[np.uint64]
    ) -> None:
        """They ring: whether each is familiar is so as of just before it."""
        before = [
            self._pairs.matrix(registers, ["before"])[:, 0]
            for _, registers in self._pairs.watch(self._pair_state, calls, known_at)
        ]
        familiar = (np.concatenate(before) > 0).tolist()
        self._ringing.update(
            zip(_symbols(names), zip(known_at.tolist(), familiar, strict=True), strict=True)
        )

    def _take_changes(self, facts: Facts, times: list[int]) -> None:
        rows = np.flatnonzero(facts.kinds == Kind.CALL_CHANGE)
        if not len(rows):
            return
        answered = (facts.number("change")[rows] == _ANSWERED).tolist()
        calls, callers, callees = (
            _symbols(facts.symbol(name)[rows])
            for name in ("call", "caller_number", "callee_number")
        )
        for place, (row, name) in enumerate(zip(rows.tolist(), calls, strict=True)):
            _, familiar = self._ringing.pop(name, (0, True))
            if name in self._talks:
                self._end(name)
            if answered[place]:
                parties = callers[place], callees[place]
                self._talks[name] = _Talk(parties, times[row], familiar)
                for party in dict.fromkeys(parties):
                    self._on.setdefault(party, []).append(name)

    def _end(self, name: bytes) -> None:
        for party in dict.fromkeys(self._talks.pop(name).parties):
            names = self._on[party]
            names.remove(name)
            if not names:
                del self._on[party]

    def _forget(self) -> None:
        """Let go of what is over without anybody having said so."""
        while self._ringing:
            name, (since_ms, _) = next(iter(self._ringing.items()))
            if since_ms > self._known_ms - RINGING_MAX_MS:
                break
            del self._ringing[name]
        while self._talks:
            name, talk = next(iter(self._talks.items()))
            if talk.since_ms > self._known_ms - TALK_MAX_MS:
                break
            self._end(name)


class CallRisk(CallState):
    """The same, of an operator's log, as far as that has grown."""

    def __init__(self, log: Log) -> None:
        """Nothing is read yet: `catch_up` begins at the first facts that are left."""
        super().__init__()
        self.growth = Growth(log, first_left(log))

    def catch_up(self) -> None:
        """Take in what the log has grown by."""
        for facts, known_at, names in self.growth.new():
            self.take(facts, known_at, names)

    def tell_all(self, numbers: Sequence[bytes], now_ms: int) -> list[Told]:
        """As before; it catches up first."""
        self.catch_up()
        return super().tell_all(numbers, now_ms)

    def lines(self, numbers: Sequence[bytes], now_ms: int) -> list[Line | None]:
        """As before; it catches up first."""
        self.catch_up()
        return super().lines(numbers, now_ms)

    def bank_of(self, number: bytes, now_ms: int) -> str | None:
        """As before; it catches up first."""
        self.catch_up()
        return super().bank_of(number, now_ms)


def first_left(log: Log) -> int:
    """The first entry behind the months of facts that are gone."""
    retired = {row.period for row in log.periods()
               if row.retired and row.retention is Retention.FACTS}  # fmt: skip
    return max((stop for period, _, stop, _ in log.month_counts() if period in retired), default=0)


def _symbols(column: Symbols) -> list[bytes]:
    """Each row's 16 bytes."""
    data = np.ascontiguousarray(column).tobytes()
    return [data[at : at + 16] for at in range(0, len(data), 16)]


def _since_swap(swapped_ms: float) -> str:
    if np.isnan(swapped_ms):
        return "none"
    return "changed_within_day" if swapped_ms <= _DAY_MS else "changed_within_week"


def _judge(judged: Fact, features: Mapping[str, str]) -> Judge:
    """What answers these features about facts of that kind, and judges nothing."""
    made: dict[str, Expression] = {}
    for name, text in features.items():
        expression = parse(text, Scope(judged, {n: one.type for n, one in made.items()}))
        assert not isinstance(expression, tuple), expression
        made[name] = expression
    return Judge(
        Policy("call risk", judged, None, 0, made, {}, (), (), Thresholds(), Path("call_risk.py"))
    )
