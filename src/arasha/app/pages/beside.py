"""What pages read of the log beside its writer: when an entry was known, a payment without its
parties, a leaf.

In: places. Out: what stands there, where it can still be read: what the log has let go is gone
here, too. One reader, one thread at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from arasha.app.http.beside import Beside
from arasha.engine.lookback import first_at
from arasha.events.body import unpack_facts
from arasha.events.schema import Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MaskedPayment:
    """A payment as somebody sees it who may see nobody in it."""

    happened_ms: int
    amount_minor: int
    currency: int
    payer_bank: str | None
    payee_bank: str | None


class LogBeside:
    """The reader of one service's pages."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turn = asyncio.Lock()
        self._reader: Beside | None = None

    async def known_at(self, places: Sequence[int]) -> dict[int, int]:
        """When the entries at those places were known, ms."""
        return await self._read(lambda log: {place: _known_at(log, place) for place in places})

    async def payments(self, places: Sequence[int]) -> dict[int, MaskedPayment]:
        """The payments at those places that can still be read."""

        def look(log: Log) -> dict[int, MaskedPayment]:
            found = {place: _payment(log, place) for place in places}
            return {place: one for place, one in found.items() if one is not None}

        return await self._read(look)

    async def leaf_after(self, at_ms: int) -> tuple[int, bytes] | None:
        """The place and the leaf hash of the first entry known then or later; None without any."""

        def look(log: Log) -> tuple[int, bytes] | None:
            place = first_at(log, at_ms)
            return None if place >= log.size else (place, log.leaf(place))

        return await self._read(look)

    def close(self) -> None:
        """Close the log."""
        if self._reader is not None:
            self._reader.close()

    async def _read(self, look: Callable[[Log], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(self._looked, look)

    def _looked(self, look: Callable[[Log], T]) -> T:
        if self._reader is None:
            self._reader = Beside(self._directory)
        log = self._reader.log
        log.refresh()
        return look(log)


def _known_at(log: Log, place: int) -> int:
    [frame] = log.read(place, place + 1, classes=(), missing="skip")
    return int(frame.known_at[0])


def _payment(log: Log, place: int) -> MaskedPayment | None:
    if not 0 <= place < log.size:
        return None
    [frame] = log.read(place, place + 1, missing="skip")
    if not frame.readable[0] or frame.kinds[0] != Kind.PAYMENT:
        return None
    facts = unpack_facts(frame.kinds, frame.bodies)
    return MaskedPayment(
        int(facts.number("happened_at")[0]), int(facts.number("amount")[0]),
        int(facts.number("currency")[0]), code_text(facts.symbol("payer_bank")[0].tobytes()),
        code_text(facts.symbol("payee_bank")[0].tobytes()),
    )  # fmt: skip
