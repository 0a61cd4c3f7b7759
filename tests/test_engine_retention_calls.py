"""Call facts live as long as the widest window that uses them, and are then gone everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from arasha.country.loop import SLICE_MS, Life
from arasha.country.parameters import load as load_country
from arasha.country.script import DAY_MS
from arasha.country.society import Society
from arasha.country.traffic import Network
from arasha.engine.again import compare
from arasha.engine.call_risk import CallRisk
from arasha.engine.decide import Centre, decide
from arasha.engine.live_start import open_live, take_snapshot
from arasha.engine.retention import retire_due
from arasha.events.records import CallChanged, CallMade, Record, milliseconds
from arasha.events.schema import Kind, PartyKind
from arasha.log.export import export
from arasha.log.log import Log
from arasha.log.retire import periods
from arasha.log.verify import verify
from arasha.policy.document import load
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
KEY = bytes(range(32))
JANUARY = datetime(2026, 1, 5, tzinfo=UTC)
CANARY = "+77011111111"
WIDEST = timedelta(days=30)


def calls_of(day: datetime, caller: str, name: str) -> list[Record]:
    """A call that nobody took, and one that was answered and has ended."""
    callee = "+77022222222"
    parties: dict[str, Any] = {"caller_number": caller, "callee_number": callee}
    made: list[Record] = [CallMade(id=f"{name}-1", happened_at=day, **parties)]
    for number, (change, minutes) in enumerate((("answered", 1), ("ended", 9)), 2):
        made.append(
            CallChanged(
                id=f"{name}-{number}", happened_at=day + timedelta(minutes=minutes),
                call=f"{name}-1", change=change, **parties,  # type: ignore[arg-type]  # a literal
            )
        )  # fmt: skip
    return made


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An operator's log: the canary calls in January, others every day until 10 March."""
    made = tmp_path / "operator"
    started = open_live(made, load(POLICY), milliseconds(JANUARY))
    centre, tokens = Centre(started.log, started.judge, started.state), Tokens(KEY)
    for day in range(65):
        at = JANUARY + timedelta(days=day)
        caller = CANARY if day < 20 else f"+7703{day:07}"
        for fact in calls_of(at, caller, f"d{day}"):
            facts = facts_from_records([fact], "SWITCH", tokens)
            decide(centre, facts, now_ms=milliseconds(fact.happened_at))
    started.log.close()
    take_snapshot(made)
    return made


def everything(directory: Path) -> bytes:
    """Every byte of every file, but for the keys."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return b"".join(path.read_bytes() for path in files if path.parent.name != "keys")


def exported(directory: Path, out: Path) -> str:
    """What an export of the log says."""
    return "".join(str(pq.read_table(path).to_pydict()) for path in export(directory, out))


def test_calls_are_gone_when_no_window_reaches_them(directory: Path, tmp_path: Path) -> None:
    """January's bodies go at the start after 2 March, 30 days past its end, and with them all that
    was made of them; February and what was decided stay, and the log is judged as before.
    """
    token = Tokens(KEY).of(PartyKind.NUMBER, CANARY)
    before = {(p.retention.word, p.month): p.has_key for p in periods(directory)}
    assert before["facts", "2026-01"]
    gone = retire_due(directory, Kind.CALL, by="tests", reason="no window reaches into it")
    assert ["2026-01"] == [period.month for period in gone.months]
    after = {(p.retention.word, p.month): p.has_key for p in periods(directory)}
    assert {
        ("facts", "2026-01"): False, ("facts", "2026-02"): True, ("facts", "2026-03"): True,
        ("acts", "2026-01"): True, ("acts", "2026-02"): True, ("acts", "2026-03"): True,
    } == after  # fmt: skip
    assert verify(directory).ok
    assert 0 == compare(directory).differing
    assert token not in everything(directory)
    told = exported(directory, tmp_path / "out")
    assert token.hex() not in told
    assert Tokens(KEY).of(PartyKind.NUMBER, "+77030000064").hex() in told
    assert [] == retire_due(directory, Kind.CALL, by="tests", reason="again").months


def test_a_call_is_gone_at_most_a_month_after_its_window(directory: Path) -> None:
    """The bound: the widest window, and what is left of the month it was made in."""
    with Log.open(directory, writable=False) as log:
        last = log.last_known_at_ms
    assert last < milliseconds(datetime(2026, 3, 1, tzinfo=UTC) + WIDEST + timedelta(days=1))
    assert last > milliseconds(datetime(2026, 2, 1, tzinfo=UTC) + WIDEST)
    gone = retire_due(directory, Kind.CALL, by="tests", reason="due")
    assert 1 == len(gone.months)


def test_what_judges_payments_is_not_touched(directory: Path) -> None:
    """An operator's service that is started in a centre's directory destroys nothing there."""
    assert [] == retire_due(directory, Kind.PAYMENT, by="tests", reason="due").months
    assert all(period.has_key for period in periods(directory))


def test_a_state_lets_go_of_what_is_older_than_its_windows(directory: Path) -> None:
    """What the service holds in memory: calls of 28 days, and of a day what became of them."""
    started = open_live(directory, None, 0)
    started.state.settle(started.log.last_known_at_ms)
    held = started.state.events_held
    started.log.close()
    assert 28 + 2 <= held <= 29 + 4


@pytest.mark.slow
def test_what_is_held_does_not_grow_with_the_days(tmp_path: Path) -> None:
    """Four months of a small country's calls, started anew each week as a service is: the windows
    and what banks are answered from hold as much in the last week as in the fifth, and three months
    are gone.
    """
    world, days = load_country("standard"), 120
    society = Society.make(1, 100, world)
    network, slices = Network(society), Life(society, world, 1).slices(days)
    log = open_live(tmp_path, load(POLICY), society.start_ms).log
    held: list[tuple[int, int]] = []
    gone: list[str] = []
    for _ in range(0, days, 7):
        log.close()
        gone += [one.month for one in
                 retire_due(tmp_path, Kind.CALL, by="tests", reason="due").months]  # fmt: skip
        started = open_live(tmp_path, None, 0)
        log, centre = started.log, Centre(started.log, started.judge, started.state)
        for day in islice(slices, 7 * DAY_MS // SLICE_MS):
            ours = np.isin(day.rows.kind, (Kind.CALL, Kind.SIM_CHANGE))
            if ours.any():
                decide(centre, network.pass_on(day.rows.take(ours))[0].facts)
        started.state.settle(log.last_known_at_ms)
        risk = CallRisk(log)
        risk.catch_up()
        held.append((started.state.events_held, risk.events_held))
    log.close()
    policy_held, risk_held = zip(*held[4:-1], strict=True)
    assert max(policy_held) < 1.25 * min(policy_held)
    assert max(risk_held) < 1.25 * min(risk_held)
    assert ["2026-01", "2026-02", "2026-03"] == gone
