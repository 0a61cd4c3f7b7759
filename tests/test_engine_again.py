from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine import again
from arasha.engine.again import compare, explain
from arasha.engine.decide import Centre, decide
from arasha.engine.reigns import policy_of
from arasha.engine.replay import replay, start
from arasha.errors import KeyDestroyed, LogDamaged, LogError, UsageError
from arasha.events.columns import Facts
from arasha.events.mapping import load_mapping
from arasha.events.schema import Kind
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.log.log import Log
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.testing.generated import random_facts
from engine_samples import RULES, history, policy, policy_text, sample_mapping, write_hostile
from log_samples import made
from small_data import HANDBOOK_FILE

POLICIES = ("instant-payments", "handbook", "amlsim")


def kept(out: Path, used: Policy, facts: Facts, chance: Random) -> Path:
    """A log of the facts, decided in batches of chance sizes."""
    judge = Judge(used)
    with Log.create(out, created_at_ms=0) as log:
        start(log, used, int(facts.number("happened_at").min(initial=2**40)))
        centre = Centre(log, judge, judge.fresh_state())
        at = 0
        while at < len(facts):
            stop = min(len(facts), at + chance.randrange(1, 40))
            decide(centre, facts.take(slice(at, stop)))
            at = stop
    return out


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a replay of the watchful policy in ``out``."""
    folder = tmp_path_factory.mktemp("judged")
    replay(write_hostile(folder, 400), policy(folder), sample_mapping(), folder / "out", batch=70)
    return folder


# --- compared -------------------------------------------------------------------------------------


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(0, 150), parties=st.integers(1, 5),
    name=st.sampled_from(POLICIES), stretch=st.sampled_from([2, 7, 65_536]),
)  # fmt: skip
def test_a_log_judged_again_is_decided_the_same(
    tmp_path_factory: pytest.TempPathFactory, root: Path, seed: int, n: int, parties: int,
    name: str, stretch: int,
) -> None:  # fmt: skip
    """Law 1, over random histories of all kinds of fact, read in stretches of any length."""
    used = document.load(root / "policies" / f"{name}.toml")
    facts = random_facts(seed, n, parties=parties)
    out = kept(tmp_path_factory.mktemp("again") / "out", used, facts, Random(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(again, "STRETCH", stretch)
        found = compare(out)
    payments = int((facts.kinds == Kind.PAYMENT).sum())
    assert (payments, 0, ()) == (found.decisions, found.differing, found.different)
    assert (used.hash, 0) == (found.policy.hash, found.first_seq)


def test_a_replayed_file_judged_again_is_decided_the_same(
    tmp_path: Path, root: Path, small_data: Path
) -> None:
    """The handbook's payments with its policy, whose features look at labels after a delay."""
    used = document.load(root / "policies" / "handbook.toml")
    read_by = load_mapping(root / "mappings" / "handbook.toml")
    done = replay(small_data / HANDBOOK_FILE, used, read_by, tmp_path / "out")
    told = list[int]()
    found = compare(tmp_path / "out", on_progress=told.append)
    assert (len(done.judgements), 0) == (found.decisions, found.differing)
    assert done.entries - 1 == sum(told)


def test_nothing_is_written(judged: Path, tmp_path: Path) -> None:
    """Not even beside the log: its files are the same bytes after."""
    out = shutil.copytree(judged / "out", tmp_path / "out")
    read = {path.name for path in out.rglob("*")}
    size, before = (out / "log.sqlite").stat().st_size, (out / "log.sqlite").read_bytes()
    compare(out)
    explain(out, 1)
    assert size == (out / "log.sqlite").stat().st_size
    assert before == (out / "log.sqlite").read_bytes()
    assert read == {path.name for path in out.rglob("*")}


def changed(folder: Path, rules: tuple[tuple[str, str, str, tuple[str, ...]], ...]) -> Policy:
    """The watchful policy with other rules."""
    return policy(folder, policy_text(rules))


def test_another_policy_decides_otherwise(judged: Path, tmp_path: Path) -> None:
    """Each decision that would come out otherwise is counted and, up to a hundred, named."""
    other = changed(tmp_path, (*RULES[:-1], ("odd_way", 'channel == "web"', "points = 1", ())))
    found = compare(judged / "out", other)
    theirs = replay(judged / "payments.csv", other, sample_mapping(), tmp_path / "other").judgements
    ours = replay(judged / "payments.csv", policy(judged), sample_mapping(), tmp_path / "own")
    differing = [
        int(ours.judgements.seq[i]) + 1
        for i in range(len(theirs))
        if (ours.judgements.action[i], ours.judgements.score[i], ours.judgements.fired(i))
        != (theirs.action[i], theirs.score[i], theirs.fired(i))
    ]
    assert len(theirs) == found.decisions
    assert len(differing) == found.differing > 100
    assert tuple(differing[:100]) == found.different
    assert other.hash == found.policy.hash


def test_rules_are_compared_by_name(judged: Path, tmp_path: Path) -> None:
    """Another order, another text and a rule that never fires change no decision; another name
    of a rule changes those it fired for.
    """
    never = ("never", 'amount < "0.01 KZT"', "points = 5", ("pair",))
    texts = tuple((name, when, does, ("pair",)) for name, when, does, _ in RULES)
    assert 0 == compare(judged / "out", changed(tmp_path, (never, *reversed(texts)))).differing
    renamed = (("new_name", *RULES[0][1:]), *RULES[1:])
    found = compare(judged / "out", changed(tmp_path, renamed))
    ours = replay(judged / "payments.csv", policy(judged), sample_mapping(), tmp_path / "own")
    assert sum(0 in ours.judgements.fired(i) for i in range(len(ours.judgements))) == (
        found.differing
    )


def test_one_other_decision_hides_no_other(judged: Path, tmp_path: Path) -> None:
    """A row with more rules than before, and beside it one with as many, but others."""
    swapped = (
        ("stranger", RULES[1][1], "points = 150", ()),
        ("spends_much", RULES[0][1], "points = 150", ()),
        *(("more", "pair == 1", "points = 0", ()),),
    )
    base = (("stranger", RULES[0][1], "points = 150", ()), ("spends_much", *RULES[1][1:]))
    (tmp_path / "a").mkdir()
    used = changed(tmp_path / "a", (base[0], ("spends_much", RULES[1][1], "points = 150", ())))
    out = tmp_path / "out"
    ours = replay(judged / "payments.csv", used, sample_mapping(), out).judgements
    other = changed(tmp_path, swapped)
    theirs = replay(judged / "payments.csv", other, sample_mapping(), tmp_path / "b").judgements
    expected = sum(ours.fired(i) != theirs.fired(i) for i in range(len(ours)))
    assert any(
        len(ours.fired(i)) == len(theirs.fired(i)) and ours.fired(i) != theirs.fired(i)
        for i in range(len(ours))
    )
    assert expected == compare(out, other).differing


def test_a_log_of_something_else_has_no_policy(tmp_path: Path) -> None:
    """It is said, with the directory."""
    out = made(tmp_path / "out")
    for ask in (lambda: compare(out), lambda: explain(out, 0)):
        with pytest.raises(LogError, match="does not begin with its policy") as fault:
            ask()
        assert str(out) in str(fault.value)
    with pytest.raises(LogError, match="there is no log here"):
        compare(tmp_path)
    Log.create(tmp_path / "empty").close()
    with pytest.raises(LogError, match="does not begin with its policy"):
        compare(tmp_path / "empty")


def test_the_policy_of_a_log_is_the_one_it_was_judged_with(judged: Path, root: Path) -> None:
    """Text, hash and all, though its file is long gone."""
    with Log.open(judged / "out", writable=False) as log:
        assert policy(judged).hash == policy_of(log, judged / "out").hash


# --- explained ------------------------------------------------------------------------------------


def test_every_payment_can_be_explained(judged: Path) -> None:
    """Its decision as kept, the rules that fired, and each feature's value; some of every kind."""
    done = replay(
        judged / "payments.csv", policy(judged), sample_mapping(), judged / "out", resume=True
    ).judgements
    names = {"pair", "paid", "spread", "payers", "largest", "frauds", "trouble_age"}
    actions, missing = set[int](), set[str]()
    for row in range(0, len(done), 3):
        found = explain(judged / "out", int(done.seq[row]))
        assert [done.ids[row]] == list(found.payment.ids)
        assert (done.action[row], done.score[row]) == (
            found.decisions.action[0], found.decisions.score[0],
        )  # fmt: skip
        assert tuple(done.fired(row)) == found.fired
        assert names <= found.values.keys()
        rules = [found.policy.rules[place] for place in found.fired]
        told = [found.values[name][0] for rule in rules for name in rule.values]
        shown = [None if np.isnan(value) else value for value in found.decisions.values]
        assert told == shown
        actions.add(int(done.action[row]))
        missing |= {name for name, (value, _) in found.values.items() if value is None}
    assert {0, 1, 2, 3} == actions
    assert {"spread", "largest", "trouble_age"} <= missing


def test_a_feature_is_explained_as_of_just_before_the_payment(judged: Path) -> None:
    """The payment itself counts in none, and each later one of the pair finds one more."""
    kinds = history(judged / "out")[0]
    first = explain(judged / "out", kinds.index(Kind.PAYMENT))
    assert (0, 0) == (first.values["pair"][0], first.values["paid"][0])
    assert None is first.values["spread"][0]


def test_only_a_payment_can_be_explained(judged: Path) -> None:
    """Not the policy, a decision, a label, nor what is not there."""
    kinds = history(judged / "out")[0]
    for seq in (0, kinds.index(Kind.DECISION), kinds.index(Kind.LABEL), -1, len(kinds), 10**12):
        with pytest.raises(UsageError, match="not the seq of a payment") as fault:
            explain(judged / "out", seq)
        assert str(seq) in str(fault.value)


def test_a_decision_that_was_written_otherwise_is_not_explained(
    judged: Path, tmp_path: Path
) -> None:
    """A log whose decisions are not those of its policy is damaged, and it is said."""
    other = changed(tmp_path, (*RULES[1:], ("stranger", "pair >= 0", "points = 7", ())))
    judge, own = Judge(other), policy(judged)
    with (
        Log.open(judged / "out", writable=False) as log,
        Log.create(tmp_path / "forged") as forged,
    ):
        start(forged, own, 0)
        centre = Centre(forged, judge, judge.fresh_state())
        for facts, _, _ in again.stretches(log, log.size, start=1):
            decide(centre, facts)
    found = compare(tmp_path / "forged")
    assert found.differing > 0
    with pytest.raises(LogDamaged, match="judged again, this payment is decided otherwise"):
        explain(tmp_path / "forged", found.different[0] - 1)


def test_without_a_month_s_key_nothing_is_guessed(judged: Path, tmp_path: Path) -> None:
    """Neither a comparison nor an explanation that needs it: KeyDestroyed names the key's file."""
    out = shutil.copytree(judged / "out", tmp_path / "out")
    KeyStore(out).path(Retention.FACTS, period_named("2026-01")).unlink()
    payments = [i for i, kind in enumerate(history(judged / "out")[0]) if kind == Kind.PAYMENT]
    for ask in (lambda: compare(out), lambda: explain(out, payments[-1])):
        with pytest.raises(KeyDestroyed, match=r"facts-2026-01\.key"):
            ask()
