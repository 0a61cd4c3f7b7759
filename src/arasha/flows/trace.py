"""Followed: where disputed money went, over accounts and banks.

In: the arena of payments, the payments reported, bounds, and what banks said of balances. Out: a
``Trace``: each account on the money's way with what of it is there, passed on, left the network, by
FIFO, LIFO, haircut and poison, and between which least and most; each payment with what it carries;
and every bound that cut the trace. Several reports make one trace, in which no money counts twice.

    The same arena, reports and bounds give the same trace, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import UsageError
from arasha.flows import kernels_trace as walk
from arasha.flows.arena import Arena
from arasha.flows.bounds import MED_2, Bounds
from arasha.flows.kernels_arena import AMOUNT as AMOUNT_WORD
from arasha.flows.kernels_arena import (
    HEAD,
    MASK,
    NONE,
    ORDINALS,
    PAYEE,
    amount_of,
)
from arasha.flows.kernels_back import paid_from
from arasha.flows.kernels_money import (
    BUCKETS,
    RULES,
    STAY_WORDS,
)
from arasha.flows.results import Walked, told
from arasha.flows.traced import Trace

REPORTED_MOST: Final = 5_000
"""Payments of one trace that may be reported."""

_PIECES_A_LOOK: Final = 4
_NO_OPENINGS: Final = np.zeros((0, 2), np.int64)


class Tracer:
    """Follows money through one arena; keeps the memory that a trace needs between traces."""

    def __init__(self, arena: Arena, bounds: Bounds = MED_2) -> None:
        self.arena = arena
        self.bounds = bounds
        stays = bounds.payments_most + 1
        pieces = _PIECES_A_LOOK * (bounds.looks_most + 1) + stays
        self._stays = np.zeros((stays, STAY_WORDS), np.int64)
        self._money = np.zeros((stays, RULES, BUCKETS), np.int64)
        self._places = np.zeros(1 << (4 * stays).bit_length(), np.int64)
        self._listed = np.zeros((bounds.payments_most, walk.LISTED_WORDS), np.int64)
        self._fifo = (np.zeros(pieces, np.int64), np.zeros(pieces, np.int64))
        self._lifo = (np.zeros(pieces, np.int64), np.zeros(pieces, np.int64))
        self._created = np.zeros((BUCKETS, RULES), np.int64)
        self._work = np.zeros(walk.WORK_WORDS, np.int64)
        self._carried = np.zeros(2 * RULES, np.int64)
        self._runs = np.zeros(4, np.int64)
        self._heap = np.zeros(4 * stays + 16, np.int64)

    def trace(
        self,
        reported: Mapping[int, int | None] | Iterable[int],
        openings: Mapping[int, int] | None = None,
    ) -> Trace:
        """Follow the payments with these ordinals.

        ``reported`` may say how much of each is disputed, minor units; None: all of it.
        ``openings`` are balances, minor units, that banks told of accounts as they were just
        before disputed money first came. Payments no longer held are passed over. Raises UsageError
        for reports in several currencies: their money makes no sum.
        """
        disputes = dict(reported) if isinstance(reported, Mapping) else dict.fromkeys(reported)
        sources = self._sources(disputes)
        currency = self._currency(sources)
        balances = _NO_OPENINGS
        if openings:
            balances = np.array(sorted(openings.items()), np.int64)
        self._run(sources, balances)
        work = self._work
        stays, payments = int(work[walk.STAYS]), int(work[walk.PAYMENTS])
        walked = Walked(
            self._stays[:stays], self._money[:stays], self._listed[:payments], self._created, work,
            int(sources[:, 1].sum()), currency,
        )  # fmt: skip
        return told(walked, self.arena, self.bounds)

    def paid_by(self, account: int, from_ms: int) -> list[int]:
        """The payments an account made from a time on, within the hop window: ordinals, oldest
        first, at most ``payments_most``.
        """
        out = np.empty(self.bounds.payments_most, np.int64)
        until = from_ms + self.bounds.hop_window_ms
        memory, about = tuple(self.arena.arrays), self.arena.about
        found: list[int] = out[: paid_from(memory, about, account, from_ms, until, out)].tolist()
        return found

    def _sources(self, disputes: Mapping[int, int | None]) -> NDArray[np.int64]:
        """int64[n, 2]: (ordinal, disputed) of the payments held, oldest first."""
        about = self.arena.about
        held = len(self.arena)
        first, mask = int(about[HEAD]), int(about[MASK])
        rows = []
        for ordinal, disputed in disputes.items():
            age = (ordinal - first) & ORDINALS
            if age < held:
                whole = int(amount_of(int(self.arena.arrays.rows[ordinal & mask, AMOUNT_WORD])))
                rows.append((age, ordinal, whole if disputed is None else min(whole, disputed)))
        rows.sort()
        kept = [(ordinal, disputed) for _, ordinal, disputed in rows[:REPORTED_MOST] if disputed]
        return np.array(kept, np.int64).reshape(-1, 2)

    def _currency(self, sources: NDArray[np.int64]) -> int:
        arena = self.arena
        payees = arena.arrays.rows_32[sources[:, 0] & int(arena.about[MASK]), PAYEE]
        found = {arena.currency_of(account) for account in payees.tolist()}
        if len(found) > 1:
            raise UsageError(
                "the reports are in several currencies", expected="payments in one currency",
                found=", ".join(f"{one:03d}" for one in sorted(found)),
                hint="trace each currency by itself",
            )  # fmt: skip
        return found.pop() if found else 0

    def _run(self, sources: NDArray[np.int64], openings: NDArray[np.int64]) -> None:
        one = self.bounds
        bounds = np.array(
            (one.least_amount_minor, one.payments_most, one.hop_window_ms, one.hops_most,
             one.looks_at_account_most, one.looks_most), np.int64,
        )  # fmt: skip
        self._money[: int(self._work[walk.STAYS])] = 0
        self._places[:] = NONE
        self._created[:] = 0
        self._work[:] = 0
        memory = (
            self._stays, self._money, self._places, self._listed, self._fifo, self._lifo,
            self._created, self._work, self._carried, self._runs,
        )  # fmt: skip
        walk.follow(
            tuple(self.arena.arrays), self.arena.about, memory, self._heap, sources, bounds,
            openings,
        )  # fmt: skip
