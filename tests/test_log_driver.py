"""What the log asks of a database, whichever it is; test_log_log.py runs over both, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import LogBusy, LogError
from arasha.log.driver import create, has_log, is_shared, open_driver
from arasha.log.log import Log
from log_samples import APRIL_MS, DAY_MS, created, keep, made, shared_of


def test_there_is_a_log_when_one_was_made(directory: Path) -> None:
    """Made once; a second time it is refused."""
    assert not has_log(directory)
    create(directory, APRIL_MS)
    assert has_log(directory)
    assert (directory / "database").exists() is is_shared(directory)
    with pytest.raises(LogError, match="a log here already"):
        create(directory, APRIL_MS)


def test_rows_are_found_from_both_sides(directory: Path) -> None:
    """The frame that holds an entry, the first one from it on, none beyond the end."""
    with created(directory) as log:
        for i in range(5):
            keep(log, 2, 2 * i, APRIL_MS + i * 20 * DAY_MS)
    driver = open_driver(directory, writable=False)
    held = [driver.frame_holding(seq) for seq in range(-1, 21)]
    assert [-1, *[seq // 4 * 4 for seq in range(20)], 16] == [
        -1 if frame is None else frame.first_seq for frame in held
    ]
    after = [driver.frame_from(seq) for seq in range(-1, 19)]
    expected = [min((seq + 3) // 4 * 4, 20) for seq in range(-1, 19)]
    assert expected == [20 if frame is None else frame.first_seq for frame in after]
    assert [(24219, 0, 8, 4), (24220, 8, 16, 4), (24221, 16, 20, 2)] == driver.counts()
    driver.close()


def test_a_follower_becomes_the_writer_when_there_is_none(directory: Path) -> None:
    """It knows what was asked, reads on, and has the place as soon as it is free, not before."""
    writer = created(directory)
    keep(writer, 3, 0)
    follower = Log.follow(directory, shared=shared_of(directory))
    keep(writer, 3, 3)
    assert -1 == follower.seq_of("BANKKZKA", "p-5")
    follower.refresh()
    assert 10 == follower.seq_of("BANKKZKA", "p-5")
    for _ in range(2):
        with pytest.raises(LogBusy, match="another process is writing"):
            follower.promote()
    keep(writer, 1, 6)
    root = writer.root()
    writer.close()
    follower.promote()
    assert (14, root) == (follower.size, follower.root())
    follower.still_writing()
    assert 14 == keep(follower, 1, 7)
    with pytest.raises(AssertionError, match="admit it first"):
        keep(follower, 1, 6)
    follower.close()


def test_a_reader_may_open_whatever_the_writer_does(directory: Path) -> None:
    """It sees a whole log, although entries come between its head and its last frame."""
    made(directory)
    writer = Log.open(directory, shared=shared_of(directory))
    driver = open_driver(directory, writable=False)
    head = driver.head()
    keep(writer, 1, 500, writer.last_known_at_ms)
    found = driver.frame_holding(head.frontier.size - 1)
    assert found is not None
    assert head.frontier.size == found.first_seq + found.count
    driver.close()
    writer.close()
