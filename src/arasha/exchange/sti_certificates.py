"""Certificates of telephone networks (RFC 8226): who may sign for which numbers.

In: a chain as a file of PEM, the roots that we trust, the time. Out: a `Certificate`, its key on
P-256 and the numbers that it speaks for, if the chain leads to one of the roots; else None. Which
numbers those are stands in the extension TNAuthList::

    TNAuthorizationList ::= SEQUENCE OF CHOICE {
        spc   [0] IA5String                      a network's code: it speaks for all its numbers
        range [1] SEQUENCE { start IA5String, count INTEGER }
        one   [2] IA5String }

A certificate without the extension, or with codes of networks alone, speaks for any number: whom a
root lets sign is then the root's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError
from joserfc.jwk import ECKey

from arasha.errors import InputError
from arasha.exchange.sti_revocations import Named, name_of

TN_AUTH_LIST: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")

MAX_CHAIN: Final = 6
"""Certificates of one file that are looked at."""

MAX_ENTRIES: Final = 10_000
"""Entries of one TNAuthList."""

_MAX_DIGITS: Final = 15  # E.164
_MAX_LENGTH_BYTES: Final = 3  # 16 MB


class Tag(IntEnum):
    """Tags of DER that stand in a TNAuthList."""

    INTEGER = 0x02
    IA5 = 0x16
    SEQUENCE = 0x30
    SPC = 0xA0
    RANGE = 0xA1
    ONE = 0xA2


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is trusted until ``ends_s``: ``ranges`` are (first number, how many) as
    integers, None where it speaks for any; ``chain`` names it and all up to its root.
    """

    key: ECKey
    ends_s: float
    ranges: tuple[tuple[int, int], ...] | None
    chain: tuple[Named, ...] = ()

    def speaks_for(self, number: str) -> bool:
        """Whether it may sign for that number, in E.164 with its plus."""
        if self.ranges is None:
            return True
        digits = number.removeprefix("+")
        return digits.isdecimal() and any(
            first <= int(digits) < first + count and len(str(first)) == len(digits)
            for first, count in self.ranges
        )


class Roots:
    """The roots that are trusted."""

    def __init__(self, pem: bytes) -> None:
        """Raises InputError when there is none in the PEM."""
        try:
            self._store = Store(x509.load_pem_x509_certificates(pem))
        except ValueError as error:
            raise InputError("these are no roots of certificates", expected="a PEM file",
                             found="something else") from error  # fmt: skip

    def trusted(self, pem: bytes, now_s: float) -> Certificate | None:
        """The first certificate of that chain, if it leads to a root now and its key is one that a
        PASSporT can be signed with.
        """
        try:
            leaf, *between = x509.load_pem_x509_certificates(pem)[:MAX_CHAIN]
            policy = (
                PolicyBuilder().store(self._store)
                .time(datetime.fromtimestamp(now_s, UTC).replace(tzinfo=None))
                .max_chain_depth(MAX_CHAIN)
                .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(),
                                    ee_policy=ExtensionPolicy.permit_all())
            )  # fmt: skip
            chain = policy.build_client_verifier().verify(leaf, between).chain
            key = leaf.public_key()
            if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
                return None
            if _is_authority(leaf):
                return None
            ends = min(one.not_valid_after_utc for one in chain)
            names = tuple((name_of(one.issuer), one.serial_number) for one in chain)
            return Certificate(ECKey.import_key(key), ends.timestamp(), _ranges(leaf), names)
        except (ValueError, VerificationError, x509.DuplicateExtension, OverflowError):
            return None


def _is_authority(leaf: x509.Certificate) -> bool:
    """Whether it is one to sign certificates with, not calls."""
    try:
        return leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _ranges(leaf: x509.Certificate) -> tuple[tuple[int, int], ...] | None:
    """The numbers of its TNAuthList; None for any. Raises ValueError for a list that is none."""
    try:
        extension = leaf.extensions.get_extension_for_oid(TN_AUTH_LIST).value
    except x509.ExtensionNotFound:
        return None
    assert isinstance(extension, x509.UnrecognizedExtension)
    [(tag, entries)] = _values(extension.value)
    if tag != Tag.SEQUENCE:
        raise ValueError("no list")
    ranges = list[tuple[int, int]]()
    networks = 0
    for number, (kind, body) in enumerate(_values(entries)):
        if number >= MAX_ENTRIES:
            raise ValueError("too many entries")
        match kind, list(_values(body)):
            case (Tag.SPC, [(Tag.IA5, _)]):
                networks += 1
            case (Tag.RANGE, [(Tag.SEQUENCE, both)]):
                [(first_tag, first), (count_tag, count)] = _values(both)
                if (first_tag, count_tag) != (Tag.IA5, Tag.INTEGER):
                    raise ValueError("no range")
                ranges.append((_number(first), int.from_bytes(count, "big", signed=True)))
            case (Tag.ONE, [(Tag.IA5, one)]):
                ranges.append((_number(one), 1))
            case _:
                raise ValueError("no entry")
    return tuple(ranges) if ranges or not networks else None


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > _MAX_DIGITS:
        raise ValueError("no number")
    return int(text)


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of each value of DER that stands there. Raises ValueError."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("cut short")
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            width = length & 0x7F
            if not 1 <= width <= _MAX_LENGTH_BYTES or at + width > len(data):
                raise ValueError("no length")
            length = int.from_bytes(data[at : at + width], "big")
            at += width
        if at + length > len(data):
            raise ValueError("cut short")
        yield tag, data[at : at + length]
        at += length
