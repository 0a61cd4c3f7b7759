"""Whom somebody trusts: logs, witnesses, and how many of them are enough (C2SP tlog-policy).

Where on the path: beside *shown*. In: a text that an institution writes once. Out: the keys to
check checkpoints with, where the witnesses are asked, and whether those who cosigned are enough::

    log centre.example/record+d3ab01c5+BuhtcL97…  https://centre.example/record
    witness ombudsman  ombudsman.example/w+5a9c1f77+Bg3Kp…  https://ombudsman.example
    witness bank       bank.example/w+0c2b7ae1+BAx8k…       https://witness.bank.example
    group outside 1 ombudsman bank
    quorum outside

A file that is nothing but keys, one a line, is read as so many ``log`` lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from arasha.errors import InputError, Place
from arasha.log.signing import LOG_ALGORITHMS, WITNESS_ALGORITHMS, Algorithm, Opened, Verifier

MAX_TRUST_BYTES: Final = 1 << 20
"""Largest such file, bytes."""

NONE: Final = "none"
"""The quorum that needs nobody."""


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness by the name that the file gives it; ``url`` is where it takes checkpoints."""

    name: str
    key: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys of logs, the witnesses, and the rule of how many are enough."""

    logs: tuple[Verifier, ...] = ()
    witnesses: tuple[WitnessLine, ...] = ()
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = NONE
    log_urls: tuple[str, ...] = ()

    @property
    def witness_keys(self) -> tuple[Verifier, ...]:
        """The keys of all witnesses."""
        return tuple(one.key for one in self.witnesses)

    def witness_urls(self) -> dict[str, tuple[Verifier, ...]]:
        """Where witnesses are asked, each place once, and the keys that may answer there."""
        asked: dict[str, tuple[Verifier, ...]] = {}
        for one in self.witnesses:
            if one.url is not None:
                asked[one.url] = (*asked.get(one.url, ()), one.key)
        return asked

    def is_enough(self, opened: Opened) -> bool:
        """Whether those who cosigned are a quorum."""
        cosigned = {one.by.text for one in opened.witnesses}
        names = {one.name for one in self.witnesses if one.key.text in cosigned}
        return self.quorum == NONE or self._has(self.quorum, names)

    def _has(self, name: str, cosigned: Collection[str]) -> bool:
        if name not in self.groups:
            return name in cosigned
        enough, members = self.groups[name]
        return sum(self._has(one, cosigned) for one in members) >= enough


def load_trust(path: Path) -> Trust:
    """The trust that is written in the file. Raises InputError, which names the line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("the file of trusted keys cannot be read", found=str(error.strerror),
                         where=Place(str(path))) from error  # fmt: skip
    if len(data) > MAX_TRUST_BYTES:
        raise InputError("the file of trusted keys is too large", where=Place(str(path)),
                         expected=f"at most {MAX_TRUST_BYTES} bytes")  # fmt: skip
    return read_trust(data.decode("utf-8", "replace"), str(path))


def read_trust(text: str, where: str | None = None) -> Trust:
    """The trust that is written so. Raises InputError, which names the line."""
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("\t", " ").split()
        if not words or words[0].startswith("#"):
            continue
        try:
            reading.take(words)
        except InputError as error:
            error.where = Place(where, number)
            raise
        except ValueError as error:
            raise InputError("this line says nothing about trust", found=str(error),
                             expected="log KEY [URL], witness NAME KEY [URL], group NAME K NAME…, "
                             "quorum NAME", where=Place(where, number)) from error  # fmt: skip
    return reading.trust()


class _Reading:
    def __init__(self) -> None:
        self._logs: list[Verifier] = []
        self._urls: list[str] = []
        self._witnesses: list[WitnessLine] = []
        self._groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        match words:
            case [key] if "+" in key:
                self._log(key)
            case ["log", key]:
                self._log(key)
            case ["log", key, url]:
                self._log(key)
                self._urls.append(url.rstrip("/"))
            case ["witness", name, key, *rest] if len(rest) < 2:
                verifier = _of_type(key, WITNESS_ALGORITHMS)
                self._new(name)
                place = rest[0].rstrip("/") if rest else None
                if any(one.key.public == verifier.public for one in self._witnesses):
                    raise ValueError(f"the key of {name} once more")
                self._witnesses.append(WitnessLine(name, verifier, place))
            case ["group", name, enough, *members] if members:
                self._new(name)
                self._groups[name] = (self._enough(enough, members), tuple(members))
            case ["quorum", name] if self._quorum is None:
                if name != NONE and name not in self._names():
                    raise ValueError(f"{name}, who is not named above")
                self._quorum = name
            case _:
                raise ValueError(" ".join(words)[:80])

    def trust(self) -> Trust:
        return Trust(tuple(self._logs), tuple(self._witnesses), self._groups,
                     self._quorum or NONE, tuple(self._urls))  # fmt: skip

    def _log(self, key: str) -> None:
        self._logs.append(_of_type(key, LOG_ALGORITHMS))

    def _names(self) -> set[str]:
        return {one.name for one in self._witnesses} | self._groups.keys()

    def _new(self, name: str) -> None:
        if name == NONE or name in self._names():
            raise ValueError(f"{name} once more")

    def _enough(self, text: str, members: list[str]) -> int:
        grouped = {one for _, names in self._groups.values() for one in names}
        for one in members:
            if one not in self._names() or one in grouped or members.count(one) > 1:
                raise ValueError(f"{one}, who is not named above, or is in a group already")
        enough = {"any": 1, "all": len(members)}.get(text) or int(text)
        if not 1 <= enough <= len(members):
            raise ValueError(f"{enough} of {len(members)}")
        return enough


def _of_type(key: str, types: Collection[Algorithm]) -> Verifier:
    verifier = Verifier.parse(key)
    if verifier.algorithm not in types:
        raise ValueError(f"a key of type {int(verifier.algorithm)}, which signs something else")
    return verifier
