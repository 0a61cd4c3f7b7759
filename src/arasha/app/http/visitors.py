"""Who acts: a person of the centre, a participant, or somebody who holds a reference.

In: a request. Out: the actor it comes from, within its rate, or the problem that it is told. Keys
of participants and of persons stand in one register; whoever has none is an appellant, and all of
them share one rate: a reference has 100 random bits, and guessing is slow on top of that.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from arasha.app.http import problems
from arasha.app.http.connection import Request
from arasha.app.http.door import Door, Guest
from arasha.app.http.problems import Problem
from arasha.cases.acts import APPELLANT, Actor
from arasha.exchange.limits import Limits
from arasha.exchange.participants import Participant
from arasha.exchange.persons import Person, Persons

PERSON_RATE_PER_S: Final = 20.0
"""Requests a second of one person, in the long run."""

PERSON_BURST: Final = 100

PUBLIC_RATE_PER_S: Final = 10.0
"""Requests a second of all who have no key, together."""

PUBLIC_BURST: Final = 50

COMPLAINTS_PER_S: Final = 1.0
"""Complaints a second of everybody, together: each asks a bank to look at once."""

COMPLAINTS_BURST: Final = 60

LOOKUPS_PER_S: Final = 2.0
"""Questions of everybody, together, whether a number or an account was reported."""

LOOKUPS_BURST: Final = 60

_BEARER: Final = b"bearer "


class Visitors:
    """The visitors of one service."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._persons = Persons(door.participants.register)
        self._limits = Limits()

    def actor(self, request: Request, now_s: float) -> Actor | Problem:
        """Whoever the request's key says; an appellant where there is none."""
        said = request.header(b"authorization")
        if said is None:
            return self.without_key(now_s) or APPELLANT
        key_id, _, secret = said[len(_BEARER) :].decode("latin-1").strip().partition(".")
        person = self._persons.authenticate(key_id, secret)
        if person is None or said[: len(_BEARER)].lower() != _BEARER:
            return self._participant(request)
        return self.within_rate(person, now_s)

    def within_rate(self, person: Person, now_s: float) -> Actor | Problem:
        """That person, who has shown who they are, unless they ask too often."""
        limited = self._limited(person.name, PERSON_RATE_PER_S, PERSON_BURST, now_s)
        return limited or Actor("person", person.name, tuple(sorted(person.roles)))

    def without_key(self, now_s: float) -> Problem | None:
        """Why nobody without a key is answered now."""
        return self._limited("", PUBLIC_RATE_PER_S, PUBLIC_BURST, now_s)

    def looking_up(self, now_s: float) -> Problem | None:
        """Why nobody without a key is told of a number or an account now."""
        return self._limited("look-up", LOOKUPS_PER_S, LOOKUPS_BURST, now_s)

    def complaining(self, now_s: float) -> Problem | None:
        """Why no complaint is taken now, however few other questions there are."""
        return self._limited("complaints", COMPLAINTS_PER_S, COMPLAINTS_BURST, now_s)

    def _participant(self, request: Request) -> Actor | Problem:
        guest = self._door.guest(request)
        if not isinstance(guest, Guest):
            return guest
        return self._door.limited(guest) or Actor("participant", guest.participant.name)

    def _limited(self, name: str, rate: float, burst: int, now_s: float) -> Problem | None:
        nobody: frozenset[str] = frozenset()
        visitor = Participant(name, "centre", nobody, nobody, "none", rate, burst, 1)
        wait_s = self._limits.wait_s(visitor, now_s)
        if wait_s <= 0:
            return None
        return Problem(
            problems.TOO_MANY, expected=f"{rate:g} requests a second, {burst} at once",
            retry_after_s=max(1, ceil(wait_s)),
        )  # fmt: skip
