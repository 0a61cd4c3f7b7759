from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.engine import drift as drift_module
from arasha.engine.drift import FOLDER, Drift, reference_for
from arasha.policy import document
from arasha.policy.judge import Judge
from arasha.policy.reference import path_beside, reference_of
from arasha.reports.card_drift import psi
from model_samples import Learnt

CHANCE = np.random.default_rng(3)
LEARNT = CHANCE.normal(size=(4_000, 3))
POINTS = CHANCE.integers(0, 1_000, 4_000)
NAMES = ("a", "b", "c")


def test_the_indices_are_those_of_the_card() -> None:
    """Counted batch by batch, missing values too, they are what the whole columns give."""
    now = CHANCE.normal(0.3, 1, size=(6_000, 3))
    now[:2_000, 1] = np.nan
    drift = Drift(reference_of("x", NAMES, LEARNT, POINTS), NAMES)
    for at in range(0, 6_000, 50):
        drift.note(now[at : at + 50], np.full(50, 7))
    assert 6_000 == drift.payments
    for at, name in enumerate(NAMES):
        found = drift.features()[name]
        assert psi(LEARNT[:, at], now[:, at]) == pytest.approx((found.psi, found.by_chance))
    assert drift.score().psi > 1


def test_what_nothing_has_changed_about_does_not_drift() -> None:
    """The same values again: an index of about nought, below what chance makes of it."""
    drift = Drift(reference_of("x", NAMES, LEARNT, POINTS), NAMES)
    for at in range(0, 4_000, 40):
        drift.note(LEARNT[at : at + 40], POINTS[at : at + 40])
    for index in (*drift.features().values(), drift.score()):
        assert index.psi < 1e-3 < index.by_chance


def test_of_a_large_batch_some_are_counted_and_the_old_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never more than twice the window, whatever comes; columns are found by name."""
    monkeypatch.setattr(drift_module, "WINDOW", 128)
    drift = Drift(reference_of("x", ("c", "a"), LEARNT[:, [2, 0]], POINTS), NAMES)
    for _ in range(9):
        drift.note(LEARNT[:1_000], POINTS[:1_000])
    assert {"c", "a"} == set(drift.features())
    assert 128 <= drift.payments <= 256
    drift.note(np.zeros((0, 3)), np.zeros(0, np.int64))


def test_a_training_leaves_a_reference_and_a_centre_keeps_it(
    small_model: Learnt, tmp_path: Path
) -> None:
    """It lies beside the model's file, of the same hash; a start from the log alone finds it in
    the centre's directory, and the judge counts what it is given.
    """
    version = small_model.after
    assert version.model is not None
    beside = path_beside(version.source.parent / version.model.file)
    assert beside.exists()
    found = reference_for(version, tmp_path)
    assert found is not None
    assert tuple(found.features) == version.model.features
    assert (tmp_path / FOLDER / f"{version.model.hash}.json").read_bytes() == beside.read_bytes()
    judge = Judge(version)
    assert judge.model is not None
    seen = Drift(found, judge.model.features)
    judge.watcher = seen.note
    registers = judge.program.registers(3)
    registers.known[:] = 0
    judge.verdicts(registers)
    assert 3 == seen.payments


def test_the_default_model_ships_with_its_reference(root: Path, tmp_path: Path) -> None:
    """Of the same hash, with all of its features, and scores in their right proportion."""
    policy = document.load(root / "policies" / "instant-payments.toml")
    found = reference_for(policy, tmp_path)
    assert found is not None
    assert policy.model is not None
    assert policy.model.features == tuple(found.features)
    counted = {sum(column.counts) for column in (*found.features.values(), found.score)}
    assert 1 == len(counted)
    assert counted.pop() > 100_000


def test_a_policy_without_a_model_has_none(tmp_path: Path, root: Path) -> None:
    """Nor one whose reference is nowhere."""
    assert None is reference_for(document.load(root / "policies" / "handbook.toml"), tmp_path)
    assert not (tmp_path / FOLDER).exists()
