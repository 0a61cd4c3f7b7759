"""Setting up how one signs in: the first time by an invitation, later from a session of one's own.

In: the secret of an invitation (invitations.py), or a person who is signed in. Out: a password with
an authenticator and codes on paper, or a passkey. What a page offers before it is confirmed is
sealed into the page (sealed.py): looking at an invitation changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from arasha.exchange import onetime, passkeys, passwords
from arasha.exchange.invitations import Invitations
from arasha.exchange.means import forget_password
from arasha.exchange.sealed import Seal
from arasha.exchange.sessions import Means
from arasha.exchange.signin import (
    Asked,
    Refused,
    SignedIn,
    SignIn,
    Why,
    secret_of,
)
from arasha.exchange.signin_tables import note
from arasha.vault.driver import Tables

OFFER_MS: Final = 1_800_000
"""How long an offered authenticator's secret may wait for its first code, ms."""

MAX_PASSKEYS: Final = 8
"""Passkeys of one person."""

_HANDLE_BYTES: Final = 32  # says nothing about the person (WebAuthn, 14.6.1)


@dataclass(frozen=True, slots=True)
class Offer:
    """An authenticator to set up: for whom, what it reads, and the sealed text that comes back."""

    person: str
    address: str
    square: str
    sealed: str

    def __repr__(self) -> str:
        return f"<Offer to {self.person}>"


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Somebody has come in for the first time. The codes are shown once."""

    signed: SignedIn
    recovery: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Welcomed {self.signed.person}>"


class Enrolment:
    """What is set up at one centre. ``clock`` tells the time, ms since 1970 UTC."""

    def __init__(self, signin: SignIn, seal: Seal, clock: Callable[[], int]) -> None:
        self._signin, self._seal, self._clock = signin, seal, clock
        self._tables: Tables = signin.tables
        self.invitations = Invitations(signin.tables, signin.persons, clock)

    # By an invitation.

    def offer(self, invitation: str) -> Offer | None:
        """An authenticator's secret for whom the invitation is; None where it does not stand."""
        person = self.invitations.of(invitation)
        if person is None:
            return None
        secret, now = onetime.new_secret(), self._clock()
        sealed = self._seal.closed(f"offer to {person}", secret, now, now + OFFER_MS)
        return self._offered(person, secret, sealed)

    def again(self, invitation: str, sealed: str) -> Offer | None:
        """The offer of before, for a page that is shown once more; None where it is over."""
        person = self.invitations.of(invitation)
        secret = None
        if person is not None:
            secret = self._seal.opened(f"offer to {person}", sealed, self._clock())
        return None if person is None or secret is None else self._offered(person, secret, sealed)

    def set_password(
        self, invitation: str, sealed: str, password: str, code: str
    ) -> Welcomed | Refused | str:
        """Come in with a new password and the first code of the offered authenticator, in place of
        whatever password and codes there were. A text names what is wrong with the password.
        """
        person = self.invitations.of(invitation)
        if person is None:
            return Refused(Why.LAPSED)
        secret = self._seal.opened(f"offer to {person}", sealed, self._clock())
        if secret is None:
            return Refused(Why.LAPSED)
        fault = passwords.fault_of(password, person)
        if fault is not None:
            return fault
        step = onetime.step_of(secret, code, self._clock(), -1)
        if step is None:
            return Refused(Why.WRONG)
        kept, now = passwords.kept(password), self._clock()
        codes = onetime.new_recovery_codes()
        held = self._seal.closed(secret_of(person), secret, now)
        with self._tables.change() as db:
            if self.invitations.use(db, invitation) != person:
                return Refused(Why.LAPSED)
            forget_password(db, person)
            db.execute("INSERT INTO passwords VALUES (?, ?, ?, ?)",
                       (person, kept, held.encode(), step))  # fmt: skip
            for one in codes:
                db.execute("INSERT INTO recovery VALUES (?, ?)",
                           (person, onetime.recovery_hash(person, one)))  # fmt: skip
            note(self._tables, "password_set", person, by=person, at_ms=now)
            return self._welcomed(db, person, "password", tuple(codes))

    def passkey_creation(self, invitation: str) -> Asked | None:
        """Ask the browser of whom the invitation is for to make a passkey."""
        person = self.invitations.of(invitation)
        return None if person is None else self._creation(person)

    def set_passkey(self, invitation: str, sealed: str, answer: bytes) -> Welcomed | Refused:
        """Come in with the passkey that the browser has made."""
        person = self.invitations.of(invitation)
        if person is None:
            return Refused(Why.LAPSED)
        made = self._made(person, sealed, answer)
        if isinstance(made, Refused):
            return made
        handle, passkey = made
        with self._tables.change() as db:
            if self.invitations.use(db, invitation) != person:
                return Refused(Why.LAPSED)
            if not self._add(db, person, handle, passkey):
                return Refused(Why.WRONG)
            return self._welcomed(db, person, "passkey", ())

    # From a session of one's own.

    def another_passkey(self, person: str) -> Asked:
        """Ask the browser of a person who is signed in to make one more."""
        return self._creation(person)

    def add_passkey(self, person: str, sealed: str, answer: bytes) -> Refused | None:
        """Take the passkey that the browser has made."""
        made = self._made(person, sealed, answer)
        if isinstance(made, Refused):
            return made
        with self._tables.change() as db:
            return None if self._add(db, person, *made) else Refused(Why.WRONG)

    # What the above share.

    def _offered(self, person: str, secret: bytes, sealed: str) -> Offer:
        address = onetime.address_of(secret, person, self._signin.site.host)
        return Offer(person, address, onetime.square_of(address), sealed)

    def _creation(self, person: str) -> Asked:
        found = self._tables.rows(
            "SELECT credential, handle FROM passkeys WHERE person = ?", (person,)
        )
        handle = bytes(found[0][1]) if found else secrets.token_bytes(_HANDLE_BYTES)
        challenge, now = secrets.token_bytes(32), self._clock()
        content = handle + challenge
        sealed = self._seal.closed(f"passkey of {person}", content, now, now + OFFER_MS)
        known = [bytes(credential) for credential, _ in found]
        options = passkeys.creation(self._signin.site, person, handle, challenge, known)
        return Asked(options, sealed)

    def _made(
        self, person: str, sealed: str, answer: bytes
    ) -> tuple[bytes, passkeys.NewPasskey] | Refused:
        content = self._seal.opened(f"passkey of {person}", sealed, self._clock())
        if content is None:
            return Refused(Why.LAPSED)
        handle, challenge = content[:_HANDLE_BYTES], content[_HANDLE_BYTES:]
        made = passkeys.made(self._signin.site, challenge, answer)
        return Refused(Why.WRONG) if made is None else (handle, made)

    def _add(self, db: Any, person: str, handle: bytes, made: passkeys.NewPasskey) -> bool:
        """Whether the passkey was taken: it is nobody's yet, and there are not too many."""
        [count] = db.execute("SELECT count(*) FROM passkeys WHERE person = ?",
                             (person,)).fetchone()  # fmt: skip
        known = db.execute("SELECT 1 FROM passkeys WHERE credential = ?",
                           (made.credential,)).fetchone()  # fmt: skip
        if known or count >= MAX_PASSKEYS:
            return False
        now = self._clock()
        db.execute("INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, ?)",
                   (made.credential, person, handle, made.public_key, made.uses, now))  # fmt: skip
        note(self._tables, "passkey_added", person, by=person, at_ms=now)
        return True

    def _welcomed(
        self, db: Any, person: str, means: Means, codes: tuple[str, ...]
    ) -> Welcomed | Refused:
        token = self._signin.sessions.begin(db, person, means)
        assert token is not None, "an invitation stands for who has rights only"
        return Welcomed(SignedIn(person, token), codes)
