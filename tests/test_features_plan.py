"""What a plan keeps, and that no two things it keeps lie in the same place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given

from arasha.events.schema import CALL, LABEL, PAYMENT, REPORT, Kind
from arasha.features.expressions import (
    BOOL,
    COUNT,
    FieldValue,
    Function,
    Logic,
    SymbolKnown,
    Window,
)
from arasha.features.plan import (
    ACCOUNT_BYTES,
    EVENT_HEADER_BYTES,
    KIND_WORDS,
    KINDS,
    LINKS_BYTES,
    RECORD_HEADER_BYTES,
    Plan,
    draw,
    effective_filter,
)
from feature_samples import WINDOW_SETS, by, field, window

PAYER = by("payer_account")


def test_no_windows_keep_nothing() -> None:
    """A policy without windows needs no memory for any kind of fact."""
    plan = draw([])
    assert (0, 0, 0) == (plan.groups, int(plan.event_bytes.sum()), plan.accesses[1])


def test_a_payment_is_filed_once_for_windows_that_differ_in_span_alone() -> None:
    """One group, one chain: 8 bytes of time, 4 of the record, 4 of the link."""
    plan = draw([window("count", None, PAYER, span) for span in (10, 20, 30)])
    assert (1, 16, 30) == (
        plan.groups, plan.event_bytes[Kind.PAYMENT], plan.widest_ms[Kind.PAYMENT],
    )  # fmt: skip


def test_the_widest_window_counts_its_delay() -> None:
    """An event is kept until the last window, delayed as it is, has let it go."""
    plan = draw([window("count", None, PAYER, 10, 25), window("count", None, PAYER, 30)])
    assert 35 == plan.widest_ms[Kind.PAYMENT]


def test_role_crossing_is_another_access_to_the_same_group() -> None:
    """What the payer received is filed under the payee once, asked for under two names."""
    payee = by("payee_account")
    crossed = by(("payee_account", "payer_account"))
    plan = draw([window("count", None, key, 10) for key in (payee, crossed)])
    assert (1, 2) == (plan.groups, plan.accesses[1])


def test_the_order_of_a_keys_parts_makes_no_difference() -> None:
    """One group, one access."""
    parts = by("payer_account", "payee_account")
    plan = draw([window("count", None, key, 10) for key in (parts, parts[::-1])])
    assert (1, 1) == (plan.groups, plan.accesses[1])


def test_kinds_stand_in_a_row() -> None:
    """The groups of one kind follow one another, whatever order the windows came in."""
    calls = by(("callee_number", "payer_number"), fact=CALL)
    plan = draw(
        [
            window("count", None, PAYER, 10),
            window("count", None, calls, 10, fact=CALL),
            window("count", None, by("payee_account"), 10),
        ]
    )
    assert [0, 2] == plan.first_groups[[Kind.PAYMENT, Kind.CALL]].tolist()
    assert [2, 1] == plan.keys_of_kind[[Kind.PAYMENT, Kind.CALL]].tolist()


FLAG = FieldValue(field(LABEL, "fraud"), BOOL)
REPORTED = field(REPORT, "amount")
DEVICE = field(PAYMENT, "device")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (window("count", None, PAYER, 1), None),
        (window("sum", "amount", PAYER, 1), None),
        (window("distinct", "device", PAYER, 1), SymbolKnown(DEVICE)),
        (
            window("sum", "amount", (), 1, fact=REPORT),
            Function("known", (FieldValue(REPORTED, COUNT),), BOOL),
        ),
        (
            window("sum", "amount", (), 1, where=FLAG, fact=LABEL),
            Logic(
                "and",
                (
                    FLAG,
                    Function("known", (FieldValue(field(LABEL, "amount"), COUNT),), BOOL),
                ),
            ),
        ),
    ],
)
def test_a_fact_whose_value_is_unknown_is_in_no_window(one: Window, expected: object) -> None:
    """What a chain asks besides ``where``: that the aggregated value is known, if it may not be."""
    assert expected == effective_filter(one)


@given(WINDOW_SETS)
def test_nothing_lies_on_something_else(windows: list[Window]) -> None:
    """In event rows and key records, each word has its own bytes, on a multiple of its size, and
    all are inside.
    """
    plan = draw(windows)
    for kind in np.flatnonzero(plan.event_bytes).tolist():
        row, records = _places(plan, kind)
        _disjoint(row, int(plan.event_bytes[kind]))
        for size, words in records:
            _disjoint(words, size)
        total = sum(size for size, _ in records)
        if plan.program[kind * KIND_WORDS + 6]:
            total += 2 * ACCOUNT_BYTES
        assert total == plan.record_bytes_of_kind[kind]


def _disjoint(places: list[tuple[int, int]], size: int) -> None:
    """No two of the (offset, bytes) meet or reach beyond the end."""
    assert size % 8 == 0
    taken: set[int] = set()
    for offset, width in places:
        assert offset % min(width, 8) == 0
        bytes_ = set(range(offset, offset + width))
        assert not taken & bytes_
        assert 0 <= offset <= size - width
        taken |= bytes_


Places = list[tuple[int, int]]


def _places(plan: Plan, kind: int) -> tuple[Places, list[tuple[int, Places]]]:
    """Every (offset, bytes) of a kind's event row, and of each of its records, read back."""
    word = plan.program.tolist()
    header = word[kind * KIND_WORDS : (kind + 1) * KIND_WORDS]
    _, _, groups, n_groups, values, n_values, flow, matches, n_matches = header
    row: Places = [(0, EVENT_HEADER_BYTES)]
    row += [(word[flow + 2] + i, 4) for i in range(0, LINKS_BYTES, 4) if flow]
    row += [(word[matches + 9 * i + 3], 8) for i in range(n_matches)]
    row += [(word[values + 2 * i + 1], 8) for i in range(n_values)]
    records = []
    for g in range(groups, groups + 6 * n_groups, 6):
        record: Places = [(0, RECORD_HEADER_BYTES)]
        row.append((word[g + 1], 4))
        for c in range(word[g + 2], word[g + 2] + 11 * word[g + 3], 11):
            row += [(at, 4) for at in word[c + 2 : c + 4] if at >= 0]
            record.append((word[c + 4], 4))
            if word[c + 5] >= 0:
                record += [(word[c + 5], 4), (word[c + 6], 4)]
            record += _windows(word, c)
            for s in range(word[c + 9], word[c + 9] + 6 * word[c + 10], 6):
                row += [(word[s + 2], 4), (word[s + 3], 4)]
        records.append((word[g], record))
    return row, records


def _windows(word: list[int], chain: int) -> Iterator[tuple[int, int]]:
    for w in range(word[chain + 7], word[chain + 7] + 10 * word[chain + 8], 10):
        yield from ((word[w + 1], 4), (word[w + 1] + 4, 4))
        for first in (2, 4):
            yield from ((word[word[w + first] + 2 * i + 1], 16) for i in range(word[w + first + 1]))
        yield from ((word[word[w + 6] + 3 * i], 4) for i in range(word[w + 7]))
        yield from ((word[word[w + 8] + 2 * i], 4) for i in range(word[w + 9]))


@given(WINDOW_SETS)
def test_every_window_has_one_answer(windows: list[Window]) -> None:
    """The features of all accesses are the outputs, each once."""
    plan = draw(windows)
    word, (at, n) = plan.program.tolist(), plan.accesses
    features = [
        word[f + 6]
        for a in range(at, at + 10 * n, 10)
        for f in range(word[a + 7], word[a + 7] + 7 * word[a + 8], 7)
    ]
    flow = word[PAYMENT.kind * KIND_WORDS + 6]
    if flow:
        features += [
            word[w + 3] for w in range(word[flow + 5], word[flow + 5] + 4 * word[flow + 6], 4)
        ]
    assert list(range(len(windows))) == sorted(features)
    assert len(plan.program) >= KINDS * KIND_WORDS
