"""How the live service comes to know what its log knows: at the start, and for another policy.

In: the directory of a log, a policy. Out: the log, open, and a judge whose windows are as of the
log's end: from the latest snapshot and the facts behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from arasha.engine.again import beginning, stretches
from arasha.engine.decide import Centre, decide
from arasha.engine.recall import recall
from arasha.engine.reigns import Reign, record_of, reigns_of
from arasha.errors import Place, UsageError
from arasha.events.records import CallMade, PaymentReceived, Record, instant
from arasha.events.schema import CALL, PAYMENT
from arasha.features.state import State
from arasha.log import snapshots
from arasha.log.driver import has_log
from arasha.log.keys import Retention, Shared, month_name, period_starts_ms
from arasha.log.log import Log
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

ALMOST_THERE: Final = 4_096
"""Entries that decisions wait for at most when another policy takes over."""

SNAPSHOTS_KEPT: Final = 2
"""Snapshots of the service that are kept: if the last cannot be read, there is one before it."""

_TAKEN_FOR: Final = "a quick start"
_WARM_UP: Final[dict[str, Record]] = {
    PAYMENT.word: PaymentReceived(
        id="warm-up", happened_at=instant(0), payer_account="a", payee_account="b", amount="1",
        currency="KZT",
    ),
    CALL.word: CallMade(id="warm-up", happened_at=instant(0), caller_number="a", callee_number="b"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Started:
    """A log open for writing and a judge that is where it is; ``snapshot_seq`` is where the
    snapshot stood that it began from, 0 without one.
    """

    log: Log
    reigns: list[Reign]
    judge: Judge
    state: State
    snapshot_seq: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A judge whose windows are as of entry ``at``."""

    judge: Judge
    state: State
    at: int


def open_live(
    directory: Path, policy: Policy | None, now_ms: int, *, shared: Shared | None = None
) -> Started:
    """Open the log of a directory, or make it, and catch up with it.

    ``policy``: the one to judge by. If it is not the one in force an entry puts it in force; None
    keeps the one that is. ``shared``: see `Log.open`. Raises UsageError where there is neither a
    log nor a policy.
    """
    new = not has_log(directory)
    if new and policy is None:
        raise UsageError(
            "there is no log here, and no policy to begin one with",
            expected="--policy FILE",
            where=Place(file=str(directory)),
        )
    if new:
        log = Log.create(directory, created_at_ms=now_ms, shared=shared)
    else:
        log = Log.open(directory, shared=shared)
    try:
        reigns = reigns_of(log)
        wanted = _wanted(reigns, policy, directory)
        judge = Judge(wanted)
        warm_up(judge)
        first, state = begin(log, judge)
        catch_up(log, judge, state, first, log.size)
        if not reigns or reigns[-1].policy is not wanted:
            seq = log.append(record_of(wanted, max(now_ms, log.last_known_at_ms)))
            reigns.append(Reign(seq, wanted))
    except BaseException:
        log.close()
        raise
    return Started(log, reigns, judge, state, first)


def _wanted(reigns: list[Reign], policy: Policy | None, directory: Path) -> Policy:
    """The policy to judge by: the log's own where it is the one asked for, and as whole."""
    current = reigns[-1].policy if reigns else None
    if policy is None:
        if current is None:
            raise UsageError(
                "the log is empty, and there is no policy to begin it with",
                expected="--policy FILE",
                where=Place(file=str(directory)),
            )
        return current
    if current is not None and current.judges is not policy.judges:
        raise UsageError(
            "what a log judges is settled by its first policy",
            expected=f'a policy with judges = "{current.judges.word}"',
            found=f'judges = "{policy.judges.word}"',
            where=Place(file=str(policy.source)),
            hint="begin another log: calls and payments never stand in one",
        )
    same = current is not None and current.hash == policy.hash
    if current is not None and same and (policy.degraded or not current.degraded):
        return current
    return policy


def catch_up(log: Log, judge: Judge, state: State, at: int, stop: int) -> None:
    """Let the state take in the facts from entry ``at`` up to ``stop``."""
    for facts, known_at, _ in stretches(log, stop, start=at):
        judge.absorb(state, facts, known_at)


def prepare(directory: Path, policy: Policy) -> Prepared:
    """A judge of another policy with its windows almost as of the log's end, beside its writer."""
    judge = Judge(policy)
    warm_up(judge)
    with Log.open(directory, writable=False) as log:
        at, state = begin(log, judge)
        while log.size - at > ALMOST_THERE:
            stop = log.size
            catch_up(log, judge, state, at, stop)
            at = stop
            log.refresh()
    return Prepared(judge, state, at)


def take_snapshot(directory: Path) -> int:
    """Keep the windows as of the log's end, for the next start; returns where that is.

    It reads the log beside its writer and stops nobody. Older snapshots of this kind are destroyed,
    but for SNAPSHOTS_KEPT. Without facts there is nothing to keep.
    """
    with Log.open(directory, writable=False) as log:
        judge = Judge(reigns_of(log)[-1].policy)
        first, state = begin(log, judge)
        stop, known_at_ms = log.size, log.last_known_at_ms
        month = log.month_of_facts(stop)
        if first < stop and month is not None:
            catch_up(log, judge, state, first, stop)
            state.settle(known_at_ms)
            snapshots.save(
                directory, stop, month, judge.policy.hash, state.save(), {"taken_for": _TAKEN_FOR}
            )
    ours = [path for _, path in snapshots.listed(directory) if _is_ours(path)]
    for path in ours[:-SNAPSHOTS_KEPT]:
        snapshots.destroy(path)
    return stop


def _is_ours(path: Path) -> bool:
    """Whether a snapshot was taken for a quick start, and not for the end of a month."""
    return (snapshots.meta_of(path) or {}).get("taken_for") == _TAKEN_FOR


def begin(log: Log, judge: Judge) -> tuple[int, State]:
    """The latest snapshot of the judge's policy or, without one, the first facts that are left.

    Raises UsageError when its windows reach into a month that is gone: it cannot judge by them.
    """
    first, state = beginning(log, judge, at_most=log.size)
    gone = [row.period for row in log.periods() if row.retired and row.retention is Retention.FACTS]
    if first or not gone:
        return first, state
    widest_ms = int(judge.plan.widest_ms.max(initial=0))
    free_at_ms = period_starts_ms(max(gone) + 1) + widest_ms
    if log.last_known_at_ms < free_at_ms:
        raise UsageError(
            "a window of the policy reaches into a month whose facts are gone",
            expected=f"windows that begin after {month_name(max(gone))}",
            where=Place(file=str(judge.policy.source)),
            hint=f"it can judge from {instant(free_at_ms):%Y-%m-%d} on",
        )
    return max(stop for period, _, stop, _ in log.month_counts() if period in gone), state


def warm_up(judge: Judge) -> None:
    """Decide a payment (or a call) that nobody sent, in a log that is thrown away: every kernel is
    compiled, or loaded, before the first that somebody did.
    """
    nobodys = _WARM_UP[judge.policy.judges.word]
    facts = facts_from_records([nobodys], "ARASHA", Tokens(bytes(32)))
    with TemporaryDirectory() as folder, Log.create(folder, created_at_ms=0) as log:
        centre = Centre(log, judge, judge.fresh_state())
        for _ in range(2):
            decide(centre, facts, now_ms=0, reasons=judge.model is not None)
        recall(log, [Reign(0, judge.policy)], 0, log.size)
