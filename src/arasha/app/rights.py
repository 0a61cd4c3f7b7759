"""What the command line and the console share about rights: spans, public keys, links, leaving.

In: what a person typed. Out: values for the exchange room, or an error that says what to type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from arasha.errors import InputError, Place, UsageError

if TYPE_CHECKING:
    from arasha.exchange.means import Means
    from arasha.exchange.persons import Persons

INVITATION_PATH: Final = "/console/invitation/"
"""Where the console takes an invitation; its secret follows."""

MS_PER_HOUR: Final = 3_600_000


def milliseconds(hours: float) -> int:
    """The hours of an overlap in ms. Raises UsageError beyond a year."""
    if not 0 <= hours <= 24 * 366:
        raise UsageError("that is no overlap", expected="0 hours to a year", found=f"{hours:g}")
    return int(hours * MS_PER_HOUR)


def invitation_link(origin: str, secret: str) -> str:
    """The link that invites; it is shown once."""
    return f"{origin}{INVITATION_PATH}{secret}"


def public_key_of(pem: bytes, where: str) -> bytes:
    """The 32 bytes of a public key of Ed25519. Raises InputError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(
            "this is no public key of Ed25519", expected="a PEM file that begins BEGIN PUBLIC KEY",
            where=Place(where), hint="openssl pkey -in private.pem -pubout",
        )  # fmt: skip
    return key.public_bytes_raw()


def let_go(persons: Persons, means: Means, name: str, *, by: str) -> None:
    """Let a person who leaves in no more: no role, no token, no way to sign in is left. Raises
    UsageError: no such person.
    """
    persons.shut_out(name, by=by)
    means.forget(name, by=by)
