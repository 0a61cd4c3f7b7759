"""The state as its caller sees it: it grows, refuses, lets go, is saved and comes back."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.errors import SnapshotError, StateFull
from arasha.events.columns import Facts, concatenate
from arasha.events.schema import CALL, Kind
from arasha.features.expressions import Window
from arasha.features.kernels import HEAD, TAIL
from arasha.features.plan import draw
from arasha.features.registers import Registers, empty_registers
from arasha.features.state import FIRST_SLOTS, State
from arasha.testing.generated import random_facts
from arasha.testing.laws import compiled, restarted
from feature_samples import (
    START_MS,
    WINDOW_SETS,
    by,
    judge_of,
    payments,
    small_state,
    timed_histories,
    window,
)

PAYER = by("payer_account")
COUNTS = [window("count", None, PAYER, 1000), window("distinct", "payee_account", PAYER, 1000)]
CALLS = window("count", None, by(("callee_number", "payer_number"), fact=CALL), 9, fact=CALL)


def observe(
    state: State, facts: Facts, known_at: NDArray[np.int64], *, judged: bool = True
) -> Registers:
    """Let a state without filters take in facts; the answers of those that are payments."""
    mask = (facts.kinds == Kind.PAYMENT) & judged
    answers = empty_registers(len(state.plan.windows), int(mask.sum()))
    passes = np.ones((len(state.plan.filters), len(facts)), np.uint8)
    columns = np.where(mask, np.cumsum(mask) - 1, -1)
    state.observe(facts, known_at, columns, passes, answers)
    return answers


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


def snapshot(state: State) -> dict[str, bytes]:
    """All that a state holds, to compare."""
    return {name: array.tobytes() for name, array in state.save().items()}


def test_nothing_is_answered_and_nothing_kept_for_an_empty_batch() -> None:
    """A batch of no facts is a batch."""
    state = State(draw(COUNTS))
    before = snapshot(state)
    assert (2, 0) == observe(state, *payments([])).ints.shape
    assert before == snapshot(state)


def test_a_state_without_windows_keeps_nothing() -> None:
    """A policy may do without any."""
    state = State(draw([]))
    assert (0, 3) == observe(state, *payments([1, 2, 3])).ints.shape
    assert 0 == state.events_held


def test_kinds_that_are_no_facts_touch_nothing() -> None:
    """A decision among the facts is a broken invariant; it must not be read as an address."""
    state = State(draw(COUNTS))
    observe(state, *payments([1]))
    before = snapshot(state)
    facts, known_at = payments([2, 3])
    facts.kinds[:] = Kind.DECISION
    observe(state, facts, known_at)
    assert before == snapshot(state)


def test_facts_that_are_not_judged_are_taken_in() -> None:
    """The past is absorbed without a question."""
    state = State(draw(COUNTS))
    observe(state, *payments([1, 2, 3]), judged=False)
    assert [[3], [1]] == observe(state, *payments([4])).ints.tolist()


@pytest.mark.parametrize("n", [FIRST_SLOTS, FIRST_SLOTS + 1, 5 * FIRST_SLOTS])
def test_it_grows_as_needed(n: int) -> None:
    """As many events, and as many keys, as a batch brings: all are there afterwards."""
    state = State(draw(COUNTS))
    parties = list(range(1, n + 1))
    observe(state, *payments([5] * n, payer_account=parties, payee_account=parties))
    again = observe(state, *payments([6] * n, payer_account=parties, payee_account=parties))
    assert 2 * n == state.events_held
    assert (again.ints == 1).all()


def test_keys_come_and_go() -> None:
    """Ten thousand keys, each for a moment, fit where a few hundred do."""
    state = State(draw([window("count", None, PAYER, 10)]))
    for start in range(0, 10_000, 100):
        parties = list(range(start + 1, start + 101))
        found = observe(state, *payments([start] * 100, payer_account=parties))
        assert not found.ints.any()
        again = observe(state, *payments([start + 1] * 100, payer_account=parties))
        assert (again.ints == 1).all()
    assert state.events_held <= 400
    assert len(state.save()["slots"]) == FIRST_SLOTS
    assert len(state.save()["pool"]) < 40 * FIRST_SLOTS


def _full(state: State) -> tuple[Facts, NDArray[np.int64]]:
    """A batch of more payments than the state may hold, and calls that would make a ring grow."""
    n = 3 * FIRST_SLOTS
    facts = random_facts(4, n, kinds=(Kind.PAYMENT, Kind.CALL))
    return facts, np.full(n, 7 + START_MS)


def test_at_the_limit_it_refuses_and_stays_as_it_was() -> None:
    """StateFull is raised before anything is added or grown, of any kind; then it goes on."""
    windows = [CALLS, *COUNTS]
    state = State(draw(windows), events_max=FIRST_SLOTS)
    observe(state, *payments([START_MS] * 10, payer_number=[1] * 10))
    before = snapshot(state)
    facts, known_at = _full(state)
    with pytest.raises(StateFull, match="1,024 events of one kind"):
        observe(state, facts, known_at)
    assert before == snapshot(state)
    again, later = payments([START_MS + 1] * 5, payer_number=[1] * 5)
    assert [[0] * 5, [10, 11, 12, 13, 14], [1] * 5] == observe(state, again, later).ints.tolist()


def test_a_kind_below_its_limit_does_not_grow_when_another_is_refused() -> None:
    """The ring of calls could grow, that of payments not: neither is touched."""
    state = State(draw([CALLS, *COUNTS]), events_max=2 * FIRST_SLOTS)
    calls = random_facts(1, FIRST_SLOTS - 1, kinds=(Kind.CALL,))
    observe(state, calls, np.full(len(calls), START_MS))
    before = snapshot(state)
    facts = random_facts(2, 2 * FIRST_SLOTS + 100, kinds=(Kind.PAYMENT,))
    mixed = random_facts(3, 100, kinds=(Kind.CALL,))
    both = concatenate([mixed, facts])
    with pytest.raises(StateFull):
        observe(state, both, np.full(len(both), START_MS))
    assert before == snapshot(state)


@pytest.mark.parametrize("limit", [1, 10, 1000, 1025])
def test_the_limit_is_exact(limit: int) -> None:
    """Not the next power of two."""
    state = State(draw(COUNTS), events_max=limit)
    observe(state, *payments([1] * limit))
    with pytest.raises(StateFull):
        observe(state, *payments([1]))


def test_memory_of_what_was_let_go_is_given_back() -> None:
    """Millions of payments go through windows that hold few: their memory does not stay; and where
    the ring goes round, nothing of what it holds is given back.
    """
    n, batch = 3_000_000, 50_000
    amounts = [window(name, "amount", PAYER, batch) for name in ("sum", "std", "max")]
    wide, narrow = State(draw(amounts)), State(draw(amounts), events_max=1 << 18)
    few = State(draw(amounts))

    def some(start: int) -> tuple[Facts, NDArray[np.int64]]:
        times = np.arange(start, start + batch)
        parties, sizes = (times % 97 + 1).tolist(), (times % 89 + 1).tolist()
        return payments(times.tolist(), payer_account=parties, amount=sizes)

    for start in range(0, n, batch):
        facts = some(start)
        if start == 2 * batch:
            before = resident_bytes()
        found = [observe(state, *facts).ints for state in (wide, narrow)]
        if start >= n - 2 * batch:
            expected = observe(few, *facts).ints
    assert all(np.array_equal(expected, one) for one in found)
    rows = n * int(wide.plan.event_bytes[Kind.PAYMENT])
    assert resident_bytes() - before < rows // 3


def test_ordinals_go_round() -> None:
    """After 2**31 events the numbers begin again; nobody notices."""
    judge = judge_of(*COUNTS, window("max", "amount", PAYER, 1000))
    facts, known_at = payments(list(range(3000)), amount=[i % 7 + 1 for i in range(3000)])
    for ordinal in (2**31 - 1, 2**31 - 1024, 2**31 - 1500):
        state = small_state(judge, ordinal=ordinal, slots=4, events_max=1024)
        assert compiled(judge, facts, known_at) == compiled(
            judge, facts, known_at, cuts=range(0, 3000, 7), state=state
        )
        head, tail = (int(state.save()["rings"][Kind.PAYMENT, at]) for at in (HEAD, TAIL))
        assert 0 <= head <= tail < 3000


@settings(max_examples=50)
@given(WINDOW_SETS, timed_histories(), st.integers(0, 50))
def test_letting_go_at_once_changes_no_answer(
    windows: list[Window], history: tuple[Facts, NDArray[np.int64]], cut: int
) -> None:
    """Reaped a few at a time or all at the last entry's time: the answers are the same."""
    judge, (facts, known_at) = judge_of(*windows), history

    def settled(state: State) -> State:
        state.settle(int(known_at[min(cut, len(facts)) - 1]))
        return state

    expected = compiled(judge, facts, known_at)
    assert expected == compiled(judge, facts, known_at, cuts=[cut], between=settled)


def test_what_no_window_can_hold_is_gone() -> None:
    """After ``settle`` no key, no event and no byte of an old amount is left."""
    state = State(draw([*COUNTS, window("sum", "amount", PAYER, 50)]))
    secret = 123_456_789_012_345
    observe(state, *payments(list(range(500)), amount=[secret] * 500, payer_account=[77] * 500))
    state.settle(10_000)
    arrays = state.save()
    assert 0 == state.events_held
    assert not arrays["slots"].any()
    assert not any((array == secret).any() for array in arrays.values())
    assert not any((array == 77).any() for array in arrays.values())


def test_a_fresh_state_comes_back() -> None:
    """A snapshot may be taken before anything happened."""
    state = restarted(State(draw(COUNTS)))
    assert [[0, 1], [0, 1]] == observe(state, *payments([1, 2])).ints.tolist()


def test_a_snapshot_that_may_not_be_written_is_copied() -> None:
    """The kernel writes at addresses; arrays over bytes are not its to write."""
    state = State(draw(COUNTS))
    observe(state, *payments([1, 2]))
    frozen = {}
    for name, array in state.save().items():
        frozen[name] = np.frombuffer(array.tobytes(), np.int64).reshape(array.shape)
    fresh = State(draw(COUNTS))
    fresh.restore(frozen)
    before = {name: array.tobytes() for name, array in frozen.items()}
    assert [[2], [1]] == observe(fresh, *payments([3])).ints.tolist()
    assert before == {name: array.tobytes() for name, array in frozen.items()}


@pytest.mark.parametrize(
    "other",
    [
        [],
        [window("count", None, PAYER, 1000)],
        [*COUNTS, CALLS],
        [*COUNTS, window("count", None, by("payee_account"), 1000)],
    ],
)
def test_a_snapshot_of_another_plan_is_refused(other: list[Window]) -> None:
    """What it says would be read as something else; the state stays as it was."""
    state = State(draw(COUNTS))
    observe(state, *payments([1, 2]))
    another = State(draw(other))
    before = snapshot(another)
    with pytest.raises(SnapshotError):
        another.restore(state.save())
    assert before == snapshot(another)


def test_memory_used_is_told() -> None:
    """It grows with events and keys."""
    state = State(draw(COUNTS))
    empty = state.bytes_used
    observe(state, *payments([1, 2, 3]))
    rows = 3 * int(state.plan.event_bytes[Kind.PAYMENT])
    assert empty + rows + int(state.plan.record_bytes_of_kind[Kind.PAYMENT]) == state.bytes_used
