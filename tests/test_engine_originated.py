"""What an operator knows of its own calls: those of the last moments, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arasha.engine.decide import Centre, decide
from arasha.engine.live_start import open_live
from arasha.engine.originated import RECENT_MS, Originated
from arasha.events.records import CallChanged, CallMade, Record, milliseconds
from arasha.events.schema import PartyKind
from arasha.policy.document import load
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
A, B, C = "+77010000001", "+77020000002", "+77030000003"


class Telco:
    """An operator's log, told what happens second by second."""

    def __init__(self, directory: Path) -> None:
        started = open_live(directory, load(POLICY), milliseconds(START))
        self.log, self.tokens = started.log, Tokens(bytes(32))
        self._centre = Centre(started.log, started.judge, started.state)
        self.calls = Originated(self.log, 0)
        self._facts = 0

    def happens(self, second: float, record: type[Record], **values: Any) -> str:
        """A fact at that second; its id."""
        self._facts += 1
        at = START + timedelta(seconds=second)
        made = record(id=f"f-{self._facts}", happened_at=at, **values)
        decide(self._centre, facts_from_records([made], "SWITCH", self.tokens),
               now_ms=milliseconds(at))  # fmt: skip
        return made.id

    def call(self, second: float, caller: str = A, callee: str = B, **more: Any) -> str:
        """A call; its id."""
        return self.happens(second, CallMade, caller_number=caller, callee_number=callee, **more)

    def changes(self, second: float, call: str, change: str) -> None:
        """What becomes of a call from A to B."""
        self.happens(second, CallChanged, call=call, change=change, caller_number=A,
                     callee_number=B)  # fmt: skip

    def made(self, second: float, caller: str = A, callee: str = B) -> bool:
        """Whether that call was made just now, as of that second."""
        self.calls.catch_up()
        pair = b"".join(self.tokens.of(PartyKind.NUMBER, one) for one in (caller, callee))
        return self.calls.made(pair, milliseconds(START + timedelta(seconds=second)))


@pytest.fixture
def telco(tmp_path: Path) -> Iterator[Telco]:
    """An operator at nine o'clock on a Monday."""
    made = Telco(tmp_path / "telco")
    yield made
    made.log.close()


def test_a_call_is_known_for_a_moment_and_one_way_only(telco: Telco) -> None:
    """Neither the way back, nor another number, nor half a minute later."""
    assert not telco.made(0)
    telco.call(0)
    assert telco.made(0)
    assert telco.made(RECENT_MS / 1_000)
    assert not telco.made(RECENT_MS / 1_000 + 0.001)
    assert not telco.made(1, B, A)
    assert not telco.made(1, A, C)


def test_a_call_that_came_from_abroad_is_not_ours(telco: Telco) -> None:
    """It may be the very call that is asked about: it must not vouch for itself, or for the next.

    Of one whose route is not told, and of a subscriber's abroad that was put to us, it is known.
    """
    telco.call(0, route="foreign")
    assert not telco.made(1)
    for callee, route in ((C, "roaming"), ("+77040000004", "domestic"), ("+77050000005", None)):
        telco.call(2, A, callee, route=route)
        assert telco.made(3, A, callee)


@pytest.mark.parametrize("end", ["missed", "ended"])
def test_a_call_that_is_over_is_none_that_rings(telco: Telco, end: str) -> None:
    """While it is talked it is known; another call between the two is not taken away with it."""
    first = telco.call(0)
    telco.changes(1, first, "answered")
    assert telco.made(2)
    telco.changes(3, first, end)
    assert not telco.made(3)
    second = telco.call(4)
    telco.changes(5, first, end)
    assert telco.made(5)
    telco.changes(6, second, end)
    assert not telco.made(6)


def test_what_is_over_is_let_go_of(telco: Telco) -> None:
    """A thousand calls over an hour leave those of two spells; each was known while it was new."""
    for turn in range(200):
        telco.call(turn * 5, A, f"+7702{turn:07}")
        assert telco.made(turn * 5 + 1, A, f"+7702{turn:07}")
    held = len(telco.calls._made) + len(telco.calls._before)
    assert held <= 2 * (RECENT_MS / 5_000 + 2)


def test_who_has_just_begun_to_look_does_not_know(telco: Telco) -> None:
    """From a start, or from where calls may have been lost, it takes a spell to see all."""
    spell_ns = RECENT_MS * 1_000_000
    assert not telco.calls.sees_all(spell_ns - 1)
    assert telco.calls.sees_all(spell_ns)
    telco.calls.began_anew(spell_ns)
    assert not telco.calls.sees_all(2 * spell_ns - 1)


def test_calls_of_before_the_start_are_not_known(telco: Telco) -> None:
    """It begins with what comes then, and says so of itself (sees_all)."""
    telco.call(0)
    telco.calls = Originated(telco.log, 0)
    assert not telco.made(1)
    telco.call(2, A, C)
    assert telco.made(3, A, C)
