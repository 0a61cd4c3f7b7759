from __future__ import annotations

import numpy as np
import pytest

from arasha.engine.calibrate import calibrate, isotonic, log_loss, platt
from arasha.policy.model import calibrated


def sample(shape: str, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Sums of trees and truths: a line of log odds, or a step."""
    random = np.random.default_rng(1)
    raw = random.normal(0, 2, n)
    p = 1 / (1 + np.exp(3 - 1.5 * raw)) if shape == "line" else np.where(raw > 2, 0.7, 0.01)
    return raw, (random.random(n) < p).astype(np.int8)


def test_platt_finds_the_line() -> None:
    """Slope and intercept of the log odds the truths were drawn with."""
    found = platt(*sample("line"))
    assert pytest.approx(1.5, abs=0.06) == found.slope
    assert pytest.approx(-3, abs=0.1) == found.intercept


@pytest.mark.parametrize(("shape", "kind"), [("line", "platt"), ("step", "isotonic")])
def test_the_better_of_the_two_is_taken(shape: str, kind: str) -> None:
    """Better is the lower log loss on the later half, of curves fitted on the earlier."""
    raw, truth = sample(shape)
    found, losses = calibrate(raw, truth)
    assert kind == found.kind == min(losses, key=lambda name: losses[name])


def test_an_isotonic_curve_is_never_certain() -> None:
    """A step of honest payments alone is still not nought, one of frauds alone is not one."""
    raw = np.arange(100.0)
    truth = (raw >= 60).astype(np.int8)
    curve = isotonic(raw, truth)
    p = calibrated(raw, curve)
    assert 0 < p[0] < 0.01
    assert 0.98 < p[-1] < 1
    assert (np.diff(p) >= 0).all()


def test_few_frauds_draw_a_line_and_none_draw_nothing() -> None:
    """Too few to compare: Platt; of one class alone the sum stays as it is."""
    raw = np.linspace(-3, 3, 50)
    found, losses = calibrate(raw, (raw > 2).astype(np.int8))
    assert ("platt", {}) == (found.kind, losses)
    assert (1.0, 0.0) == (platt(raw, np.zeros(50, np.int8)).slope, found.intercept * 0)
    assert ((0.0,), (0.0,)) == (isotonic(raw, np.zeros(50, np.int8)).raw, (0.0,))


def test_log_loss_is_finite() -> None:
    """Even of a certainty that was wrong."""
    assert pytest.approx(np.log(2)) == log_loss(np.array([1, 0], np.int8), np.array([0.5, 0.5]))
    assert np.isfinite(log_loss(np.array([1], np.int8), np.array([0.0])))


def test_a_curve_has_no_more_knots_than_a_policy_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many steps, as many as fit, the ends among them; it still ascends."""
    raw, truth = sample("line")
    whole = isotonic(raw, truth)
    monkeypatch.setattr("arasha.engine.calibrate.MAX_KNOTS", 20)
    few = isotonic(raw, truth)
    assert len(whole.raw) > len(few.raw) == 20
    assert (whole.raw[0], whole.raw[-1]) == (few.raw[0], few.raw[-1])
    assert sorted(set(few.raw)) == list(few.raw)
    assert sorted(few.probability) == list(few.probability)
    assert set(zip(few.raw, few.probability, strict=True)) <= set(
        zip(whole.raw, whole.probability, strict=True)
    )
