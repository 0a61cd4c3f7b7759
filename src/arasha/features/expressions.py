"""A checked expression: frozen data that know no engine.

The parser (features/language.py) makes these from text after every name and type was checked; the
compiler (features/program.py) turns them into columns and kernels; the oracle (testing/naive.py)
evaluates them one fact at a time. Where an expression stands in its file is not part of it: equal
expressions are one.

Missing is a state of every value. Arithmetic and comparison with a missing operand are missing;
``and``, ``or`` and ``not`` follow Kleene (``False and missing`` is False); a choice on a missing
condition is missing; division by zero, ``log`` of a number ≤ 0, int64 overflow and a float that is
not finite are missing. ``known`` is never missing and ``coalesce`` takes the first operand that is
not. A rule fires only on True.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from arasha.events.schema import Fact, Field


class Unit(Enum):
    """What a number measures. Units do not mix: a count is no money, money no duration."""

    NONE = "number"
    MONEY = "money"  # minor units of the judged payment's currency
    DURATION = "duration"  # milliseconds
    INSTANT = "instant"  # milliseconds since 1970-01-01 UTC
    CATEGORY = "category"
    CURRENCY = "currency"


Form = Literal["bool", "int", "float"]


@dataclass(frozen=True, slots=True)
class ValueType:
    """How a value is held (``form``) and what it measures (``unit``)."""

    form: Form
    unit: Unit = Unit.NONE
    categories: tuple[str, ...] = ()


BOOL = ValueType("bool")
COUNT = ValueType("int")
NUMBER = ValueType("float")

Aggregator = Literal[
    "count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "exists",
    "pass_through", "sources_of_sources", "cycle_length", "scatter_gather", "shared_payees",
    "payees_of_payees",
]  # fmt: skip
"""Over the facts of a window: ``first`` and ``last`` are the ages (durations, at this entry's
``known_at``) of the oldest and the newest of them; ``std`` is the population's; ``count``, ``sum``,
``distinct`` and ``exists`` of an empty window are 0 and False, all others missing.

The last six follow money from payment to payment, in the judged payment's currency; all payments
they follow are in the window. But for the last two each was made before the one it feeds:

- ``pass_through``: of what the account received, the share that left again within ``within_ms``.
  A payment out takes from the newest of the last MATCH_STEPS payments in that are younger than
  that, each only once; missing if nothing was received.
- ``sources_of_sources``: distinct accounts that paid those that then paid the account.
- ``cycle_length``: payments in the shortest cycle that the judged payment closes, itself among
  them, CYCLE_HOPS at most; missing if there is none or CYCLE_STEPS looks did not find it.
- ``scatter_gather``: the most accounts through which money of one source of the payer came to the
  payee, the payer among them; 0 if the payer received nothing.
- ``shared_payees``: distinct other payers of the payee that paid another payee of the payer, too.
- ``payees_of_payees``: distinct accounts, but for itself, paid by those the account paid.

A walk looks at the newest WALK_EDGES payments into an account, and by one (constants in
walks.py)."""

WALKS: Final[tuple[Aggregator, ...]] = (
    "sources_of_sources", "cycle_length", "scatter_gather", "shared_payees", "payees_of_payees",
)  # fmt: skip
"""The aggregators that walk from account to account."""

TURNS: Final[tuple[Aggregator, ...]] = ("shared_payees", "payees_of_payees")
"""Those that walk from a payer to those it paid."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; money in minor units, durations in milliseconds, categories by index."""

    value: int | float | bool
    type: ValueType


@dataclass(frozen=True, slots=True)
class Missing:
    """The value nobody knows; what money in another currency is to a literal (see literals.py)."""

    type: ValueType


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A number field of the fact at hand: the judged one, or in ``where`` the window's own."""

    field: Field
    type: ValueType


@dataclass(frozen=True, slots=True)
class SymbolEquals:
    """Whether two symbols are the same; ``right`` is a field or a plain code. Missing if either
    is unknown.
    """

    left: Field
    right: Field | str
    type: ValueType = BOOL


@dataclass(frozen=True, slots=True)
class SymbolKnown:
    """Whether a symbol field is known. Never missing."""

    field: Field
    type: ValueType = BOOL


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a window's key: facts whose ``theirs`` equals the judged payment's ``ours``.

    Both are symbol fields, or both the currency.
    """

    theirs: Field
    ours: Field


@dataclass(frozen=True, slots=True)
class Window:
    """An aggregator over the facts of one kind before this entry, of one key, in a window of time.

    The facts counted have ``known_at`` in the half-open interval
    ``(t - delay_ms - window_ms, t - delay_ms]`` where t is this entry's ``known_at``, and a lower
    ``seq`` than this entry. The aggregate of money takes only facts in the judged payment's
    currency. Facts whose key, or whose aggregated ``value``, is unknown are not in any window; a
    judged payment whose own key is unknown has a missing aggregate. ``within_ms`` is what
    ``pass_through`` waits for money to leave, at most the window; 0 for all others.
    """

    aggregator: Aggregator
    fact: Fact
    value: Field | None
    by: tuple[KeyPart, ...]
    where: Expression | None
    window_ms: int
    delay_ms: int
    type: ValueType
    within_ms: int = 0


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """A feature by its name."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+ - * / %``; ``/`` is always a float, ``%`` has Python's sign."""

    operator: Literal["+", "-", "*", "/", "%"]
    left: Expression
    right: Expression
    type: ValueType


@dataclass(frozen=True, slots=True)
class Negative:
    """``-x``."""

    operand: Expression
    type: ValueType


@dataclass(frozen=True, slots=True)
class Comparison:
    """``< <= > >= == !=`` of two numbers of one unit."""

    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Expression
    right: Expression
    type: ValueType = BOOL


@dataclass(frozen=True, slots=True)
class Logic:
    """``and``/``or`` of two or more booleans (Kleene)."""

    operator: Literal["and", "or"]
    operands: tuple[Expression, ...]
    type: ValueType = BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """``not x`` (Kleene)."""

    operand: Expression
    type: ValueType = BOOL


@dataclass(frozen=True, slots=True)
class Choice:
    """``then if condition else otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type: ValueType


@dataclass(frozen=True, slots=True)
class Function:
    """A function of values.

    ``hour`` (0–23) and ``weekday`` (0 Monday – 6) of an instant, UTC shifted by the policy's
    stated offset (a constant second operand in milliseconds); ``log`` (natural), ``abs``,
    ``minimum``, ``maximum`` (missing if any operand is), ``coalesce``, ``known``.
    """

    name: Literal["hour", "weekday", "log", "abs", "minimum", "maximum", "coalesce", "known"]
    operands: tuple[Expression, ...]
    type: ValueType


Expression = (
    Constant
    | Missing
    | FieldValue
    | SymbolEquals
    | SymbolKnown
    | Window
    | FeatureValue
    | Arithmetic
    | Negative
    | Comparison
    | Logic
    | Not
    | Choice
    | Function
)
