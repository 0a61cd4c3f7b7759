from __future__ import annotations

import threading
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine.backtest import backtest
from arasha.engine.judgements import Judgements
from arasha.engine.replay import replay
from arasha.errors import InputError
from arasha.events.mapping import load_mapping
from arasha.policy import document
from arasha.policy.definition import Policy
from engine_samples import RULES, hostile, policy, policy_text, sample_mapping, write_hostile
from small_data import HANDBOOK_FILE


def columns(judgements: Judgements) -> dict[str, object]:
    """All columns but the tokens, which are under another key."""
    return {
        field.name: np.asarray(getattr(judgements, field.name)).tolist()
        for field in fields(judgements)
        if field.name not in ("payer", "payee")
    }


def other(folder: Path) -> Policy:
    """The watchful policy without its last rule."""
    (folder / "other").mkdir(exist_ok=True)
    return policy(folder / "other", policy_text(RULES[:-1]))


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 120))
def test_a_backtest_decides_what_a_replay_decides(
    tmp_path_factory: pytest.TempPathFactory, seed: int, n: int
) -> None:
    """Law 1: each payment's place, time, score, action and rules, whatever the file."""
    folder = tmp_path_factory.mktemp("backtest")
    file = write_hostile(folder, n, seed)
    first, second = policy(folder), other(folder)
    ones = backtest(file, [first, second], sample_mapping())
    for used, judged in zip((first, second), ones, strict=True):
        kept = replay(file, used, sample_mapping(), folder / used.hash, batch=17)
        assert columns(kept.judgements) == columns(judged)


def test_the_handbook_backtested_is_the_handbook_replayed(
    tmp_path: Path, root: Path, small_data: Path
) -> None:
    """The same over twenty thousand card payments, labels and all."""
    by = document.load(root / "policies" / "handbook.toml")
    read_by = load_mapping(root / "mappings" / "handbook.toml")
    file = small_data / HANDBOOK_FILE
    (judged,) = backtest(file, [by], read_by)
    kept = replay(file, by, read_by, tmp_path / "out", batch=3_000)
    assert columns(kept.judgements) == columns(judged)
    assert len(judged) > 19_000


def test_parties_meet_themselves_in_a_backtest(tmp_path: Path) -> None:
    """Tokens are other than a replay's, and equal where the parties are."""
    file = write_hostile(tmp_path, 80)
    (judged,) = backtest(file, [policy(tmp_path)], sample_mapping())
    kept = replay(file, policy(tmp_path), sample_mapping(), tmp_path / "out").judgements
    assert not (judged.payer == kept.payer).any()
    pairs = {(a.tobytes(), b.tobytes()) for a, b in zip(judged.payer, kept.payer, strict=True)}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Neither files nor threads; how far it came is told."""
    file, told = write_hostile(tmp_path, 80), list[int]()
    used = policy(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    backtest(file, [used], sample_mapping(), on_progress=told.append)
    assert before == sorted(tmp_path.rglob("*"))
    assert sum(told) >= 80
    assert not [t for t in threading.enumerate() if t.name == "arasha-reader"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A backtest of a part of the file would be taken for one of the whole."""
    path = tmp_path / "payments.parquet"
    hostile(100).write_parquet(path, row_group_size=40)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\xff" * 2_000 + whole[2_004:])
    with pytest.raises(InputError, match=r"payments\.parquet"):
        backtest(path, [policy(tmp_path)], sample_mapping())
    with pytest.raises(InputError, match="none"):
        backtest(tmp_path / "none.csv", [policy(tmp_path)], sample_mapping())
