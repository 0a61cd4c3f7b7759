"""Signing in: from what a person shows to a session of theirs.

In: a login with password and one-time code, a passkey's signature, or the subject that an
institution's own sign-in has told of. Out: the token of a session (sessions.py), or why there is
none. Who has shown what is the same for everybody who asks: a login that nobody has takes as long
and is told the same as a wrong password. Guessing is slowed down (backoff.py); a passkey cannot be
guessed and is not: nobody who knows a login shuts its person out of that door.

What is used up (a code's step, a recovery code, a challenge) is used up in the same commit in which
the session begins: of two who bring the same one, one comes in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from arasha.exchange import onetime, passkeys, passwords
from arasha.exchange.backoff import Backoff
from arasha.exchange.means import subject_hash
from arasha.exchange.passkeys import Site
from arasha.exchange.persons import Persons
from arasha.exchange.register import is_name
from arasha.exchange.sealed import Seal
from arasha.exchange.sessions import Sessions
from arasha.exchange.signin_tables import open_signin
from arasha.vault.driver import Tables

CHALLENGE_MS: Final = 300_000
"""How long a challenge may wait for its answer, ms."""

ADDRESS_FREE: Final = 50
"""Failures of one address in a row that cost no wait: an office shares one."""

ADDRESS_LONGEST_S: Final = 30.0
"""Longest wait of an address, seconds: behind it there may be everybody."""

_SPENT_KEPT_MS: Final = 24 * 3_600_000  # a clock that goes back for less opens nothing twice


class Why(StrEnum):
    """Why somebody does not come in. ``WRONG`` says no more on purpose."""

    WRONG = "wrong"
    WAIT = "wait"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is signed in; ``wait_s`` is how long a next try is not even looked at."""

    why: Why
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is: the token is for their browser, and told nowhere else."""

    person: str
    token: str

    def __repr__(self) -> str:
        return f"<SignedIn {self.person}>"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked for a passkey, and the sealed text that it brings back with it."""

    options: dict[str, Any]
    sealed: str


class SignIn:
    """The door of the console. ``clock`` tells the time, ms since 1970 UTC; ``steady_s`` a time
    that never goes back, seconds.
    """

    def __init__(
        self,
        tables: Tables,
        persons: Persons,
        seal: Seal,
        site: Site,
        *,
        clock: Callable[[], int],
        steady_s: Callable[[], float],
    ) -> None:
        self.tables, self.persons, self.site = tables, persons, site
        self.sessions = Sessions(tables, persons, clock)
        self._seal, self._clock, self._steady_s = seal, clock, steady_s
        self._known, self._strangers = Backoff(), Backoff()
        self._addresses = Backoff(ADDRESS_FREE, ADDRESS_LONGEST_S)

    @staticmethod
    def open(
        directory: Path,
        persons: Persons,
        site: Site,
        *,
        clock: Callable[[], int],
        steady_s: Callable[[], float],
        vfs: str | None = None,
    ) -> SignIn:
        """That of the directory. Raises StoreError, InputError, UsageError."""
        tables = open_signin(directory, vfs=vfs)
        seal = Seal.load_or_create(directory)
        return SignIn(tables, persons, seal, site, clock=clock, steady_s=steady_s)

    def close(self) -> None:
        """Close the tables."""
        self.tables.close()

    # Password and one-time code.

    def by_password(self, login: str, password: str, code: str, address: str) -> SignedIn | Refused:
        """With a password and what the authenticator shows, or a recovery code in its place."""
        login = login if is_name(login) else ""  # all that can be nobody's share one wait
        logins = self._logins(login)
        now_s = self._steady_s()
        wait_s = max(logins.wait_s(login, now_s), self._addresses.wait_s(address, now_s))
        if wait_s > 0:
            return Refused(Why.WAIT, wait_s)
        for tries, key in ((logins, login), (self._addresses, address)):
            tries.failed(key, now_s)  # until it has passed: many at once are as many tries
        found = self.tables.rows("SELECT password FROM passwords WHERE person = ?", (login,))
        kept = found[0][0] if found else passwords.nobodys()
        if not (passwords.matches(password, kept) and found):
            return Refused(Why.WRONG)
        signed = self._with_second(login, kept, code)
        if isinstance(signed, SignedIn):
            logins.passed(login)
            self._addresses.passed(address)
        return signed

    def _with_second(self, login: str, kept: str, code: str) -> SignedIn | Refused:
        """See to the code: the password was the one that was kept."""
        with self.tables.change() as db:
            row = db.execute("SELECT password, secret, step FROM passwords WHERE person = ?",
                             (login,)).fetchone()  # fmt: skip
            if row is None or row[0] != kept:
                return Refused(Why.WRONG)
            secret = self._seal.opened(secret_of(login), bytes(row[1]).decode(), self._clock())
            step = None
            if secret is not None:
                step = onetime.step_of(secret, code, self._clock(), row[2])
            if step is not None:
                db.execute("UPDATE passwords SET step = ? WHERE person = ?", (step, login))
                return _signed(login, self.sessions.begin(db, login, "password"))
            hashed = onetime.recovery_hash(login, code)
            if hashed is None:
                return Refused(Why.WRONG)
            db.execute("DELETE FROM recovery WHERE person = ? AND hash = ?", (login, hashed))
            if not db.changes():
                return Refused(Why.WRONG)
            return _signed(login, self.sessions.begin(db, login, "recovery"))

    # Passkey.

    def passkey_request(self) -> Asked:
        """Ask a browser for any passkey of this site."""
        challenge, now = secrets.token_bytes(32), self._clock()
        sealed = self._seal.closed(_ANSWERED, challenge, now, now + CHALLENGE_MS)
        return Asked(passkeys.request(self.site, challenge), sealed)

    def by_passkey(self, sealed: str, answer: bytes) -> SignedIn | Refused:
        """With the signature of a passkey; ``answer`` is the browser's JSON."""
        challenge = self._seal.opened(_ANSWERED, sealed, self._clock())
        if challenge is None:
            return Refused(Why.LAPSED)
        with self.tables.change() as db:
            person = self._signed_by(db, challenge, answer)
            if person is None:
                return Refused(Why.WRONG)
            return _signed(person, self.sessions.begin(db, person, "passkey"))

    # Once more, by who is signed in: before what two people do.

    def confirm_by_code(self, token: str, person: str, code: str, address: str) -> Refused | None:
        """With what the authenticator shows now. Guessing is slowed down as at the door: here, too,
        a failure is one of that login.
        """
        now_s = self._steady_s()
        wait_s = max(self._known.wait_s(person, now_s), self._addresses.wait_s(address, now_s))
        if wait_s > 0:
            return Refused(Why.WAIT, wait_s)
        for tries, key in ((self._known, person), (self._addresses, address)):
            tries.failed(key, now_s)
        with self.tables.change() as db:
            row = db.execute("SELECT secret, step FROM passwords WHERE person = ?",
                             (person,)).fetchone()  # fmt: skip
            if row is None:
                return Refused(Why.WRONG)
            secret = self._seal.opened(secret_of(person), bytes(row[0]).decode(), self._clock())
            step = None
            if secret is not None:
                step = onetime.step_of(secret, code, self._clock(), row[1])
            if step is None or not self.sessions.confirm(db, token, person, "password"):
                return Refused(Why.WRONG)
            db.execute("UPDATE passwords SET step = ? WHERE person = ?", (step, person))
        self.sessions.confirmed(token)
        self._known.passed(person)
        self._addresses.passed(address)
        return None

    def passkey_confirmation(self, person: str) -> Asked:
        """Ask a browser for a passkey; what it answers confirms that person and signs nobody in."""
        challenge, now = secrets.token_bytes(32), self._clock()
        sealed = self._seal.closed(_confirms(person), challenge, now, now + CHALLENGE_MS)
        return Asked(passkeys.request(self.site, challenge), sealed)

    def confirm_by_passkey(
        self, token: str, person: str, sealed: str, answer: bytes
    ) -> Refused | None:
        """With the signature of a passkey of theirs."""
        challenge = self._seal.opened(_confirms(person), sealed, self._clock())
        if challenge is None:
            return Refused(Why.LAPSED)
        with self.tables.change() as db:
            signed = self._signed_by(db, challenge, answer)
            if signed != person or not self.sessions.confirm(db, token, person, "passkey"):
                return Refused(Why.WRONG)
        self.sessions.confirmed(token)
        return None

    def _signed_by(self, db: Any, challenge: bytes, answer: bytes) -> str | None:
        """Whose passkey has signed the challenge, which is used up; None where none has."""
        credential = passkeys.credential_of(answer)
        if credential is None:
            return None
        row = db.execute("SELECT person, public_key, uses FROM passkeys WHERE credential = ?",
                         (credential,)).fetchone()  # fmt: skip
        if row is None:
            return None
        uses = passkeys.uses_after(
            self.site, challenge, answer, public_key=bytes(row[1]), uses=row[2]
        )
        if uses is None or not self._spent(db, challenge):
            return None
        db.execute("UPDATE passkeys SET uses = ? WHERE credential = ?", (uses, credential))
        return str(row[0])

    def _spent(self, db: Any, challenge: bytes) -> bool:
        """Use the challenge up; whether it was not yet."""
        now, hashed = self._clock(), sha256(challenge).digest()
        db.execute("DELETE FROM spent WHERE ends_ms <= ?", (now,))
        if db.execute("SELECT 1 FROM spent WHERE hash = ?", (hashed,)).fetchone():
            return False
        db.execute("INSERT INTO spent VALUES (?, ?)", (hashed, now + _SPENT_KEPT_MS))
        return True

    # An institution's own sign-in.

    def by_subject(self, issuer: str, subject: str) -> SignedIn | Refused:
        """As the person to whom this subject of that issuer was linked on the command line. What
        roles they have is written here, never there.
        """
        with self.tables.change() as db:
            row = db.execute("SELECT person FROM subjects WHERE hash = ?",
                             (subject_hash(issuer, subject),)).fetchone()  # fmt: skip
            if row is None:
                return Refused(Why.WRONG)
            return _signed(row[0], self.sessions.begin(db, row[0], "openid"))

    def _logins(self, login: str) -> Backoff:
        """Persons apart from logins that nobody has: these cannot push those out of memory."""
        known = self.persons.register.settings("person", login) is not None
        return self._known if known else self._strangers


def secret_of(person: str) -> str:
    """What an authenticator's secret is sealed for, on the disk."""
    return f"secret of {person}"


def _signed(person: str, token: str | None) -> SignedIn | Refused:
    return Refused(Why.WRONG) if token is None else SignedIn(person, token)


def _confirms(person: str) -> str:
    return f"a passkey's challenge, to confirm {person}"


_ANSWERED: Final = "a passkey's challenge"
