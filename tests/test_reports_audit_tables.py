"""An audit in words and as data: complete, and without parties where none may be shown."""

from __future__ import annotations

import json
from pathlib import Path

from arasha.reports.audit import Audit
from arasha.reports.audit_records import LAWS
from arasha.reports.audit_tables import (
    as_object,
    by_month,
    findings,
    holds,
    laws,
    listings,
    reveals,
    two_people,
    views,
)
from audit_samples import audited, log_of
from cases_driver import Driver
from cases_samples import MULE, SECOND, THIRD, VICTIM, Room

REVEALED = {"file": "v", "number": 1, "at_ms": 1_772_422_200_000, "by": "zhanar",
            "reason": "case c1", "token": MULE}  # fmt: skip


def rich(tmp_path: Path) -> tuple[Room, Audit]:
    """A long sequence with much in it."""
    here = Driver(9).run(400)
    return here, audited(log_of(tmp_path / "log", here.entries, [REVEALED]))


def test_every_hold_and_view_stands_in_its_table(tmp_path: Path) -> None:
    """One row each, and a law that was kept is said to hold."""
    here, found = rich(tmp_path)
    assert here.state.holds
    assert len(here.state.holds) == len(holds(found).rows)
    assert here.state.views == len(views(found).rows)
    assert len(here.state.listings) == len(listings(found).rows)
    done = [one for one in here.state.requests.values() if one.status == "done"]
    assert len(done) == len(two_people(found).rows)
    assert ["1 of 50 a day"] == [row[-1].words for row in reveals(found).rows]
    assert {"holds"} == {row[1].words for row in laws(found).rows}
    assert () == findings(found).rows
    assert "all" == by_month(found).rows[-1][0].words


def test_data_without_parties_names_nobody(tmp_path: Path) -> None:
    """And with them it has tokens alone; never a reference, a payment, or what somebody wrote."""
    here, found = rich(tmp_path)
    plain = json.dumps(as_object(found, with_parties=False))
    assert not any(party in plain for party in (VICTIM, MULE, SECOND, THIRD))
    whole = json.dumps(as_object(found, with_parties=True))
    assert MULE in whole
    for text in (plain, whole):
        assert not any(f'"{hold.reference}"' in text for hold in here.state.holds.values())
        assert not any(text.count(one * 32) for one in "abc")
        assert "rent" not in text


def test_lists_can_be_cut_to_their_ends(tmp_path: Path) -> None:
    """The last so many; laws and months are whole."""
    here, found = rich(tmp_path)
    told = as_object(found, with_parties=False, most=1)
    assert [list(here.state.holds)[-1]] == [one["hold"] for one in told["holds"]]
    assert LAWS.keys() == told["laws"].keys()
