"""Certificates of telephone networks that count no more: lists that lie here; nothing is fetched.

In: files of the operator's site, and the names of a chain's certificates. Out: whether one of them
was revoked. Which of three a file is, is seen by how it begins::

    -----BEGIN X509 CRL-----     one list or several of RFC 5280, as an issuer publishes them
    0x30 and a length            one of them in DER
    01:9A:2F                     a serial a line, in hexadecimal digits, whoever issued it; # begins
                                 a remark

SHAKEN has one list for all issuers, the policy administrator's (ATIS-1000080): an entry then names
the issuer, and those after it are of the same one. Whoever lays down the file is believed, as for
the roots: no signature is looked at. A list past its next update still says who was revoked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from arasha.errors import InputError, Place

MAX_BYTES: Final = 32 << 20
"""Longest file of revocations."""

Named = tuple[str, int]
"""A certificate: its issuer, as `name_of` writes it, and its serial."""

_PEM: Final = b"-----BEGIN X509 CRL-----"
_END: Final = b"-----END X509 CRL-----"
_DER: Final = (b"\x30\x81", b"\x30\x82", b"\x30\x83", b"\x30\x84")  # no shorter list is one


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was revoked: certificates by issuer and serial, ``serials`` of whichever issuer; and
    when the first of the lists should have been renewed, seconds since 1970, None without any.
    """

    named: frozenset[Named] = frozenset()
    serials: frozenset[int] = frozenset()
    renewed_by_s: float | None = None

    def __len__(self) -> int:
        return len(self.named) + len(self.serials)

    def has(self, chain: Iterable[Named]) -> bool:
        """Whether one of these certificates was revoked."""
        return any(one in self.named or one[1] in self.serials for one in chain)


class Revocations:
    """The files as they are now: others in their places are taken up."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises InputError for a file that cannot be read, or is no list."""
        self._paths = tuple(paths)
        self._seen: list[tuple[int, int, int]] = []
        self.now = Revoked()
        self.look()

    def look(self) -> bool:
        """Take up other files; whether there were any. Raises InputError where one is no list: what
        was known before stays.
        """
        try:
            found = [path.stat() for path in self._paths]
        except OSError as error:
            raise InputError("a list of revoked certificates is not there",
                             found=str(error.strerror),
                             where=Place(str(error.filename))) from error  # fmt: skip
        seen = [(one.st_ino, one.st_mtime_ns, one.st_size) for one in found]
        if seen == self._seen:
            return False
        self.now = together([read(path) for path in self._paths])
        self._seen = seen
        return True


def name_of(name: x509.Name) -> str:
    """A name as it is compared: whatever type its texts have, in small letters."""
    return name.rfc4514_string().casefold()


def read(path: Path) -> Revoked:
    """What that file revokes. Raises InputError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("a list of revoked certificates cannot be read",
                         found=str(error.strerror), where=Place(str(path))) from error  # fmt: skip
    if len(data) > MAX_BYTES:
        raise _no_list(path, f"more than {MAX_BYTES} bytes")
    plain = data.lstrip()
    try:
        if plain.startswith((_PEM, *_DER)):
            return together([_of_list(one) for one in _lists(plain)])
        return Revoked(serials=frozenset(_serials(data.decode("ascii"))))
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise _no_list(path, "something else") from error


def together(some: Sequence[Revoked]) -> Revoked:
    """All of it."""
    ends = [one.renewed_by_s for one in some if one.renewed_by_s is not None]
    return Revoked(
        frozenset[Named]().union(*(one.named for one in some)),
        frozenset[int]().union(*(one.serials for one in some)),
        min(ends, default=None),
    )


def _lists(data: bytes) -> Iterator[x509.CertificateRevocationList]:
    if data.startswith(_DER):
        yield x509.load_der_x509_crl(data)
        return
    for part in data.split(_PEM)[1:]:
        yield x509.load_pem_x509_crl(_PEM + part.partition(_END)[0] + _END + b"\n")


def _of_list(crl: x509.CertificateRevocationList) -> Revoked:
    """Raises ValueError for one that only says what changed since another."""
    if any(one.oid == x509.DeltaCRLIndicator.oid for one in crl.extensions):
        raise ValueError("a part of a list")
    issuer, named = name_of(crl.issuer), set[Named]()
    for entry in crl:
        issuer = _issuer_named(entry) or issuer
        named.add((issuer, entry.serial_number))
    ends = crl.next_update_utc
    return Revoked(frozenset(named), renewed_by_s=None if ends is None else ends.timestamp())


def _issuer_named(entry: x509.RevokedCertificate) -> str | None:
    """Whose certificate it is, where the entry says so."""
    try:
        said = entry.extensions.get_extension_for_class(x509.CertificateIssuer).value
    except x509.ExtensionNotFound:
        return None
    [name] = said.get_values_for_type(x509.DirectoryName)
    return name_of(name)


def _serials(text: str) -> Iterator[int]:
    for line in text.splitlines():
        serial = line.partition("#")[0].strip()
        if serial:
            yield int(serial.replace(":", ""), 16)


def _no_list(path: Path, found: str) -> InputError:
    return InputError("this is no list of revoked certificates",
                      expected="whole CRLs, PEM or DER, or a serial a line", found=found,
                      where=Place(str(path)))  # fmt: skip
