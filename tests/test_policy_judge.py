"""Verdicts: rules, points, thresholds, reasons; and law 1 for the policies that are shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import PAYMENT, Kind
from arasha.features.expressions import (
    BOOL,
    COUNT,
    NUMBER,
    Comparison,
    Constant,
    Expression,
    FeatureValue,
    FieldValue,
    Missing,
)
from arasha.policy import document
from arasha.policy.definition import Action, Rule, Thresholds
from arasha.policy.judge import ROWS_AT_ONCE, Judge, Verdicts
from arasha.testing.generated import random_facts
from arasha.testing.laws import differences, restarted
from feature_samples import HOUR_MS, START_MS, by, field, payments, policy, window

FIRED: dict[str, Expression] = {
    "+": Constant(True, BOOL), "-": Constant(False, BOOL), "?": Missing(BOOL),
}  # fmt: skip

# thresholds warn hold block | rules: fires (+), does not (-), or cannot be told (?), then points,
# and the action it asks for | score and action
TABLE = """
 300  600  900 |                                   |    0 allow
 300  600  900 | +299                              |  299 allow
 300  600  900 | +300                              |  300 warn
 300  600  900 | +299 +1                           |  300 warn
 300  600  900 | +600                              |  600 hold
 300  600  900 | +900                              |  900 block
 300  600  900 | +700 +700                         | 1000 block
 300  600  900 | -900 ?900                         |    0 allow
 300  600  900 | -900:block ?900:block +1          |    1 allow
 300  600  900 | +0:hold                           |    0 hold
 300  600  900 | +0:hold +0:warn                   |    0 hold
 300  600  900 | +0:warn +0:block +0:hold          |    0 block
 300  600  900 | +300 +0:hold                      |  300 hold
 300  600  900 | +600:warn                         |  600 hold
   -    -    - | +1000                             | 1000 allow
   -    -    - | +1000:warn                        | 1000 warn
   -  600    - | +300 +300                         |  600 hold
 600  300    - | +300                              |  300 hold
   0    -    - |                                   |    0 warn
   -    - 1000 | +500 +500                         | 1000 block
   -    - 1000 | +999                              |  999 allow
"""


def rule(index: int, text: str) -> Rule:
    """A rule of the table."""
    points, _, action = text[1:].partition(":")
    asked: Action | None = action or None  # type: ignore[assignment]  # one of the table's
    return Rule(f"r{index}", FIRED[text[0]], asked, int(points), {}, ())


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_scores_and_actions(line: str) -> None:
    """The score is the sum of the fired rules' points, at most 1000; the action the strongest of
    theirs and of the thresholds the score reaches. A rule fires on true alone.
    """
    limits, rules, verdict = (part.split() for part in line.split("|"))
    thresholds = Thresholds(*(None if word == "-" else int(word) for word in limits))
    sample = policy({}, tuple(rule(i, text) for i, text in enumerate(rules)), thresholds)
    judge = Judge(sample)
    found = judge.judge(judge.fresh_state(), *payments([1]))
    action = ("allow", "warn", "hold", "block")[found.action[0]]
    assert verdict == [str(found.score[0]), action]
    assert [i for i, text in enumerate(rules) if text[0] == "+"] == found.rules.tolist()


AMOUNT = FieldValue(field(PAYMENT, "amount"), COUNT)
COUNTED = FeatureValue("n", COUNT)


def over(limit: int, name: str, *values: str) -> Rule:
    """Fires for amounts above a limit; its text names those values."""
    return Rule(name, Comparison(">", AMOUNT, Constant(limit, COUNT)), None, 1, {}, values)


def test_values_stand_behind_the_rules_that_name_them() -> None:
    """In rule order, then in the order of the texts; whole numbers and floats alike as float64,
    NaN where missing; nothing for rules that did not fire.
    """
    sample = policy(
        {
            "n": window("count", None, by("payer_account"), 100),
            "mean": window("mean", "amount", by("payer_account"), 100),
            "half": Constant(0.5, NUMBER),
        },
        (over(10, "a", "mean", "n"), over(100, "b"), over(20, "c", "amount", "half", "mean")),
    )
    judge = Judge(sample)
    facts, known_at = payments([1, 2, 3, 4], amount=[11, 5, 40, 200])
    found = judge.judge(judge.fresh_state(), facts, known_at)
    nan, mean = float("nan"), 56 / 3
    assert [0, 1, 1, 3, 6] == found.rule_offsets.tolist()
    assert [0, 0, 2, 0, 1, 2] == found.rules.tolist()
    assert [0, 2, 2, 7, 12] == found.value_offsets.tolist()
    expected = [nan, 0, 8, 2, 40, 0.5, 8, mean, 3, 200, 0.5, mean]
    np.testing.assert_array_equal(expected, found.values)


@pytest.mark.parametrize("n", [0, 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 7])
def test_stretches_are_joined(n: int) -> None:
    """A batch is judged a stretch at a time; the offsets of reasons go on."""
    sample = policy({"n": window("count", None, (), 10**9)}, (over(1, "odd", "n", "amount"),))
    judge = Judge(sample)
    facts, known_at = payments(list(range(n)), amount=[1 + i % 2 for i in range(n)])
    found = judge.judge(judge.fresh_state(), facts, known_at)
    assert (np.arange(n + 1) // 2).tolist() == found.rule_offsets.tolist()
    counts = found.values.reshape(-1, 2)[:, 0]
    assert list(range(1, n, 2)) == counts.tolist()


def test_a_policy_without_rules_windows_or_payments() -> None:
    """Each of them may be absent, and all."""
    judge = Judge(policy({}))
    state = judge.fresh_state()
    assert [0, 0] == judge.judge(state, *payments([1, 2])).action.tolist()
    labels = random_facts(1, 5, kinds=(Kind.LABEL,))
    assert 0 == len(judge.judge(state, labels, np.arange(5)).action)
    assert 0 == len(judge.judge(state, *payments([])).action)
    windowed = Judge(policy({"n": window("count", None, (), 5)}))
    assert [0] == windowed.judge(windowed.fresh_state(), labels, np.arange(5)).rule_offsets.tolist()


def test_the_past_can_be_taken_in_without_judging() -> None:
    """``absorb`` leaves the state as ``judge`` does."""
    judge = Judge(policy({"n": window("count", None, (), 10**12)}))
    facts = random_facts(5, 3000, kinds=(Kind.PAYMENT, Kind.CALL))
    known_at = START_MS + np.arange(3000)
    states = [judge.fresh_state(), judge.fresh_state()]
    judge.judge(states[0], facts, known_at)
    judge.absorb(states[1], facts, known_at)
    saved = [{k: v.tobytes() for k, v in state.save().items()} for state in states]
    assert saved[0] == saved[1]


# The policies that are shipped


def shipped(root: Path, name: str) -> Judge:
    """A judge of one of the repository's policies."""
    return Judge(document.load(root / "policies" / f"{name}.toml"))


def history(seed: int, n: int) -> tuple[Facts, NDArray[np.int64]]:
    """Facts of all kinds, payments most; large amounts of tenge, so that rules have work."""
    chance = np.random.default_rng(seed)
    kinds = (Kind.PAYMENT,) * 8 + tuple(Kind(i) for i in range(2, 10))
    facts = random_facts(seed, n, parties=int(chance.integers(2, 9)), kinds=kinds)
    if "amount" in facts.numbers:
        amount = facts.numbers["amount"]
        sizes = np.array([100, 5_000, 100_000, 10**7, 3 * 10**7])[chance.integers(0, 5, n)]
        np.multiply(amount, sizes, out=amount, where=amount > 0)
    steps = chance.choice([0, 1000, 60_000, HOUR_MS, 9 * HOUR_MS][: chance.integers(3, 6)], n)
    return facts, START_MS + np.cumsum(steps)


def columns(parts: list[Verdicts]) -> dict[str, list[object]]:
    """Verdicts of one or many batches as plain columns."""
    return {
        "action": [a for part in parts for a in part.action.tolist()],
        "score": [s for part in parts for s in part.score.tolist()],
        "fired": [c for part in parts for c in np.diff(part.rule_offsets).tolist()],
        "rules": [r for part in parts for r in part.rules.tolist()],
        "values": [v for part in parts for v in part.values.view(np.int64).tolist()],
    }


def in_batches(
    judge: Judge, facts: Facts, known_at: NDArray[np.int64], size: int
) -> list[Verdicts]:
    """The verdicts of a history cut into batches of one size."""
    state = judge.fresh_state()
    return [
        judge.judge(state, facts.take(slice(at, at + size)), known_at[at : at + size])
        for at in range(0, len(facts), size)
    ]


@pytest.mark.parametrize("name", ["instant-payments", "handbook", "amlsim", "amlgentex"])
def test_batches_change_no_verdict(root: Path, name: str) -> None:
    """Law 1, bit for bit: one fact at a time, seven, a thousand, all at once."""
    judge = shipped(root, name)
    facts, known_at = history(3, 2500)
    whole = columns(in_batches(judge, facts, known_at, 65_536))
    assert whole["rules"]
    for size in (1, 7, 1000):
        assert whole == columns(in_batches(judge, facts, known_at, size))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 90), max_size=4))
def test_every_feature_and_rule_of_instant_payments_equals_the_oracle(
    root: Path, seed: int, cuts: list[int]
) -> None:
    """Law 3 for what runs in the centre; batches and a restart between them make no difference."""
    judge = shipped(root, "instant-payments")
    facts, known_at = history(seed, 90)
    assert [] == differences(judge, facts, known_at, cuts=cuts, between=restarted, every=3)


@pytest.mark.parametrize("name", ["handbook", "amlsim", "amlgentex"])
def test_every_feature_and_rule_of_the_other_policies_equals_the_oracle(
    root: Path, name: str
) -> None:
    """The same for those that come with the public data."""
    judge = shipped(root, name)
    for seed in range(3):
        facts, known_at = history(seed, 200)
        assert [] == differences(judge, facts, known_at, cuts=[3, 100], every=4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["instant-payments", "handbook"])
def test_large_batches_change_no_verdict(root: Path, name: str) -> None:
    """More facts than the largest batch; rings and tables grow at other moments."""
    judge = shipped(root, name)
    facts, known_at = history(4, 150_000)
    whole = columns(in_batches(judge, facts, known_at, 65_536))
    for size in (999, 7):
        assert whole == columns(in_batches(judge, facts, known_at, size))


@pytest.mark.slow
@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 200), max_size=4))
def test_instant_payments_equals_the_oracle_for_long(
    root: Path, seed: int, cuts: list[int]
) -> None:
    """More histories, and longer ones."""
    judge = shipped(root, "instant-payments")
    facts, known_at = history(seed, 200)
    assert [] == differences(judge, facts, known_at, cuts=cuts, every=5)
