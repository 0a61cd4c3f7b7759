"""Following the log: from its entries to the messages that they make due.

In: the log, read beside its writer, and the outbox with its place in it. Out: the outbox, further
on. Most entries concern nobody: their plain headers say so, and their bodies stay closed. The
messages of a stretch and the new place are one commit, so a crash loses none and makes none twice;
and what is not committed in the log cannot be read, so nothing is ever said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.events.body import bodies_from, unpack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import unpack_decisions
from arasha.events.schema import Kind
from arasha.events.symbols import code_text, uetr_text
from arasha.exchange.messages import MAPPERS, Entry, Mapper, Message, Payment, envelope
from arasha.exchange.outbox import Change, Due, Forgotten, Listens, Outbox, ended_by
from arasha.log.keys import Retention, period_named, period_starts_ms
from arasha.log.log import Log
from arasha.log.retire import Retirement

ENTRIES_AT_ONCE: Final = 8_192
"""Entries of one step; what they make due is one commit."""

UNNOTED: Final = 65_536
"""Entries that concern nobody and may be read again after a crash: noting each look would cost a
durable commit."""

_FAR: Final = 64  # entries between two that are worth another look into the log

WEBHOOK_SET: Final = "webhook_set"
WEBHOOK_REMOVED: Final = "webhook_removed"

Find = Callable[[Sequence[bytes]], NDArray[np.int64]]
"""The places of facts by their digests, as the log's writer knows them (`Log.seqs_of`)."""


class Following:
    """One outbox and the log that it follows. Not for two threads at once."""

    def __init__(
        self, log: Log, outbox: Outbox, find: Find, *, mappers: Mapping[Kind, Mapper] = MAPPERS
    ) -> None:
        """``log`` may be open for reading only. Raises as `step` does."""
        self._log, self._outbox, self._find, self._mappers = log, outbox, find, mappers
        self._watched = np.array([*mappers, Kind.RIGHTS, Kind.SENT, Kind.RETIRED], np.uint8)
        self._receivers = outbox.receivers()
        self._source = ""
        self._refresh()
        cursor = outbox.cursor
        if cursor is None:
            cursor = self._first_of_interest()
            outbox.take_in([], cursor)
        self.cursor = self._noted = cursor
        self._goal = log.size  # before that, the log may still say that something was delivered

    @property
    def behind(self) -> int:
        """Entries that are still to be read."""
        return self._log.size - self.cursor

    @property
    def caught_up(self) -> bool:
        """Whether all is known that was in the log at the beginning: nothing may go before."""
        return self.cursor >= self._goal

    def step(self) -> int:
        """Take up the next entries; how many there were, 0 at the end of the log.

        Raises LogError where the log cannot be read, StoreError, StoreFull where the outbox cannot
        be written: then nothing of the step is kept, and it may be tried again.
        """
        self._refresh()
        start = self.cursor
        stop = min(self._log.size, start + ENTRIES_AT_ONCE)
        if start >= stop:
            return 0
        if not self._source:
            self._source = f"urn:arasha:log:{self._log.leaf(0)[:8].hex()}"
        try:
            entries = list(self._entries(start, stop))
            lookup = _Lookup(self._log, self._wants, self._seqs_told_by(entries))
            changes = [change for entry in entries for change in self._changes(entry, lookup)]
            if changes or stop - self._noted >= UNNOTED:
                self._outbox.take_in(changes, stop)
                self._noted = stop
        except BaseException:
            self._receivers = self._outbox.receivers()
            raise
        self.cursor = stop
        return stop - start

    def _refresh(self) -> None:
        if not self._log.writable:  # a writer knows
            self._log.refresh()

    def _first_of_interest(self) -> int:
        """Where a new outbox begins: before anybody had a webhook nothing was due to anybody."""
        for seq in self._log.places(Kind.RIGHTS):
            for entry in self._entries(seq, seq + 1):
                if msgspec.json.decode(entry.body)["change"] == WEBHOOK_SET:
                    return seq
        return self._log.size

    def _entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Those of that stretch that may concern somebody and can still be read."""
        found = start + np.flatnonzero(np.isin(self._log.kinds(start, stop), self._watched))
        for some in np.split(found, np.flatnonzero(np.diff(found) > _FAR) + 1):
            if not len(some):
                return
            for frame in self._log.read(int(some[0]), int(some[-1]) + 1, missing="skip"):
                for row in (some - frame.first_seq).tolist():
                    if 0 <= row < len(frame) and frame.readable[row]:
                        yield Entry(
                            frame.first_seq + row, int(frame.kinds[row]),
                            int(frame.known_at[row]), frame.bodies[row],
                        )  # fmt: skip

    def _seqs_told_by(self, entries: Sequence[Entry]) -> dict[bytes, int]:
        """The places of all payments that labels among them speak of, asked for at once."""
        if not self._receivers and not any(entry.kind == Kind.RIGHTS for entry in entries):
            return {}
        told = sorted({_payment_of(entry) for entry in entries if entry.kind == Kind.LABEL})
        return dict(zip(told, self._find(told).tolist(), strict=True)) if told else {}

    def _changes(self, entry: Entry, lookup: _Lookup) -> Iterator[Change]:
        """What one entry changes; its own webhook first, so that it hears of that."""
        match entry.kind:
            case Kind.RIGHTS:
                yield from self._heard(msgspec.json.decode(entry.body))
            case Kind.SENT:
                ended = ended_by(entry.body, self._outbox.incarnation)
                if ended is not None:
                    yield ended
            case Kind.RETIRED:
                yield from _forgotten(msgspec.json.decode(entry.body, type=Retirement))
        mapper = self._mappers.get(Kind(entry.kind))
        if mapper is None:
            return
        for message in mapper(entry, lookup):
            if self._wants(message.participant, message.type):
                yield self._due(message, entry)

    def _heard(self, act: dict[str, Any]) -> Iterator[Change]:
        if act["change"] == WEBHOOK_SET:
            types = tuple(act["messages"])
            self._receivers[act["name"]] = frozenset(types)
            yield Listens(act["name"], types)
        elif act["change"] == WEBHOOK_REMOVED:
            self._receivers.pop(act["name"], None)
            yield Listens(act["name"], None)

    def _wants(self, participant: str, message_type: str) -> bool:
        types = self._receivers.get(participant)
        return types is not None and (not types or message_type in types)

    def _due(self, message: Message, entry: Entry) -> Due:
        name, body = envelope(message, entry, self._source)
        return Due(
            entry.seq, message.number, name, message.participant, message.type, message.subject,
            body, entry.known_at_ms, message.facts_ms,
        )  # fmt: skip


class _Lookup:
    """The log as mappers see it."""

    def __init__(
        self, log: Log, wants: Callable[[str, str], bool], seqs: Mapping[bytes, int]
    ) -> None:
        self._log, self._seqs = log, seqs
        self.wants = wants

    def seq_of(self, reference: bytes) -> int:
        return self._seqs.get(reference, -1)

    def payment(self, seq: int) -> Payment | None:
        if not 0 <= seq < self._log.size:
            return None
        found: Payment | None = None
        for frame in self._log.read(seq, seq + 2, missing="skip"):
            for row in range(len(frame)):
                body = frame.bodies.slice(row, row + 1)
                if not frame.readable[row]:
                    return None
                if frame.first_seq + row == seq and frame.kinds[row] == Kind.PAYMENT:
                    fact = unpack_facts(frame.kinds[row : row + 1], body)
                    found = _payment_in(fact, seq, int(frame.known_at[row]))
                elif found is not None and frame.kinds[row] == Kind.DECISION:
                    return replace(found, action=int(unpack_decisions(body).action[0]))
        return None


def _payment_in(fact: Facts, seq: int, known_at_ms: int) -> Payment:
    """A payment's entry as messages need it, without its verdict."""
    uetr = fact.symbol("uetr").tobytes()
    return Payment(
        seq, code_text(fact.symbol("sender").tobytes()) or "", fact.ids[0], known_at_ms, 0,
        int(fact.number("amount")[0]), int(fact.number("currency")[0]), uetr_text(uetr),
    )  # fmt: skip


def _payment_of(entry: Entry) -> bytes:
    """The digest of the payment that a fact speaks of."""
    facts = unpack_facts(np.array([entry.kind], np.uint8), bodies_from([entry.body]))
    return facts.symbol("payment").tobytes()


def _forgotten(record: Retirement) -> Iterator[Change]:
    if record.retention == Retention.FACTS.word:
        period = period_named(record.month)
        yield Forgotten(period_starts_ms(period), period_starts_ms(period + 1))
