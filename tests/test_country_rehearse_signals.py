"""What call signals are worth: whole small countries, and what is counted of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.country.rehearse import Size
from arasha.country.rehearse_signals import SignalJob, at_equal_bother, rehearse, run
from arasha.errors import UsageError
from arasha.reports.signals import ARMS, CONNECTED, SILENT, UNCONNECTED

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "policies" / "instant-payments.toml"
SIZE = Size(600, 2, 1)


@pytest.mark.parametrize(
    ("per_10_000", "expected"),
    [(0, 1.0), (2_500, 1.0 + 2 / 3), (5_000, 1.0 + 4 / 3), (7_500, 3.0), (10_000, 3.0)],
)
def test_those_of_equal_score_are_drawn_by_lot(per_10_000: float, expected: float) -> None:
    """Between two thresholds the lot gives as many as its share; nought bothers nobody."""
    score = np.array([9, 5, 5, 5, 5, 5, 1], np.int32)
    wanted = np.array([1, 1, 1, 0, 0, 0, 0], np.bool_)
    assert expected == pytest.approx(at_equal_bother(score, wanted, ~wanted, per_10_000))


def test_one_country_is_judged_three_times() -> None:
    """The same payments; the silent operator's answers are missing, and nobody is accused for it;
    where it is never silent nothing differs from all being connected.
    """
    told = run(SignalJob(POLICY, "standard", 1, SIZE, 24))
    assert told.good > 2_000
    assert told.good_asked > 0
    assert told.outage.payments > 0
    for arm in ARMS:
        assert all(0 <= found <= told.coached for found in told.found[arm])
        assert list(told.found[arm]) == sorted(told.found[arm])
    assert told.outage.judged[SILENT].bothered <= told.outage.judged[CONNECTED].bothered
    never = run(SignalJob(POLICY, "standard", 1, SIZE, 0))
    assert never.found[CONNECTED] == never.found[SILENT] == told.found[CONNECTED]
    assert never.judged[CONNECTED] == never.judged[SILENT]
    assert (0, 0) == (never.outage.payments, never.outage.accused)
    assert never.found[UNCONNECTED] == told.found[UNCONNECTED]


def test_workers_change_nothing() -> None:
    """Two processes give what one gives, in order."""
    one, two = (
        rehearse(POLICY, [1, 2], Size(200, 1, 0), 6, sets=("standard",), workers=workers)
        for workers in (1, 2)
    )
    assert one == two
    assert [1, 2] == [run.seed for run in one.of("standard")]


def test_a_policy_over_calls_is_refused() -> None:
    """It judges no payments."""
    with pytest.raises(UsageError, match="this policy judges a call"):
        rehearse(POLICY.with_name("calls.toml"), [1], SIZE, 0)
