"""An operator's answers about a number: classes, as of now, from its log alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arasha.engine.askings import MAX_ASKED_24H
from arasha.engine.call_risk import (
    ASKED,
    NOT_KNOWN,
    RINGING_MAX_MS,
    TALK_MAX_MS,
    CallRisk,
)
from arasha.engine.decide import Centre, decide
from arasha.engine.live_start import open_live
from arasha.events.records import (
    CallChanged,
    CallMade,
    Record,
    SignalAnswered,
    SimChanged,
    milliseconds,
)
from arasha.events.schema import SIGNAL_CLASSES, PartyKind
from arasha.policy.document import load
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAYER, BANK, MOTHER = "+77010000001", "+77020000002", "+77030000003"


class Telco:
    """An operator's log, told what happens minute by minute."""

    def __init__(self, directory: Path) -> None:
        started = open_live(directory, load(POLICY), milliseconds(START))
        self.log, self.tokens = started.log, Tokens(bytes(32))
        self.centre = Centre(started.log, started.judge, started.state)
        self.risk = CallRisk(self.log)
        self.facts = 0

    def happens(self, minute: float, record: type[Record], **values: Any) -> str:
        """A fact at that minute; its id."""
        self.facts += 1
        at = START + timedelta(minutes=minute)
        made = record(id=f"f-{self.facts}", happened_at=at, **values)
        facts = facts_from_records([made], "SWITCH", self.tokens)
        decide(self.centre, facts, now_ms=milliseconds(at))
        return made.id

    def call(
        self, minute: float, caller: str, callee: str, *, answered: float | None = None,
        ended: float | None = None,
    ) -> str:  # fmt: skip
        """A call, and what becomes of it."""
        parties: dict[str, Any] = {"caller_number": caller, "callee_number": callee}
        name = self.happens(minute, CallMade, **parties)
        for change, at in (("answered", answered), ("ended", ended)):
            if at is not None:
                self.happens(at, CallChanged, call=name, change=change, **parties)
        return name

    def told(self, minute: float, number: str = PAYER, risk: CallRisk | None = None) -> list[str]:
        """The classes of a number at that minute."""
        token = self.tokens.of(PartyKind.NUMBER, number)
        now_ms = milliseconds(START + timedelta(minutes=minute))
        return [SIGNAL_CLASSES[one] for one in (risk or self.risk).tell(token, now_ms).classes]


@pytest.fixture
def telco(tmp_path: Path) -> Iterator[Telco]:
    """An operator at nine o'clock on a Monday."""
    made = Telco(tmp_path / "telco")
    yield made
    made.log.close()


NOTHING = ["none"] * len(ASKED)
UNKNOWN = [NOT_KNOWN] * len(ASKED)


@pytest.mark.parametrize(
    ("minutes", "on_call"),
    [(0, "under_10"), (9.9, "under_10"), (10, "10_30"), (30, "10_30"), (30.1, "over_30")],
)
def test_a_talk_with_a_stranger_is_told_by_its_length(
    telco: Telco, minutes: float, on_call: str
) -> None:
    """Both sides are on the call; a third number is not."""
    telco.call(0, BANK, PAYER, answered=1)
    for number in (PAYER, BANK):
        assert [f"on_call_{on_call}_min_unfamiliar", "none", "none"] == telco.told(
            1 + minutes, number
        )
    assert UNKNOWN == telco.told(1 + minutes, MOTHER)


def test_a_number_that_nobody_knows_is_not_called_safe(telco: Telco) -> None:
    """It may be another operator's. A call either way or a SIM makes it known, for 28 days."""
    assert UNKNOWN == telco.told(0)
    telco.call(1, MOTHER, PAYER)
    telco.happens(2, SimChanged, number=BANK, change="activated")
    for minute, told in ((3, NOTHING), (28 * 24 * 60 + 3, UNKNOWN)):
        for number in (MOTHER, PAYER, BANK):
            assert told == telco.told(minute, number)


def test_who_has_called_before_is_familiar(telco: Telco) -> None:
    """Either way, within 28 days, answered or not; the call itself does not count."""
    telco.call(0, PAYER, MOTHER)
    telco.call(60, MOTHER, PAYER, answered=61)
    assert "on_call_under_10_min_familiar" == telco.told(62)[0]
    days = 28 * 24 * 60
    telco.call(days + 120, BANK, PAYER)
    telco.call(2 * days + 121, BANK, PAYER, answered=2 * days + 122)
    assert "on_call_under_10_min_unfamiliar" == telco.told(2 * days + 123)[0]


def test_a_call_that_rings_or_has_ended_is_no_talk(telco: Telco) -> None:
    """Nor is one that nobody took."""
    telco.call(0, BANK, PAYER)
    assert NOTHING == telco.told(0.5)
    telco.call(1, BANK, PAYER, answered=2, ended=9)
    assert NOTHING == telco.told(10)
    name = telco.call(11, BANK, PAYER)
    telco.happens(12, CallChanged, call=name, change="missed", caller_number=BANK,
                  callee_number=PAYER)  # fmt: skip
    assert NOTHING == telco.told(13)


def test_two_calls_at_once_end_each_for_itself(telco: Telco) -> None:
    """The later one is told of; the end of the earlier one ends only that."""
    first = telco.call(0, MOTHER, PAYER, answered=1)
    telco.call(12, BANK, PAYER, answered=13)
    assert "on_call_under_10_min_unfamiliar" == telco.told(14)[0]
    telco.happens(15, CallChanged, call=first, change="ended", caller_number=MOTHER,
                  callee_number=PAYER)  # fmt: skip
    assert "on_call_under_10_min_unfamiliar" == telco.told(16)[0]
    assert NOTHING == telco.told(16, MOTHER)


def test_a_talk_goes_on_when_a_later_one_has_ended(telco: Telco) -> None:
    """Who puts a caller on hold to answer another is still on the first call."""
    telco.call(0, BANK, PAYER, answered=1)
    telco.call(12, MOTHER, PAYER, answered=13, ended=14)
    assert "on_call_10_30_min_unfamiliar" == telco.told(15)[0]


def test_what_is_not_known_does_not_accuse(telco: Telco) -> None:
    """A talk whose call was never seen is one with a familiar number; a lost end is an end."""
    telco.happens(0, CallChanged, call="never-seen", change="answered", caller_number=BANK,
                  callee_number=PAYER)  # fmt: skip
    assert "on_call_under_10_min_familiar" == telco.told(1)[0]
    assert 1 == telco.risk.talks
    assert UNKNOWN == telco.told(TALK_MAX_MS / 60_000 + 0.1)
    assert 0 == telco.risk.talks
    rang = telco.call(300, BANK, PAYER)
    late = 300 + RINGING_MAX_MS / 60_000 + 1
    telco.told(late)
    telco.happens(late, CallChanged, call=rang, change="answered", caller_number=BANK,
                  callee_number=PAYER)  # fmt: skip
    assert "on_call_under_10_min_familiar" == telco.told(late + 1)[0]


def test_several_first_time_callers_are_told(telco: Telco) -> None:
    """Three within the hour who never called before; those who did do not count."""
    telco.call(0, MOTHER, PAYER)
    for turn in range(3):
        telco.call(61 + turn, MOTHER, PAYER)
        assert "none" == telco.told(61.5 + turn)[2]
        telco.call(62 + turn, f"+7709000000{turn}", PAYER)
    assert "several_first_time_callers" == telco.told(70)[2]
    assert "none" == telco.told(130)[2]


@pytest.mark.parametrize(
    ("change", "hours", "told"),
    [
        ("swapped", 1, "changed_within_day"),
        ("ported_in", 24, "changed_within_day"),
        ("swapped", 25, "changed_within_week"),
        ("swapped", 24 * 7 + 1, "none"),
        ("activated", 1, "none"),
    ],
)
def test_a_changed_sim_is_told_by_its_age(
    telco: Telco, change: str, hours: float, told: str
) -> None:
    """Within a day, within a week, or not at all."""
    telco.happens(0, SimChanged, number=PAYER, change=change)
    assert told == telco.told(60 * hours)[1]


def test_askings_are_counted_for_a_day(telco: Telco) -> None:
    """By payments; they come from the log, as entries of their own."""
    for turn in range(MAX_ASKED_24H):
        for signal in ASKED:
            telco.happens(turn, SignalAnswered, number=PAYER, signal=signal, answer="none",
                          payment=f"p-{turn}")  # fmt: skip
    token = telco.tokens.of(PartyKind.NUMBER, PAYER)
    at = milliseconds(START)
    assert MAX_ASKED_24H == telco.risk.tell(token, at + 60 * 60_000).asked_24h
    assert 0 == telco.risk.tell(token, at + 25 * 3_600_000).asked_24h


def test_it_is_the_same_whenever_it_caught_up(telco: Telco) -> None:
    """One that reads the whole log at once tells what one tells that read it as it grew."""
    for turn in range(12):
        caller = f"+7704000000{turn % 5}"
        telco.call(turn, caller, PAYER, answered=turn + 0.3, ended=turn + 0.6 if turn % 3 else None)
        telco.risk.catch_up()
    for minute in (12, 13, 25):
        assert telco.told(minute) == telco.told(minute, risk=CallRisk(telco.log))


def test_many_are_told_what_each_alone_is(telco: Telco) -> None:
    """In one go, in the order in which they were asked about."""
    telco.call(0, BANK, PAYER, answered=1)
    telco.call(1, MOTHER, BANK, answered=2, ended=3)
    numbers = [telco.tokens.of(PartyKind.NUMBER, one) for one in (PAYER, MOTHER, "+77099999999")]
    now_ms = milliseconds(START + timedelta(minutes=20))
    together = telco.risk.tell_all(numbers, now_ms)
    assert [telco.risk.tell(number, now_ms) for number in numbers] == together
    assert 3 == len({one.classes for one in together})
    assert [] == telco.risk.tell_all([], now_ms)
