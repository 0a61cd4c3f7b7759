"""A watch over a real log of an operator; and what is left of it when the calls are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from arasha.cases.acts import CENTRE
from arasha.cases.found_numbers import numbers_found
from arasha.cases.law_document import load_law
from arasha.cases.projection import Done, rebuilt
from arasha.cases.writer import Writer
from arasha.engine.decide import Centre, decide
from arasha.engine.live_start import open_live
from arasha.engine.retention import retire_due
from arasha.events.records import CallChanged, CallMade, Record, SimChanged, milliseconds
from arasha.events.schema import Kind, PartyKind
from arasha.gateways.watch import Watch, back
from arasha.log.export import export
from arasha.log.log import Log
from arasha.log.verify import verify
from arasha.policy.document import load
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

ROOT = Path(__file__).resolve().parents[1]
KEY = bytes(range(32))
JANUARY = datetime(2026, 1, 5, tzinfo=UTC)
BOX = [f"+7701555{turn:04}" for turn in range(4)]
HOLDER = "900101300123"
CALLED = [f"+7702777{turn:04}" for turn in range(24)]


def box_calls() -> Iterator[Record]:
    """Four cards in one device; every fifth call is taken."""
    for turn, number in enumerate(BOX):
        yield SimChanged(
            id=f"s{turn}", happened_at=JANUARY, number=number, change="activated", device="box",
            dealer="kiosk", block="+7701555", holder=HOLDER,
        )  # fmt: skip
    for turn, callee in enumerate(CALLED):
        at = JANUARY + timedelta(minutes=turn)
        parties: dict[str, Any] = {"caller_number": BOX[turn % 4], "callee_number": callee}
        yield CallMade(id=f"c{turn}", happened_at=at, device="box", **parties)
        yield CallChanged(id=f"e{turn}", happened_at=at, call=f"c{turn}",
                          change="missed" if turn % 5 else "answered", **parties)  # fmt: skip


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The box on 5 January, found and made a case on that day; a call a day until 10 March."""
    made = tmp_path / "operator"
    started = open_live(made, load(ROOT / "policies" / "calls.toml"), milliseconds(JANUARY))
    centre, tokens = Centre(started.log, started.judge, started.state), Tokens(KEY)

    def keep(fact: Record) -> None:
        facts = facts_from_records([fact], "SWITCH", tokens)
        decide(centre, facts, now_ms=milliseconds(fact.happened_at))

    for fact in box_calls():
        keep(fact)
    watch = Watch.of(per_holder=10)
    watch.catch_up(started.log)
    writer = Writer.open(started.log)
    writer.begin(load_law(ROOT / "law" / "kz.toml"), started.log.last_known_at_ms)
    for act in numbers_found(watch, watch.at):
        assert isinstance(writer.do(CENTRE, act, started.log.last_known_at_ms), Done)
    for day in range(1, 65):
        at = JANUARY + timedelta(days=day)
        keep(CallMade(id=f"d{day}", happened_at=at, caller_number=f"+7703{day:07}",
                      callee_number="+77022222222"))  # fmt: skip
    started.log.close()
    return made


def found(directory: Path, days: int = 31) -> list[str]:
    """What a new watch finds in the log now."""
    with Log.open(directory, writable=False) as log:
        watch = Watch.of(per_holder=10)
        watch.at = back(log, days)
        watch.catch_up(log)
        return [group.pattern for group in watch.found()]


def everything(directory: Path, out: Path) -> bytes:
    """Every byte of every file but the keys, and what an export says."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.parent.name != "keys"]
    told = "".join(str(pq.read_table(path).to_pydict()) for path in export(directory, out))
    return b"".join(path.read_bytes() for path in sorted(files)) + told.encode()


def test_a_watch_that_is_late_reads_back_and_finds_the_same(directory: Path) -> None:
    """A log is followed entry by entry, or all at once; a day that is not read back is not seen."""
    with Log.open(directory, writable=False) as log:
        case = next(iter(rebuilt(log).state.cases.values()))
        stop = log.places(int(Kind.CASE))[0]
        late, following = Watch.of(per_holder=10), Watch.of(per_holder=10)
        late.catch_up(log)
        for _ in range(2):
            following.catch_up(log)
        assert late.known_ms == following.known_ms
        assert 0 < stop < log.size
    assert case.seen is not None
    assert ("sim_box", 4, 6) == (case.seen.pattern, len(case.subjects), case.seen.signs[0].calls)
    assert [] == found(directory)


def test_when_its_calls_are_gone_only_the_case_is_left(directory: Path, tmp_path: Path) -> None:
    """After the widest window January's key is destroyed: no callee, device, dealer or holder of it
    is in any file or export, a watch finds nothing; the case is as it was, under the key of acts.
    """
    tokens = Tokens(KEY)
    with Log.open(directory, writable=False) as log:
        before = rebuilt(log).state.cases
    gone = retire_due(directory, Kind.CALL, by="tests", reason="no window reaches into it")
    assert ["2026-01"] == [period.month for period in gone.months]
    left = everything(directory, tmp_path / "out")
    hidden = [tokens.of(PartyKind.NUMBER, number) for number in CALLED]
    hidden += [
        tokens.of(PartyKind.DEVICE, "box"), tokens.of(PartyKind.DEALER, "kiosk"),
        tokens.of(PartyKind.HOLDER, HOLDER), tokens.of(PartyKind.BLOCK, "+7701555"),
    ]  # fmt: skip
    assert [] == [one for one in hidden if one in left or one.hex().encode() in left]
    assert [] == found(directory)
    with Log.open(directory, writable=False) as log:
        assert before == rebuilt(log).state.cases
    assert verify(directory).ok
