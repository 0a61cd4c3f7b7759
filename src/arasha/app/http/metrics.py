"""``GET /metrics``: the service in figures, for those who may read them.

In: who asks. Out: what was counted (figures.py), what is so at this moment, and how far what is
judged lies from what the model learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import nan
from pathlib import Path

from arasha.app.http import figures
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.problems import Problem
from arasha.engine.drift import Drift, reference_for
from arasha.errors import ArashaError
from arasha.log import snapshots
from arasha.policy.judge import Judge


class Metrics:
    """The route. ``gauges`` are asked for whenever somebody reads."""

    def __init__(
        self, desk: Desk, directory: Path, gauges: Callable[[], Mapping[str, float]]
    ) -> None:
        self._desk, self._directory, self._gauges = desk, directory, gauges
        self._drift: Drift | None = None
        self._before: Drift | None = None

    def __call__(self, request: Request) -> None:
        """Tell the figures."""
        desk = self._desk
        guest = desk.door.guest(request)
        problem = guest if isinstance(guest, Problem) else desk.door.may_read(guest, "metrics")
        if problem is not None:
            return desk.tell(request, problem)
        for name, value in self._gauges().items():
            desk.figures.gauges[name].set(value)
        desk.figures.gauges["snapshot_age_seconds"].set(self._snapshot_age_s())
        desk.figures.drifted(self._drift)
        return desk.answer(request, Reply(200, desk.figures.page(), figures.MEDIA_TYPE))

    @property
    def drift(self) -> Drift | None:
        """What is counted of the model in force; None where nobody can say."""
        return self._drift

    def go_on_counting(self, drift: Drift) -> None:
        """Count on from there: of the model of the next judge that is watched."""
        self._before = drift

    def watch(self, judge: Judge) -> None:
        """Count what this judge's model is given from now on, if it is known what it learnt."""
        self._drift, before, self._before = None, self._before, None
        try:
            reference = reference_for(judge.policy, self._directory)
        except (ArashaError, OSError) as error:
            return self._desk.journal.fault("drift", error)
        if reference is not None and judge.model is not None:
            self._drift = before or Drift(reference, judge.model.features)
            judge.watcher = self._drift.note
        return None

    def _snapshot_age_s(self) -> float:
        """How old the last snapshot is, by the time of its file; NaN without one."""
        times: list[float] = []
        for _, path in snapshots.listed(self._directory):
            with suppress(FileNotFoundError):  # an older one is destroyed meanwhile
                times.append(path.stat().st_mtime)
        return self._desk.clock().wall_ms / 1000 - max(times) if times else nan
