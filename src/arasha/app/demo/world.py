"""One country and one centre: who lives there, who works, and what is known of what.

In: where the centre's directory is, how many people, a seed, when it is to have begun. Out: a world
that can be lived: first its past, at once (past.py), then its present, as time passes (present.py).
What banks, officers, authority and held people do is country/'s; what the centre is told, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.app.demo.identified import Identified
from arasha.app.demo.people import Analysts, Inquirers
from arasha.cases.acts import Actor, AnyAct
from arasha.cases.law import Law
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.country.agenda import Agenda
from arasha.country.busy import busy
from arasha.country.happenings import Happenings
from arasha.country.known import Known
from arasha.country.loop import Judging, Life
from arasha.country.names import bank_codes
from arasha.country.officers import Officers
from arasha.country.parameters import load_recovery
from arasha.country.society import NO_BANK, Society
from arasha.country.staff import Staff
from arasha.country.views import CentreView, Parties
from arasha.events.reference import digest16
from arasha.events.schema import Kind
from arasha.vault.tokens import Tokens

NAME: Final = "the centre"

Take = Callable[[Actor, Sequence[AnyAct], int], list[Done | Refusal]]
"""Has acts taken at a time, each on what those before it have made."""

Reveal = Callable[[str, Actor, str], None]
"""Has a token revealed to somebody, for a reason, on record."""


@dataclass(slots=True)
class Centre:
    """The centre as those who work there have it in hand (a `Work`); for the thread that writes."""

    writer: Writer
    take: Take
    tell: Reveal
    name: str = NAME

    @property
    def state(self) -> State:
        """As of the last act."""
        return self.writer.state

    @property
    def law(self) -> Law:
        """The law in force."""
        assert self.state.law is not None, "a centre begins with its law"
        return self.state.law

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        """Have an act taken, or say by its name why not."""
        [result] = self.take(by, (act,), at_ms)
        return result

    def do_all(self, by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done | Refusal]:
        """Have several taken, one after the other; those that are refused are left out."""
        return self.take(by, acts, at_ms)

    def reveal(self, token: str, by: Actor, reason: str) -> None:
        """Have an identifier told in the clear to somebody, on record."""
        self.tell(token, by, reason)


@dataclass(slots=True)
class World:
    """A country, and the people who act on what the centre says there."""

    society: Society
    life: Life
    reader: Identified
    codes: tuple[str, ...]
    known: Known
    agenda: Agenda
    staff: Staff
    officers: Officers
    analysts: Analysts
    inquirers: Inquirers
    view: CentreView = field(default_factory=CentreView)

    @staticmethod
    def make(people: int, seed: int, first_day: date, tokens: Tokens, judging: Judging) -> World:
        """A country in which nothing has happened yet."""
        parameters, after = busy(first_day), load_recovery()
        society = Society.make(seed, people, parameters)
        life = Life(society, parameters, seed, judging, after_reports=after)
        reader, agenda, codes = Identified(society, tokens), Agenda(), bank_codes(society)
        known = Known(society, reader, life.underworld.mules.__contains__)
        staff = Staff(parameters, after, codes, life.recovery, agenda, known, seed)

        def is_true(report: str) -> bool:
            serial = staff.serials.get(report)
            one = None if serial is None else known.payment(serial)
            return one is not None and one.is_fraud

        def has_part(token: str) -> bool:
            try:
                return known.has_part(known.account(token))
            except KeyError:  # an account of nobody in the country
                return False

        officers = Officers(after, agenda, known, is_true, seed)
        analysts = Analysts(agenda, has_part, seed)
        inquirers = Inquirers(agenda, seed)
        return World(
            society, life, reader, codes, known, agenda, staff, officers, analysts, inquirers
        )

    def told(self, work: Centre, done: Done) -> None:
        """Let everybody know what came of an act."""
        self.staff.told(work, done)
        self.officers.told(work, done)
        self.analysts.told(work, done)
        self.inquirers.told(work, done)

    def seen(self, some: Happenings) -> NDArray[np.intp]:
        """The rows that the centre is told of, in order; to be asked once. Nobody reports a payment
        that was not made. Of each report it is noted which payment it is about.
        """
        parties = Parties.of(some, self.society.accounts.bank)
        mask = self.view.seen(some, parties)
        for row in np.flatnonzero(mask & (some.kind == Kind.REPORT)).tolist():
            serial = int(some.payment[row])
            payment = self.known.payment(serial)
            bank = int(parties.first[row])
            if payment is None or not payment.moved or bank == NO_BANK:
                mask[row] = False
                continue
            name = digest16(self.codes[bank], str(int(some.serial[row]))).hex()
            self.staff.serials[name] = serial
        return np.flatnonzero(mask)


@dataclass(slots=True)
class Switch:
    """Who judges the country's payments now: of a life that goes on while its judge changes."""

    now: Judging

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """As `Judging.judge`."""
        return self.now.judge(some)

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """As `Judging.became`."""
        self.now.became(serials, became)
