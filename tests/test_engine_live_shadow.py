"""A second policy beside the live one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.engine import live_shadow
from arasha.engine.live_shadow import LiveShadow
from arasha.engine.live_start import prepare
from live_samples import STRICTER, WITH_FALLBACK, payment, policy, running


def test_the_shadow_counts_what_it_would_have_done(tmp_path: Path) -> None:
    """From where it was prepared on, step by step, and the live decisions are as ever."""
    shadow_policy = policy(tmp_path, STRICTER, "stricter.toml")
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.ask(*(payment(i) for i in range(3)))
        shadow = LiveShadow(tmp_path / "c", prepare(tmp_path / "c", shadow_policy))
        service.ask(*(payment(i) for i in range(3, 8)))
        counts = shadow.step()
        assert 0 == shadow.behind
        assert not shadow.step().any()
        shadow.close()
    # Prepared almost at the end of the log, it has the few before it still to do.
    assert (8, 8) == (int(counts.sum()), int(counts[0, 2]))


def test_however_the_log_is_cut_it_counts_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step never parts a payment from its decision; what had no time is not compared."""
    shadow_policy = policy(tmp_path, STRICTER, "stricter.toml")
    with running(tmp_path / "c", policy(tmp_path, WITH_FALLBACK)) as service:
        service.ask(*(payment(i) for i in range(12)))
        service.ask(payment(20), within_s=-1)
        prepared = [prepare(tmp_path / "c", shadow_policy) for _ in range(3)]
    totals = []
    for size, one in zip((1, 2, 5), prepared, strict=True):
        monkeypatch.setattr(live_shadow, "ENTRIES_AT_ONCE", size)
        shadow = LiveShadow(tmp_path / "c", one)
        total = shadow.step()
        while shadow.behind:
            total += shadow.step()
        shadow.close()
        totals.append(total)
    assert 12 == int(totals[0].sum())
    assert np.array_equal(totals[0], totals[1])
    assert np.array_equal(totals[0], totals[2])
