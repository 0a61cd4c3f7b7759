"""Again: judge what a log holds once more, with the policy it names (law 1: replay equals live).

In: the directory of a log. Out: the decisions as they come out today beside those that were kept,
or one payment's decision with every value that led to it. The log alone is enough: it holds the
text of each policy that was in force. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arasha.engine.reigns import Reign, policy_of, reign_at, reigns_of
from arasha.engine.replay import OnProgress
from arasha.errors import LogDamaged, Place, SnapshotError, UsageError
from arasha.events.body import concatenate_bodies, offsets_of, unpack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import (
    FALLBACK,
    TOLD,
    TOLD_SHIFT,
    Decisions,
    unpack_decisions,
)
from arasha.events.schema import JUDGED, Kind
from arasha.features.expressions import ValueType
from arasha.features.registers import Registers
from arasha.features.state import State
from arasha.log import snapshots
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.policy.definition import FALLBACKS, Policy
from arasha.policy.judge import Judge, Verdicts
from arasha.policy.reasons import told

STRETCH: Final = 65_536
"""Entries read from the log at once."""

_NO_RULE: Final = 2**16 - 1
_JUDGED: Final = tuple(fact.kind for fact in JUDGED)  # a decision may stand right behind

Judged = TypeVar("Judged", Verdicts, Decisions)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What judging a log again found.

    From ``first_seq`` on, ``decisions`` were compared; ``differing`` of them came out otherwise,
    and ``different`` are the seqs of the first hundred of these.
    """

    policy: Policy
    first_seq: int
    decisions: int
    differing: int
    different: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision as kept, and the values of its features as of just before the payment.

    ``fired`` are the places of the fired rules in the policy; ``values`` name → (value, type) of
    each feature and of each field a text names, None where missing. Where a model judged,
    ``probability`` is its own and ``contributions`` float64[features + 1] what moved it.
    """

    policy: Policy
    payment: Facts
    decisions: Decisions
    fired: tuple[int, ...]
    values: dict[str, tuple[float | int | None, ValueType]]
    probability: float | None = None
    contributions: NDArray[np.float64] | None = None


def compare(
    directory: Path, policy: Policy | None = None, *, on_progress: OnProgress | None = None
) -> Comparison:
    """Judge every payment of a log again, with its own policy or another, and compare.

    Its own is the one that was in force. With another policy action, score and the names of the
    fired rules are compared, with its own the values they name, and what was told of a model, too;
    what there was no time to judge must then have the policy's fallback. Where months were retired
    it begins at the first snapshot after them, and passes over policies that have none. Raises
    KeyDestroyed when there is none for the last.
    """
    with Log.open(directory, writable=False) as log:
        reigns = reigns_of(log) or [Reign(0, policy_of(log, directory))]
        stops = [*(reign.first_seq for reign in reigns[1:]), log.size]
        retired = any(row.retired and row.retention is Retention.FACTS for row in log.periods())
        first_seq, count, differing, different = log.size, 0, 0, list[int]()
        for reign, stop in zip(reigns, stops, strict=True):
            judge = Judge(policy or reign.policy)
            first, state = beginning(log, judge, latest=False) if retired else (0, None)
            if first >= stop or (retired and first == 0 and reign is not reigns[-1]):
                continue
            state = state or judge.fresh_state()
            for facts, known_at, _ in stretches(log, reign.first_seq, start=first):
                judge.absorb(state, facts, known_at)
            first = max(first, reign.first_seq)
            first_seq = min(first_seq, first)
            for facts, known_at, kept in stretches(log, stop, start=first):
                differs = _judged_otherwise(judge, state, facts, known_at, kept, reign.policy)
                wrong = kept.subject_seq[differs] + 1
                count, differing = count + len(kept), differing + len(wrong)
                different += wrong[: max(0, 100 - len(different))].tolist()
                if on_progress is not None:
                    on_progress(len(facts) + len(kept))
        used = policy or reigns[-1].policy
        return Comparison(used, first_seq, count, differing, tuple(different))


def _judged_otherwise(
    judge: Judge,
    state: State,
    facts: Facts,
    known_at: NDArray[np.int64],
    kept: Decisions,
    own: Policy,
) -> NDArray[np.bool_]:
    """Per decision, whether the judge, which may be of another policy, now says something else."""
    unready = (kept.marks & FALLBACK) != 0
    if judge.policy.hash != own.hash:
        again = judge.judge(state, facts, known_at)
        differs = _differs(_without_values(again), _renumbered(kept, own, judge.policy))
        differs[unready] = False
        return differs
    was_told = (kept.marks & TOLD) != 0
    again = judge.judge(state, facts, known_at, reasons=bool(was_told.any()))
    differs = _differs(again, kept)
    if again.moved is not None:
        differs |= was_told & (told(again.moved) != kept.marks >> np.uint16(TOLD_SHIFT))
    if unready.any():
        declared = -1 if own.fallback is None else FALLBACKS.index(own.fallback)
        ruled = np.diff(kept.rule_offsets) > 0
        differs[unready] = ((kept.action != declared) | (kept.score != 0) | ruled)[unready]
    return differs


def explain(directory: Path, seq: int, *, on_progress: OnProgress | None = None) -> Explained:
    """The decision about the payment at ``seq``, with everything it rests on.

    The facts before it pass through the windows once more, from the latest snapshot before it.
    Raises UsageError when ``seq`` is no payment's, LogDamaged when today's verdict is not the one
    that was kept, KeyDestroyed when the facts are gone.
    """
    with Log.open(directory, writable=False) as log:
        judge = Judge(reign_at(reigns_of(log), max(seq, 0)).policy)
        payment = next(log.read(seq, seq + 1, classes=()), None) if 0 <= seq < log.size else None
        if payment is None or payment.kinds[0] != judge.policy.judges.kind:
            raise UsageError("this is not the seq of a payment", found=str(seq))
        first, state = beginning(log, judge, at_most=seq)
        for facts, known_at, _ in stretches(log, seq, start=first):
            judge.absorb(state, facts, known_at)
            if on_progress is not None:
                on_progress(len(facts))
        [(facts, known_at, kept)] = stretches(log, seq + 2, start=seq)
        [(_, registers)] = judge.watch(state, facts, known_at)
        verdict = judge.verdicts(registers)
        unready = bool(kept.marks[0] & FALLBACK)
        if not unready and _differs(verdict, kept).any():
            raise LogDamaged(
                "judged again, this payment is decided otherwise",
                where=Place(file=str(directory), row=seq),
                hint="arasha log verify tells whether the log was changed",
            )
        values = {
            name: (_value(registers, at, judge.program.types[name]), judge.program.types[name])
            for name, at in judge.program.outputs.items()
            if not name.startswith("rule ")
        }
        probability, contributions = _modelled(judge, registers)
        return Explained(
            judge.policy, facts, kept, tuple(kept.rules.tolist()), values, probability,
            contributions,
        )  # fmt: skip


def _modelled(
    judge: Judge, registers: Registers
) -> tuple[float | None, NDArray[np.float64] | None]:
    """(probability, contributions) of the one row; None where no model judged."""
    if judge.model is None:
        return None, None
    rows = judge.inputs(registers)
    contributions: NDArray[np.float64] = judge.model.contributions(rows)[0]
    return float(judge.model.predict(rows)[0]), contributions


def beginning(
    log: Log, judge: Judge, *, at_most: int | None = None, latest: bool = True
) -> tuple[int, State]:
    """The snapshot to begin from, the latest up to ``at_most`` or the first there is.

    Its seq and state; without one, 0 and a fresh state.
    """
    state = judge.fresh_state()
    version = judge.policy.hash
    found = [
        path for seq, path in snapshots.listed(log.directory) if at_most is None or seq <= at_most
    ]
    for path in reversed(found) if latest else found:
        try:
            snapshot = snapshots.load(path, version)
            state.restore({name: array.view(np.int64) for name, array in snapshot.arrays.items()})
        except SnapshotError:
            continue  # of another policy, or damaged: the log rebuilds what it held
        return snapshot.seq, state
    return 0, state


def _value(registers: Registers, at: int, type_: ValueType) -> float | int | None:
    if not registers.known[at, 0]:
        return None
    return float(registers.floats[at, 0]) if type_.form == "float" else int(registers.ints[at, 0])


def stretches(
    log: Log, stop: int, *, start: int = 0
) -> Iterator[tuple[Facts, NDArray[np.int64], Decisions]]:
    """Facts, their times and their kept decisions, in order; an act between them is passed over.

    A payment (or a call) and its decision stand in one stretch.
    """
    while start < stop:
        frames = list(log.read(start, min(start + STRETCH, stop)))
        kinds = np.concatenate([frame.kinds for frame in frames])
        known_at = np.concatenate([frame.known_at for frame in frames])
        bodies = concatenate_bodies([frame.bodies for frame in frames])
        start += len(kinds)
        if kinds[-1] in _JUDGED and start < stop:
            kinds, known_at, start = kinds[:-1], known_at[:-1], start - 1
        facts = np.flatnonzero(kinds < Kind.DECISION)
        decided = np.flatnonzero(kinds == Kind.DECISION)
        yield (
            unpack_facts(kinds[facts], bodies.take(facts)),
            known_at[facts],
            unpack_decisions(bodies.take(decided)),
        )


def _renumbered(kept: Decisions, own: Policy, used: Policy) -> Decisions:
    """The kept decisions with the numbers that another policy gives their rules; no values."""
    number_of = {rule.name: number for number, rule in enumerate(used.rules)}
    numbers = np.array([number_of.get(rule.name, _NO_RULE) for rule in own.rules], np.uint16)
    rows = np.repeat(np.arange(len(kept)), np.diff(kept.rule_offsets))
    rules = numbers[kept.rules]
    return _without_values(replace(kept, rules=rules[np.lexsort((rules, rows))]))


def _without_values(judged: Judged) -> Judged:
    offsets = np.zeros_like(judged.value_offsets)
    return replace(judged, value_offsets=offsets, values=np.zeros(0, np.float64))


def _differs(again: Verdicts, kept: Decisions) -> NDArray[np.bool_]:
    """Per decision, whether action, score, fired rules or their values are not the same."""
    different: NDArray[np.bool_] = (again.action != kept.action) | (again.score != kept.score)
    for ours, our_parts, theirs, their_parts in (
        (again.rule_offsets, again.rules, kept.rule_offsets, kept.rules),
        (again.value_offsets, again.values, kept.value_offsets, kept.values),
    ):
        lengths = np.diff(ours)
        alike = lengths == np.diff(theirs)
        different |= ~alike
        rows = np.repeat(np.flatnonzero(alike), lengths[alike])
        within = np.arange(len(rows)) - np.repeat(offsets_of(lengths[alike])[:-1], lengths[alike])
        a, b = our_parts[ours[rows] + within], their_parts[theirs[rows] + within]
        unequal = (a != b) & ~((a != a) & (b != b))  # NaN is equal to NaN here
        different[rows[unequal]] = True
    return different
