"""Where plays are played: each in its own time, until it waits, pays, or is over.

In: plays that begin, the end of the slice, answers to payments. Out: rows. A payment's row carries
a *ticket* in its column ``payment``; whoever settles it answers the ticket, and the play goes on
some seconds after the next slice has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from arasha.country.happenings import COLUMNS
from arasha.country.script import Answer, Happen, Open, Pay, Play, Script, Stage, Wait

Row = tuple[int, ...]
"""Values in the order of happenings.COLUMNS."""

OpenAccount = Callable[[int, int, int], int]
"""(person, bank, at_ms) → the new account."""

RESUME_MS: Final = 60_000
"""A play goes on within this time after the slice in which it paid."""

TICKET: Final = COLUMNS.index("payment")


@dataclass(slots=True)
class _Running:
    """A play that has begun, or is about to."""

    stage: Stage
    play: Play
    script: Script | None = None
    missing: int = 0  # payments without an answer
    parts: list[Answer | None] = field(default_factory=list)


class Theatre:
    """All plays of a country."""

    def __init__(self, open_account: OpenAccount) -> None:
        self._open_account = open_account
        self._due: list[tuple[int, int, _Running, Answer | None]] = []
        self._tickets: dict[int, tuple[_Running, int]] = {}
        self._order = 0
        self._ticket = 0

    @property
    def running(self) -> int:
        """Plays that are not over, those about to begin among them."""
        return len(self._due) + len({id(running) for running, _ in self._tickets.values()})

    def begin(self, stage: Stage, play: Play) -> None:
        """Let a play begin at its stage's time."""
        self._wake(stage.now_ms, _Running(stage, play), None)

    def play(self, end_ms: int) -> list[Row]:
        """Play all that is due before that time; the rows of their moves, some of them later."""
        rows: list[Row] = []
        while self._due and self._due[0][0] < end_ms:
            at_ms, _, running, answer = heappop(self._due)
            running.stage.now_ms = at_ms
            self._step(running, answer, end_ms, rows)
        return rows

    def answer(self, ticket: int, answer: Answer, not_before_ms: int) -> None:
        """Say what became of a payment. The play goes on when all of a burst are answered."""
        running, place = self._tickets.pop(ticket)
        running.parts[place] = answer
        running.missing -= 1
        if running.missing == 0:
            parts = tuple(part for part in running.parts if part is not None)
            told = parts[-1] if len(parts) == 1 else _all(parts)
            at_ms = not_before_ms + 1 + running.stage.chance.below(RESUME_MS)
            self._wake(at_ms, running, told)

    def _step(self, running: _Running, answer: Answer | None, end_ms: int, rows: list[Row]) -> None:
        """Go on with a play until it waits beyond the slice, pays, or is over."""
        stage = running.stage
        try:
            if running.script is None:
                running.script = running.play(stage)
                move = next(running.script)
            else:
                move = running.script.send(answer or Answer(stage.now_ms))
            while True:
                if isinstance(move, Wait):
                    if move.until_ms >= end_ms:
                        self._wake(move.until_ms, running, None)
                        return
                    stage.now_ms = max(stage.now_ms, move.until_ms)
                    told = Answer(stage.now_ms)
                elif isinstance(move, Happen):
                    rows.extend(move.rows)
                    told = move.answer
                elif isinstance(move, Pay):
                    if move.rows:
                        rows.extend(self._ticketed(running, move.rows))
                        return
                    told = Answer(stage.now_ms)
                else:
                    told = self._opened(stage, move, rows)
                move = running.script.send(told)
        except StopIteration:
            return
        except Exception as error:
            error.add_note(f"in the play {stage.cast.name!r}, number {stage.number}")
            raise

    def _ticketed(self, running: _Running, rows: Iterable[Row]) -> list[Row]:
        given = []
        running.parts = []
        for row in rows:
            self._tickets[self._ticket] = running, len(running.parts)
            running.parts.append(None)
            given.append((*row[:TICKET], self._ticket, *row[TICKET + 1 :]))
            self._ticket += 1
        running.missing = len(given)
        return given

    def _opened(self, stage: Stage, move: Open, rows: list[Row]) -> Answer:
        account = self._open_account(move.person, move.bank, stage.now_ms)
        number = int(stage.society.accounts.number[account])
        rows.extend(stage.account_change(account, "opened", number=number).rows)
        return Answer(stage.now_ms, account=account)

    def _wake(self, at_ms: int, running: _Running, answer: Answer | None) -> None:
        heappush(self._due, (at_ms, self._order, running, answer))
        self._order += 1


def _all(parts: tuple[Answer, ...]) -> Answer:
    """One answer for a burst: that of the first part that did not move, else of the last."""
    worst = next((part for part in parts if not part.moved), parts[-1])
    return Answer(
        worst.at_ms, payment=worst.payment, payer=worst.payer, payee=worst.payee,
        amount=worst.amount, action=worst.action, reason=worst.reason, parts=parts,
    )  # fmt: skip
