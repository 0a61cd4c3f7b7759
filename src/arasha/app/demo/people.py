"""Who works at the centre of the demonstration, and the seats that are left for who watches.

In: what came of acts. Out: acts of the centre's people, each at a time of its own. Analysts take a
case, look at it, and say what it was; like the officers (country/officers.py) they are mostly
right. Some cases wait at any time: those are for whoever sits down. Now and then an officer has to
name an account to somebody outside, and has it revealed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from arasha.cases.acts import Actor, AnyAct, CaseClosed, CaseTaken, HoldConfirmed, PartyViewed
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

AUTHOR: Final = Actor("person", "saule", ("policy_author",))
"""Who writes policies there (proposing.py)."""

AT_WORK: Final = {
    "aigul": ("analyst",), "marat": ("analyst",), "bolat": ("officer",), "dana": ("officer",),
    "erlan": ("officer",), "gulnara": ("authority",), AUTHOR.name: AUTHOR.roles,
}  # fmt: skip
"""Persons who work there by themselves; officers and authority are country/officers.py's."""

WAIT_MEAN_MINUTES: Final = 120.0
"""How long a case waits for an analyst on average, minutes."""

RIGHT_SHARE: Final = 0.93
"""Share of cases that an analyst sees rightly."""

REVEALED_SHARE: Final = 0.1
"""Share of confirmed holds whose account an officer has told in the clear."""

REVEAL_MEAN_MINUTES: Final = 20.0
"""How long after the confirmation, on average, minutes."""

REASONS: Final = (
    "The bank asks on the telephone which account it is.",
    "For the letter to the prosecutor, which names the account.",
    "The owner is to be called: the bank wants the account in full.",
)

HasPart = Callable[[str], bool]
"""Whether thieves use an account, by its token."""


class Desk(Work, Protocol):
    """What people at the centre's desk need of it."""

    def do_all(self, by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done | Refusal]:
        """Have several acts taken, one after the other; those that are refused are left out."""

    def reveal(self, token: str, by: Actor, reason: str) -> None:
        """Have an identifier told in the clear, on record."""


class Analysts:
    """Those of one centre."""

    def __init__(self, agenda: Agenda, has_part: HasPart, seed: int) -> None:
        self._agenda, self._has_part, self._seed = agenda, has_part, seed
        self._known: set[str] = set()

    def told(self, work: Desk, done: Done) -> None:
        """A case that is new will be looked at."""
        for change in done.changes:
            if isinstance(change, Case) and change.id not in self._known and not change.is_question:
                self._known.add(change.id)
                chance = Chance(self._seed, "analysts", change.id)
                wait_ms = int(chance.exponential(WAIT_MEAN_MINUTES) * MINUTE_MS)
                due_ms = done.entry.at_ms + 2 * MINUTE_MS + wait_ms
                self._agenda.put(due_ms, partial(self._look, work, change.id, chance))

    def _look(self, work: Desk, name: str, chance: Chance, now_ms: int) -> None:
        case = work.state.cases[name]
        if case.status not in OPEN_CASE:
            return
        if case.lease_by is not None and now_ms < case.lease_until_ms:
            return  # somebody has it
        who = Actor("person", "aigul" if chance.happens(0.5) else "marat", ("analyst",))
        fraud = any(map(self._has_part, case.subjects))
        told = (work.state.reports[one].typology for one in case.reports)
        typology = next((one for one in told if one), None)
        seen = fraud if chance.happens(RIGHT_SHARE) else not fraud
        outcome = CaseClosed(name, "fraud", worth_it=True, typology=typology)
        if not seen:
            outcome = CaseClosed(name, "legitimate", worth_it=chance.happens(0.6), typology=None)
        work.do_all(who, (CaseTaken(name), PartyViewed(name), outcome), now_ms)


class Inquirers:
    """Officers who have to name an account to somebody outside."""

    def __init__(self, agenda: Agenda, seed: int) -> None:
        self._agenda, self._seed = agenda, seed

    def told(self, work: Desk, done: Done) -> None:
        """Of some holds that they confirm."""
        act, by = done.entry.act, done.entry.by
        if not isinstance(act, HoldConfirmed) or by.name not in AT_WORK:
            return
        chance = Chance(self._seed, "reveals", act.hold)
        if chance.happens(REVEALED_SHARE):
            due_ms = done.entry.at_ms + int(chance.exponential(REVEAL_MEAN_MINUTES) * MINUTE_MS)
            reason = chance.choose(REASONS)
            self._agenda.put(due_ms, partial(self._inquire, work, act.hold, by, reason))

    def _inquire(self, work: Desk, hold: str, by: Actor, reason: str, now_ms: int) -> None:
        """Look at the hold, and have its account revealed; not where it is over."""
        if isinstance(work.do(by, PartyViewed(hold), now_ms), Done):
            work.reveal(work.state.holds[hold].account, by, reason)
