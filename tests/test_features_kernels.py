"""Law 3: the window kernel equals the oracle on any history, whatever it is asked."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.columns import Facts, concatenate
from arasha.events.schema import LABEL, PAYMENT
from arasha.features import state as features_state
from arasha.features.expressions import (
    COUNT,
    Aggregator,
    Comparison,
    Constant,
    FieldValue,
    Window,
)
from arasha.testing.generated import random_facts
from arasha.testing.laws import Between, compiled, differences, restarted
from feature_samples import (
    START_MS,
    WINDOW_SETS,
    by,
    field,
    judge_of,
    payments,
    small_state,
    timed_histories,
    window,
)

CUTS = st.lists(st.integers(0, 50), max_size=6)
ORDINALS = st.sampled_from((0, 0, 2**31 - 1, 2**31 - 9))
History = tuple[Facts, NDArray[np.int64]]

MEASURES: tuple[Aggregator, ...] = ("sum", "mean", "min", "max", "std")


@settings(max_examples=200)
@given(WINDOW_SETS, timed_histories(), CUTS, ORDINALS, st.sampled_from((1, 2, 1024)))
def test_every_window_equals_the_oracle(
    windows: list[Window], history: History, cuts: list[int], ordinal: int, slots: int
) -> None:
    """Any aggregators, keys, filters, delays and spans; any batches; any start of the ordinals."""
    judge = judge_of(*windows)
    state = small_state(judge, ordinal=ordinal, slots=slots)
    assert [] == differences(judge, *history, cuts=cuts, state=state)


@settings(max_examples=200)
@given(WINDOW_SETS, timed_histories(), st.sampled_from((1, 2, 3)))
def test_keys_are_found_while_their_table_is_left(
    windows: list[Window], history: History, moved: int
) -> None:
    """Looked up, made and forgotten with some slots in the old table and some in the new one."""
    judge = judge_of(*windows)
    with patch.object(features_state, "MOVED_A_FACT", moved):
        state = small_state(judge, slots=2)
        assert [] == differences(judge, *history, cuts=range(0, 50, 3), state=state)


@settings(max_examples=100)
@given(WINDOW_SETS, timed_histories(), CUTS)
def test_a_restart_anywhere_changes_nothing(
    windows: list[Window], history: History, cuts: list[int]
) -> None:
    """A snapshot taken and restored between batches holds all that answers rest on."""
    judge = judge_of(*windows)
    assert compiled(judge, *history) == compiled(judge, *history, cuts=cuts, between=restarted)


@settings(max_examples=100)
@given(WINDOW_SETS, timed_histories(), st.integers(0, 50), st.integers(0, 2**32 - 1))
def test_no_window_sees_the_future(
    windows: list[Window], history: History, cut: int, seed: int
) -> None:
    """Law 2: other facts after an entry, in other order, change no answer up to it."""
    judge, (facts, known_at) = judge_of(*windows), history
    order = np.arange(len(facts))
    np.random.default_rng(seed).shuffle(order[cut:])
    other = facts.take(order)
    changed = random_facts(seed, len(facts))
    kept = min(cut, len(facts))
    ahead = int((facts.kinds[:kept] == judge.policy.judges.kind).sum())
    expected = {name: column[:ahead] for name, column in compiled(judge, facts, known_at).items()}
    for future in (other, _spliced(facts, changed, kept)):
        found = compiled(judge, future, known_at)
        assert expected == {name: column[:ahead] for name, column in found.items()}


def _spliced(first: Facts, second: Facts, cut: int) -> Facts:
    """The facts of one history up to there, of the other from there."""
    return concatenate([first.take(slice(0, cut)), second.take(slice(cut, None))])


CASES = [
    (
        "a key that is not looked at before it joins: the old payment leaves, its like comes",
        [window("distinct", "payer_account", by(("payee_account", "payer_account")), 10)],
        [(0, 1, 2), (20, 1, 2), (21, 2, 3)],
        [0, 0, 1],
    ),
    (
        "reaped under the pair of parties before it is uncounted under one of them",
        [
            window("distinct", "payee_account", by("payer_account"), 10, 10),
            window("count", None, by("payer_account", "payee_account"), 1),
        ],
        [(0, 1, 5), (9, 1, 5), (22, 2, 7), (23, 1, 5)],
        [0, 0, 0, 1],
    ),
    (
        "the same the other way round",
        [
            window("count", None, by("payer_account", "payee_account"), 1),
            window("distinct", "payee_account", by("payer_account"), 10, 10),
        ],
        [(0, 1, 5), (9, 1, 5), (22, 2, 7), (23, 1, 5)],
        [0, 0, 0, 0],
    ),
    (
        "half-open: a payment is inside at its own time and outside a span later",
        [window("count", None, by("payer_account"), 10)],
        [(0, 1, 1), (0, 1, 1), (9, 1, 1), (10, 1, 1)],
        [0, 1, 2, 1],
    ),
    (
        "a delay shifts both ends",
        [window("count", None, by("payer_account"), 10, 5)],
        [(0, 1, 1), (4, 1, 1), (5, 1, 1), (14, 1, 1), (15, 1, 1), (20, 1, 1)],
        [0, 0, 1, 3, 2, 2],
    ),
]


@pytest.mark.parametrize(
    ("windows", "rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_cases_worked_out_by_hand(
    windows: list[Window], rows: list[tuple[int, int, int]], expected: list[int]
) -> None:
    """(time, payer, payee) of payments, and what the first window says at each."""
    times, payers, payees = (list(column) for column in zip(*rows, strict=True))
    facts, known_at = payments(times, payer_account=payers, payee_account=payees)
    judge = judge_of(*windows)
    assert expected == compiled(judge, facts, known_at)["w0"]
    assert [] == differences(judge, facts, known_at)


def _busy_windows(spans: tuple[int, ...], delay_ms: int) -> list[Window]:
    """Of the payee whom all pay, and of payers who pay now and then: theirs are often empty while
    some payment of theirs still waits for its delay, or is kept for another filter.
    """
    seven = Comparison("==", FieldValue(field(PAYMENT, "amount"), COUNT), Constant(7, COUNT))
    found = [window("count", None, (), span, delay_ms) for span in spans]
    for key in (by("payee_account"), by("payer_account")):
        for span in spans:
            found += [window(name, "amount", key, span, delay_ms) for name in MEASURES]
            found += [window("max", "amount", key, span, delay_ms, seven)]
            found += [window("last", None, key, span, delay_ms, seven)]
            found += [window("distinct", "device", key, span, delay_ms, w) for w in (None, seven)]
    return found


@pytest.mark.parametrize("spans", [(3,), (60,), (3, 200, 2500)])
@pytest.mark.parametrize("delay_ms", [0, 40])
@pytest.mark.parametrize("values", ["rising", "falling", "equal", "random"])
def test_a_hub_with_thousands_of_payments(
    values: str, delay_ms: int, spans: tuple[int, ...]
) -> None:
    """One payee takes them all; stacks of extremes are long, short and in between; rings are large
    or go round hundreds of times, so that nothing may point to what was there before.
    """
    n = 4000
    chance = np.random.default_rng(5)
    amount = {
        "rising": np.arange(1, n + 1), "falling": np.arange(n, 0, -1),
        "equal": np.full(n, 7), "random": chance.integers(5, 10, n),
    }[values]  # fmt: skip
    known_at = np.cumsum(chance.integers(0, 3, n)) + START_MS
    facts, times = payments(
        known_at.tolist(), amount=amount.tolist(),
        payer_account=chance.integers(1, 40, n).tolist(), payee_account=[3] * n,
        device=chance.integers(0, 4, n).tolist(),
    )  # fmt: skip
    judge = judge_of(*_busy_windows(spans, delay_ms))
    cuts = range(0, n, 3)  # small batches: the ring is not much larger than what it holds
    state = small_state(judge, ordinal=2**31 - 1000, events_max=1 << 13)
    every = 100 * len(spans)
    assert [] == differences(judge, facts, times, cuts=cuts, state=state, every=every)


def test_a_sum_too_large_is_held_and_comes_back() -> None:
    """Beyond int64 a sum stands at its largest value; when payments leave, it is exact again; mean
    and deviation are exact all the while.
    """
    n, most = 20_000, 10**15
    times = [*range(n), 30_099, 39_989]
    facts, known_at = payments(times, amount=[most] * n + [most - 1] * 2)
    judge = judge_of(*(window(name, "amount", by("payer_account"), 20_000) for name in MEASURES))
    found = compiled(judge, facts, known_at)["w0"]
    assert [9223 * most, 2**63 - 1, 2**63 - 1] == [found[9223], found[9224], found[n - 1]]
    assert [2**63 - 1, 10 * most + most - 1] == found[-2:]  # 9,900, then 10 and the last but one
    assert [] == differences(judge, facts, known_at, every=6000)


def test_after_months_of_silence_nothing_is_left() -> None:
    """All leave at once, some facts later all are reaped, keys and places are used again."""
    judge = judge_of(
        window("distinct", "payee_account", by("payer_account"), 50, 10),
        window("max", "amount", by("payee_account"), 50),
        window("last", None, by("payer_account", "payee_account"), 50),
    )
    chance = np.random.default_rng(1)
    state = judge.fresh_state()
    for year in range(4):
        n = 3000
        times = START_MS + year * 10**10 + np.cumsum(chance.integers(0, 3, n))
        facts, known_at = payments(
            times.tolist(), amount=chance.integers(1, 9, n).tolist(),
            payer_account=chance.integers(1, 500, n).tolist(),
            payee_account=chance.integers(1, 500, n).tolist(),
        )  # fmt: skip
        assert [] == differences(judge, facts, known_at, state=state, cuts=[5, 77], every=200)
        if year == 0:
            used = state.bytes_used
    assert state.events_held < 200
    assert state.bytes_used <= used + 100_000


def test_labels_of_keys_nobody_pays_from_are_counted() -> None:
    """Facts that are not judged advance their own windows when they join."""
    labels = window("distinct", "payer_account", by("payee_account", fact=LABEL), 3, fact=LABEL)
    kinds = (LABEL.kind, PAYMENT.kind)
    for seed in range(20):
        facts = random_facts(seed, 200, parties=2, kinds=kinds)
        known_at = START_MS + np.arange(200) // 2
        assert [] == differences(judge_of(labels), facts, known_at)


@pytest.mark.slow
@settings(max_examples=5000)
@given(WINDOW_SETS, timed_histories(120), CUTS, ORDINALS, st.sampled_from((None, restarted)))
def test_every_window_equals_the_oracle_for_long(
    windows: list[Window], history: History, cuts: list[int], ordinal: int, between: Between | None
) -> None:
    """The same law over longer histories and more of them."""
    judge = judge_of(*windows)
    state = small_state(judge, ordinal=ordinal)
    assert [] == differences(judge, *history, cuts=cuts, state=state, between=between)
