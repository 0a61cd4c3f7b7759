from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from arasha.country import names
from arasha.country.happenings import Happenings, merged
from arasha.country.loop import Life
from arasha.country.sheets import SCHEMA, Sheets
from arasha.events.native import COLUMNS
from arasha.events.schema import FACT_OF_KIND, FieldType, Kind
from country_lives import always, days_of, life_of

OPERATORS_OWN = {
    Kind.CALL_CHANGE, Kind.FORWARDING_CHANGE, Kind.REGISTRATION, Kind.ANNOUNCEMENT,
}  # fmt: skip
"""What no rows of the country stand for: what becomes of a call stands in the call."""


def frame_of(table: pa.Table) -> pl.DataFrame:
    """A sheet as it is written."""
    frame = pl.from_arrow(table.cast(SCHEMA))
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.fixture(scope="module")
def lived() -> tuple[Life, Happenings, pl.DataFrame]:
    """A country with every kind of fact in it, and its sheet."""
    life = life_of(always(1), seed=3)
    rows = merged([one.rows for one in days_of(life, 8)])
    assert set(FACT_OF_KIND) - OPERATORS_OWN <= set(rows.kind.tolist())
    return life, rows, frame_of(Sheets(life.society).sheet(rows)())


def test_columns_are_the_schemas(lived: tuple[Life, Happenings, pl.DataFrame]) -> None:
    """Every column is one that a file of facts may have, and the first four are there."""
    assert set(SCHEMA.names) <= set(COLUMNS)
    assert ["fact", "id", "sender", "happened_at"] == SCHEMA.names[:4]
    assert SCHEMA.names == lived[2].columns


def test_facts_say_what_they_must_and_nothing_else(
    lived: tuple[Life, Happenings, pl.DataFrame],
) -> None:
    """Required fields are said, words are the field's own, foreign columns are null."""
    _, _, frame = lived
    for kind in set(FACT_OF_KIND) - OPERATORS_OWN:
        fact = FACT_OF_KIND[kind]
        own = frame.filter(pl.col("fact") == fact.word)
        fields = {field.name: field for field in fact.fields}
        for name in set(frame.columns) - {"fact", "id", "sender"} - set(fields):
            assert len(own) == own[name].null_count(), (fact.word, name)
        for name, field in fields.items():
            if field.required:
                assert 0 == own[name].null_count(), (fact.word, name)
            if field.type is FieldType.CATEGORY:
                assert set(own[name].drop_nulls().unique()) <= set(field.categories)
        assert 0 == own["sender"].null_count()


def test_identifiers_are_those_of_the_rows(
    lived: tuple[Life, Happenings, pl.DataFrame],
) -> None:
    """A payment's accounts and a call's numbers are those that names.py gives these rows."""
    life, rows, frame = lived
    accounts = names.accounts(life.society, 0, len(life.society.accounts)).to_pylist()
    numbers = names.numbers(life.society, 0, len(life.society.numbers)).to_pylist()
    paid, called = rows.kind == Kind.PAYMENT, rows.kind == Kind.CALL
    payments, calls = frame.filter(pl.Series(paid)), frame.filter(pl.Series(called))
    assert [accounts[at] for at in rows.first[paid]] == payments["payer_account"].to_list()
    assert [accounts[at] for at in rows.second[paid]] == payments["payee_account"].to_list()
    assert [numbers[at] for at in rows.second[called]] == calls["callee_number"].to_list()
    assert rows.amount[paid].tolist() == payments["amount"].to_list()
    assert {"KZT"} == set(payments["currency"].unique())


def test_a_sheet_is_of_the_moment_it_was_taken(
    lived: tuple[Life, Happenings, pl.DataFrame],
) -> None:
    """What the society becomes afterwards changes no sheet taken before."""
    life, rows, frame = lived
    sheets = Sheets(life.society)
    made = sheets.sheet(rows)
    life.society.numbers.operator[:] = (life.society.numbers.operator + 1) % 3
    life.society.new_number(0, 1, life.society.start_ms)
    assert frame.equals(frame_of(made()))
    assert not frame.equals(frame_of(sheets.sheet(rows)()))
    life.society.numbers.operator[:] = (life.society.numbers.operator + 2) % 3


def test_an_empty_sheet_has_all_columns() -> None:
    """No rows are a table without rows."""
    nothing = merged([])
    table = Sheets(life_of().society).sheet(nothing)()
    assert (0, SCHEMA.names) == (len(table), table.column_names)
    assert 0 == np.asarray(nothing.kind).size
