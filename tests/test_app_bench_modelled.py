from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.bench import modelled
from arasha.policy import document
from arasha.policy.judge import Judge
from arasha.policy.model_file import trees_in


def test_the_policy_is_of_the_promised_size(tmp_path: Path) -> None:
    """Sixty features, all inputs of the model, and no two the same."""
    path = tmp_path / "sixty.toml"
    path.write_text(modelled.text(), "utf-8")
    policy = document.load(path)
    assert len(policy.keep) == len(set(policy.features.values())) == modelled.FEATURES


def test_the_model_is_of_the_promised_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred trees, most of them with all their leaves: grown on made-up payments here."""
    monkeypatch.setattr(modelled, "_GROWN_ON", 20_000)
    policy = modelled.grown(tmp_path)
    assert policy.model is not None
    assert policy.model.text is not None
    assert trees_in(policy.model.text) == modelled.TREES
    leaves = policy.model.text.count(f"num_leaves={modelled.LEAVES}\n")
    assert leaves > modelled.TREES // 2
    assert Judge(policy).model is not None
