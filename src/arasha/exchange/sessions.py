"""Sessions: who is signed in, until when.

In: a person who has shown who they are. Out: a token of 256 random bits for their browser, of which
only the hash is kept; and, at each request, the person it is of. A session ends `IDLE_MS` after it
was last used, `LONGEST_MS` after it began, when the person's roles or tokens change (persons.py),
when it is ended, and when a clock goes back past its beginning::

    made_ms ────────────── seen_ms ─────────╴IDLE_MS╶──▶ over
       └───────────────────────╴LONGEST_MS╶────────────▶ over
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from arasha.exchange.persons import Person, Persons
from arasha.exchange.sealed import SKEW_MS
from arasha.exchange.signin_tables import note
from arasha.vault.driver import Tables

IDLE_MS: Final = 30 * 60_000
"""How long a session stays that is not used, ms; this and the next are NIST SP 800-63B-4's."""

LONGEST_MS: Final = 12 * 3_600_000
"""How long a session stays that is used all the time, ms."""

SEEN_STEP_MS: Final = 60_000
"""How much later a use must be to be written down, ms: so a request seldom costs a write."""

CONFIRMED_MS: Final = 5 * 60_000
"""How long it counts that a person has shown anew who they are, ms: NIST SP 800-63B speaks of a
session's re-authentication before what is sensitive, and leaves the time open.
"""

MAX_CONFIRMED: Final = 1_024
"""Sessions of which it is remembered; beyond it the oldest must show it again."""

MAX_SESSIONS: Final = 8
"""Sessions of one person at once; with one more the oldest ends."""

TOKEN_BYTES: Final = 32
MAX_TOKEN_CHARS: Final = 64
"""Longest token that is looked at, characters."""

Means = Literal["password", "recovery", "passkey", "openid", "demo"]
"""By what a person showed who they are; in a demonstration nobody has to."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session, as its person sees it. ``name`` is not its token: it can be shown."""

    name: str
    person: Person
    means: Means
    made_ms: int
    seen_ms: int
    confirmed_ms: int = 0

    @property
    def ends_ms(self) -> int:
        """When it ends, if it is not used again."""
        return min(self.seen_ms + IDLE_MS, self.made_ms + LONGEST_MS)

    def is_fresh(self, now_ms: int) -> bool:
        """Whether the person has shown who they are within the last minutes."""
        return -SKEW_MS <= now_ms - self.confirmed_ms < CONFIRMED_MS


class Sessions:
    """The sessions of one centre. ``clock`` tells the time, ms since 1970 UTC."""

    def __init__(self, tables: Tables, persons: Persons, clock: Callable[[], int]) -> None:
        self._tables, self._persons, self._clock = tables, persons, clock
        self._confirmed: dict[bytes, int] = {}  # a start forgets it: people show it once more

    def begin(self, db: Any, person: str, means: Means) -> str | None:
        """A new session's token, inside a change of the tables, with its act; None for who may do
        nothing here.
        """
        rights, now = self._persons.rights(person), self._clock()
        if rights is None:
            return None
        self._make_room(db, person, now)
        token = base64.urlsafe_b64encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=")
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                   (_hash(token), person, rights, means, now, now))  # fmt: skip
        if means != "openid":  # another's word may be as old as that session there
            self._remember(_hash(token), now)
        note(self._tables, "signed_in", person, by=person, at_ms=now, means=means)
        return token

    def of(self, token: str) -> Session | None:
        """Whose session this is, now; it counts as used. None where it is over, or nobody's."""
        found = self._tables.rows(
            "SELECT hash, person, rights, means, made_ms, seen_ms FROM sessions WHERE hash = ?",
            (_hash(token),),
        )
        now = self._clock()
        if not found:
            return None
        hashed, person, rights, means, made_ms, seen_ms = found[0]
        standing = (
            made_ms - SKEW_MS <= now < made_ms + LONGEST_MS
            and seen_ms - SKEW_MS <= now < seen_ms + IDLE_MS
            and self._persons.rights(person) == bytes(rights)
        )
        if not standing:
            self._remove(hashed)
            return None
        if now - seen_ms >= SEEN_STEP_MS:
            with self._tables.change() as db:
                db.execute("UPDATE sessions SET seen_ms = ? WHERE hash = ? AND seen_ms < ?",
                           (now, hashed, now))  # fmt: skip
            seen_ms = now
        return Session(_name(hashed), self._persons.named(person), means, made_ms, seen_ms,
                       self._confirmed.get(bytes(hashed), 0))  # fmt: skip

    def confirm(self, db: Any, token: str, person: str, means: Means) -> bool:
        """That person shows anew who they are, inside a change of the tables, with its act; False
        where this is no session of theirs. It counts from `confirmed` on.
        """
        row = db.execute("SELECT 1 FROM sessions WHERE hash = ? AND person = ?",
                         (_hash(token), person)).fetchone()  # fmt: skip
        if row is None:
            return False
        note(self._tables, "confirmed", person, by=person, at_ms=self._clock(), means=means)
        return True

    def confirmed(self, token: str) -> None:
        """Let it count: the change is durable."""
        self._remember(_hash(token), self._clock())

    def _remember(self, hashed: bytes, now: int) -> None:
        self._confirmed.pop(hashed, None)
        while len(self._confirmed) >= MAX_CONFIRMED:
            del self._confirmed[next(iter(self._confirmed))]
        self._confirmed[hashed] = now

    def standing(self, person: str) -> list[Session]:
        """The sessions of that person that stand, the latest first."""
        rights, now = self._persons.rights(person), self._clock()
        if rights is None:
            return []
        rows = self._tables.rows(
            "SELECT hash, rights, means, made_ms, seen_ms FROM sessions WHERE person = ?",
            (person,),
        )
        who = self._persons.named(person)
        found = [
            Session(
                _name(hashed), who, means, made_ms, seen_ms, self._confirmed.get(bytes(hashed), 0)
            )
            for hashed, held, means, made_ms, seen_ms in rows
            if bytes(held) == rights
        ]
        found = [one for one in found if now < one.ends_ms]
        return sorted(found, key=lambda one: (-one.made_ms, one.name))

    def end(self, token: str) -> None:
        """Let this one be over; where it is already nothing happens."""
        with self._tables.change() as db:
            row = db.execute("SELECT person FROM sessions WHERE hash = ?",
                             (_hash(token),)).fetchone()  # fmt: skip
            if row is None:
                return
            db.execute("DELETE FROM sessions WHERE hash = ?", (_hash(token),))
            note(self._tables, "signed_out", row[0], by=row[0], at_ms=self._clock(), sessions=1)

    def end_named(self, person: str, name: str) -> bool:
        """Let the one be over that `standing` shows under this name; whether there was one."""
        rows = self._tables.rows("SELECT hash FROM sessions WHERE person = ?", (person,))
        hashes = [hashed for (hashed,) in rows if _name(hashed) == name]
        return self._end_all(person, hashes, by=person) > 0

    def end_all(self, person: str, *, by: str, but: str | None = None) -> int:
        """All of that person's are over, but for the one with the token ``but``; how many."""
        rows = self._tables.rows("SELECT hash FROM sessions WHERE person = ?", (person,))
        spared = None if but is None else _hash(but)
        return self._end_all(person, [h for (h,) in rows if bytes(h) != spared], by=by)

    def _end_all(self, person: str, hashes: list[bytes], *, by: str) -> int:
        ended = 0
        if not hashes:
            return ended
        with self._tables.change() as db:
            for hashed in hashes:
                db.execute("DELETE FROM sessions WHERE hash = ?", (hashed,))
                ended += db.changes()
            if ended:
                note(self._tables, "signed_out", person, by=by, at_ms=self._clock(),
                     sessions=ended)  # fmt: skip
        return ended

    def _make_room(self, db: Any, person: str, now: int) -> None:
        """Let go of what is over, and of the person's oldest where there are too many."""
        db.execute("DELETE FROM sessions WHERE made_ms <= ? OR seen_ms <= ?",
                   (now - LONGEST_MS, now - IDLE_MS))  # fmt: skip
        rows = db.execute("SELECT hash FROM sessions WHERE person = ? ORDER BY made_ms, hash",
                          (person,)).fetchall()  # fmt: skip
        for (hashed,) in rows[: max(0, len(rows) - MAX_SESSIONS + 1)]:
            db.execute("DELETE FROM sessions WHERE hash = ?", (hashed,))

    def _remove(self, hashed: bytes) -> None:
        with self._tables.change() as db:
            db.execute("DELETE FROM sessions WHERE hash = ?", (hashed,))


def _hash(token: str) -> bytes:
    """What is kept of a token. It is looked up whole, so comparing takes as long for each."""
    said = token[:MAX_TOKEN_CHARS].encode("utf-8", "backslashreplace")
    return sha256(b"arasha session " + said).digest()


def _name(hashed: bytes) -> str:
    return sha256(b"name of " + bytes(hashed)).hexdigest()[:16]
