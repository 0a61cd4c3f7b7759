"""Who acts: a person of the centre, a participant, or somebody who holds a reference.

In: a request. Out: the actor it comes from, within its rate, or the problem that it is told. Keys
of participants and of persons stand in one register; whoever has none is an appellant, and each
address of theirs has a rate (callers.py): a reference has 100 random bits, and guessing is slow on
top of that.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from arasha.app.http import problems
from arasha.app.http.callers import Bounds, Callers, Rate
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

PUBLIC: Final = Bounds(each=Rate(5.0, 50), together=Rate(100.0, 1_000))
"""Requests a second without a key: of one address, which many people may share, and of all."""

COMPLAINTS: Final = Bounds(each=Rate(0.05, 20), together=Rate(2.0, 120))
"""Complaints a second: each asks a bank to look at once, so that all together are few."""

LOOKUPS: Final = Bounds(each=Rate(0.2, 20), together=Rate(10.0, 300))
"""Questions a second whether a number or an account was reported."""

_PUBLIC: Final = {"public": PUBLIC, "complaints": COMPLAINTS, "look-ups": LOOKUPS}
_BEARER: Final = b"bearer "


class Visitors:
    """The visitors of one service."""

    def __init__(self, door: Door, trusted_proxies: int = 0) -> None:
        self._door = door
        self._callers = Callers(_PUBLIC, trusted_proxies)
        self._persons = Persons(door.participants.register)
        self._limits = Limits()

    def actor(self, request: Request, now_s: float) -> Actor | Problem:
        """Whoever the request's key says; an appellant where there is none."""
        said = request.header(b"authorization")
        if said is None:
            return self.without_key(request, now_s) or APPELLANT
        key_id, _, secret = said[len(_BEARER) :].decode("latin-1").strip().partition(".")
        person = self._persons.authenticate(key_id, secret)
        if person is None or said[: len(_BEARER)].lower() != _BEARER:
            return self._participant(request)
        return self.within_rate(person, now_s)

    def within_rate(self, person: Person, now_s: float) -> Actor | Problem:
        """That person, who has shown who they are, unless they ask too often."""
        limited = self._limited(person.name, PERSON_RATE_PER_S, PERSON_BURST, now_s)
        return limited or Actor("person", person.name, tuple(sorted(person.roles)))

    def caller(self, request: Request) -> str:
        """What stands for the address that a request comes from, whoever it is."""
        return self._callers.name_of(request)

    def without_key(self, request: Request, now_s: float) -> Problem | None:
        """Why nobody without a key is answered there now."""
        return self._public("public", request, now_s)

    def looking_up(self, request: Request, now_s: float) -> Problem | None:
        """Why nobody there is told of a number or an account now."""
        return self._public("look-ups", request, now_s)

    def complaining(self, request: Request, now_s: float) -> Problem | None:
        """Why no complaint is taken from there now, however few other questions there are."""
        return self._public("complaints", request, now_s)

    def _participant(self, request: Request) -> Actor | Problem:
        guest = self._door.guest(request)
        if not isinstance(guest, Guest):
            return guest
        return self._door.limited(guest) or Actor("participant", guest.participant.name)

    def _public(self, kind: str, request: Request, now_s: float) -> Problem | None:
        wait_s = self._callers.wait_s(kind, request, now_s)
        return _told(_PUBLIC[kind].each, wait_s) if wait_s > 0 else None

    def _limited(self, name: str, rate: float, burst: int, now_s: float) -> Problem | None:
        nobody: frozenset[str] = frozenset()
        visitor = Participant(name, "centre", nobody, nobody, "none", rate, burst, 1)
        wait_s = self._limits.wait_s(visitor, now_s)
        return _told(Rate(rate, burst), wait_s) if wait_s > 0 else None


def _told(rate: Rate, wait_s: float) -> Problem:
    return Problem(
        problems.TOO_MANY, expected=f"{rate.per_s:g} requests a second, {rate.burst} at once",
        retry_after_s=max(1, ceil(wait_s)),
    )  # fmt: skip
