"""The parameters: every number that shapes the country, with its unit and source."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.country import parameters as module
from arasha.country.parameters import Parameters, load
from arasha.errors import InputError, UsageError


@pytest.fixture(name="standard", scope="module")
def _standard() -> Parameters:
    return load("standard")


@pytest.mark.parametrize("name", module.SETS)
def test_every_parameter_says_where_it_comes_from(name: module.SetName) -> None:
    """A source or the word assumed, and a unit unless it is a flag or a text."""
    for one in load(name):
        assert one.source, one.name
        assert one.unit or isinstance(one.value, bool | str), one.name


def test_some_parameters_are_published_figures(standard: Parameters) -> None:
    """Not all are assumed."""
    published = [one for one in standard if "assumed" not in one.source]
    assert {"income.salary_median_kzt", "flows.cash.rate"} <= {one.name for one in published}


def test_a_set_is_read_by_type(standard: Parameters) -> None:
    """Each kind of value has its own question."""
    assert 6 == standard.whole("banks.count")
    assert 6.0 == standard["banks.count"]
    assert "2026-01-05" == standard.text("country.first_day")
    assert 6 == len(standard.numbers("banks.shares"))
    assert standard.number("flows.cash.rate") == standard.section("flows.cash")["rate"]
    assert "rate" in standard.section("flows.cash")
    assert "cash" in standard.names("flows")


@pytest.mark.parametrize(
    "ask",
    [
        lambda p: p["banks.conut"],
        lambda p: p.whole("flows.cash.rate"),
        lambda p: p["banks.shares"],
        lambda p: p.flag("banks.count"),
        lambda p: p.text("banks.count"),
        lambda p: p.numbers("banks.count"),
        lambda p: p.section("bank"),
        lambda p: p.changed(banks__conut=3),
        lambda _: load("other"),  # type: ignore[arg-type]  # that is the point
    ],
)
def test_a_wrong_question_is_an_error(standard: Parameters, ask: object) -> None:
    """A name that is not there, or a value of another type, is never answered."""
    with pytest.raises(UsageError):
        ask(standard)  # type: ignore[operator]  # one of the lambdas above


def test_what_follows_a_report_is_a_set_of_its_own() -> None:
    """With a hash of its own, so that no model has to be made anew; the shifted one differs."""
    standard, shifted = module.load_recovery("standard"), module.load_recovery("shifted")
    assert not set(standard.table) & set(load("standard").table)
    assert list(standard.table) == list(shifted.table)
    assert standard.hash != shifted.hash
    for one in (*standard, *shifted):
        assert one.source, one.name
        assert one.unit, one.name


def test_the_hash_is_of_names_and_values(standard: Parameters) -> None:
    """The same set has the same hash; another value or set another one."""
    assert standard.hash == load("standard").hash
    assert 64 == len(standard.hash)
    others = {load("shifted").hash, standard.changed(banks__count=5).hash}
    assert 2 == len(others - {standard.hash})


def test_the_shifted_set_only_changes_values(standard: Parameters) -> None:
    """It has the names and units of the standard set, and some other values."""
    shifted = load("shifted")
    assert list(standard.table) == list(shifted.table)
    assert [one.unit for one in standard] == [one.unit for one in shifted]
    changed = [one.name for one in shifted if one.value != standard.table[one.name].value]
    assert {name.partition(".")[0] for name in changed} >= {"flows", "banks"}


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("habits", "a = 3", "a value stands alone"),
        ("habits", "[a]\nb = { value = 3 }", "it has value"),
        ("habits", '[a]\nb = { value = 3, source = "" }', "says nothing"),
        ("habits", '[banks]\ncount = { value = 3, source = "assumed" }', "the name is taken"),
        ("shifted", '[a]\nb = { value = 3, source = "assumed" }', "nothing to shift"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, file: str, text: str, said: str) -> None:
    """The error names the file, the parameter and what is wrong with it."""
    people = '[banks]\ncount = { value = 6, unit = "banks", source = "assumed" }\n'
    (tmp_path / "people.toml").write_text(f'version = "1"\n{people}')
    (tmp_path / f"{file}.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        load("shifted", tmp_path)


def test_the_reference_has_every_parameter(root: Path) -> None:
    """The page is what ``reference`` writes.

    To write it again::

    python -c "from arasha.country.parameters import reference; print(reference(), end='')" \
        > docs/reference/country-parameters.md
    """
    page = root / "docs" / "reference" / "country-parameters.md"
    assert module.reference() == page.read_text(encoding="utf-8")
