"""What a log has grown by is the same whether it is handed over or read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from arasha.engine import growth
from arasha.engine.decide import Centre, decide
from arasha.engine.growth import Growth
from arasha.engine.live_start import open_live
from arasha.events.body import pack_facts
from arasha.events.records import CallChanged, CallMade, Record, milliseconds
from arasha.events.reference import digests_of
from arasha.log.log import Log
from arasha.policy.document import load
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
Seen = list[tuple[int, int, bytes, bytes]]


class Telco:
    """An operator's log, one who follows it by what is handed over, and one who reads it."""

    def __init__(self, directory: Path) -> None:
        started = open_live(directory, load(POLICY), milliseconds(START))
        self.log: Log = started.log
        self._centre = Centre(started.log, started.judge, started.state)
        self._tokens, self._calls = Tokens(bytes(32)), 0
        self.handed, self.reading = (Growth(self.log, self.log.size) for _ in range(2))

    def commits(self, calls: int, *, hand: bool = True, again: bool = False) -> None:
        """So many calls and how they ended, in one commit; or the ones before once more."""
        self._calls += 0 if again else calls
        records: list[Record] = []
        for turn in range(self._calls - calls, self._calls):
            caller, callee, name = f"+7701{turn:07}", "+77020000002", f"c-{turn}"
            at = START + timedelta(seconds=turn)
            records += (
                CallMade(id=name, happened_at=at, caller_number=caller, callee_number=callee),
                CallChanged(id=f"{name}.e", happened_at=at, call=name, change="missed",
                            caller_number=caller, callee_number=callee),
            )  # fmt: skip
        facts = facts_from_records(records, "SWITCH", self._tokens)
        decided = decide(self._centre, facts, now_ms=milliseconds(at))
        if hand:
            self.handed.hand(decided)

    def grown(self) -> tuple[Seen, Seen]:
        """What both have seen since the last time, fact by fact."""
        return seen(self.handed), seen(self.reading)


def seen(by: Growth) -> Seen:
    """Kind, time, name and all that each fact says."""
    return [
        (int(kind), int(at_ms), name.tobytes(), bodies[row])
        for facts, known_at, names in by.new()
        for bodies in [pack_facts(facts)]
        for row, (kind, at_ms, name) in enumerate(zip(facts.kinds, known_at, names, strict=True))
    ]


@pytest.fixture
def telco(tmp_path: Path) -> Iterator[Telco]:
    """An operator that begins."""
    made = Telco(tmp_path / "telco")
    yield made
    made.log.close()


def test_what_is_handed_over_is_what_the_log_says(telco: Telco) -> None:
    """To the bit, in order, once; calls that came before are no growth."""
    telco.commits(3)
    telco.commits(2)
    telco.commits(2, again=True)
    handed, read = telco.grown()
    assert 10 == len(handed)
    assert read == handed
    assert ([], []) == telco.grown()


def test_what_nobody_hands_over_is_read(telco: Telco) -> None:
    """Before, between and behind what is."""
    for hand in (False, True, False, True, True, False):
        telco.commits(2, hand=hand)
    handed, read = telco.grown()
    assert 24 == len(handed)
    assert read == handed


def test_more_than_is_held_is_read(telco: Telco, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who does not ask fills the memory."""
    monkeypatch.setattr(growth, "HELD_FACTS", 10)
    for _ in range(7):
        telco.commits(2)
        assert telco.handed._facts <= 10
    handed, read = telco.grown()
    assert 28 == len(handed)
    assert read == handed


def test_names_are_those_of_the_facts(telco: Telco) -> None:
    """As references to calls have them."""
    telco.commits(2)
    [(facts, _, names)] = telco.handed.new()
    assert np.array_equal(digests_of(facts), names)
