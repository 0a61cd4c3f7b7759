"""Asking the owner of a number whether a call from abroad that bears it is its own.

In: the two numbers of a call and the time that it may wait. Out: a class of schema.OWNER_ANSWERS.
Whom to ask stands in the table of numbers; of our own numbers we ask ourselves. What leaves is the
question: these two numbers, the time, a name that is drawn; it goes to the owner alone, over TLS,
and there is nobody between who could keep it.

    nobody owns the number ─▶ no_owner          the owner is not asked now ─▶ operator_down
    no line to the owner   ─▶ not_asked         its time is over           ─▶ not_answered

A word that no owner can say counts as none. Where the owner says that the number is not its own,
the table is looked at again, and who owns it by then is asked, once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from arasha.app.http.lines import Line, Silence
from arasha.app.http.origination import MAX_AGE_MS, Answering
from arasha.errors import ArashaError
from arasha.events.records import OwnerAnswer, milliseconds
from arasha.events.schema import PartyKind
from arasha.exchange.numbering import Watched
from arasha.exchange.origination import PATH, Answer, Answered, Origination, Question
from arasha.vault.tokens import Tokens

LEAST_S: Final = 0.01
"""A question that has less time is not asked, seconds."""

_CLASSES: Final[dict[Answer, OwnerAnswer]] = {
    "originated": "confirmed", "not_originated": "denied", "roaming": "roaming",
    "not_mine": "not_mine",
}  # fmt: skip
_SILENT: Final[dict[Silence, OwnerAnswer]] = {
    Silence.NOT_ANSWERED: "not_answered", Silence.DOWN: "operator_down", Silence.FULL: "not_asked",
}  # fmt: skip
_OK: Final = 200

_decode = msgspec.json.Decoder(Answered).decode


class Owners:
    """Whom this operator asks. Used in the event loop."""

    def __init__(
        self, settings: Origination, table: Watched, tokens: Tokens, answering: Answering, *,
        steady_s: Callable[[], float], wall_ms: Callable[[], int],
        count: Callable[[OwnerAnswer], None],
    ) -> None:  # fmt: skip
        """``tokens`` remembers nothing: for looking up. ``count`` is told of each answer."""
        self._settings, self._table, self._tokens = settings, table, tokens
        self._answering, self._steady_s, self._wall_ms = answering, steady_s, wall_ms
        self._count = count
        self._lines = {name: Line(peer, PATH, steady_s) for name, peer in settings.peers.items()}

    @property
    def within_s(self) -> float:
        """How long one call may wait for its owner, seconds."""
        return self._settings.within_ms / 1_000

    def is_asked_about(self, number: str) -> bool:
        """Whether a call from abroad that bears this number (in E.164) is put to its owner."""
        return self._settings.is_domestic(number)

    async def answer(self, caller: str, callee: str, at: datetime, within_s: float) -> OwnerAnswer:
        """What the owner of the caller's number says, within that time."""
        until_s = self._steady_s() + within_s
        token = self._tokens.of(PartyKind.NUMBER, caller)
        owner = self._table.numbers.owner_of(caller, token)
        said = await self._said(owner, caller, callee, at, until_s)
        if said == "not_mine" and await asyncio.to_thread(self._look):
            after = self._table.numbers.owner_of(caller, token)
            if after != owner:
                said = await self._said(after, caller, callee, at, until_s)
        self._count(said)
        return said

    async def close(self) -> None:
        """Close the lines."""
        for line in self._lines.values():
            await line.close()

    async def _said(
        self, owner: str | None, caller: str, callee: str, at: datetime, until_s: float
    ) -> OwnerAnswer:
        if owner is None:
            return "no_owner"
        left_s = until_s - self._steady_s()
        if left_s < LEAST_S or abs(milliseconds(at) - self._wall_ms()) > MAX_AGE_MS:
            return "not_asked"
        if owner == self._settings.operator:
            kind = PartyKind.NUMBER
            ours, theirs = self._tokens.of(kind, caller), self._tokens.of(kind, callee)
            answer = await self._answering.answer(caller, ours, theirs, left_s)
            return "not_answered" if answer is None else _CLASSES[answer]
        line = self._lines.get(owner)
        if line is None:
            return "not_asked"
        question = Question(secrets.token_hex(16), caller, callee, at, int(left_s * 1_000))
        return _class_of(question, await line.ask(msgspec.json.encode(question), left_s))

    def _look(self) -> bool:
        try:
            return self._table.look()
        except ArashaError:
            return False


def _class_of(question: Question, reply: tuple[int, bytes] | Silence) -> OwnerAnswer:
    if isinstance(reply, Silence):
        return _SILENT[reply]
    status, body = reply
    try:
        answered = _decode(body) if status == _OK else None
    except (msgspec.DecodeError, RecursionError):
        return "not_answered"
    fits = answered is not None and answered.id == question.id
    return _CLASSES[answered.answer] if answered is not None and fits else "not_answered"
