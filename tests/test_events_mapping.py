from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from arasha.errors import MappingError
from arasha.events.mapping import load_mapping
from arasha.events.rejects import Refusal
from arasha.events.schema import CALL, MISSING, Kind
from events_samples import MAPPING, facts_of, mapping, read, rejects_of

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


TIMES = """
time = "iso"                              | 2026-01-31T09:30:00+05:00     | 1769833800000
time = "iso"                              | 2026-01-31 04:30:00.1239Z     | 1769833800123
time = "iso"                              | 2026-01-31T09:30:00.5+0500    | 1769833800500
time = "iso"                              | 2026-01-31T09:30:00           | bad
time = "iso", zone = "+05:00"             | 2026-01-31T09:30:00           | 1769833800000
time = "iso", zone = "-03:30"             | 2026-01-31T01:00:00           | 1769833800000
time = "iso", zone = "Asia/Tokyo"         | 2026-01-31T13:30:00           | 1769833800000
time = "iso", zone = "Asia/Tokyo"         | 2026-01-31T09:30:00+05:00     | 1769833800000
time = "iso", zone = "Europe/Berlin"      | 2026-03-29T02:30:00           | bad
time = "iso", zone = "UTC"                | 2026-13-31T09:30:00           | bad
time = "iso", zone = "UTC"                | 1969-12-31T23:59:59           | range
time = "%d.%m.%Y %H:%M", zone = "UTC"     | 31.01.2026 04:30              | 1769833800000
time = "%d.%m.%Y %H:%M %z"                | 31.01.2026 09:30 +0500        | 1769833800000
time = "%d.%m.%Y", zone = "UTC"           | 31.01.2026                    | 1769817600000
time = "%d.%m.%Y %H:%M"                   | 31.01.2026 04:30              | bad
time = "epoch_s"                          | 1769833800                    | 1769833800000
time = "epoch_ms"                         | 1769833800001                 | 1769833800001
time = "epoch_s"                          | 1769833800.5                  | bad
time = "epoch_ms"                         | 999999999999999999            | range
time = "step", origin = "2017-01-01", step = "1d" | 1                     | 1483315200000
time = "step", origin = "2017-01-01T00:00+05:00", step = "12h" | 0        | 1483210800000
time = "step", origin = "2017-01-01", step = "1d" | 1000000000000000000   | bad
time = "step", origin = "2017-01-01", step = "1d" | 99999999999999999     | range
"""


@pytest.mark.parametrize("line", TIMES.strip().splitlines())
def test_times_are_read_in_the_strangers_way(tmp_path: Path, line: str) -> None:
    """Zones, patterns, counts and steps; what names no zone needs one from the mapping."""
    rule, text, expected = (part.strip() for part in line.split("|"))
    by = mapping(MAPPING.replace('time = "iso"', rule))
    path = tmp_path / "payments.csv"
    path.write_text("ref,when,from,to,sum,ccy,way,phone,bad\n" + f"p-1,{text},A,B,1,KZT,APP,,0\n")
    batches = read(path, by)
    if expected.isdecimal():
        assert [int(expected)] == facts_of(batches).number("happened_at").tolist()
    else:
        refusal = {"bad": Refusal.BAD_TIME, "range": Refusal.TIME_OUT_OF_RANGE}[expected]
        assert [("when", refusal)] == [(r.column, r.refusal) for r in rejects_of(batches)]


def test_other_facts_have_mappings_too(tmp_path: Path) -> None:
    """Calls: marks and categories by the stranger's words, durations by their unit, codes."""
    by = mapping("""
[mapping]
name = "calls"
fact = "call"
sender = { column = "op" }
id = { columns = ["op", "n"], prefix = "c:" }
delimiter = ";"
[fields]
happened_at = { column = "at", time = "epoch_s" }
caller_number = { column = "a" }
callee_number = { column = "b" }
answered = { column = "ok", values = { Y = true, N = false }, unlisted = "unknown" }
duration = { column = "secs", unit = "s", missing = [-1] }
route = { constant = "foreign" }
operator = { column = "op" }
""")
    path = tmp_path / "calls.csv"
    path.write_text(
        "op;n;at;a;b;ok;secs\nTELE2;1;1769833800;+7701;+7702;Y;90\nTELE2;2;1769833801;1;2;?;-1\n"
        "TELE2;3;1769833801;1;2;N;-5\nTWO WORDS;4;1769833801;1;2;N;1\n"
    )
    batches = read(path, by)
    facts = facts_of(batches)
    assert ([Kind.CALL] * 2, ["c:TELE2:1", "c:TELE2:2"]) == (
        facts.kinds.tolist(), list(facts.ids),
    )  # fmt: skip
    assert [1, MISSING] == facts.number("answered").tolist()
    assert [90_000, MISSING] == facts.number("duration").tolist()
    routes = CALL.field("route")
    assert routes is not None
    assert routes.categories.index("foreign") == facts.number("route")[0]
    assert facts.symbol("sender").tolist() == facts.symbol("operator").tolist()
    assert [("secs", Refusal.OUT_OF_RANGE), ("op, n", Refusal.BAD_ID)] == [
        (r.column, r.refusal) for r in rejects_of(batches)
    ]


def test_ids_may_be_the_numbers_of_rows(tmp_path: Path) -> None:
    """Data without ids get those of their rows, rejected ones counted."""
    by = mapping("""
[mapping]
name = "changes"
fact = "account_change"
sender = { constant = "BANKKZKA" }
id = { row_number = true, prefix = "r" }
[fields]
happened_at = { column = "at", time = "timestamp", zone = "UTC" }
account = { column = "account", prefix = "acc:" }
change = { column = "what", values = { 0 = "opened", 1 = "closed" } }
""")
    moment = pl.Series(["2026-01-31 04:30:00"] * 3).str.to_datetime()
    frame = pl.DataFrame({"at": moment, "account": [7.0, None, 8.0], "what": [1, 1, 0]})
    path = tmp_path / "changes.parquet"
    frame.write_parquet(path)
    batches = read(path, by)
    assert ["r1", "r3"] == list(facts_of(batches).ids)
    assert [(2, "account")] == [(r.row, r.column) for r in rejects_of(batches)]
    assert [1, 0] == facts_of(batches).number("change").tolist()


def test_outcomes_refer_to_payments_and_may_leave_money_unknown(tmp_path: Path) -> None:
    """A reference is the digest of sender and id; without an amount the currency says nothing."""
    by = mapping("""
[mapping]
name = "outcomes"
fact = "outcome"
sender = { constant = "BANKKZKA" }
id = { column = "id" }
[fields]
happened_at = { column = "at", time = "epoch_ms" }
payment = { column = "ref" }
outcome = { column = "how" }
amount = { column = "sum", unit = "minor" }
currency = { column = "ccy" }
""")
    path = tmp_path / "outcomes.csv"
    path.write_text(
        "id,at,ref,how,sum,ccy\no-1,1769833800000,p-1,settled,1250,KZT\n"
        "o-2,1769833800000,p-2,returned,,\no-3,1769833800000,p 3,returned,,\n"
        "o-4,1769833800000,p-4,returned,12.5,KZT\no-5,1769833800000,p-5,returned,12,\n"
    )
    batches = read(path, by)
    facts = facts_of(batches)
    assert [1250, MISSING] == facts.number("amount").tolist()
    assert [398, MISSING] == facts.number("currency").tolist()
    assert ["bad_id", "too_many_decimals", "missing_value"] == [
        r.refusal.word for r in rejects_of(batches)
    ]
