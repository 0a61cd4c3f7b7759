"""A case with a story, in a log with a record; and packs of it."""

from __future__ import annotations

from pathlib import Path

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.projection import Done, rebuilt
from arasha.cases.writer import Writer
from arasha.log.log import Log
from arasha.log.record import RECORD, begin, next_checkpoint, read_record
from arasha.log.tiles import Tiles
from arasha.reports.evidence import draft, sealed, write
from audit_samples import log_of
from cases_samples import (
    ANALYST,
    BANK,
    HELD,
    MULE,
    OFFICER,
    SECOND,
    SECOND_OFFICER,
    THIRD,
    THIRD_OFFICER,
    Room,
    bank,
    room,
)

ORIGIN = "centre.example/record"
WHY = "For the court of Almaty, file 7."


def story() -> Room:
    """A report, two holds, a confirmation, a prolongation by two, an appeal upheld, a ring."""
    here = room()
    report = here.report()
    first, second = here.hold(report, (MULE, BANK, 60_000), (SECOND, BANK, 40_000))
    here.do(CENTRE, a.RecallOpened(report.id))
    here.do(CENTRE, a.RingFound(9, 398, (MULE,), (SECOND, THIRD), a.Ties(2, 1)))
    here.do(bank(BANK), a.HoldAnswered(first.id, 60_000))
    here.do(OFFICER, a.HoldConfirmed(first.id, "kz:25-1"))
    until_ms = here.hold_now(first).until_ms + 3_600_000
    asked = here.do(OFFICER, a.Requested(a.HoldProlonged(first.id, until_ms)))
    request = next(iter(here.state.requests.values()))
    assert request.id == f"q{asked.seq}"
    here.do(SECOND_OFFICER, a.RequestApproved(request.id, request.content))
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseNoted(report.case, "The payee of the second account says it was rent."))
    here.do(ANALYST, a.CaseAttached(report.case, "0f" * 32, "application/pdf", 12_345))
    here.later(hours=5)
    appeal = f"a{here.do(HELD, a.AppealOpened(second.reference)).seq}"
    here.do(THIRD_OFFICER, a.AppealTaken(appeal))
    here.do(THIRD_OFFICER, a.AppealRuled(appeal, True, "It was rent.", ("person",)))
    return here


def centre(directory: Path, here: Room | None = None) -> Path:
    """The log of a story, with a record."""
    log_of(directory, (here or story()).entries)
    with Log.open(directory) as log:
        begin(log, directory, ORIGIN)
    return directory


def packed(directory: Path, out: Path, case: str = "c1") -> str:
    """A pack of a case; the log's public keys."""
    with Log.open(directory) as log:
        made = draft(log, rebuilt(log), case, log.seqs_of, by=OFFICER.name, why=WHY)
        done = Writer.open(log).do(OFFICER, a.EvidencePacked(case, WHY, made.content), 0)
        assert isinstance(done, Done)
        record = read_record(log, directory)
        assert record is not None
        tiles = Tiles(log.leaves)
        tiles.grow(log.size)
        note = next_checkpoint(record, tiles, 1_772_440_000)
        assert note is not None
        log.keep(RECORD, record.with_note(note), instead_of=record.memory)
        write(out, sealed(log, tiles, made, done.seq, note, record))
        return record.keys_text
