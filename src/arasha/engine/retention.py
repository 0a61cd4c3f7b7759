"""Retention: a month of facts goes, once no window can reach into it any more.

In: the directory of a log, a month. Out: the month's key and everything derived from it are
destroyed, and the log says so. In the decisions files only what was decided stays. A snapshot is
taken first, of the windows as they stood when the month had left all of them: from there on the log
can still be judged again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from arasha.engine.again import beginning, stretches
from arasha.engine.parts import forget
from arasha.engine.reigns import policy_of, reigns_of
from arasha.engine.replay import OnProgress
from arasha.events.schema import Kind
from arasha.log import snapshots
from arasha.log.keys import Retention, period_named, period_of, period_starts_ms
from arasha.log.log import Log
from arasha.log.retire import Period, periods, refuse_if_needed, retire
from arasha.policy.judge import Judge


def retire_before(
    directory: Path, month: str, *, by: str, reason: str, on_progress: OnProgress | None = None
) -> list[Period]:
    """Retire the facts of every month before ``month`` (YYYY-MM), oldest first; which they were.

    The windows are those of the policy in force. Raises UsageError when a month may still be in one
    (the message says from when it may go): then none is retired.
    """
    before = period_named(month)
    due = [
        period
        for period in periods(directory)
        if period.retention is Retention.FACTS
        and not period.retired
        and period_named(period.month) < before
    ]
    with Log.open(directory) as log:
        reigns = reigns_of(log)
        judge = Judge(reigns[-1].policy if reigns else policy_of(log, directory))
        widest_ms = int(judge.plan.widest_ms.max(initial=0))
        for period in due:
            refuse_if_needed(log, period, widest_ms)
        if due:
            _keep_snapshot(log, judge, due[-1], widest_ms, on_progress)
            forget(directory, period_starts_ms(period_named(due[-1].month) + 1))
        for period in due:
            retire(
                log, Retention.FACTS, period.month, widest_window_ms=widest_ms, by=by, reason=reason
            )
    return due


def _keep_snapshot(
    log: Log, judge: Judge, last: Period, widest_ms: int, on_progress: OnProgress | None
) -> None:
    """Snapshot just after the first entry at which nothing of the last month is in any window."""
    free_at = period_starts_ms(period_named(last.month) + 1) + widest_ms
    seq, known_at = _first_from(log, free_at)
    first, state = beginning(log, judge, at_most=seq)
    for facts, times, _ in stretches(log, seq, start=first):
        judge.absorb(state, facts, times)
        if on_progress is not None:
            on_progress(len(facts))
    state.settle(known_at)
    snapshots.save(
        log.directory, seq, period_of(known_at), judge.policy.hash, state.save(),
        {"taken_for": "retirement"},
    )  # fmt: skip


def _first_from(log: Log, at_ms: int) -> tuple[int, int]:
    """(seq, time) just after the first entry at or after that time, its decision included."""
    for frame in log.read(classes=(), missing="skip"):
        rows = np.flatnonzero(frame.known_at >= at_ms)
        if len(rows):
            row = int(rows[0])
            seq = frame.first_seq + row
            judged = frame.kinds[row] == Kind.PAYMENT
            return seq + (2 if judged else 1), int(frame.known_at[row])
    raise AssertionError("refuse_if_needed looked")
