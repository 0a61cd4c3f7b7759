"""Which cases of the queue somebody wants to see: marks, all of which must hold.

In: a case and the state it is in. Out: by what it is found, as whoever keeps the queue up
(waiting.py) puts it into columns. Nobody is looked for by name, account or number: what narrows a
queue is what cases are about, how much, how urgent, and between which banks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from arasha.cases.records import Case
from arasha.cases.state import State
from arasha.events.schema import TYPOLOGIES

UNSAID: Final = "unsaid"
"""Stands for a typology where nobody has said one."""

WORDS: Final = (UNSAID, *TYPOLOGIES)
"""What a typology can be, in a fixed order."""

Sort = Literal["alerts", "reports", "question"]
"""What a case rests on: stopped payments alone, reports too, or nothing but a resemblance."""

SORTS: Final[tuple[Sort, ...]] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is wanted; None and False want nothing. ``least`` and ``below`` bound what acting can
    still save, in whole units of the case's own currency; ``within_ms`` is the most time left.
    """

    typology: str | None = None
    bank: str | None = None
    sort: Sort | None = None
    within_ms: int | None = None
    escalated: bool = False
    least: int = 0
    below: int | None = None


EVERY: Final = Narrowing()


def sort_of(case: Case) -> Sort:
    """What a case rests on."""
    if case.is_question:
        return "question"
    return "reports" if case.reports else "alerts"


def typology_of(state: State, case: Case) -> str:
    """What its reports say it is, the first that says something; `UNSAID` where none does."""
    told = (state.reports[name].typology for name in case.reports)
    return next((one for one in told if one in TYPOLOGIES), None) or UNSAID


def banks_of(state: State, case: Case) -> frozenset[str]:
    """The banks that its stopped payments, its reports and their holds name."""
    named = (bank for one in case.alerts for bank in (one.payer_bank, one.payee_bank))
    found = {bank for bank in named if bank is not None}
    for name in case.reports:
        report = state.reports[name]
        found.add(report.bank)
        if report.payee_bank is not None:
            found.add(report.payee_bank)
        found.update(hold.bank for hold in state.holds_of_report(name))
    return frozenset(found)
