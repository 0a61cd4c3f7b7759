from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import MappingError
from arasha.events.mapping import load_mapping
from events_samples import MAPPING, mapping

FAULTS = {
    "TOML": ("[mapping", None),
    "[mapping] is missing": ("", "a table is missing"),
    "a misspelt key": (MAPPING.replace("sender =", "sendr ="), "a table is missing"),
    "a key that is not known": (MAPPING.replace('name = "', 'nmae = "x"\nname = "'), "'name'?"),
    "a field that is not there": (MAPPING.replace("payee_account", "payee_acount"), "'payee_acc"),
    "a required field": (MAPPING.replace('amount = { column = "sum" }', ""), "needs this field"),
    "no currency": (MAPPING.replace('currency = { column = "ccy" }', ""), "needs this field"),
    "column and constant": (
        MAPPING.replace('{ column = "ccy" }', '{ column = "ccy", constant = "KZT" }'),
        "exactly one",
    ),
    "an unknown currency": (
        MAPPING.replace('{ column = "ccy" }', '{ constant = "KZX" }'), "ISO 4217",
    ),
    "an unknown category": (MAPPING.replace('"web"', '"wap"'), "one of mobile"),
    "an unknown fact": (MAPPING.replace('fact = "payment"', 'fact = "paymnt"'), "'payment'?"),
    "no duration": (MAPPING.replace('"2d"', '"2 days"'), "not a duration"),
    "no zone": (MAPPING.replace('"iso"', '"iso", zone = "Mars"'), "time zone"),
    "a time for all": (
        MAPPING.replace('{ column = "when", time = "iso" }', '{ constant = "now" }'), "a column",
    ),
    "no frauds": (MAPPING.replace("fraud = [1]", ""), "which values are fraud"),
    "a sender too long": (MAPPING.replace("BANKKZKA", "B" * 17), "1 to 16"),
    "a step without an origin": (MAPPING.replace('"iso"', '"step"'), "origin"),
    "the wrong type": (MAPPING.replace('name = "sample"', "name = 7"), "wrong type"),
    "no id": (MAPPING.replace('{ column = "ref" }', "{ row_number = false }"), "exactly one"),
    "a currency without an amount": (
        MAPPING.split("[labels]")[0].replace('"payment"', '"report"')
        .replace('amount = { column = "sum" }', "").replace('channel =', "#")
        .replace("payer_number =", "#"),
        "says nothing",
    ),
    "labels of calls": (MAPPING.replace('fact = "payment"', 'fact = "call"')
        .split("[fields]")[0] + """[fields]
happened_at = { column = "when" }
caller_number = { column = "a" }
callee_number = { column = "b" }
[labels]
column = "bad"
""", "belong to payments"),
    "labels without a truth": (MAPPING.replace('column = "bad"', ""), "exactly one"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_cannot_be_meant_is_refused(case: str) -> None:
    """Each fault names the file and says what was expected or is near."""
    text, words = FAULTS[case]
    with pytest.raises(MappingError) as fault:
        mapping(text)
    assert "sample.toml" in str(fault.value)
    assert words is None or words in str(fault.value)


def test_a_mapping_is_found_relative_to_what_names_it(root: Path) -> None:
    """A policy in policies/ names ../mappings/handbook.toml."""
    found = load_mapping("../mappings/handbook.toml", relative_to=root / "policies")
    assert "handbook" == found.name
    assert found.digest == load_mapping(root / "mappings" / "handbook.toml").digest
    with pytest.raises(MappingError, match="relative to the policy"):
        load_mapping("none.toml", relative_to=root / "policies")


@pytest.mark.parametrize("name", ["handbook", "amlsim", "amlgentex"])
def test_the_included_mappings_are_whole(root: Path, name: str) -> None:
    """Each is named like its file and knows which payments were fraud."""
    found = load_mapping(root / "mappings" / f"{name}.toml")
    assert name == found.name
    assert found.labels is not None
    assert 7 * 86_400_000 == found.labels.known_after_ms
