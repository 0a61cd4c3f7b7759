"""The writer: an act is in the log, or it was not taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.projection import Done, rebuilt
from arasha.cases.refusals import Refusal
from arasha.cases.writer import Writer
from arasha.errors import InputError, LogFull
from arasha.log.log import Entries, Log
from cases_samples import HELD, KZT, MULE, NOW_MS, kz


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """An empty log."""
    with Log.create(tmp_path / "log", created_at_ms=0) as log:
        yield log


def alert(place: int) -> a.AlertRaised:
    return a.AlertRaised(place, MULE, f"{place:032x}", 1, KZT, 1)


def test_what_could_not_be_read_again_is_never_kept(log: Log) -> None:
    """A time before 1970 in an act that somebody forgot to check."""
    writer = Writer.open(log)
    writer.begin(kz(), NOW_MS)
    act = a.ComplaintMade("0" * 20, "BANKKZKA", 1, KZT, MULE, "9" * 32, -1)
    with pytest.raises(InputError, match="could not be read again"):
        writer.do(HELD, act, NOW_MS)
    assert 1 == log.size
    assert not writer.state.complaints
    assert rebuilt(log).state == writer.state


def test_what_is_refused_leaves_nothing(log: Log) -> None:
    """Not an entry, not a trace in the state."""
    writer = Writer.open(log)
    assert Refusal.NO_LAW_IN_FORCE is writer.do(CENTRE, alert(1), NOW_MS)
    assert 0 == log.size
    assert writer.begin(kz(), NOW_MS) is None
    assert writer.begin(kz(), NOW_MS) is None
    assert 1 == log.size


def test_several_are_one_commit_and_the_refused_are_left_out(log: Log) -> None:
    """Each on what those before it have made; places are those of the log."""
    writer = Writer.open(log)
    writer.begin(kz(), NOW_MS)
    results = writer.do_all(CENTRE, [alert(5), alert(4), alert(6)], NOW_MS)
    assert [1, Refusal.ALREADY_TAKEN_IN, 2] == [
        one.seq if isinstance(one, Done) else one for one in results
    ]
    assert writer.state == rebuilt(log).state


def test_a_clock_set_back_does_not_turn_the_log_back(log: Log) -> None:
    """The entry gets the time of the one before."""
    writer = Writer.open(log)
    writer.begin(kz(), NOW_MS)
    done = writer.do(CENTRE, alert(5), NOW_MS - 5_000)
    assert isinstance(done, Done)
    assert NOW_MS == done.entry.at_ms


def test_a_full_disk_leaves_the_state_as_the_log_is(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the log did not take has not happened."""
    writer = Writer.open(log)
    writer.begin(kz(), NOW_MS)

    def full(_: Entries, progress: bytes | None = None) -> int:
        raise LogFull("the disk is full")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(LogFull):
        writer.do_all(CENTRE, [alert(5), alert(6)], NOW_MS)
    assert writer.state == rebuilt(log).state
    assert -1 == writer.state.taken_in
    monkeypatch.undo()
    assert isinstance(writer.do(CENTRE, alert(5), NOW_MS), Done)


def test_ends_come_by_themselves(log: Log) -> None:
    """On record, once."""
    writer = Writer.open(log)
    writer.begin(kz(), NOW_MS)
    writer.do(CENTRE, alert(5), NOW_MS)
    later_ms = kz().desk.due.after(NOW_MS, kz().calendar)
    assert ["case_escalated"] == [
        a.word_of(one.entry.act) for one in writer.let_ends_come(later_ms)
    ]
    assert [] == writer.let_ends_come(later_ms)
