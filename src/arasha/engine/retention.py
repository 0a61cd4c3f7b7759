"""Retention: a month of facts goes, once no window can reach into it any more.

In: the directory of a log, a month. Out: the month's key and everything derived from it are
destroyed, and the log says so. In the decisions files only what was decided stays. A snapshot is
taken first, of the windows as they stood when the month had left all of them: from there on the log
can still be judged again. The vault forgets whom no fact that stays mentions: before the key goes,
so that no identifier outlives the facts it came with, whenever the process dies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arasha.engine.again import beginning, stretches
from arasha.engine.parts import forget
from arasha.engine.reigns import policy_of, reigns_of
from arasha.engine.replay import OnProgress
from arasha.events.schema import Kind
from arasha.log import snapshots
from arasha.log.keys import Retention, month_name, period_named, period_starts_ms
from arasha.log.log import Log
from arasha.log.mentions import mentions
from arasha.log.retire import Period, periods, refuse_if_needed, retire
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.driver import has_tables
from arasha.vault.ending import Roll, end
from arasha.vault.subjects import VAULT_FILE, open_database


@dataclass(frozen=True, slots=True)
class Gone:
    """What went: months of facts, oldest first, and how many subjects the vault forgot."""

    months: list[Period]
    subjects: int


def retire_before(
    directory: Path, month: str, *, by: str, reason: str, on_progress: OnProgress | None = None
) -> Gone:
    """Retire the facts of every month before ``month`` (YYYY-MM), oldest first; what went.

    The windows are those of the policy in force. Raises UsageError when a month may still be in one
    (the message says from when it may go): then none is retired. One that was cut short is
    finished by doing it again.
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
            _keep_snapshot(log, judge, period_named(due[-1].month), widest_ms, on_progress)
            forget(directory, period_starts_ms(period_named(due[-1].month) + 1))
        subjects = _end_subjects(log, [period_named(period.month) for period in due], on_progress)
        for period in due:
            retire(
                log, Retention.FACTS, period.month, widest_window_ms=widest_ms, by=by, reason=reason
            )
    return Gone(due, subjects)


def retire_due(
    directory: Path, judged: Kind, *, by: str, reason: str, coming: Policy | None = None
) -> Gone:
    """Retire every month of facts that no window of the policy in force, or of the ``coming`` one,
    can reach into; what went. Nothing where the one in force judges facts of another kind.

    With a policy whose widest window has w days a fact is gone at the first call of this that comes
    w days after the end of its month: between w and w + 31 days after it was known.
    """
    with Log.open(directory, writable=False) as log:
        reigns = reigns_of(log)
        if not reigns or reigns[-1].policy.judges.kind is not judged:
            return Gone([], 0)
        policies = [reigns[-1].policy] + ([] if coming is None else [coming])
        widest_ms = max(int(Judge(one).plan.widest_ms.max(initial=0)) for one in policies)
        now_ms, retired = log.last_known_at_ms, _retired_months(log)
        due = [
            period
            for period, _, _, facts in log.month_counts()
            if facts
            and period not in retired
            and period_starts_ms(period + 1) + widest_ms <= now_ms
        ]
    if not due:
        return Gone([], 0)
    return retire_before(directory, month_name(max(due) + 1), by=by, reason=reason)


def renew_snapshot(directory: Path, *, on_progress: OnProgress | None = None) -> None:
    """Take the snapshot of the last retirement again, for a log that was restored without it.

    Nothing of the retired months is in it, so it needs none of them. Nothing is done where no month
    was retired, or a wider policy's windows do not clear the last of them yet.
    """
    with Log.open(directory, writable=False) as log:
        retired = _retired_months(log)
        gone = [(period, stop) for period, _, stop, _ in log.month_counts() if period in retired]
        if not gone:
            return
        period, stop = gone[-1]
        judge = Judge(reigns_of(log)[-1].policy)
        widest_ms = int(judge.plan.widest_ms.max(initial=0))
        if log.last_known_at_ms >= period_starts_ms(period + 1) + widest_ms:
            _keep_snapshot(log, judge, period, widest_ms, on_progress, start=stop)


def _end_subjects(log: Log, due: list[int], on_progress: OnProgress | None) -> int:
    """Have the vault, if there is one, forget whom only these months mention, or retired ones."""
    retired = {*_retired_months(log), *due}
    if not retired or not has_tables(log.directory / VAULT_FILE):
        return 0
    database = open_database(log.directory)
    try:
        roll = Roll(database)
        for period, tokens in mentions(log, without=retired):
            roll.mention(period, tokens)
            if on_progress is not None:
                on_progress(0)
        last = max(retired)
        return end(database, roll, last + 1, at_ms=log.last_known_at_ms, month=month_name(last))
    finally:
        database.close()


def _retired_months(log: Log) -> set[int]:
    return {row.period for row in log.periods() if row.retired and row.retention is Retention.FACTS}


def _keep_snapshot(
    log: Log,
    judge: Judge,
    last: int,
    widest_ms: int,
    on_progress: OnProgress | None,
    start: int | None = None,
) -> None:
    """Snapshot just after the first entry at which nothing of the last month is in any window.

    From ``start`` on with empty windows or, by default, from the latest snapshot before it. Where
    no fact came since that month there is none: windows are empty, and no key could guard it.
    """
    free_at = period_starts_ms(last + 1) + widest_ms
    seq, known_at = _first_from(log, free_at, judge.policy.judges.kind)
    month = log.month_of_facts(seq)
    if month is None or month <= last:
        return
    first, state = beginning(log, judge, at_most=seq)
    if start is not None and first < start:
        first, state = start, judge.fresh_state()
    for facts, times, _ in stretches(log, seq, start=first):
        judge.absorb(state, facts, times)
        if on_progress is not None:
            on_progress(len(facts))
    state.settle(known_at)
    snapshots.save(
        log.directory, seq, month, judge.policy.hash, state.save(), {"taken_for": "retirement"}
    )


def _first_from(log: Log, at_ms: int, judged: Kind) -> tuple[int, int]:
    """(seq, time) just after the first entry at or after that time; if it is of the kind that is
    ``judged``, its decision included.
    """
    for frame in log.read(classes=(), missing="skip"):
        rows = np.flatnonzero(frame.known_at >= at_ms)
        if len(rows):
            row = int(rows[0])
            seq = frame.first_seq + row
            return seq + (2 if frame.kinds[row] == judged else 1), int(frame.known_at[row])
    raise AssertionError("refuse_if_needed looked")
