"""The bytes of a fact: nothing lost, nothing added, one form only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import LogDamaged, LogVersionError
from arasha.events.body import (
    Bodies,
    bodies_from,
    concatenate_bodies,
    pack_facts,
    sender_and_id,
    unpack_facts,
)
from arasha.events.columns import Facts
from arasha.events.schema import FACTS, MISSING, NUMBER_COLUMNS, SYMBOL_COLUMNS

IDS = st.text("abcXYZ019._:/+-", min_size=1, max_size=64)
NUMBERS = st.one_of(st.just(MISSING), st.integers(-(2**63), 2**63 - 1))
SYMBOLS = st.one_of(
    st.just((0, 0)), st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
)


Value = TypeVar("Value")


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Any batch: any kinds, any subset of columns, any values."""
    n = draw(st.integers(0, 6))

    def rows(values: st.SearchStrategy[Value]) -> list[Value]:
        return draw(st.lists(values, min_size=n, max_size=n))

    kinds = rows(st.sampled_from([int(fact.kind) for fact in FACTS.values()]))
    numbers = draw(st.lists(st.sampled_from(NUMBER_COLUMNS), unique=True))
    symbols = draw(st.lists(st.sampled_from(SYMBOL_COLUMNS), unique=True))
    return Facts(
        np.array(kinds, np.uint8),
        rows(IDS),
        {name: np.array(rows(NUMBERS), np.int64) for name in numbers},
        {name: np.array(rows(SYMBOLS), np.uint64).reshape(n, 2) for name in symbols},
    )


@given(facts())
def test_facts_come_back(batch: Facts) -> None:
    """Every column, known or unknown, and every id."""
    back = unpack_facts(batch.kinds, pack_facts(batch))
    assert list(batch.ids) == list(back.ids)
    assert batch.kinds.tolist() == back.kinds.tolist()
    for name in NUMBER_COLUMNS:
        assert batch.number(name).tolist() == back.number(name).tolist()
    for name in SYMBOL_COLUMNS:
        assert batch.symbol(name).tolist() == back.symbol(name).tolist()


@given(facts())
def test_the_same_facts_have_the_same_bytes(batch: Facts) -> None:
    """Packed alone or in a batch, with absent columns or columns of unknowns."""
    packed = pack_facts(batch)
    spelt_out = Facts(
        batch.kinds,
        batch.ids,
        {name: batch.number(name) for name in NUMBER_COLUMNS},
        {name: batch.symbol(name) for name in SYMBOL_COLUMNS},
    )
    assert packed.data.tobytes() == pack_facts(spelt_out).data.tobytes()
    alone = [pack_facts(batch.take(slice(i, i + 1)))[0] for i in range(len(batch))]
    assert alone == [packed[i] for i in range(len(batch))]


@given(facts())
def test_senders_and_ids_are_read_by_themselves(batch: Facts) -> None:
    """What the index of names needs, without the other columns."""
    senders, ids = sender_and_id(batch.kinds, pack_facts(batch))
    assert batch.symbol("sender").tolist() == senders.tolist()
    assert list(batch.ids) == [ids[i].decode() for i in range(len(ids))]


def test_the_layout_is_the_one_drawn() -> None:
    """Version, kind, masks, numbers, symbols, id: byte for byte."""
    sender = np.frombuffer(b"BANKKZKA" + bytes(8), np.uint64).reshape(1, 2)
    one = Facts(np.array([1], np.uint8), ["p-1"], {"amount": np.array([258])}, {"sender": sender})
    numbers = 1 << NUMBER_COLUMNS.index("amount")
    assert (
        b"\x01\x01"
        + numbers.to_bytes(4, "little")
        + (1 << SYMBOL_COLUMNS.index("sender")).to_bytes(4, "little")
        + (258).to_bytes(8, "little")
        + b"BANKKZKA"
        + bytes(8)
        + b"\x03p-1"
    ) == pack_facts(one)[0]


def test_columns_keep_their_places() -> None:
    """A body written today is read tomorrow: names may be added at the end only."""
    assert (
        "happened_at", "amount", "currency", "channel", "new_device", "remote_access",
        "active_call", "credentials_changed", "outcome", "answer", "signal", "answered",
        "duration", "route", "change", "typology", "attested", "fraud",
    ) == NUMBER_COLUMNS[:18]  # fmt: skip
    assert (
        "sender", "payer_account", "payee_account", "payer_bank", "payee_bank", "device",
        "payer_number", "purpose_code", "uetr", "end_to_end_id", "payment", "number", "operator",
        "caller_number", "callee_number", "account", "bank",
    ) == SYMBOL_COLUMNS[:17]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda b: b"\x02" + b[1:], LogVersionError, "another version"),
        (lambda b: b[:1] + b"\x09" + b[2:], LogDamaged, "contradicts itself or its header"),
        (lambda b: b[:-1], LogDamaged, "contradicts itself"),
        (lambda b: b + b"x", LogDamaged, "contradicts itself"),
        (lambda b: b[:5] + b"\xff" + b[6:], LogDamaged, "contradicts itself"),
        (lambda b: b[:10], LogDamaged, "contradicts itself"),
        (lambda b: b[:0], LogDamaged, "contradicts itself"),
    ],
)
def test_unreadable_bodies_are_refused(
    change: Callable[[bytes], bytes], error: type[Exception], message: str
) -> None:
    """Another version, another kind than the header's, cut, longer, impossible masks."""
    one = Facts(np.array([1], np.uint8), ["p-1"], {"amount": np.array([258])})
    wrong = bodies_from([change(pack_facts(one)[0])])
    with pytest.raises(error, match=message):
        unpack_facts(one.kinds, wrong)
    with pytest.raises(error, match=message):
        sender_and_id(one.kinds, wrong)


@given(st.lists(st.binary(max_size=5), max_size=6), st.data())
def test_bodies_are_taken_sliced_and_joined(parts: list[bytes], data: st.DataObject) -> None:
    """As lists of bytes are."""
    bodies = bodies_from(parts)

    def listed(some: Bodies) -> list[bytes]:
        return [some[i] for i in range(len(some))]

    assert parts == listed(bodies)
    rows = data.draw(st.lists(st.integers(0, len(parts) - 1), max_size=8)) if parts else []
    assert [parts[i] for i in rows] == listed(bodies.take(np.array(rows, np.intp)))
    a = data.draw(st.integers(0, len(parts)))
    b = data.draw(st.integers(a, len(parts)))
    assert parts[a:b] == listed(bodies.slice(a, b))
    assert parts[a:b] + parts == listed(concatenate_bodies([bodies.slice(a, b), bodies]))
    assert [] == listed(concatenate_bodies([]))
