from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.events import tables
from arasha.events.files import SourceBatch, open_source
from arasha.events.rejects import Refusal
from arasha.events.schema import PartyKind
from arasha.events.tables import CsvTable, fingerprint, open_table
from events_samples import GOOD, facts_of, mapping, read, rejects_of, rows, tokens, write

BOTH = pytest.mark.parametrize("suffix", ["csv", "parquet"])
CSV_HEAD = ",".join(GOOD) + "\n"
CSV_ROW = ",".join(GOOD.values()) + "\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("p-2,short\n", "ragged_row"),
        (CSV_ROW.replace("\n", ",more\n"), "ragged_row"),
        (CSV_ROW.replace("p-1", 'p"-"2'), "bad_quotes"),
        (CSV_ROW.replace("p-1", '"p-2'), "bad_quotes"),
        (CSV_ROW.replace("p-1", "p" * 2_000_000), "row_too_long"),
    ],
)
def test_a_broken_line_of_a_csv_is_one_reject(tmp_path: Path, line: str, reason: str) -> None:
    """Ragged, badly quoted, gigantic: the lines around it are read as if it were not there."""
    path = tmp_path / "payments.csv"
    path.write_text(CSV_HEAD + CSV_ROW + "\n" + line + CSV_ROW.replace("p-1", "p-3"))
    batches = read(path)
    assert ["p-1", "p-3"] == list(facts_of(batches).ids)
    assert [(2, reason)] == [(r.row, r.refusal.word) for r in rejects_of(batches)]
    assert 3 == open_source(path, mapping()).total_rows == batches[-1].rows_read


def test_quoted_values_hold_delimiters_quotes_and_newlines(tmp_path: Path) -> None:
    """A CSV is read as RFC 4180 says, with either end of line and a byte order mark."""
    path = tmp_path / "payments.csv"
    row = CSV_ROW.replace(GOOD["from"], '"A, ""B""\nC"')
    text = (CSV_HEAD + row + CSV_ROW.replace("p-1", "p-2")).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    facts = facts_of(read(path))
    assert ["p-1", "p-2"] == list(facts.ids)
    token = tokens().of(PartyKind.ACCOUNT, 'A, "B"C')
    assert token == facts.symbol("payer_account")[0].tobytes()


def test_bytes_that_are_no_text_cost_their_row_only(tmp_path: Path) -> None:
    """A row in another encoding is named; the others stand."""
    path = tmp_path / "payments.csv"
    bad = CSV_ROW.replace("p-1", "p-2").encode().replace(b"KZ86", b"\xca\xe0")
    path.write_bytes((CSV_HEAD + CSV_ROW).encode() + bad)
    batches = read(path)
    assert ["p-1"] == list(facts_of(batches).ids)
    assert [(2, "not_utf8")] == [(r.row, r.refusal.word) for r in rejects_of(batches)]


@pytest.mark.parametrize("content", [b"", b"\n1,2\n", b"a,a\n1,2\n", b"PAR1 and no more"])
def test_what_is_no_table_is_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    """An empty file, a file without a header, half a Parquet file."""
    path = tmp_path / "payments.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"payments\.csv"):
        open_source(path, mapping())


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """So is a directory when the mapping names no file."""
    with pytest.raises(InputError, match="cannot be read"):
        open_source(tmp_path / "none.csv", mapping())
    with pytest.raises(InputError, match="directory"):
        open_source(tmp_path, mapping())


def test_a_parquet_file_cut_short_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Without its footer nothing of it can be read, and the error says what is missing."""
    path = write(rows({}, {}), tmp_path, "parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="not a whole Parquet file"):
        open_source(path, mapping())


def test_damage_within_a_parquet_file_loses_no_row_before_it(tmp_path: Path) -> None:
    """Row groups before the damage are judged; the error names the first row not read."""
    accounts = pl.Series("from", [f"{i * 7919:040d}" for i in range(300)])
    frame = rows(*({} for _ in range(300))).with_columns(accounts)
    path = tmp_path / "payments.parquet"
    frame.write_parquet(path, row_group_size=100, compression="zstd", statistics=False)
    data = bytearray(path.read_bytes())
    start = _start_of_row_group(path, 2)
    data[start : start + 400] = b"\xff" * 400
    path.write_bytes(data)
    batches: list[SourceBatch] = []
    with pytest.raises(InputError, match="damaged") as fault:
        batches.extend(open_source(path, mapping()).batches(tokens(), 70))
    assert 200 == len(facts_of(batches))
    assert 201 == fault.value.where.row
    assert "row group 3 of 3" in str(fault.value)


def _start_of_row_group(path: Path, group: int) -> int:
    column = pq.ParquetFile(path).metadata.row_group(group).column(0)
    return int(column.dictionary_page_offset or column.data_page_offset)


@BOTH
def test_a_missing_column_is_named_with_what_is_near(tmp_path: Path, suffix: str) -> None:
    """The error names file, column, what the mapping expects and what the file has."""
    path = write(rows({}).rename({"phone": "phones"}), tmp_path, suffix)
    with pytest.raises(InputError) as fault:
        open_source(path, mapping())
    for word in (str(path), "phone", "'phone' → 'phones'?"):
        assert word in str(fault.value)


FIELD = st.text('ab,";\n é', max_size=5)


@given(st.lists(st.tuples(FIELD, FIELD), max_size=20), st.integers(8, 64))
def test_every_csv_that_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str, str]], block: int
) -> None:
    """Whatever stands in the values, and wherever the blocks of reading end."""
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    frame = pl.DataFrame(values, schema={"a": pl.String, "b": pl.String}, orient="row")
    frame.write_csv(path, quote_style="always")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK_BYTES", block)
        chunks = list(CsvTable(path).chunks(("b", "a")))
    got = [row for chunk in chunks for row in chunk.frame.rows()]
    assert [(b, a) for a, b in values] == [(b or "", a or "") for b, a in got]
    assert [] == [reject for chunk in chunks for reject in chunk.rejects]
    numbers = [row for chunk in chunks for row in chunk.rows.tolist()]
    assert list(range(1, len(values) + 1)) == numbers


@given(st.binary(max_size=300), st.integers(8, 40))
def test_no_bytes_raise_and_every_row_is_read_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, block: int
) -> None:
    """Any bytes after a header give rows and rejects that together count all rows, once."""
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(b"a,b\n" + body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK_BYTES", block)
        patch.setattr(tables, "MAX_ROW_BYTES", 5)
        table = open_table_csv(path)
        chunks = list(table.chunks(("a", "b")))
        total = table.total_rows()
    rejects = [reject.row for chunk in chunks for reject in chunk.rejects]
    kept = [row for chunk in chunks for row in chunk.rows.tolist()]
    assert list(range(1, total + 1)) == sorted([*rejects, *kept])
    assert total == (chunks[-1].last_row if chunks else 0)


def open_table_csv(path: Path) -> CsvTable:
    """The file as a CSV, whatever its first bytes."""
    return CsvTable(path)


def test_a_row_without_an_end_costs_no_memory_and_no_other_row(tmp_path: Path) -> None:
    """Twenty million bytes in one line are skipped; the line after them is read."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n3," + b"x" * 20_000_000 + b"\n5,6\n")
    chunks = list(open_table(path).chunks(("a",)))
    assert [("1",), ("5",)] == [row for chunk in chunks for row in chunk.frame.rows()]
    assert [(2, Refusal.ROW_TOO_LONG)] == [
        (reject.row, reject.refusal) for chunk in chunks for reject in chunk.rejects
    ]


def test_a_fingerprint_rests_on_size_and_both_ends(tmp_path: Path) -> None:
    """Appending, or changing the first or the last byte, changes it."""
    seen = set()
    for content in (b"abc", b"abd", b"bbc", b"abcc"):
        (tmp_path / "x").write_bytes(content)
        seen.add(fingerprint(tmp_path / "x"))
    assert 4 == len(seen)
