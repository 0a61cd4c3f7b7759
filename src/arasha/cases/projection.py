"""The state as a projection of the log: whatever was live can be made again from its entries.

In: entries of the log, in order. Out: the state, and for each entry what came of it: the records
that it changed, the messages it makes due and the labels it settles. Nothing of this room is kept
anywhere but in the log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from arasha.cases.acts import KINDS, Entry, EvidencePacked, unpack, word_of
from arasha.cases.labels import Settled, labels_of
from arasha.cases.law import Law
from arasha.cases.messages import Message, messages_of
from arasha.cases.perform import perform
from arasha.cases.records import (
    Appeal,
    Case,
    Checked,
    Hold,
    Listing,
    Recall,
    Report,
    Request,
    Suspension,
    Viewed,
)
from arasha.cases.refusals import Refusal
from arasha.cases.state import Changes, State
from arasha.errors import LogError, Place
from arasha.log.keys import Retention
from arasha.log.log import Log

SETTLED_KEPT: Final = 1_000
"""How many of the last acts that settled labels are kept: a crash may have lost the labels."""

RECEIPTED: Final = (Hold, Recall, Appeal, Listing, Suspension, Case, Checked, Report, Request)
"""Records whose acts are found again by their id: for receipts and for evidence."""

VIEWS_KEPT: Final = 100
"""How many of the last views through one thing are found again by its id; the log has all."""

_GAP: Final = 1_024  # entries read over rather than asking the log again


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was taken, at its place, and what came of it."""

    seq: int
    entry: Entry
    changes: Changes
    messages: tuple[Message, ...]
    labels: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An act that settled labels, by its place and time."""

    seq: int
    at_ms: int
    labels: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class ActPlace:
    """An act by its word, at its place in the log; ``by`` names who did it, unless an appellant."""

    seq: int
    word: str
    at_ms: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class ViewPlace:
    """Somebody was shown a party, or all (None); taken out: as a pack of evidence."""

    seq: int
    at_ms: int
    by: str
    party: str | None
    taken_out: bool


@dataclass(slots=True)
class Projection:
    """A state, how far it has read, the last acts that settled something, and which acts changed
    which record: ``acts_of`` by its id, a law's by its hash, in order; ``views_of`` is who looked
    through what, the last ones.
    """

    state: State = field(default_factory=State)
    at: int = 0
    settled: deque[Labelled] = field(default_factory=lambda: deque(maxlen=SETTLED_KEPT))
    acts_of: dict[str, list[ActPlace]] = field(default_factory=dict)
    views_of: dict[str, list[ViewPlace]] = field(default_factory=dict)

    def take(self, seq: int, body: bytes) -> Done:
        """Take in the entry at that place, of one of this room's kinds.

        Raises LogError when it is none, or when this version would not have taken the act.
        """
        try:
            entry = unpack(body)
        except msgspec.ValidationError as error:
            raise _unreadable(seq, str(error)) from error
        result = perform(self.state, entry, seq)
        if isinstance(result, Refusal):
            raise _unreadable(seq, f"{result.name}: {result.value}")
        return self.taken(seq, entry, result)

    def taken(self, seq: int, entry: Entry, changes: Changes) -> Done:
        """The same, where what it amounts to is known already."""
        assert seq >= self.at, "entries are taken in order"
        messages = tuple(messages_of(self.state, changes))
        labels = tuple(labels_of(self.state, changes))
        self.state.take(changes, entry.at_ms)
        self.at = seq + 1
        word = word_of(type(entry.act))
        by = "" if entry.by.kind == "appellant" else entry.by.name  # they are known by a reference
        place = ActPlace(seq, word, entry.at_ms, by)
        for change in changes:
            if isinstance(change, RECEIPTED):
                self.acts_of.setdefault(change.id, []).append(place)
            elif isinstance(change, Law):
                self.acts_of.setdefault(change.hash, []).append(place)
            elif isinstance(change, Viewed):
                packed = isinstance(entry.act, EvidencePacked)
                views = self.views_of.setdefault(change.through, [])
                views.append(ViewPlace(seq, entry.at_ms, change.by, change.party, packed))
                del views[:-VIEWS_KEPT]
        if labels:
            self.settled.append(Labelled(seq, entry.at_ms, labels))
        return Done(seq, entry, changes, messages, labels)

    def catch_up(self, log: Log, stop: int | None = None) -> None:
        """Take in every act up to ``stop``, by default the log's end."""
        stop = log.size if stop is None else stop
        for seq, _, body in acts_in(log, self.at, stop):
            self.take(seq, body)
        self.at = max(self.at, stop)


def rebuilt(log: Log) -> Projection:
    """The state that the whole log amounts to."""
    projection = Projection()
    projection.catch_up(log)
    return projection


def acts_in(
    log: Log, start: int, stop: int, kinds: Collection[int] = KINDS
) -> Iterator[tuple[int, int, bytes]]:
    """(seq, kind, body) of every act of those kinds from ``start`` up to ``stop``, in order.

    Raises KeyDestroyed where the key of a month of acts is gone.
    """
    wanted = sorted(kinds)
    for first, end in _stretches(log, start, stop, wanted):
        for frame in log.read(first, end, classes=(Retention.ACTS,)):
            for row in np.flatnonzero(np.isin(frame.kinds, wanted)).tolist():
                yield frame.first_seq + row, int(frame.kinds[row]), frame.bodies[row]


def _stretches(
    log: Log, start: int, stop: int, kinds: Collection[int]
) -> Iterator[tuple[int, int]]:
    """Where acts stand: stretches to read, none with a gap of more than ``_GAP`` entries."""
    places = sorted(place for kind in kinds for place in log.places(kind) if start <= place < stop)
    first = last = -1
    for place in places:
        if first >= 0 and place - last > _GAP:
            yield first, last + 1
            first = place
        first = place if first < 0 else first
        last = place
    if first >= 0:
        yield first, last + 1


def _unreadable(seq: int, found: str) -> LogError:
    return LogError(
        "an act in the log is read differently by this version of Arasha",
        expected="the version that wrote it, or one that takes the same acts",
        found=found,
        where=Place(row=seq),
        hint="use the version that wrote the log",
    )
