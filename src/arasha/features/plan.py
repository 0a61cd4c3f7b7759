"""From the windows a policy asks for to the tables the window kernel walks.

In: the ``Window`` expressions of a policy. Out: a ``Plan``, frozen arrays that say which keys each
kind of fact is filed under, which chains of events each key has, which windows slide over a chain
and what each window counts. Nothing here depends on data; nothing in the kernel depends on names.

::

    group   facts of one kind under one key          payment by (payer_account)
    chain   those of a group that pass a filter,     ... where channel == "mobile", delay 7d
            seen after a delay; linked oldest to newest
    window  a span that slides over a chain          ... 24h: count, sum(amount)
    access  a key made of the judged payment's own   received by the account that now pays
            fields, looked up in a group

Layouts, in 32-bit words (values and sums are 64-bit and stand on even words)::

    event row   | known_at | value ... | record of each group | links of each chain, stack |
    key record  | fingerprint (4) | live | - | per chain: newest [enter, last] |
                  per window: tail, count, [sum (4)] [squares (4)] [front] [distinct]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.events.schema import Fact, Field, FieldType
from arasha.features.expressions import (
    Aggregator,
    Expression,
    FieldValue,
    Function,
    KeyPart,
    Logic,
    SymbolKnown,
    ValueType,
    Window,
)

KINDS: Final = 16
"""Size of the tables indexed by a fact's kind (schema.Kind below 16)."""

SUM, SQUARES, DISTINCT, FRONT = range(4)
"""What a window keeps besides its count."""

AGGREGATORS: Final[tuple[Aggregator, ...]] = (
    "count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "exists",
)  # fmt: skip
"""Codes of the aggregators in ``Tables.features``: their places in this tuple."""

RECORD_HEADER_WORDS: Final = 6
EVENT_HEADER_WORDS: Final = 2


class Tables(NamedTuple):
    """The plan as arrays. Columns of each table are named in the comments, in order."""

    kind_words: NDArray[np.int64]  # [KINDS, 2] words of an event row, widest window + delay (ms)
    kinds: NDArray[np.int32]  # [KINDS, 4] groups from, to; values from, to
    values: NDArray[np.int32]  # number column, event word
    groups: NDArray[np.int32]  # record words, event word, chains from, to; key parts from, to
    parts: NDArray[np.int32]  # is symbol, column
    chains: NDArray[np.int32]  # filter, next, prev, newest, enter, last, windows f,t, stacks f,t
    spans: NDArray[np.int64]  # per window: window_ms, delay_ms of its chain
    windows: NDArray[np.int32]  # tail, count, items from, to, next word of the chain
    items: NDArray[np.int32]  # what, event word, record word, aux word (next / toward newer), aux2
    stacks: NDArray[np.int32]  # sign, event word of value, older, newer, fronts from, to
    fronts: NDArray[np.int32]  # record word of a front
    accesses: NDArray[np.int32]  # group, parts from, to; chains f, t; features f, t; fact's kind
    advanced: NDArray[np.int32]  # chains an access advances
    features: NDArray[np.int32]  # aggregator, window, chain, word 1, word 2, value word, output
    delays: NDArray[np.int64]  # per chain


@dataclass(frozen=True, slots=True)
class Plan:
    """What to keep and what to answer for one policy.

    ``windows`` are the answers in the order of the outputs; ``filters`` the ``where`` expressions
    by index; ``numbers`` and ``symbols`` the columns the kernel reads, by index.
    """

    windows: tuple[Window, ...]
    filters: tuple[tuple[Fact, Expression], ...]
    numbers: tuple[str, ...]
    symbols: tuple[str, ...]
    tables: Tables

    @property
    def event_bytes(self) -> dict[int, int]:
        """Bytes of one event row, by kind; key records come on top."""
        words = self.tables.kind_words[:, 0]
        return {kind: int(words[kind]) * 4 for kind in range(KINDS) if words[kind]}


@dataclass(slots=True)
class _Item:
    what: int
    value: Field
    word: int = -1


@dataclass(slots=True)
class _Slide:
    """One window over a chain, while the plan is drawn."""

    window_ms: int
    items: dict[tuple[int, Field, int], _Item] = field(default_factory=dict)
    index: int = -1
    tail: int = -1
    count: int = -1


@dataclass(slots=True)
class _Chain:
    where: Expression | None
    delay_ms: int
    slides: dict[int, _Slide] = field(default_factory=dict)
    stacks: dict[tuple[Field, int], tuple[int, int]] = field(default_factory=dict)
    same: dict[Field, _Chain] = field(default_factory=dict)  # chains that link equal values
    keep_previous: bool = False
    index: int = -1
    next: int = -1
    previous: int = -1
    newest: int = -1
    enter: int = -1
    last: int = -1


@dataclass(slots=True)
class _Group:
    fact: Fact
    key: tuple[Field, ...]
    chains: dict[tuple[Expression | None, int], _Chain] = field(default_factory=dict)
    index: int = -1
    record_words: int = 0
    event_word: int = -1

    def chain(self, where: Expression | None, delay_ms: int) -> _Chain:
        return self.chains.setdefault((where, delay_ms), _Chain(where, delay_ms))


def effective_filter(window: Window) -> Expression | None:
    """The ``where`` of a window together with "the aggregated value is known"."""
    value = window.value
    if value is None or value.required:
        return window.where
    known: Expression = (
        SymbolKnown(value)
        if value.type.is_symbol
        else Function("known", (FieldValue(value, _plain(value)),), ValueType("bool"))
    )
    return known if window.where is None else Logic("and", (window.where, known))


def _plain(value: Field) -> ValueType:
    return ValueType("bool") if value.type is FieldType.MARK else ValueType("int")


def draw(windows: Sequence[Window]) -> Plan:
    """The plan that answers these windows, in this order (duplicates are answered once each)."""
    return _Draft(tuple(windows)).finish()


class _Draft:
    """Collects groups, chains, windows, then lays out the words, then writes the tables."""

    def __init__(self, windows: tuple[Window, ...]) -> None:
        self.windows = windows
        self.groups: dict[tuple[str, tuple[Field, ...]], _Group] = {}
        self.numbers: list[str] = []
        self.symbols: list[str] = []
        self.filters: list[tuple[Fact, Expression]] = []
        self.values: dict[str, dict[Field, int]] = {}
        for window in windows:
            self._collect(window)

    def _group(self, fact: Fact, key: tuple[Field, ...]) -> _Group:
        return self.groups.setdefault((fact.word, key), _Group(fact, key))

    def _collect(self, window: Window) -> None:
        key = tuple(sorted((part.theirs for part in window.by), key=lambda f: f.name))
        chain = self._group(window.fact, key).chain(effective_filter(window), window.delay_ms)
        slide = chain.slides.setdefault(window.window_ms, _Slide(window.window_ms))
        value = window.value
        if value is None:
            return
        if window.aggregator in ("sum", "mean", "std"):
            self._item(slide, SUM, value)
        if window.aggregator == "std":
            self._item(slide, SQUARES, value)
        if window.aggregator in ("min", "max"):
            sign = 1 if window.aggregator == "max" else -1
            self._item(slide, FRONT, value, sign)
            chain.stacks.setdefault((value, sign), (-1, -1))
        if window.aggregator == "distinct" and value not in key:
            self._item(slide, DISTINCT, value)
            pair = tuple(sorted((*key, value), key=lambda f: f.name))
            same = self._group(window.fact, pair).chain(window.where, 0)
            same.keep_previous = True
            chain.same[value] = same
        if window.aggregator in ("sum", "mean", "std", "min", "max"):
            self.values.setdefault(window.fact.word, {}).setdefault(value, -1)

    @staticmethod
    def _item(slide: _Slide, what: int, value: Field, sign: int = 0) -> None:
        slide.items.setdefault((what, value, sign), _Item(what, value))

    def _column(self, field_: Field) -> tuple[int, int]:
        names = self.symbols if field_.type.is_symbol else self.numbers
        if field_.name not in names:
            names.append(field_.name)
        return int(field_.type.is_symbol), names.index(field_.name)

    def _filter(self, fact: Fact, where: Expression | None) -> int:
        if where is None:
            return -1
        if (fact, where) not in self.filters:
            self.filters.append((fact, where))
        return self.filters.index((fact, where))

    def finish(self) -> Plan:
        tables = _TableWriter(self).write()
        return Plan(
            self.windows, tuple(self.filters), tuple(self.numbers), tuple(self.symbols), tables
        )


class _TableWriter:
    """Lays out words and writes the tables of a finished draft."""

    def __init__(self, draft: _Draft) -> None:
        self.draft = draft
        self.rows: dict[str, list[tuple[int, ...]]] = {
            name: [] for name in Tables._fields if name not in ("kind_words", "kinds")
        }
        self.kind_words = np.zeros((KINDS, 2), np.int64)
        self.kinds = np.zeros((KINDS, 4), np.int32)

    def write(self) -> Tables:
        by_fact: dict[str, list[_Group]] = {}
        for group in self.draft.groups.values():
            by_fact.setdefault(group.fact.word, []).append(group)
        for groups in by_fact.values():
            self._lay_out(groups)
        for groups in by_fact.values():
            for group in groups:
                self._write_group(group)
        self._write_accesses()
        return Tables(kind_words=self.kind_words, kinds=self.kinds, **self._arrays())

    def _lay_out(self, groups: list[_Group]) -> None:
        """Words of the event row and of the key records of one kind of fact."""
        fact = groups[0].fact
        word = EVENT_HEADER_WORDS
        first_value = len(self.rows["values"])
        for value in self.draft.values.get(fact.word, {}):
            self.draft.values[fact.word][value] = word
            self.rows["values"].append((self.draft._column(value)[1], word))
            word += 2
        first_group = sum(1 for g in self.draft.groups.values() if g.index >= 0)
        widest = 0
        for index, group in enumerate(groups):
            group.index, group.event_word = first_group + index, word
            word += 1
            for chain in group.chains.values():
                chain.next, word = word, word + 1
                if chain.keep_previous:
                    chain.previous, word = word, word + 1
                for stack in chain.stacks:
                    chain.stacks[stack] = (word, word + 1)
                    word += 2
                widest = max([widest, *(w + chain.delay_ms for w in chain.slides)])
            self._lay_out_record(group)
        self.kind_words[fact.kind] = (word + word % 2, widest)
        self.kinds[fact.kind] = (
            first_group, first_group + len(groups), first_value, len(self.rows["values"]),
        )  # fmt: skip

    @staticmethod
    def _lay_out_record(group: _Group) -> None:
        word = RECORD_HEADER_WORDS
        for chain in group.chains.values():
            chain.newest = chain.last = word
            word += 1
            if chain.delay_ms:
                chain.enter, chain.last = word, word + 1
                word += 2
            for slide in chain.slides.values():
                slide.tail, slide.count = word, word + 1
                word += 2
                for item in slide.items.values():
                    if item.what in (SUM, SQUARES):
                        word += word % 2
                        item.word, word = word, word + 4
                    else:
                        item.word, word = word, word + 1
        group.record_words = word + word % 2

    def _write_group(self, group: _Group) -> None:
        rows = self.rows
        first_chain = len(rows["chains"])
        for offset, chain in enumerate(group.chains.values()):
            chain.index = first_chain + offset
            windows = self._write_windows(group, chain)
            stacks = self._write_stacks(group, chain)
            rows["chains"].append(
                (
                    self.draft._filter(group.fact, chain.where), chain.next, chain.previous,
                    chain.newest, chain.enter, chain.last, *windows, *stacks,
                )
            )  # fmt: skip
            rows["delays"].append((chain.delay_ms,))
        parts = self._write_parts([self.draft._column(f) for f in group.key])
        rows["groups"].append(
            (group.record_words, group.event_word, first_chain, len(rows["chains"]), *parts)
        )

    def _write_parts(self, parts: list[tuple[int, int]]) -> tuple[int, int]:
        first = len(self.rows["parts"])
        self.rows["parts"].extend(parts)
        return first, len(self.rows["parts"])

    def _write_windows(self, group: _Group, chain: _Chain) -> tuple[int, int]:
        rows = self.rows
        first = len(rows["windows"])
        for slide in chain.slides.values():
            slide.index = len(rows["windows"])
            first_item = len(rows["items"])
            for (what, value, sign), item in slide.items.items():
                event_word = self.draft.values.get(group.fact.word, {}).get(value, -1)
                auxiliary = (-1, -1)
                if what == DISTINCT:
                    auxiliary = (chain.same[value].next, chain.same[value].previous)
                if what == FRONT:
                    auxiliary = (chain.stacks[value, sign][1], -1)
                rows["items"].append((what, event_word, item.word, *auxiliary))
            rows["spans"].append((slide.window_ms, chain.delay_ms))
            rows["windows"].append(
                (slide.tail, slide.count, first_item, len(rows["items"]), chain.next)
            )
        return first, len(rows["windows"])

    def _write_stacks(self, group: _Group, chain: _Chain) -> tuple[int, int]:
        rows = self.rows
        first = len(rows["stacks"])
        for (value, sign), (older, newer) in chain.stacks.items():
            first_front = len(rows["fronts"])
            for slide in chain.slides.values():
                if (FRONT, value, sign) in slide.items:
                    rows["fronts"].append((slide.items[FRONT, value, sign].word,))
            event_word = self.draft.values[group.fact.word][value]
            rows["stacks"].append(
                (sign, event_word, older, newer, first_front, len(rows["fronts"]))
            )
        return first, len(rows["stacks"])

    def _write_accesses(self) -> None:
        rows = self.rows
        by_access: dict[tuple[int, tuple[KeyPart, ...]], list[int]] = {}
        for output, window in enumerate(self.draft.windows):
            parts = tuple(sorted(window.by, key=lambda p: p.theirs.name))
            group = self.draft.groups[window.fact.word, tuple(p.theirs for p in parts)]
            by_access.setdefault((group.index, parts), []).append(output)
        for (group_index, parts), outputs in by_access.items():
            keys = self._write_parts([self.draft._column(part.ours) for part in parts])
            first_feature, first_chain = len(rows["features"]), len(rows["advanced"])
            chains: dict[int, None] = {}
            for output in outputs:
                chain = self._write_feature(output)
                chains[chain.index] = None
            rows["advanced"].extend((index,) for index in chains)
            rows["accesses"].append(
                (
                    group_index, *keys, first_chain, len(rows["advanced"]),
                    first_feature, len(rows["features"]), self._kind_of(group_index),
                )
            )  # fmt: skip

    def _kind_of(self, group_index: int) -> int:
        groups = self.draft.groups.values()
        return next(int(g.fact.kind) for g in groups if g.index == group_index)

    def _write_feature(self, output: int) -> _Chain:
        window = self.draft.windows[output]
        key = tuple(sorted((part.theirs for part in window.by), key=lambda f: f.name))
        group = self.draft.groups[window.fact.word, key]
        chain = group.chains[effective_filter(window), window.delay_ms]
        slide = chain.slides[window.window_ms]
        words, event_word = (-1, -1), -1
        name = window.aggregator
        value = window.value
        if value is not None:
            event_word = self.draft.values.get(window.fact.word, {}).get(value, -1)
            items = slide.items
            if name in ("sum", "mean"):
                words = (items[SUM, value, 0].word, -1)
            elif name == "std":
                words = (items[SUM, value, 0].word, items[SQUARES, value, 0].word)
            elif name in ("min", "max"):
                words = (items[FRONT, value, 1 if name == "max" else -1].word, -1)
            elif name == "distinct" and value not in key:
                words = (items[DISTINCT, value, 0].word, -1)
        code = AGGREGATORS.index(name)
        if name == "distinct" and words == (-1, -1):
            code = AGGREGATORS.index("exists")  # all of one key have one value
        self.rows["features"].append(
            (code, slide.index, chain.index, *words, event_word, output)
        )
        return chain

    def _arrays(self) -> dict[str, NDArray[np.int32] | NDArray[np.int64]]:
        widths = {
            "values": 2, "groups": 6, "parts": 2, "chains": 10, "spans": 2, "windows": 5,
            "items": 5, "stacks": 6, "accesses": 8, "features": 7,
        }  # fmt: skip
        arrays: dict[str, NDArray[np.int32] | NDArray[np.int64]] = {}
        for name, rows in self.rows.items():
            dtype = np.int64 if name in ("spans", "delays") else np.int32
            table = np.array(rows, dtype)
            width = widths.get(name)
            shape = (len(rows),) if width is None else (len(rows), width)
            arrays[name] = np.ascontiguousarray(table.reshape(shape))
        return arrays
