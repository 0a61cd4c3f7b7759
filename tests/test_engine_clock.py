from __future__ import annotations

import time

from arasha.app.commands_serve import clock
from arasha.engine.clock import Clock


def test_the_service_goes_by_the_time_of_day_and_by_a_clock_that_never_runs_back() -> None:
    """Milliseconds of the one, nanoseconds of the other."""
    before, reading, after = time.perf_counter_ns(), clock(), time.perf_counter_ns()
    assert isinstance(reading, Clock)
    assert before <= reading.steady_ns <= after
    assert abs(reading.wall_ms / 1000 - time.time()) < 60
