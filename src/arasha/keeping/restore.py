"""A centre again, from a backup and its keyring.

In: a backup, the keys, a place where nothing is. Out: a directory that the service starts on, or
nothing. Every byte is checked before anything is made of it; what was made is checked entry by
entry against the head in the manifest; months whose keys were destroyed since the backup stay
destroyed. That it was restored, from where, and by whom, becomes an entry of the log.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from arasha.cases.attachments import ATTACHMENTS_FILE
from arasha.engine.retention import renew_snapshot
from arasha.errors import KeyDestroyed, LogDamaged, Place, UsageError
from arasha.events.schema import Kind
from arasha.exchange.acts import entries_of
from arasha.exchange.register import REGISTER_FILE
from arasha.exchange.signin_tables import SIGNIN_FILE
from arasha.keeping import drafts, keyring, manifest
from arasha.keeping.backup import MONTHS_FILE
from arasha.keeping.drafts import DRAFTS_FILE
from arasha.keeping.files import OnBytes, appearing, faults_of, open_database
from arasha.keeping.keyring import MASTER, Keyring
from arasha.keeping.manifest import Manifest
from arasha.keeping.months import rebuild
from arasha.log.driver import LOG_FILE
from arasha.log.keys import KeyStore, Retention, month_name
from arasha.log.log import Log
from arasha.log.record import forget_memory
from arasha.log.verify import verify
from arasha.vault.database import Act


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the backup's manifest, the subjects that are over since, and the months of
    facts and acts that are.
    """

    manifest: Manifest
    subjects_over: int
    months_over: tuple[str, ...]


def restore(
    backup: Path,
    to: Path,
    keys: Keyring,
    *,
    by: str,
    now_ms: int,
    on_bytes: OnBytes = lambda _bytes: None,
) -> Restored:
    """Make the directory of a centre from a backup and its keyring.

    Raises UsageError when there is something in that place already or the keyring is another log's,
    LogDamaged when a byte of the backup is not what was written, KeyDestroyed when the keyring is
    older than the backup and lacks a key, LogVersionError, LogFull, LogError.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(
            "there is something in this place already", expected="an empty directory",
            found=str(to), hint="choose another: nothing is overwritten",
        )  # fmt: skip
    told = manifest.checked(backup, on_bytes)
    if told.log != keys.log:
        raise UsageError("this keyring is of another log", expected=f"that of log {told.log[:16]}…",
                         found=f"{keys.log[:16]}…", where=Place(str(backup)))  # fmt: skip
    with appearing(to) as unfinished:
        for part in told.parts:
            if part.file in (LOG_FILE, REGISTER_FILE, SIGNIN_FILE, ATTACHMENTS_FILE):
                _copy(backup / part.file, unfinished / part.file)
                on_bytes(part.bytes)
        if (unfinished / SIGNIN_FILE).exists():
            _let_nobody_stay(unfinished / SIGNIN_FILE)
        keyring.put_back(keys, unfinished)
        if MASTER in keys.keys:
            keyring.put_back_master(keys, unfinished)
        months = _note_what_is_over(unfinished, keys)
        _prove(unfinished, told, backup)
        over = 0
        if told.master is not None:
            _, over = rebuild(backup / MONTHS_FILE, unfinished, KeyStore(unfinished),
                              bytes.fromhex(told.master), on_bytes)  # fmt: skip
        if any(part.file == DRAFTS_FILE for part in told.parts):
            drafts.put_back(backup / DRAFTS_FILE, unfinished, KeyStore(unfinished))
        _record(unfinished, told, by, now_ms, over)
        renew_snapshot(unfinished)
    return Restored(told, over, months)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    db = open_database(target, writable=True)
    with faults_of(target):
        db.pragma("journal_mode", "WAL")
    db.close()


def _let_nobody_stay(path: Path) -> None:
    """End the sessions and invitations of the backup's day: many were ended or used up since."""
    db = open_database(path, writable=True)
    with faults_of(path), db:
        db.execute("DELETE FROM sessions; DELETE FROM invitations")
    db.close()


def _note_what_is_over(directory: Path, keys: Keyring) -> tuple[str, ...]:
    """Mark in the log's table the months that were retired since, as the keyring tells."""
    path, store, over = directory / LOG_FILE, KeyStore(directory), list[str]()
    db = open_database(path, writable=True)
    try:
        with faults_of(path), db:
            rows: list[Any] = db.execute(
                "SELECT class, period FROM periods WHERE retired = 0"
            ).fetchall()
            for class_, period in rows:
                name = store.path(Retention(class_), period).stem
                if name in keys.retired:
                    db.execute("UPDATE periods SET retired = 1 WHERE class = ? AND period = ?",
                               (class_, period))  # fmt: skip
                    over.append(name)
                elif name not in keys.keys:
                    raise KeyDestroyed(
                        f"the keyring lacks the {Retention(class_).word} of {month_name(period)}",
                        expected="a keyring as new as the backup",
                        found=f"one of {keys.size:,} entries", where=Place(str(path)),
                        hint="give the keyring that was written with this backup, or later",
                    )  # fmt: skip
    finally:
        db.close()
    return tuple(over)


def _prove(directory: Path, told: Manifest, backup: Path) -> None:
    """Every entry is as it was written, and together they are what the manifest says."""
    verdict = verify(directory)
    if not verdict.ok:
        raise LogDamaged("the log of the backup is damaged, or the keyring is not its own",
                         found=verdict.sentence, where=Place(str(backup)),
                         hint="use another backup")  # fmt: skip
    if (verdict.size, verdict.root.hex()) != (told.size, told.root):
        raise LogDamaged(
            "the log of the backup is not the one in its manifest",
            expected=f"{told.size}:{told.root}", found=f"{verdict.size}:{verdict.root.hex()}",
            where=Place(str(backup)), hint="use another backup",
        )  # fmt: skip


def _record(directory: Path, told: Manifest, by: str, now_ms: int, over: int) -> None:
    """Let the log say that it was restored."""
    body = {"change": "restored", "at_ms": now_ms, "by": by, "size": told.size, "root": told.root,
            "subjects_over": over}  # fmt: skip
    act = Act(0, Kind.RIGHTS, msgspec.json.encode(body))
    with Log.open(directory) as log:
        log.append(entries_of([act], max(now_ms, log.last_known_at_ms)))
        forget_memory(log)  # more may have been signed than this backup knows of
