"""The flow of money: each walk equals the oracle, is right by hand, and costs what it may."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import Kind
from arasha.features.expressions import Window
from arasha.features.plan import draw
from arasha.features.walks import CYCLE_STEPS, MATCH_STEPS, WALK_EDGES
from arasha.testing.generated import random_facts
from arasha.testing.laws import compiled, differences, restarted
from feature_samples import (
    DAY_MS,
    HOUR_MS,
    START_MS,
    flow_window,
    flow_windows,
    judge_of,
    payments,
    small_state,
)

CUTS = st.lists(st.integers(0, 120), max_size=6)
STEPS_MS = (0, 0, 1, 2, 500, HOUR_MS)


@st.composite
def flows(draw: st.DrawFn) -> tuple[Facts, NDArray[np.int64]]:
    """Payments, with calls between them, of few or several accounts in two currencies."""
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 120))
    kinds = (Kind.PAYMENT, Kind.CALL) if draw(st.booleans()) else (Kind.PAYMENT,)
    facts = random_facts(seed, n, parties=draw(st.integers(1, 9)), kinds=kinds)
    return facts, START_MS + np.cumsum(np.random.default_rng(seed).choice(STEPS_MS, n))


@settings(max_examples=150)
@given(
    st.lists(flow_windows(), min_size=1, max_size=6), flows(), CUTS,
    st.sampled_from((0, 2**31 - 9)),
)  # fmt: skip
def test_every_walk_equals_the_oracle(
    windows: list[Window], history: tuple[Facts, NDArray[np.int64]], cuts: list[int], ordinal: int
) -> None:
    """Any of them together, over any batches, wherever ordinals begin."""
    judge = judge_of(*windows)
    assert [] == differences(judge, *history, cuts=cuts, state=small_state(judge, ordinal=ordinal))


@settings(max_examples=50)
@given(st.lists(flow_windows(), min_size=1, max_size=6), flows(), CUTS)
def test_a_restart_and_letting_go_change_nothing(
    windows: list[Window], history: tuple[Facts, NDArray[np.int64]], cuts: list[int]
) -> None:
    """A snapshot holds all that walks rest on; links into what was let go are ends."""
    judge = judge_of(*windows)
    expected = compiled(judge, *history)
    assert expected == compiled(judge, *history, cuts=cuts, between=restarted)
    settled = small_state(judge)
    assert expected == compiled(judge, *history, cuts=cuts, state=settled)


CASES = [
    ("money comes back in three", "cycle_length", [(0, 1, 2), (1, 2, 3), (2, 3, 1)],
     [None, None, 3]),
    ("the shortest counts", "cycle_length", [(0, 1, 2), (1, 2, 3), (2, 1, 3), (3, 3, 1)],
     [None, None, None, 2]),
    ("not against time", "cycle_length", [(0, 2, 3), (1, 1, 2), (2, 3, 1)], [None, None, None]),
    ("out of the window", "cycle_length", [(0, 1, 2), (10, 2, 1)], [None, None]),
    ("six payments at most", "cycle_length",
     [(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (0, 5, 6), (1, 6, 1), (2, 7, 1), (3, 6, 7)],
     [None, None, None, None, None, 6, None, None]),
    ("seven are too many", "cycle_length",
     [(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (0, 5, 6), (0, 6, 7), (1, 7, 1)], [None] * 7),
    ("three between one and one", "scatter_gather",
     [(0, 1, 2), (0, 1, 3), (0, 1, 4), (1, 2, 9), (1, 3, 9), (1, 4, 9)], [0, 0, 0, 1, 2, 3]),
    ("paid on before it came is not through", "scatter_gather",
     [(0, 2, 9), (0, 1, 2), (0, 1, 3), (1, 3, 9)], [0, 0, 0, 1]),
    ("the square closes", "shared_payees", [(0, 1, 8), (0, 2, 8), (1, 2, 9), (1, 1, 9)],
     [0, 0, 0, 1]),
    ("in any order, each other payer once", "shared_payees",
     [(0, 2, 9), (0, 3, 9), (0, 1, 8), (0, 1, 7), (1, 2, 8), (1, 2, 7), (1, 3, 7), (2, 1, 9)],
     [0, 0, 0, 0, 0, 1, 1, 2]),
    ("neither oneself nor the payee alone", "shared_payees",
     [(0, 1, 9), (0, 2, 9), (1, 1, 9)], [0, 0, 0]),
    ("a square half out of the window", "shared_payees",
     [(0, 1, 8), (5, 2, 8), (5, 2, 9), (11, 1, 9)], [0, 0, 0, 0]),
    ("two beyond one", "payees_of_payees", [(0, 2, 5), (0, 2, 6), (1, 1, 2), (2, 1, 3)],
     [0, 0, 0, 2]),
    ("in any order, each once, not oneself", "payees_of_payees",
     [(0, 1, 2), (0, 1, 3), (1, 2, 5), (1, 3, 5), (1, 3, 1), (2, 1, 9)], [0, 0, 0, 0, 0, 1]),
    ("only half in the window", "payees_of_payees", [(0, 1, 2), (5, 2, 5), (11, 1, 9)], [0, 0, 0]),
    ("two behind one", "sources_of_sources", [(0, 5, 1), (0, 6, 1), (1, 1, 2), (2, 2, 3)],
     [0, 0, 0, 2]),
    ("what came after is not behind", "sources_of_sources",
     [(0, 1, 2), (0, 5, 1), (1, 2, 3)], [0, 0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_cases_worked_out_by_hand(
    name: str, rows: list[tuple[int, int, int]], expected: list[int | None]
) -> None:
    """(time, payer, payee) of payments and what is said of each, in a window of 10 ms."""
    times, payers, payees = (list(column) for column in zip(*rows, strict=True))
    facts, known_at = payments(times, payer_account=payers, payee_account=payees)
    judge = judge_of(flow_window(name, 10))  # type: ignore[arg-type]  # an aggregator's name
    assert expected == compiled(judge, facts, known_at)["w0"]
    assert [] == differences(judge, facts, known_at)


def test_money_is_passed_on_once_and_in_time() -> None:
    """60 of 100 leave in time; 30 take from the next 50; what leaves later does not count."""
    rows = [
        (0, 1, 2, 100),
        (1, 2, 3, 60),
        (2, 1, 2, 50),
        (3, 2, 3, 30),
        (9, 2, 3, 70),
        (9, 2, 4, 1),
    ]
    times, payers, payees, amount = (list(column) for column in zip(*rows, strict=True))
    facts, known_at = payments(times, amount=amount, payer_account=payers, payee_account=payees)
    judge = judge_of(flow_window("pass_through", 100, 5))
    found = compiled(judge, facts, known_at)["w0"]
    assert [None, 0.0, None, 0.4, 0.6, 0.6] == found
    assert [] == differences(judge, facts, known_at)


def test_bounds_are_those_of_the_oracle() -> None:
    """Hubs beyond every bound: more payments in than a walk or a match looks at."""
    chance, n = np.random.default_rng(3), 900
    facts, known_at = payments(
        list(range(n)), amount=chance.integers(1, 50, n).tolist(),
        payer_account=chance.integers(1, 60, n).tolist(),
        payee_account=np.minimum(chance.integers(1, 60, n), 12).tolist(),
    )  # fmt: skip
    assert n > max(CYCLE_STEPS, 2 * MATCH_STEPS, 2 * WALK_EDGES)
    judge = judge_of(
        flow_window("cycle_length", DAY_MS), flow_window("scatter_gather", DAY_MS),
        flow_window("sources_of_sources", DAY_MS), flow_window("pass_through", DAY_MS, HOUR_MS),
        flow_window("shared_payees", DAY_MS), flow_window("payees_of_payees", DAY_MS),
        flow_window("payees_of_payees", DAY_MS, payer=False),
    )  # fmt: skip
    assert [] == differences(judge, facts, known_at, every=9)


def test_a_hub_costs_what_its_bounds_allow() -> None:
    """Payments by and to an account with 50,000 payments: below half a millisecond each."""
    n, hub = 50_000, 7
    others = np.random.default_rng(1).integers(10, 2000, n)
    inward = np.arange(n) % 2 == 0
    facts, known_at = payments(
        list(range(n)), payer_account=np.where(inward, others, hub).tolist(),
        payee_account=np.where(inward, hub, others).tolist(),
    )  # fmt: skip
    judge = judge_of(
        flow_window("cycle_length", DAY_MS), flow_window("scatter_gather", DAY_MS),
        flow_window("sources_of_sources", DAY_MS), flow_window("pass_through", DAY_MS, HOUR_MS),
        flow_window("shared_payees", DAY_MS), flow_window("payees_of_payees", DAY_MS),
        flow_window("payees_of_payees", DAY_MS, payer=False),
    )  # fmt: skip
    state = judge.fresh_state()
    judge.absorb(state, facts.take(slice(0, n - 500)), known_at[: n - 500])
    start = time.perf_counter()
    for _ in judge.watch(state, facts.take(slice(n - 500, n)), known_at[n - 500 :]):
        pass
    assert (time.perf_counter() - start) / 500 < 0.0005


def test_memory_of_a_payment() -> None:
    """The flow of money adds at most 64 bytes to a payment's row, and nothing where not used."""
    some = [flow_window(name, DAY_MS) for name in ("cycle_length", "scatter_gather")]
    plan = draw([*some, flow_window("pass_through", DAY_MS, HOUR_MS)])
    assert plan.event_bytes[Kind.PAYMENT] <= 8 + 64
    assert 24 == draw(some).event_bytes[Kind.PAYMENT]
    for name in ("shared_payees", "payees_of_payees"):
        assert 32 == draw([*some, flow_window(name, DAY_MS)]).event_bytes[Kind.PAYMENT]
