"""Which reasons say that somebody presses the payer.

Stands after the decision. In: a policy, and which of its rules fired and what moved its model. Out:
whether a payer who is on the phone with a stranger, or who went on after a warning, may be given a
pause (the law says how long). A rule says so when it looks at calls (the group ``calls``, the
bank's mark ``active_call``) or at what payers answered to warnings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from arasha.events.schema import WARNING
from arasha.features.expressions import (
    Arithmetic,
    Choice,
    Comparison,
    Expression,
    FeatureValue,
    FieldValue,
    Function,
    Logic,
    Negative,
    Not,
    Window,
)
from arasha.policy.definition import GROUPS, Policy

CALLS: Final = "calls"

ACTIVE_CALL: Final = "active_call"

_CALLS_BIT: Final = 1 << GROUPS.index(CALLS)


def pressing_rules(policy: Policy) -> frozenset[int]:
    """The places of the rules that tell of pressure."""
    return frozenset(place for place, rule in enumerate(policy.rules) if _tells(rule.when, policy))


def is_pressed(pressing: frozenset[int], fired: Iterable[int], groups: int) -> bool:
    """Whether the reasons say so: rules that fired, or calls among the groups that the model told.

    >>> is_pressed(frozenset({3}), [1, 3], 0), is_pressed(frozenset({3}), [1], 0)
    (True, False)
    """
    return not pressing.isdisjoint(fired) or bool(groups & _CALLS_BIT)


def _tells(expression: Expression, policy: Policy) -> bool:
    match expression:
        case FieldValue(field=field):
            return field.name == ACTIVE_CALL
        case Window(fact=fact):
            return fact is WARNING
        case FeatureValue(name=name):
            return policy.groups.get(name) == CALLS or _tells(policy.features[name], policy)
        case _:
            return any(_tells(part, policy) for part in _parts(expression))


def _parts(expression: Expression) -> Iterator[Expression]:
    match expression:
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            yield from (left, right)
        case Negative(operand=operand) | Not(operand=operand):
            yield operand
        case Logic(operands=operands) | Function(operands=operands):
            yield from operands
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yield from (condition, then, otherwise)
        case _:
            return
