"""Windows, histories and policies made at random, for the laws of the features."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import FACTS, PAYMENT, Fact, Field, FieldType, Kind
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Aggregator,
    Comparison,
    Constant,
    Expression,
    FieldValue,
    Function,
    KeyPart,
    Logic,
    Missing,
    Not,
    SymbolEquals,
    SymbolKnown,
    ValueType,
    Window,
)
from arasha.features.kernels import HEAD, TAIL
from arasha.features.state import EVENTS_MAX, State
from arasha.policy.definition import Policy, Rule, Thresholds
from arasha.policy.judge import Judge
from arasha.testing.generated import random_facts

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_700_000_000_000
SPANS_MS = (1, 2, 7, 1000, HOUR_MS, 30 * DAY_MS)
DELAYS_MS = (0, 0, 0, 1, 5, 1000, 2 * HOUR_MS, 30 * DAY_MS)
STEPS_MS = (0, 0, 0, 0, 1, 1, 2, 3, 500, 1000, HOUR_MS, 90 * DAY_MS)
AGGREGATORS: tuple[Aggregator, ...] = (
    "count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "exists",
)  # fmt: skip
TYPE_OF: Mapping[Aggregator, ValueType] = {"mean": NUMBER, "std": NUMBER, "exists": BOOL}
PARTS = tuple(f for f in PAYMENT.fields if f.type.is_symbol or f.type is FieldType.CURRENCY)


def field(fact: Fact, name: str) -> Field:
    """The field of that name, which there is."""
    found = fact.field(name)
    assert found is not None, name
    return found


def by(*parts: str | tuple[str, str], fact: Fact = PAYMENT) -> tuple[KeyPart, ...]:
    """A key: names of fields, or (theirs, ours)."""
    pairs = [(part, part) if isinstance(part, str) else part for part in parts]
    return tuple(KeyPart(field(fact, theirs), field(PAYMENT, ours)) for theirs, ours in pairs)


def window(
    aggregator: Aggregator,
    value: str | None,
    key: tuple[KeyPart, ...],
    window_ms: int,
    delay_ms: int = 0,
    where: Expression | None = None,
    fact: Fact = PAYMENT,
) -> Window:
    """A window over facts, most often payments."""
    of = None if value is None else field(fact, value)
    form = TYPE_OF.get(aggregator, COUNT)
    return Window(aggregator, fact, of, key, where, window_ms, delay_ms, form)


def policy(
    features: Mapping[str, Expression],
    rules: tuple[Rule, ...] = (),
    thresholds: Thresholds | None = None,
) -> Policy:
    """A policy of these features, made without a document."""
    return Policy(
        name="sample", judges=PAYMENT, mapping=None, utc_offset_ms=0, features=features,
        feature_texts={}, keep=(), rules=rules, thresholds=thresholds or Thresholds(),
        source=Path("sample.toml"),
    )  # fmt: skip


def judge_of(*windows: Window) -> Judge:
    """A judge whose features are these windows, named w0, w1 and so on."""
    return Judge(policy({f"w{i}": one for i, one in enumerate(windows)}))


def payments(
    known_at: list[int], *, amount: list[int] | None = None, **parties: list[int]
) -> tuple[Facts, NDArray[np.int64]]:
    """Payments at those times; parties are small numbers, 0 unknown, everyone 1 where not given."""
    n = len(known_at)
    times = np.array(known_at, np.int64)
    symbols = {}
    for name in ("payer_account", "payee_account", *parties):
        low = np.array(parties.get(name, [1] * n), np.uint64)
        symbols[name] = np.stack([low, low * np.uint64(77)], axis=1)
    amounts = np.array([1] * n if amount is None else amount, np.int64)
    numbers = {"happened_at": times, "amount": amounts, "currency": np.full(n, 398, np.int64)}
    ids = [f"p{i}" for i in range(n)]
    return Facts(np.full(n, Kind.PAYMENT, np.uint8), ids, numbers, symbols), times


@st.composite
def timed_histories(draw: st.DrawFn, max_size: int = 50) -> tuple[Facts, NDArray[np.int64]]:
    """Facts of some kinds over few parties, with known_at that stands still, creeps and jumps."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(0, max_size))
    kinds = draw(
        st.sampled_from(
            [(Kind.PAYMENT,), (Kind.PAYMENT, Kind.LABEL), (Kind.PAYMENT, Kind.CALL, Kind.REPORT),
             tuple(fact.kind for fact in FACTS.values())]
        )
    )  # fmt: skip
    facts = random_facts(seed, n, parties=draw(st.integers(1, 3)), kinds=kinds)
    chance = np.random.default_rng(seed)
    steps = chance.choice(draw(st.permutations(STEPS_MS))[: draw(st.integers(1, 12))], n)
    if draw(st.booleans()) and "amount" in facts.numbers:
        amount = facts.numbers["amount"]
        np.multiply(amount, 10**12 + 1, out=amount, where=amount > 0)
    return facts, START_MS + np.cumsum(steps)


def filters(fact: Fact) -> st.SearchStrategy[Expression]:
    """What a ``where`` can ask of one kind of fact."""
    leaves: list[st.SearchStrategy[Expression]] = [st.just(Missing(BOOL))]
    for one in fact.fields:
        number = FieldValue(one, COUNT)
        if one.type is FieldType.MARK:
            leaves.append(st.just(FieldValue(one, BOOL)))
        elif one.type.is_symbol:
            leaves.append(st.just(SymbolKnown(one)))
            leaves.append(st.builds(SymbolEquals, st.just(one), st.sampled_from(_alike(fact, one))))
        elif one.type is FieldType.CATEGORY:
            index = st.integers(0, 1).map(lambda i: Constant(i, COUNT))
            leaves.append(
                st.builds(Comparison, st.sampled_from(("==", "!=")), st.just(number), index)
            )
        elif one.type in (FieldType.MONEY, FieldType.DURATION):
            limit = st.sampled_from((10, 500, 10**15)).map(lambda i: Constant(i, COUNT))
            leaves.append(
                st.builds(Comparison, st.sampled_from(("<", ">=")), st.just(number), limit)
            )
            leaves.append(st.just(Function("known", (number,), BOOL)))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(Logic, st.sampled_from(("and", "or")), st.tuples(inner, inner)),
        ),
        max_leaves=3,
    )


def _alike(fact: Fact, one: Field) -> list[Field | str]:
    """What a symbol can be compared with: fields of its type, or a code."""
    fields: list[Field | str] = [f for f in fact.fields if f.type is one.type]
    return [*fields, "ALPHAKZK"] if one.type is FieldType.CODE else fields


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any aggregator over any fact, key of none to three parts, role crossed or not."""
    fact = draw(st.sampled_from([PAYMENT, PAYMENT, PAYMENT, *FACTS.values()]))
    if draw(st.integers(0, 4)) == 0:
        return draw(flow_windows())
    aggregator = draw(st.sampled_from(AGGREGATORS))
    measured = [f for f in fact.fields if f.type in (FieldType.MONEY, FieldType.DURATION)]
    if aggregator in ("sum", "mean", "min", "max", "std") and not measured:
        aggregator = draw(st.sampled_from(("count", "first", "last", "exists", "distinct")))
    values = measured
    if aggregator == "distinct":
        values = [f for f in fact.fields if f.type.is_symbol or f.type is FieldType.CATEGORY]
    value = None
    if aggregator not in ("count", "exists", "first", "last"):
        value = draw(st.sampled_from(values))
    where = draw(st.one_of(st.none(), st.none(), filters(fact)))
    return Window(
        aggregator, fact, value, draw(_keys(fact)), where, draw(st.sampled_from(SPANS_MS)),
        draw(st.sampled_from(DELAYS_MS)), TYPE_OF.get(aggregator, COUNT),
    )  # fmt: skip


def flow_window(
    aggregator: Aggregator, window_ms: int, within_ms: int = 0, *, payer: bool = True
) -> Window:
    """An aggregator of the flow of money, of what the payer or the payee received or paid."""
    theirs = "payer_account" if aggregator == "payees_of_payees" else "payee_account"
    key = by((theirs, "payer_account" if payer else "payee_account"), "currency")
    of = field(PAYMENT, "amount") if aggregator == "pass_through" else None
    if aggregator in ("cycle_length", "scatter_gather", "shared_payees"):
        key = by("currency")
    form = COUNT if of is None else NUMBER
    return Window(aggregator, PAYMENT, of, key, None, window_ms, 0, form, within_ms)


@st.composite
def flow_windows(draw: st.DrawFn) -> Window:
    """Any aggregator of the flow of money."""
    names: tuple[Aggregator, ...] = (
        "pass_through", "sources_of_sources", "cycle_length", "scatter_gather", "shared_payees",
        "payees_of_payees",
    )  # fmt: skip
    name, span = draw(st.sampled_from(names)), draw(st.sampled_from(SPANS_MS))
    within = 0
    if name == "pass_through":
        within = draw(st.sampled_from([one for one in SPANS_MS if one <= span]))
    return flow_window(name, span, within, payer=draw(st.booleans()))


@st.composite
def _keys(draw: st.DrawFn, fact: Fact) -> tuple[KeyPart, ...]:
    """Parts of equal names, or of two fields that hold parties of one kind."""
    choices = [
        KeyPart(theirs, ours)
        for theirs in fact.fields
        for ours in PARTS
        if theirs.type is ours.type and theirs.party is ours.party
    ]
    size = draw(st.sampled_from((0, 1, 1, 1, 2, 2, 3)))
    parts = draw(st.lists(st.sampled_from(choices), min_size=min(size, 1), max_size=size))
    return tuple({part.theirs.name: part for part in parts}.values())


WINDOW_SETS = st.lists(windows(), min_size=1, max_size=8)


def small_state(
    judge: Judge, *, ordinal: int = 0, slots: int = 1, events_max: int = EVENTS_MAX
) -> State:
    """A state whose key table begins tiny and must grow, and whose ordinals begin there."""
    state = State(judge.plan, events_max=events_max)
    arrays = {name: array.copy() for name, array in state.save().items()}
    kept = judge.plan.event_bytes > 0
    arrays["rings"][kept, HEAD] = arrays["rings"][kept, TAIL] = ordinal
    arrays["slots"] = np.zeros(slots, np.int64)
    state.restore(arrays)
    return state
