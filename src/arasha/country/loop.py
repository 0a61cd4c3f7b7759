"""Life: the country's time, slice by slice, with or without somebody who judges its payments.

Where on the path: it stands for the whole world outside the centre. In: a society, parameters, a
seed, a judge or none. Out: what happened in each slice, in time order. One slice::

    reviews of held payments that are due end ─> plays go on ─> ordinary life is laid beside ─>
    what cannot be afforded does not happen ─> apps and operators say what they know ─>
    the judge says allow, warn, hold or block ─> money moves, or does not ─> what follows is laid up

The whole slice is judged before its money moves, so a judge sees facts that do not hang on its own
words of the same slice, and may cut the slice into whatever batches it likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from arasha.country import kernels_life as kernels
from arasha.country.aftermath import Aftermath, Concluded
from arasha.country.chance import Chance
from arasha.country.happenings import COLUMNS, Happenings, make, merged, of_rows
from arasha.country.kernels_life import ASKED, Asking, Slice
from arasha.country.memory import Memories
from arasha.country.parameters import Parameters, load_recovery
from arasha.country.recovery import Recalls
from arasha.country.script import (
    DAY_MS,
    HOUR_MS,
    Answer,
    Lookalike,
    Play,
    Stage,
    Story,
    Told,
    found,
)
from arasha.country.society import NO_BANK, Society
from arasha.country.theatre import Theatre
from arasha.events.schema import SIGNALS, Kind

if TYPE_CHECKING:
    from arasha.country.underworld import Mule, Ring, Underworld

SLICE_MS: Final = 600_000
"""A slice of time: judged as a whole, before any of its money moves."""

TIYN: Final = 100

MAX_ROLES: Final = 256

_ASKED_SIGNALS: Final = tuple(
    SIGNALS.index(signal) for signal in ("call_risk", "sim_swap", "new_callers")
)


class Judging(Protocol):
    """Who judges the country's payments."""

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """An action (0 allow, 1 warn, 2 hold, 3 block) for each PAYMENT row of a slice, in order.

        Each row of the country is shown once, in time order.
        """

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """What became of those payments (codes of kernels_life.py). One that was held is told
        again when its review is over.
        """


@dataclass(frozen=True, slots=True)
class Happened:
    """A slice: its rows, and for the PAYMENT rows among them (``payments``, places) what was said
    of each and what became of it; ``concluded`` are held payments whose review ended.
    """

    start_ms: int
    end_ms: int
    rows: Happenings
    payments: NDArray[np.intp]
    actions: NDArray[np.uint8]
    became: NDArray[np.uint8]
    concluded: tuple[Concluded, ...]


class Life:
    """A country that lives. ``casts[script]`` says what play a row's ``script`` is of, and
    ``roles[role]`` the word for a row's ``role``; ``recovery`` is how banks hold and return, by the
    parameters ``after_reports`` (those of load_recovery).
    """

    def __init__(
        self,
        society: Society,
        parameters: Parameters,
        seed: int,
        judging: Judging | None = None,
        *,
        workers: int = 1,
        told: Sequence[Told] | None = None,
        after_reports: Parameters | None = None,
    ) -> None:
        self.casts: list[Told] = []
        self.roles: list[str] = [""]
        self.memories = Memories(society)
        self.serial = 0
        self.slice_ms = SLICE_MS
        """How long the next slice is: shorter ones where somebody watches as it happens."""
        self._society = society
        self._parameters = parameters
        self._seed = seed
        self._judging = judging
        self._workers = workers
        self._told = found() if told is None else tuple(told)
        self._theatre = Theatre(self._open_account)
        self._aftermath = Aftermath(parameters, seed, self.memories, self.casts)
        self.recovery = Recalls(
            after_reports or load_recovery(), society, self.memories, self._aftermath.put
        )
        self._asking = _asking(parameters)
        self._attempt_share = parameters["ordinary.short_attempt_share"]
        self._key = np.uint64(Chance(seed, "afford").below(1 << 52))
        self._underworld: Underworld | None = None

    def slices(self, days: int) -> Iterator[Happened]:
        """Live so many days from the first on."""
        from arasha.country.habits import ordinary_day

        for day in range(days):
            yield from self.day(day, ordinary_day(self._society, day, self._workers))

    def day(self, day: int, ordinary: Happenings) -> Iterator[Happened]:
        """Live one day, with its ordinary life given; days come in order."""
        start_ms = self._society.start_ms + day * DAY_MS
        if len(ordinary):
            assert start_ms <= ordinary.time_ms[0]
            assert ordinary.time_ms[-1] < start_ms + DAY_MS
        self.memories.grow()
        self._begin_plays(day, start_ms)
        at_ms, end_ms = start_ms, start_ms + DAY_MS
        while at_ms < end_ms:
            next_ms = min(at_ms + self.slice_ms, end_ms)
            yield self._slice(at_ms, next_ms, ordinary.between(at_ms, next_ms))
            at_ms = next_ms
        self.memories.renumber()

    def mules(self) -> list[Mule]:
        """Every mule that there ever was."""
        return [] if self._underworld is None else list(self._underworld.mules.values())

    # --- a slice ----------------------------------------------------------------------------------

    def _slice(self, start_ms: int, end_ms: int, ordinary: Happenings) -> Happened:
        self.recovery.answer(start_ms)
        concluded = self._aftermath.conclude(start_ms, self._theatre)
        played = self._theatre.play(end_ms)
        self._aftermath.settle_claims(played)
        self._aftermath.put(played)
        self.memories.grow()
        rows = merged([ordinary, of_rows(self._aftermath.due(end_ms))])
        self._check(rows)
        rows, tickets = self._serialled(self._sensed(self._afforded(rows)))
        payments = np.flatnonzero(rows.kind == Kind.PAYMENT)
        actions = np.zeros(len(payments), np.uint8)
        if self._judging is not None:
            actions = self._judging.judge(rows)
            assert actions.shape == (len(payments),)
        became = self._settled(rows, payments, actions)
        self._aftermath.follow(
            rows, payments, tickets[payments], actions, became, end_ms, self._theatre
        )
        self._tell(rows, payments, became, concluded)
        return Happened(start_ms, end_ms, rows, payments, actions, became, concluded)

    def _check(self, rows: Happenings) -> None:
        """Everything is of an account or number that there is: the kernels do not look again."""
        society = self._society
        telecom = (rows.kind == Kind.CALL) | (rows.kind == Kind.SIM_CHANGE)
        there = np.where(telecom, len(society.numbers), len(society.accounts))
        assert (rows.first >= 0).all()
        assert (rows.first < there).all()
        two = rows.second[(rows.kind == Kind.PAYMENT) | (rows.kind == Kind.CALL)]
        assert (two >= 0).all()
        assert (rows.second < there).all()

    def _afforded(self, rows: Happenings) -> Happenings:
        keep = np.empty(len(rows), np.uint8)
        kernels.afford(_columns(rows), self.memories.accounts, self._key, self._attempt_share, keep)
        return rows if keep.all() else rows.take(keep.astype(np.bool_))

    def _sensed(self, rows: Happenings) -> Happenings:
        """With marks on the payments, and the operators' answers right before those asked about."""
        n = len(rows)
        asked, answers = np.empty(n, np.int64), np.empty((n, ASKED), np.uint8)
        memories = self.memories
        count = kernels.sense(
            _columns(rows), memories.accounts, memories.numbers, memories.known, self._asking,
            asked, answers,
        )  # fmt: skip
        if not count:
            return rows
        about = np.repeat(asked[:count], ASKED)
        payers = rows.first[about]
        signals = make({
            "time_ms": rows.time_ms[about],
            "kind": np.full(len(about), Kind.SIGNAL),
            "first": payers,
            "second": rows.second[about],
            "number": memories.accounts.number[payers],
            "code": answers[:count].reshape(-1),
            "purpose": np.tile(np.array(_ASKED_SIGNALS), count),
            "script": rows.script[about],
        })  # fmt: skip
        before = np.zeros(n, np.int64)
        before[asked[:count]] = ASKED
        places = np.arange(n) + np.cumsum(before)
        beside = (places[about].reshape(-1, ASKED) - np.arange(ASKED, 0, -1)).reshape(-1)
        return _interleaved(rows, places, signals, beside)

    def _serialled(self, rows: Happenings) -> tuple[Happenings, NDArray[np.int64]]:
        """Give every row its serial, signals that of their payment, payments their own in place of
        the tickets that stood there, which are returned beside.
        """
        tickets, serials = rows.payment.copy(), rows.serial
        serials[:] = self.serial + np.arange(len(rows))
        self.serial += len(rows)
        payments, signals = rows.kind == Kind.PAYMENT, np.flatnonzero(rows.kind == Kind.SIGNAL)
        rows.payment[payments] = serials[payments]
        following = np.flatnonzero(payments)
        rows.payment[signals] = serials[following[np.searchsorted(following, signals)]]
        return rows, tickets

    def _settled(
        self, rows: Happenings, payments: NDArray[np.intp], actions: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        became = np.empty(len(payments), np.uint8)
        stops = self._aftermath.gives_up(rows, payments, actions)
        kernels.settle(_columns(rows), payments, actions, stops, self.memories.accounts, became)
        return became

    def _tell(
        self,
        rows: Happenings,
        payments: NDArray[np.intp],
        became: NDArray[np.uint8],
        concluded: tuple[Concluded, ...],
    ) -> None:
        if self._judging is None:
            return
        self._judging.became(rows.payment[payments], became)
        if concluded:
            self._judging.became(
                np.array([one.paid.serial for one in concluded], np.int64),
                np.array([one.became for one in concluded], np.uint8),
            )

    # --- plays ------------------------------------------------------------------------------------

    def _begin_plays(self, day: int, start_ms: int) -> None:
        people = len(self._society.people)
        for told in self._told:
            cast = told.cast
            chance = Chance(self._seed, "begins", cast.name, day)
            count = chance.poisson(self.parameter(cast, "rate") * people / 100_000)
            for nth in range(count):
                at_ms = start_ms + chance.weighted(cast.hours) * HOUR_MS + chance.below(HOUR_MS)
                own = Chance(self._seed, "play", cast.name, day, nth)
                stage = Stage(self, cast, len(self.casts), own, at_ms)
                self.casts.append(told)
                self._theatre.begin(stage, told.play)

    def _open_account(self, person: int, bank: int, at_ms: int) -> int:
        account = self._society.open_account(person, bank, at_ms)
        self.memories.grow()
        return account

    # --- what a stage needs (script.World) --------------------------------------------------------

    @property
    def society(self) -> Society:
        """The people and what is theirs."""
        return self._society

    @property
    def underworld(self) -> Underworld:
        """The thieves."""
        if self._underworld is None:
            from arasha.country.underworld import Underworld

            self._underworld = Underworld(
                self._society, self._parameters,
                Chance(self._seed, "underworld"),
            )  # fmt: skip
        return self._underworld

    def balance(self, account: int) -> int:
        """What can be spent from an account now, in tiyn."""
        return int(self.memories.accounts.balance[account])

    def role(self, name: str) -> int:
        """The number under which truth keeps a role."""
        if name not in self.roles:
            assert len(self.roles) < MAX_ROLES
            self.roles.append(name)
        return self.roles.index(name)

    def parameter(self, cast: Story | Lookalike, name: str) -> float:
        """A number of ``[stories.NAME]`` or ``[lookalikes.NAME]``."""
        section = "stories" if isinstance(cast, Story) else "lookalikes"
        return self._parameters[f"{section}.{cast.name}.{name}"]

    def start(self, stage: Stage, play: Play) -> None:
        """Let a play begin at the stage's time."""
        self._theatre.begin(stage, play)

    def launder(self, stage: Stage, ring: Ring, paid: Answer) -> None:
        """Let what happens to money on a mule's account begin."""
        from arasha.country.laundering import launder

        stage.spawn(partial(launder, ring=ring, paid=paid))


def _columns(rows: Happenings) -> Slice:
    return Slice(*(getattr(rows, name) for name in Slice._fields))


def _interleaved(
    rows: Happenings,
    places: NDArray[np.int64],
    others: Happenings,
    beside: NDArray[np.int64],
) -> Happenings:
    """Both at once: row i at ``places[i]``, other j at ``beside[j]``."""
    columns = {}
    for name in COLUMNS:
        column = np.empty(len(rows) + len(others), getattr(rows, name).dtype)
        column[places], column[beside] = getattr(rows, name), getattr(others, name)
        columns[name] = column
    return Happenings(**columns)


def _asking(parameters: Parameters) -> Asking:
    banks = np.zeros(NO_BANK + 1, np.uint8)
    asking = parameters.numbers("signals.banks_ask")
    banks[: len(asking)] = np.array(asking) > 0
    return Asking(
        banks, int(parameters["signals.least_kzt"]) * TIYN,
        int(parameters["signals.large_kzt"]) * TIYN,
    )  # fmt: skip
