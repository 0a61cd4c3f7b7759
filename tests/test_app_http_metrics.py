"""How far what is judged lies from what the model learnt: whose counts the service shows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from arasha.app.demo.past import drift_of
from arasha.app.http.metrics import Metrics
from arasha.app.shipped import default_policy
from arasha.policy.document import load
from arasha.policy.judge import Judge


def test_what_was_counted_before_is_counted_on(tmp_path: Path) -> None:
    """Of the model of the judge that is watched first; of the next one from nothing on."""
    desk: Any = SimpleNamespace()  # told of faults alone
    metrics = Metrics(desk, tmp_path, dict)
    judge = Judge(load(default_policy()))
    before = drift_of(judge, tmp_path)
    assert before is not None
    assert judge.model is not None
    one = np.zeros((1, len(judge.model.features))), np.zeros(1, np.int64)
    before.note(*one)
    metrics.go_on_counting(before)
    metrics.watch(judge)
    assert judge.watcher is not None
    judge.watcher(*one)
    assert metrics.drift is not None
    assert 2 == metrics.drift.payments
    metrics.watch(judge)
    assert 0 == metrics.drift.payments
