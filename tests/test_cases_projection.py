"""Whatever is tried, in whatever order: the laws hold, and the log alone makes the same state."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from arasha.cases import appeals, holds, numbers, pots, requests, roles
from arasha.cases.acts import CENTRE, Entry, HoldEnded, PartyViewed, pack
from arasha.cases.projection import VIEWS_KEPT, Projection, rebuilt
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS
from arasha.cases.writer import Writer
from arasha.errors import LogError
from arasha.log.log import Log
from cases_driver import Driver
from cases_samples import ANALYST, MULE, NOW_MS, OFFICER, Room, room

STEPS = 60
REBUILT = 5  # every so many sequences
RARE = {
    Refusal.NO_LAW_IN_FORCE, Refusal.TIME_RUNS_BACK, Refusal.OTHER_CURRENCY, Refusal.FULL,
    Refusal.NO_LAW_ON_NUMBERS,
}  # fmt: skip
"""What no sequence comes to; tests/test_cases_refusals.py has each."""


def drive(seeds: Iterable[int]) -> tuple[Counter[str], Counter[Refusal]]:
    """Run the sequences; how often each act was taken, and each refusal given."""
    taken: Counter[str] = Counter()
    refused: Counter[Refusal] = Counter()
    for seed in seeds:
        here = Driver(seed, taken=taken, refused=refused).run(STEPS)
        if seed % REBUILT == 0:
            assert again(here).state == here.state
    return taken, refused


def again(here: Room) -> Projection:
    """The state once more, from the bodies of the entries."""
    projection = Projection()
    for seq, entry in enumerate(here.entries):
        projection.take(seq, pack(entry))
    return projection


def test_no_order_of_acts_breaks_the_law() -> None:
    """Two thousand sequences; every act succeeds somewhere, every refusal is given somewhere."""
    taken, refused = drive(range(2_000))
    assert set() == RIGHTS.keys() - taken.keys()
    assert RARE == set(Refusal) - refused.keys()


@pytest.mark.slow
def test_a_hundred_thousand_orders_break_no_law() -> None:
    """The same, as many as the issue asks for."""
    drive(range(10_000, 110_000))


Fault = tuple[object, str, Callable[[Any], Any]]


FAULTS: dict[str, Fault] = {
    "an end past the law": (holds, "min", lambda _: max),
    "a share that is not the law's": (
        pots, "allocate", lambda was: lambda _rule, pot, lost: was("pro_rata", pot, lost[:1])
        + was("pro_rata", max(0, pot - lost[0]) if lost else 0, lost[1:]),
    ),
    "a claim that is forgotten when another ends": (
        pots.Pots, "_pass_on", lambda _: lambda _self, _hold, _at_ms: None,
    ),
    "what is held elsewhere forgotten": (
        pots.Pots, "lacks",
        lambda _: lambda _self, hold, _at_ms: hold.amount_minor - (hold.held_minor or 0),
    ),
    "one claim after another that holds the same money for ever": (
        pots.Pots, "_give",
        lambda was: lambda self, hold, money: was(
            self, hold, dataclasses.replace(money, last_ms=money.last_ms + 400 * 86_400_000)
        ),
    ),
    "a claim to nothing that stands": (
        pots.Pots, "close_empty", lambda _: lambda _self, _hold, _at_ms: None,
    ),
    "a hold that outlives its ground": (holds, "freed", lambda _: lambda hold, *_: hold),
    "an appeal upheld without effect": (appeals, "_undone", lambda _: lambda *_: ()),
    "a number suspended though it was no fraud": (numbers, "cleared", lambda _: lambda *_: ()),
    "one person for two": (requests, "needed", lambda _: lambda *_: ()),
    "an administrator with a second role": (
        roles, "ALONE", lambda _: frozenset({"authority", "auditor"}),
    ),
    "a reviewer who had a hand in it": (
        appeals, "_hands", lambda _: lambda *_: frozenset(),
    ),
    "money held twice": (
        holds, "_refused",
        lambda was: lambda state, asked, act, report: (
            None if was(state, asked, act, report) is Refusal.HELD_BEFORE
            else was(state, asked, act, report)
        ),
    ),
    "more than is disputed": (
        holds, "_refused",
        lambda was: lambda state, asked, act, report: (
            None if was(state, asked, act, report) is Refusal.MORE_THAN_DISPUTED
            else was(state, asked, act, report)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The laws are no ornament: each fault in the domain breaks one within some sequences."""
    module, attribute, fault = FAULTS[name]
    was = getattr(module, attribute, None)  # a builtin is shadowed
    monkeypatch.setattr(module, attribute, fault(was), raising=False)
    with pytest.raises(AssertionError):
        drive(seed for seed in range(1, 12_000) if seed % REBUILT)


def test_the_log_alone_makes_the_state(tmp_path: Path) -> None:
    """Kept in a real log, between facts or not, and read again from the first entry or later."""
    here = Driver(7).run(60)
    with Log.create(tmp_path / "log", created_at_ms=0) as log:
        writer = Writer.open(log)
        for entry in here.entries:
            writer.do(entry.by, entry.act, entry.at_ms)
        assert here.state == writer.state == rebuilt(log).state
        half = Projection()
        half.catch_up(log, log.size // 2)
        half.catch_up(log)
        assert here.state == half.state


def test_an_act_this_version_would_refuse_stops_the_reading() -> None:
    """Nobody goes on with half a state."""
    projection = Projection()
    projection.take(0, pack(room().entries[0]))
    with pytest.raises(LogError, match="HOLD_NOT_FOUND"):
        projection.take(1, pack(Entry(NOW_MS, CENTRE, HoldEnded("h1.0"))))
    with pytest.raises(LogError, match="differently"):
        projection.take(1, b'{"at_ms":1}')


def test_who_looked_is_found_by_what_they_looked_through() -> None:
    """With the party they were shown, the last ones alone; an act says whose it was."""
    here = room()
    report = here.report()
    for _ in range(VIEWS_KEPT + 3):
        here.do(ANALYST, PartyViewed(report.case))
    here.do(OFFICER, PartyViewed(report.case, MULE))
    projection = again(here)
    views = projection.views_of[report.case]
    assert VIEWS_KEPT == len(views)
    assert ("bolat", MULE) == (views[-1].by, views[-1].party)
    assert ("aigul", None) == (views[0].by, views[0].party)
    assert {"ARASHA"} == {one.by for one in projection.acts_of[report.id]}
