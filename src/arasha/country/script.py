"""What a story is written in: moves, their answers, and the stage they are played on.

A story is a module of ``stories/`` with ``STORY = Story(…)`` and a generator ``play(stage)``; what
only looks like a fraud is a module of ``lookalikes/`` with ``LOOKALIKE`` and the same ``play``.
Both are found by listing the packages. ``play`` yields moves and is told what became of each::

    def play(stage: Stage) -> Script:
        victim = stage.victim(min_balance=200_000_00)
        if victim is None:
            return
        talk = yield stage.call(caller, victim.number, minutes=40)
        yield stage.wait(minutes=9)
        paid = yield stage.pay(victim.account, mule, 150_000_00, by=victim, fraud=True)
        if paid.moved: ...

Moves happen at ``stage.now_ms``; only ``wait`` moves it (and a payment: the script goes on when it
is known what became of it, in a later slice; a held payment, when it was released or refused). A
move that is not yielded does not happen. What a play draws, it draws from ``stage.chance``: the
same seed gives the same play as long as the world answers the same.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import ATTESTED, FRAUD, LAUNDERING, NONE, PURPOSES, REMOTE_ACCESS
from arasha.events.schema import (
    ACCOUNT_CHANGES,
    CALL_ROUTES,
    CHANNELS,
    SIM_CHANGES,
    TYPOLOGIES,
    Kind,
)

if TYPE_CHECKING:
    from arasha.country.chance import Chance
    from arasha.country.society import BusinessKind, Society
    from arasha.country.underworld import Ring, Underworld

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

LOCAL_MS: Final = 5 * HOUR_MS
"""The country's clocks are five hours ahead of UTC."""

MAX_TRIES: Final = 64
"""People looked at before a search says that nobody fits."""

Hours = tuple[float, ...]
"""24 weights, one for each local hour: how likely a story begins in it."""

ANY_HOUR: Final[Hours] = (1.0,) * 24
OFFICE_HOURS: Final[Hours] = (0.0,) * 9 + (1.0,) * 9 + (0.2,) * 2 + (0.0,) * 4
DAYTIME: Final[Hours] = (0.1,) * 8 + (1.0,) * 12 + (0.5,) * 2 + (0.1,) * 2
EVENING: Final[Hours] = (0.2,) * 9 + (0.5,) * 8 + (1.5,) * 6 + (0.5,)
NIGHT: Final[Hours] = (1.0,) * 6 + (0.1,) * 16 + (0.6,) * 2


@dataclass(frozen=True, slots=True)
class Story:
    """A fraud. Its rate and whatever else it needs stand in the parameters, ``[stories.NAME]``:
    ``rate`` (plays begun per 100,000 people and day) at least, and, where they differ from the
    world's own, ``stop_share``, ``noticed_share``, ``notice_hours``, ``attested_share``.
    """

    name: str
    typology: str
    hours: Hours = DAYTIME

    def __post_init__(self) -> None:
        assert self.typology in TYPOLOGIES, self.typology
        assert len(self.hours) == 24


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Something honest that looks like a fraud; ``rate`` stands in ``[lookalikes.NAME]``."""

    name: str
    hours: Hours = DAYTIME

    def __post_init__(self) -> None:
        assert len(self.hours) == 24


class Reason(Enum):
    """Why a payment moved or did not."""

    MOVED = "moved"
    SHORT = "short"  # there was not enough on the account
    STOPPED = "stopped"  # the payer was warned and gave it up
    REFUSED = "refused"  # held, and a person found it to be fraud
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a move. Of a payment all is said; of a call ``ends_ms`` and ``answered``; of
    ``open_account`` the ``account``. ``parts`` are the answers of each payment of a burst.
    """

    at_ms: int
    ends_ms: int = 0
    answered: bool = False
    account: int = NONE
    payment: int = NONE
    payer: int = NONE
    payee: int = NONE
    amount: int = 0
    action: str = "allow"
    reason: Reason = Reason.MOVED
    parts: tuple[Answer, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether the money is now on the payee's account."""
        return self.payment != NONE and self.reason is Reason.MOVED

    @property
    def short(self) -> bool:
        """Whether the account had too little."""
        return self.reason is Reason.SHORT

    @property
    def warned(self) -> bool:
        """Whether the payer was warned, whatever came of it."""
        return self.action == "warn"

    @property
    def held(self) -> bool:
        """Whether it was held, even if it was released later."""
        return self.action == "hold"

    @property
    def blocked(self) -> bool:
        """Whether it was blocked."""
        return self.action == "block"


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on at a later time."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Happen:
    """Rows (values in the order of happenings.COLUMNS), and what to answer at once."""

    rows: tuple[tuple[int, ...], ...]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Pay:
    """Payments, as rows; answered when it is known what became of all of them."""

    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Open an account."""

    person: int
    bank: int


Move = Wait | Happen | Pay | Open
Script = Generator[Move, Answer, None]
Play = Callable[["Stage"], Script]


@dataclass(frozen=True, slots=True)
class Person:
    """A person, as a script sees one: the places of what is theirs in the society's tables."""

    index: int
    account: int
    number: int
    device: int
    bank: int


@dataclass(frozen=True, slots=True)
class Business:
    """A business, as a script sees one."""

    index: int
    account: int
    number: int


class World(Protocol):
    """What a stage needs of the world it stands in (loop.py)."""

    @property
    def society(self) -> Society:
        """The people and what is theirs."""

    @property
    def underworld(self) -> Underworld:
        """The thieves."""

    def balance(self, account: int) -> int:
        """What can be spent from an account now, in tiyn."""

    def role(self, name: str) -> int:
        """The number under which truth keeps a role."""

    def parameter(self, cast: Story | Lookalike, name: str) -> float:
        """A number of ``[stories.NAME]`` or ``[lookalikes.NAME]``."""

    def start(self, stage: Stage, play: Play) -> None:
        """Let a play begin at the stage's time."""

    def launder(self, stage: Stage, ring: Ring, paid: Answer) -> None:
        """Let what happens to money on a mule's account begin."""


@dataclass(slots=True)
class Stage:
    """Where one play is played: its time, its chance, its people, and the moves it can make.

    ``number`` is the play's own number, which truth keeps; plays it spawns keep it.
    """

    world: World
    cast: Story | Lookalike
    number: int
    chance: Chance
    now_ms: int
    branches: int = 0

    # --- who and what there is --------------------------------------------------------------------

    @property
    def society(self) -> Society:
        """The people and what is theirs."""
        return self.world.society

    @property
    def local_hour(self) -> int:
        """The hour of the country's clocks."""
        return (self.now_ms + LOCAL_MS) // HOUR_MS % 24

    def parameter(self, name: str) -> float:
        """A number of this story's or lookalike's table of the parameters."""
        return self.world.parameter(self.cast, name)

    def seen(self, person: int) -> Person:
        """The person of that index."""
        people = self.society.people
        account = int(people.account[person])
        return Person(
            person, account, int(people.number[person]), int(people.device[person]),
            int(self.society.accounts.bank[account]),
        )  # fmt: skip

    def person(
        self,
        *,
        fits: Callable[[Person], bool] | None = None,
        min_balance: int = 0,
        tries: int = MAX_TRIES,
    ) -> Person | None:
        """A person at random with at least that much to spend, for whom ``fits`` holds; None if
        ``tries`` people at random do not fit.
        """
        count = len(self.society.people)
        for _ in range(tries if count else 0):
            index = self.chance.below(count)
            account = int(self.society.people.account[index])
            if min_balance and self.world.balance(account) < min_balance:
                continue
            person = self.seen(index)
            if fits is None or fits(person):
                return person
        return None

    def victim(
        self,
        *,
        min_balance: int = 0,
        careless: bool = False,
        fits: Callable[[Person], bool] | None = None,
    ) -> Person | None:
        """Somebody to steal from. ``careless``: the more careful somebody is, the less likely."""

        def falls(person: Person) -> bool:
            careful = float(self.society.people.caution[person.index])
            return (not careless or not self.chance.happens(careful)) and (
                fits is None or fits(person)
            )

        return self.person(fits=falls, min_balance=min_balance)

    def contact(self, person: Person) -> Person | None:
        """One of the people somebody knows, None if there is nobody."""
        known = self.society.people.contacts_of(person.index)
        return self.seen(int(known[self.chance.below(len(known))])) if len(known) else None

    def balance(self, whose: Person | int) -> int:
        """What can be spent now from somebody's account, or from an account, in tiyn."""
        return self.world.balance(whose if isinstance(whose, int) else whose.account)

    def part_of_balance(self, whose: Person | int, share: float, *, step: int = 1_000_00) -> int:
        """About that share of what can be spent, in whole ``step`` (else whole tenge); never more
        than there is.
        """
        there = self.balance(whose)
        amount = int(there * min(share, 1.0))
        step = step if amount >= step else 100
        return min(amount // step * step, there)

    def business(self, kind: BusinessKind) -> Business | None:
        """A business of a kind at random, None if there is none."""
        some = self.society.businesses.of(kind)
        if not some:
            return None
        place = some[self.chance.below(len(some))]
        businesses = self.society.businesses
        return Business(place, int(businesses.account[place]), int(businesses.number[place]))

    def ring(self) -> Ring:
        """Some thieves, with what they own."""
        return self.world.underworld.ring(self)

    def new_number(self, *, of: Person | None = None, operator: int | None = None) -> int:
        """A number that nobody used before; say so to the operator with ``sim_change``."""
        if operator is None:
            operator = self.chance.below(self.society.operators)
        return self.society.new_number(NONE if of is None else of.index, operator, self.now_ms)

    def new_device(self, *, of: Person | None = None) -> int:
        """A device that nobody used before."""
        return self.society.new_device(NONE if of is None else of.index)

    # --- moves ------------------------------------------------------------------------------------

    def wait(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> Wait:
        """Let time pass (at least a millisecond)."""
        passed = seconds * 1_000 + minutes * MINUTE_MS + hours * HOUR_MS + days * DAY_MS
        return Wait(self.now_ms + max(1, int(passed)))

    def until(self, hour: float) -> Wait:
        """Let time pass until the local clocks next show that hour."""
        today = (self.now_ms + LOCAL_MS) // DAY_MS * DAY_MS - LOCAL_MS
        at = today + int(hour * HOUR_MS)
        return Wait(at if at > self.now_ms else at + DAY_MS)

    def call(
        self,
        caller: int,
        callee: int,
        *,
        minutes: float = 1.0,
        answered: bool = True,
        route: str = "domestic",
        device: int = NONE,
    ) -> Happen:
        """One number calls another. Answered at its start: the script is free to do things during
        the call; ``ends_ms`` says until when it lasts.
        """
        length = max(1_000, int(minutes * MINUTE_MS)) if answered else 0
        row = self._row(
            Kind.CALL, caller, callee, code=CALL_ROUTES.index(route), device=device,
            duration=length,
        )  # fmt: skip
        return Happen((row,), Answer(self.now_ms, self.now_ms + length, answered))

    def calls(
        self,
        caller: int | Sequence[int],
        callees: Sequence[int] | NDArray[np.int32],
        *,
        every_seconds: float = 30.0,
        answered_share: float = 0.3,
        minutes: float = 1.0,
        route: str = "domestic",
        device: int = NONE,
    ) -> Happen:
        """Many calls, one about every so often; of several callers each takes one in turn. Lengths
        are exponential with mean ``minutes``. The script does not wait for them; ``ends_ms`` is
        when the last begins.
        """
        callers = (caller,) if isinstance(caller, int) else caller
        rows, at, code = [], self.now_ms, CALL_ROUTES.index(route)
        for turn, callee in enumerate(callees):
            length = 0
            if self.chance.happens(answered_share):
                length = max(1_000, int(self.chance.exponential(minutes * MINUTE_MS)))
            rows.append(
                self._row(
                    Kind.CALL, callers[turn % len(callers)], int(callee), code=code,
                    device=device, duration=length, at_ms=at,
                )
            )  # fmt: skip
            at += 1 + int(self.chance.exponential(every_seconds * 1_000))
        return Happen(tuple(rows), Answer(self.now_ms, rows[-1][0] if rows else self.now_ms, True))

    def pay(
        self,
        payer: int,
        payee: int,
        amount: int,
        *,
        by: Person | None = None,
        device: int = NONE,
        number: int = NONE,
        channel: str = "mobile",
        purpose: str = "",
        fraud: bool = False,
        laundering: bool = False,
        remote_access: bool = False,
        role: str = "",
        after_seconds: float = 0.0,
    ) -> Pay:
        """A payment of ``amount`` tiyn. ``by``: whose device and number, unless others are given.

        ``fraud``: the payer's money is being stolen; the payer may stop when warned, notice and
        report (see Story). ``laundering``: stolen money moves on. ``role`` names the payment's
        part in the play, for truth. ``after_seconds`` sets its time within a ``burst``.
        """
        if by is not None:
            device = by.device if device == NONE else device
            number = by.number if number == NONE else number
        return Pay((
            self._row(
                Kind.PAYMENT, payer, payee, amount=max(1, amount), device=device, number=number,
                code=CHANNELS.index(channel), purpose=PURPOSES.index(purpose),
                marks=REMOTE_ACCESS if remote_access else 0, role=self.world.role(role),
                truth=FRAUD * fraud | LAUNDERING * laundering,
                at_ms=self.now_ms + int(after_seconds * 1_000),
            ),
        ))  # fmt: skip

    def burst(self, *payments: Pay) -> Pay:
        """Several payments without waiting for one another's answers (see ``Answer.parts``)."""
        return Pay(tuple(row for pay in payments for row in pay.rows))

    def sim_change(self, number: int, change: str, device: int = NONE) -> Happen:
        """A number is activated, swapped to another SIM, ported, or given up."""
        row = self._row(
            Kind.SIM_CHANGE, number, NONE, code=SIM_CHANGES.index(change), device=device
        )
        return Happen((row,), Answer(self.now_ms))

    def account_change(
        self, account: int, change: str, *, number: int = NONE, device: int = NONE
    ) -> Happen:
        """Something about an account changes: its number, a device, credentials, a limit."""
        row = self._row(
            Kind.ACCOUNT_CHANGE, account, NONE, code=ACCOUNT_CHANGES.index(change),
            number=number, device=device,
        )  # fmt: skip
        return Happen((row,), Answer(self.now_ms))

    def takeover(self, victim: Person, device: int) -> Happen:
        """A thief's device is added to the victim's account."""
        return self.account_change(
            victim.account, "device_added", number=victim.number, device=device
        )

    def open_account(self, person: Person, bank: int | None = None) -> Open:
        """A person opens one more account; the answer has its place."""
        return Open(person.index, person.bank if bank is None else bank)

    def report(
        self,
        paid: Answer,
        *,
        typology: str = "other",
        number: int = NONE,
        attested: bool = False,
    ) -> Happen:
        """Somebody says a payment was fraud, true or not. Frauds are reported without this."""
        row = self._row(
            Kind.REPORT, paid.payer, paid.payee, amount=paid.amount, number=number,
            code=TYPOLOGIES.index(typology), marks=ATTESTED * attested, payment=paid.payment,
        )  # fmt: skip
        return Happen((row,), Answer(self.now_ms))

    # --- other plays ------------------------------------------------------------------------------

    def spawn(self, play: Play) -> None:
        """Let another play begin now, beside this one and under its number."""
        self.branches += 1
        beside = Stage(
            self.world, self.cast, self.number, self.chance.branch("spawn", self.branches),
            self.now_ms,
        )  # fmt: skip
        self.world.start(beside, play)

    def launder(self, ring: Ring, paid: Answer) -> None:
        """Let what the ring does with money that came to a mule begin, beside this play."""
        self.world.launder(self, ring, paid)

    def _row(
        self,
        kind: Kind,
        first: int,
        second: int,
        *,
        amount: int = 0,
        device: int = NONE,
        number: int = NONE,
        code: int = 0,
        purpose: int = 0,
        marks: int = 0,
        duration: int = 0,
        role: int = 0,
        truth: int = 0,
        payment: int = NONE,
        at_ms: int | None = None,
    ) -> tuple[int, ...]:
        return (
            self.now_ms if at_ms is None else at_ms, int(kind), first, second, amount, device,
            number, code, purpose, marks, duration, self.number, role, truth, payment, NONE,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A story or lookalike that was found, with its play."""

    cast: Story | Lookalike
    play: Play

    @property
    def is_fraud(self) -> bool:
        """Whether it is a story."""
        return isinstance(self.cast, Story)


@cache
def found() -> tuple[Told, ...]:
    """Every story, then every lookalike, each by the name of its module."""
    from arasha.country import lookalikes, stories

    told = [_told(module, "STORY") for module in _modules(stories)]
    told += [_told(module, "LOOKALIKE") for module in _modules(lookalikes)]
    return tuple(told)


def _modules(package: ModuleType) -> list[ModuleType]:
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def _told(module: Any, constant: str) -> Told:  # a module has whatever was written in it
    cast = getattr(module, constant)
    assert module.__name__.endswith(f".{cast.name}"), f"{module.__name__} tells {cast.name}"
    return Told(cast, module.play)
