"""A standby knows what the writer knows, and goes on where it ended; in either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from arasha.engine import live_follow
from arasha.engine.again import compare
from arasha.engine.live import Job, Live
from arasha.engine.live_follow import Follower, open_following
from arasha.engine.live_start import Started, open_live, prepare
from arasha.errors import LogBusy, LogUnreachable, UsageError
from arasha.log.verify import verify
from arasha.policy.definition import Policy
from live_samples import NOW_MS, STRICTER, Deliveries, Hands, Running, payment, policy
from log_samples import created, shared_of


@contextmanager
def living(started: Started) -> Iterator[Running]:
    """A Live over what was started."""
    hands, deliveries = Hands(), Deliveries()
    live = Live(started, clock=hands, deliver=deliveries)
    live.start()
    try:
        yield Running(live, hands, deliveries)
    finally:
        live.stop()


def writing(directory: Path, of: Policy | None) -> Started:
    return open_live(directory, of, NOW_MS, shared=shared_of(directory))


def following(directory: Path) -> Started:
    return open_following(directory, shared=shared_of(directory))


def assert_same_windows(a: Started | Follower, b: Started | Follower) -> None:
    """Both hold the same facts."""
    one, other = a.state.save(), b.state.save()
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert np.array_equal(array, other[name]), name


def test_what_a_follower_holds_is_what_the_writer_holds(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each step, however few entries it takes in at once, and through a change of policy."""
    monkeypatch.setattr(live_follow, "ENTRIES_AT_ONCE", 7)
    first = writing(directory, policy(tmp_path))
    with living(first) as writer:
        writer.ask(*(payment(i) for i in range(20)))
        second = following(directory)
        follower = Follower(second)
        assert_same_windows(first, follower)
        writer.ask(*(payment(i) for i in range(20, 50)))
        assert not follower.step()
        assert_same_windows(first, follower)
        other = prepare(directory, policy(tmp_path, STRICTER, "other.toml"))
        writer.do(Job(lambda: writer.live.put_in_force(other)))
        writer.ask(*(payment(i) for i in range(50, 60)))
        assert not follower.step()
        assert other.judge.policy.hash == follower.judge.policy.hash
        assert [reign.policy.hash for reign in first.reigns] == [
            reign.policy.hash for reign in second.reigns
        ]
    assert follower.step()
    assert second.log.writable
    second.log.close()


def test_a_standby_takes_no_facts_until_it_has_the_place(directory: Path, tmp_path: Path) -> None:
    """It finds what is asked; then it goes on: the same answer to the same, new ones decided."""
    with living(writing(directory, policy(tmp_path))) as writer:
        told = writer.ask(*(payment(i) for i in range(10))).answers
        with living(following(directory)) as standby:
            assert standby.live.standby
            assert not standby.live.has_room()
            assert not standby.live.submit(standby.asking(payment(3)))
            found = standby.do(Job(lambda: standby.live.find("BANKKZKA", "p-3")))
            assert told[3].seq == found.seq
            assert standby.do(Job(standby.live.follow)) is False
            writer.answer(payment(10))
            writer.live.stop()
            assert standby.do(Job(standby.live.follow)) is True
            assert not standby.live.standby
            again = standby.ask(payment(3), payment(10), payment(11)).answers
            assert [told[3].seq, 21, 23] == [answer.seq for answer in again]
            assert ["repeated", "repeated", "kept"] == [answer.fate.value for answer in again]
    assert verify(directory).ok
    assert 0 == compare(directory).differing


def test_a_second_writer_is_refused_and_told_what_to_do(directory: Path, tmp_path: Path) -> None:
    """Who does not want to follow ends."""
    first = writing(directory, policy(tmp_path))
    with pytest.raises(LogBusy, match="another process is writing"):
        writing(directory, None)
    first.log.close()


def test_there_must_be_something_to_follow(directory: Path) -> None:
    """A log without a policy has not begun."""
    with created(directory), pytest.raises(UsageError, match="nothing to follow yet"):
        following(directory)


def test_a_database_that_is_away_is_waited_for(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever could not be read, nothing is taken in by half: the next step reads it again."""
    first = writing(directory, policy(tmp_path))
    with living(first) as writer:
        writer.ask(payment(0))
        second = following(directory)
        follower = Follower(second)
        writer.ask(*(payment(i) for i in range(1, 20)))
        read = second.log.read
        calls = 0

        def failing(*words: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls % 2 == 0:
                raise LogUnreachable("away")
            return read(*words, **options)  # type: ignore[arg-type]  # as they were given

        monkeypatch.setattr(second.log, "read", failing)
        for _ in range(6):
            assert not follower.step()
        monkeypatch.undo()
        assert not follower.step()
        assert_same_windows(first, follower)
        assert second.log.seq_of("BANKKZKA", "p-19") > 0
    second.log.close()
