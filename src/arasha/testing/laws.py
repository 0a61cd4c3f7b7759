"""The laws of features, ready to be held against any policy and any history.

In: a judge and facts with their ``known_at``, cut into batches at will. Out: where the compiled
state and program differ from the oracle (law 3); nothing, if all is well. A test of a policy of
one's own is one line::

    assert [] == differences(Judge(policy), facts, known_at)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.features.expressions import Expression
from arasha.features.state import State
from arasha.policy.judge import Judge
from arasha.testing import naive
from arasha.testing.naive import Value

TOLERANCE: Final = 1e-12
"""Largest relative difference of two floats that count as equal: sums are exact, what is computed
from them is rounded once or twice."""

Between = Callable[[State], State]
"""What happens to the state between two batches: a snapshot and its return, for instance."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The expression of that name has two values for the fact at that row of the history."""

    name: str
    row: int
    expected: Value
    found: Value


def differences(
    judge: Judge,
    facts: Facts,
    known_at: NDArray[np.int64],
    *,
    cuts: Iterable[int] = (),
    state: State | None = None,
    between: Between | None = None,
    every: int = 1,
) -> list[Difference]:
    """Where the compiled features and rules differ from the oracle, for every judged fact.

    The history is taken in as batches that begin at ``cuts``. The oracle is slow: it is asked for
    each ``every``-th judged fact only.
    """
    found = compiled(judge, facts, known_at, cuts=cuts, state=state, between=between)
    history = naive.history(facts, known_at.tolist())
    rows = np.flatnonzero(facts.kinds == judge.policy.judges.kind).tolist()
    return [
        Difference(name, row, expected, found[name][column])
        for name, expression in expressions(judge).items()
        for column, row in list(enumerate(rows))[::-every]
        if not same(
            expected := naive.evaluate(
                expression, history[:row], history[row], judge.policy.features
            ),
            found[name][column],
        )
    ]


def compiled(
    judge: Judge,
    facts: Facts,
    known_at: NDArray[np.int64],
    *,
    cuts: Iterable[int] = (),
    state: State | None = None,
    between: Between | None = None,
) -> dict[str, list[Value]]:
    """What the compiled state and program say of every judged fact, by name of feature or rule."""
    state = judge.fresh_state() if state is None else state
    values: dict[str, list[Value]] = {name: [] for name in expressions(judge)}
    edges = [0, *sorted(cut for cut in set(cuts) if 0 < cut < len(facts)), len(facts)]
    for start, stop in pairwise(edges):
        if start and between is not None:
            state = between(state)
        piece = slice(start, stop)
        for _, registers in judge.watch(state, facts.take(piece), known_at[piece]):
            for name, column in values.items():
                register, form = judge.program.outputs[name], judge.program.types[name].form
                numbers = registers.floats if form == "float" else registers.ints
                for value, known in zip(
                    numbers[register].tolist(), registers.known[register].tolist(), strict=True
                ):
                    plain = bool(value) if form == "bool" else value
                    column.append(plain if known else None)
    return values


def expressions(judge: Judge) -> Mapping[str, Expression]:
    """Every feature, and the condition of every rule as ``rule NAME``."""
    rules: dict[str, Expression] = {f"rule {rule.name}": rule.when for rule in judge.policy.rules}
    return rules | dict(judge.policy.features)


def same(expected: Value, found: Value) -> bool:
    """Whether two values are equal: whole numbers and truths exactly, floats within TOLERANCE."""
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(expected, found, rel_tol=TOLERANCE)
    return expected == found


def restarted(state: State) -> State:
    """The state as it comes back from a snapshot."""
    fresh = State(state.plan)
    fresh.restore({name: array.copy() for name, array in state.save().items()})
    return fresh
