"""Invitations: how a person who was made on the command line comes in for the first time.

In: a person, who invites, for how long. Out: a secret for one link, told once; whose it is, as long
as it stands. A newer invitation ends the one before. It is used up in the same commit as what is
set up with it (signin.py): of two who hold the link only one comes in, and the other one notices.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from arasha.errors import UsageError
from arasha.exchange.persons import Persons
from arasha.exchange.sealed import SKEW_MS
from arasha.exchange.signin_tables import note
from arasha.vault.driver import Tables

LASTS_MS: Final = 24 * 3_600_000
"""How long an invitation stands unless it is said, ms."""

LONGEST_MS: Final = 7 * LASTS_MS
"""How long one may stand, ms."""

MAX_SECRET_CHARS: Final = 64


class Invitations:
    """The invitations of one centre. ``clock`` tells the time, ms since 1970 UTC."""

    def __init__(self, tables: Tables, persons: Persons, clock: Callable[[], int]) -> None:
        self._tables, self._persons, self._clock = tables, persons, clock

    def invite(self, person: str, *, by: str, lasts_ms: int = LASTS_MS) -> tuple[str, int]:
        """The secret of the link, and when it lapses. Raises UsageError: no such person, one who
        may do nothing, or an end that cannot be.
        """
        if not self._persons.named(person).roles:
            raise UsageError(f"{person!r} has no role any more",
                             hint="arasha person change gives roles")  # fmt: skip
        if not 0 < lasts_ms <= LONGEST_MS:
            raise UsageError("an invitation does not stand that long",
                             expected=f"at most {LONGEST_MS // 3_600_000} hours",
                             found=f"{lasts_ms / 3_600_000:g}")  # fmt: skip
        secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        now = self._clock()
        with self._tables.change() as db:
            db.execute("DELETE FROM invitations WHERE person = ? OR ends_ms <= ?", (person, now))
            db.execute("INSERT INTO invitations VALUES (?, ?, ?, ?)",
                       (_hash(secret), person, now, now + lasts_ms))  # fmt: skip
            note(self._tables, "person_invited", person, by=by, at_ms=now, ends_ms=now + lasts_ms)
        return secret, now + lasts_ms

    def of(self, secret: str) -> str | None:
        """Whom the link invites; None where it has lapsed, was used, or is none."""
        found = self._tables.rows(_FIND, (_hash(secret),))
        return self._standing(found[0] if found else None)

    def use(self, db: Any, secret: str) -> str | None:
        """The same, inside a change of the tables: from then on it is used up."""
        person = self._standing(db.execute(_FIND, (_hash(secret),)).fetchone())
        if person is not None:
            db.execute("DELETE FROM invitations WHERE hash = ?", (_hash(secret),))
        return person

    def _standing(self, row: Any) -> str | None:
        if row is None:
            return None
        person, made_ms, ends_ms = row
        if not made_ms - SKEW_MS <= self._clock() < ends_ms:
            return None
        return person if self._persons.rights(person) is not None else None


_FIND: Final = "SELECT person, made_ms, ends_ms FROM invitations WHERE hash = ?"


def _hash(secret: str) -> bytes:
    said = secret[:MAX_SECRET_CHARS].encode("utf-8", "backslashreplace")
    return sha256(b"arasha invitation " + said).digest()
