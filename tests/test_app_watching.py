from __future__ import annotations

from math import nan
from pathlib import Path

import pytest

from arasha.app.watching import Latency, Look, Shift, key_in, latency, moment
from arasha.errors import UsageError


def look(at_s: float, **values: float) -> Look:
    """A look at series written ``name__label_value``, several labels behind one another."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for name, value in values.items():
        head, *labels = name.split("__")
        pairs = [one.rpartition("_") for one in labels]
        found[f"arasha_{head}", tuple(sorted((label, word) for label, _, word in pairs))] = value
    return Look(at_s, found)


def histogram(at_s: float, *counts: float) -> Look:
    """Cumulative counts up to 1 ms, 2 ms, 10 ms and beyond."""
    edges = ("0.001", "0.002", "0.01", "+Inf")
    return Look(
        at_s,
        {
            ("arasha_verdict_seconds_bucket", (("le", edge),)): count
            for edge, count in zip(edges, counts, strict=True)
        },
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((10, 10, 10, 10), Latency(None, None, 0)),  # nothing new
        ((20, 20, 20, 20), Latency(0.5, 0.99, 10)),
        ((10, 110, 110, 110), Latency(1.5, 1.99, 100)),
        ((60, 60, 110, 110), Latency(1.0, 9.84, 100)),
        ((10, 10, 10, 20), Latency(10.0, 10.0, 10)),  # beyond the last edge: at least that
    ],
)
def test_quantiles_are_of_what_came_between_two_looks(
    counts: tuple[float, ...], expected: Latency
) -> None:
    """Straight lines between the edges, in ms; what was counted before has no say."""
    found = latency(histogram(0, 10, 10, 10, 10), histogram(1, *counts), "verdict_seconds")
    assert expected.count == found.count
    assert expected.p50_ms == pytest.approx(found.p50_ms)
    assert expected.p99_ms == pytest.approx(found.p99_ms)


def test_a_moment_has_rates_of_its_seconds_and_states_of_its_end() -> None:
    """Two seconds apart: payments, refusals, drift sorted, the shadow's differences."""
    before = look(10, decisions_total__action_allow=100, replies_total__route_x__status_503=5)
    now = look(
        12,
        decisions_total__action_allow=160,
        decisions_total__action_hold=20,
        replies_total__route_x__status_503=11,
        replies_total__route_x__status_200=900,
        waiting_facts=7,
        snapshot_age_seconds=nan,
        shadow_total__action_allow__shadow_action_allow=90,
        shadow_total__action_allow__shadow_action_hold=10,
        drift_payments=500,
        score_drift=0.2,
        score_drift_by_chance=0.01,
        feature_drift__feature_a=0.1,
        feature_drift__feature_b=0.4,
    )
    seen = moment(before, now)
    assert (40, 3) == (seen.payments_per_s, seen.refused_per_s)
    assert {"allow": 60, "warn": 0, "hold": 20, "block": 0} == seen.actions
    assert (7, None) == (seen.waiting_facts, seen.snapshot_age_s)
    assert (100, 10) == (seen.shadow_payments, seen.shadow_differing)
    assert Shift("score", 0.2, 0.01) == seen.score_drift
    assert ["b", "a"] == [one.name for one in seen.feature_drift]


def test_a_service_that_began_anew_has_no_negative_rates() -> None:
    """Its counters begin at nought again."""
    before = look(0, decisions_total__action_allow=100, replies_total__route_x__status_503=5)
    seen = moment(before, look(1, decisions_total__action_allow=3))
    assert (0, 0) == (seen.payments_per_s, seen.refused_per_s)


def test_a_key_file_holds_a_key(tmp_path: Path) -> None:
    """As text or as the command line's JSON; anything else is said."""
    path = tmp_path / "key"
    path.write_text(" a1.b2 \n")
    assert "a1.b2" == key_in(path)
    path.write_text('{"key_id": "a1", "secret": "b2"}')
    assert "a1.b2" == key_in(path)
    assert None is key_in(None)
    for wrong in ("", "word", "a b.c", "{", '{"key_id": 1}', "ключ.тайна"):
        path.write_text(wrong)
        with pytest.raises(UsageError, match="no key in this file"):
            key_in(path)
