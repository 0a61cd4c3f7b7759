"""What the second reading keeps: who has had a hand in what."""

from __future__ import annotations

from arasha.cases.acts import CENTRE
from arasha.reports.audit_reading import Doing, Reading
from audit_samples import read_of
from cases_driver import Driver
from cases_samples import OFFICER


def test_persons_are_hands_and_machines_are_not() -> None:
    """Whoever agreed is one, too."""
    assert {"bolat", "dana"} == Doing(0, 0, OFFICER, ("dana",)).hands
    assert set() == Doing(0, 0, CENTRE).hands


def test_hands_are_those_that_the_domain_knows() -> None:
    """Of holds, their recalls and their cases, however merged; nobody's of what is not there."""
    for seed in range(100):
        here = Driver(90_000 + seed).run(60)
        reading = read_of(here.entries)
        for name in (*here.state.holds, *here.state.listings):
            assert here.state.hands_of(name) == reading.hands_of(name)
    assert set() == Reading().hands_of("h1.0")
