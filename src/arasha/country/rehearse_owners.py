"""Rehearse owners: "did you originate this call?" in whole countries, with operators and without.

In: a policy over calls, seeds, a size. Out: a tally per seed and set of parameters
(reports/owners.py says what they mean). The same calls come to the same operators three times::

    not connected    nobody is asked about a call from abroad with a number of this country
    connected        whoever owns the number is asked, and answers by its calls and its network
    one down         the first of them answers nothing

What is answered is found by what the service has for it: the calls of the last moments
(engine/originated.py) and the breaker (exchange/breaker.py). Nobody acts on a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.arms import Seat
from arasha.country.border import ABROAD, WAYS, Border, Crossing, Trunks
from arasha.country.happenings import NONE, merged
from arasha.country.loop import Life
from arasha.country.parameters import load
from arasha.country.rehearse_calls import CallJob
from arasha.country.script import DAY_MS
from arasha.country.society import Society
from arasha.country.traffic import Traffic
from arasha.engine.originated import Recent
from arasha.events.columns import Facts
from arasha.events.schema import CALL_ROUTES, MISSING, OWNER_ANSWERS, Kind
from arasha.exchange.breaker import Breaker
from arasha.policy import document
from arasha.policy.judge import Judge
from arasha.reports.calls import Group, together
from arasha.reports.owners import (
    CONNECTED,
    DOWN,
    OTHERS,
    UNCONNECTED,
    OwnerRun,
)

DOWN_OPERATOR: Final = 0
"""Which of the operators is down."""

SLICES_AT_ONCE: Final = 36
"""Slices of ten minutes that are judged together: a quarter of a day."""

_MARK, _REFUSE = 1, 3
_FOREIGN: Final = CALL_ROUTES.index("foreign")
_CONFIRMED, _DENIED, _ROAMING, _NOT_ANSWERED, _DOWN = map(
    OWNER_ANSWERS.index, ("confirmed", "denied", "roaming", "not_answered", "operator_down")
)


class Answers:
    """What owners answer: each by the calls that it has seen, and by who is abroad."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self._recent = [Recent() for _ in range(society.operators)]
        self._abroad: set[tuple[int, int]] = set()  # a number, and a day
        self._breakers = [Breaker() for _ in range(society.operators)]

    def answered(
        self,
        traffic: Traffic,
        way: NDArray[np.int8],
        seen: Sequence[tuple[NDArray[np.intp], Facts]],
    ) -> dict[str, NDArray[np.int64]]:
        """By world, what the owner answers about each call that comes from abroad, else MISSING.

        ``seen`` is what each operator sees of the traffic. An owner that is asked at the moment of
        a call has seen what came before it, and the call itself, where it made it.
        """
        times = traffic.facts.number("happened_at")
        rows = np.flatnonzero((way >= 0) & (traffic.facts.kinds == Kind.CALL))
        abroad = rows[way[rows] == ABROAD]
        days = times[abroad] // DAY_MS
        self._abroad |= set(zip(traffic.first[abroad].tolist(), days.tolist(), strict=True))
        pairs = np.concatenate(
            [traffic.facts.symbol(name)[rows] for name in ("caller_number", "callee_number")], 1
        )
        said = {world: np.full(len(times), MISSING, np.int64) for world in (CONNECTED, DOWN)}
        at = [0] * len(seen)
        for row, pair in zip(rows.tolist(), pairs, strict=True):
            owner = int(self._society.numbers.operator[traffic.first[row]])
            mine, facts = seen[owner]
            stop = int(np.searchsorted(mine, row, "right"))
            if stop > at[owner]:
                some = slice(at[owner], stop)
                self._recent[owner].take(facts.take(some), times[mine[some]])
                at[owner] = stop
            answer = self._of(owner, pair.tobytes(), int(traffic.first[row]), int(times[row]))
            asker = int(self._society.numbers.operator[traffic.second[row]])
            said[CONNECTED][row] = answer
            said[DOWN][row] = answer
            if owner == DOWN_OPERATOR and asker != owner:
                said[DOWN][row] = self._silence(asker, int(times[row]))
        for operator, (mine, facts) in enumerate(seen):
            some = slice(at[operator], len(mine))
            self._recent[operator].take(facts.take(some), times[mine[some]])
        return said

    def _of(self, owner: int, pair: bytes, number: int, at_ms: int) -> int:
        if self._recent[owner].made(pair, at_ms):
            return _CONFIRMED
        return _ROAMING if (number, at_ms // DAY_MS) in self._abroad else _DENIED

    def _silence(self, asker: int, at_ms: int) -> int:
        breaker = self._breakers[asker]
        if not breaker.may_ask(at_ms / 1_000):
            return _DOWN
        breaker.failed(at_ms / 1_000)
        return _NOT_ANSWERED


def run(job: CallJob) -> OwnerRun:
    """Let one country live, with calls that come from abroad, before its operators."""
    parameters, size = load(job.parameters), job.size
    society = Society.make(job.seed, size.people, parameters)
    life = Life(society, parameters, job.seed)
    judge = Judge(document.load(job.policy))
    border, trunks, answers = Border(society, job.seed), Trunks(society), Answers(society)
    seats = {
        world: [Seat(judge) for _ in range(society.operators)]
        for world in (UNCONNECTED, CONNECTED, DOWN)
    }
    start_ms = society.start_ms + size.warm_up_days * DAY_MS
    counted: dict[str, dict[str, list[Group]]] = {world: {} for world in seats}
    waiting: list[Crossing] = []
    for nth, happened in enumerate(life.slices(size.warm_up_days + size.days), 1):
        waiting.append(border.crossing(happened.rows, happened.start_ms, happened.end_ms))
        if nth % SLICES_AT_ONCE:
            continue
        crossing, waiting = _joined(waiting), []
        trunks.note(crossing)
        traffic, _ = trunks.pass_on(crossing.rows)
        way = trunks.ways(traffic)
        seen = [trunks.seen_by(one, traffic, way) for one in range(society.operators)]
        said = answers.answered(traffic, way, seen)
        measured = (traffic.facts.kinds == Kind.CALL) & (
            traffic.facts.number("happened_at") >= start_ms
        )
        for world, judges in seats.items():
            action = _judged(judges, seen, len(way), said.get(world))
            for place, name in enumerate((*WAYS, OTHERS)):
                of = measured & (way == (place if name != OTHERS else NONE))
                counted[world].setdefault(name, []).append(_group(action[of]))
    return OwnerRun(
        job.parameters, job.seed,
        {world: {name: together(some) for name, some in groups.items()}
         for world, groups in counted.items()},
    )  # fmt: skip


def _joined(parts: Sequence[Crossing]) -> Crossing:
    """Slices that follow each other, as one."""
    return Crossing(
        merged([part.rows for part in parts]), np.concatenate([part.way for part in parts])
    )


def _judged(
    seats: Sequence[Seat],
    seen: Sequence[tuple[NDArray[np.intp], Facts]],
    n: int,
    said: NDArray[np.int64] | None,
) -> NDArray[np.uint8]:
    """The strongest that an operator said of each of n facts. ``said`` is what owners answered to
    the operator of the number called, to whom alone a call comes from abroad.
    """
    action = np.zeros(n, np.uint8)
    for seat, (rows, facts) in zip(seats, seen, strict=True):
        if not len(rows):
            continue
        numbers = facts.numbers
        if said is not None:
            answers = np.where(facts.number("route") == _FOREIGN, said[rows], MISSING)
            numbers = numbers | {"owner_answer": answers}
        decided = seat.judge(Facts(facts.kinds, facts.ids, numbers, facts.symbols))
        at = rows[decided.payments]
        action[at] = np.maximum(action[at], decided.decisions.action)
    return action


def _group(action: NDArray[np.uint8]) -> Group:
    return Group(len(action), int((action == _MARK).sum()), int((action == _REFUSE).sum()))
