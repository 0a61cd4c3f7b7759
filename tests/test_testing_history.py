"""The history checker finds what it is for: a checker that cannot fail proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.http.decisions import told
from arasha.engine.recall import recall
from arasha.engine.reigns import reigns_of
from arasha.events.json import encode
from arasha.log.log import Log
from arasha.testing.history import Findings, History
from live_samples import payment, policy, running


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Two payments in a log, and what was said of them."""
    history = History()
    with running(tmp_path / "centre", policy(tmp_path)) as live:
        for number in (1, 2):
            live.answer(payment(number))
            history.sends(f"p-{number}", encode(payment(number)))
    with Log.open(tmp_path / "centre", writable=False) as log:
        for fact in recall(log, reigns_of(log), 0, log.size):
            history.answered(fact.id, told(fact))
    return history


def test_what_was_told_and_is_kept_is_no_finding(history: History, tmp_path: Path) -> None:
    """Asked twice with the same answer is fine; so is what was sent and never answered."""
    history.answered("p-1", history.told["p-1"])
    history.sends("p-3", b"{}")
    assert Findings(2) == history.check(tmp_path / "centre", told)


def test_each_thing_that_must_not_be_is_found(history: History, tmp_path: Path) -> None:
    """An answer that is not in the log, one unlike the log's, one unlike the one before."""
    history.answered("p-9", b"{}")
    history.told["p-1"] = history.told["p-1"].replace(b'"seq":1', b'"seq":7')
    history.answered("p-2", b"something else")
    del history.sent["p-2"]
    found = history.check(tmp_path / "centre", told)
    assert (("p-9",), ("p-1", "p-2"), ("p-2",)) == (found.lost, found.changed, found.unasked)
    assert 4 == found.faults


def test_a_log_that_was_changed_is_damage(history: History, tmp_path: Path) -> None:
    """The answers may all be right: the log must verify, too."""
    import apsw

    with apsw.Connection(str(tmp_path / "centre" / "log.sqlite")) as db:
        db.execute("UPDATE frames SET root = zeroblob(32)")
    found = history.check(tmp_path / "centre", told)
    assert found.damage is not None
    assert 1 == found.faults
