"""``arasha log key …``, ``checkpoint``, ``publish``, ``receipt`` …: a log's public record.

In: the directory of a log; or, for those who check, a record or a receipt and the keys they trust.
Out: signed checkpoints, static files, receipts, and what they prove. The work is log/record.py's,
log/publish.py's, log/receipts.py's and, for who checks from outside, log/monitor.py's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import now_ms
from arasha.app.commands_vault import MasterKey
from arasha.app.options import AsJson, By, LogDirectory, acting
from arasha.app.terminal import Exit
from arasha.errors import InputError, Place, UsageError

if TYPE_CHECKING:
    from arasha.log.log import Log
    from arasha.log.record import Record
    from arasha.log.signing import Opened
    from arasha.log.tiles import Tiles
    from arasha.log.trust import Trust

Keys = Annotated[
    Path,
    Parameter(
        name="--key",
        help="Whom you trust: the log's public keys, a line each, or lines log, witness, group "
        "and quorum.",
    ),
]


def key(
    directory: LogDirectory,
    /,
    *,
    origin: Annotated[
        str | None, Parameter(help="Begin the record under this name, or another one, with a key.")
    ] = None,
    rotate: Annotated[
        bool, Parameter(negative=(), help="Another key, which signs beside the ones before.")
    ] = False,
    end_old: Annotated[
        bool, Parameter(negative=(), help="Destroy all keys but the newest.")
    ] = False,
    by: By = None,
    master_key: MasterKey = None,
    json: AsJson = False,
) -> None:
    """Show the public keys of the log's record; or make, add or end a key, with nobody writing.

    A key is 32 secret bytes in DIR/keys, mode 0600, from which one of Ed25519 and one of ML-DSA-44
    are made. It goes into the keyring with the next backup. What is changed becomes an entry.
    """
    from arasha.log import record

    if (origin is not None) + rotate + end_old > 1:
        raise UsageError("one change at a time", expected="--origin, --rotate or --end-old")
    if origin is None and not rotate and not end_old:
        with _reading(directory) as log:
            return _say_keys(record_of(log), json=json)
    with writing(directory, master_key) as log:
        if origin is not None:
            record.begin(log, directory, origin)
            change = "record_begun"
        elif rotate:
            record_of(log)
            record.add_key(directory)
            change = "record_key_added"
        else:
            record.end_keys(log, record_of(log), directory)
            change = "record_keys_ended"
        now = record_of(log)
        note_change(log, change, now, acting(by))
        _shared(directory, master_key)  # other machines find a new key there
    return _say_keys(now, json=json)


def checkpoint(
    directory: LogDirectory, /, *, master_key: MasterKey = None, json: AsJson = False
) -> None:
    """Sign the log as it is, with nobody writing; the service does this by itself.

    Refused when the log contradicts what was signed before, or was put back from a backup.
    """
    from arasha.log.record import RECORD, next_checkpoint

    with writing(directory, master_key) as log:
        record = record_of(log)
        note = next_checkpoint(record, tiles_of(log), int(time.time()))
        if note is not None:
            log.keep(RECORD, record.with_note(note), instead_of=record.memory)
        last = record_of(log).last
    assert last is not None
    if json:
        terminal.say_json(_told(last) | {"new": note is not None})
    else:
        terminal.say(f"{'signed' if note is not None else 'as signed before'}: {last.checkpoint}")


def publish(
    directory: LogDirectory,
    /,
    *,
    out: Annotated[Path, Parameter(help="The directory of static files; made if not there.")],
    json: AsJson = False,
) -> None:
    """Write the record as static files for any web server: the last signed checkpoint, its tiles.

    The log may be in use. Nothing that was published is changed; a directory that contradicts the
    log is refused. Done again it only adds.
    """
    from arasha.log.publish import publish as publish_record

    with _reading(directory) as log:
        record = record_of(log)
        if record.last is None:
            raise UsageError("nothing was signed yet", where=Place(str(directory)),
                             hint="arasha log checkpoint DIR, or start the service")  # fmt: skip
        done = publish_record(tiles_of(log), record.last.note, record.keys_text, out)
    if json:
        terminal.say_json({"tiles": done.tiles, "size": done.size})
    else:
        terminal.say(f"{done.tiles:,} tiles written; the record shows {done.size:,} entries")


def receipt(
    directory: LogDirectory,
    /,
    *,
    seq: Annotated[int, Parameter(help="The entry's place in the log, from 0.")],
    out: Annotated[
        Path | None, Parameter(help="Where to write it; by default to the screen.")
    ] = None,
) -> None:
    """Give the receipt of an entry under the last signed checkpoint: a text that proves itself.

    It has the entry closed, header and ciphertext; arasha log check-receipt needs nothing else.
    """
    from arasha.log.receipts import Receipt

    with _reading(directory) as log:
        last = record_of(log).last
        size = 0 if last is None else last.checkpoint.size
        if last is None or not 0 <= seq < size:
            raise UsageError("no signed checkpoint has this entry", expected=f"0 <= seq < {size}",
                             found=str(seq), hint="a later checkpoint may have it")  # fmt: skip
        proof = log.inclusion_proof(seq, size)
        made = Receipt(log.sealed_entry(seq), seq, proof, last.note)
    if out is None:
        terminal.say(made.text.rstrip("\n"))
    else:
        out.write_text(made.text)
        terminal.say(f"{out}: entry {seq} of {last.checkpoint}")


def check_receipt(file: Path, /, *, keys: Keys, json: AsJson = False) -> Exit:
    """Check a receipt with the keys you trust: no log and no network are needed.

    Exit code 1 when it proves nothing, or when too few witnesses cosigned for your quorum.
    """
    from arasha.log.receipts import Receipt, check
    from arasha.log.trust import load_trust

    trust = load_trust(keys)
    try:
        proven = check(Receipt.parse(bytes_of(file)), trust.logs, trust.witness_keys)
    except InputError as error:
        return _refused(error, json=json)
    enough = trust.is_enough(proven.opened)
    if json:
        terminal.say_json({
            "ok": enough, "seq": proven.seq, "kind": proven.kind_word,
            "known_at_ms": proven.known_at_ms, **_told(proven.opened),
        })  # fmt: skip
    else:
        terminal.say(f"entry {proven.seq}, of kind {proven.kind_word}, kept "
                     f"{_moment(proven.known_at_ms // 1000)}, is in the log")  # fmt: skip
        _say_vouchers(proven.opened, trust)
    return Exit.OK if enough else Exit.FINDINGS


def check_record(place: str, /, *, keys: Keys, json: AsJson = False) -> Exit:
    """Check a whole public record: signatures, witnesses, and every tile against the root.

    PLACE is a directory of static files or the address they are served under. Exit code 1 when
    something does not hold.
    """
    from arasha.app.fetching import fetcher
    from arasha.log.monitor import inspect
    from arasha.log.trust import load_trust

    trust = load_trust(keys)
    try:
        with fetcher(place) as fetch:
            found = inspect(fetch, trust.logs, trust.witness_keys)
    except InputError as error:
        return _refused(error, json=json)
    enough = trust.is_enough(found)
    if json:
        terminal.say_json({"ok": enough, **_told(found)})
    else:
        terminal.say(f"every tile leads to the signed root of {found.checkpoint}")
        _say_vouchers(found, trust)
    return Exit.OK if enough else Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class RecordSaid:
    """What the record says of a log: in order or not, in lines and as JSON."""

    ok: bool = True
    lines: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)


def record_said(directory: Path) -> RecordSaid:
    """What the record says of the log, for ``arasha log verify``: whether it is what was signed."""
    from arasha.errors import LogError
    from arasha.log.record import read_record, refuse_contradiction

    with _reading(directory) as log:
        try:
            record = read_record(log, directory)
            if record is None or record.last is None:
                return RecordSaid()
            refuse_contradiction(record.last.checkpoint, tiles_of(log))
        except (LogError, InputError) as error:
            return RecordSaid(False, (str(error),), {"record": {"ok": False, "what": error.what}})
    cosigners = dict.fromkeys(
        one.name for one in record.last.note.signatures if one.name != record.origin
    )
    told = {"ok": True, **_told(record.last), "cosigned_by": list(cosigners)}
    lines = [f"its last checkpoint is of this log: {record.last.checkpoint}"]
    lines += [f"  cosigned by {name}" for name in cosigners]
    return RecordSaid(True, tuple(lines), {"record": told})


@contextmanager
def _reading(directory: Path) -> Iterator[Log]:
    from arasha.log.log import Log

    if not directory.is_dir():
        raise UsageError(f"there is no log at {directory}", expected="the directory of a log")
    with Log.open(directory, writable=False) as log:
        yield log


@contextmanager
def writing(directory: Path, master_key: Path | None) -> Iterator[Log]:
    """The log of that directory, for writing. Raises UsageError where there is none."""
    from arasha.log.log import Log

    if not directory.is_dir():
        raise UsageError(f"there is no log at {directory}", expected="the directory of a log")
    with Log.open(directory, shared=_shared(directory, master_key)) as log:
        yield log


def _shared(directory: Path, master_key: Path | None) -> Any:
    from arasha.app.commands_vault import master_of
    from arasha.app.database import shared_keys
    from arasha.log.driver import is_shared

    if not is_shared(directory):
        return None
    return shared_keys(directory, master_of(directory, master_key))


def record_of(log: Log) -> Record:
    """Its record. Raises UsageError where it has none."""
    from arasha.log.record import read_record

    record = read_record(log, log.directory)
    if record is None:
        raise UsageError("this log has no public record", where=Place(str(log.directory)),
                         hint="arasha log key DIR --origin centre.example/record")  # fmt: skip
    return record


def tiles_of(log: Log) -> Tiles:
    """The tiles of the whole log."""
    from arasha.log.tiles import Tiles

    tiles = Tiles(log.leaves)
    tiles.grow(log.size)
    return tiles


def note_change(
    log: Log,
    change: str,
    record: Record,
    by: str,
    more: Mapping[str, Any] | None = None,
    *,
    at_ms: int | None = None,
) -> None:
    """Let the log say whose keys count from now on, or what else changes about its record."""
    import msgspec

    from arasha.events.schema import Kind
    from arasha.exchange.acts import entries_of
    from arasha.vault.database import Act

    at_ms = now_ms() if at_ms is None else at_ms
    body = {"change": change, "at_ms": at_ms, "by": by, "origin": record.origin,
            "keys": [f"{one.key_id:08x}" for one in record.verifiers], **(more or {})}  # fmt: skip
    act = Act(0, Kind.RIGHTS, msgspec.json.encode(body))
    log.append(entries_of([act], max(at_ms, log.last_known_at_ms)))


def _say_keys(record: Record, *, json: bool) -> None:
    if json:
        terminal.say_json({"origin": record.origin, "keys": [one.text for one in record.verifiers]})
    else:
        terminal.say(record.keys_text.rstrip("\n"))


def _say_vouchers(found: Opened, trust: Trust) -> None:
    """Who signed and who cosigned, and whether that is enough."""
    for one in (*found.log, *found.witnesses):
        what = "signed" if one in found.log else "cosigned"
        when = "" if not one.at_s else f" at {_moment(one.at_s)}"
        terminal.say(f"  {what} by {one.by.name} ({one.by.algorithm.word}){when}")
    if not found.witnesses:
        terminal.say("  no witness whom you trust cosigned it")
    if not trust.is_enough(found):
        terminal.say(f"  that is not enough for your quorum, {trust.quorum}")


def _refused(error: InputError, *, json: bool) -> Exit:
    if json:
        terminal.say_json({"ok": False, "what": error.what, "expected": error.expected,
                           "found": error.found})  # fmt: skip
    else:
        terminal.say(str(error))
    return Exit.FINDINGS


def _told(found: Opened) -> dict[str, Any]:
    return {
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "root": found.checkpoint.root.hex(),
        "log": [{"key": f"{one.by.key_id:08x}", "type": one.by.algorithm.word, "at_s": one.at_s}
                for one in found.log],
        "witnesses": [{"name": one.by.name, "type": one.by.algorithm.word, "at_s": one.at_s}
                      for one in found.witnesses],
    }  # fmt: skip


def _moment(at_s: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%SZ}"


def bytes_of(path: Path) -> bytes:
    """The bytes of a note or a receipt, and not many more. Raises InputError."""
    from arasha.log.receipts import MAX_RECEIPT_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        raise InputError("the file cannot be read", found=str(error.strerror),
                         where=Place(str(path))) from error  # fmt: skip
