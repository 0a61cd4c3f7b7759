"""Reveals of identifiers and looks at parties, as the log has them: the last ones, page by page.

In: the log, beside its writer. Out: frozen rows, the last first; no party is in them. Where entries
of a kind stand is remembered, so that each look reads the plain headers of what is new (the first
one those of the whole log, 32 bytes an entry) and opens the entries of one page.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.app.pages.paging import ROWS, Paged
from arasha.cases.acts import EvidencePacked, PartyViewed, unpack
from arasha.events.schema import Kind
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.reports.audit import DAY_MS, Reveals
from arasha.reports.audit_records import Reveal

HEADERS_AT_ONCE: Final = 1 << 16
"""Entries whose headers are read at once."""

BUDGET_LOOKS: Final = 2_000
"""Reveals before a page that are read at most to know how many a person had within a day."""

_WATCHED: Final = (Kind.REVEAL, Kind.VIEW)
_DIGEST_CHARS: Final = 32


@dataclass(frozen=True, slots=True)
class Look:
    """A person was shown parties: through what, all that it names or one, and why, where a pack of
    evidence was taken out.
    """

    seq: int
    at_ms: int
    by: str
    through: str
    is_one: bool
    why: str | None

    @property
    def kind(self) -> str:
        """What it went through: a case, a hold, a recall, a listing, a suspension, an appeal, or a
        report, whose id is a digest.
        """
        words = {"c": "case", "h": "hold", "r": "recall", "l": "listing", "s": "suspension",
                 "a": "appeal"}  # fmt: skip
        is_report = len(self.through) == _DIGEST_CHARS
        return "report" if is_report else words.get(self.through[:1], "report")


class Looks:
    """Those of one log. For one thread at a time."""

    def __init__(self) -> None:
        self._at = 0
        self._places: dict[Kind, array[int]] = {kind: array("q") for kind in _WATCHED}

    def reveals(self, log: Log, number: int, participants: Collection[str]) -> Paged[Reveal]:
        """A page of reveals, the last first; participants have no budget."""
        places, number = self._page(log, Kind.REVEAL, number)
        counted = Reveals(participants=set(participants))
        if places:
            _count(counted, log, self._before(log, places[0]))
        before = len(counted.found)
        _count(counted, log, places)
        return Paged(counted.found[before:][::-1], number, len(self._places[Kind.REVEAL]))

    def looks(self, log: Log, number: int) -> Paged[Look]:
        """A page of looks at parties, the last first."""
        places, number = self._page(log, Kind.VIEW, number)
        rows = [row for place in reversed(places) if (row := _look(log, place)) is not None]
        return Paged(rows, number, len(self._places[Kind.VIEW]))

    def _page(self, log: Log, kind: Kind, number: int) -> tuple[Sequence[int], int]:
        """The places of a page, in order, and its number: the last one where it is too high."""
        self._catch_up(log)
        places = self._places[kind]
        number = min(number, max(1, -(-len(places) // ROWS)))
        stop = len(places) - (number - 1) * ROWS
        return places[max(0, stop - ROWS) : stop].tolist(), number

    def _before(self, log: Log, place: int) -> list[int]:
        """The reveals within a day before that one, in order, `BUDGET_LOOKS` at most."""
        places = self._places[Kind.REVEAL]
        at = int(np.searchsorted(np.frombuffer(places, np.int64), place))
        since_ms = _known_ms(log, place) - DAY_MS
        found = []
        for one in reversed(places[max(0, at - BUDGET_LOOKS) : at]):
            if _known_ms(log, one) < since_ms:
                break
            found.append(one)
        return found[::-1]

    def _catch_up(self, log: Log) -> None:
        while self._at < log.size:
            stop = min(log.size, self._at + HEADERS_AT_ONCE)
            kinds = log.kinds(self._at, stop)
            for kind in _WATCHED:
                self._places[kind].extend((np.flatnonzero(kinds == kind) + self._at).tolist())
            self._at = stop


def _count(counted: Reveals, log: Log, places: Sequence[int]) -> None:
    for place in places:
        if body := _body(log, place):
            counted.take(place, body)


def _body(log: Log, place: int) -> bytes:
    """What the entry says; empty where its month's key is gone."""
    for frame in log.read(place, place + 1, classes=(Retention.ACTS,), missing="skip"):
        return bytes(frame.bodies[0]) if frame.readable[0] else b""
    return b""


def _known_ms(log: Log, place: int) -> int:
    [frame] = log.read(place, place + 1, classes=(), missing="skip")
    return int(frame.known_at[0])


def _look(log: Log, place: int) -> Look | None:
    body = _body(log, place)
    if not body:
        return None
    entry = unpack(body)
    match entry.act:
        case PartyViewed(through=through, party=party):
            return Look(place, entry.at_ms, entry.by.name, through, party is not None, None)
        case EvidencePacked(case=case, why=why):
            return Look(place, entry.at_ms, entry.by.name, case, False, why)
    return None
