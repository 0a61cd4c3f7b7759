from __future__ import annotations

from pathlib import Path

import polars as pl

from arasha.events.rejects import Refusal
from arasha.events.schema import CALL, MISSING, Kind
from events_samples import facts_of, mapping, read, rejects_of


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
