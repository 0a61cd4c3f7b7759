"""A country's portrait: how often, how much, when, among how many; taken while it lives.

In: the slices of a country, in order. Out: a ``Portrait``, plain counts that page.py shows beside
published figures. Memory is bounded: tables of fixed size, two counters an account, and the pairs
of a sample of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.country import kernels_portrait
from arasha.country.calendar import DAY_MS, Day, day_of
from arasha.country.happenings import FRAUD, NONE
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.society import NumberKind, Society
from arasha.events.schema import FACT_OF_KIND, Kind

if TYPE_CHECKING:
    from arasha.country.loop import Happened
    from arasha.country.script import Told

GROUPS: Final = ("purchases", "transfers between people", "bills, fees, gifts to charities",
                 "cash machines", "pay, pensions, loans")  # fmt: skip
"""Groups of payments, in the order of the counts."""

SIZE_EDGES_KZT: Final = (
    200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    2_000_000, 5_000_000,
)  # fmt: skip
"""Where the sizes of payments are cut."""

LENGTH_EDGES_S: Final = (10, 30, 60, 120, 300, 600, 1_800, 3_600)
"""Where the lengths of answered calls are cut; calls not answered are counted before them."""

SAMPLE: Final = 2_000
"""So many people are asked whom they called and paid."""

Ints = NDArray[np.int64]


class _Counts(NamedTuple):
    """What the kernel adds to."""

    kinds: Ints  # by kind of fact
    hours: Ints  # [payments or calls, working or free day, hour]
    counts: Ints  # by group
    sums: Ints  # by group, tiyn
    sizes: Ints  # by group and size
    lengths: Ints  # by length of call, first those not answered
    not_moved: Ints
    paid: NDArray[np.int32]  # payments made, by private account
    received: NDArray[np.int32]


class _Rows(NamedTuple):
    """The columns that the kernel reads."""

    kind: NDArray[np.uint8]
    time_ms: Ints
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    amount: Ints
    code: NDArray[np.uint8]
    duration_ms: Ints


@dataclass(frozen=True, slots=True)
class PlayCount:
    """What came of a story or lookalike."""

    name: str
    is_fraud: bool
    plays: int
    stolen_payments: int
    stolen_tiyn: int


class Portrait:
    """Takes slices in; gives figures out."""

    def __init__(self, society: Society) -> None:
        self.society = society
        self.days: list[Day] = []
        self.daily: list[Ints] = []  # payments that moved, calls
        room = len(society.accounts.kind)
        self._counts = _Counts(
            np.zeros(256, np.int64), np.zeros((2, 2, 24), np.int64),
            np.zeros(len(GROUPS), np.int64), np.zeros(len(GROUPS), np.int64),
            np.zeros((len(GROUPS), len(SIZE_EDGES_KZT) + 1), np.int64),
            np.zeros(len(LENGTH_EDGES_S) + 2, np.int64), np.zeros(1, np.int64),
            np.zeros(room, np.int32), np.zeros(room, np.int32),
        )  # fmt: skip
        self._called: list[Ints] = []
        self._paid: list[Ints] = []
        self._stolen: dict[int, tuple[int, int]] = {}

    def see(self, happened: Happened) -> None:
        """Count a slice."""
        self._begin_day(happened.start_ms)
        self._make_room()
        rows, day, before = happened.rows, self.days[-1], self._counts
        done = before.hours.sum(axis=(1, 2))
        moved = np.isin(happened.became, (MOVED, RELEASED))
        kernels_portrait.count_rows(
            _Rows(*(getattr(rows, name) for name in _Rows._fields)), moved,
            self.society.accounts.kind, int(day.free), day.start_ms,
            np.array(SIZE_EDGES_KZT, np.int64) * 100, np.array(LENGTH_EDGES_S, np.int64) * 1_000,
            before,
        )  # fmt: skip
        self.daily[-1] += self._counts.hours.sum(axis=(1, 2)) - done
        paid = happened.payments[moved]
        self._see_pairs(happened, paid)
        for row in paid[rows.truth[paid] & FRAUD != 0].tolist():
            script, amount = int(rows.script[row]), int(rows.amount[row])
            count, total = self._stolen.get(script, (0, 0))
            self._stolen[script] = (count + 1, total + amount)

    def write(self, path: Path, about: dict[str, Any], casts: list[Told]) -> None:
        """Write the page. ``about`` is what country.json says of the country."""
        from arasha.country.page import render

        path.write_text(render(self, about, self.plays(casts)), encoding="utf-8")

    def plays(self, casts: list[Told]) -> list[PlayCount]:
        """By story and lookalike: how many began, and what they stole."""
        found: dict[str, list[int]] = {}
        frauds: dict[str, bool] = {}
        for script, told in enumerate(casts):
            count, total = self._stolen.get(script, (0, 0))
            frauds[told.cast.name] = told.is_fraud
            into = found.setdefault(told.cast.name, [0, 0, 0])
            into[0] += 1
            into[1] += count
            into[2] += total
        return [PlayCount(name, frauds[name], *found[name]) for name in sorted(found)]

    # --- figures ----------------------------------------------------------------------------------

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.society.people)

    @property
    def person_days(self) -> int:
        """People times days."""
        return self.people * max(1, len(self.days))

    @property
    def facts(self) -> dict[str, int]:
        """How many facts of each kind, by its word."""
        return {
            FACT_OF_KIND[kind].word: int(self._counts.kinds[kind])
            for kind in Kind
            if kind in FACT_OF_KIND
        }

    @property
    def not_moved(self) -> int:
        """Payments without cover, stopped or refused."""
        return int(self._counts.not_moved[0])

    def hours(self, which: int) -> tuple[list[int], list[int]]:
        """Payments (0) or calls (1) by hour, on working days and on free days."""
        working, free = self._counts.hours[which].tolist()
        return working, free

    def groups(self) -> list[tuple[str, int, int]]:
        """Each group's name, payments and tiyn."""
        return [
            (name, int(count), int(total))
            for name, count, total in zip(
                GROUPS, self._counts.counts, self._counts.sums, strict=True
            )
        ]

    def sizes(self, group: int) -> list[int]:
        """Payments of a group by size."""
        sizes: list[int] = self._counts.sizes[group].tolist()
        return sizes

    def lengths(self) -> list[int]:
        """Calls by length; first those not answered."""
        lengths: list[int] = self._counts.lengths.tolist()
        return lengths

    def degrees(self) -> Ints:
        """How many people each person knows."""
        return np.diff(self.society.people.contact_start)

    def called(self) -> Ints:
        """How many different numbers each of the sample called."""
        return _distinct(self._called, min(SAMPLE, self.people))

    def paid(self) -> Ints:
        """How many different accounts each of the sample paid."""
        return _distinct(self._paid, min(SAMPLE, self.people))

    def share_of_busiest(self, part: float, *, receiving: bool = False) -> float | None:
        """The share of all payments made (received) by that part of the private accounts."""
        counts = self._counts.received if receiving else self._counts.paid
        private = np.sort(counts[: self.people])[::-1]
        total = int(private.sum())
        return int(private[: max(1, int(part * self.people))].sum()) / total if total else None

    # --- taking in --------------------------------------------------------------------------------

    def _begin_day(self, at_ms: int) -> None:
        number = (at_ms - self.society.start_ms) // DAY_MS
        if not self.days or self.days[-1].index != number:
            self.days.append(day_of(number, self.society.parameters))
            self.daily.append(np.zeros(2, np.int64))
            self._called = _merged(self._called)
            self._paid = _merged(self._paid)

    def _make_room(self) -> None:
        missing = len(self.society.accounts.kind) - len(self._counts.paid)
        if missing > 0:
            more = np.zeros(missing, np.int32)
            self._counts = self._counts._replace(
                paid=np.concatenate([self._counts.paid, more]),
                received=np.concatenate([self._counts.received, more]),
            )

    def _see_pairs(self, happened: Happened, paid: NDArray[np.intp]) -> None:
        rows, numbers, accounts = happened.rows, self.society.numbers, self.society.accounts
        calls = np.flatnonzero(rows.kind == Kind.CALL)
        owner = np.where(
            numbers.kind[rows.first[calls]] == NumberKind.PERSON,
            numbers.owner[rows.first[calls]], NONE,
        )  # fmt: skip
        self._called.append(_pairs(owner, rows.second[calls]))
        payer = rows.first[paid]
        owner = np.where(accounts.kind[payer] == 0, accounts.owner[payer], NONE)
        self._paid.append(_pairs(owner, rows.second[paid]))


def _pairs(owner: NDArray[np.int32], other: NDArray[np.int32]) -> Ints:
    asked = (owner >= 0) & (owner < SAMPLE)
    return owner[asked].astype(np.int64) << 32 | other[asked]


def _merged(some: list[Ints]) -> list[Ints]:
    return [np.unique(np.concatenate(some))] if some else []


def _distinct(some: list[Ints], people: int) -> Ints:
    pairs = _merged(some)
    return np.bincount(pairs[0] >> 32, minlength=people) if pairs else np.zeros(people, np.int64)
