"""The thieves: rings that own mules, phones and devices, and use them again in every story.

Where on the path: beside the society. In: the society, the parameters under ``underworld``, a
chance. Out: a Ring for a play (``stage.ring()``), with accounts to be paid on and numbers to call
from. A mule is an ordinary person whose account is rented (with the ordinary life that goes on
there), a student's, or an account opened for it (stories/mule_recruiting.py). Mules are used for
several victims of several stories, lent to other rings, and dropped after some days, after a few
payments, or when a payment to them was stopped.

Sources: rented and students' accounts, 2 to 10 % for the mule (warnings of the Prosecutor General
of Kazakhstan, July 2025; press on recruiting kits); a caller's number lives one to three days
(press on call centres). How many rings, how long a mule lasts: assumed.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from arasha.country.happenings import NONE
from arasha.country.society import NO_BANK, NumberKind

if TYPE_CHECKING:
    from arasha.country.chance import Chance
    from arasha.country.parameters import Parameters, Section
    from arasha.country.script import Answer, Move, Stage
    from arasha.country.society import Society

_DAY_MS: Final = 86_400_000
_LEAST_RINGS: Final = 3
_TRIES: Final = 16


@dataclass(slots=True)
class Mule:
    """An account that a ring may use until ``until_ms`` for ``left`` more payments.

    ``device`` is the ring's device that pays from it, NONE if its owner still does so.
    """

    person: int
    account: int
    ring: int
    since_ms: int
    until_ms: int
    left: int
    device: int = NONE

    def spent(self, now_ms: int) -> bool:
        """Whether nothing more will be sent to it."""
        return self.left <= 0 or now_ms >= self.until_ms

    def usable(self, now_ms: int) -> bool:
        """Whether the ring would have money sent to it now."""
        return self.since_ms <= now_ms and not self.spent(now_ms)


@dataclass(slots=True)
class Phone:
    """A number of a ring, used until ``until_ms``."""

    number: int
    until_ms: int
    abroad: bool = False

    @property
    def route(self) -> str:
        """How its calls come in."""
        return "foreign" if self.abroad else "domestic"


@dataclass(slots=True)
class Ring:
    """Some thieves who work together. ``adapts``: they change their ways when stopped."""

    index: int
    world: Underworld
    adapts: bool
    devices: list[int]
    mules: list[Mule] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    collector: Mule | None = None

    @property
    def ways(self) -> Section:
        """The parameters of all rings."""
        return self.world.ways

    def mule(self, stage: Stage, *but: int) -> Mule:
        """A mule to be paid on, none of the accounts ``but``: one of the ring's, sometimes another
        ring's; if there is none, an account is rented at once.
        """
        lender = self
        if stage.chance.happens(self.ways["lent_share"]):
            lender = stage.chance.choose(self.world.rings)
        lender.mules = [mule for mule in lender.mules if not mule.spent(stage.now_ms)]
        usable = [
            mule for mule in lender.mules if mule.usable(stage.now_ms) and mule.account not in but
        ]
        mule = stage.chance.choose(usable) if usable else self.rent(stage, *but)
        mule.left -= 1
        return mule

    def rent(self, stage: Stage, *but: int) -> Mule:
        """An ordinary person's account, from now on a mule of this ring."""
        return self.own(stage, *self.world.somebody(stage.chance, *but))

    def own(self, stage: Stage, person: int, account: int, *, in_days: float = 0.0) -> Mule:
        """That account is a mule of this ring from then on."""
        chance, since = stage.chance, stage.now_ms + int(in_days * _DAY_MS)
        mule = self.world.hired(self.index, person, account, since, chance)
        if chance.happens(self.ways["handed_over_share"]):
            mule.device = self.device(stage)
        self.mules.append(mule)
        return mule

    def device(self, stage: Stage) -> int:
        """A device to work an account from: most often one that nobody has seen."""
        if stage.chance.happens(self.ways["fresh_device_share"]):
            return stage.new_device()
        return stage.chance.choose(self.devices)

    def gathering(self, stage: Stage) -> Mule:
        """The account on which the ring gathers what other mules pass on."""
        if self.collector is None or not self.collector.usable(stage.now_ms):
            self.collector = self.rent(stage)
            self.collector.left = 1_000
        return self.collector

    def drop(self, account: int) -> None:
        """A payment to it was stopped: it is used no more."""
        mule = self.world.mules.get(account)
        if mule is not None:
            mule.left = 0

    def phone(self, stage: Stage) -> Generator[Move, Answer, Phone]:
        """A number to call from; a new one is activated when the old ones are used up."""
        self.phones = [phone for phone in self.phones if phone.until_ms > stage.now_ms]
        if self.phones and not stage.chance.happens(self.ways["fresh_phone_share"]):
            return stage.chance.choose(self.phones)
        days = 1.0 + stage.chance.exponential(self.ways["phone_days"] - 1.0)
        until = stage.now_ms + int(days * _DAY_MS)
        if stage.chance.happens(self.ways["foreign_phone_share"]):
            number = stage.society.new_number(NONE, NO_BANK, stage.now_ms, NumberKind.ABROAD)
            phone = Phone(number, until, abroad=True)
        else:
            phone = Phone(stage.new_number(), until)
            yield stage.sim_change(phone.number, "activated", stage.chance.choose(self.devices))
        self.phones.append(phone)
        return phone


class Underworld:
    """All rings, and every mule that there ever was (``mules``, by account)."""

    def __init__(self, society: Society, parameters: Parameters, chance: Chance) -> None:
        self.society = society
        self.ways: Section = parameters.section("underworld")
        self.mules: dict[int, Mule] = {}
        people = len(society.people)
        count = max(_LEAST_RINGS, round(people / 10_000 * self.ways["rings_per_10_000"]))
        self.rings = [self._founded(index, chance) for index in range(count)]
        self._weights = [chance.lognormal(1.0, self.ways["ring_size_spread"]) for _ in self.rings]

    def ring(self, stage: Stage) -> Ring:
        """One of the rings; some do far more than others."""
        return self.rings[stage.chance.weighted(self._weights)]

    def hired(self, ring: int, person: int, account: int, since_ms: int, chance: Chance) -> Mule:
        """A new mule, with as long to go and as many payments as chance will have it."""
        days = self.ways["mule_days_least"] + chance.exponential(self.ways["mule_days_more"])
        until = since_ms + int(days * _DAY_MS)
        left = 1 + int(chance.exponential(self.ways["mule_payments"]))
        mule = Mule(person, account, ring, since_ms, until, left)
        self.mules[account] = mule
        return mule

    def somebody(self, chance: Chance, *but: int) -> tuple[int, int]:
        """A person who rents out an account, and the account: the spare one, if there is one and
        chance will have it. The young do so more often.
        """
        people = self.society.people
        person = chance.below(len(people))
        for _ in range(_TRIES):
            willing = self.ways["young_willing"] if people.age[person] == 0 else 1.0
            account = int(people.account[person])
            free = account not in self.mules and account not in but
            if free and chance.happens(willing / 4.0):
                break
            person = chance.below(len(people))
        spare = int(people.second_account[person])
        if spare != NONE and chance.happens(self.ways["spare_account_share"]):
            return person, spare
        return person, int(people.account[person])

    def _founded(self, index: int, chance: Chance) -> Ring:
        """A ring as it is on the first day: some devices, some accounts rented long before."""
        devices = [self.society.new_device() for _ in range(chance.between(3, 8))]
        ring = Ring(index, self, chance.happens(self.ways["adaptive_share"]), devices)
        for _ in range(1 + chance.poisson(self.ways["first_mules"])):
            mule = self.hired(index, *self.somebody(chance), self.society.start_ms, chance)
            ring.mules.append(mule)
        return ring
