"""Who judges calls in the country: what an operator knows, when, and of whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.country.operators import Operators
from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.country.traffic import RING_MS
from arasha.events.schema import SIM_CHANGES, Kind
from arasha.policy import document
from arasha.policy.judge import Judge
from policy_samples import TEXTS, written
from telecom_samples import MINUTE_MS, called, numbers_of

KNOWS = """
[policy]
name = "knows"
judges = "call"

[features]
made = 'count(call, by=caller_number, window="1d")'
taken = 'count(call_change, by=caller_number, window="1d", where=change == "answered")'
missed = 'count(call_change, by=caller_number, window="1d", where=change == "missed")'
ended = 'count(call_change, by=caller_number, window="1d", where=change == "ended")'
cards = 'count(sim_change, by=device, window="1d")'
"""


def policy_of(folder: Path, *conditions: str) -> Judge:
    """A judge whose rule k, worth 2^k points, fires on condition k."""
    rules = "".join(
        f"[rules.r{k}]\nwhen = '{condition}'\npoints = {2**k}\n{TEXTS}"
        for k, condition in enumerate(conditions)
    )
    return Judge(document.load(written(folder, KNOWS + rules)))


@pytest.fixture(scope="module")
def society() -> Society:
    """Three hundred people and three operators."""
    return Society.make(5, 300, load("standard"))


def test_what_becomes_of_a_call_is_known_when_it_has(tmp_path: Path, society: Society) -> None:
    """A call in progress is made and, after the ringing, answered; only then has it ended."""
    caller, callee, other = numbers_of(society, 0, 3)
    judge = policy_of(tmp_path, "made >= 1", "taken >= 1", "ended >= 1", "missed >= 1")
    operators = Operators(society, judge)
    long, short = 10 * MINUTE_MS, 0
    times = (0, RING_MS - 1, RING_MS + 1, RING_MS + long + 1, 2 * RING_MS + long + 2)
    rows = [
        {"time_ms": at, "first": caller, "second": other, "duration_ms": short} for at in times[1:]
    ]
    first = {"time_ms": 0, "first": caller, "second": callee, "duration_ms": long}
    operators.see(called(society, first, *rows))
    notes = operators.notes()
    # The call at RING_MS - 1 was missed at twice that, before the last but one.
    assert [0, 1, 1 + 2, 1 + 2 + 4 + 8, 1 + 2 + 4 + 8] == notes.score.tolist()


def test_batches_change_nothing(tmp_path: Path, society: Society) -> None:
    """Row by row or all at once: the same verdicts."""
    some = numbers_of(society, 0, 4) + numbers_of(society, 1, 4)
    chance = np.random.default_rng(3)
    rows = [
        {
            "time_ms": at, "first": int(chance.choice(some)), "second": int(chance.choice(some)),
            "duration_ms": int(chance.integers(0, 2) * chance.integers(1, 9) * MINUTE_MS),
        }
        for at in np.sort(chance.integers(0, 40 * MINUTE_MS, 60)).tolist()
    ]  # fmt: skip
    judge = policy_of(tmp_path, "made >= 2", "taken >= 2", "ended >= 1", "missed >= 3")
    whole, cut = Operators(society, judge), Operators(society, judge)
    whole.see(called(society, *rows))
    for row in rows:
        cut.see(called(society, row))
        cut.notes()
    assert whole.notes().score.tolist() == cut.notes().score.tolist()
    assert len(set(whole.notes().score.tolist())) > 3


def test_only_the_own_operator_knows_the_device(tmp_path: Path, society: Society) -> None:
    """A card in a device counts for calls of its operator's numbers, not for those of another."""
    (own,), (foreign, callee) = numbers_of(society, 0, 1), numbers_of(society, 1, 2)
    card = {
        "time_ms": 0, "kind": Kind.SIM_CHANGE, "first": own, "device": 7,
        "code": SIM_CHANGES.index("activated"),
    }  # fmt: skip
    calls = [
        {"time_ms": 1 + at, "first": first, "second": callee, "device": 7}
        for at, first in enumerate((own, foreign))
    ]
    operators = Operators(society, policy_of(tmp_path, "cards >= 1"))
    operators.see(called(society, card, *calls))
    assert [1, 0] == operators.notes().score.tolist()


def test_an_operator_sees_the_calls_of_its_own_numbers(tmp_path: Path, society: Society) -> None:
    """A call between two others is not in its windows."""
    caller, *_ = numbers_of(society, 2, 1)
    mine, hers = numbers_of(society, 0, 1)[0], numbers_of(society, 1, 1)[0]
    rows = [
        {"time_ms": at, "first": caller, "second": second}
        for at, second in enumerate((mine, hers, mine))
    ]
    operators = Operators(society, policy_of(tmp_path, "made >= 2", "made == 1"))
    operators.see(called(society, *rows))
    # The caller's own operator has seen 0, 1 and 2 calls before; the others 0, 0 and 1.
    assert [0, 2, 2] == operators.notes().score.tolist()
