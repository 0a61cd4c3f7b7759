"""The table of habits against a dictionary, and its bounds."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import numpy as np

from arasha.gateways.habits import DAY_MS, Habits
from gateways_samples import Telling, token


def test_it_counts_as_a_dictionary_does() -> None:
    """Random calls over more than a day: calls, calls received, calls taken, and about how many
    different numbers were called.
    """
    chance, telling = random.Random(1), Telling()
    calls, received, taken = Counter[str](), Counter[str](), Counter[str]()
    callees = defaultdict[str, set[str]](set)
    for _ in range(3_000):
        caller, callee = (f"n{chance.randrange(60)}" for _ in range(2))
        answered = chance.random() < 0.4
        telling.later(chance.randrange(40_000)).call(caller, callee, taken=answered)
        calls[caller] += 1
        received[callee] += 1
        taken[caller] += answered
        callees[caller].add(callee)
    habits, facts = Habits(), telling.facts
    for start in range(0, len(facts), 700):
        part = facts.take(slice(start, start + 700))
        habits.observe(part, part.number("happened_at"))
    names = sorted(calls)
    rows = habits.rows_of(np.frombuffer(b"".join(map(token, names)), np.uint64).reshape(-1, 2))
    signs = habits.signs(rows)
    assert [calls[name] for name in names] == signs.calls.tolist()
    assert [received[name] for name in names] == signs.received.tolist()
    assert [taken[name] for name in names] == signs.taken.tolist()
    for name, estimate in zip(names, signs.callees.tolist(), strict=True):
        assert abs(estimate - len(callees[name])) <= 5


def test_what_is_older_than_two_days_is_gone() -> None:
    """A number that has done nothing for two turns has no row any more."""
    telling = Telling().call("early", "friend")
    for _ in range(3):
        telling.later(DAY_MS).call("late", "friend")
    facts = telling.facts
    habits = Habits()
    habits.observe(facts, facts.number("happened_at"))
    tokens = np.frombuffer(token("early") + token("late"), np.uint64).reshape(-1, 2)
    early, late = habits.rows_of(tokens).tolist()
    assert early == -1
    assert 2 == habits.signs(np.array([late])).calls[0]


def test_it_holds_no_more_numbers_than_it_may() -> None:
    """Calls of those for whom there is no room are counted as such, and nobody is lost by it."""
    telling = Telling()
    for turn in range(5_000):
        telling.call(f"c{turn}", f"d{turn}")
    facts = telling.facts
    habits = Habits(most_numbers=6_000)
    habits.observe(facts, facts.number("happened_at"))
    assert 6_000 == len(habits)
    assert 2_000 == habits.uncounted
    assert habits.bytes_held < 6_000 * 300 + 20_000_000


def test_whether_outcomes_are_told_is_seen() -> None:
    """An operator of whose calls none is ever said to be taken does not tell that."""
    for taken, tells in ((False, False), (True, True)):
        facts = Telling().call("a", "b", taken=taken).facts
        habits = Habits()
        habits.observe(facts, facts.number("happened_at"))
        assert tells is habits.tells_outcomes
