"""``arasha log resume``: a log that was put back from a backup signs on, or is told why it may not.

In: the log, with nobody writing; the last checkpoint that was published; the witnesses. Out: an
entry that says who let the record go on from where, which witnesses were asked and which overruled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_record import bytes_of, note_change, record_of, tiles_of, writing
from arasha.app.commands_vault import MasterKey
from arasha.app.options import By, LogDirectory, acting
from arasha.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arasha.log.notes import Note
    from arasha.log.record import Record
    from arasha.log.trust import Trust


def resume(
    directory: LogDirectory,
    /,
    *,
    checkpoint: Annotated[
        Path | None, Parameter(help="The last checkpoint that was published.")
    ] = None,
    witnesses: Annotated[
        Path | None, Parameter(help="Who is asked what they cosigned: lines witness NAME KEY URL.")
    ] = None,
    overrule: Annotated[
        list[str] | None,
        Parameter(
            negative=(),
            help="Go on although this witness has cosigned more, or is silent; may be repeated.",
        ),
    ] = None,
    reason: Annotated[str | None, Parameter(help="Why it is overruled, for the record.")] = None,
    by: By = None,
    master_key: MasterKey = None,
) -> None:
    """After a restore: prove that the log has all that was published of it, and sign on.

    The checkpoint comes from a copy of the record, or from a witness. Where it, or a witness, tells
    of entries that the backup lacks, this is refused: then the record begins anew under another
    name. That it goes on is an entry.
    """
    from arasha.log.notes import Note
    from arasha.log.record import keep_last, resumable
    from arasha.log.rollback import overrule as keep_overruled
    from arasha.log.rollback import overruled_in, refuse_rollback
    from arasha.log.trust import Trust, load_trust

    if overrule and (witnesses is None or not (reason or "").strip()):
        raise UsageError("a witness is overruled on record", expected="--witnesses FILE, and "
                         "--reason with a sentence")  # fmt: skip
    trust = Trust() if witnesses is None else load_trust(witnesses)
    against = _addresses(trust, overrule or [])
    note = None if checkpoint is None else Note.parse(bytes_of(checkpoint))
    with writing(directory, master_key) as log:
        record = record_of(log)
        if note is not None:
            signed_size = resumable(record, note, tiles_of(log)).checkpoint.size
        elif record.last is not None and overrule:
            signed_size = record.last.checkpoint.size
        else:
            raise UsageError("nothing says what was published last", expected="--checkpoint FILE")
        newest = _asked(record, note, trust)
        _refuse_silence(newest, against)
        seen = {url: size for url, size in newest.items() if size is not None}
        over = {url: size for url, size in seen.items() if url in against}
        refuse_rollback(signed_size, seen, {**overruled_in(log), **over})
        note_change(log, "record_resumed", record, acting(by), {
            "size": signed_size, "witnesses": newest, "overruled": sorted(against.values()),
            "reason": reason,
        })  # fmt: skip
        if over:
            keep_overruled(log, over)
        if note is not None:
            keep_last(log, record, note)
    terminal.say(f"the log begins with the {signed_size:,} entries that were published: it signs "
                 "on from there")  # fmt: skip


def _addresses(trust: Trust, names: list[str]) -> dict[str, str]:
    """Where those witnesses are asked, and their names."""
    known = {one.name: one.url for one in trust.witnesses if one.url is not None}
    for name in names:
        if name not in known:
            raise UsageError(
                "no such witness is asked", found=name,
                expected=", ".join(known) or "a line witness NAME KEY URL",
            )  # fmt: skip
    return {known[name]: name for name in names}


def _asked(record: Record, note: Note | None, trust: Trust) -> dict[str, int | None]:
    """What each witness has cosigned last; None where it gives no answer."""
    import asyncio

    from arasha.app.http.cosigning import Cosigning
    from arasha.app.http.journal import Journal

    shown = note or (record.last.note if record.last is not None else None)
    assert shown is not None, "one of the two was looked at"
    cosigning = Cosigning(trust, Journal())
    return asyncio.run(cosigning.newest(shown))


def _refuse_silence(newest: Mapping[str, int | None], against: Mapping[str, str]) -> None:
    silent = [url for url, size in newest.items() if size is None and url not in against]
    if silent:
        raise InputError(
            "a witness does not say what it has cosigned", found=", ".join(silent),
            expected="an answer of each, so that nothing that it has seen is lost",
            hint="try again when it answers, or --overrule its name, with a reason",
        )  # fmt: skip
