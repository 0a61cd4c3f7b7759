"""A law file is read, or every fault of it is shown where it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from arasha.cases.calendar import Term
from arasha.cases.law_document import MAX_LAW_BYTES, law_of, load_law, read_law
from arasha.errors import PolicyError
from arasha.policy.diagnostics import render
from cases_samples import ROOT, kz


def test_the_law_of_kazakhstan_is_read() -> None:
    """Its figures, its holidays, its time."""
    law = kz()
    assert ("KZ", 398, 5 * 3_600_000) == (law.country, law.currency, law.calendar.utc_offset_ms)
    assert (Term(5, "business days"), Term(24, "hours")) == (law.hold.limit, law.hold.pause)
    assert ("pension", "benefit", "salary") == law.hold.protected
    assert law.recall.sanction
    free = law.calendar.holidays
    assert {date(2026, 3, day) for day in (9, 23, 24, 25)} == {d for d in free if d.month == 3
                                                              and d.year == 2026}  # fmt: skip
    assert "press" == law.figures["hold.limit"].mark


def test_the_template_is_whole() -> None:
    """Whoever copies it has every figure, and none is relied on yet."""
    law = load_law(ROOT / "law" / "template.toml")
    assert {"to_check"} == {figure.mark for figure in law.figures.values()}


FAULTS = [
    ('provisional = { is = "24 hours"', 'provisional = { is = "a day"', "shape",
     "'is' has a value of the wrong kind"),
    ('answer = { is = "30 minutes", source', 'answr = { is = "30 minutes", source', "unknown-key",
     "unknown key 'answr' in [hold]"),
    ('limit = { is = "5 business days"', 'limit = { is = "2 business days"', "range",
     "'confirmed' is longer than 'limit'"),
    ('mark = "law" }', 'mark = "lwa" }', "unknown-name", "there is no such mark"),
    ('source = "no rule found; as long as a pause"', 'source = ""', "shape",
     "'source' has a value of the wrong kind"),
    ('"+05:00"', '"5"', "shape", "'utc_offset' has a value of the wrong kind"),
    ("date = 2026-01-02", "date = 2026-01-01", "twice", "this day stands here twice"),
    ("date = 2026-01-02", "date = 2028-01-02", "range", "this year is not among 'years'"),
    ("date = 2026-01-02", 'date = "2026-01-02"', "shape", "'date' has a value of the wrong kind"),
    ('"sunday"]', '"sundy"]', "unknown-name", "'sundy' is no weekday"),
    ('["3 days", "30 days", "180 days"]', '["30 days", "3 days"]', "range",
     "the windows do not widen"),
    ('currency = "KZT"', 'currency = "XXQ"', "unknown-currency", "this is no currency"),
    ('kk = "Келт', 'kz = "Келт', "shape", "'is' has a value of the wrong kind"),
    ('"pro_rata"', '"by_lot"', "shape", "'is' has a value of the wrong kind"),
    ("[recall]", "[recalls]", "unknown-key", "unknown key 'recalls' at the top of a law file"),
    ("suspicion = { is = 500", "suspicion = { is = -1", "shape",
     "'is' has a value of the wrong kind"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "what"), FAULTS, ids=[f[3] for f in FAULTS])
def test_a_fault_is_told_where_it_stands(old: str, new: str, name: str, what: str) -> None:
    """By its name, with the line and what was expected."""
    assert old in kz().text
    law, diagnostics = read_law(kz().text.replace(old, new, 1), "kz.toml")
    assert law is None
    found = [one for one in diagnostics if one.name == name and one.what == what]
    assert found, [render(one) for one in diagnostics]
    assert found[0].line > 0
    assert found[0].expected


def test_a_diagnostic_reads_like_a_compilers() -> None:
    """File, line, column, caret, what was expected."""
    text = kz().text.replace('provisional = { is = "24 hours"', 'provisional = { is = "a day"')
    (fault,) = read_law(text, "law/kz.toml")[1]
    lines = render(fault).splitlines()
    assert "error: 'is' has a value of the wrong kind" == lines[0]
    assert lines[1].strip().startswith("--> law/kz.toml:")
    assert '"a day"' in lines[3]
    assert lines[4].strip(" |") == "^" * len('"a day"')
    assert "5 business days" in lines[5]


def test_a_missing_table_is_missed() -> None:
    """Each figure must be there."""
    text = kz().text
    start, end = text.index("[appeal]"), text.index("[listing]")
    _, diagnostics = read_law(text[:start] + text[end:], "kz.toml")
    assert ["the document has no [appeal]"] == [one.what for one in diagnostics]


@pytest.mark.parametrize("text", ["[law", "", "x" * (MAX_LAW_BYTES + 1), "law = 5", "[[law]]"])
def test_what_is_no_law_at_all_raises_with_its_diagnostics(text: str) -> None:
    """And never anything else."""
    with pytest.raises(PolicyError) as raised:
        law_of(text, "x.toml")
    assert raised.value.diagnostics


def test_a_file_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    """Not there, or no text."""
    with pytest.raises(PolicyError, match="cannot be read"):
        load_law(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match="not a text"):
        load_law(tmp_path / "bytes.toml")
