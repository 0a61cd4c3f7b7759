"""Files of our own facts: all kinds in one table, in the schema's own names, without a mapping.

At *happened*, beside events/files.py. In: a Parquet file, or a folder of them read by name::

    fact     id   sender    happened_at          payer_account  amount  payment  fraud  ...
    payment  p-1  BANKKZKA  2026-01-05T04:00:00Z  KZ86125KZT...  1500.00
    signal   s-9  TELEKZKA  2026-01-05T04:00:00Z
    label    l-1  BANKKZKA  2026-01-09T09:12:00Z                          p-1      true

Out: the same batches as a mapped file gives. Identifiers are raw text and become tokens here. What
a fact has no field for is refused: a column by the whole file, a value by its row. Labels are facts
among the others; the truth of a payment is what its last label says, and a payment without a label
counts as honest where the files settle any fraud at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.errors import InputError, Place, StateFull
from arasha.events.columns import Facts, concatenate
from arasha.events.conversion import Tokeniser, check_types, convert
from arasha.events.files import Source, SourceBatch, Stretch, cut_into_batches, open_source
from arasha.events.mapping import FieldRule, IdRule, Mapping, SenderRule, TimeRule
from arasha.events.reference import digests_of
from arasha.events.rejects import Refusal, Reject, redacted
from arasha.events.schema import FACTS, Fact, FieldType, Kind
from arasha.events.tables import Table, fingerprint, open_table

EVENTS_FOLDER: Final = "events"
"""Where a folder of a country, or of an export, holds its facts."""

FORMAT: Final = "arasha facts 1"
"""Name and version of this form; part of a source's fingerprint."""

MAX_FILES: Final = 4_096
"""Files of one folder: eleven years, a day each."""

MAX_LABELS: Final = 50_000_000
"""Labels whose truth is held in memory at once; about 2 GB."""

_HEAD: Final = ("fact", "id", "sender", "happened_at")
_FIELDS: Final = tuple(dict.fromkeys(field.name for f in FACTS.values() for field in f.fields))
COLUMNS: Final = (*_HEAD[:3], *_FIELDS)
"""Every column a file may have; the first four it must have."""

_TIME: Final = TimeRule("timestamp")
_COUNTED: Final = TimeRule("epoch_ms")
_LABEL_COLUMNS: Final = ("fact", "sender", "happened_at", "payment", "fraud")


@dataclass(frozen=True, slots=True)
class _Truth:
    """What is settled: names of payments as bytes, ascending, whether each was fraud, and since
    when that is known.
    """

    payments: NDArray[np.bytes_]
    fraud: NDArray[np.int8]
    since_ms: NDArray[np.int64]

    def of(self, facts: Facts) -> NDArray[np.int8]:
        """int8[n]: 1 fraud, 0 honest (or nobody said otherwise), -1 no payment or nothing known."""
        truth = np.full(len(facts), -1, np.int8)
        payments = np.flatnonzero(facts.kinds == Kind.PAYMENT)
        if len(self.payments) == 0 or len(payments) == 0:
            return truth
        truth[payments] = 0 if self.fraud.any() else -1
        rows, at = self._found(facts, payments)
        truth[rows] = self.fraud[at]
        return truth

    def since(self, facts: Facts) -> NDArray[np.int64]:
        """int64[n], ms: since when a truth is known; what nobody speaks of, since it happened."""
        since = facts.number("happened_at").copy()
        payments = np.flatnonzero(facts.kinds == Kind.PAYMENT)
        if len(self.payments) and len(payments):
            rows, at = self._found(facts, payments)
            since[rows] = self.since_ms[at]
        return since

    def _found(
        self, facts: Facts, payments: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which of the payments a label speaks of, and where it stands here."""
        names = _names(digests_of(facts.take(payments)))
        at = np.minimum(np.searchsorted(self.payments, names), len(self.payments) - 1)
        found = self.payments[at] == names
        return payments[found], at[found]


class NativeSource:
    """Files of facts in our own form, one behind the other."""

    labels_are_rows = True
    settles_all = False  # what a label says goes with no row but its own

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        self.path = path
        self._tables = [open_table(file) for file in files]
        for table in self._tables:
            _check_columns(table)
        self._mappings = [_mappings(table) for table in self._tables]
        counts = [table.total_rows() for table in self._tables]
        self._starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))

    @property
    def total_rows(self) -> int:
        """Rows of all files, from their footers."""
        return int(self._starts[-1])

    @property
    def id_column(self) -> str:
        """The column that names a fact."""
        return "id"

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the names, sizes and ends of the files, hexadecimal."""
        parts = [FORMAT, *(f"{t.path.name} {fingerprint(t.path)}" for t in self._tables)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def place(self, row: int) -> tuple[str, int]:
        """The file a row stands in, and its number there; rows of batches count through."""
        at = int(np.searchsorted(self._starts, row - 1, side="right")) - 1
        at = min(max(at, 0), len(self._tables) - 1)
        return self._tables[at].path.name, row - int(self._starts[at])

    def settled_at(self, facts: Facts) -> NDArray[np.int64]:
        """When the truth of each fact's payment was settled, ms."""
        return self._truth.since(facts)

    def batches(
        self, tokens: Tokeniser, size: int, *, skip_facts: int = 0
    ) -> Iterator[SourceBatch]:
        """All facts after the first ``skip_facts``, ``size`` at a time; the last may be smaller.

        Raises InputError where a file is damaged, after all that could be read before was given.
        """
        assert size > 0
        return cut_into_batches(self._stretches(tokens), size, skip_facts)

    def _stretches(self, tokens: Tokeniser) -> Iterator[Stretch]:
        for table, mappings, start in zip(
            self._tables, self._mappings, self._starts[:-1].tolist(), strict=True
        ):
            for chunk in table.chunks(tuple(table.schema)):
                facts, rows, rejects = _converted(chunk.frame, chunk.rows + start, mappings, tokens)
                positions = np.searchsorted(rows, [reject.row for reject in rejects])
                truth = self._truth.of(facts)
                yield Stretch(facts, truth, rows, None, rejects, positions, chunk.last_row + start)

    @cached_property
    def _truth(self) -> _Truth:
        """What the labels say; of several of one payment the last counts.

        Where a file is damaged, its labels up to there count: whoever reads on meets the damage.
        """
        names, frauds = [np.zeros(0, "S16")], [np.zeros(0, np.int8)]
        moments = [np.zeros(0, np.int64)]
        held = 0
        for table, mappings in zip(self._tables, self._mappings, strict=True):
            columns = tuple(name for name in _LABEL_COLUMNS if name in table.schema)
            if len(columns) < len(_LABEL_COLUMNS):
                continue
            try:
                for chunk in table.chunks(columns):
                    name, fraud, moment = _settled(chunk.frame, mappings["label"])
                    held += len(fraud)
                    if held > MAX_LABELS:
                        raise StateFull("too many labels", expected=f"at most {MAX_LABELS}")
                    names.append(name)
                    frauds.append(fraud)
                    moments.append(moment)
            except InputError:
                break
        order = np.argsort(np.concatenate(names), kind="stable")
        payments = np.concatenate(names)[order]
        fraud, since = np.concatenate(frauds)[order], np.concatenate(moments)[order]
        last = np.append(payments[1:] != payments[:-1], np.ones(min(1, len(payments)), np.bool_))
        return _Truth(payments[last], fraud[last], since[last])


def is_native(path: Path) -> bool:
    """Whether it is a file of our own facts, or a folder with such files in it."""
    files = _files(path)
    return bool(files) and _has_head(files[0])


def open_facts(path: Path, mapping: Mapping | None) -> Source | NativeSource:
    """The facts of a file: through its mapping, or without one in our own form.

    Raises InputError or MappingError: no such file, truncated, a required
    column missing, a column that no fact has.
    """
    if mapping is not None:
        return open_source(path, mapping)
    files = _files(path)
    if not files:
        raise InputError(
            "there are no facts here",
            expected="a Parquet file, or a folder with such files in events/",
            where=Place(file=str(path)),
        )
    if len(files) > MAX_FILES:
        raise InputError(
            "too many files", expected=f"at most {MAX_FILES}", where=Place(file=str(path))
        )
    return NativeSource(path, files)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.suffix.lower() in (".parquet", ".pq") else []
    within = path / EVENTS_FOLDER
    return sorted((within if within.is_dir() else path).glob("*.parquet"))


def _has_head(file: Path) -> bool:
    """A file that cannot be read is one of ours as far as anyone knows: reading it says why not."""
    try:
        return set(_HEAD[:2]) <= set(open_table(file).schema)
    except InputError:
        return file.parent.name == EVENTS_FOLDER


def _check_columns(table: Table) -> None:
    missing = [name for name in _HEAD if name not in table.schema]
    if missing:
        raise InputError(
            "columns are missing: " + ", ".join(missing),
            expected=", ".join(_HEAD),
            found=", ".join(table.schema),
            where=Place(file=str(table.path), column=missing[0]),
        )
    for name, dtype in table.schema.items():
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1, cutoff=0.5)
            raise InputError(
                "no fact has such a column",
                expected="the fields of docs/reference/facts.md",
                where=Place(file=str(table.path), column=name),
                hint=f"near: {near[0]!r}?" if near else "leave it out",
            )
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
            raise InputError(
                "these times name no zone",
                expected="timestamps in UTC, or whole milliseconds since 1970-01-01 UTC",
                where=Place(file=str(table.path), column=name),
            )


def _mappings(table: Table) -> dict[str, Mapping]:
    """How each kind of fact is read from a file: every field from the column of its own name."""
    mappings = {}
    for word, fact in FACTS.items():
        rules = tuple(
            _rule(fact, name, table) for name in (field.name for field in fact.fields)
            if name in table.schema or _needed(fact, name, table)
        )  # fmt: skip
        mapping = Mapping(
            word,
            table.path,
            "",
            fact,
            None,
            ",",
            SenderRule("sender"),
            IdRule(("id",)),
            rules,
            None,
        )
        check_types(table, mapping)
        mappings[word] = mapping
    return mappings


def _needed(fact: Fact, name: str, table: Table) -> bool:
    """Whether a field is read although the file has no such column: it must not be missing, or it
    is one half of an amount of money.
    """
    field = fact.field(name)
    money = {"amount", "currency"}
    return field is not None and (
        field.required or (name in money and bool(money & set(table.schema)))
    )


def _rule(fact: Fact, name: str, table: Table) -> FieldRule:
    field = fact.field(name)
    assert field is not None
    dtype = table.schema.get(name)
    whole = dtype is not None and dtype.is_integer()
    return FieldRule(
        field,
        column=None if dtype is None else name,
        time=(_COUNTED if whole else _TIME) if field.type is FieldType.INSTANT else None,
        minor=whole and field.type is FieldType.MONEY,
    )


def _converted(
    frame: pl.DataFrame, rows: NDArray[np.int64], mappings: dict[str, Mapping], tokens: Tokeniser
) -> tuple[Facts, NDArray[np.int64], list[Reject]]:
    """The facts of n rows in their order, the number of each one's row, and the rows refused."""
    words = frame["fact"].cast(pl.String)
    parts: list[Facts] = []
    places, rejects = [np.zeros(0, np.int64)], _unknown_facts(words, rows)
    for word, mapping in mappings.items():
        at = np.flatnonzero((words == word).fill_null(value=False).to_numpy())
        if not len(at):
            continue
        some, numbers = frame if len(at) == len(frame) else frame[at], rows[at]
        foreign, refused = _foreign(some, numbers, mapping)
        if len(refused):
            some, numbers = some.filter(pl.Series(~foreign)), numbers[~foreign]
        made = convert(some, numbers, mapping, tokens)
        parts.append(made.facts)
        places.append(made.rows)
        rejects += [*refused, *made.rejects]
    taken = np.concatenate(places)
    order = np.argsort(taken, kind="stable")
    facts = concatenate(parts) if len(parts) != 1 else parts[0]
    if len(parts) > 1:
        facts = facts.take(order)
    if "sender" not in facts.symbols:
        facts = Facts(facts.kinds, facts.ids, facts.numbers, {"sender": facts.symbol("sender")})
    return facts, taken[order], sorted(rejects, key=lambda reject: reject.row)


def _unknown_facts(words: pl.Series, rows: NDArray[np.int64]) -> list[Reject]:
    known = words.is_in(list(FACTS)).fill_null(value=False).to_numpy()
    return [
        Reject(
            int(rows[at]), "fact",
            Refusal.MISSING_VALUE if words[at] is None else Refusal.UNKNOWN_CATEGORY,
            "one of " + ", ".join(FACTS), redacted(words[at]),
        )
        for at in np.flatnonzero(~known).tolist()
    ]  # fmt: skip


def _foreign(
    frame: pl.DataFrame, rows: NDArray[np.int64], mapping: Mapping
) -> tuple[NDArray[np.bool_], list[Reject]]:
    """Rows with a value that their kind of fact has no field for."""
    foreign = np.zeros(len(frame), np.bool_)
    rejects = []
    for name in frame.columns:
        if name in _HEAD or mapping.fact.field(name) is not None:
            continue
        column = frame[name]
        if column.null_count() == len(column):
            continue
        here = column.is_not_null()
        if column.dtype == pl.String:
            here &= column != ""
        new = here.fill_null(value=False).to_numpy() & ~foreign
        foreign |= new
        rejects += [
            Reject(
                int(rows[at]), name, Refusal.UNKNOWN_FIELD,
                f"nothing: a {mapping.name} has no such field", redacted(column[at]),
            )
            for at in np.flatnonzero(new).tolist()
        ]  # fmt: skip
    return foreign, rejects


class _NoTokens:
    """For facts of which no party is looked at."""

    def of_column(self, kind: object, column: pl.Series, prefix: str = "") -> NDArray[np.uint64]:  # noqa: ARG002  # a Tokeniser's
        return np.zeros((len(column), 2), np.uint64)


def _settled(
    frame: pl.DataFrame, mapping: Mapping
) -> tuple[NDArray[np.bytes_], NDArray[np.int8], NDArray[np.int64]]:
    """The payments that the labels of a frame speak of, what they say, and when."""
    labels = frame.filter((pl.col("fact").cast(pl.String) == "label").fill_null(value=False))
    if labels.is_empty():
        return np.zeros(0, "S16"), np.zeros(0, np.int8), np.zeros(0, np.int64)
    here = Mapping(
        mapping.name, mapping.path, "", mapping.fact, None, ",", mapping.sender, IdRule(),
        tuple(rule for rule in mapping.fields if rule.column in _LABEL_COLUMNS), None,
    )  # fmt: skip
    facts = convert(labels, np.arange(1, len(labels) + 1), here, _NoTokens()).facts
    return (
        _names(facts.symbol("payment")), facts.number("fraud").astype(np.int8),
        facts.number("happened_at"),
    )  # fmt: skip


def _names(symbols: NDArray[np.uint64]) -> NDArray[np.bytes_]:
    """Sixteen bytes each, as one value that sorts."""
    return np.ascontiguousarray(symbols).view("S16").reshape(-1)
