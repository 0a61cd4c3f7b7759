"""The second reading of numbers: it agrees with the domain, and finds what that would not do."""

from __future__ import annotations

from typing import Any

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Actor, AnyAct, Entry, LawChosen
from arasha.reports.audit_reading import Reading
from arasha.reports.audit_taking import take
from cases_driver import Driver
from cases_samples import ANALYST, NOW_MS, NUMBERS, OFFICER, kz, reference, signs

DAY_MS = 86_400_000


def read(*acts: tuple[Actor, AnyAct]) -> Reading:
    """A reading of a law, a case of numbers, and these acts."""
    reading = Reading()
    found = a.NumbersFound(1, "sim_box", (signs(NUMBERS[0]),), (signs(NUMBERS[1]),))
    begun: tuple[tuple[Actor, AnyAct], ...] = ((CENTRE, LawChosen(kz().text)), (CENTRE, found))
    for seq, (by, act) in enumerate((*begun, *acts)):
        take(reading, seq, Entry(NOW_MS, by, act))
    return reading


def suspending(number: str, days: int = 1) -> a.NumberSuspended:
    """A number suspended for the first case."""
    return a.NumberSuspended("c1", number, "kz:x", NOW_MS + days * DAY_MS, reference(5))


def asked(what: a.NumberSuspended, by: Actor = OFFICER) -> tuple[tuple[Actor, AnyAct], ...]:
    """Asked for by an analyst, agreed to by another."""
    return (
        (ANALYST, a.Requested(what)), (by, a.RequestApproved("q2", a.content_of(what))),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("acts", "law"),
    [
        (((OFFICER, suspending(NUMBERS[0])),), "people"),
        (asked(suspending(NUMBERS[0]), ANALYST), "people"),
        (asked(suspending(NUMBERS[1])), "suspension"),
        (asked(suspending(NUMBERS[2])), "suspension"),
        (asked(suspending(NUMBERS[0], days=31)), "end"),
        (((ANALYST, a.SuspensionLifted("s9", "mistake")),), "order"),
    ],
)
def test_what_breaks_a_law_is_found(acts: tuple[tuple[Actor, AnyAct], ...], law: str) -> None:
    """One person alone, a number that is only tied or not named, an end past the law."""
    assert law in {finding.law for finding in read(*acts).findings}


def test_what_was_done_rightly_breaks_none() -> None:
    """And says who, on what basis, and for how long."""
    reading = read(*asked(suspending(NUMBERS[0])))
    assert [] == reading.findings
    [one] = reading.suspensions.values()
    assert ("aigul", "bolat", "kz:x", DAY_MS) == (
        one.author, one.second, one.basis, one.lasted_ms(NOW_MS + 9 * DAY_MS),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3, 63, 3))
def test_both_readings_agree_on_whatever_is_done(seed: int) -> None:
    """Random sequences in which numbers are suspended, appealed, merged and split."""
    here, reading = Driver(seed).run(80), Reading()
    for seq, entry in enumerate(here.entries):
        take(reading, seq, entry)
    assert [] == reading.findings
    known: dict[str, Any] = here.state.suspensions
    assert known.keys() == reading.suspensions.keys()
    for name, one in known.items():
        read_one = reading.suspensions[name]
        assert (one.stands_at(here.at_ms), one.hands) == (
            read_one.stands(here.at_ms), read_one.hands,
        )  # fmt: skip
