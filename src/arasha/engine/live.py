"""Live: payments are judged as they come, by one thread, a batch at a time.

In: rows of facts from the doors (tokens already), each with the time by which its sender needs an
answer. Out: what became of each, once it is durable. Any number of doors give rows in; one thread
takes whatever is waiting, lets the main path decide it in one commit, and hands the answers out: so
the commit is shared by all that came while the one before it was written, and no door ever waits
for a lock that is held during one. Nothing here knows HTTP, and clocks are inputs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.engine.clock import Clock
from arasha.engine.decide import Centre, Decided, decide
from arasha.engine.live_follow import Follower
from arasha.engine.live_start import Prepared, Started, catch_up
from arasha.engine.recall import Recalled, Verdict, recall, verdicts_of
from arasha.engine.reigns import Reign, record_of, text_of
from arasha.errors import ArashaError, LogError, LogUnreachable
from arasha.events.columns import Facts
from arasha.log.log import Admission, Entries, Log
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.rows import Row, facts_of_rows

QUEUE_FACTS: Final = 8_192
"""Facts that may wait; beyond it the door says at once that it is busy."""

QUEUE_NS: Final = 25_000_000
"""How long the first of many may have waited, ns; beyond it the door says that it is busy, too: an
answer that comes much later is of use to nobody, and what came in so long takes as long again to
decide. Who has patience gets half."""

MANY_FACTS: Final = 64
"""Fewer may wait longer, where one commit takes its time: they are all in the next one."""

BATCH_FACTS: Final = 1_024
"""Facts of one commit, give or take what was asked together."""

PACE_NS: Final = 5_000_000
"""How far apart batches begin under load, ns, unless WHOLE_FACTS wait before that. A commit costs
the same for one payment as for twenty."""

WHOLE_FACTS: Final = 64
"""Facts for which no batch is put off."""

LOADED_FACTS: Final = 12
"""A batch of so many facts says that there is load; after a smaller one nobody is made to wait. It
comes together in PACE_NS when 2,400 facts come a second."""

SMOOTHING: Final = 8
"""How many batches the estimate of the next one's duration looks back on, about."""


class Fate(Enum):
    """What became of a fact that was sent."""

    KEPT = "kept"  # it is new: it was given its place, and is durable
    REPEATED = "repeated"  # it was known, with the same content: the first answer once more
    CONFLICT = "conflict"  # its id was known with other content: it is refused
    EXPIRED = "expired"  # its time was over before it was judged, and there is no fallback


class Answer(NamedTuple):
    """What became of one fact; ``seq`` and ``known_at_ms`` are -1 where it has no place."""

    fate: Fate
    seq: int = -1
    known_at_ms: int = -1
    verdict: Verdict | None = None


@dataclass(slots=True)
class Ask:
    """Facts that one sender wants kept together; ``waiter`` is the door's, and never looked at.

    ``deadline_ns`` is on the steady clock. When it is handed back, ``answers`` has one for each row
    or, if the service failed, ``fault`` says how: then nobody knows what became of them.

    ``fill``: the rows hang on all that is kept before them. It is called in the writing thread with
    all asks of a batch that have it, sets their rows (perhaps none), and they are kept at once.
    """

    rows: Sequence[Row]
    deadline_ns: int
    waiter: object = None
    answers: list[Answer] = field(default_factory=list)
    fault: BaseException | None = None
    fill: Callable[[Sequence[Ask]], None] | None = None


@dataclass(slots=True)
class Job:
    """Something else to be done between two batches; handed back with what came out, or why not."""

    run: Callable[[], object]
    waiter: object = None
    result: object = None
    fault: BaseException | None = None


Deliver = Callable[[Sequence[Ask | Job]], None]
"""Takes finished work; called by the writing thread, and must not block."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit took: ``facts`` kept or refused, how long the first of them waited, how long
    deciding took and, within that, the commit.
    """

    answers: Sequence[Answer]
    waited_ns: int
    decided_ns: int
    committed_ns: int


class Live:
    """The one who decides. ``start`` it, ``submit`` to it from one thread or many, ``stop`` it."""

    def __init__(
        self,
        started: Started,
        *,
        clock: Callable[[], Clock],
        deliver: Deliver,
        on_batch: Callable[[Batch], None] = lambda _: None,
        beforehand: Callable[[], object] = lambda: None,
    ) -> None:
        """``beforehand`` makes durable, in the writing thread, what must be so before the facts
        are; ``on_batch`` is told of each commit. A log that is only followed makes a standby.
        """
        self.log = started.log
        self.reigns = started.reigns
        self.fault: BaseException | None = None
        self._follower = None if started.log.writable else Follower(started)
        self._keeper = _Timed(started.log, clock)
        self._centre = Centre(self._keeper, started.judge, started.state)
        self._clock, self._deliver, self._on_batch = clock, deliver, on_batch
        self._beforehand = beforehand
        self.following: list[Callable[[Decided], None]] = []
        """Who is told, in the writing thread, of what each commit decided."""
        self._queue: deque[tuple[Ask | Job, int]] = deque()
        self._waiting = 0
        self._closing = False
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._wanted = 0  # facts that the thread sleeps until; 0 while it is awake
        self._taken_ns, self._taken_facts = 0, 0
        self._expected_ns = 0
        self._oldest_ns = 0
        self._thread = threading.Thread(target=self._work, name="arasha-writer")

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._centre.judge.policy

    @property
    def judge(self) -> Judge:
        """The judge of that policy."""
        return self._centre.judge

    @property
    def waiting(self) -> int:
        """Facts and jobs that wait."""
        return self._waiting

    @property
    def stopping(self) -> bool:
        """Whether nothing is taken any more."""
        return self._closing

    @property
    def standby(self) -> bool:
        """Whether another process writes the log: then jobs are done here, but no facts taken."""
        return self._follower is not None

    @property
    def size(self) -> int:
        """Entries of the log."""
        return self.log.size

    @property
    def events_held(self) -> int:
        """Events in the windows."""
        return self._centre.state.events_held

    def start(self) -> None:
        """Begin to decide."""
        self._thread.start()

    def has_room(self, facts: int = 1, *, patient: bool = False, now_ns: int | None = None) -> bool:
        """Whether so many facts would be taken now, for one thread that submits alone.

        ``patient``: who can wait leaves half of the time to those who cannot. ``now_ns`` is the
        steady clock's, for those who have looked at it.
        """
        if self._closing or self._follower is not None:
            return False
        if self._waiting < MANY_FACTS:
            return self._waiting == 0 or self._waiting + facts <= QUEUE_FACTS
        if self._waiting + facts > QUEUE_FACTS:
            return False
        now_ns = self._clock().steady_ns if now_ns is None else now_ns
        return now_ns - self._oldest_ns <= (QUEUE_NS // 2 if patient else QUEUE_NS)

    def submit(self, work: Ask | Job, asked_ns: int | None = None) -> bool:
        """Put it in the queue; False, at once, when that is full or the service is stopping.

        What was taken is handed to ``deliver`` in any case, with a fault if need be. ``asked_ns``
        is the steady clock's, for those who have looked at it.
        """
        weight = _weight(work)
        asked_ns = self._clock().steady_ns if asked_ns is None else asked_ns
        with self._lock:
            may_wait = isinstance(work, Job) and self.standby and self._waiting < QUEUE_FACTS
            if self._closing or not (may_wait or self.has_room(weight, now_ns=asked_ns)):
                return False
            if not self._waiting:
                self._oldest_ns = asked_ns
            self._queue.append((work, asked_ns))
            self._waiting += weight
            if 0 < self._wanted <= self._waiting:
                self._ready.notify()
        return True

    def find(self, sender: str, fact_id: str) -> Recalled | None:
        """What is known of a fact. Only for a Job: the log is the writing thread's."""
        seq = self.log.seq_of(sender, fact_id)
        return None if seq < 0 else self._recalled(seq)

    def now_ms(self) -> int:
        """The time of an entry that is made now: a clock set back does not turn it back."""
        return max(self._clock().wall_ms, self.log.last_known_at_ms)

    def put_in_force(self, prepared: Prepared, keep: Callable[[Entries], int] | None = None) -> int:
        """Let another policy judge from here on; returns the seq of the entry that says so.

        Only for a Job. The prepared state takes in what came since, and no decision falls between
        two policies. ``keep`` puts that entry into the log together with what it rests on, and says
        where; what it raises is raised, and the policy in force stays.
        """
        catch_up(self.log, prepared.judge, prepared.state, prepared.at, self.log.size)
        policy = prepared.judge.policy
        seq = (keep or self.log.append)(record_of(policy, self.now_ms()))
        self.reigns.append(Reign(seq, policy))
        self._centre = Centre(self._keeper, prepared.judge, prepared.state)
        return seq

    def policy_text(self) -> str:
        """The text of the policy in force, as the log has it. Only for a Job."""
        return text_of(self.log, self.reigns[-1].first_seq)

    def follow(self) -> bool:
        """Take in what the writer has appended, and its place if it is free; whether it was.

        Only for a Job, of a standby. From then on facts are taken here.
        """
        follower = self._follower
        assert follower is not None
        writing = follower.step()
        self._centre = Centre(self._keeper, follower.judge, follower.state)
        if writing:
            self._follower = None
        return writing

    def stop(self) -> None:
        """Take no more, finish what waits, close the log."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        if self._thread.ident is not None:
            self._thread.join()
        self.log.close()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            asks = [work for work, _ in taken if isinstance(work, Ask)]
            jobs = [work for work, _ in taken if isinstance(work, Job)]
            try:
                if asks:
                    self._decide(asks, taken[0][1])
                    self._deliver(asks)
                for job in jobs:
                    _do(job)
                    self._deliver([job])
            except BaseException as fault:  # noqa: BLE001 - it is told to all who wait, and kept
                self._fail(fault, [work for work, _ in taken])
                return

    def _take(self) -> list[tuple[Ask | Job, int]] | None:
        """All that waits, up to a batch; None at the end."""
        with self._ready:
            self._sleep_until(1, None)
            if self._taken_facts >= LOADED_FACTS:
                left_ns = self._taken_ns + PACE_NS - self._clock().steady_ns
                self._sleep_until(WHOLE_FACTS, left_ns / 1e9)
            self._taken_ns = self._clock().steady_ns
            taken: list[tuple[Ask | Job, int]] = []
            facts = 0
            while self._queue and facts < BATCH_FACTS:
                taken.append(self._queue.popleft())
                facts += _weight(taken[-1][0])
            self._waiting -= facts
            self._oldest_ns = self._queue[0][1] if self._queue else 0
            self._taken_facts = facts
        return taken or None

    def _sleep_until(self, facts: int, timeout_s: float | None) -> None:
        """Sleep until so many facts wait, time is over, or no more are taken."""
        if timeout_s is not None and timeout_s <= 0:
            return
        self._wanted = facts
        self._ready.wait_for(lambda: self._waiting >= facts or self._closing, timeout_s)
        self._wanted = 0

    def _decide(self, asks: Sequence[Ask], oldest_ns: int) -> None:
        now = self._clock()
        self._keeper.committed_ns = 0
        judged, fallback = self._centre.judge.policy.judges.kind, self.policy.fallback
        rows: list[Row] = []
        kept: list[Ask] = []
        _fill([ask for ask in asks if ask.fill is not None])
        for ask in asks:
            over = ask.deadline_ns <= now.steady_ns and fallback is None
            if over and any(row.kind == judged for row in ask.rows):
                ask.answers = [Answer(Fate.EXPIRED)] * len(ask.rows)
                continue
            kept.append(ask)
            rows += ask.rows
        if rows:
            self._beforehand()
            unready = (
                None if fallback is None else _unready(kept, now.steady_ns + self._expected_ns)
            )
            answers = self._answers(rows, now.wall_ms, unready)
            at = 0
            for ask in kept:
                ask.answers = answers[at : at + len(ask.rows)]
                at += len(ask.rows)
        took_ns = self._clock().steady_ns - now.steady_ns
        self._expected_ns += (took_ns - self._expected_ns) // SMOOTHING
        self._on_batch(
            Batch(
                [answer for ask in asks for answer in ask.answers],
                now.steady_ns - oldest_ns, took_ns, self._keeper.committed_ns,
            )
        )  # fmt: skip

    def _answers(
        self, rows: Sequence[Row], now_ms: int, unready: NDArray[np.bool_] | None
    ) -> list[Answer]:
        """Decide the rows in one commit, and say of each what became of it."""
        decided = decide(
            self._centre, facts_of_rows(rows), now_ms=now_ms,
            reasons=self._centre.judge.model is not None, unready=unready,
        )  # fmt: skip
        for follow in self.following:
            follow(decided)
        made, admission = self._new(decided), decided.admission
        if admission.fresh.all():
            return made
        new = iter(made)
        answers: list[Answer] = []
        for row, (fresh, conflict, seq, first) in enumerate(
            zip(
                admission.fresh.tolist(), admission.conflict.tolist(),
                admission.first_seq.tolist(), admission.first_row.tolist(), strict=True,
            )
        ):  # fmt: skip
            assert fresh or first < row
            if fresh:
                answers.append(next(new))
            elif conflict:
                answers.append(Answer(Fate.CONFLICT))
            elif first >= 0:
                answers.append(answers[first]._replace(fate=Fate.REPEATED))
            else:
                was = self._recalled(seq)
                answers.append(Answer(Fate.REPEATED, was.seq, was.known_at_ms, was.verdict))
        return answers

    def _new(self, decided: Decided) -> list[Answer]:
        """The answers to the facts that were new, in order."""
        currencies = decided.facts.number("currency")[decided.payments].tolist()
        made = verdicts_of(decided.decisions, currencies, repeat(self.policy))
        verdicts: list[Verdict | None] = [*made]
        if len(made) < len(decided.facts):
            verdicts = [None] * len(decided.facts)
            for row, verdict in zip(decided.payments.tolist(), made, strict=True):
                verdicts[row] = verdict
        return [
            Answer(Fate.KEPT, seq, known_at, verdict)
            for seq, known_at, verdict in zip(
                decided.seq.tolist(), decided.known_at.tolist(), verdicts, strict=True
            )
        ]

    def _recalled(self, seq: int) -> Recalled:
        return recall(self.log, self.reigns, seq, min(seq + 2, self.log.size))[0]

    def _fail(self, fault: BaseException, taken: Sequence[Ask | Job]) -> None:
        """Nobody knows what is kept of what was taken: say so, to those behind it, too, and end."""
        with self._ready:
            self._closing = True
            self.fault = fault
            left = [work for work, _ in self._queue]
            self._queue.clear()
            self._waiting = 0
        told = [*taken, *left]
        for work in told:
            work.fault = fault
        self._deliver(told)


def _weight(work: Ask | Job) -> int:
    """How much of the queue it takes."""
    return max(1, len(work.rows)) if isinstance(work, Ask) else 1


def _fill(asks: Sequence[Ask]) -> None:
    """Have those who wait for it make their rows; who cannot has a fault of its own."""
    for fill in dict.fromkeys(ask.fill for ask in asks):
        some = [ask for ask in asks if ask.fill == fill]
        assert fill is not None
        try:
            fill(some)
        except LogError:
            raise
        except ArashaError as fault:
            for ask in some:
                ask.rows, ask.fault = (), fault


def _unready(asks: Sequence[Ask], until_ns: int) -> NDArray[np.bool_] | None:
    """Which facts' time is over before a batch is decided; None when no one's is."""
    if all(ask.deadline_ns >= until_ns for ask in asks):
        return None
    lengths = [len(ask.rows) for ask in asks]
    return np.repeat([ask.deadline_ns < until_ns for ask in asks], lengths)


class _Timed:
    """The log, and how long its last commit took."""

    def __init__(self, log: Log, clock: Callable[[], Clock]) -> None:
        self.log, self.committed_ns, self._clock = log, 0, clock

    @property
    def size(self) -> int:
        return self.log.size

    @property
    def last_known_at_ms(self) -> int:
        return self.log.last_known_at_ms

    def admit(self, facts: Facts) -> Admission:
        return self.log.admit(facts)

    def append(self, entries: Entries, progress: bytes | None = None) -> int:
        """A batch without anything new needs no commit."""
        if not len(entries) and progress is None:
            return self.log.size
        start_ns = self._clock().steady_ns
        seq = self.log.append(entries, progress)
        self.committed_ns = self._clock().steady_ns - start_ns
        return seq


def _do(job: Job) -> None:
    """Run a job; what it cannot do is its own, but a log that fails is everybody's."""
    try:
        job.result = job.run()
    except LogUnreachable as fault:  # of a standby: it can read again later
        job.fault = fault
    except LogError:
        raise
    except ArashaError as fault:
        job.fault = fault
