"""``arasha policy backtest`` over a log of a few payments, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.app.main import main
from live_samples import STRICTER, payment, policy, running


def test_a_draft_beside_what_was_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both lines, and what changes; as JSON with its progress ahead of it."""
    draft = policy(tmp_path, STRICTER, "draft.toml").source
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.ask(*(payment(number) for number in range(4)))
    words = ["policy", "backtest", str(tmp_path / "c"), "--policy", str(draft), "--days", "7"]
    assert 0 == main(words)
    said = capsys.readouterr().out
    assert "in force           small" in said
    assert "draft              stricter" in said
    assert "newly hit          4 payments" in said
    assert 0 == main([*words, "--json", "--progress"])
    *progress, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (0, 4) == (last["now"]["hits"], last["then"]["hits"])
    assert 0 < progress[-1]["done"] <= progress[-1]["of"]
    assert 2 == main(["policy", "backtest", str(tmp_path)])
