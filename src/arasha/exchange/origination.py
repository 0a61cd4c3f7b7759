"""``origination.toml``: how this operator asks others about calls, and answers them.

In: a TOML file of the operator. Out: `Origination`, checked::

    [own]
    operator = "OPERONE"                 its code in the table of numbers
    domestic = ["+77", "+76"]            how numbers of this country begin
    within_ms = 300                      how long a call may wait for the owner's answer

    [peers.OPERTWO]                      an operator that owns numbers, and answers
    url = "https://arasha.opertwo.example"
    key_file = "opertwo.key"             KEY-ID.SECRET, as that operator gave it

    [roaming]                            who knows which of our numbers is abroad (CAMARA)
    url = "https://network.internal.example/device-roaming-status/v1/retrieve"
    key_file = "network.key"

    [passports]                          whose signatures under calls count (STIR/SHAKEN)
    roots = "sti-roots.pem"
    hosts = ["certificates.example"]
    revoked = ["shaken.crl"]             certificates that count no more (sti_revocations.py)

Without ``[roaming]`` this operator denies no call: one of its subscribers abroad could be cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec

from arasha.errors import InputError, Place, UsageError
from arasha.events.records import Id, Instant
from arasha.events.symbols import CODE_PATTERN, whole
from arasha.exchange.addresses import target_of
from arasha.exchange.numbering import prefix_of

PATH: Final = "/v1/origination"
"""Where an operator is asked."""

NUMBER_PATTERN: Final = r"\+[1-9][0-9]{4,14}"
MAX_WITHIN_MS: Final = 2_000
"""Longest time that a question gives for its answer, ms: a caller hears silence meanwhile."""

MAX_QUESTION_CHARS: Final = 48
MAX_PEERS: Final = 64
MAX_LISTS: Final = 64

Answer = Literal["originated", "not_originated", "roaming", "not_mine"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
"""What an owner can say of a call; what it cannot tell it does not answer."""

Number = Annotated[str, msgspec.Meta(pattern=whole(NUMBER_PATTERN))]
_Code = Annotated[str, msgspec.Meta(pattern=whole(CODE_PATTERN))]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Did you originate this call? ``at`` is when it came; ``within_ms`` how long there is for it.

    ``callee_number`` is the asker's own: nobody asks about calls that do not come to them.
    """

    id: Annotated[Id, msgspec.Meta(max_length=MAX_QUESTION_CHARS)]
    caller_number: Number
    callee_number: Number
    at: Instant
    within_ms: Annotated[int, msgspec.Meta(ge=1, le=MAX_WITHIN_MS)]

    def __repr__(self) -> str:
        return "<Question>"


class Answered(msgspec.Struct, frozen=True):
    """The owner's answer to the question of that id."""

    id: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who is asked: where, and with which key. ``ca``: who vouches for it, or None."""

    url: str
    key: str
    ca: Path | None = None

    def __repr__(self) -> str:
        return f"<Peer {self.url}>"


@dataclass(frozen=True, slots=True)
class Passports:
    """Whose PASSporTs count: ``roots`` PEM; where certificates may be fetched; which lie here; and
    the files that say which are revoked.
    """

    roots: bytes
    hosts: frozenset[str]
    certificates: dict[str, bytes]
    revoked: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Origination:
    """The file, read: ``operator`` is our own code, ``within_ms`` the budget of one call."""

    operator: str
    domestic: tuple[str, ...]
    within_ms: int
    peers: dict[str, Peer]
    roaming: Peer | None = None
    passports: Passports | None = None

    def is_domestic(self, number: str) -> bool:
        """Whether a number in E.164 is one of this country."""
        return number.startswith(self.domestic)


class _Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    key_file: str
    ca_file: str | None = None


class _Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    operator: _Code
    domestic: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=64)]
    within_ms: Annotated[int, msgspec.Meta(ge=10, le=MAX_WITHIN_MS)] = 300


class _Passports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    roots: str
    hosts: tuple[str, ...] = ()
    certificates: dict[str, str] = {}
    revoked: Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_LISTS)] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    own: _Own
    peers: Annotated[dict[_Code, _Peer], msgspec.Meta(max_length=MAX_PEERS)] = {}
    roaming: _Peer | None = None
    passports: _Passports | None = None


def load_origination(path: Path) -> Origination:
    """The file and those that it names, which lie beside it.

    Raises InputError for what cannot be read, UsageError for an address that cannot be.
    """
    try:
        file = msgspec.toml.decode(_read(path), type=_File)
    except msgspec.DecodeError as error:
        raise InputError("this says not how to ask about calls", expected="[own], [peers.NAME]",
                         found=str(error), where=Place(str(path))) from error  # fmt: skip
    domestic = tuple(prefix for text in file.own.domestic if (prefix := prefix_of(text)))
    if len(domestic) != len(file.own.domestic):
        raise InputError("a beginning of numbers is none", expected='such as "+77"',
                         where=Place(str(path), column="own.domestic"))  # fmt: skip
    if file.own.operator in file.peers:
        raise UsageError("this operator is its own peer", expected="others under [peers]",
                         found=file.own.operator, where=Place(str(path)))  # fmt: skip
    beside = path.parent
    passports = None if file.passports is None else _passports(file.passports, beside)
    return Origination(
        file.own.operator, domestic, file.own.within_ms,
        {name: _peer(peer, beside) for name, peer in file.peers.items()},
        None if file.roaming is None else _peer(file.roaming, beside), passports,
    )  # fmt: skip


def _peer(peer: _Peer, beside: Path) -> Peer:
    target_of(peer.url)
    key = _read(beside / peer.key_file).decode("ascii", "replace").strip()
    if not key.isprintable() or not key or " " in key:
        raise InputError("this is no key", expected="KEY-ID.SECRET in one line",
                         where=Place(str(beside / peer.key_file)))  # fmt: skip
    return Peer(peer.url.rstrip("/"), key, None if peer.ca_file is None else beside / peer.ca_file)


def _passports(told: _Passports, beside: Path) -> Passports:
    for url in told.certificates:
        target_of(url)
    return Passports(
        _read(beside / told.roots), frozenset(host.lower() for host in told.hosts),
        {url: _read(beside / name) for url, name in told.certificates.items()},
        tuple(beside / name for name in told.revoked),
    )  # fmt: skip


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("this file cannot be read", found=str(error.strerror),
                         where=Place(str(path))) from error  # fmt: skip
