"""Judged: a policy, compiled, says of each payment a score, an action and its reasons.

In: facts in the order of the log with their ``known_at``, and the state. Out: verdicts for the
judged facts, in order. A verdict follows from facts alone: how they were cut into batches changes
none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.kernels import brief
from arasha.features.expressions import Expression, FieldValue
from arasha.features.plan import KINDS, Plan, draw
from arasha.features.program import Program, compile_program
from arasha.features.registers import Registers, empty_registers
from arasha.features.state import State
from arasha.policy.definition import ACTIONS, GROUPS, MAX_SCORE, ModelPart, Policy
from arasha.policy.model import Model

Watcher = Callable[[NDArray[np.float64], NDArray[np.int64]], None]
"""Sees a batch of the model's inputs, float64[n, features], and its points, int64[n]."""

ROWS_AT_ONCE: Final = 1024
"""Facts judged in one go: their registers stay in the processor's cache."""

_NEVER: Final = MAX_SCORE + 1
_NO_POINTS: Final = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """n verdicts: ``action`` uint8[n] (0 allow, 1 warn, 2 hold, 3 block), ``score`` int32[n]; the
    fired rules (uint16) and the values their texts name (float64, NaN missing) as lists laid flat
    behind ``rule_offsets``, ``value_offsets`` int64[n + 1]. ``degraded``: the policy's model was
    missing, its fallback judged. ``moved``, where asked for: float64[n, groups], what each group of
    the model's features added to the log odds; NaN in rows that were allowed.
    """

    action: NDArray[np.uint8]
    score: NDArray[np.int32]
    rule_offsets: NDArray[np.int64]
    rules: NDArray[np.uint16]
    value_offsets: NDArray[np.int64]
    values: NDArray[np.float64]
    degraded: bool = False
    moved: NDArray[np.float64] | None = None


class Judge:
    """A policy ready to run. Making one compiles nothing but data; it takes milliseconds, and a
    second where there is a model to load. ``watcher`` sees what the model is given and what it
    says, and changes nothing.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        names = list(dict.fromkeys(name for rule in policy.rules for name in rule.values))
        wanted: dict[str, Expression] = {f"rule {r.name}": r.when for r in policy.rules}
        wanted |= {name: self._expression(name) for name in names}
        wanted |= policy.features
        self.program: Program = compile_program(wanted, policy.features, policy.judges)
        self.plan: Plan = draw(self.program.windows, policy.judges)
        self._filters = _filters(self.plan)
        self._rules = _Rules.of(policy, self.program)
        self.model = None if policy.model is None else _model(policy.model)
        self.watcher: Watcher | None = None
        self._inputs = self._columns(() if policy.model is None else policy.model.features)
        self._groups = group_places(policy)

    def _expression(self, name: str) -> Expression:
        found = self.policy.features.get(name)
        if found is not None:
            return found
        field = self.policy.judges.field(name)
        assert field is not None
        return FieldValue(field, self.policy.type_of(name))

    def fresh_state(self) -> State:
        """A state that has seen nothing."""
        return State(self.plan)

    def judge(
        self,
        state: State,
        facts: Facts,
        known_at: NDArray[np.int64],
        *,
        reasons: bool = False,
        unready: NDArray[np.bool_] | None = None,
    ) -> Verdicts:
        """Verdicts of the judged facts among these; the state takes in all of them.

        ``reasons``: with what moved the model, for those above allow. ``unready`` bool[n]: those
        that get no verdict, as there is no time.
        """
        parts = [
            self.verdicts(registers, reasons=reasons)
            for _, registers in self.watch(state, facts, known_at, unready=unready)
        ]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def verdicts(self, registers: Registers, *, reasons: bool = False) -> Verdicts:
        """What rules and model say of rows whose registers are filled."""
        if self.model is None:
            verdicts = self._rules.apply(registers, _NO_POINTS)
            return replace(verdicts, degraded=True) if self.policy.degraded else verdicts
        rows = self.inputs(registers)
        points = self.model.points(rows)
        if self.watcher is not None:
            self.watcher(rows, points)
        verdicts = self._rules.apply(registers, points)
        if not reasons:
            return verdicts
        return Verdicts(
            verdicts.action, verdicts.score, verdicts.rule_offsets, verdicts.rules,
            verdicts.value_offsets, verdicts.values, moved=self._moved(rows, verdicts),
        )  # fmt: skip

    def _moved(self, rows: NDArray[np.float64], verdicts: Verdicts) -> NDArray[np.float64]:
        """float64[n, groups]: the contributions of rows above allow, added up by group."""
        assert self.model is not None
        moved = np.full((len(rows), len(GROUPS)), np.nan)
        above = verdicts.action.nonzero()[0]
        if len(above):
            moved[above] = by_group(self.model.contributions(rows[above]), self._groups)
        return moved

    def matrix(self, registers: Registers, names: Sequence[str]) -> NDArray[np.float64]:
        """float64[rows, names]: the named features of rows whose registers are filled, NaN where
        missing.
        """
        return _rows(registers.ints, registers.floats, registers.known, *self._columns(names))

    def inputs(self, registers: Registers) -> NDArray[np.float64]:
        """The same for the features of the model."""
        return _rows(registers.ints, registers.floats, registers.known, *self._inputs)

    def _columns(self, names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The registers of features, and which of them hold floats."""
        floats = [self.program.types[name].form == "float" for name in names]
        return _column([self.program.outputs[name] for name in names]), np.array(floats, np.bool_)

    def absorb(self, state: State, facts: Facts, known_at: NDArray[np.int64]) -> None:
        """The state takes in facts of the past; nothing is judged."""
        for start in range(0, len(facts), ROWS_AT_ONCE):
            stretch = slice(start, min(start + ROWS_AT_ONCE, len(facts)))
            some = facts if len(facts) <= ROWS_AT_ONCE else facts.take(stretch)
            nobody = np.full(len(some), -1, np.int64)
            none = empty_registers(len(self.program.windows), 0)
            state.observe(some, known_at[stretch], nobody, self._passes(some), none)

    def watch(
        self,
        state: State,
        facts: Facts,
        known_at: NDArray[np.int64],
        *,
        unready: NDArray[np.bool_] | None = None,
    ) -> Iterator[tuple[Facts, Registers]]:
        """The judged facts and their registers, a stretch at a time, as the state takes them in.

        ``unready`` bool[n]: those that are taken in, but not judged.
        """
        judged_kind = np.uint8(self.policy.judges.kind)
        for start in range(0, max(len(facts), 1), ROWS_AT_ONCE):
            stretch = slice(start, min(start + ROWS_AT_ONCE, len(facts)))
            some = facts if len(facts) <= ROWS_AT_ONCE else facts.take(stretch)
            mask = some.kinds == judged_kind
            if unready is not None:
                mask &= ~unready[stretch]
            judged = np.where(mask, mask.cumsum() - 1, -1)
            payments = some if mask.all() else some.take(mask.nonzero()[0])
            registers = self.program.registers(len(payments))
            state.observe(
                some, known_at[stretch], judged, self._passes(some),
                registers.first(len(self.program.windows)),
            )  # fmt: skip
            self.program.run(payments, registers)
            yield payments, registers

    def _passes(self, facts: Facts) -> NDArray[np.uint8]:
        """uint8[filters, n]: which facts each chain's filter lets in."""
        passes = np.zeros((len(self.plan.filters), len(facts)), np.uint8)
        present = np.bincount(facts.kinds, minlength=KINDS)
        for kind, (rows, program) in self._filters.items():
            if present[kind]:
                registers = program.registers(len(facts))
                program.run(facts, registers)
                outputs = list(program.outputs.values())
                passes[rows] = registers.known[outputs] & (registers.ints[outputs] == 1)
        return passes


def _model(part: ModelPart) -> Model | None:
    """The model, or None when its fallback applies."""
    return None if part.text is None else Model(part)


def group_places(policy: Policy) -> NDArray[np.int64]:
    """The place in GROUPS of each feature of the model; of none named, "other"."""
    names = () if policy.model is None else policy.model.features
    return _column([GROUPS.index(policy.groups.get(name, "other")) for name in names])


def by_group(contributions: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64[n, groups]: the contributions of features (the last column is nobody's) by group."""
    return _by_group(contributions, places, len(GROUPS))


def _filters(plan: Plan) -> dict[int, tuple[list[int], Program]]:
    """Per kind of fact, the rows of its filters and the program that computes them."""
    by_kind: dict[int, dict[str, Expression]] = {}
    for row, (fact, where) in enumerate(plan.filters):
        by_kind.setdefault(int(fact.kind), {})[str(row)] = where
    return {
        kind: ([int(row) for row in filters], compile_program(filters))
        for kind, filters in by_kind.items()
    }


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules as columns, in their order."""

    registers: NDArray[np.int64]
    points: NDArray[np.int64]
    actions: NDArray[np.int64]
    thresholds: NDArray[np.int64]
    value_counts: NDArray[np.int64]
    value_registers: NDArray[np.int64]
    value_is_float: NDArray[np.bool_]

    @staticmethod
    def of(policy: Policy, program: Program) -> _Rules:
        """The rules of a policy over the registers of its program."""
        names = [name for rule in policy.rules for name in rule.values]
        limits = policy.thresholds
        return _Rules(
            _column([program.outputs[f"rule {rule.name}"] for rule in policy.rules]),
            _column([rule.points for rule in policy.rules]),
            _column([ACTIONS.index(r.action) + 1 if r.action else 0 for r in policy.rules]),
            _column([_NEVER if t is None else t for t in (limits.warn, limits.hold, limits.block)]),
            _column([len(rule.values) for rule in policy.rules]),
            _column([program.outputs[name] for name in names]),
            np.array([program.types[name].form == "float" for name in names], np.bool_),
        )

    def apply(self, registers: Registers, model_points: NDArray[np.int64]) -> Verdicts:
        """The verdicts of all rows; ``model_points`` int64[n], or empty where there is no model."""
        n = registers.ints.shape[1]
        action, score = np.empty(n, np.uint8), np.empty(n, np.int32)
        rule_offsets, value_offsets = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
        _tally(
            registers.ints, registers.known, self.registers, self.points, self.actions,
            self.thresholds, self.value_counts, model_points, action, score, rule_offsets,
            value_offsets,
        )  # fmt: skip
        rules = np.empty(int(rule_offsets[-1]), np.uint16)
        values = np.empty(int(value_offsets[-1]), np.float64)
        if len(rules):
            _collect(
                registers.ints, registers.floats, registers.known, self.registers,
                self.value_counts, self.value_registers, self.value_is_float, rule_offsets,
                value_offsets, rules, values,
            )  # fmt: skip
        return Verdicts(action, score, rule_offsets, rules, value_offsets, values)


def _column(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


@brief
def _by_group(
    contributions: NDArray[np.float64], places: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    total = np.zeros((len(contributions), groups))
    for i in range(len(contributions)):
        for feature in range(len(places)):
            total[i, places[feature]] += contributions[i, feature]
    return total


@brief
def _rows(
    ints: NDArray[np.int64],
    floats: NDArray[np.float64],
    known: NDArray[np.uint8],
    registers: NDArray[np.int64],
    is_float: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Registers as float64[rows, len(registers)], NaN where missing."""
    n = ints.shape[1]
    out = np.empty((n, len(registers)))
    for k in range(len(registers)):
        at = registers[k]
        for j in range(n):
            if known[at, j] == 0:
                out[j, k] = np.nan
            elif is_float[k]:
                out[j, k] = floats[at, j]
            else:
                out[j, k] = float(ints[at, j])
    return out


@brief
def _tally(
    ints: NDArray[np.int64],
    known: NDArray[np.uint8],
    rules: NDArray[np.int64],
    points: NDArray[np.int64],
    actions: NDArray[np.int64],
    limits: NDArray[np.int64],
    value_counts: NDArray[np.int64],
    model_points: NDArray[np.int64],
    action: NDArray[np.uint8],
    score: NDArray[np.int32],
    rule_offsets: NDArray[np.int64],
    value_offsets: NDArray[np.int64],
) -> None:
    """Score, action, and how many rules and values each row has."""
    for j in range(len(action)):
        total, strongest, fired, values = 0, 0, 0, 0
        for k in range(len(rules)):
            if known[rules[k], j] == 1 and ints[rules[k], j] == 1:
                total += points[k]
                strongest = max(strongest, actions[k])
                fired += 1
                values += value_counts[k]
        if len(model_points):
            total = max(total, model_points[j])
        total = min(total, MAX_SCORE)
        for level in range(3):
            if total >= limits[level]:
                strongest = max(strongest, level + 1)
        action[j], score[j] = strongest, total
        rule_offsets[j + 1] = rule_offsets[j] + fired
        value_offsets[j + 1] = value_offsets[j] + values


@brief
def _collect(
    ints: NDArray[np.int64],
    floats: NDArray[np.float64],
    known: NDArray[np.uint8],
    registers: NDArray[np.int64],
    value_counts: NDArray[np.int64],
    value_registers: NDArray[np.int64],
    value_is_float: NDArray[np.bool_],
    rule_offsets: NDArray[np.int64],
    value_offsets: NDArray[np.int64],
    rules: NDArray[np.uint16],
    values: NDArray[np.float64],
) -> None:
    """Which rules fired, and the values their texts name."""
    for j in range(len(rule_offsets) - 1):
        if rule_offsets[j + 1] == rule_offsets[j]:
            continue
        at, value_at, named = rule_offsets[j], value_offsets[j], 0
        for k in range(len(registers)):
            if known[registers[k], j] == 1 and ints[registers[k], j] == 1:
                rules[at] = k
                at += 1
                for v in range(named, named + value_counts[k]):
                    register = value_registers[v]
                    if known[register, j] == 0:
                        values[value_at] = np.nan
                    elif value_is_float[v]:
                        values[value_at] = floats[register, j]
                    else:
                        values[value_at] = float(ints[register, j])
                    value_at += 1
            named += value_counts[k]


def _joined(parts: list[Verdicts]) -> Verdicts:
    def offsets(of: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        starts = np.cumsum([0, *(int(part[-1]) for part in of[:-1])])
        shifted = [part[1:] + start for part, start in zip(of, starts, strict=True)]
        return np.concatenate([np.zeros(1, np.int64), *shifted])

    silent = any(part.moved is None for part in parts)
    return Verdicts(
        np.concatenate([part.action for part in parts]),
        np.concatenate([part.score for part in parts]),
        offsets([part.rule_offsets for part in parts]),
        np.concatenate([part.rules for part in parts]),
        offsets([part.value_offsets for part in parts]),
        np.concatenate([part.values for part in parts]),
        parts[0].degraded,
        None
        if silent
        else np.concatenate([part.moved for part in parts if part.moved is not None]),
    )
