"""The main path: what happened becomes kept, known, judged, decided — for a batch of facts.

In: facts whose identifiers are tokens already. Out: what to answer. The live service, the replay of
a file, a backtest and one single payment are callers of ``decide``; a single payment is a batch of
one. Order and time are fixed here, once; nothing is answered before it is durable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from arasha.events.body import offsets_of, pack_facts, woven
from arasha.events.columns import Facts
from arasha.events.decisions import (
    DEGRADED,
    FALLBACK,
    LATE,
    TOLD,
    TOLD_SHIFT,
    Decisions,
    pack_decisions,
)
from arasha.events.schema import Kind
from arasha.features.state import State
from arasha.log.log import Admission, Entries
from arasha.policy.definition import FALLBACKS, Fallback
from arasha.policy.judge import Judge, Verdicts
from arasha.policy.reasons import told

LATE_MS: Final = 60_000
"""A live fact that is known longer than this after it happened is marked late, ms. A shorter delay
is the way from a bank to here, and two clocks that differ."""

_DECISION: Final = np.uint8(Kind.DECISION)

Note = Callable[[Admission], bytes]
"""Makes what is kept beside a batch: how far a caller has come."""


class Keeper(Protocol):
    """What keeps order, time and uniqueness: the event log, or nothing that lasts (unkept.py)."""

    @property
    def size(self) -> int:
        """Number of entries: the seq the next one gets."""

    @property
    def last_known_at_ms(self) -> int:
        """Time of the last entry; below every time when there is none."""

    def admit(self, facts: Facts) -> Admission:
        """Which facts are new, and which were asked before."""

    def append(self, entries: Entries, progress: bytes | None = None) -> int:
        """One durable commit."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A log, the policy that judges, and the state of its windows as of the log's end."""

    log: Keeper
    judge: Judge
    state: State


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a batch of n facts.

    ``admission`` has a row for each; ``facts``, ``seq`` and ``known_at`` are of those that were
    new, in order; ``payments`` their judged rows, and ``decisions`` a decision for each of these,
    ``moved`` what moved the model in them (policy/judge.py), where asked for.
    """

    admission: Admission
    facts: Facts
    seq: NDArray[np.int64]
    known_at: NDArray[np.int64]
    payments: NDArray[np.intp]
    decisions: Decisions
    moved: NDArray[np.float64] | None = None


def decide(
    centre: Centre,
    facts: Facts,
    *,
    admission: Admission | None = None,
    now_ms: int | None = None,
    note: Note | None = None,
    reasons: bool = False,
    unready: NDArray[np.bool_] | None = None,
) -> Decided:
    """Admit, place in order and time, know, judge, and keep facts with their decisions.

    ``admission`` is what the log says to these facts, for callers that have asked. ``now_ms`` is
    the time to stamp; without it (a file is replayed) each fact is known when it
    happened, or when the one before it was known if that is later. ``reasons`` asks what moved the
    model in decisions above allow, and puts the groups that are told on record. ``unready`` bool[n]
    are payments there is no time to judge: they get the fallback that the policy must declare. What
    ``note`` makes of the admission is kept in the same commit.

    Raises LogFull or LogError when the commit fails: nothing of the batch is kept, and the centre,
    whose state has moved on, must not be used again.
    """
    admission = centre.log.admit(facts) if admission is None else admission
    new = facts if admission.fresh.all() else facts.take(admission.fresh.nonzero()[0])
    known_at, late = times_of(new, centre.log.last_known_at_ms, now_ms)
    judged = new.kinds == centre.judge.policy.judges.kind
    seq = centre.log.size + np.arange(len(new)) + judged.cumsum() - judged
    left = None if unready is None else unready[admission.fresh] & judged
    verdicts = centre.judge.judge(centre.state, new, known_at, reasons=reasons, unready=left)
    payments = judged.nonzero()[0]
    if left is not None and left.any():
        verdicts = _with_fallback(verdicts, left[payments], centre.judge.policy.fallback)
    decisions = _decisions(verdicts, seq[payments], late[payments])
    if left is not None:
        decisions.marks[left[payments]] |= np.uint16(FALLBACK)
    digests = admission.digests[admission.fresh]
    progress = None if note is None else note(admission)
    centre.log.append(_entries(new, seq, known_at, digests, decisions, payments), progress)
    return Decided(admission, new, seq, known_at, payments, decisions, verdicts.moved)


def times_of(
    facts: Facts, last_ms: int, now_ms: int | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(known_at, late) of new facts: never before the entry ahead. In a file that one is late which
    happened before the entry ahead, live that which was known more than LATE_MS after it happened.
    ``last_ms`` is the time of the log's last entry; ``now_ms`` as in ``decide``.
    """
    happened = facts.number("happened_at")
    stamped = happened if now_ms is None else np.full(len(facts), now_ms, np.int64)
    known_at = np.maximum(np.maximum.accumulate(stamped), last_ms)
    if now_ms is not None:
        return known_at, known_at - happened > LATE_MS
    before = np.concatenate((np.array([last_ms], np.int64), known_at[:-1]))[: len(facts)]
    return known_at, happened < before


def _decisions(verdicts: Verdicts, seq: NDArray[np.int64], late: NDArray[np.bool_]) -> Decisions:
    marks = np.where(late, np.uint16(LATE), np.uint16(0))
    if verdicts.degraded:
        marks |= np.uint16(DEGRADED)
    if verdicts.moved is not None:
        marks |= told(verdicts.moved) << np.uint16(TOLD_SHIFT) | np.uint16(TOLD)
    return Decisions(
        seq, verdicts.action, verdicts.score, marks,
        verdicts.rule_offsets, verdicts.rules, verdicts.value_offsets, verdicts.values,
    )  # fmt: skip


def _with_fallback(
    verdicts: Verdicts, unready: NDArray[np.bool_], fallback: Fallback | None
) -> Verdicts:
    """The verdicts of those that were judged, and for the others what the policy declares."""
    assert fallback is not None, "without a fallback nothing is kept that was not judged"
    n, judged = len(unready), (~unready).nonzero()[0]

    def spread(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        lengths = np.zeros(n, np.int64)
        lengths[judged] = np.diff(offsets)
        return offsets_of(lengths)

    action = np.full(n, FALLBACKS.index(fallback), np.uint8)
    score = np.zeros(n, np.int32)
    action[judged], score[judged] = verdicts.action, verdicts.score
    moved = None
    if verdicts.moved is not None:
        moved = np.full((n, verdicts.moved.shape[1]), np.nan)
        moved[judged] = verdicts.moved
    return Verdicts(
        action, score, spread(verdicts.rule_offsets), verdicts.rules,
        spread(verdicts.value_offsets), verdicts.values, verdicts.degraded, moved,
    )  # fmt: skip


def _entries(
    facts: Facts,
    seq: NDArray[np.int64],
    known_at: NDArray[np.int64],
    digests: NDArray[np.uint64],
    decisions: Decisions,
    payments: NDArray[np.intp],
) -> Entries:
    """Each fact, and right behind each payment its decision: so ``seq`` knows no batches."""
    total = len(facts) + len(payments)
    at = seq - seq[:1]
    behind = at[payments] + 1
    kinds = np.full(total, _DECISION, np.uint8)
    kinds[at] = facts.kinds
    times, names = np.empty(total, np.int64), np.zeros((total, 2), np.uint64)
    times[at], times[behind], names[at] = known_at, known_at[payments], digests
    bodies = woven(pack_facts(facts), at, pack_decisions(decisions), behind)
    return Entries(kinds, times, bodies, names)
