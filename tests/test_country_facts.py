from __future__ import annotations

import numpy as np
import pytest

from arasha.country.facts import OPERATORS, Reader, facts_of
from arasha.country.happenings import (
    ACTIVE_CALL,
    CREDENTIALS_CHANGED,
    NEW_DEVICE,
    NONE,
    PURPOSES,
    REMOTE_ACCESS,
    Happenings,
    make,
    merged,
)
from arasha.country.loop import Life
from arasha.country.names import bank_codes, operator_codes
from arasha.country.society import NO_BANK
from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import CHANNELS, FACT_OF_KIND, MISSING, Kind
from arasha.events.symbols import code_text
from country_lives import always, days_of, life_of

OPERATORS_OWN = {
    Kind.CALL_CHANGE, Kind.FORWARDING_CHANGE, Kind.REGISTRATION, Kind.ANNOUNCEMENT,
}  # fmt: skip
"""What no rows of the country stand for: what becomes of a call stands in the call."""


@pytest.fixture(scope="module")
def lived() -> tuple[Life, Happenings]:
    """A country with every kind of fact in it."""
    life = life_of(always(1), seed=3)
    rows = merged([one.rows for one in days_of(life, 8)])
    assert set(FACT_OF_KIND) - OPERATORS_OWN <= set(rows.kind.tolist())
    return life, rows


@pytest.fixture(scope="module")
def facts(lived: tuple[Life, Happenings]) -> Facts:
    """The same as facts."""
    life, rows = lived
    return facts_of(life.society, rows)


def test_facts_have_their_own_fields_and_no_others(facts: Facts) -> None:
    """A fact says nothing that its kind has no field for, and all that its kind must say."""
    for kind, fact in FACT_OF_KIND.items():
        own = facts.take(np.flatnonzero(facts.kinds == kind))
        names = {field.name for field in fact.fields} | {"sender"}
        for name, numbers in own.numbers.items():
            assert name in names or (numbers == MISSING).all(), (fact.word, name)
        for name, symbols in own.symbols.items():
            assert name in names or not symbols.any(), (fact.word, name)
        for field in fact.fields:
            if field.required and field.type.is_symbol:
                assert own.symbol(field.name).any(axis=1).all(), (fact.word, field.name)
            elif field.required:
                assert (own.number(field.name) != MISSING).all(), (fact.word, field.name)


def test_categories_are_places_in_their_own_lists(facts: Facts) -> None:
    """A category's number is a place in the list of its own kind of fact."""
    for kind, fact in FACT_OF_KIND.items():
        own = facts.take(np.flatnonzero(facts.kinds == kind))
        for field in fact.fields:
            if field.categories:
                said = own.number(field.name)
                said = said[said != MISSING]
                assert 0 <= said.min(initial=0) <= said.max(initial=0) < len(field.categories)


def test_order_and_ids_are_those_of_the_rows(lived: tuple[Life, Happenings], facts: Facts) -> None:
    """Facts stand in the order of their rows; ids are serials."""
    _, rows = lived
    assert [str(serial) for serial in rows.serial.tolist()] == list(facts.ids)
    assert np.array_equal(rows.kind, facts.kinds)
    assert np.array_equal(rows.time_ms, facts.number("happened_at"))


def test_references_resolve_to_payments(lived: tuple[Life, Happenings], facts: Facts) -> None:
    """What refers to a payment names it as the log does: by the payment's own sender and id."""
    _, rows = lived
    payments = np.flatnonzero(facts.kinds == Kind.PAYMENT)
    of = dict(
        zip(facts.take(payments).ids, map(bytes, digests_of(facts.take(payments))), strict=True)
    )
    referring = np.flatnonzero((rows.payment != NONE) & (rows.kind != Kind.PAYMENT))
    assert len(referring) > 100
    for at in referring.tolist():
        assert of[str(rows.payment[at])] == bytes(facts.symbol("payment")[at])


def test_symbols_tell_parties_apart(lived: tuple[Life, Happenings], facts: Facts) -> None:
    """Different accounts have different symbols, the same one always the same, and an account is
    never a number or a device.
    """
    _, rows = lived
    paid = rows.kind == Kind.PAYMENT
    seen = {
        name: {bytes(symbol) for symbol in facts.symbol(name)[paid] if symbol.any()}
        for name in ("payer_account", "payee_account", "payer_number", "device")
    }
    assert len(set(rows.first[paid].tolist())) == len(seen["payer_account"])
    accounts = seen["payer_account"] | seen["payee_account"]
    both = set(rows.first[paid].tolist()) | set(rows.second[paid].tolist())
    assert len(both) == len(accounts)
    assert not accounts & (seen["payer_number"] | seen["device"])


def test_senders_are_who_would_know() -> None:
    """The payer's bank sends a payment, the payee's if the payer's is abroad, an operator calls."""
    life = life_of()
    society = life.society
    abroad = int(society.abroad_accounts[0])
    operator = society.numbers.operator.astype(int)
    some = make({
        "time_ms": np.arange(4), "kind": np.array([1, 1, Kind.CALL, Kind.CALL]),
        "first": np.array([0, abroad, 0, int(society.abroad_numbers[0])]),
        "second": np.array([1, 1, 1, 1]), "amount": np.array([1, 1, 0, 0]),
        "serial": np.arange(4),
    })  # fmt: skip
    fields = Reader(society).fields(some)
    bank = society.accounts.bank.astype(int)
    assert NO_BANK == bank[abroad]
    expected = [bank[0], bank[1], OPERATORS + operator[0], OPERATORS + operator[1]]
    assert expected == fields.sender.tolist()
    facts = facts_of(society, some)
    codes = [code_text(bytes(symbol)) for symbol in facts.symbol("sender")]
    assert bank_codes(society)[bank[0]] == codes[0]
    assert operator_codes(society)[operator[0]] == codes[2]
    assert not facts.symbol("payer_bank")[1].any()


@pytest.mark.parametrize(
    ("name", "bit", "on_web"),
    [
        ("new_device", NEW_DEVICE, True), ("remote_access", REMOTE_ACCESS, True),
        ("active_call", ACTIVE_CALL, False), ("credentials_changed", CREDENTIALS_CHANGED, True),
    ],
)  # fmt: skip
def test_marks_are_what_an_app_can_see(name: str, bit: int, on_web: bool) -> None:  # noqa: FBT001 - a column
    """A bank whose app can see it says yes or no, on channels with an app; others say nothing."""
    life = life_of()
    society = life.society
    sees = np.array(society.parameters.numbers(f"apps.see_{name}")) > 0
    for channel in CHANNELS:
        some = make({
            "time_ms": np.arange(20), "kind": np.ones(20), "first": np.arange(20) // 2,
            "second": np.full(20, 50), "amount": np.ones(20),
            "code": np.full(20, CHANNELS.index(channel)), "marks": np.arange(20) % 2 * bit,
        })  # fmt: skip
        said = facts_of(society, some).number(name)
        seen = channel == "mobile" or (channel == "web" and on_web)
        expected = [
            at % 2 if seen and sees[society.accounts.bank[at // 2]] else MISSING for at in range(20)
        ]
        assert expected == said.tolist()


def test_purposes_are_said_in_words(lived: tuple[Life, Happenings], facts: Facts) -> None:
    """A payment with a purpose says its code."""
    _, rows = lived
    salaries = (rows.kind == Kind.PAYMENT) & (rows.purpose == PURPOSES.index("SALA"))
    codes = {code_text(bytes(symbol)) for symbol in facts.symbol("purpose_code")[salaries]}
    assert {"SALA"} == codes


def test_no_rows_are_no_facts() -> None:
    """A slice in which nothing happens is an empty batch."""
    life = life_of()
    assert 0 == len(facts_of(life.society, merged([])))
