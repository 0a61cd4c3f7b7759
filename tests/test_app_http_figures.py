from __future__ import annotations

import re
from pathlib import Path

from arasha.app.http.figures import READS, Figures


def test_every_figure_is_in_the_reference_and_the_other_way_round(root: Path) -> None:
    """docs/reference/service.md names each by the name under which Prometheus knows it."""
    text = (root / "docs" / "reference" / "service.md").read_text(encoding="utf-8")
    section = text.partition("## Figures")[2]
    named = set(re.findall(r"`(arasha_[a-z_]+)(?:\{[a-z,_]+\})?`", section))
    ours = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in Figures().registry.collect()
    }
    assert ours == named


def test_one_request_in_sixteen_is_timed_while_it_is_read() -> None:
    """The clock is looked at no oftener."""
    figures, looked = Figures(), 0

    def clock() -> int:
        nonlocal looked
        looked += 1
        return 3_000_000

    for _ in range(4 * READS):
        figures.read(1_000_000, clock)
    assert 4 == looked
    assert b'arasha_stage_seconds_count{stage="read"} 4.0' in figures.page()


def test_without_a_reference_nobody_can_say_how_far_it_drifted() -> None:
    """NaN for the score, no feature, no payments."""
    figures = Figures()
    figures.drifted(None)
    page = figures.page()
    assert b"arasha_score_drift NaN" in page
    assert b"arasha_drift_payments 0.0" in page
    assert b"arasha_feature_drift{" not in page
