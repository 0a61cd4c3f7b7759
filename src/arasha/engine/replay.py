"""Replay: a file of payments becomes explained, durable decisions.

In: a file, a mapping, a policy, a directory. Out, in the directory: the event log, the decisions as
Parquet, the rows that were refused. A replay that was interrupted, however, goes on with ``resume``
to the same decisions, byte for byte: the facts already in the log are judged again without being
kept, which brings the windows to where they were and makes any decisions file that was not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from arasha.engine.ahead import ahead
from arasha.engine.decide import Centre, Decided, Keeper, decide
from arasha.engine.judgements import Judgements, concatenate
from arasha.engine.labels import Labels
from arasha.engine.parts import Parts
from arasha.engine.reigns import record_of
from arasha.engine.shadow import Difference, Shadow
from arasha.engine.unkept import Unkept
from arasha.errors import InputError, LogDamaged, Place, UsageError
from arasha.events.body import bodies_from
from arasha.events.decisions import LATE
from arasha.events.files import Source, SourceBatch, duplicates
from arasha.events.mapping import Mapping
from arasha.events.native import NativeSource, open_facts
from arasha.events.rejects import Reject, RejectsFile
from arasha.events.schema import Kind, PartyKind
from arasha.log.driver import has_log
from arasha.log.keys import cannot_write, sync_directory
from arasha.log.log import Admission, Entries, Log
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.tokens import KEY_FILE, Tokens

BATCH: Final = 16_384
"""Facts of one durable commit, unless the caller says otherwise."""

REJECTS: Final = "rejects.csv"
"""The file of refused rows in the directory of a replay."""

_MARK: Final = "the mark of this key"  # no account is written so

OnProgress = Callable[[int], None]
"""Told how many facts were decided since the last time."""


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a replay has come; kept in the log with each commit.

    ``source`` and ``policy`` are hashes, ``tokens`` a mark of their key; ``degraded``: the policy's
    fallback judges. After ``facts`` facts the
    rejects file has ``rejected`` rows in ``rejects`` bytes (0: nothing but its header).
    """

    source: str
    policy: str
    tokens: str
    facts: int = 0
    rejects: int = 0
    rejected: int = 0
    done: bool = False
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did.

    ``facts`` counts those read, ``resumed_at`` those an earlier run had kept; ``rejected`` rows are
    in the rejects file; ``judgements`` has a row for each payment; ``shadow`` what a second policy
    would have changed.
    """

    facts: int
    resumed_at: int
    rejected: int
    judgements: Judgements
    entries: int
    root: bytes
    shadow: Difference | None = None


def replay(
    file: Path,
    policy: Policy,
    mapping: Mapping | None,
    out: Path,
    *,
    batch: int = BATCH,
    resume: bool = False,
    shadow: Policy | None = None,
    on_progress: OnProgress | None = None,
) -> Replayed:
    """Judge every payment of a file, durably; see the module's text for what is left in ``out``.

    ``shadow`` judges the same payments beside it; what it would change is written to ``out``, too.

    Raises InputError or MappingError for a file that cannot be read, after everything before the
    fault was kept; UsageError when ``out`` holds a replay and ``resume`` was not asked, or holds
    that of another file or policy, or another log; LogFull when the disk is full (go on with
    ``resume`` later).
    """
    source = open_facts(file, mapping)
    with _open_log(out, resume=resume) as log:
        if log.size:
            _progress_of(log.progress(), out)  # first of all: is this log a replay's?
        tokens = _tokens(out, log)
        silent = None if shadow is None else Shadow(shadow)
        run = _Run(source, policy, tokens, log, out, batch, on_progress or (lambda _: None), silent)
        done = run.run()
    if done.shadow is not None:
        done.shadow.write(out)
    return done


def _open_log(out: Path, *, resume: bool) -> Log:
    exists = has_log(out)
    if exists and not resume:
        raise UsageError(
            "the directory holds a log already",
            expected="an empty directory, or --resume to go on",
            where=Place(file=str(out)),
        )
    if exists:
        return Log.open(out)
    left = [path.name for path in (*out.glob("decisions-*"), *out.glob(REJECTS))]
    if left:
        raise UsageError(
            "the directory holds what a replay has left, without its log",
            expected="an empty directory",
            found=left[0],
            where=Place(file=str(out)),
            hint="put the log back, or choose another directory",
        )
    return Log.create(out)


def _tokens(out: Path, log: Log) -> Tokens:
    """The tokens of the directory; a new key is made only for a log without entries."""
    path = out / KEY_FILE
    if log.size and not path.exists():
        raise InputError(
            "the key of the tokens is missing",
            expected="the key under which the log's tokens were made",
            where=Place(file=str(path)),
            hint="restore the key from a backup: with another, no party is recognised again",
        )
    try:
        return Tokens.load_or_create(out)
    except OSError as error:
        raise cannot_write(path, error) from error


def start(log: Keeper, policy: Policy, known_at_ms: int, progress: Progress | None = None) -> None:
    """Put the policy on record, as the first entry (engine/reigns.py)."""
    record = record_of(policy, known_at_ms)
    log.append(record, None if progress is None else msgspec.json.encode(progress))


class _Run:
    """One replay of one file."""

    def __init__(
        self,
        source: Source | NativeSource,
        policy: Policy,
        tokens: Tokens,
        log: Log,
        out: Path,
        batch: int,
        on_progress: OnProgress,
        shadow: Shadow | None = None,
    ) -> None:
        self.shadow = shadow
        self.source, self.policy, self.tokens, self.log = source, policy, tokens, log
        self.batch, self.on_progress = batch, on_progress
        judge = Judge(policy)
        self.centre = Centre(log, judge, judge.fresh_state())
        self.progress = self._earlier(out)
        self.rejects = RejectsFile(out / REJECTS, source.place)
        sync_directory(out)
        self.parts = Parts(out, [rule.name for rule in policy.rules])
        self.labels = Labels(settles_all=source.settles_all)
        self.judgements: list[Judgements] = []
        self.rejected = self.progress.rejected

    def _earlier(self, out: Path) -> Progress:
        """How far an earlier run came; nothing, if there was none."""
        mark = self.tokens.of(PartyKind.ACCOUNT, _MARK).hex()
        none = Progress(
            self.source.fingerprint, self.policy.hash, mark, degraded=self.policy.degraded
        )
        noted = self.log.progress()
        if noted is None and self.log.size == 0:
            return none
        earlier = _progress_of(noted, out)
        for what, found, expected in (
            ("file, or of a file read through another mapping", none.source, earlier.source),
            ("policy", none.policy, earlier.policy),
            ("key of tokens", none.tokens, earlier.tokens),
        ):
            if found != expected:
                raise UsageError(
                    f"the directory holds the replay of another {what}",
                    expected=f"the hash {expected[:16]}…",
                    found=f"{found[:16]}…",
                    where=Place(file=str(out)),
                )
        if earlier.degraded != none.degraded:
            words = ("with the policy's model", "with the policy's fallback")
            raise UsageError(
                "the directory holds a replay with another part of the policy",
                expected=words[earlier.degraded],
                found=words[none.degraded],
                where=Place(file=str(out)),
            )
        if any(row.retired for row in self.log.periods()):
            raise UsageError(
                "facts of this replay were retired: it can no longer be taken up",
                expected="a log whose facts are all there",
                where=Place(file=str(out)),
                hint="replay into an empty directory",
            )
        return earlier

    def run(self) -> Replayed:
        """The whole of it."""
        resumed_at = self.progress.facts
        with closing(self.rejects), self.parts:
            self.rejects.truncate(self.progress.rejects)
            if resumed_at:
                self._again(resumed_at)
            batches = ahead(self.source.batches(self.tokens, self.batch, skip_facts=resumed_at))
            with closing(batches):
                for some in self._started(batches):
                    self._go_on(some)
            self.parts.finish()
            if not self.progress.done:
                self.progress = msgspec.structs.replace(self.progress, done=True)
                self._commit_progress()
        return Replayed(
            self.progress.facts, resumed_at, self.rejected, concatenate(self.judgements),
            self.log.size, self.log.root(),
            None if self.shadow is None else self.shadow.difference(),
        )  # fmt: skip

    def _started(self, batches: Iterator[SourceBatch]) -> Iterator[SourceBatch]:
        """The batches; before the first, the policy goes on record."""
        if self.log.size:
            return batches
        first = next(batches, None)
        start(self.log, self.policy, first_time(first), self.progress)
        return batches if first is None else chain([first], batches)

    def _go_on(self, read: SourceBatch) -> None:
        """Judge and keep one batch."""
        some, admission = self.labels.taken(self.log, read)

        def note(admission: Admission) -> bytes:
            """Refused rows are durable before the commit that counts them as read.

            Those behind the last fact are not counted: to go on from there reads them again.
            """
            ahead_of = len(some.rejects) - some.trailing
            refused = [*some.rejects[:ahead_of], *self._repeated(some, admission)]
            self.rejects.append(sorted(refused, key=lambda reject: reject.row))
            self.progress = msgspec.structs.replace(
                self.progress,
                facts=self.progress.facts + len(read.facts),
                rejects=self.rejects.position if refused else self.progress.rejects,
                rejected=self.progress.rejected + len(refused),
            )
            self.rejects.append(some.rejects[ahead_of:])
            self.rejected = self.progress.rejected + some.trailing
            if refused or some.trailing:
                self.rejects.sync()
            return msgspec.json.encode(self.progress)

        self._take(some, decide(self.centre, some.facts, admission=admission, note=note))
        self.on_progress(len(read.facts))

    def _repeated(self, some: SourceBatch, admission: Admission) -> list[Reject]:
        if admission.fresh.all():
            return []
        return duplicates(
            some, admission.fresh, admission.conflict, self.source.id_column,
            labels_are_rows=self.source.labels_are_rows,
        )  # fmt: skip

    def _again(self, count: int) -> None:
        """Judge the first facts once more without keeping them, and be where the log is."""
        unkept = _Recalled(self.log)
        centre = Centre(unkept, self.centre.judge, self.centre.state)
        batches = ahead(self.source.batches(self.tokens, BATCH))
        with closing(batches):
            for some in self._started_again(unkept, batches):
                part = _first_facts(some, count)
                count -= len(part.facts)
                taken, admission = self.labels.taken(unkept, part)
                self._take(taken, decide(centre, taken.facts, admission=admission))
                self.on_progress(len(part.facts))
                if count == 0:
                    break
        if (unkept.size, unkept.last_known_at_ms) != (self.log.size, self.log.last_known_at_ms):
            raise _not_as_kept(self.log, f"{unkept.size} entries")

    def _started_again(
        self, unkept: Unkept, batches: Iterator[SourceBatch]
    ) -> Iterator[SourceBatch]:
        first = next(batches)
        start(unkept, self.policy, first_time(first))
        return chain([first], batches)

    def _take(self, some: SourceBatch, decided: Decided) -> None:
        self.judgements.append(judgements_of(some, decided))
        self.parts.add(decided)
        if self.shadow is not None:
            self.shadow.see(some, decided)

    def _commit_progress(self) -> None:
        none = np.zeros(0, np.int64)
        nothing = Entries(none.astype(np.uint8), none, bodies_from([]), np.zeros((0, 2), np.uint64))
        self.log.append(nothing, msgspec.json.encode(self.progress))


class _Recalled(Unkept):
    """Keeps nothing, and holds each entry that is made again against the one a log has kept."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def append(self, entries: Entries, progress: bytes | None = None) -> int:
        """Raises LogDamaged where the log has another entry."""
        first = super().append(entries, progress)
        for frame in self._log.read(first, first + len(entries)):
            at = frame.first_seq - first
            ours = slice(at, at + len(frame))
            bodies = entries.bodies.slice(ours.start, ours.stop)
            alike = np.array_equal(frame.kinds, entries.kinds[ours]) and np.array_equal(
                frame.known_at, entries.known_at[ours]
            )
            if frame.kinds[0] != Kind.POLICY:  # its text may have other comments
                alike &= np.array_equal(frame.bodies.offsets, bodies.offsets)
                alike &= np.array_equal(frame.bodies.data, bodies.data)
            if not alike:
                raise _not_as_kept(self._log, f"another among {first + at}…{first + ours.stop - 1}")
        return first


def _not_as_kept(log: Log, found: str) -> LogDamaged:
    return LogDamaged(
        "the log does not hold what this file and policy give",
        expected=f"the {log.size} entries of the log",
        found=found,
        where=Place(file=str(log.directory)),
        hint="either the file was changed since, or the log: arasha log verify tells",
    )


def judgements_of(some: SourceBatch, decided: Decided) -> Judgements:
    """The judged payments of a batch with what the file says of them."""
    rows, decisions, facts = decided.payments, decided.decisions, decided.facts
    everything = len(rows) == len(facts)
    payments = facts if everything else facts.take(rows)
    return Judgements(
        seq=decisions.subject_seq,
        ids=payments.ids,
        happened_at_ms=payments.number("happened_at"),
        known_at_ms=decided.known_at[rows],
        amount_minor=payments.number("amount"),
        currency=payments.number("currency"),
        payer=payments.symbol("payer_account"),
        payee=payments.symbol("payee_account"),
        action=decisions.action,
        score=decisions.score,
        rule_offsets=decisions.rule_offsets,
        rules=decisions.rules,
        truth=some.truth[np.flatnonzero(decided.admission.fresh)][rows],
        late=(decisions.marks & LATE) != 0,
    )


def _progress_of(noted: bytes | None, out: Path) -> Progress:
    try:
        return msgspec.json.decode(noted or b"", type=Progress)
    except msgspec.DecodeError as error:
        raise UsageError(
            "the directory holds a log that no replay of this version wrote",
            expected="an empty directory, or that of an interrupted replay",
            where=Place(file=str(out)),
        ) from error


def first_time(some: SourceBatch | None) -> int:
    """When the policy goes on record: the time of the first fact, ms; 0 without one."""
    return int(some.facts.number("happened_at")[0]) if some is not None and len(some.facts) else 0


def _first_facts(some: SourceBatch, count: int) -> SourceBatch:
    """The first ``count`` facts of a batch (its refused rows stay with it)."""
    if count >= len(some.facts):
        return some
    return SourceBatch(
        some.facts.take(slice(0, count)), some.truth[:count], some.rows[:count], None,
        some.rejects, some.rows_read,
    )  # fmt: skip
