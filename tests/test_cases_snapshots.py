"""A start by way of a snapshot knows what a replay of every act knows; a bad one does no harm."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from arasha.cases import snapshots as of_cases
from arasha.cases.acts import CENTRE, RecallSent
from arasha.cases.calendar import DAY_MS
from arasha.cases.projection import ActPlace, Done, Labelled, Projection, rebuilt
from arasha.cases.snapshots import current, made_by, remembered, take
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.log import snapshots
from arasha.log.log import Log
from cases_driver import Driver
from live_samples import WITH_FALLBACK
from policy_samples import written
from test_app_http_office import taken_in, writing

SEEDS = 40


def test_every_record_comes_back_as_it_was() -> None:
    """All tables and ways of a state, whatever acts have made it, and which acts changed what."""
    for seed in range(50_000, 50_000 + SEEDS):
        projection = Driver(seed).run(60).projection
        for value, kind in (
            (projection.state, State),
            (projection.acts_of, dict[str, list[ActPlace]]),
            (list(projection.settled), list[Labelled]),
        ):
            packed = msgspec.msgpack.encode(value)
            assert value == msgspec.msgpack.decode(packed, type=kind), seed


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A log with a law, a payment, its report, a hold and a recall."""
    policy = written(tmp_path, WITH_FALLBACK)
    with writing(tmp_path / "centre", policy) as log:
        taken_in(log, policy, with_holds=True)
    return tmp_path / "centre"


def act_more(directory: Path) -> None:
    """One more act than a snapshot has."""
    with Log.open(directory) as log:
        writer = Writer.open(log)
        (recall,) = writer.state.recalls
        assert isinstance(writer.do(CENTRE, RecallSent(recall), writer.state.at_ms), Done)


def read(directory: Path, at_most: int | None = None) -> tuple[Projection, Projection, Projection]:
    """What is remembered, what is current by way of it, and what a replay gives."""
    with Log.open(directory, writable=False) as log:
        return remembered(log, at_most), current(log), rebuilt(log)


def test_it_goes_on_from_a_snapshot(directory: Path) -> None:
    """To the record the same; acts that came since are replayed."""
    at = take(directory)
    known, by_way, whole = read(directory)
    assert known == by_way == whole
    assert at == known.at
    act_more(directory)
    later, by_way, whole = read(directory)
    assert known == later
    assert by_way == whole != later
    assert Projection() == read(directory, at - 1)[0], "one that is too new is of no use"


def test_only_the_last_ones_are_kept(directory: Path) -> None:
    """And none where nothing has changed."""
    first = take(directory)
    assert (0, 1) == (take(directory), len(snapshots.listed(directory)))
    act_more(directory)
    second = take(directory)
    with Log.open(directory) as log:
        now_ms = log.last_known_at_ms + 30 * DAY_MS
        assert Writer.open(log).let_ends_come(now_ms)
    third = take(directory)
    assert first < second < third
    assert [second, third] == [seq for seq, _ in snapshots.listed(directory)]


def test_one_that_cannot_be_used_is_passed_over(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged, or taken by other code: the acts are replayed."""
    take(directory)
    with monkeypatch.context() as patched:
        patched.setattr(of_cases, "made_by", lambda: "0" * 64)
        known, by_way, whole = read(directory)
        assert (Projection(), whole) == (known, by_way)
    ((_, path),) = snapshots.listed(directory)
    data = path.read_bytes()
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[: len(data) // 2], b""):
        path.write_bytes(damaged)
        known, by_way, whole = read(directory)
        assert (Projection(), whole) == (known, by_way)


def test_nothing_of_it_is_in_the_clear(directory: Path) -> None:
    """Tokens of parties are closed, as in the log."""
    take(directory)
    ((_, path),) = snapshots.listed(directory)
    with Log.open(directory, writable=False) as log:
        (hold,) = rebuilt(log).state.holds.values()
    assert hold.account.encode() not in path.read_bytes()
    assert hold.reference.encode() not in path.read_bytes()


def test_other_code_is_told_apart() -> None:
    """The hash is of the text of this room."""
    assert made_by() == made_by()
    assert 64 == len(made_by())
