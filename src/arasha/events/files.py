"""Files of facts, read for replay: batches in one order that does not depend on their size.

The first step of a replay. In: a file (or a directory), a mapping, the tokeniser. Out: batches of
facts that hold tokens only, the truth where the data tell it, and the rows that were refused.

The canonical order: payments as they stand in the file, and each label before the first payment at
whose moment it is known::

    file      p(t=1)  p(t=2, fraud)  p(t=5)  p(t=9)          labels known 3 later
    batches   p(t=1)  p(t=2)         l(t=5)  p(t=5)  p(t=9)

"At whose moment" is the largest time among the payments so far, for times may run backwards. Labels
due after the last payment come at the end, by time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.errors import InputError, MappingError, Place, StateFull
from arasha.events.columns import Facts, Numbers, concatenate
from arasha.events.conversion import (
    LABEL_PREFIX,
    Conversion,
    Tokeniser,
    check_types,
    column_of,
    convert,
    texts_of,
)
from arasha.events.mapping import AccountTruth, LabelRule, Mapping
from arasha.events.reference import digests_of
from arasha.events.rejects import Refusal, Reject
from arasha.events.schema import MISSING, TYPOLOGIES, Kind
from arasha.events.tables import Table, fingerprint, open_table, require_columns
from arasha.events.times import instants

MAX_PENDING_LABELS: Final = 5_000_000
"""Labels waiting for their moment at once; about 1 GB."""

MAX_ACCOUNTS: Final = 50_000_000
"""Rows of a file of accounts."""

_NEVER: Final = 2**62
_LABEL_NUMBERS: Final = ("amount", "currency")
_LABEL_SYMBOLS: Final = ("sender", "payer_account", "payee_account")


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """n facts in canonical order and what the file says of them.

    ``truth`` int8[n]: 1 fraud, 0 not, -1 unknown or no payment. ``rows`` int64[n]: the row of the
    file a fact comes from (a label: its payment's). ``scenarios``: the mapping's scenario column,
    null for labels; None when there is none. ``rejects``: rows refused before the last fact of
    this batch and not in an earlier one. ``rows_read``: rows of the file behind us. The last
    ``trailing`` rejects stand behind the last fact; who goes on from there gets them again.
    """

    facts: Facts
    truth: NDArray[np.int8]
    rows: NDArray[np.int64]
    scenarios: pl.Series | None
    rejects: tuple[Reject, ...]
    rows_read: int
    trailing: int = 0

    def take(self, chosen: NDArray[np.intp]) -> SourceBatch:
        """The batch with those of its facts alone, in that order; rejects stay."""
        scenarios = None if self.scenarios is None else self.scenarios.gather(chosen)
        return replace(
            self, facts=self.facts.take(chosen), truth=self.truth[chosen], rows=self.rows[chosen],
            scenarios=scenarios,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A file and the mapping that reads it."""

    mapping: Mapping
    table: Table
    accounts: _Accounts | None

    @property
    def path(self) -> Path:
        """The file of facts."""
        return self.table.path

    @property
    def settles_all(self) -> bool:
        """Whether honest payments get labels, too."""
        return self.mapping.labels is not None and self.mapping.labels.settles_all

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that the mapping reads."""
        return self.mapping.columns

    @property
    def total_rows(self) -> int:
        """Data rows of the file; a CSV is read once to count them."""
        return self.table.total_rows()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over sizes and ends of the files and the mapping's text, hexadecimal."""
        parts = [fingerprint(self.path), self.mapping.digest]
        if self.accounts is not None:
            parts.append(fingerprint(self.accounts.path))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def batches(
        self, tokens: Tokeniser, size: int, *, skip_facts: int = 0
    ) -> Iterator[SourceBatch]:
        """All facts after the first ``skip_facts``, ``size`` at a time; the last may be smaller.

        A last batch without facts carries rejects at the end of the file. Raises InputError where
        the file is damaged, after all that could be read before was given.
        """
        assert size > 0
        return _cut(_stretches(self, tokens), size, skip_facts)


def open_source(path: Path, mapping: Mapping) -> Source:
    """The file, or the mapping's file in a directory, checked against the mapping's columns.

    Raises InputError or MappingError: no such file, truncated, columns missing or of wrong types.
    """
    file = path
    if path.is_dir():
        if not mapping.file:
            raise InputError(
                "this is a directory, and the mapping names no file in it",
                expected='a file, or file = "…" in the mapping',
                where=Place(file=str(path)),
            )
        file = path / mapping.file
    table = open_table(file, mapping.delimiter)
    require_columns(table, mapping.columns)
    check_types(table, mapping)
    truth = mapping.labels.accounts if mapping.labels else None
    accounts = _read_accounts(file.parent / truth.file, truth, mapping) if truth else None
    return Source(mapping, table, accounts)


def duplicates(
    batch: SourceBatch, fresh: NDArray[np.bool_], conflict: NDArray[np.bool_], id_column: str
) -> list[Reject]:
    """A reject for each fact of the batch that the log had already (labels follow their payment).

    ``fresh`` and ``conflict`` bool[n] are the log's admission.
    """
    again = ~fresh & (batch.facts.kinds != Kind.LABEL)
    return [
        Reject(
            int(batch.rows[at]),
            id_column,
            Refusal.ID_REUSED if conflict[at] else Refusal.DUPLICATE_ID,
            "an id that its sender has not used before",
            "the id of another fact" if conflict[at] else "the same fact again",
        )
        for at in np.flatnonzero(again).tolist()
    ]


@dataclass(frozen=True, slots=True)
class _Accounts:
    """Accounts in a group and the time from which they are bad, milliseconds (`_NEVER`: not)."""

    path: Path
    since_ms: dict[str, int]


def _read_accounts(path: Path, truth: AccountTruth, mapping: Mapping) -> _Accounts:
    table = open_table(path, mapping.delimiter)
    names = tuple(
        dict.fromkeys(n for n in (truth.account, truth.column, truth.since) if n is not None)
    )
    require_columns(table, names)
    if table.total_rows() > MAX_ACCOUNTS:
        raise StateFull(
            "the file of accounts is too long",
            expected=f"at most {MAX_ACCOUNTS} rows",
            where=Place(file=str(path)),
        )
    since_ms: dict[str, int] = {}
    for chunk in table.chunks(names):
        if chunk.rejects:
            raise _bad_account(path, chunk.rejects[0].row, "", "a whole row")
        bad = chunk.frame.with_columns(
            pl.col(truth.column).cast(pl.String).str.strip_chars().is_in(list(truth.fraud))
        )
        frame = chunk.frame.filter(bad[truth.column].fill_null(value=False))
        rows = chunk.rows[bad[truth.column].fill_null(value=False).to_numpy()]
        times = np.zeros(len(frame), np.int64)
        if truth.since is not None:
            times = _since(path, frame[truth.since], rows, truth, mapping)
        accounts = texts_of(column_of(frame, truth.account, None))
        since_ms.update(zip(accounts.to_list(), times.tolist(), strict=True))
    since_ms.pop(None, None)  # type: ignore[call-overload]  # an account without a name is nobody
    return _Accounts(path, since_ms)


def _since(
    path: Path, column: pl.Series, rows: NDArray[np.int64], truth: AccountTruth, mapping: Mapping
) -> Numbers:
    text = column.cast(pl.String).str.strip_chars()
    never = text.is_in(list(truth.never)).fill_null(value=True) | text.is_null()
    rule = mapping.rule("happened_at")
    assert rule is not None
    assert rule.time is not None
    times, refusals = instants(column.set(never, None), rule.time)
    wrong = np.flatnonzero(refusals)
    if len(wrong):
        raise _bad_account(path, int(rows[wrong[0]]), column.name, "a time, as the mapping has it")
    return np.where(never.to_numpy(), _NEVER, times)


def _bad_account(path: Path, row: int, column: str, expected: str) -> InputError:
    return InputError(
        "the file of accounts cannot be read",
        expected=expected,
        where=Place(file=str(path), row=row, column=column or None),
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Facts in canonical order; a reject stands before the fact at its position."""

    facts: Facts
    truth: NDArray[np.int8]
    rows: NDArray[np.int64]
    scenarios: pl.Series | None
    rejects: list[Reject]
    positions: NDArray[np.int64]
    last_row: int


def _stretches(source: Source, tokens: Tokeniser) -> Iterator[_Stretch]:
    """The file in stretches, labels merged in; what they are depends on the file alone."""
    mapping = source.mapping
    calendar = _Calendar()
    last_row = 0
    for chunk in source.table.chunks(mapping.columns):
        made = convert(chunk.frame, chunk.rows, mapping, tokens)
        rejects = sorted([*chunk.rejects, *made.rejects], key=lambda r: r.row)
        truth = _truth(chunk.frame, made, source)
        scenarios = None
        if mapping.labels is not None and mapping.labels.scenario is not None:
            scenarios = chunk.frame[mapping.labels.scenario].filter(pl.Series(made.kept))
        labels = _labels(made, truth, mapping.labels) if mapping.labels is not None else None
        last_row = chunk.last_row
        yield calendar.merged(made, truth, scenarios, labels, rejects, last_row)
    rest = calendar.rest(last_row)
    if len(rest.facts):
        yield rest


def _truth(frame: pl.DataFrame, made: Conversion, source: Source) -> NDArray[np.int8]:
    labels = source.mapping.labels
    unknown = np.full(len(made.facts), -1, np.int8)
    if labels is None:
        return unknown
    if source.accounts is not None:
        return _truth_of_accounts(frame, made, source)
    assert labels.column is not None
    text = frame[labels.column].cast(pl.String).str.strip_chars().filter(pl.Series(made.kept))
    fraud = text.is_in(list(labels.fraud)).fill_null(value=False).to_numpy()
    if labels.genuine:
        genuine = text.is_in(list(labels.genuine)).fill_null(value=False).to_numpy()
    else:
        genuine = (text.is_not_null() & (text != "")).fill_null(value=False).to_numpy()
    return np.where(fraud, 1, np.where(genuine, 0, unknown)).astype(np.int8)


def _truth_of_accounts(frame: pl.DataFrame, made: Conversion, source: Source) -> NDArray[np.int8]:
    accounts = source.accounts
    labels = source.mapping.labels
    assert accounts is not None
    assert labels is not None
    assert labels.accounts is not None
    happened = made.facts.number("happened_at")
    member, bad = {}, {}
    for role in ("payer_account", "payee_account"):
        rule = source.mapping.rule(role)
        if rule is None or rule.column is None:
            raise MappingError(
                "labels per account need a column for each party",
                where=Place(file=str(source.mapping.path), column=f"fields.{role}"),
            )
        named = texts_of(column_of(frame, rule.column, None)).filter(pl.Series(made.kept))
        since = (
            named.replace_strict(
                list(accounts.since_ms),
                list(accounts.since_ms.values()),
                default=None,
                return_dtype=pl.Int64,
            )
            .fill_null(MISSING)
            .to_numpy()
        )
        member[role] = since != MISSING
        bad[role] = member[role] & (happened >= since)
    payer, payee = bad["payer_account"], bad["payee_account"]
    fraud: NDArray[np.bool_] = {
        "payer": payer,
        "payee": payee,
        "either": payer | payee,
        "both": payer & payee,
        "within": payer & member["payee_account"],
    }[labels.accounts.match]
    return np.where(fraud, np.int8(1), np.int8(0))


def _labels(made: Conversion, truth: NDArray[np.int8], rule: LabelRule) -> _Waiting:
    """A label for each payment whose truth is settled, in the order of the payments."""
    chosen = np.flatnonzero(truth >= 0 if rule.settles_all else truth == 1)
    payments = made.facts.take(chosen)
    known_at = payments.number("happened_at") + rule.known_after_ms
    numbers = {name: payments.number(name) for name in _LABEL_NUMBERS}
    numbers["happened_at"] = known_at
    numbers["fraud"] = (truth[chosen] == 1).astype(np.int64)
    if rule.typology is not None:
        typology = np.int64(TYPOLOGIES.index(rule.typology))
        numbers["typology"] = np.where(truth[chosen] == 1, typology, MISSING)
    symbols = {name: payments.symbol(name) for name in _LABEL_SYMBOLS}
    symbols["payment"] = digests_of(payments)
    facts = Facts(
        np.full(len(chosen), Kind.LABEL, np.uint8),
        [LABEL_PREFIX + payment for payment in payments.ids],
        numbers,
        symbols,
    )
    return _Waiting(facts, made.rows[chosen], chosen.astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Labels, the rows of their payments, and the place of these in the stretch at hand."""

    facts: Facts
    rows: NDArray[np.int64]
    after: NDArray[np.int64]


def _no_labels() -> _Waiting:
    none = np.zeros(0, np.int64)
    return _Waiting(Facts(np.zeros(0, np.uint8), []), none, none)


@dataclass(slots=True)
class _Calendar:
    """The labels whose moment has not come, and the largest time so far."""

    now_ms: int = MISSING
    waiting: _Waiting = field(default_factory=_no_labels)

    def merged(
        self,
        made: Conversion,
        truth: NDArray[np.int8],
        scenarios: pl.Series | None,
        labels: _Waiting | None,
        rejects: list[Reject],
        last_row: int,
    ) -> _Stretch:
        """The stretch's payments with all labels due among them."""
        facts = made.facts
        moments = np.maximum.accumulate(np.maximum(facts.number("happened_at"), self.now_ms))
        due, before = self._due(moments, labels)
        self.now_ms = int(moments[-1]) if len(moments) else self.now_ms
        place = np.searchsorted(made.rows, [r.row for r in rejects])  # among the payments
        if len(due.facts) == 0:
            return _Stretch(facts, truth, made.rows, scenarios, rejects, place, last_row)
        order = np.argsort(
            np.concatenate((before * 2, np.arange(len(facts)) * 2 + 1)), kind="stable"
        )
        added = len(due.facts)
        unknown = np.full(added, -1, np.int8)
        payment_at = np.append(np.flatnonzero(order >= added), len(order))
        return _Stretch(
            concatenate((due.facts, facts)).take(order),
            np.concatenate((unknown, truth))[order],
            np.concatenate((due.rows, made.rows))[order],
            _with_nulls(scenarios, added, order),
            rejects,
            payment_at[place],
            last_row,
        )

    def rest(self, last_row: int) -> _Stretch:
        """The labels due after the last payment, by time."""
        times = self.waiting.facts.number("happened_at")
        order = np.argsort(times, kind="stable")
        facts = self.waiting.facts.take(order)
        none = np.zeros(0, np.int64)
        unknown = np.full(len(facts), -1, np.int8)
        return _Stretch(facts, unknown, self.waiting.rows[order], None, [], none, last_row)

    def _due(self, moments: Numbers, labels: _Waiting | None) -> tuple[_Waiting, Numbers]:
        """Labels due in this stretch, in order, and the payment each stands before."""
        old = self.waiting
        new = labels or _no_labels()
        facts = concatenate((old.facts, new.facts))
        rows = np.concatenate((old.rows, new.rows))
        # A label comes after its own payment, even when times ran far ahead before.
        earliest = np.concatenate((np.zeros(len(old.rows), np.int64), new.after + 1))
        times = facts.number("happened_at")
        before = np.maximum(np.searchsorted(moments, times), earliest)
        order = np.lexsort((times, before))  # stable: equal times in the order of the payments
        due = order[before[order] < len(moments)]
        later = np.flatnonzero(before >= len(moments))
        if len(later) > MAX_PENDING_LABELS:
            raise StateFull(
                "too many labels wait for their moment",
                expected=f"at most {MAX_PENDING_LABELS}",
                hint='a shorter known_after, or settles = "fraud"',
            )
        self.waiting = _Waiting(facts.take(later), rows[later], np.zeros(len(later), np.int64))
        return _Waiting(facts.take(due), rows[due], before[due]), before[due]


def _with_nulls(
    scenarios: pl.Series | None, added: int, order: NDArray[np.intp]
) -> pl.Series | None:
    if scenarios is None:
        return None
    nulls = pl.Series(scenarios.name, [None] * added, dtype=scenarios.dtype)
    return nulls.append(scenarios).gather(order)


@dataclass(slots=True)
class _Cutter:
    """Pieces of stretches on their way to a batch of ``size``."""

    size: int
    pieces: list[_Stretch] = field(default_factory=list)
    count: int = 0
    carried: list[Reject] = field(default_factory=list)  # before the next fact

    def batch(self, last_row: int | None = None) -> SourceBatch:
        """All pieces as one batch; ``last_row`` when the file ends here, behind ``carried``."""
        pieces = self.pieces
        self.pieces, self.count = [], 0
        facts = pieces[0].facts if len(pieces) == 1 else concatenate([p.facts for p in pieces])
        rejects = [reject for piece in pieces for reject in piece.rejects]
        scenarios = [
            pl.Series([None] * len(p.facts)) if p.scenarios is None else p.scenarios for p in pieces
        ]
        named = next((p.scenarios for p in pieces if p.scenarios is not None), None)
        return SourceBatch(
            facts,
            np.concatenate([np.zeros(0, np.int8), *(p.truth for p in pieces)]),
            np.concatenate([np.zeros(0, np.int64), *(p.rows for p in pieces)]),
            None if named is None else pl.concat([s.cast(named.dtype) for s in scenarios]),
            tuple(rejects),
            last_row if last_row is not None else pieces[-1].last_row if pieces else 0,
            0 if last_row is None else len(self.carried),
        )


def _cut(stretches: Iterator[_Stretch], size: int, skip: int) -> Iterator[SourceBatch]:
    cutter = _Cutter(size)
    last_row = 0
    fault: InputError | StateFull | None = None
    while True:
        try:
            stretch = next(stretches, None)
        except (InputError, StateFull) as stopped:  # first all that was read, then the fault
            stretch, fault = None, stopped
        if stretch is None:
            break
        reached = np.maximum.accumulate(np.maximum(stretch.rows, last_row))
        last_row = stretch.last_row
        start = min(skip, len(stretch.facts))
        skip -= start
        at = start
        while at < len(stretch.facts):
            stop = min(len(stretch.facts), at + size - cutter.count)
            cutter.pieces.append(_slice(stretch, at, stop, cutter.carried, reached))
            cutter.carried = []
            cutter.count += stop - at
            at = stop
            if cutter.count == size:
                yield cutter.batch()
        if start < len(stretch.facts) or skip == 0:
            trailing = int(np.searchsorted(stretch.positions, len(stretch.facts)))
            cutter.carried += stretch.rejects[trailing:]
    if cutter.carried:
        empty = Facts(np.zeros(0, np.uint8), [])
        none = np.zeros(0, np.int64)
        tail = _Stretch(empty, np.zeros(0, np.int8), none, None, cutter.carried, none, last_row)
        cutter.pieces.append(tail)
    if cutter.pieces:
        yield cutter.batch(last_row)
    if fault is not None:
        raise fault


def _slice(
    stretch: _Stretch, at: int, stop: int, carried: list[Reject], reached: NDArray[np.int64]
) -> _Stretch:
    """Facts [at, stop) with the rejects that stand before one of them."""
    first, last = np.searchsorted(stretch.positions, (at, stop)).tolist()
    return _Stretch(
        stretch.facts.take(slice(at, stop)),
        stretch.truth[at:stop],
        stretch.rows[at:stop],
        None if stretch.scenarios is None else stretch.scenarios[at:stop],
        [*carried, *stretch.rejects[first:last]],
        np.zeros(0, np.int64),
        int(reached[stop - 1]),
    )
