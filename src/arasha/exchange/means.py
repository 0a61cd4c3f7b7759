"""By what each person signs in, as it is looked at and taken away.

In: a person. Out: their passkeys; the link of a subject of an institution's own sign-in with them;
and, when they leave or have lost everything, nothing any more. What is set up is in enrolment.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from arasha.errors import UsageError
from arasha.exchange.persons import Persons
from arasha.exchange.signin_tables import note
from arasha.vault.driver import Tables

_TABLES: Final = ("passwords", "recovery", "invitations", "passkeys", "subjects", "sessions")


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its person sees it."""

    name: str
    made_ms: int


class Means:
    """The means of all persons. ``clock`` tells the time, ms since 1970 UTC."""

    def __init__(self, tables: Tables, persons: Persons, clock: Callable[[], int]) -> None:
        self._tables, self._persons, self._clock = tables, persons, clock

    def passkeys(self, person: str) -> list[Passkey]:
        """Those of that person, the oldest first."""
        rows = self._tables.rows(
            "SELECT credential, made_ms FROM passkeys WHERE person = ?"
            " ORDER BY made_ms, credential",
            (person,),
        )
        return [Passkey(bytes(credential).hex(), made_ms) for credential, made_ms in rows]

    def has_password(self, person: str) -> bool:
        """Whether they have one."""
        found = self._tables.rows("SELECT 1 FROM passwords WHERE person = ?", (person,))
        return bool(found)

    def recovery_left(self, person: str) -> int:
        """How many codes on paper are not used yet."""
        rows = self._tables.rows("SELECT count(*) FROM recovery WHERE person = ?", (person,))
        return int(rows[0][0])

    def remove_passkey(self, person: str, name: str) -> bool:
        """Let the passkey of that name open nothing any more; whether there was one."""
        try:
            credential = bytes.fromhex(name)
        except ValueError:
            return False
        with self._tables.change() as db:
            db.execute("DELETE FROM passkeys WHERE person = ? AND credential = ?",
                       (person, credential))  # fmt: skip
            if not db.changes():
                return False
            note(self._tables, "passkey_removed", person, by=person, at_ms=self._clock())
        return True

    def link(self, person: str, issuer: str, subject: str, *, by: str) -> None:
        """That subject of that issuer is this person from now on. Raises UsageError: no such
        person, or it is linked already.
        """
        self._persons.named(person)
        hashed = subject_hash(issuer, subject)
        with self._tables.change() as db:
            row = db.execute("SELECT person FROM subjects WHERE hash = ?", (hashed,)).fetchone()
            if row is not None:
                raise UsageError("this subject is linked already", found=row[0],
                                 hint="arasha person forget takes that away")  # fmt: skip
            db.execute("INSERT INTO subjects VALUES (?, ?)", (hashed, person))
            note(self._tables, "subject_linked", person, by=by, at_ms=self._clock(), issuer=issuer)

    def forget(self, person: str, *, by: str) -> None:
        """Whatever they signed in with opens nothing any more, and no session stands. Raises
        UsageError: no such person.
        """
        self._persons.named(person)
        with self._tables.change() as db:
            for table in _TABLES:
                db.execute(f"DELETE FROM {table} WHERE person = ?", (person,))
            note(self._tables, "means_forgotten", person, by=by, at_ms=self._clock())


def forget_password(db: Any, person: str) -> None:
    """Let the password and its codes open nothing any more, inside a change."""
    db.execute("DELETE FROM passwords WHERE person = ?", (person,))
    db.execute("DELETE FROM recovery WHERE person = ?", (person,))


def subject_hash(issuer: str, subject: str) -> bytes:
    """By what a subject of an issuer is known again: who they are there is not kept here."""
    return sha256(b"arasha subject\0" + issuer.encode() + b"\0" + subject.encode()).digest()
