"""All that belongs to "did you originate this call?" at one operator: both sides of it.

In: the desk, the operator's directory and its settings. Out: the two routes, what keeps up with the
log and the table of numbers, and one place to close it all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

from arasha.app.http.calls import MAX_IDENTITY_CHARS, Calls
from arasha.app.http.desk import Desk
from arasha.app.http.lines import Line
from arasha.app.http.origination import MAX_BYTES, Answering, Questions
from arasha.app.http.owners import Owners
from arasha.app.http.passports import PassportCheck
from arasha.engine.originated import Originated
from arasha.errors import ArashaError
from arasha.events.json import MAX_MESSAGE_BYTES
from arasha.exchange.numbering import Watched
from arasha.exchange.origination import Origination
from arasha.vault.tokens import Tokens

__all__ = ["MAX_BYTES", "MAX_CALL_BYTES", "OwnerAsking"]

MAX_CALL_BYTES: Final = MAX_MESSAGE_BYTES + MAX_IDENTITY_CHARS
"""Longest message of a call with an Identity header."""

LOOK_S: Final = 1.0
"""How often it is looked whether there are other numbers, or revoked certificates, seconds."""


class OwnerAsking:
    """What one operator's service needs to ask owners, and to be asked."""

    def __init__(self, desk: Desk, directory: Path, settings: Origination) -> None:
        """Raises InputError for a table of numbers, or roots of certificates, that are none."""

        def steady_s() -> float:
            return desk.clock().steady_ns / 1e9

        tokens = Tokens.load_or_create(directory)  # remembers nothing: for looking up
        roaming = None if settings.roaming is None else Line(settings.roaming, "", steady_s)
        self._desk, self._table, self._roaming = desk, Watched(directory), roaming
        originated = Originated(desk.live.log, desk.clock().steady_ns)
        desk.live.following.append(originated.growth.hand)
        self._answering = Answering(desk, originated, roaming)
        self._owners = Owners(
            settings, self._table, tokens, self._answering, steady_s=steady_s,
            wall_ms=lambda: desk.clock().wall_ms, count=desk.figures.owner_answered,
        )  # fmt: skip
        self._passports = (
            None if settings.passports is None
            else PassportCheck(settings.passports, desk.clock().wall_ms / 1_000)
        )  # fmt: skip
        self.calls = Calls(desk, self._owners, self._passports)
        self.questions = Questions(desk, self._answering, self._table, tokens, settings.operator)

    def beside(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs beside the routes."""
        yield self._answering.run()
        yield self._watching("numbers", self._look_at_numbers)
        if self._passports is not None:
            self._desk.journal.say("revoked", **self._revoked(self._passports))
            yield self._watching("revoked", self._look_at_revoked)

    async def close(self) -> None:
        """Close the lines to other services."""
        await self._owners.close()
        if self._roaming is not None:
            await self._roaming.close()

    async def _watching(self, what: str, look: Callable[[], dict[str, Any] | None]) -> None:
        """Take up other files; one that is none is told of, once, and not taken. ``look`` says what
        there is now, None where nothing changed.
        """
        told = ""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                found = await asyncio.to_thread(look)
                if found is not None:
                    self._desk.journal.say(what, **found)
                told = ""
            except ArashaError as error:
                if str(error) != told:
                    self._desk.journal.fault(what, error)
                told = str(error)

    def _look_at_numbers(self) -> dict[str, Any] | None:
        if not self._table.look():
            return None
        loaded = self._table.numbers.loaded
        assert loaded is not None
        return {"ported": loaded.ported, "sum": loaded.sum}

    def _look_at_revoked(self) -> dict[str, Any] | None:
        assert self._passports is not None
        return self._revoked(self._passports) if self._passports.revocations.look() else None

    def _revoked(self, passports: PassportCheck) -> dict[str, Any]:
        """How many certificates were revoked, and whether a list should have been renewed."""
        now = passports.revocations.now
        by_s, now_s = now.renewed_by_s, self._desk.clock().wall_ms / 1_000
        return {"certificates": len(now), "overdue": by_s is not None and by_s < now_s}
