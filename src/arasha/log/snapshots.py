"""Snapshots: the state as of one place in the log, so that a start need not replay everything.

Where on the path: beside *known*. In: arrays and a few numbers of the state at ``seq``. Out: one
file, and the arrays again. A snapshot is derived from facts and goes with them: its own random key
is wrapped under the key of the month it stands in, and retire.py destroys it. One file::

    magic 8 | u32 length of header | header, JSON | nonce 12 | wrapped key 32 | tag 16
    then chunks: length u32 | AES-256-GCM(chunk) with tag 16

    plaintext of all chunks = length u32 | meta, JSON | array bytes, in the header's order
    nonce of chunk i        = i, 12 bytes big-endian          the key is used for this file only
    associated data         = SHA-256 of all before the chunks | 1 if last, else 0
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

import msgspec
import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from arasha.errors import ArashaError, KeyDestroyed, Place, SnapshotError
from arasha.log.keys import KeyStore, Retention, cannot_write, destroy_file, sync_directory

SNAPSHOT_VERSION: Final = 1
SNAPSHOTS_DIRECTORY: Final = "snapshots"

_MAGIC: Final = b"ARASHASN"
_SUFFIX: Final = ".snapshot"
_CHUNK_BYTES: Final = 8 << 20
_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_WRAPPED_BYTES: Final = _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
_LENGTH: Final = struct.Struct("<I")
_LARGEST_HEADER: Final = 1 << 20

Meta = Mapping[str, int | str | float | bool | None]
"""A few plain values that come back as they were."""


class _ArrayHeader(msgspec.Struct, frozen=True):
    name: str
    dtype: str
    shape: tuple[int, ...]


class _Header(msgspec.Struct, frozen=True):
    version: int
    seq: int
    period: int
    policy: str
    meta_bytes: int
    arrays: tuple[_ArrayHeader, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A restored snapshot: the state just before entry ``seq``, under the policy of that hash."""

    seq: int
    policy_hash: str
    arrays: dict[str, NDArray[np.generic]]
    meta: dict[str, int | str | float | bool | None]


def save(
    directory: Path | str,
    seq: int,
    period: int,
    policy_hash: str,
    arrays: Mapping[str, NDArray[np.generic]],
    meta: Meta,
) -> Path:
    """Write a snapshot of the state just before entry ``seq``; there whole or not at all.

    ``period`` is the last month with facts before ``seq`` (Log.month_of_facts);
    ``policy_hash`` is hexadecimal. Memory stays within two chunks. Raises KeyDestroyed, LogFull,
    LogError.
    """
    folder = Path(directory) / SNAPSHOTS_DIRECTORY
    path = folder / f"{seq:020d}-{policy_hash[:16]}{_SUFFIX}"
    temporary = path.with_suffix(".new")
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for stale in folder.glob("*.new"):
            stale.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                _write(file, KeyStore(Path(directory)), seq, period, policy_hash, contiguous, meta)
                os.fsync(file.fileno())
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(folder)
        sync_directory(folder.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def latest(directory: Path | str, at_most_seq: int, policy_hash: str) -> Path | None:
    """The snapshot with the largest seq up to ``at_most_seq`` that this policy can use, or None.

    Those of other versions or policies, or whose key was destroyed, are passed over.
    """
    for seq, path in reversed(listed(directory)):
        if seq > at_most_seq:
            continue
        try:
            with path.open("rb") as file:
                header, _, _ = _open(file, path)
        except (ArashaError, OSError):
            continue
        if header.seq == seq and header.policy == policy_hash:
            return path
    return None


def load(path: Path, policy_hash: str | None = None) -> Snapshot:
    """Restore a snapshot.

    Raises SnapshotError when it is damaged, of another version, of another policy (if one is
    given), or when its key was destroyed.
    """
    try:
        with path.open("rb") as file:
            header, key, bound = _open(file, path)
            if policy_hash is not None and header.policy != policy_hash:
                raise SnapshotError(
                    "the snapshot is of another policy", expected=policy_hash,
                    found=header.policy, where=Place(str(path)),
                    hint="replay from the start, or from a snapshot of this policy",
                )  # fmt: skip
            return _restored(file, header, AESGCM(key), bound)
    except OSError as error:
        raise _damaged(path, error.strerror or "it cannot be read") from error
    except (InvalidTag, ValueError, msgspec.DecodeError, struct.error) as error:
        raise _damaged(path, str(error) or "a chunk is not authentic") from error


def meta_of(path: Path) -> dict[str, int | str | float | bool | None] | None:
    """The plain values kept beside the arrays, without reading these; None if it is unreadable."""
    try:
        with path.open("rb") as file:
            header, key, bound = _open(file, path)
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            sealed = file.read(min(length, _CHUNK_BYTES + _TAG_BYTES))
            only = not any(np.prod(array.shape) for array in header.arrays)
            nonce = (0).to_bytes(_NONCE_BYTES, "big")
            meta = AESGCM(key).decrypt(nonce, sealed, bound + bytes([only]))
            return msgspec.json.decode(meta, type=dict[str, int | str | float | bool | None])
    except (ArashaError, OSError, InvalidTag, ValueError, msgspec.DecodeError, struct.error):
        return None


def listed(directory: Path | str) -> list[tuple[int, Path]]:
    """Every snapshot file with its seq, in order of seq."""
    folder = Path(directory) / SNAPSHOTS_DIRECTORY
    found = [
        (int(path.name[:20]), path)
        for path in folder.glob(f"*{_SUFFIX}")
        if path.name[:20].isdigit()
    ]
    return sorted(found)


def destroy(path: Path) -> None:
    """Make a snapshot unreadable, then remove it: its wrapped key is overwritten first."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC) + _LENGTH.size)
        length = int.from_bytes(start[len(_MAGIC) :], "little")
        destroy_file(path, len(start) + min(length, _LARGEST_HEADER) + _WRAPPED_BYTES)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(path, error) from error


def _write(
    file: IO[bytes],
    keys: KeyStore,
    seq: int,
    period: int,
    policy_hash: str,
    arrays: Mapping[str, NDArray[np.generic]],
    meta: Meta,
) -> None:
    packed_meta = msgspec.json.encode(dict(meta))
    header = _Header(
        SNAPSHOT_VERSION, seq, period, policy_hash, len(packed_meta),
        tuple(_ArrayHeader(n, a.dtype.str, a.shape) for n, a in arrays.items()),
    )  # fmt: skip
    text = msgspec.json.encode(header)
    assert len(text) <= _LARGEST_HEADER
    plain = _MAGIC + _LENGTH.pack(len(text)) + text
    key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    wrapped = nonce + keys.cipher(Retention.FACTS, period).encrypt(nonce, key, plain)
    file.write(plain + wrapped)
    bound = sha256(plain + wrapped).digest()
    cipher = AESGCM(key)
    assert len(packed_meta) <= _CHUNK_BYTES
    total = len(packed_meta) + sum(array.nbytes for array in arrays.values())
    done = 0
    for number, chunk in enumerate(_pieces(packed_meta, arrays)):
        done += len(chunk)
        associated = bound + bytes([done == total])
        sealed = cipher.encrypt(number.to_bytes(_NONCE_BYTES, "big"), chunk, associated)
        _write_all(file, _LENGTH.pack(len(sealed)))
        _write_all(file, sealed)


def _write_all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _pieces(
    meta: bytes | bytearray, arrays: Mapping[str, NDArray[np.generic]]
) -> Iterator[memoryview]:
    """The memory of each chunk: the meta, then each array in chunks of its own."""
    yield memoryview(meta)
    for array in arrays.values():
        flat = array.reshape(-1).view(np.uint8).data
        for start in range(0, len(flat), _CHUNK_BYTES):
            yield flat[start : start + _CHUNK_BYTES]


def _open(file: IO[bytes], path: Path) -> tuple[_Header, bytes, bytes]:
    """The header, the unwrapped key, and what each chunk is bound to."""
    start = file.read(len(_MAGIC) + _LENGTH.size)
    length = int.from_bytes(start[len(_MAGIC) :], "little")
    if start[: len(_MAGIC)] != _MAGIC or length > _LARGEST_HEADER:
        raise _damaged(path, "it does not begin as a snapshot does")
    text = file.read(length)
    wrapped = file.read(_WRAPPED_BYTES)
    try:
        version = msgspec.json.decode(text, type=dict[str, object]).get("version")
        if version != SNAPSHOT_VERSION:
            raise SnapshotError(
                "the snapshot is in another version of the format",
                expected=f"version {SNAPSHOT_VERSION}", found=f"version {version}",
                where=Place(str(path)), hint="remove it: the state is replayed from the log",
            )  # fmt: skip
        header = msgspec.json.decode(text, type=_Header)
        cipher = KeyStore(path.parent.parent).cipher(Retention.FACTS, header.period)
        key = cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], start + text)
    except KeyDestroyed as error:
        raise SnapshotError(
            "the snapshot can no longer be read", found=error.what, where=Place(str(path)),
            hint="remove it: its retention period is over",
        ) from error  # fmt: skip
    except (InvalidTag, ValueError, msgspec.DecodeError) as error:
        raise _damaged(path, "its header is not what was written") from error
    return header, key, sha256(start + text + wrapped).digest()


def _restored(file: BufferedReader, header: _Header, cipher: AESGCM, bound: bytes) -> Snapshot:
    arrays: dict[str, NDArray[np.generic]] = {
        a.name: np.empty(a.shape, np.dtype(a.dtype)) for a in header.arrays
    }
    meta = bytearray(header.meta_bytes)
    total = len(meta) + sum(array.nbytes for array in arrays.values())
    done = 0
    buffer = memoryview(bytearray(_CHUNK_BYTES + _TAG_BYTES))
    for number, target in enumerate(_pieces(meta, arrays)):
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        sealed = buffer[:length]
        if length != len(target) + _TAG_BYTES or file.readinto(sealed) != length:
            raise ValueError("it is cut short")
        done += len(target)
        nonce = number.to_bytes(_NONCE_BYTES, "big")
        cipher.decrypt_into(nonce, sealed, bound + bytes([done == total]), target)
    if file.read(1):
        raise ValueError("it goes on after its end")
    decoded = msgspec.json.decode(bytes(meta), type=dict[str, int | str | float | bool | None])
    return Snapshot(header.seq, header.policy, arrays, decoded)


def _damaged(path: Path, why: str) -> SnapshotError:
    return SnapshotError(
        "the snapshot is damaged", found=why, where=Place(str(path)),
        hint="remove it: the state is replayed from the log, or from an earlier snapshot",
    )  # fmt: skip
