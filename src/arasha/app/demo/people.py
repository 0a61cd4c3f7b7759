"""Who works at the centre of the demonstration, and the seats that are left for who watches.

In: what came of acts. Out: acts of the centre's analysts, each at a time of its own: they take a
case, look, and say what it was; like the officers (country/officers.py) they are mostly right. Some
cases wait at any time: those are for whoever sits down.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from arasha.cases.acts import Actor, CaseClosed, CaseTaken
from arasha.cases.projection import Done
from arasha.cases.records import OPEN_CASE, Case
from arasha.cases.refusals import Refusal
from arasha.cases.roles import ROLES
from arasha.country.agenda import Agenda
from arasha.country.casework import Work
from arasha.country.chance import Chance
from arasha.country.script import MINUTE_MS

SEATS: Final = tuple(ROLES)
"""Persons for who watches, one a role, each by the name of its role."""

AT_WORK: Final = {
    "aigul": ("analyst",), "marat": ("analyst",), "bolat": ("officer",), "dana": ("officer",),
    "erlan": ("officer",), "gulnara": ("authority",),
}  # fmt: skip
"""Persons who work there by themselves; officers and authority are country/officers.py's."""

WAIT_MEAN_MINUTES: Final = 120.0
"""How long a case waits for an analyst on average, minutes."""

RIGHT_SHARE: Final = 0.93
"""Share of cases that an analyst sees rightly."""

HasPart = Callable[[str], bool]
"""Whether thieves use an account, by its token."""


class Analysts:
    """Those of one centre."""

    def __init__(self, agenda: Agenda, has_part: HasPart, seed: int) -> None:
        self._agenda, self._has_part, self._seed = agenda, has_part, seed
        self._known: set[str] = set()

    def told(self, work: Work, done: Done) -> None:
        """A case that is new will be looked at."""
        for change in done.changes:
            if isinstance(change, Case) and change.id not in self._known and not change.is_question:
                self._known.add(change.id)
                chance = Chance(self._seed, "analysts", change.id)
                wait_ms = int(chance.exponential(WAIT_MEAN_MINUTES) * MINUTE_MS)
                due_ms = done.entry.at_ms + 2 * MINUTE_MS + wait_ms
                self._agenda.put(due_ms, partial(self._look, work, change.id, chance))

    def _look(self, work: Work, name: str, chance: Chance, now_ms: int) -> None:
        case = work.state.cases[name]
        if case.status not in OPEN_CASE:
            return
        who = Actor("person", "aigul" if chance.happens(0.5) else "marat", ("analyst",))
        if isinstance(work.do(who, CaseTaken(name), now_ms), Refusal):
            return  # somebody has it
        fraud = any(map(self._has_part, case.subjects))
        told = (work.state.reports[one].typology for one in case.reports)
        typology = next((one for one in told if one), None)
        seen = fraud if chance.happens(RIGHT_SHARE) else not fraud
        outcome = CaseClosed(name, "fraud", worth_it=True, typology=typology)
        if not seen:
            outcome = CaseClosed(name, "legitimate", worth_it=chance.happens(0.6), typology=None)
        work.do(who, outcome, now_ms)
