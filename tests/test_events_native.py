from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import InputError, MappingError
from arasha.events import tables
from arasha.events.native import COLUMNS, NativeSource, is_native, open_facts
from arasha.events.reference import digest16
from arasha.events.schema import FACTS, Kind, PartyKind
from events_samples import contents, facts_of, rejects_of, tokens
from native_samples import PAYMENT, busy, folder, frame, read_facts


def test_every_kind_of_fact_is_read_by_the_names_of_the_schema(tmp_path: Path) -> None:
    """Rows become facts in their order, identifiers become tokens, references digests."""
    rows = frame(
        PAYMENT,
        {"fact": "signal", "sender": "TELEKZKA", "number": "+7 701 123 45 67",
         "signal": "call_risk", "answer": "on_call_over_30_min_unfamiliar"},
        {"fact": "call", "sender": "TELEKZKA", "caller_number": "+77010000001",
         "callee_number": "+77011234567", "answered": True, "duration": 5_000},
        {"fact": "account_change", "sender": "BANKKZKA", "account": "KZ75125KZT1001300335",
         "change": "loan_disbursed"},
        {"fact": "outcome", "sender": "BANKKZKA", "payment": "f-1", "outcome": "rejected"},
        {"fact": "label", "sender": "BANKKZKA", "payment": "f-1", "fraud": True},
    )  # fmt: skip
    facts = facts_of(read_facts(folder(tmp_path, rows)))
    kinds = [Kind.PAYMENT, Kind.SIGNAL, Kind.CALL, Kind.ACCOUNT_CHANGE, Kind.OUTCOME, Kind.LABEL]
    assert kinds == facts.kinds.tolist()
    assert [f"f-{i}" for i in range(1, 7)] == list(facts.ids)
    assert (150_050, 398) == (facts.number("amount")[0], facts.number("currency")[0])
    number = tokens().of(PartyKind.NUMBER, "+77011234567")
    assert number == facts.symbol("payer_number")[0].tobytes()
    assert number == facts.symbol("number")[1].tobytes()
    assert 5_000 == facts.number("duration")[2]
    assert digest16("BANKKZKA", "f-1") == facts.symbol("payment")[4].tobytes()


def test_whole_numbers_are_minor_units_and_milliseconds(tmp_path: Path) -> None:
    """Amounts as integers are minor units, times as integers milliseconds since 1970."""
    rows = frame(PAYMENT).with_columns(
        pl.lit(150_050).alias("amount"), pl.lit(1_767_585_660_000).alias("happened_at")
    )
    facts = facts_of(read_facts(folder(tmp_path, rows)))
    assert (150_050, 1_767_585_660_000) == (
        facts.number("amount")[0], facts.number("happened_at")[0]
    )  # fmt: skip


BAD_ROWS: dict[str, dict[str, object]] = {
    "unknown_category fact": {"fact": "rumour"},
    "missing_value fact": {"fact": None},
    "not_positive amount": {"amount": "-5"},
    "missing_value payee_account": {"payee_account": None},
    "unknown_category channel": {"channel": "pigeon"},
    "bad_code sender": {"sender": "two words"},
    "missing_value happened_at": {"happened_at": None},
    "bad_id id": {"id": "with space"},
    "unknown_field caller_number": {"caller_number": "+77010000001"},
    "unknown_field answered": {"answered": False},
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_rejected_and_the_others_are_kept(tmp_path: Path, case: str) -> None:
    """Its column and reason are named, what was found only as a class; its neighbours are kept."""
    batches = read_facts(folder(tmp_path, frame(PAYMENT, {**PAYMENT, **BAD_ROWS[case]}, PAYMENT)))
    assert ["f-1", "f-3"] == list(facts_of(batches).ids)
    reject = rejects_of(batches)[0]
    assert (2, case) == (reject.row, f"{reject.refusal.word} {reject.column}")
    for value in BAD_ROWS[case].values():
        assert str(value) not in reject.found


def test_rows_of_several_files_know_their_file(tmp_path: Path) -> None:
    """A batch counts rows through all files; the source says where a row stands."""
    source = open_facts(folder(tmp_path, frame(PAYMENT, PAYMENT), busy(5)), None)
    assert isinstance(source, NativeSource)
    assert ("2026-01-05.parquet", 2) == source.place(2)
    assert ("2026-01-06.parquet", 1) == source.place(3)


def test_truth_is_what_labels_say(tmp_path: Path) -> None:
    """The last label of a payment counts, another sender's does not; no label means honest."""

    def label(payment: str, *, fraud: bool, sender: str = "BANKKZKA") -> dict[str, object]:
        return {"fact": "label", "sender": sender, "payment": payment, "fraud": fraud}

    rows = frame(
        PAYMENT, PAYMENT, PAYMENT, PAYMENT,
        label("f-1", fraud=True), label("f-2", fraud=True), label("f-2", fraud=False),
        label("f-3", fraud=True, sender="OTHERKZK"),
    )  # fmt: skip
    batches = read_facts(folder(tmp_path, rows))
    assert [1, 0, 0, 0, -1, -1, -1, -1] == batches[0].truth.tolist()
    since = open_facts(tmp_path, None).settled_at(batches[0].facts)
    happened = batches[0].facts.number("happened_at")
    assert [happened[4], happened[6], happened[2], happened[3]] == since[:4].tolist()


def test_without_labels_nothing_is_settled(tmp_path: Path) -> None:
    """Where the files know nothing of frauds, no payment counts as honest."""
    batches = read_facts(folder(tmp_path / "a", frame(PAYMENT, PAYMENT)))
    assert [-1, -1] == batches[0].truth.tolist()
    cleared = {"fact": "label", "sender": "BANKKZKA", "payment": "f-1", "fraud": False}
    batches = read_facts(folder(tmp_path / "b", frame(PAYMENT, PAYMENT, cleared)))
    assert [0, -1, -1] == batches[0].truth.tolist()


def test_a_column_that_no_fact_has_is_refused(tmp_path: Path) -> None:
    """The whole file, by the name of the column, and what is near."""
    rows = frame(PAYMENT).with_columns(pl.lit("x").alias("payee_acount"))
    with pytest.raises(InputError, match="no fact has such a column") as refused:
        open_facts(folder(tmp_path, rows), None)
    assert "near: 'payee_account'?" == refused.value.hint
    assert "payee_acount" == refused.value.where.column


@pytest.mark.parametrize("name", ["fact", "id", "sender", "happened_at"])
def test_what_every_fact_has_must_be_there(tmp_path: Path, name: str) -> None:
    """A file without one of the four columns is no file of facts."""
    with pytest.raises(InputError, match=f"columns are missing: {name}"):
        open_facts(folder(tmp_path, frame(PAYMENT).drop(name)), None)


def test_a_column_of_another_type_is_refused(tmp_path: Path) -> None:
    """Before a row is read."""
    rows = frame(PAYMENT).with_columns(pl.lit(1.5).alias("payer_bank"))
    with pytest.raises(MappingError, match="wrong type for payer_bank"):
        open_facts(folder(tmp_path, rows), None)


def test_times_without_a_zone_are_refused(tmp_path: Path) -> None:
    """Nobody should guess whose clock it was."""
    rows = frame(PAYMENT).with_columns(pl.col("happened_at").dt.replace_time_zone(None))
    with pytest.raises(InputError, match="these times name no zone"):
        open_facts(folder(tmp_path, rows), None)


def test_a_file_cut_short_is_refused_at_once(tmp_path: Path) -> None:
    """A missing footer is found before the first fact is judged."""
    place = folder(tmp_path, frame(PAYMENT), frame(PAYMENT))
    file = place / "events" / "2026-01-06.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    assert is_native(place)
    with pytest.raises(InputError, match="not a whole Parquet file"):
        open_facts(place, None)


def test_all_before_a_damaged_place_is_read(tmp_path: Path) -> None:
    """Damage within a file costs no row before it, labels there included."""
    rows = frame(*[PAYMENT] * 70, {"fact": "label", "sender": "BANKKZKA", "payment": "f-1",
                                   "fraud": True}, *[PAYMENT] * 100)  # fmt: skip
    place = folder(tmp_path, rows)
    file = place / "events" / "2026-01-05.parquet"
    content = bytearray(file.read_bytes())
    at = _start_of_row_group(file, 2)
    content[at : at + 40] = b"\xff" * 40
    file.write_bytes(bytes(content))
    batches = open_facts(place, None).batches(tokens(), 128)
    seen = [next(batches)]
    with pytest.raises(InputError, match="damaged here"):
        next(batches)
    assert 128 == len(facts_of(seen))
    assert 1 == seen[0].truth[0]


def _start_of_row_group(file: Path, group: int) -> int:
    column = pq.ParquetFile(file).metadata.row_group(group).column(1)
    return int(column.dictionary_page_offset or column.data_page_offset)


def test_there_must_be_facts(tmp_path: Path) -> None:
    """A folder without files says what was expected; a table of another kind is not ours."""
    with pytest.raises(InputError, match="there are no facts here"):
        open_facts(tmp_path, None)
    other = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(other)
    assert not is_native(other)
    assert not is_native(tmp_path / "payments.csv")
    assert not is_native(tmp_path / "none.parquet")


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 60), skip=st.integers(0, 60), seed=st.integers(0, 3))
def test_batches_of_any_size_hold_the_same_facts(
    tmp_path_factory: pytest.TempPathFactory, size: int, skip: int, seed: int
) -> None:
    """Size and starting place change no fact, truth, row or reject, across files and chunks."""
    place = folder(tmp_path_factory.mktemp("facts"), busy(30, seed), busy(10, seed + 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "CHUNK_ROWS", 17)
        whole = read_facts(place, 10_000)
        parts = list(open_facts(place, None).batches(tokens(), size, skip_facts=skip))
    expected = facts_of(whole).take(slice(skip, None))
    assert contents(expected) == contents(facts_of(parts))
    rows = np.concatenate([np.zeros(0, np.int64), *(part.rows for part in parts)])
    assert whole[0].rows[skip:].tolist() == rows.tolist()
    truth = np.concatenate([np.zeros(0, np.int8), *(part.truth for part in parts)])
    assert whole[0].truth[skip:].tolist() == truth.tolist()
    if skip == 0:
        assert rejects_of(whole) == rejects_of(parts)


def test_the_fingerprint_follows_the_files(tmp_path: Path) -> None:
    """Another content or another file is another source."""
    one = open_facts(folder(tmp_path / "a", frame(PAYMENT)), None).fingerprint
    same = open_facts(folder(tmp_path / "b", frame(PAYMENT)), None).fingerprint
    more = open_facts(folder(tmp_path / "c", frame(PAYMENT), frame(PAYMENT)), None).fingerprint
    assert one == same
    assert one != more


def test_the_columns_are_those_of_the_schema() -> None:
    """Nothing can be in a file that no fact has a field for."""
    fields = {field.name for fact in FACTS.values() for field in fact.fields}
    assert {"fact", "id", "sender"} | fields == set(COLUMNS)
