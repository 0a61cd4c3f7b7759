"""A pack of evidence: whole, about one case, and its making is on record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import HOUR_MS
from arasha.cases.projection import rebuilt
from arasha.cases.writer import Writer
from arasha.errors import UsageError
from arasha.events.body import bodies_from, pack_facts
from arasha.events.reference import digests_of
from arasha.events.schema import Kind
from arasha.log.keys import Retention, period_of
from arasha.log.log import Entries, Log
from arasha.log.record import begin
from arasha.reports.evidence import draft, write
from arasha.reports.evidence_verifier import checked
from audit_samples import audited
from cases_samples import ANALYST, NOW_MS, STRANGER, kz
from evidence_samples import ORIGIN, WHY, centre, packed, story
from flows_samples import facts_of
from test_cases_gathering import MULES


def test_a_pack_has_every_act_that_its_case_rests_on(tmp_path: Path) -> None:
    """And of another case nothing; the law under which it was done is in it."""
    here = story()
    here.do(CENTRE, a.AlertRaised(999, STRANGER, "c" * 32, 5, 398, 900))
    size = len(here.entries)
    keys = packed(centre(tmp_path / "centre", here), tmp_path / "pack")
    assert checked(tmp_path / "pack", keys)
    case = json.loads((tmp_path / "pack" / "case.json").read_text())
    assert list(range(size - 1)) == [one["seq"] for one in case["entries"]]
    assert "law_chosen" in case["entries"][0]["act"]
    assert STRANGER not in (tmp_path / "pack" / "index.html").read_text()


def test_nobody_can_act_with_a_pack_as_who_is_held(tmp_path: Path) -> None:
    """No reference stands in any file of it."""
    here = story()
    packed(centre(tmp_path / "centre", here), tmp_path / "pack")
    for hold in here.state.holds.values():
        for path in (tmp_path / "pack").iterdir():
            assert f'"{hold.reference}' not in path.read_text()
    assert 3 == (tmp_path / "pack" / "case.json").read_text().count("*" * 20)


def test_that_it_was_made_is_an_entry_and_the_audit_shows_it(tmp_path: Path) -> None:
    """Who, and why: a view of all that the case names."""
    packed(centre(tmp_path / "centre"), tmp_path / "pack")
    found = audited(tmp_path / "centre")
    assert () == found.findings
    (view,) = found.reading.views
    assert ("bolat", "c1", WHY) == (view.by, view.through, view.why)


def test_the_same_log_makes_the_same_draft(tmp_path: Path) -> None:
    """Bit for bit; for another reason it is another one."""
    with Log.open(centre(tmp_path / "centre")) as log:
        projection = rebuilt(log)
        first, second, other = (
            draft(log, projection, "c1", log.seqs_of, by="bolat", why=why)
            for why in (WHY, WHY, "For the ombudsman.")
        )
        assert first == second
        assert first.content != other.content
        with pytest.raises(UsageError, match="no such case"):
            draft(log, projection, "c99", log.seqs_of, by="bolat", why=WHY)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A pack gets a directory of its own."""
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="already"):
        write(tmp_path, {})


def test_a_pack_can_be_made_when_the_month_of_its_facts_is_gone(tmp_path: Path) -> None:
    """Its key is destroyed; the entry can still be proven, and what was decided is in the acts."""
    facts = facts_of(MULES)
    with Log.create(tmp_path / "centre", created_at_ms=0) as log:
        known_at = np.full(len(facts), NOW_MS, np.int64)
        log.append(Entries(facts.kinds, known_at, pack_facts(facts), digests_of(facts)))
        begin(log, tmp_path / "centre", ORIGIN)
        writer = Writer.open(log)
        writer.begin(kz(), NOW_MS)
        report = a.ReportTaken("1" * 32, 2, "BANKKZKA", "BANKKZKA", 500, 398, "2" * 32, "3" * 32,
                               NOW_MS - HOUR_MS, payment=digests_of(facts)[1].tobytes().hex(),
                               attested=True)  # fmt: skip
        writer.do(CENTRE, report, NOW_MS)
        writer.do(ANALYST, a.CaseTaken("c5"), NOW_MS)
        gone = Entries(np.array([Kind.RETIRED], np.uint8), np.array([NOW_MS]),
                       bodies_from([b"{}"]), np.zeros((1, 2), np.uint64))  # fmt: skip
        log.retire_period(Retention.FACTS, period_of(NOW_MS), gone)
    keys = packed(tmp_path / "centre", tmp_path / "pack", "c5")
    assert checked(tmp_path / "pack", keys)
    told = json.loads((tmp_path / "pack" / "case.json").read_text())
    assert [2, 5, 6] == [one["seq"] for one in told["entries"]]
