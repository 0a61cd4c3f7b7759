"""What was said lately of accounts, numbers and devices, found again by their tokens.

In: batches of facts in the order of the log. Out: when an account was opened, what an operator
answered about a number (classes alone: no call comes here), which accounts used a device. The
newest rows of each are held and no more, so that what a case shows costs no reading of the log.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts, Numbers, Symbols
from arasha.events.schema import (
    ACCOUNT_CHANGES,
    CHANNELS,
    MISSING,
    SIGNAL_CLASSES,
    SIGNALS,
    Kind,
)

ROWS_MOST: Final = 1 << 19
"""Rows that are held of each kind, the newest: at most 25 MB together with their tokens."""

ANSWERS_MOST: Final = 50
"""Answers about one number that are told, the last."""

_FIRST_ROWS: Final = 1_024
_OPENED: Final = ACCOUNT_CHANGES.index("opened")
_OWN: Final = (CHANNELS.index("mobile"), CHANNELS.index("web"), MISSING)
"""Channels on which a device is the payer's own: a cash machine or a till is everybody's."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An operator's answer about a number: which question, which class of answer."""

    seq: int
    known_ms: int
    signal: str
    answer: str


class Lately:
    """What is remembered of one log. For one thread at a time."""

    def __init__(self, rows_most: int = ROWS_MOST) -> None:
        self._openings = _Rows(1, rows_most)
        self._answers = _Rows(4, rows_most)
        self._devices = _Rows(3, rows_most)

    def observe(self, facts: Facts, known_at: Numbers, seqs: Numbers) -> None:
        """Take in a batch: ``known_at`` int64[n] ms, ``seqs`` int64[n] places in the log."""
        opened = np.flatnonzero(
            (facts.kinds == Kind.ACCOUNT_CHANGE) & (facts.number("change") == _OPENED)
        )
        if len(opened):
            at = facts.number("happened_at")[opened]
            self._openings.add(facts.symbol("account")[opened], at[:, None])
        told = np.flatnonzero(facts.kinds == Kind.SIGNAL)
        if len(told):
            columns = (seqs, known_at, facts.number("signal"), facts.number("answer"))
            values = np.stack([one[told] for one in columns], 1)
            self._answers.add(facts.symbol("number")[told], values)
        devices = facts.symbol("device")
        own = np.isin(facts.number("channel"), _OWN) & devices.any(axis=1)
        used = np.flatnonzero((facts.kinds == Kind.PAYMENT) & own)
        if len(used):
            payers = facts.symbol("payer_account")[used].view(np.int64)
            values = np.concatenate([payers, known_at[used][:, None]], 1)
            self._devices.add(devices[used], values)

    def opened_ms(self, account: str, by_ms: int) -> int | None:
        """When an account was opened, ms since 1970; None where nobody has said so by then."""
        found = self._openings.of(account)[:, 0]
        found = found[found <= by_ms]
        return int(found[-1]) if len(found) else None

    def answers(self, number: str, since_ms: int, before_seq: int) -> list[Answered]:
        """What was answered about a number since then and before that place, the first first."""
        rows = self._answers.of(number)
        rows = rows[(rows[:, 1] >= since_ms) & (rows[:, 0] < before_seq)]
        return [
            Answered(seq, known, SIGNALS[signal], SIGNAL_CLASSES[answer])
            for seq, known, signal, answer in rows[-ANSWERS_MOST:].tolist()
        ]

    def users_of(self, device: str, by_ms: int) -> frozenset[str]:
        """The accounts that paid from a device by then."""
        rows = self._devices.of(device)
        return frozenset(_hex(row[:2]) for row in rows[rows[:, 2] <= by_ms])

    def shared(self, accounts: Collection[str], by_ms: int) -> list[frozenset[str]]:
        """Those of these accounts that paid from one and the same device by then: a set for each
        device of two or more of them, without naming it.
        """
        tokens, values = self._devices.among(accounts)
        users: dict[bytes, set[str]] = {}
        for token, row in zip(tokens, values, strict=True):
            if row[2] <= by_ms:
                users.setdefault(token.tobytes(), set()).add(_hex(row[:2]))
        found = {frozenset(some) for some in users.values() if len(some) > 1}
        return sorted(found, key=lambda some: (-len(some), min(some)))


class _Rows:
    """Rows of numbers, each under a token; the newest ``most`` of them. Every column stands for
    itself, so that looking through one reads nothing else.
    """

    def __init__(self, width: int, most: int) -> None:
        self._most, self._ever = most, 0
        room = min(most, _FIRST_ROWS)
        self._tokens = np.zeros((2, room), np.uint64)
        self._values = np.zeros((width, room), np.int64)

    @property
    def _room(self) -> int:
        return self._tokens.shape[1]

    def add(self, tokens: Symbols, values: Numbers) -> None:
        """Take in rows, in order."""
        tokens, values = tokens[-self._most :], values[-self._most :]
        while self._ever + len(tokens) > self._room < self._most:
            more = (0, 0), (0, min(self._most, 2 * self._room) - self._room)
            self._tokens, self._values = np.pad(self._tokens, more), np.pad(self._values, more)
        at = (self._ever + np.arange(len(tokens))) % self._room
        self._tokens[:, at], self._values[:, at] = tokens.T, values.T
        self._ever += len(tokens)

    def of(self, token: str) -> NDArray[np.int64]:
        """int64[n, width]: the rows under a token, in their order."""
        low, high = np.frombuffer(bytes.fromhex(token), np.uint64)
        found = np.flatnonzero(self._tokens[0, : self._ever] == low)
        found = found[self._tokens[1, found] == high]
        return self._values[:, self._in_order(found)].T

    def among(self, others: Collection[str]) -> tuple[Symbols, NDArray[np.int64]]:
        """The rows whose first two numbers are one of these tokens, in their order."""
        wanted = np.frombuffer(bytes.fromhex("".join(others)), np.int64).reshape(-1, 2)
        lows = np.sort(wanted[:, 0])
        held = self._values[0, : self._ever]
        found = np.flatnonzero(lows[np.searchsorted(lows[:-1], held)] == held)
        found = found[np.isin(self._values[1, found], wanted[:, 1])]
        found = self._in_order(found)
        return self._tokens[:, found].T, self._values[:, found].T

    def _in_order(self, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """A full table is a ring: its oldest row stands where the next one goes."""
        if self._ever <= self._room:
            return places
        age = (places - self._ever) % self._room
        return places[np.argsort(age, kind="stable")]


def _hex(row: NDArray[np.int64]) -> str:
    return row.tobytes().hex()
