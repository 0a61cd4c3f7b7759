"""Acts on their way into the log: decided, kept, and only then answered.

For the one thread that writes the log. An act that is refused leaves nothing behind. Nobody sees
the state between an act and its commit; if the log does not take it, the state is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from arasha.cases.acts import CENTRE, KIND_OF, Actor, AnyAct, Entry, LawChosen, pack, unpack
from arasha.cases.due import due
from arasha.cases.law import Law
from arasha.cases.perform import perform
from arasha.cases.projection import Done, Projection
from arasha.cases.refusals import Refusal
from arasha.cases.snapshots import current
from arasha.cases.state import State
from arasha.errors import InputError, LogError
from arasha.events.body import bodies_from
from arasha.log.log import Entries, Log


@dataclass(slots=True)
class Writer:
    """The room's hand on an open log."""

    log: Log
    projection: Projection = field(default_factory=Projection)

    @staticmethod
    def open(log: Log) -> Writer:
        """On a log, with the state that it amounts to."""
        return Writer(log, current(log))

    @property
    def state(self) -> State:
        """As of the last act."""
        return self.projection.state

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done | Refusal:
        """Take an act, or say by its name why not. Raises LogFull, LogError."""
        results = self.do_all(by, [act], at_ms)
        return results[0]

    def tried(self, by: Actor, act: AnyAct, at_ms: int) -> Refusal | None:
        """Why it would not be taken now; it is not."""
        at_ms = max(at_ms, self.log.last_known_at_ms, self.state.at_ms)
        result = perform(self.state, Entry(at_ms, by, act), self.log.size)
        return result if isinstance(result, Refusal) else None

    def do_with(self, by: Actor, act: AnyAct, more: Entries) -> Done | Refusal:
        """Take an act in one commit with entries that rest on it and stand behind it. Their time
        is the act's, too.
        """
        at_ms = max(int(more.known_at[0]), self.log.last_known_at_ms, self.state.at_ms)
        entry, seq = _readable(Entry(at_ms, by, act)), self.log.size
        changes = perform(self.state, entry, seq)
        if isinstance(changes, Refusal):
            return changes
        done = self.projection.taken(seq, entry, changes)
        n = len(more)
        both = Entries(
            np.concatenate([[KIND_OF[type(act)]], more.kinds]).astype(np.uint8),
            np.full(n + 1, at_ms, np.int64),
            bodies_from([pack(entry), *(more.bodies[row] for row in range(n))]),
            np.concatenate([np.zeros((1, 2), np.uint64), more.digests]),
        )
        try:
            self.log.append(both)
        except LogError:
            self.projection = current(self.log)
            raise
        return done

    def do_all(self, by: Actor, acts: Sequence[AnyAct], at_ms: int) -> list[Done | Refusal]:
        """Take several, each on what those before it have made, in one commit.

        An act that is refused is left out; the others are kept. If the log takes none of them the
        state is made anew from it, as if nothing had been asked. Raises
        InputError for an act that could not be read again, and keeps nothing.
        """
        at_ms = max(at_ms, self.log.last_known_at_ms, self.state.at_ms)
        results: list[Done | Refusal] = []
        kept: list[Entry] = []
        for act in acts:
            entry, seq = _readable(Entry(at_ms, by, act)), self.log.size + len(kept)
            changes = perform(self.state, entry, seq)
            if isinstance(changes, Refusal):
                results.append(changes)
                continue
            kept.append(entry)
            results.append(self.projection.taken(seq, entry, changes))
        try:
            self._keep(kept)
        except LogError:
            self.projection = current(self.log)
            raise
        return results

    def begin(self, law: Law, at_ms: int) -> Refusal | None:
        """Put a log's first law in force; nothing where there is one."""
        if self.state.law is not None:
            return None
        result = self.do(CENTRE, LawChosen(law.text), at_ms)
        return result if isinstance(result, Refusal) else None

    def let_ends_come(self, at_ms: int) -> list[Done]:
        """Put on record what time has brought about (cases/due.py)."""
        at_ms = max(at_ms, self.log.last_known_at_ms, self.state.at_ms)
        acts = due(self.state, at_ms)
        done = self.do_all(CENTRE, acts, at_ms) if acts else []
        return [one for one in done if isinstance(one, Done)]

    def _keep(self, kept: list[Entry]) -> None:
        if not kept:
            return
        n = len(kept)
        self.log.append(
            Entries(
                np.array([KIND_OF[type(entry.act)] for entry in kept], np.uint8),
                np.array([entry.at_ms for entry in kept], np.int64),
                bodies_from([pack(entry) for entry in kept]),
                np.zeros((n, 2), np.uint64),
            )
        )


def _readable(entry: Entry) -> Entry:
    """The entry as it will be read, for ever: one that cannot be must never get into the log."""
    try:
        return unpack(pack(entry))
    except msgspec.ValidationError as error:
        raise InputError(
            "an act could not be read again: nothing of it is kept", found=str(error),
            expected="what the log's reader takes", hint="report it: a check before is missing",
        ) from error  # fmt: skip
