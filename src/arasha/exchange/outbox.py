"""The outbox: which messages are due, which were delivered, which are dead.

In: messages that entries of the log make due (exchange/following.py), and what became of each try
to deliver them. Out: what may be sent now. ``DIR/outbox.sqlite`` (or its tables in PostgreSQL,
vault/driver.py) is a read model: a row a message,
and how far the log was read, moved on in the same commit. What ends a message (delivered, dead,
sent again by hand, dropped) is an act that waits there for the log, so that the file can be made
again from the log alone; what had not reached the log by then is sent twice, never not at all.

Messages to one participant with one subject are a queue, of which only the head is ever tried::

    due ──────► delivered      behind: one ahead of it has not ended
     │ ▲                       dead:   tried for as long as the schedule says, or refused for good;
     ▼ │ resend                        it holds those behind it back until it is sent again or
    dead ─────► dropped                dropped by a person
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from arasha.errors import Place, UsageError
from arasha.events.schema import Kind
from arasha.vault.database import Act
from arasha.vault.driver import Tables, open_tables

OUTBOX_FILE: Final = "outbox.sqlite"

KEPT_MS: Final = 7 * 86_400_000
"""How long a message that has ended can still be listed, ms."""

PRUNED_AT_ONCE: Final = 1_000
"""Ended messages let go of in one commit."""

IDS_PER_ACT: Final = 500
"""Messages that one act names at most."""

REMOVED: Final = "webhook_removed"
"""Why a message is dead whose receiver has no webhook any more."""

_APPLICATION: Final = 0x4152524F  # "ARRO"
_ALL: Final = 1 << 62


class State(IntEnum):
    """Where a message stands. The numbers are stored, and stand in the indexes' conditions."""

    DUE = 0
    BEHIND = 1
    DEAD = 2
    DELIVERED = 3
    DROPPED = 4


_TABLES: Final = """
CREATE TABLE messages (
    seq INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
    participant TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, body BLOB NOT NULL,
    made_ms INTEGER NOT NULL, facts_ms INTEGER, state INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, next_ms INTEGER NOT NULL DEFAULT 0,
    fault TEXT, ended_ms INTEGER, PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX due ON messages (participant, next_ms, seq, number) WHERE state = 0;
CREATE INDEX queued ON messages (participant, subject, seq, number) WHERE state < 3;
CREATE INDEX states ON messages (state, made_ms);
CREATE INDEX ended ON messages (ended_ms) WHERE state >= 3;
CREATE INDEX facts ON messages (facts_ms) WHERE facts_ms IS NOT NULL;
CREATE TABLE receivers (participant TEXT PRIMARY KEY, types TEXT NOT NULL) STRICT;
"""
_COLUMNS: Final = (
    "seq, number, id, participant, type, subject, body, made_ms, tries, first_ms, next_ms,"
    " fault, ended_ms, state"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the outbox holds it. Times are ms since 1970 UTC; ``fault`` is the last one's
    name, ``first_ms`` when it was first tried in vain.
    """

    seq: int
    number: int
    id: str
    participant: str
    type: str
    subject: str
    body: bytes
    made_ms: int
    tries: int
    first_ms: int | None
    next_ms: int
    fault: str | None
    ended_ms: int | None
    state: State


@dataclass(frozen=True, slots=True)
class Due:
    """A message that an entry makes due."""

    seq: int
    number: int
    id: str
    participant: str
    type: str
    subject: str
    body: bytes
    made_ms: int
    facts_ms: int | None


@dataclass(frozen=True, slots=True)
class Listens:
    """From this entry on the participant has a webhook for these types of messages (none named: for
    all), or, where they are None, no webhook.
    """

    participant: str
    types: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ended:
    """What another outbox of this log did with messages, as the log tells it."""

    ids: tuple[str, ...]
    state: State
    at_ms: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Facts of that time, ms, are gone: so are the messages that tell of them."""

    from_ms: int
    until_ms: int


Change = Due | Listens | Ended | Forgotten


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one try; ``state`` DUE: it is tried again at ``next_ms``."""

    row: Row
    state: State
    fault: str | None = None
    next_ms: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The outbox in figures; ``oldest_ms`` is when the oldest that has not ended was made."""

    due: int
    behind: int
    dead: int
    oldest_ms: int | None


class Outbox:
    """The open outbox of one directory."""

    def __init__(self, database: Tables) -> None:
        """Use `Outbox.open`."""
        self.database = database
        name = database.value("incarnation")
        if name is None:
            self.clear()
        else:
            self.incarnation = name.decode()

    @staticmethod
    def open(directory: Path, *, vfs: str | None = None) -> Outbox:
        """The outbox of that directory, made when there is none. Raises StoreError, StoreFull."""
        database = open_tables(directory / OUTBOX_FILE, _TABLES, _APPLICATION, vfs=vfs)
        try:
            return Outbox(database)
        except BaseException:
            database.close()
            raise

    def clear(self) -> None:
        """Begin anew, under a new name: nothing is known, and what it did itself is another's."""
        self.incarnation = secrets.token_hex(8)
        with self.database.change() as db:
            for table in ("messages", "receivers"):
                db.execute(f"DELETE FROM {table}")
            db.execute("DELETE FROM meta WHERE name = 'cursor'")
            self.database.put("incarnation", self.incarnation.encode())

    def close(self) -> None:
        """Close the file. Nothing depends on it."""
        self.database.close()

    # What the log says.

    @property
    def cursor(self) -> int | None:
        """The entry from which the log is still to be read; None in a new outbox."""
        found = self.database.value("cursor")
        return None if found is None else int(found)

    def receivers(self) -> dict[str, frozenset[str]]:
        """Who has a webhook as of the cursor, and for which types; an empty set is all of them."""
        rows = self.database.rows("SELECT participant, types FROM receivers")
        return {name: frozenset(types.split()) for name, types in rows}

    def take_in(self, changes: Iterable[Change], cursor: int) -> None:
        """Take up what the log says up to the cursor: all of it, or nothing."""
        forgotten = False
        with self.database.change() as db:
            for change in changes:
                match change:
                    case Due():
                        self._add(db, change)
                    case Listens():
                        self._listen(db, change)
                    case Ended():
                        self._end_elsewhere(db, change)
                    case Forgotten():
                        forgotten = True
                        _forget(db, change)
            self.database.put("cursor", str(cursor).encode())
        if forgotten:
            self.database.empty_wal()

    # What is to be sent.

    def due(self, participant: str, now_ms: int, most: int) -> list[Row]:
        """What may be sent to the participant now, the longest waiting first."""
        return self._rows(
            "state = 0 AND participant = ? AND next_ms <= ? ORDER BY next_ms, seq, number LIMIT ?",
            (participant, now_ms, most),
        )

    def next_ms(self, participant: str) -> int | None:
        """When something may next be sent to the participant."""
        query = "SELECT min(next_ms) FROM messages WHERE state = 0 AND participant = ?"
        found: int | None = self.database.rows(query, (participant,))[0][0]
        return found

    def note(self, tries: Sequence[Tried], now_ms: int) -> None:
        """Keep what became of these tries, durably, in one commit."""
        with self.database.change() as db:
            for tried in tries:
                row, ended = tried.row, tried.state is not State.DUE
                db.execute(
                    "UPDATE messages SET state = ?, tries = tries + 1, next_ms = ?, fault = ?,"
                    " first_ms = ?, ended_ms = ? WHERE seq = ? AND number = ?"
                    " AND state IN (?, ?)",
                    (int(tried.state), tried.next_ms, tried.fault,
                     now_ms if row.first_ms is None and tried.fault else row.first_ms,
                     now_ms if ended else None, row.seq, row.number,
                     int(State.DUE), int(State.DEAD if ended else State.DUE)),
                )  # fmt: skip
                if tried.state is State.DELIVERED:
                    _promote(db, row.participant, row.subject)
            for state in (State.DELIVERED, State.DEAD):
                faults = {tried.fault for tried in tries if tried.state is state}
                for fault in sorted(faults, key=str):
                    ids = [t.row.id for t in tries if (t.state, t.fault) == (state, fault)]
                    self._tell(state.name.lower(), ids, now_ms, fault=fault)

    # What people do.

    def listed(
        self, states: Sequence[State], *, participant: str | None = None, most: int | None = 100
    ) -> list[Row]:
        """Messages in those states, oldest first; ``most`` None is all."""
        marks = ", ".join("?" * len(states))
        whose = "" if participant is None else " AND participant = ?"
        values: list[int | str] = [*map(int, states)]
        values += [] if participant is None else [participant]
        values.append(_ALL if most is None else most)
        return self._rows(
            f"state IN ({marks}){whose} ORDER BY made_ms, seq, number LIMIT ?", values
        )

    def counts(self, states: Sequence[State]) -> dict[tuple[str, State], int]:
        """How many messages of each participant are in each of those states."""
        marks = ", ".join("?" * len(states))
        rows = self.database.rows(
            f"SELECT participant, state, count(*) FROM messages WHERE state IN ({marks})"
            " GROUP BY participant, state",
            [*map(int, states)],
        )
        return {(name, State(state)): count for name, state, count in rows}

    def resend(
        self, ids: Sequence[str] | None, now_ms: int, *, by: str, participant: str | None = None
    ) -> list[str]:
        """Make dead messages due again: those, or all (of a participant). Returns their ids.

        Those behind them follow in order. Raises UsageError for a message that is not dead.
        """
        dead = self._dead(ids, participant)
        with self.database.change() as db:
            for row in dead:
                _revive(db, row.id)
            self._tell("resent", [row.id for row in dead], now_ms, by=by)
            self.database.put("resends", str(self.resends + 1).encode())
        return [row.id for row in dead]

    @property
    def resends(self) -> int:
        """How often somebody has had messages sent again: whoever delivers need not wait then."""
        return int(self.database.value("resends") or b"0")

    def drop(self, ids: Sequence[str], now_ms: int, *, by: str, reason: str) -> None:
        """Give dead messages up; what is behind them goes on. UsageError as `resend`."""
        dead = self._dead(ids, None)
        with self.database.change() as db:
            for row in dead:
                _end(db, row.id, State.DROPPED, now_ms, "dropped")
                _promote(db, row.participant, row.subject)
            self._tell("dropped", [row.id for row in dead], now_ms, by=by, reason=reason)

    # Its keep.

    def standing(self) -> Standing:
        """How many messages stand where, and since when the oldest waits."""
        found = {
            State(state): (count, oldest)
            for state, count, oldest in self.database.rows(
                "SELECT state, count(*), min(made_ms) FROM messages WHERE state IN (0, 1, 2)"
                " GROUP BY state"
            )
        }
        counts = [found.get(state, (0, None)) for state in (State.DUE, State.BEHIND, State.DEAD)]
        oldest = [made for _, made in counts if made is not None]
        return Standing(counts[0][0], counts[1][0], counts[2][0], min(oldest, default=None))

    def prune(self, now_ms: int) -> int:
        """Let go of some that ended long ago; how many."""
        query = "SELECT seq, number FROM messages WHERE state >= 3 AND ended_ms < ? LIMIT ?"
        old = self.database.rows(query, (now_ms - KEPT_MS, PRUNED_AT_ONCE))
        if old:
            with self.database.change() as db:
                db.executemany("DELETE FROM messages WHERE seq = ? AND number = ?", old)
        return len(old)

    def waiting(self) -> list[Act]:
        """The acts that no log has yet."""
        return self.database.waiting()

    def _rows(self, where: str, values: Sequence[Any]) -> list[Row]:
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM messages WHERE {where}", values)
        return [replace(Row(*row), state=State(row[-1])) for row in rows]

    def _dead(self, ids: Sequence[str] | None, participant: str | None) -> list[Row]:
        if ids is None:
            return self.listed([State.DEAD], participant=participant, most=None)
        found = []
        for name in ids:
            rows = self._rows("id = ?", (name,))
            if not rows or rows[0].state is not State.DEAD:
                raise UsageError(
                    f"the message {name} is not dead", expected="the id of a dead message",
                    found=rows[0].state.name.lower() if rows else "no such message",
                    where=Place(str(self.database.path)), hint="arasha outbox dead lists them",
                )  # fmt: skip
            found += rows
        return found

    def _tell(self, what: str, ids: Sequence[str], now_ms: int, **more: str | None) -> None:
        """Let the acts wait that say what became of messages; inside a change."""
        said = {name: value for name, value in more.items() if value is not None}
        for at in range(0, len(ids), IDS_PER_ACT):
            self.database.act(Kind.SENT, {
                "outbox": self.incarnation, "what": what, "at_ms": now_ms, **said,
                "messages": list(ids[at : at + IDS_PER_ACT]),
            })  # fmt: skip

    def _add(self, db: Any, due: Due) -> None:
        queued = "SELECT 1 FROM messages WHERE state < 3 AND participant = ? AND subject = ?"
        behind = db.execute(queued, (due.participant, due.subject)).fetchone()
        db.execute(
            "INSERT INTO messages (seq, number, id, participant, type, subject, body,"
            " made_ms, facts_ms, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (due.seq, due.number, due.id, due.participant, due.type, due.subject, due.body,
             due.made_ms, due.facts_ms, int(State.BEHIND if behind else State.DUE)),
        )  # fmt: skip

    def _listen(self, db: Any, listens: Listens) -> None:
        if listens.types is not None:
            db.execute(
                "INSERT INTO receivers VALUES (?, ?)"
                " ON CONFLICT (participant) DO UPDATE SET types = excluded.types",
                (listens.participant, " ".join(listens.types)),
            )
            return
        db.execute("DELETE FROM receivers WHERE participant = ?", (listens.participant,))
        db.execute(
            "UPDATE messages SET state = ?, fault = ? WHERE state = ? AND participant = ?",
            (int(State.DEAD), REMOVED, int(State.DUE), listens.participant),
        )

    def _end_elsewhere(self, db: Any, ended: Ended) -> None:
        for name in ended.ids:
            if ended.state is State.DUE:
                _revive(db, name)
                continue
            _end(db, name, ended.state, ended.at_ms, ended.fault)
            found = db.execute("SELECT participant, subject FROM messages WHERE id = ?", (name,))
            for participant, subject in found.fetchall():
                _promote(db, participant, subject)


def _end(db: Any, name: str, state: State, at_ms: int, fault: str | None) -> None:
    """Put a message that has not ended where it ended. Dead, it can still be sent again."""
    db.execute(
        "UPDATE messages SET state = ?, fault = ?, ended_ms = ? WHERE id = ? AND state < 3",
        (int(state), fault, at_ms, name),
    )


def _revive(db: Any, name: str) -> None:
    """A dead message is due again, as if it had never been tried."""
    db.execute(
        "UPDATE messages SET state = ?, tries = 0, first_ms = NULL, next_ms = 0, ended_ms = NULL"
        " WHERE id = ? AND state = ?",
        (int(State.DUE), name, int(State.DEAD)),
    )


def _promote(db: Any, participant: str, subject: str) -> None:
    """Let the first of a queue be due, unless it is so or is dead."""
    head = db.execute(
        "SELECT seq, number, state FROM messages WHERE state < 3 AND participant = ?"
        " AND subject = ? ORDER BY seq, number LIMIT 1",
        (participant, subject),
    ).fetchone()
    if head is not None and head[2] == State.BEHIND:
        db.execute("UPDATE messages SET state = ? WHERE seq = ? AND number = ?",
                   (int(State.DUE), head[0], head[1]))  # fmt: skip


def _forget(db: Any, forgotten: Forgotten) -> None:
    bounds = (forgotten.from_ms, forgotten.until_ms)
    where = "facts_ms >= ? AND facts_ms < ?"
    queues = db.execute(
        f"SELECT DISTINCT participant, subject FROM messages WHERE {where} AND state < 3", bounds
    ).fetchall()
    db.execute(f"DELETE FROM messages WHERE {where}", bounds)
    for participant, subject in queues:
        _promote(db, participant, subject)


def ended_by(body: bytes, incarnation: str) -> Ended | None:
    """What an entry of the kind SENT says, unless it is this outbox's own."""
    act: dict[str, Any] = msgspec.json.decode(body)
    if act["outbox"] == incarnation:
        return None
    state = State.DUE if act["what"] == "resent" else State[act["what"].upper()]
    return Ended(tuple(act["messages"]), state, act["at_ms"], act.get("fault"))
