"""A backup of a centre, while it runs.

In: the directory of a centre, in use or not. Out: one directory that holds log, vault, register
and sign-in as of one instant, the drafts of policies, a manifest by which it can be proven, and no
key; and, if asked for, the keyring (keyring.py), which is to be kept elsewhere. Either is there
whole or not at all.

What a month's end destroys must be destroyed in backups, too. So bodies stay under the keys of
their months, which are in no backup; the vault's subjects are put under them (months.py); and
snapshots, which hold several months at once, are not copied: they are made again from the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from arasha.cases.attachments import ATTACHMENTS_FILE
from arasha.errors import LogDamaged, Place, StoreError, UsageError
from arasha.exchange.register import REGISTER_FILE
from arasha.exchange.signin_tables import SIGNIN_FILE
from arasha.keeping import drafts, keyring, manifest
from arasha.keeping.drafts import DRAFTS_FILE
from arasha.keeping.files import OnBytes, appearing, copy_database, hash_of
from arasha.keeping.instant import Seen, instant
from arasha.keeping.keyring import Keyring
from arasha.keeping.manifest import BACKUP_VERSION, Manifest, Part
from arasha.keeping.months import write as write_months
from arasha.log.driver import LOG_FILE, Head
from arasha.log.keys import KeyStore, Retention
from arasha.log.log import Log
from arasha.log.mentions import mentions
from arasha.vault.ending import Roll
from arasha.vault.keys import Master
from arasha.vault.subjects import VAULT_FILE

MONTHS_FILE = "vault.months"
"""The vault's part of a backup."""


@dataclass(frozen=True, slots=True)
class KeyringOrder:
    """Where the keyring goes, and the master key: to put it under, or ``inside`` to put it in."""

    path: Path
    master: Master
    inside: bool = False


def backup(
    directory: Path,
    to: Path,
    *,
    made_at_ms: int,
    order: KeyringOrder | None = None,
    on_bytes: OnBytes = lambda _bytes: None,
) -> Manifest:
    """Write a backup of the centre to ``to``, which must not be there; what it holds.

    ``made_at_ms`` is the time by the clock, ms since 1970 UTC. Raises UsageError, LogBusy,
    KeyDestroyed when a key was lost, LogFull, LogError.
    """
    if to.exists():
        raise UsageError(
            "there is something in this place already", found=str(to),
            hint="name each backup by its day: no backup replaces another",
        )  # fmt: skip
    if to.resolve().is_relative_to(directory.resolve()):
        raise UsageError("a backup does not lie in what it is a backup of", found=str(to),
                         hint="choose a place on another disk")  # fmt: skip
    with instant(directory) as seen, appearing(to) as unfinished:
        head, name = _head_of(seen[LOG_FILE]), _name_of(seen[LOG_FILE])
        for file in (LOG_FILE, REGISTER_FILE, SIGNIN_FILE, ATTACHMENTS_FILE):
            if file in seen:
                copy_database(seen[file].db, unfinished / file, on_bytes)
        with Log.open(directory, writable=False) as log:
            subjects = 0
            if VAULT_FILE in seen:
                subjects = _copy_vault(log, seen[VAULT_FILE], unfinished / MONTHS_FILE, on_bytes)
            if files := drafts.found(directory):
                to_seal = KeyStore(log.directory)
                drafts.write(unfinished / DRAFTS_FILE, files, to_seal, _last_month_of_acts(log))
            if order is not None:
                _write_keyring(log, name, order, seen.get(VAULT_FILE))
        mark = None if VAULT_FILE not in seen else _mark_of(seen[VAULT_FILE]).hex()
        parts = tuple(
            Part(path.name, path.stat().st_size, hash_of(path, lambda _bytes: None))
            for path in sorted(unfinished.iterdir())
        )
        written = Manifest(
            BACKUP_VERSION, name, head.frontier.size, head.frontier.root().hex(),
            head.last_known_at_ms, made_at_ms, subjects, mark, parts,
        )  # fmt: skip
        manifest.write(unfinished, written)
    return written


def size_of(directory: Path) -> int:
    """About how many bytes a backup will copy, for a bar."""
    names = (LOG_FILE, VAULT_FILE, REGISTER_FILE, SIGNIN_FILE, ATTACHMENTS_FILE)
    files = (directory / name for name in names)
    return sum(path.stat().st_size for path in files if path.exists())


def _copy_vault(log: Log, vault: Seen, path: Path, on_bytes: OnBytes) -> int:
    roll = Roll(vault)
    for month, tokens in mentions(log):
        roll.mention(month, tokens)
        on_bytes(0)
    month = _last_month_of_acts(log)
    return write_months(path, vault, roll, KeyStore(log.directory), month, on_bytes)


def _last_month_of_acts(log: Log) -> int:
    acts = [row.period for row in log.periods()
            if row.retention is Retention.ACTS and not row.retired]  # fmt: skip
    if not acts:
        raise UsageError("the log has no entry to rest on", expected="a policy in force",
                         hint="start the service once, then make a backup")  # fmt: skip
    return acts[-1]


def _write_keyring(log: Log, name: str, order: KeyringOrder, vault: Seen | None) -> None:
    if vault is not None and _mark_of(vault) != order.master.mark():
        raise StoreError("the vault is under another master key", where=Place(str(vault.path)),
                         hint="give the one that it is under now")  # fmt: skip
    inside = order.master.exported() if order.inside else None
    kept: Keyring = keyring.collected(log, name, inside)
    keyring.write(order.path, kept, None if order.inside else order.master)


def _head_of(log: Seen) -> Head:
    [[packed]] = log.rows("SELECT value FROM meta WHERE name = 'head'")
    try:
        return Head.unpack(packed)
    except ValueError as error:
        raise LogDamaged("the log's head is damaged", found=str(error), where=Place(str(log.path)),
                         hint="arasha log verify tells what is left") from error  # fmt: skip


def _name_of(log: Seen) -> str:
    """By what a log is known: the leaf of its first entry, which no other log has."""
    found = log.rows("SELECT leaves FROM frames ORDER BY first_seq LIMIT 1")
    if not found:
        raise UsageError("the log is empty: there is nothing to keep", where=Place(str(log.path)))
    return bytes(found[0][0][:32]).hex()


def _mark_of(vault: Seen) -> bytes:
    found = vault.rows("SELECT value FROM meta WHERE name = 'master'")
    return bytes(found[0][0]) if found else b""
