"""What a backup is, in words: its manifest, and the sums of all its files.

In: the parts of a backup. Out: ``manifest.json`` and ``SHA256SUMS``; and, of a directory that says
it is a backup, whether every byte of it is what was written::

    BACKUP/log.sqlite        the log as of one instant, bodies encrypted, without any key
    BACKUP/exchange.sqlite   participants and persons
    BACKUP/signin.sqlite     by what persons sign in: hashes, public keys, and what is sealed
    BACKUP/vault.months      what the vault hides, each subject under the key of its last month
    BACKUP/drafts.sealed     drafts of policies, under the key of the last month of acts
    BACKUP/manifest.json     sizes, hashes, the head of the log
    BACKUP/SHA256SUMS        of all of these: ``sha256sum --check SHA256SUMS`` checks it, too
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from arasha.errors import LogDamaged, LogVersionError, Place, UsageError
from arasha.keeping.files import OnBytes, hash_of

BACKUP_VERSION: Final = 1
MANIFEST_FILE: Final = "manifest.json"
SUMS_FILE: Final = "SHA256SUMS"

_LARGEST_TEXT: Final = 1 << 20
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([a-z0-9.A-Z-]{1,64})\n")


class Part(msgspec.Struct, frozen=True):
    """One file of a backup."""

    file: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds.

    ``log`` names the log it is of (the leaf of its first entry, hexadecimal), ``size`` and ``root``
    its head. ``master`` is the vault's mark of its master key, hexadecimal; None without a vault.
    ``made_at_ms`` is ms since 1970 UTC, ``last_known_at_ms`` the log's own time.
    """

    version: int
    log: str
    size: int
    root: str
    last_known_at_ms: int
    made_at_ms: int
    subjects: int
    master: str | None
    parts: tuple[Part, ...]

    @property
    def bytes(self) -> int:
        """Size of all parts together."""
        return sum(part.bytes for part in self.parts)


def write(directory: Path, manifest: Manifest) -> None:
    """Write the manifest and the sums into the directory."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    _write(directory / MANIFEST_FILE, text)
    sums = {part.file: part.sha256 for part in manifest.parts}
    sums[MANIFEST_FILE] = hash_of(directory / MANIFEST_FILE, lambda _bytes: None)
    lines = [f"{mark}  {name}\n" for name, mark in sorted(sums.items())]
    _write(directory / SUMS_FILE, "".join(lines).encode())


def checked(directory: Path, on_bytes: OnBytes) -> Manifest:
    """The manifest of a backup of which every byte is what was written.

    Raises UsageError where there is no backup, LogVersionError for one of another version,
    LogDamaged naming the file that was changed, is missing, or should not be there.
    """
    if not (directory / SUMS_FILE).is_file():
        raise UsageError("there is no backup here", expected=f"a directory with {SUMS_FILE}",
                         found=str(directory), hint="a backup that was cut short ends in "
                         ".unfinished and holds nothing of use")  # fmt: skip
    sums = _sums(directory)
    for name in (MANIFEST_FILE, *sums):
        if name not in sums or not (directory / name).is_file():
            raise _damaged(directory / name, "it is missing")
    others = {path.name for path in directory.iterdir()} - {SUMS_FILE, *sums}
    if others:
        raise _damaged(directory / min(others), "it does not belong to the backup")
    if hash_of(directory / MANIFEST_FILE, lambda _bytes: None) != sums[MANIFEST_FILE]:
        raise _damaged(directory / MANIFEST_FILE, "its hash is another")
    manifest = _manifest(directory / MANIFEST_FILE)
    told = {part.file: part.sha256 for part in manifest.parts}
    if told | {MANIFEST_FILE: sums[MANIFEST_FILE]} != sums:
        raise _damaged(directory / SUMS_FILE, "it is not what the manifest says")
    for part in manifest.parts:
        path = directory / part.file
        if path.stat().st_size != part.bytes or hash_of(path, on_bytes) != part.sha256:
            raise _damaged(path, "its hash is another")
    return manifest


def _write(path: Path, content: bytes) -> None:
    path.touch(0o600, exist_ok=False)
    path.write_bytes(content)


def _sums(directory: Path) -> dict[str, str]:
    path = directory / SUMS_FILE
    text = path.read_bytes()[:_LARGEST_TEXT].decode("ascii", "replace")
    found = {name: mark for mark, name in _SUM.findall(text)}
    if "".join(f"{mark}  {name}\n" for name, mark in sorted(found.items())) != text:
        raise _damaged(path, "it is no list of hashes")
    return found


def _manifest(path: Path) -> Manifest:
    data = path.read_bytes()[:_LARGEST_TEXT]
    try:
        version = msgspec.json.decode(data, type=dict[str, object]).get("version")
        if version != BACKUP_VERSION:
            raise LogVersionError(
                "the backup is of another version", expected=f"version {BACKUP_VERSION}",
                found=f"version {version}", where=Place(str(path)),
                hint="restore it with the release of Arasha that made it",
            )  # fmt: skip
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> LogDamaged:
    return LogDamaged("the backup is not what was written", expected="what its sums say", found=why,
                      where=Place(str(path)), hint="use another backup")  # fmt: skip
