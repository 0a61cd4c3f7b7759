"""A small country full of thefts in which offices act on reports, and what was seen of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from arasha.cases.law import Law
from arasha.cases.law_document import load_law
from arasha.cases.projection import Done
from arasha.cases.records import HOLDING, Hold
from arasha.country.arms import Seats
from arasha.country.casework import Casework
from arasha.country.docket import Docket
from arasha.country.facts import Reader
from arasha.country.loop import Happened, Life
from arasha.country.offices import Offices
from arasha.country.parameters import Parameters, load, load_recovery
from arasha.country.payments_seen import PaymentsSeen
from arasha.country.society import Society
from arasha.country.views import CentreView, Parties, seen_by_bank

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 400
RATE = 400.0

SOON: Mapping[str, float] = {
    "victims__notice_hours": 2.0, "victims__noticed_share": 0.95, "reports__attested_share": 0.8,
}  # fmt: skip


@cache
def kz() -> Law:
    """The law file of Kazakhstan."""
    return load_law(ROOT / "law" / "kz.toml")


class Looking:
    """A seat at which nobody judges."""

    def __init__(self) -> None:
        self.seen = PaymentsSeen()


@dataclass
class Acting:
    """A country, its offices, and every act that was taken, with the hold records it changed."""

    life: Life
    offices: Offices
    docket: Docket
    see: Callable[[Happened], None]
    acts: list[tuple[str, Done]] = field(default_factory=list)

    def live(self, days: int) -> None:
        """Its first days."""
        for at, happened in enumerate(self.life.slices(days)):
            self.see(happened)
            if at == 0:
                self.offices.begin(happened.start_ms)
            self.offices.after(happened)

    @property
    def holds(self) -> list[tuple[Casework, Hold]]:
        """Every hold, as it is at the end."""
        return [(work, hold) for work in self.offices.works for hold in work.state.holds.values()]

    def held(self) -> int:
        """What the offices think is held now, tiyn."""
        return sum(
            (hold.held_minor or 0) - hold.returned_minor
            for _, hold in self.holds
            if hold.status in HOLDING
        )


def full_of_thefts() -> Parameters:
    """The standard parameters, but thefts are far more frequent, and soon noticed."""
    parameters = load("standard")
    rates = {f"stories__{name}__rate": RATE for name in parameters.names("stories")}
    rates |= {"lookalikes__wrong_transfer__rate": RATE}
    return parameters.changed(**(rates | dict(SOON)))


def acting(
    seed: int = 1, *, centre: bool = True, changed: Mapping[str, float] | None = None
) -> Acting:
    """A country with thefts far more often than usual, soon noticed."""
    parameters = full_of_thefts()
    after = load_recovery().changed(**dict(changed or {}))
    society = Society.make(seed, PEOPLE, parameters)
    reader, docket = Reader(society), Docket()
    life = Life(society, parameters, seed, after_reports=after)
    banks = [Looking() for _ in range(society.banks)]
    seats = Seats(banks, Looking() if centre else None, CentreView())  # type: ignore[arg-type]  # nobody judges here
    offices = Offices(life, seats, reader, kz(), parameters, after, docket=docket)

    def see(happened: Happened) -> None:
        rows = happened.rows
        facts, parties = reader.facts(rows), Parties.of(rows, society.accounts.bank)
        views = [(seat, seen_by_bank(bank, rows, parties)) for bank, seat in enumerate(banks)]
        if seats.centre is not None:
            views.append((seats.centre, seats.view.seen(rows, parties)))  # type: ignore[arg-type]  # as above
        for seat, mask in views:
            seen = facts.take(np.flatnonzero(mask))
            if len(seen):
                seat.seen.see(seen)

    return Acting(life, offices, docket, see)
