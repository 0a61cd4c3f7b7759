"""Where the money of a report is: followed over accounts and banks as the log grows.

In: stretches of the log, in order; a report. Out: where to hold it: each account of a participant
at which some of the disputed money still is, and by which payment it came. An arena of its own
holds the payments (flows/arena.py), fed by the thread that reads the log; reports are followed by
the writing thread. Which accounts of a trace are held is for cases/targets.py to say.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arasha.app.http.lately import Lately
from arasha.cases.records import Report
from arasha.cases.targets import Targets, busy_in, targets_of
from arasha.events.body import unpack_facts
from arasha.events.schema import Kind
from arasha.flows.arena import Arena
from arasha.flows.back import Arrival, is_first, look_back
from arasha.flows.between import paid_between
from arasha.flows.trace import Tracer
from arasha.flows.traced import Trace
from arasha.log.log import Log

MAX_OTHERS: Final = 100
"""Other victims that are told of, the largest payments first."""

ENTRIES_AT_ONCE: Final = 65_536
"""Entries of one stretch that is read to catch up."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Other:
    """A payment whose payer may be a victim, too, and the payer's bank, which can ask them."""

    bank: str | None
    payment: Arrival


@dataclass(frozen=True, slots=True)
class Followed:
    """Where money is, and whom else to ask; ``cut``: there may be more of them."""

    trace: Trace
    others: tuple[Other, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """Payments of one account to another, by their tokens."""

    payer: str
    payee: str
    payments: int
    amount_minor: int


class Following:
    """The payments of one log. ``banks`` names the participants: nobody else can hold anything;
    ``exchanges`` the accounts of crypto exchanges, by their tokens: there money leaves the network.
    """

    def __init__(
        self,
        banks: Callable[[], Collection[str]],
        exchanges: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._banks, self._exchanges = banks, exchanges
        self._named: frozenset[str] = frozenset()
        self._arena = Arena()
        self._tracer = Tracer(self._arena)
        self._lately = Lately()
        self._turn = threading.Lock()
        self._at = -1

    def catch_up(self, log: Log, stop: int) -> None:
        """Take in what stands before ``stop``; the first time from as far back as is followed."""
        if self._at < 0:
            self._at = self._first_of_interest(log)
        while self._at < stop:
            end = min(stop, self._at + ENTRIES_AT_ONCE)
            self._take_in(log, self._at, end)
            self._at = end

    def targets(self, report: Report) -> Targets:
        """Where to hold it; without its payment in the arena, at the account that it names."""
        banks = self._banks()
        with self._turn:
            self._name_exchanges()
            is_busy = busy_in(self._arena, report.taken_ms)
            return targets_of(report, self._followed(report), banks, is_busy)

    def follow(self, reports: Sequence[Report]) -> Followed | None:
        """Where the money of these reports is, as one trace, and who else may have been robbed;
        None where none of their payments is held here. They are of one currency.
        """
        disputes: dict[int, int | None] = {}
        with self._turn:
            self._name_exchanges()
            for report in reports:
                ordinal = self._ordinal(report)
                if ordinal is not None:
                    disputes[ordinal] = max(disputes.get(ordinal) or 0, report.amount_minor)
            if not disputes:
                return None
            trace = self._tracer.trace(disputes)
            arrivals = look_back(self._arena, trace)
            others = arrivals.likely[:MAX_OTHERS]
            asked = [Other(self._bank(one.payer, trace.currency), one) for one in others]
        return Followed(trace, tuple(asked), arrivals.cut or len(arrivals.likely) > MAX_OTHERS)

    def lately(self, look: Callable[[Lately], T]) -> T:
        """What was said lately, as `look` finds it."""
        with self._turn:
            return look(self._lately)

    def is_first(self, payment: str) -> bool | None:
        """Whether the payer of a payment (its digest) is not known to have paid its payee before;
        None where the payment is not held.
        """
        with self._turn:
            ordinal = self._arena.ordinal_of(np.frombuffer(bytes.fromhex(payment), np.uint64))
            return None if ordinal is None else is_first(self._arena, ordinal)

    def ties(
        self, accounts: Collection[str], currency: int, since_ms: int, until_ms: int
    ) -> list[Tie]:
        """Who of these accounts (tokens) paid whom in that time, in one currency."""
        with self._turn:
            held = {
                number: one
                for one in accounts
                if (number := self._arena.account_of(_tokens([one])[0], currency)) is not None
            }
            found = paid_between(self._arena, held, since_ms, until_ms)
        return [
            Tie(held[one.payer], held[one.payee], one.payments, one.amount_minor) for one in found
        ]

    def _name_exchanges(self) -> None:
        """Let the arena know of those that are on the list now: an account may be new to it."""
        listed = frozenset(self._exchanges())
        if ended := self._named - listed:
            self._arena.forget_exchanges(_tokens(ended))
        if listed:
            self._arena.name_exchanges(_tokens(listed))
        self._named = listed

    def _bank(self, account: str, currency: int) -> str | None:
        token = np.frombuffer(bytes.fromhex(account), np.uint64)
        held = self._arena.account_of(token, currency)
        return None if held is None else self._arena.bank_of(held)

    def _ordinal(self, report: Report) -> int | None:
        if report.payment is None:
            return None
        return self._arena.ordinal_of(np.frombuffer(bytes.fromhex(report.payment), np.uint64))

    def _followed(self, report: Report) -> Trace | None:
        ordinal = self._ordinal(report)
        return None if ordinal is None else self._tracer.trace({ordinal: report.amount_minor})

    def _first_of_interest(self, log: Log) -> int:
        """The first entry that is not older than what is followed."""
        since_ms = log.last_known_at_ms - self._arena.keep_ms
        low, high = 0, log.size
        while low < high:  # known_at never falls
            middle = (low + high) // 2
            frame = next(iter(log.read(middle, middle + 1, classes=(), missing="skip")))
            if frame.known_at[0] < since_ms:
                low = middle + 1
            else:
                high = middle
        return low

    def _take_in(self, log: Log, start: int, stop: int) -> None:
        for frame in log.read(start, stop, missing="skip"):
            rows = np.flatnonzero((frame.kinds < Kind.DECISION) & frame.readable)
            facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
            with self._turn:
                self._arena.observe(facts, frame.known_at[rows], frame.first_seq + rows)
                self._lately.observe(facts, frame.known_at[rows], frame.first_seq + rows)


def _tokens(names: Collection[str]) -> NDArray[np.uint64]:
    """uint64[n, 2] of tokens in hexadecimal digits."""
    return np.frombuffer(bytes.fromhex("".join(names)), np.uint64).reshape(-1, 2)
