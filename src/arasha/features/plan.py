"""From the windows a policy asks for to the program the window kernel walks.

In: the ``Window`` expressions of a policy. Out: a ``Plan``: which keys each kind of fact is filed
under, which chains of events each key has, which windows slide over a chain, what each window
counts. Nothing here depends on data; nothing in the kernel depends on names.

::

    group   facts of one kind under one key          payment by (payer_account)
    chain   those of a group that pass a filter,     ... where channel == "mobile", delay 7d
            seen after a delay; linked oldest to newest
    window  a span that slides over a chain          ... 24h: count, sum(amount)
    access  a key made of the judged payment's own   received by the account that now pays
            fields, looked up in a group

Layouts, in bytes; 8-byte values stand on multiples of 8::

    event row   | known_at 8 | value 8 ... | passed on 8 ... | per group: record 4 | per chain:
                  next 4 [previous 4], per stack: older 4, newer 4 | [links of walks 16 or 20] |
    key record  | fingerprint 16 | events 4 | - 4 | per chain: newest 4 [enter 4, last 4] |
                  per window: tail 4, count 4, [sum 16] [squares 16] [front 4] [distinct 4] |

The program is one array of int64 words; "at" is an index into it::

    kind    row bytes, widest ms, groups at, n, values at, n, flow at (0: none), matches at, n
                                                                         (at kind * KIND_WORDS)
    value   number column, offset in row
    group   record bytes, offset in row, chains at, n, parts at, n
    part    is symbol, column
    chain   filter, delay ms, next, previous, newest, enter, last, windows at, n, stacks at, n
    window  span ms, tail, sums at, n, squares at, n, distincts at, n, fronts at, n
    sum     offset in row, offset in record          squares  the same
    distinct  offset in record, next and previous of the chain of equal values
    front   offset in record, newer of its stack
    stack   sign, value, older, newer, fronts at, n  (fronts: offsets in record)
    access  group, group at, parts at, n, kind, chains at, n, features at, n, is its own key
    feature aggregator, tail, last, first word, second word, value, output
    flow    group, group at, links' offset in row, payer's parts at, payee's parts at, walks at, n,
            whether payments by one payer are linked
    walk    aggregator, 0 from the payer or 1 from the payee, span ms, output
    match   group, payer's parts at, within ms, passed and value in row, newest in record, previous
            in row, sums of the passed in record at, n
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.schema import FACTS, PAYMENT, Fact, Field, FieldType
from arasha.features.expressions import (
    TURNS,
    WALKS,
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

KIND_WORDS: Final = 9
"""Words of a kind in the program."""

AGGREGATORS: Final[tuple[Aggregator, ...]] = (
    "count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "exists",
    "pass_through", "sources_of_sources", "cycle_length", "scatter_gather", "shared_payees",
    "payees_of_payees",
)  # fmt: skip
"""Codes of the aggregators in the program: their places in this tuple."""

RECORD_HEADER_BYTES: Final = 24
EVENT_HEADER_BYTES: Final = 8

ACCOUNT_BYTES: Final = RECORD_HEADER_BYTES + 8
"""An account's record in the flow of money: the header, the newest payments into it and by it."""

LINKS_BYTES: Final = 16
"""What walks need of a payment: both parties' records and two links (walks.py draws them)."""

PAID_BY_BYTES: Final = 4
"""What walks that turn (TURNS) need besides: the link to the payment before by the same payer."""

Key = tuple[Field, ...]


def _field(name: str) -> Field:
    found = PAYMENT.field(name)
    assert found is not None, name
    return found


PAYER, PAYEE = _field("payer_account"), _field("payee_account")
AMOUNT, CURRENCY = _field("amount"), _field("currency")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to keep and what to answer for one policy.

    ``windows`` are the answers in the order of the outputs; ``filters`` the ``where`` expressions
    by index; ``numbers`` and ``symbols`` the columns the kernel reads, by index; ``program`` the
    layout drawn above; ``accesses`` where its accesses begin and how many they are; ``groups`` how
    many there are, those of one kind of fact in a row from its ``first_groups``; ``keys_of_kind``
    and ``record_bytes_of_kind`` int64[KINDS], what one fact of a kind can newly need.
    """

    windows: tuple[Window, ...]
    filters: tuple[tuple[Fact, Expression], ...]
    numbers: tuple[str, ...]
    symbols: tuple[str, ...]
    program: NDArray[np.int64]
    accesses: tuple[int, int]
    groups: int
    first_groups: NDArray[np.int64]
    keys_of_kind: NDArray[np.int64]
    record_bytes_of_kind: NDArray[np.int64]

    @property
    def event_bytes(self) -> NDArray[np.int64]:
        """int64[KINDS]: bytes of one event row, 0 for kinds not kept; key records come on top."""
        return self.program[: KINDS * KIND_WORDS : KIND_WORDS]

    @property
    def widest_ms(self) -> NDArray[np.int64]:
        """int64[KINDS]: how long an event of a kind is kept: the widest window with its delay."""
        return self.program[1 : KINDS * KIND_WORDS : KIND_WORDS]


@dataclass(slots=True)
class _Slide:
    """One window over a chain: what it keeps, then where (offsets in the key record)."""

    sums: dict[Field, int] = field(default_factory=dict)
    squares: dict[Field, int] = field(default_factory=dict)
    fronts: dict[tuple[Field, int], int] = field(default_factory=dict)
    distincts: dict[Field, int] = field(default_factory=dict)
    tail: int = -1


@dataclass(slots=True)
class _Chain:
    where: Expression | None
    delay_ms: int
    slides: dict[int, _Slide] = field(default_factory=dict)
    stacks: dict[tuple[Field, int], int] = field(default_factory=dict)  # offset of older
    same: dict[Field, _Chain] = field(default_factory=dict)  # chains that link equal values
    keep_previous: bool = False
    at: int = -1
    next: int = -1
    previous: int = -1
    newest: int = -1
    enter: int = -1
    last: int = -1


@dataclass(slots=True)
class _Group:
    fact: Fact
    key: Key
    chains: dict[tuple[Expression | None, int], _Chain] = field(default_factory=dict)
    index: int = -1
    at: int = -1
    record_bytes: int = 0
    offset: int = -1

    def chain(self, where: Expression | None, delay_ms: int) -> _Chain:
        return self.chains.setdefault((where, delay_ms), _Chain(where, delay_ms))


def draw(windows: Sequence[Window], judged: Fact = PAYMENT) -> Plan:
    """The plan that answers these windows, in this order, for facts of the kind ``judged``."""
    return _Draft(tuple(windows), judged).finish()


def effective_filter(window: Window) -> Expression | None:
    """The ``where`` of a window together with "the aggregated value is known"."""
    value = window.value
    if value is None or value.required:
        return window.where
    form = ValueType("bool") if value.type is FieldType.MARK else ValueType("int")
    known: Expression = (
        SymbolKnown(value)
        if value.type.is_symbol
        else Function("known", (FieldValue(value, form),), ValueType("bool"))
    )
    return known if window.where is None else Logic("and", (window.where, known))


def _passed(window: Window) -> Field:
    """What a payment's row holds for ``pass_through``: what of it left within that time."""
    keys = "_".join(sorted(part.theirs.name for part in window.by))
    return Field(f"passed_{window.within_ms}_{keys}", FieldType.MONEY)


def _as_payer(field_: Field) -> Field:
    return PAYER if field_ == PAYEE else field_


def _sorted_key(fields: Iterable[Field]) -> Key:
    return tuple(sorted(fields, key=lambda f: f.name))


class _Draft:
    """Collects groups, chains and windows; lays out rows and records; emits the program."""

    def __init__(self, windows: tuple[Window, ...], judged: Fact) -> None:
        self.windows = windows
        self.judged = judged
        self.groups: dict[tuple[str, Key], _Group] = {}
        self.values: dict[str, dict[Field, int]] = {}
        self.passed: dict[Field, tuple[int, _Group]] = {}  # of a payment: waited ms, received by
        self.walks = [output for output, one in enumerate(windows) if one.aggregator in WALKS]
        self.links_paid_by = any(one.aggregator in TURNS for one in windows)
        self.numbers: list[str] = []
        self.symbols: list[str] = []
        self.filters: list[tuple[Fact, Expression]] = []
        self.program = [0] * (KINDS * KIND_WORDS)
        self.links = -1  # offset of the walks' links in a payment's row
        for window in windows:
            self._collect(window)

    def finish(self) -> Plan:
        keys, record_bytes, first_groups = (np.zeros(KINDS, np.int64) for _ in range(3))
        by_fact: dict[str, list[_Group]] = {}
        for group in self.groups.values():
            by_fact.setdefault(group.fact.word, []).append(group)
        if self.walks:
            by_fact.setdefault(PAYMENT.word, [])
        index = 0
        for word, groups in by_fact.items():
            kind = FACTS[word].kind
            first_groups[kind] = index
            for group in groups:
                group.index, index = index, index + 1
            self._lay_out(FACTS[word], groups)
            keys[kind] = len(groups)
            record_bytes[kind] = sum(group.record_bytes for group in groups)
        if self.walks:
            self._emit_flow(index)
            keys[PAYMENT.kind] += 2
            record_bytes[PAYMENT.kind] += 2 * ACCOUNT_BYTES
        accesses = self._emit_accesses()
        return Plan(
            self.windows, tuple(self.filters), tuple(self.numbers), tuple(self.symbols),
            np.array(self.program, np.int64), accesses, index + bool(self.walks), first_groups,
            keys, record_bytes,
        )  # fmt: skip

    # What is wanted

    def _collect(self, window: Window) -> None:
        if window.aggregator in WALKS:
            return
        key = _sorted_key(part.theirs for part in window.by)
        chain = self._group(window.fact, key).chain(effective_filter(window), window.delay_ms)
        slide = chain.slides.setdefault(window.window_ms, _Slide())
        value, name = window.value, window.aggregator
        if value is None:
            return
        if name in ("sum", "mean", "std", "pass_through"):
            slide.sums[value] = -1
        if name == "pass_through":
            assert window.within_ms <= window.window_ms  # what is matched is inside the window
            passed = _passed(window)
            slide.sums[passed] = -1
            chain.keep_previous = True
            self.passed[passed] = window.within_ms, self._group(window.fact, key)
        if name == "std":
            slide.squares[value] = -1
        if name in ("min", "max"):
            stack = (value, 1 if name == "max" else -1)
            slide.fronts[stack] = chain.stacks[stack] = -1
        if name in ("sum", "mean", "std", "min", "max", "pass_through"):
            self.values.setdefault(window.fact.word, {})[value] = -1
        if name == "distinct" and value not in key:
            slide.distincts[value] = -1
            same = self._group(window.fact, _sorted_key((*key, value))).chain(window.where, 0)
            same.keep_previous = True
            chain.same[value] = same

    def _group(self, fact: Fact, key: Key) -> _Group:
        return self.groups.setdefault((fact.word, key), _Group(fact, key))

    # Where it is kept

    def _lay_out(self, fact: Fact, groups: list[_Group]) -> None:
        """The event row of one kind of fact, the records of its groups, and their program."""
        values = self.values.setdefault(fact.word, {})
        offset = EVENT_HEADER_BYTES
        for value in values:
            values[value], offset = offset, offset + 8
        emitted_values = self._emit([(self._column(v)[1], at) for v, at in values.items()])
        n_values, n_matches, widest = len(values), 0, 0
        if fact is PAYMENT:
            n_matches = len(self.passed)
            for passed in self.passed:
                values[passed], offset = offset, offset + 8
        for group in groups:
            group.offset, offset = offset, offset + 4
            for chain in group.chains.values():
                chain.next, offset = offset, offset + 4
                if chain.keep_previous:
                    chain.previous, offset = offset, offset + 4
                for stack in chain.stacks:
                    chain.stacks[stack], offset = offset, offset + 8
                widest = max([widest, *(span + chain.delay_ms for span in chain.slides)])
            _lay_out_record(group)
        if fact is PAYMENT and self.walks:
            self.links, offset = offset, offset + LINKS_BYTES
            offset += PAID_BY_BYTES * self.links_paid_by
            widest = max([widest, *(self.windows[output].window_ms for output in self.walks)])
        at = self._emit_groups(groups)
        matches = self._emit(self._matches()) if n_matches else 0
        self.program[fact.kind * KIND_WORDS : (fact.kind + 1) * KIND_WORDS] = [
            offset + -offset % 8, widest, at, len(groups), emitted_values, n_values, 0,
            matches, n_matches,
        ]  # fmt: skip

    # The program

    def _emit(self, rows: Iterable[Iterable[int]]) -> int:
        at = len(self.program)
        for row in rows:
            self.program.extend(row)
        return at

    def _emit_groups(self, groups: list[_Group]) -> int:
        headers = []
        for group in groups:
            windows = [self._emit_windows(group, chain) for chain in group.chains.values()]
            stacks = [self._emit_stacks(group, chain) for chain in group.chains.values()]
            chain_rows = [
                (
                    self._filter(group.fact, c.where), c.delay_ms, c.next, c.previous, c.newest,
                    c.enter, c.last, windows_at, len(c.slides), stacks_at, len(c.stacks),
                )
                for c, windows_at, stacks_at in zip(
                    group.chains.values(), windows, stacks, strict=True
                )
            ]  # fmt: skip
            chains_at = self._emit(chain_rows)
            for index, chain in enumerate(group.chains.values()):
                chain.at = chains_at + index * len(chain_rows[0])
            parts_at = self._emit(self._column(f) for f in group.key)
            headers.append(
                (group.record_bytes, group.offset, chains_at, len(chain_rows), parts_at,
                 len(group.key))
            )  # fmt: skip
        at = self._emit(headers)
        for index, group in enumerate(groups):
            group.at = at + index * 6
        return at

    def _matches(self) -> list[tuple[int, ...]]:
        """Where a payment finds what its payer received, and where it says what it passed on."""
        rows: list[tuple[int, ...]] = []
        values = self.values[PAYMENT.word]
        for passed, (within_ms, group) in self.passed.items():
            chain = group.chain(None, 0)
            sums = [s.sums[passed] for s in chain.slides.values() if passed in s.sums]
            rows.append(
                (
                    group.index, self._emit(map(self._column, map(_as_payer, group.key))),
                    within_ms, values[passed], values[AMOUNT], chain.newest, chain.previous,
                    self._emit((at,) for at in sums), len(sums),
                )
            )  # fmt: skip
        return rows

    def _emit_flow(self, index: int) -> None:
        """The group of accounts in either role, and the walks that begin there."""
        group_at = self._emit([(ACCOUNT_BYTES, self.links, 0, 0, 0, 0)])
        parts = [self._emit(map(self._column, (CURRENCY, party))) for party in (PAYER, PAYEE)]
        walks = self._emit(
            (
                AGGREGATORS.index(window.aggregator),
                int(any(part.ours == PAYEE for part in window.by)), window.window_ms, output,
            )
            for output, window in enumerate(self.windows)
            if window.aggregator in WALKS
        )  # fmt: skip
        header = (index, group_at, self.links, *parts, walks, len(self.walks))
        at = self._emit([(*header, int(self.links_paid_by))])
        self.program[PAYMENT.kind * KIND_WORDS + 6] = at

    def _emit_windows(self, group: _Group, chain: _Chain) -> int:
        values = self.values.get(group.fact.word, {})
        rows = []
        for span, slide in chain.slides.items():
            sums = self._emit((values[v], at) for v, at in slide.sums.items())
            squares = self._emit((values[v], at) for v, at in slide.squares.items())
            distincts = self._emit(
                (at, chain.same[v].next, chain.same[v].previous)
                for v, at in slide.distincts.items()
            )
            fronts = self._emit((at, chain.stacks[s] + 4) for s, at in slide.fronts.items())
            rows.append(
                (span, slide.tail, sums, len(slide.sums), squares, len(slide.squares),
                 distincts, len(slide.distincts), fronts, len(slide.fronts))
            )  # fmt: skip
        return self._emit(rows)

    def _emit_stacks(self, group: _Group, chain: _Chain) -> int:
        rows = []
        for (value, sign), older in chain.stacks.items():
            fronts = [
                (slide.fronts[value, sign],)
                for slide in chain.slides.values()
                if (value, sign) in slide.fronts
            ]
            offset = self.values[group.fact.word][value]
            rows.append((sign, offset, older, older + 4, self._emit(fronts), len(fronts)))
        return self._emit(rows)

    def _emit_accesses(self) -> tuple[int, int]:
        by_access: dict[tuple[str, tuple[KeyPart, ...]], list[int]] = {}
        for output, window in enumerate(self.windows):
            if output in self.walks:
                continue
            parts = tuple(sorted(window.by, key=lambda part: part.theirs.name))
            by_access.setdefault((window.fact.word, parts), []).append(output)
        rows = []
        for (word, parts), outputs in by_access.items():
            group = self.groups[word, tuple(part.theirs for part in parts)]
            chains = [self._chain_of(self.windows[output]) for output in outputs]
            unique = list(dict.fromkeys(chain.at for chain in chains))
            own = word == self.judged.word and all(p.theirs == p.ours for p in parts)
            rows.append(
                (
                    group.index, group.at, self._emit(self._column(p.ours) for p in parts),
                    len(parts), int(group.fact.kind), self._emit((at,) for at in unique),
                    len(unique), self._emit(self._feature(output) for output in outputs),
                    len(outputs), int(own),
                )
            )  # fmt: skip
        return self._emit(rows), len(rows)

    def _chain_of(self, window: Window) -> _Chain:
        group = self.groups[window.fact.word, _sorted_key(part.theirs for part in window.by)]
        return group.chains[effective_filter(window), window.delay_ms]

    def _feature(self, output: int) -> tuple[int, ...]:
        window = self.windows[output]
        chain = self._chain_of(window)
        slide = chain.slides[window.window_ms]
        code = AGGREGATORS.index(window.aggregator)
        first = second = offset = -1
        value = window.value
        if value is not None:
            offset = self.values.get(window.fact.word, {}).get(value, -1)
            first = slide.sums.get(value, -1)
            second = slide.squares.get(value, -1)
            if window.aggregator == "pass_through":
                second = slide.sums[_passed(window)]
            if window.aggregator in ("min", "max"):
                first = slide.fronts[value, 1 if window.aggregator == "max" else -1]
            if window.aggregator == "distinct":
                first = slide.distincts.get(value, -1)
                if first < 0:  # part of the key: all facts of one key have one value
                    code = AGGREGATORS.index("exists")
        return code, slide.tail, chain.last, first, second, offset, output

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


def _lay_out_record(group: _Group) -> None:
    offset = RECORD_HEADER_BYTES
    for chain in group.chains.values():
        chain.newest = chain.last = offset
        offset += 4
        if chain.delay_ms:
            chain.enter, chain.last, offset = offset, offset + 4, offset + 8
        for slide in chain.slides.values():
            slide.tail, offset = offset, offset + 8  # tail and count
            for wide in (slide.sums, slide.squares):
                for value in wide:
                    offset += -offset % 8
                    wide[value], offset = offset, offset + 16
            for stack in slide.fronts:
                slide.fronts[stack], offset = offset, offset + 4
            for value in slide.distincts:
                slide.distincts[value], offset = offset, offset + 4
    group.record_bytes = offset + -offset % 8
