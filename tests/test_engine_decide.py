"""Laws 1 and 5 on the main path: whatever the batches, one order, one time, one decision."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine.decide import LATE_MS, Centre, Decided, Keeper, decide
from arasha.engine.unkept import Unkept
from arasha.events.columns import Facts, concatenate
from arasha.events.decisions import (
    FALLBACK,
    LATE,
    TOLD,
    Decisions,
    pack_decisions,
    unpack_decisions,
)
from arasha.events.schema import MISSING, Kind
from arasha.features.expressions import COUNT, Comparison, Constant, FeatureValue
from arasha.log.log import Log
from arasha.policy.definition import Policy, Rule, Thresholds
from arasha.policy.judge import Judge
from arasha.testing.generated import histories, random_facts
from feature_samples import START_MS, by, payments, policy, window

N = FeatureValue("n", COUNT)
BUSY = Rule("busy", Comparison(">=", N, Constant(2, COUNT)), "hold", 300, {}, ("n", "amount"))
SUM = window("sum", "amount", by("payee_account"), 10**7)


def sample_policy() -> Policy:
    """Who has paid twice within a minute is held; large takings are warned of."""
    much = Comparison(">", FeatureValue("taken", COUNT), Constant(900, COUNT))
    rules = (BUSY, Rule("much", much, None, 200, {}, ("taken",)))
    features = {"n": window("count", None, by("payer_account"), 10**7), "taken": SUM}
    return policy(features, rules, Thresholds(warn=200))


def centre(log: Keeper | None = None, of: Policy | None = None) -> Centre:
    """A new centre over that log."""
    judge = Judge(of or sample_policy())
    return Centre(log or Unkept(), judge, judge.fresh_state())


def by_batches(middle: Centre, facts: Facts, cuts: list[int]) -> list[Decided]:
    """Decide the facts in batches that begin at the cuts."""
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(facts)}), len(facts)]
    return [decide(middle, facts.take(slice(start, stop))) for start, stop in pairwise(edges)]


def all_decisions(parts: list[Decided]) -> list[tuple[object, ...]]:
    """Each decision as plain values; one may be compared with another."""
    found = []
    for part in parts:
        bodies = pack_decisions(part.decisions)
        data = bodies.data.tobytes()
        found += [data[a:b] for a, b in pairwise(bodies.offsets.tolist())]
    return [(one,) for one in found]


@settings(max_examples=60)
@given(histories(), st.lists(st.integers(0, 40), max_size=6))
def test_batches_make_no_difference(facts: Facts, cuts: list[int]) -> None:
    """Law 1: the same places, times, decisions and marks, to the last byte."""
    whole, parts = [decide(centre(), facts)], by_batches(centre(), facts, cuts)
    assert all_decisions(whole) == all_decisions(parts)
    for name in ("seq", "known_at"):
        one = np.concatenate([getattr(part, name) for part in parts])
        assert getattr(whole[0], name).tolist() == one.tolist()


@settings(max_examples=60)
@given(histories(), st.lists(st.integers(0, 40), max_size=6))
def test_each_payment_is_followed_by_its_decision(facts: Facts, cuts: list[int]) -> None:
    """So places depend on the facts alone: p d p d l p d."""
    parts = by_batches(centre(), facts, cuts)
    expected, place = [], 0
    for kind in facts.kinds.tolist():
        expected.append(place)
        place += 2 if kind == Kind.PAYMENT else 1
    assert expected == [seq for part in parts for seq in part.seq.tolist()]
    for part in parts:
        assert part.seq[part.payments].tolist() == part.decisions.subject_seq.tolist()


@given(histories())
def test_time_never_runs_back_and_what_comes_late_is_marked(facts: Facts) -> None:
    """A fact is known when it happened, or when the one before was known if that is later."""
    decided = decide(centre(), facts)
    latest, late = MISSING, []
    for row, happened in enumerate(facts.number("happened_at").tolist()):
        late.append(happened < latest)
        latest = max(latest, happened)
        assert latest == decided.known_at[row]
    marks = decided.decisions.marks & LATE
    assert [late[row] for row in decided.payments.tolist()] == (marks != 0).tolist()


def test_a_stamp_is_the_time_unless_the_log_is_ahead() -> None:
    """Live facts are known when they come; a clock set back does not turn time back."""
    middle = centre()
    facts, _ = payments([START_MS - 50, START_MS - 60, START_MS - 70])
    stamps = [START_MS, START_MS + 5, START_MS + 1]
    known = [
        decide(middle, facts.take(slice(row, row + 1)), now_ms=stamp).known_at.tolist()
        for row, stamp in enumerate(stamps)
    ]
    assert [[START_MS], [START_MS + 5], [START_MS + 5]] == known


def test_asked_twice_is_answered_once() -> None:
    """Law 5: a repeated fact, in this batch or a later one, changes nothing that is decided."""
    facts = random_facts(7, 60, kinds=(Kind.PAYMENT,))
    expected = all_decisions([decide(centre(), facts)])
    middle = centre()
    first = decide(middle, concatenate([facts, facts]))
    assert 60 == int(first.admission.fresh.sum()) == len(first.decisions)
    assert list(range(60)) == first.admission.first_row[60:].tolist()
    again = decide(middle, facts)
    assert first.seq.tolist() == again.admission.first_seq.tolist()
    assert (0, 0) == (len(again.decisions), len(again.facts))
    assert expected == all_decisions([first, again])
    assert 120 == middle.log.size


@pytest.mark.parametrize("kinds", [(), (Kind.LABEL,), (Kind.CALL, Kind.REPORT)])
def test_batches_without_payments(kinds: tuple[Kind, ...]) -> None:
    """Nothing at all, or nothing that is judged: kept, and nothing decided."""
    facts = random_facts(1, 5, kinds=kinds) if kinds else payments([])[0]
    middle = centre()
    decided = decide(middle, facts)
    assert (0, len(facts)) == (len(decided.decisions), middle.log.size)
    assert 1 == len(decide(middle, payments([2 * START_MS])[0]).decisions)


def test_a_policy_without_windows_and_one_without_anything() -> None:
    """They judge, too: everything is let through, or a rule looks at the payment alone."""
    facts = random_facts(3, 50)
    amount = Rule(
        "any", Comparison(">", Constant(2, COUNT), Constant(1, COUNT)), "block", 0, {}, ()
    )
    for one, action in ((policy({}), 0), (policy({}, (amount,)), 3)):
        decided = decide(centre(of=one), facts)
        assert {action} == set(decided.decisions.action.tolist())


def test_what_the_note_says_is_kept_in_the_same_commit(tmp_path: Path) -> None:
    """A replay's place in its file stands or falls with the batch."""
    with Log.create(tmp_path / "log", created_at_ms=START_MS) as log:
        facts, _ = payments([START_MS, START_MS + 1])
        facts.symbols["sender"] = facts.symbols["payer_account"]
        decide(centre(log), facts, note=lambda admission: bytes([len(admission.fresh)]))
        assert bytes([2]) == log.progress()


def _read(log: Log) -> tuple[list[tuple[int, int]], list[Decisions]]:
    """Kind and time of every entry; the decisions."""
    entries, decisions = [], []
    for frame in log.read(0, log.size):
        entries += list(zip(frame.kinds.tolist(), frame.known_at.tolist(), strict=True))
        rows = np.flatnonzero(frame.kinds == Kind.DECISION)
        decisions.append(unpack_decisions(frame.bodies.take(rows)))
    return entries, decisions


def test_the_log_has_what_was_answered(tmp_path: Path) -> None:
    """Each answer is an entry; log and no log, batches and one batch: the same root."""
    facts = random_facts(11, 300)
    logs = []
    for name, cuts in (("a", []), ("b", [1, 2, 3, 50, 170, 299])):
        with Log.create(tmp_path / name, created_at_ms=START_MS) as log:
            parts = by_batches(centre(log), facts, cuts)
            entries, decisions = _read(log)
            logs.append((entries, [_plain(one) for one in _split(decisions)]))
            assert logs[-1][1] == [_plain(one) for one in _split([p.decisions for p in parts])]
    assert logs[0] == logs[1]
    assert all_decisions(parts) == all_decisions([decide(centre(), facts)])
    kinds = [kind for kind, _ in logs[0][0]]
    assert (kinds.count(Kind.DECISION)) == int((facts.kinds == Kind.PAYMENT).sum())


def _split(parts: list[Decisions]) -> list[tuple[Decisions, int]]:
    return [(part, row) for part in parts for row in range(len(part))]


def _plain(at: tuple[Decisions, int]) -> tuple[object, ...]:
    """One decision's columns; NaN as a text, for it is not equal to itself."""
    part, row = at
    rules = part.rules[part.rule_offsets[row] : part.rule_offsets[row + 1]].tolist()
    values = part.values[part.value_offsets[row] : part.value_offsets[row + 1]].tolist()
    scalars = [
        getattr(part, field.name)[row].item()
        for field in fields(part)
        if field.name in ("subject_seq", "action", "score", "marks")
    ]
    return (*scalars, rules, [str(value) for value in values])


def test_live_a_fact_is_late_when_it_was_known_long_after_it_happened() -> None:
    """Not when it only happened before the entry ahead of it: on a busy line everything does."""
    facts, _ = payments([START_MS, START_MS - 1, START_MS - LATE_MS, START_MS - LATE_MS - 1])
    decided = decide(centre(), facts, now_ms=START_MS)
    assert [False, False, False, True] == (decided.decisions.marks & LATE != 0).tolist()


@settings(max_examples=40)
@given(histories(), st.lists(st.booleans(), min_size=40, max_size=40))
def test_what_there_is_no_time_for_gets_the_fallback_and_changes_nothing_else(
    facts: Facts, chosen: list[bool]
) -> None:
    """The others are decided as they would have been, and the windows know all of them."""
    used = replace(sample_policy(), fallback="block")
    unready = np.resize(np.array(chosen, np.bool_), len(facts))
    whole, part = decide(centre(of=used), facts), decide(centre(of=used), facts, unready=unready)
    left = unready[part.payments]
    marked = (part.decisions.marks & FALLBACK) != 0
    assert left.tolist() == marked.tolist()
    assert {(3, 0)} >= set(
        zip(part.decisions.action[left].tolist(), part.decisions.score[left].tolist(), strict=True)
    )
    for name in ("action", "score"):
        mine, theirs = (getattr(one.decisions, name) for one in (part, whole))
        assert theirs[~left].tolist() == mine[~left].tolist()
    rules = [np.diff(one.decisions.rule_offsets) for one in (part, whole)]
    assert np.where(left, 0, rules[1]).tolist() == rules[0].tolist()
    pack_decisions(part.decisions)


def test_without_a_model_nothing_is_told_of_one() -> None:
    """The mark that something is on record stands only where a model judged."""
    facts, _ = payments([START_MS, START_MS + 1])
    marks = decide(centre(), facts, now_ms=START_MS, reasons=True).decisions.marks
    assert [0, 0] == (marks & TOLD).tolist()
