"""Looking back: what was decided in the last days of a log, and what a draft would have decided.

In: a log that may be in use, the policies that were in force, how many days, perhaps a draft. Out:
the judgements of the same payments by the policy in force and by the draft, with the truth as it is
known today. Nothing is written. Where the policy in force has judged all of that time its decisions
are read as they stand; else it judges the payments again, as the draft does::

      begins                       first                        stop
        |── the draft's windows fill ──|── judged, and counted ──|
        |                              |── N days ──────────────▶|

Months that are gone cannot be judged again: then it begins where they end, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.again import beginning, stretches
from arasha.engine.judgements import UNKNOWN, Judgements, concatenate
from arasha.engine.reigns import Reign
from arasha.events.columns import Facts
from arasha.events.decisions import LATE, Decisions
from arasha.events.reference import digests_of
from arasha.events.schema import Kind
from arasha.features.state import State
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge, Verdicts

DAY_MS: Final = 86_400_000

MAX_DAYS: Final = 90
"""How far back one looks, days."""

MAX_ENTRIES: Final = 16_000_000
"""Entries that are looked at, the latest: what is judged must fit into memory."""

_KINDS_AT_ONCE: Final = 1 << 16

OnProgress = Callable[[int, int], None]
"""Told how many entries were done, and of how many."""


@dataclass(frozen=True, slots=True)
class Lookback:
    """``now`` are the judgements of the policy in force, ``then`` those of the draft, or None.

    ``first_ms`` and ``last_ms`` bound the time; ``short_ms`` is how much of the draft's widest
    window was not there to fill it at the beginning; ``again``: the policy in force judged, too, as
    it has not been in force all that time.
    """

    now: Judgements
    then: Judgements | None
    first_ms: int
    last_ms: int
    short_ms: int
    again: bool


def look_back(
    log: Log,
    reigns: Sequence[Reign],
    days: int,
    draft: Policy | None = None,
    *,
    on_progress: OnProgress = lambda _done, _of: None,
) -> Lookback:
    """Look at the last so many days, up to the last payment. Without a draft: as far back as the
    policy in force has judged.
    """
    assert 0 < days <= MAX_DAYS
    reign, stop = reigns[-1], log.size
    last_ms = _last_decided_ms(log)
    first = max(first_at(log, last_ms - days * DAY_MS), _readable_from(log), stop - MAX_ENTRIES)
    if draft is None:
        first = max(first, reign.first_seq)
    first = _whole(log, first)
    again = first < reign.first_seq
    judges = [Judge(reign.policy)] if again else []
    judges += [] if draft is None else [Judge(draft)]
    starts = [_start(log, judge, first) for judge in judges]
    steps = _Steps(sum(stop - begins for begins, _ in starts) or stop - first, on_progress)
    made: list[tuple[Judgements, NDArray[np.uint64]]] = []
    settled = _Settled()
    if not again:
        made.append(_decided(log, first, stop, settled, steps if draft is None else None))
    for judge, (begins, state) in zip(judges, starts, strict=True):
        made.append(_judged(log, judge, state, (begins, first, stop), settled, steps))
    with_truth = [settled.on(*one) for one in made]
    return Lookback(
        with_truth[0], None if draft is None else with_truth[-1],
        min(_known_at(log, first), last_ms), last_ms, _short_ms(log, judges, starts, first), again,
    )  # fmt: skip


def first_at(log: Log, at_ms: int) -> int:
    """The place of the first entry that was known then or later; the log's size without any."""
    low, high = 0, log.size
    while low < high:
        middle = (low + high) // 2
        if _known_at(log, middle) < at_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _last_decided_ms(log: Log) -> int:
    """When the last payment was decided; without any the time of the last entry."""
    stop = log.size
    while stop > 0:
        start = max(0, stop - _KINDS_AT_ONCE)
        found = np.flatnonzero(log.kinds(start, stop) == Kind.DECISION)
        if len(found):
            return _known_at(log, start + int(found[-1]))
        stop = start
    return log.last_known_at_ms


def _known_at(log: Log, seq: int) -> int:
    if seq >= log.size:
        return log.last_known_at_ms
    [frame] = log.read(seq, seq + 1, classes=(), missing="skip")
    return int(frame.known_at[0])


def _whole(log: Log, first: int) -> int:
    """The place, or the one behind it: a decision belongs to the payment ahead of it."""
    if first < log.size and log.kinds(first, first + 1)[0] == Kind.DECISION:
        return first + 1
    return first


def _readable_from(log: Log) -> int:
    """Where the last month ends whose facts are gone; 0 where all are there."""
    gone = {row.period for row in log.periods() if row.retired and row.retention is Retention.FACTS}
    return max((stop for period, _, stop, _ in log.month_counts() if period in gone), default=0)


def _start(log: Log, judge: Judge, first: int) -> tuple[int, State]:
    """Where the judge begins, so that its windows are full at ``first``, and with which state."""
    at, state = beginning(log, judge, at_most=first)
    if at:
        return at, state
    since = first_at(log, _known_at(log, first) - _widest_ms(judge))
    return _whole(log, min(first, max(since, _readable_from(log)))), state


def _widest_ms(judge: Judge) -> int:
    return int(judge.plan.widest_ms.max(initial=0))


def _short_ms(
    log: Log, judges: Sequence[Judge], starts: Sequence[tuple[int, State]], first: int
) -> int:
    """How much of the last judge's widest window lies before all that could be read."""
    if not judges:
        return 0
    begins, judge = starts[-1][0], judges[-1]
    if begins > _readable_from(log):
        return 0
    return max(0, _widest_ms(judge) - (_known_at(log, first) - _known_at(log, begins)))


class _Steps:
    """How far the work has come."""

    def __init__(self, of: int, on_progress: OnProgress) -> None:
        self._of, self._on_progress, self._done = max(1, of), on_progress, 0

    def more(self, entries: int) -> None:
        self._done = min(self._of, self._done + entries)
        self._on_progress(self._done, self._of)


class _Settled:
    """What is settled about payments, by the labels of the log; the last one counts."""

    def __init__(self) -> None:
        self._fraud: dict[bytes, int] = {}

    def see(self, facts: Facts) -> None:
        """Take in the labels among these."""
        rows = np.flatnonzero(facts.kinds == np.uint8(Kind.LABEL))
        if not len(rows):
            return
        named = np.ascontiguousarray(facts.symbol("payment")[rows])
        frauds = facts.number("fraud")[rows].tolist()
        for name, fraud in zip(named, frauds, strict=True):
            self._fraud[name.tobytes()] = int(fraud == 1)

    def on(self, judgements: Judgements, names: NDArray[np.uint64]) -> Judgements:
        """The judgements with the truth; ``names`` are the digests of their payments."""
        if not self._fraud:
            return judgements
        some = np.frombuffer(b"".join(self._fraud), "V16")
        order = np.argsort(some)
        frauds = np.array(list(self._fraud.values()), np.int8)[order]
        wanted = np.ascontiguousarray(names).view("V16").reshape(-1)
        at = np.minimum(np.searchsorted(some[order], wanted), len(some) - 1)
        judgements.truth[:] = np.where(some[order][at] == wanted, frauds[at], UNKNOWN)
        return judgements


def _decided(
    log: Log, first: int, stop: int, settled: _Settled, steps: _Steps | None
) -> tuple[Judgements, NDArray[np.uint64]]:
    """The decisions as they stand."""
    parts, names = list[Judgements](), list[NDArray[np.uint64]]()
    for facts, known_at, kept in _stretches(log, first, stop, steps):
        settled.see(facts)
        rows = np.flatnonzero(facts.kinds == np.uint8(Kind.PAYMENT))
        payments = facts.take(rows)
        parts.append(_part(payments, known_at[rows], kept, kept))
        names.append(digests_of(payments))
    return concatenate(parts), _together(names)


def _judged(
    log: Log, judge: Judge, state: State, span: tuple[int, int, int], settled: _Settled,
    steps: _Steps,
) -> tuple[Judgements, NDArray[np.uint64]]:  # fmt: skip
    """What the judge says of the payments from ``first`` on; those before it fill its windows."""
    begins, first, stop = span
    for facts, known_at, _ in _stretches(log, begins, first, steps):
        judge.absorb(state, facts, known_at)
    parts, names = list[Judgements](), list[NDArray[np.uint64]]()
    for facts, known_at, kept in _stretches(log, first, stop, steps):
        settled.see(facts)
        verdicts = judge.judge(state, facts, known_at)
        rows = np.flatnonzero(facts.kinds == np.uint8(Kind.PAYMENT))
        payments = facts.take(rows)
        parts.append(_part(payments, known_at[rows], verdicts, kept))
        names.append(digests_of(payments))
    return concatenate(parts), _together(names)


def _stretches(
    log: Log, start: int, stop: int, steps: _Steps | None
) -> Iterator[tuple[Facts, NDArray[np.int64], Decisions]]:
    for facts, known_at, kept in stretches(log, stop, start=start):
        yield facts, known_at, kept
        if steps is not None:
            steps.more(len(facts) + len(kept))


def _part(
    payments: Facts, known_at: NDArray[np.int64], said: Verdicts | Decisions, kept: Decisions
) -> Judgements:
    """The columns of these payments. Their names are left out: nothing is shown by them."""
    n = len(payments)
    assert n == len(kept) == len(said.action), "each payment has its decision"
    return Judgements(
        seq=kept.subject_seq, ids=[""] * n, happened_at_ms=payments.number("happened_at"),
        known_at_ms=known_at, amount_minor=payments.number("amount"),
        currency=payments.number("currency"), payer=payments.symbol("payer_account"),
        payee=payments.symbol("payee_account"), action=said.action, score=said.score,
        rule_offsets=said.rule_offsets, rules=said.rules,
        truth=np.full(n, UNKNOWN, np.int8), late=(kept.marks & LATE) != 0,
    )  # fmt: skip


def _together(names: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate(names) if names else np.zeros((0, 2), np.uint64)
