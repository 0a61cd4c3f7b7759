"""``arasha evidence``: a case as a pack that proves itself, for a court or another authority.

In: the directory of a centre that nobody writes just now, a case, the person's own token in
ARASHA_TOKEN, and a reason. Out: a directory of files. That it was made, by whom and why, is an
entry, and the pack proves that, too. The work is reports/evidence.py's.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_vault import MasterKey, master_of, person_of
from arasha.app.options import AsJson, DataDirectory
from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from arasha.cases.state import State
    from arasha.exchange.persons import Person
    from arasha.log.log import Log
    from arasha.reports.evidence import Draft

CaseId = Annotated[str, Parameter(help="The case's id, such as c1042.")]
Out = Annotated[Path, Parameter(help="The directory of the pack; made, it must not hold anything.")]
Why = Annotated[str, Parameter(help="Why, for the record: a sentence that names no party.")]


def evidence(
    case: CaseId,
    /,
    *,
    data: DataDirectory,
    out: Out,
    reason: Why,
    master_key: MasterKey = None,
    json: AsJson = False,
) -> None:
    """Make a pack of evidence of a case: a page, its entries, proofs, a script that checks it all.

    For an officer or an authority, who shows that by their own token in ARASHA_TOKEN; while the
    case is open or a report in it stands. While the service runs, it makes packs: this waits not.
    """
    from arasha.cases.projection import rebuilt
    from arasha.log.driver import is_shared
    from arasha.log.log import Log
    from arasha.reports.evidence import draft, write

    person = person_of(data)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("there is something here already", expected="a new directory",
                         where=Place(str(out)))  # fmt: skip
    shared = None
    if is_shared(data):
        from arasha.app.database import shared_keys

        shared = shared_keys(data, master_of(data, master_key))
    with Log.open(data, shared=shared) as log:
        projection = rebuilt(log)
        made = draft(
            log, projection, case, log.seqs_of, by=person.name, why=reason,
            documents=_documents(data, projection.state, case),
        )  # fmt: skip
        files = _proven(log, made, person, reason)
    write(out, files)
    if json:
        terminal.say_json({"case": case, "content": made.content, "entries": len(made.places),
                           "out": str(out)})  # fmt: skip
        return
    terminal.say(f"{len(made.places)} entries of case {case}, proven: {out}")
    terminal.say(f"to check it: python -I {out / 'verify.py'} --keys KEYS")


def _documents(data: Path, state: State, case: str) -> dict[str, bytes]:
    """The documents of the case that are still there, by the names of their files."""
    from secrets import token_bytes

    from arasha.cases.attachments import Attachments, documents_of
    from arasha.log.keys import KeyStore

    if not Attachments.exist(data):
        return {}
    attachments = Attachments.open(data, KeyStore(data), token_bytes)
    try:
        return {one.file_name: one.data for one in documents_of(attachments, state, case)}
    finally:
        attachments.close()


def _proven(log: Log, made: Draft, person: Person, why: str) -> dict[str, bytes]:
    """Put it on record, have the log signed, and prove it."""
    from arasha.cases.acts import Actor, EvidencePacked
    from arasha.cases.refusals import Refusal
    from arasha.cases.writer import Writer
    from arasha.log.record import RECORD, next_checkpoint, read_record
    from arasha.log.tiles import Tiles
    from arasha.reports.evidence import sealed

    record = read_record(log, log.directory)
    if record is None:
        raise UsageError("this log has no public record: nothing in it can be proven to others",
                         where=Place(str(log.directory)),
                         hint="arasha log key DIR --origin centre.example/record")  # fmt: skip
    actor = Actor("person", person.name, tuple(sorted(person.roles)))
    now_ms = int(time.time() * 1000)
    done = Writer.open(log).do(actor, EvidencePacked(made.case, why, made.content), now_ms)
    if isinstance(done, Refusal):
        raise UsageError(done.value, found=f"case {made.case}, by {person.name}")
    tiles = Tiles(log.leaves)
    tiles.grow(log.size)
    note = next_checkpoint(record, tiles, now_ms // 1000)
    assert note is not None, "the log has just grown"
    log.keep(RECORD, record.with_note(note), instead_of=record.memory)
    return sealed(log, tiles, made, done.seq, note, record)
