"""What narrows a queue, held against a plain reading of each case."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.narrowing import UNSAID, Narrowing
from arasha.cases.queue import queue, reachable_minor
from arasha.cases.waiting import Waiting
from cases_samples import BANK, KZT, OFFICER, OTHER_BANK, VICTIMS_BANK, Room, room
from test_cases_waiting import something


def mark(here: Room, name: str) -> dict[str, object]:
    """By what a case is found, plainly."""
    case = here.state.cases[name]
    reports = [here.state.reports[one] for one in case.reports]
    told = [one.typology for one in reports if one.typology]
    holds = [hold.bank for one in reports for hold in here.state.holds_of_report(one.id)]
    return {
        "typology": told[0] if told else UNSAID,
        "banks": {*holds, *(one.bank for one in reports),
                  *(one.payee_bank for one in reports if one.payee_bank),
                  *(one.payee_bank for one in case.alerts if one.payee_bank),
                  *(one.payer_bank for one in case.alerts if one.payer_bank)},
        "sort": "question" if not case.subjects else "reports" if reports else "alerts",
        "escalated": case.escalated_ms is not None,
        "reachable": reachable_minor(here.state, case) // 100,
        "due_ms": case.due_ms,
    }  # fmt: skip


def is_wanted(here: Room, name: str, wanted: Narrowing) -> bool:
    """Whether a case is among those that are wanted, one mark after the other."""
    found = mark(here, name)
    reachable, due_ms, banks = found["reachable"], found["due_ms"], found["banks"]
    assert isinstance(reachable, int)
    assert isinstance(due_ms, int)
    assert isinstance(banks, set)
    return (
        wanted.typology in (None, found["typology"])
        and (wanted.bank is None or wanted.bank in banks)
        and wanted.sort in (None, found["sort"])
        and (not wanted.escalated or found["escalated"] is True)
        and reachable >= wanted.least
        and (wanted.below is None or reachable < wanted.below)
        and (wanted.within_ms is None or due_ms < here.at_ms + wanted.within_ms)
    )


NARROWINGS = (
    Narrowing(typology="loan"), Narrowing(typology=UNSAID), Narrowing(bank=BANK),
    Narrowing(bank="NOBANK"), Narrowing(sort="alerts"), Narrowing(sort="question"),
    Narrowing(sort="reports", escalated=True), Narrowing(least=1_000), Narrowing(below=1_000),
    Narrowing(typology="loan", bank=VICTIMS_BANK, least=10, below=10**9),
    Narrowing(within_ms=10**7), Narrowing(),
)  # fmt: skip


def something_told(here: Room, random: Random) -> None:
    """Some act of a desk, or a report with or without a hold, or accounts that hang together."""
    match random.randrange(7):
        case 6:
            place = len(here.entries)
            here.ask(CENTRE, a.AlertRaised(
                place, f"{random.randrange(40):032x}", f"{place:032x}", 500, KZT, 900,
                random.choice((None, BANK)), random.choice((None, OTHER_BANK)),
            ))  # fmt: skip
        case 0:
            place = len(here.entries)
            report = here.report(
                payee=f"{random.randrange(40):032x}", place=place, payment=f"{place:032x}",
                typology=random.choice((None, "loan", "romance")),
                payee_bank=random.choice((None, BANK)), attested=True,
                amount_minor=random.choice((900, 10**6)),
            )  # fmt: skip
            if random.random() < 0.3:
                here.hold(report, (report.payee, OTHER_BANK, report.amount_minor))
        case 1:
            others = tuple(f"{number:032x}" for number in random.sample(range(100, 140), 3))
            here.ask(CENTRE, a.RingFound(len(here.entries), KZT, (), others))
        case 2:
            here.ask(OFFICER, a.CaseEscalated(random.choice(list(here.state.cases) or ["c1"])))
        case _:
            something(here, random)


@pytest.mark.parametrize("seed", range(4))
def test_narrowed_it_is_the_queue_without_the_others(seed: int) -> None:
    """Whatever the marks, the same cases in the same order, and each stretch of them."""
    here, kept, random = room(), Waiting(), Random(seed)
    seen = set[int]()
    for _ in range(60):
        something_told(here, random)
        whole = [case.id for case in queue(here.state, here.at_ms)]
        for place, wanted in enumerate(NARROWINGS):
            expected = [one for one in whole if is_wanted(here, one, wanted)]
            assert len(expected) == kept.matching(here.state, here.at_ms, wanted)
            for skip, most in ((0, 3), (2, 4), (len(expected), 5), (0, 1_000)):
                found = kept.next(here.state, here.at_ms, most, narrowing=wanted, skip=skip)
                assert expected[skip : skip + most] == [case.id for case in found], wanted
            if expected:
                seen.add(place)
        told = [str(mark(here, one)["typology"]) for one in whole]
        assert Counter(told) == kept.typologies(here.state, here.at_ms)
        open_ = [mark(here, one)["banks"] for one in here.state.open_cases]
        assert sorted(set().union(*open_)) == kept.banks(here.state)  # type: ignore[arg-type]  # sets
    assert len(seen) > len(NARROWINGS) - 4
