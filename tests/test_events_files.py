from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.events import tables
from arasha.events.columns import concatenate
from arasha.events.files import SourceBatch, duplicates, open_source
from arasha.events.mapping import load_mapping
from arasha.events.reference import digest16
from arasha.events.rejects import RejectsFile
from arasha.events.schema import Kind, PartyKind
from events_samples import (
    GOOD,
    MAPPING,
    contents,
    facts_of,
    mapping,
    read,
    rejects_of,
    rows,
    tokens,
    write,
)
from small_data import AMLGENTEX_FILE, AMLSIM_FOLDER, HANDBOOK_FILE

BOTH = pytest.mark.parametrize("suffix", ["csv", "parquet"])
DAY_MS = 86_400_000


@BOTH
def test_a_row_becomes_a_payment(tmp_path: Path, suffix: str) -> None:
    """Each column is read by its rule, from either kind of file."""
    facts = facts_of(read(write(rows({}), tmp_path, suffix)))
    assert ([Kind.PAYMENT], ["p-1"]) == (facts.kinds.tolist(), list(facts.ids))
    assert 1769833800000 == facts.number("happened_at")[0]
    assert (150050, 398) == (facts.number("amount")[0], facts.number("currency")[0])
    assert 0 == facts.number("channel")[0]
    token = tokens().of(PartyKind.ACCOUNT, GOOD["from"])
    assert token == facts.symbol("payer_account")[0].tobytes()
    assert tokens().of(PartyKind.NUMBER, GOOD["phone"]) == facts.symbol("payer_number")[0].tobytes()


BAD_ROWS: dict[str, dict[str, str | None]] = {
    "not_positive sum": {"sum": "-5"},
    "not_positive sum zero": {"sum": "0.00"},
    "not_finite sum": {"sum": "NaN"},
    "too_many_decimals sum": {"sum": "12.345"},
    "amount_too_large sum": {"sum": "99999999999999999"},
    "not_a_number sum": {"sum": "much"},
    "missing_value sum": {"sum": None},
    "unknown_currency ccy": {"ccy": "KZX"},
    "currency_without_minor_unit ccy": {"ccy": "XAU"},
    "missing_value from": {"from": " "},
    "text_too_long to": {"to": "x" * 200_000},
    "bad_time when": {"when": "yesterday"},
    "bad_time when naive": {"when": "2026-01-31T09:30:00"},
    "bad_time when leap": {"when": "2026-02-30T09:30:00Z"},
    "time_out_of_range when": {"when": "9999-12-31T23:59:59Z"},
    "unknown_category way": {"way": "PIGEON"},
    "bad_id ref": {"ref": "with space"},
    "bad_id ref long": {"ref": "x" * 59},
    "missing_value ref": {"ref": None},
}


@BOTH
@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_rejected_and_the_others_are_kept(
    tmp_path: Path, suffix: str, case: str
) -> None:
    """Its row, column, reason and what was expected are named; its neighbours are judged."""
    batches = read(write(rows({}, BAD_ROWS[case], {}), tmp_path, suffix))
    assert ["p-1", "p-3"] == list(facts_of(batches).ids)
    (reject,) = rejects_of(batches)
    reason, column = case.split()[:2]
    assert (2, column, reason) == (reject.row, reject.column, reject.refusal.word)
    assert reject.expected
    assert 3 == batches[-1].rows_read


@pytest.mark.parametrize(
    ("value", "reason"),
    [(float("nan"), "not_finite"), (-1.0, "not_positive"), (0.0, "not_positive"),
     (12.345, "too_many_decimals"), (float("inf"), "not_finite"), (None, "missing_value")],
)  # fmt: skip
def test_bad_floats_of_a_parquet_file_are_rejected(
    tmp_path: Path, value: float | None, reason: str
) -> None:
    """NaN, infinity, zero, less and third decimals, as Parquet holds them."""
    frame = rows({}, {}).with_columns(pl.Series("sum", [12.34, value]))
    batches = read(write(frame, tmp_path, "parquet"))
    assert [1234] == facts_of(batches).number("amount").tolist()
    assert [(2, "sum", reason)] == [(r.row, r.column, r.refusal.word) for r in rejects_of(batches)]


def test_a_column_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    """A Parquet column that can never hold an amount stops the work before it starts."""
    frame = rows({}).with_columns(pl.Series("sum", [True]))
    with pytest.raises(InputError, match="wrong type for amount") as fault:
        open_source(write(frame, tmp_path, "parquet"), mapping())
    assert "'sum'" in str(fault.value)


def test_times_without_a_zone_need_one_in_the_mapping(tmp_path: Path) -> None:
    """A naive timestamp is never guessed to be UTC."""
    frame = rows({}).with_columns(pl.Series("when", ["2026-01-31 09:30:00"]).str.to_datetime())
    path = write(frame, tmp_path, "parquet")
    with pytest.raises(InputError, match="no zone"):
        open_source(path, mapping())
    zoned = mapping(MAPPING.replace('time = "iso"', 'time = "timestamp", zone = "+05:00"'))
    assert [1769833800000] == facts_of(read(path, zoned)).number("happened_at").tolist()


@BOTH
def test_time_running_backwards_is_kept(tmp_path: Path, suffix: str) -> None:
    """The order of the file stands; what the log makes of the times is the log's concern."""
    frame = rows({}, {"when": "2025-01-31T09:30:00Z"}, {})
    batches = read(write(frame, tmp_path, suffix))
    assert ["p-1", "p-2", "p-3"] == list(facts_of(batches).ids)
    assert [] == rejects_of(batches)


@BOTH
def test_duplicates_are_passed_on_and_named_when_the_log_refuses_them(
    tmp_path: Path, suffix: str
) -> None:
    """Reading keeps them; the log's answer becomes rejects with their rows."""
    batches = read(write(rows({}, {"ref": "p-1"}, {"ref": "p-1", "sum": "1"}), tmp_path, suffix))
    fresh, conflict = np.array([True, False, False]), np.array([False, False, True])
    assert [(2, "duplicate_id"), (3, "id_reused")] == [
        (r.row, r.refusal.word) for r in duplicates(batches[0], fresh, conflict, "ref")
    ]


# --- labels and the canonical order ---------------------------------------------------------------


def _day(day: int) -> str:
    return f"2026-01-{day:02d}T00:00:00Z"


@BOTH
def test_a_label_stands_before_the_first_payment_at_whose_moment_it_is_known(
    tmp_path: Path, suffix: str
) -> None:
    """Two days after a fraud its label is a fact, with the payment's parties and money."""
    frame = rows(
        {"when": _day(1), "bad": "1"}, {"when": _day(2)}, {"when": _day(3)},
        {"when": _day(4), "bad": "1"},
    )  # fmt: skip
    (batch,) = read(write(frame, tmp_path, suffix))
    facts = batch.facts
    assert ["p-1", "p-2", "label:p-1", "p-3", "p-4", "label:p-4"] == list(facts.ids)
    assert [1, 0, -1, 0, 1, -1] == batch.truth.tolist()
    assert [1, 2, 1, 3, 4, 4] == batch.rows.tolist()
    assert facts.number("happened_at")[2] == facts.number("happened_at")[0] + 2 * DAY_MS
    assert (1, 150050, 398) == tuple(
        facts.number(name)[2] for name in ("fraud", "amount", "currency")
    )
    assert digest16("BANKKZKA", "p-1") == facts.symbol("payment")[2].tobytes()
    assert facts.symbol("payer_account")[0].tolist() == facts.symbol("payer_account")[2].tolist()


def test_labels_follow_the_largest_time_so_far(tmp_path: Path) -> None:
    """When times ran ahead, a label comes right after its payment, never before it."""
    frame = rows({"when": _day(20)}, {"when": _day(1), "bad": "1"}, {"when": _day(2)})
    facts = facts_of(read(write(frame, tmp_path, "csv")))
    assert ["p-1", "p-2", "label:p-2", "p-3"] == list(facts.ids)


def test_all_labels_are_facts_when_the_mapping_settles_all(tmp_path: Path) -> None:
    """Then what is settled not to be fraud is told, too."""
    text = MAPPING + 'settles = "all"\ngenuine = [0]\n'
    frame = rows({"bad": "1"}, {"bad": "0"}, {"bad": "?"})
    (batch,) = read(write(frame, tmp_path, "csv"), mapping(text))
    assert ["p-1", "p-2", "p-3", "label:p-1", "label:p-2"] == list(batch.facts.ids)
    assert [1, 0, -1, -1, -1] == batch.truth.tolist()
    assert [1, 0] == batch.facts.number("fraud")[3:].tolist()


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "when": st.integers(1, 9).map(_day),
            "bad": st.sampled_from(["0", "0", "1"]),
            "sum": st.sampled_from(["5", "5", "-5"]),
        }
    ),
    max_size=25,
)


def _summary(batches: list[SourceBatch]) -> tuple[object, ...]:
    facts = facts_of(batches)
    truth = [t for batch in batches for t in batch.truth.tolist()]
    places = [row for batch in batches for row in batch.rows.tolist()]
    return contents(facts), truth, places, rejects_of(batches)


@settings(max_examples=60)
@given(changes=ROWS, size=st.integers(1, 9), chunk=st.integers(1, 7), data=st.data())
def test_the_order_does_not_depend_on_batches_or_on_where_one_begins(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[dict[str, str | None]],
    size: int,
    chunk: int,
    data: st.DataObject,
) -> None:
    """Any batch size, any size of pieces read, and any point to go on from give one order."""
    path = write(rows(*changes), tmp_path_factory.mktemp("order"), "parquet")
    whole = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "CHUNK_ROWS", chunk)
        cut = read(path, size=size)
        assert _summary(whole) == _summary(cut)
        assert all(len(batch.facts) == size for batch in cut[:-1])
        if cut:
            assert len(changes) == cut[-1].rows_read
        done = data.draw(st.integers(0, len(cut)))
        skip = sum(len(batch.facts) for batch in cut[:done])
        source = open_source(path, mapping())
        rest = list(source.batches(tokens(), size, skip_facts=skip))
    resumed = [*cut[:done], *rest]
    if done < len(cut) or not cut:
        assert _summary(whole) == _summary(resumed)
    else:
        assert contents(facts_of(whole)) == contents(facts_of(resumed))


def test_rows_read_never_falls_and_ends_with_the_file(tmp_path: Path) -> None:
    """It is what a progress bar shows."""
    path = write(rows(*[{"bad": str(i % 2)} for i in range(20)]), tmp_path, "csv")
    read_rows = [batch.rows_read for batch in read(path, size=3)]
    assert sorted(read_rows) == read_rows
    assert 20 == read_rows[-1]


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    """One mapping reads both to the same facts."""
    frame = rows({"bad": "1"}, {"sum": "7"}, {"way": None, "phone": None}, {"sum": "0"})
    parts = [_summary(read(write(frame, tmp_path, suffix))) for suffix in ("csv", "parquet")]
    assert parts[0] == parts[1]


def test_a_fingerprint_tells_files_and_mappings_apart(tmp_path: Path) -> None:
    """Another byte at an end of the file, or another mapping, is another source."""
    path = write(rows({}), tmp_path, "csv")
    first = open_source(path, mapping()).fingerprint
    assert first == open_source(path, mapping()).fingerprint
    assert first != open_source(path, mapping(MAPPING.replace("2d", "3d"))).fingerprint
    path.write_text(path.read_text().replace("p-1", "p-9"))
    assert first != open_source(path, mapping()).fingerprint


# --- canaries -------------------------------------------------------------------------------------

CANARIES = ("CANARY7501", "CANARY7502", "+79990001122")


@BOTH
def test_no_raw_identifier_leaves_the_door(tmp_path: Path, suffix: str) -> None:
    """Planted in each column of identifiers and, misplaced, in each column of every bad row, a raw
    identifier is in neither the facts nor the rejects.
    """
    payer, payee, number = CANARIES
    planted: dict[str, str | None] = {"from": payer, "to": payee, "phone": number}
    misplaced = [planted | {c: payer} for c in ("when", "sum", "ccy", "way")]
    misplaced += [planted | {"sum": number}, planted | {"ref": f"{payer} {number}"}]
    misplaced += [planted | {"from": payer * 20}]
    batches = read(write(rows(planted, *misplaced), tmp_path, suffix))
    assert (1, len(misplaced)) == (len(facts_of(batches)), len(rejects_of(batches)))
    sink = RejectsFile(tmp_path / "rejects.csv", lambda row: ("payments", row))
    sink.append(rejects_of(batches))
    sink.close()
    facts = concatenate([batch.facts for batch in batches])
    seen = repr(facts).encode() + (tmp_path / "rejects.csv").read_bytes()
    seen += b"".join(column.tobytes() for column in facts.symbols.values())
    for canary in CANARIES:
        assert canary.encode() not in seen
        assert canary.strip("+").encode() not in seen


# --- the included mappings ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [("handbook", HANDBOOK_FILE), ("amlsim", AMLSIM_FOLDER), ("amlgentex", AMLGENTEX_FILE)],
)
def test_the_included_mappings_read_their_data(
    root: Path, shared_data: Path, name: str, data: str
) -> None:
    """Every row of the third-party data is a payment or, rarely, a reject that says zero."""
    source = open_source(shared_data / data, load_mapping(root / "mappings" / f"{name}.toml"))
    batches = list(source.batches(tokens(), 1 << 16))
    payments = sum(int((batch.facts.kinds == Kind.PAYMENT).sum()) for batch in batches)
    rejects = rejects_of(batches)
    assert source.total_rows == payments + len(rejects) == batches[-1].rows_read
    assert {"not_positive"} >= {reject.refusal.word for reject in rejects}
    assert len(rejects) < payments / 500
    labels = sum(int((batch.facts.kinds == Kind.LABEL).sum()) for batch in batches)
    assert 0 < labels == sum(int((batch.truth == 1).sum()) for batch in batches)


def test_amlsim_is_labelled_by_accounts(tmp_path: Path, root: Path) -> None:
    """A transfer is fraud when its payer is bad by then and its payee belongs to a group."""
    (tmp_path / "transactions.csv").write_text(
        "sourceNodeId,targetNodeId,value,time\n"
        "1,2,5.0,3\n1,2,5.0,4\n1,3,5.0,5\n3,2,5.0,6\n2,1,5.0,7\n"
    )
    (tmp_path / "nodes.csv").write_text(
        "nodeid,isFraud,init_balance,fraudStep\n1,1,0,4\n2,1,0,-1\n3,0,0,-1\n"
    )
    by = load_mapping(root / "mappings" / "amlsim.toml")
    (batch,) = open_source(tmp_path, by).batches(tokens(), 100)
    payments = batch.facts.kinds == Kind.PAYMENT
    assert [0, 1, 0, 0, 0] == batch.truth[payments].tolist()
    assert ["1", "2", "3", "4", "5", "label:2"] == list(batch.facts.ids)
