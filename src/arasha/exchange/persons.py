"""Persons: the people of the centre, each with roles and a token of their own.

In: who works here and as what. Out: at each request the person whose token it carries. A role is a
right to act, never a right to search: what a person sees of a party hangs on a case that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from arasha.errors import UsageError
from arasha.exchange.register import Key, Register, check_words

ROLES: Final = (
    "analyst", "officer", "authority", "auditor", "administrator", "policy_author",
    "policy_publisher",
)  # fmt: skip
"""An analyst works on cases, an officer confirms holds and may reveal, an authority stands outside
and consents to what is past the law's own limit, an auditor reads what others did and may reveal,
an administrator makes participants and persons; an author writes policies and laws, a publisher
puts them in force. docs/reference/roles.md says what each may do."""

ALONE: Final = frozenset({"administrator", "authority", "auditor"})
"""Roles that go with no other: who has one of these beside another could check themselves."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the centre."""

    name: str
    roles: frozenset[str]


class _Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    roles: tuple[str, ...]
    changed: int = 0
    """How often the roles were changed: roles that come again are not the rights of before."""


class Persons:
    """The persons of one register."""

    def __init__(self, register: Register) -> None:
        self.register = register

    @staticmethod
    def open(directory: Path, clock: Callable[[], int], *, vfs: str | None = None) -> Persons:
        """Those of ``directory``/exchange.sqlite. Raises StoreError."""
        return Persons(Register.open(directory, clock, vfs=vfs))

    def close(self) -> None:
        """Close the register."""
        self.register.close()

    def create(self, name: str, roles: Iterable[str], *, by: str) -> tuple[Person, str, str]:
        """A new person, the id of the token and its secret. UsageError for a name that is taken."""
        chosen = _checked(roles)
        issued = self.register.add(
            "person", name, _Settings(tuple(sorted(chosen))), by=by, public=None
        )
        return Person(name, chosen), issued.key_id, issued.secret

    def change(self, name: str, roles: Iterable[str], *, by: str) -> Person:
        """Other roles; tokens stay, sessions end. Raises UsageError as `create`, or: no person."""
        chosen, before = _checked(roles), self._settings(name)
        settings = _Settings(tuple(sorted(chosen)), before.changed + 1)
        self.register.change("person", name, settings, by=by)
        return Person(name, chosen)

    def shut_out(self, name: str, *, by: str) -> None:
        """Nothing opens for this person any more: no role is left, no token, and no session.

        The name stays theirs: what they did is under it. `change` lets them in again.
        """
        before = self._settings(name)
        self.register.change("person", name, _Settings((), before.changed + 1), by=by)
        for key in self.register.keys_of("person", name):
            self.revoke(key.key_id, by=by)

    def rights(self, name: str) -> bytes | None:
        """Bytes that stay the same as long as the roles and tokens of this person do, and never
        come again; None for who may do nothing, or is nobody.
        """
        settings = self.register.settings("person", name)
        if settings is None or not msgspec.json.decode(settings, type=_Settings).roles:
            return None
        keys = [key.key_id for key in self.register.keys_of("person", name)]
        return sha256(msgspec.json.encode([settings.decode(), keys])).digest()

    def rotate(self, name: str, *, by: str, overlap_ms: int = 0) -> tuple[str, str]:
        """A new token; the one before ends after ``overlap_ms``, by default at once."""
        issued = self.register.rotate("person", name, by=by, overlap_ms=overlap_ms)
        return issued.key_id, issued.secret

    def revoke(self, key_id: str, *, by: str) -> None:
        """The token opens nothing any more."""
        self.register.revoke("person", key_id, by=by)

    def list(self) -> list[tuple[Person, list[Key]]]:
        """Every person, by name, with the open tokens."""
        return [
            (self.named(name), self.register.keys_of("person", name))
            for name in self.register.names("person")
        ]

    def named(self, name: str) -> Person:
        """The person of that name. Raises UsageError when there is none."""
        return Person(name, frozenset(self._settings(name).roles))

    def authenticate(self, key_id: str, secret: str) -> Person | None:
        """Whose token this is, or None."""
        key = self.register.owner_of(key_id, secret)
        return None if key is None or key.kind != "person" else self.named(key.name)

    def _settings(self, name: str) -> _Settings:
        settings = self.register.settings("person", name)
        if settings is None:
            raise self.register.unknown("person", name)
        return msgspec.json.decode(settings, type=_Settings)


def _checked(roles: Iterable[str]) -> frozenset[str]:
    """The roles as a set that one person may have. Raises UsageError."""
    chosen = check_words("a person's roles", roles, ROLES)
    if not chosen:
        raise UsageError("a person without a role can do nothing",
                         expected="one of " + ", ".join(ROLES))  # fmt: skip
    if len(chosen) > 1 and chosen & ALONE:
        raise UsageError(
            f"a person who is {min(chosen & ALONE)} can have no other role",
            expected="one role, or roles among "
            + ", ".join(role for role in ROLES if role not in ALONE),
        )
    return chosen
