"""``POST /v1/cases/ID/evidence``: a case as a pack of evidence, made while the service runs.

In: who asks, and why. Out: a ZIP of the pack (reports/evidence.py), under the first checkpoint that
has the act by which it was made. The log is read beside its writer, one pack at a time.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from arasha.app.http import problems
from arasha.app.http.attachments import Documents
from arasha.app.http.connection import Reply, Request
from arasha.app.http.office import Office, refused
from arasha.app.http.problems import Problem
from arasha.app.http.recording import CHECKPOINT_S, Recording
from arasha.cases.acts import Actor, EvidencePacked
from arasha.cases.evidence import facts_behind
from arasha.cases.projection import rebuilt
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, may
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.record import read_record
from arasha.log.tiles import Tiles
from arasha.reports.evidence import Draft, draft, sealed

EVIDENCE: Final = "evidence"
MEDIA: Final = "application/zip"
NO_RECORD: Final = "no_record"
"""The reason why there is no pack where nothing in the log can be proven."""

CHECKPOINTS_WAITED: Final = 4
"""Rounds of signing that are waited for; then the pack is not made."""

_LOOK_S: Final = 0.1
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # of ZIP: the same pack is the same bytes


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a case is taken out: a sentence that names no party."""

    why: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Packs:
    """Packs of one service."""

    def __init__(
        self, office: Office, recording: Recording, documents: Documents, directory: Path
    ) -> None:
        self._office, self._recording, self._directory = office, recording, directory
        self._documents = documents
        self._turn = asyncio.Lock()

    async def make(self, case: str, actor: Actor, request: Request) -> Reply | Problem:
        """A pack, for the reason in a request."""
        try:
            why = msgspec.json.decode(request.body, type=Why).why
        except (msgspec.DecodeError, UnicodeDecodeError):
            if not may(actor, RIGHTS["evidence_packed"]):
                return refused(Refusal.NOT_FOR_THIS_ROLE)
            return Problem(problems.MALFORMED, expected='{"why": "…"}')
        return await self.made(case, actor, why)

    async def made(self, case: str, actor: Actor, why: str) -> Reply | Problem:
        """A pack of that case, for that person."""
        if not may(actor, RIGHTS["evidence_packed"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        if self._recording.shown is None:
            return Problem(
                problems.NOT_FOUND, "this log has no public record, or not yet", reason=NO_RECORD
            )  # fmt: skip
        if self._turn.locked():
            return Problem(problems.TOO_MANY, "a pack is being made", retry_after_s=5)
        async with self._turn:
            made = await self._drafted(case, actor.name, why)
            return made if isinstance(made, Problem) else await self._proven(made, actor)

    async def _drafted(self, case: str, by: str, why: str) -> Draft | Problem:
        """What the pack says, as of now."""
        with await asyncio.to_thread(Log.open, self._directory, writable=False) as log:
            projection = await asyncio.to_thread(rebuilt, log)
            known = projection.state.cases.get(case)
            if known is None:
                return refused(Refusal.CASE_NOT_FOUND)
            payments = [bytes.fromhex(one) for one in facts_behind(projection.state, known)[1]]
            places = await self._office.within(
                lambda writer: [int(at) for at in writer.log.seqs_of(payments)] if payments else []
            )
            if isinstance(places, Problem):
                return places
            documents = await self._documents.of_case(projection.state, known)
            if isinstance(documents, Problem):
                return documents
            attached = {one.file_name: one.data for one in documents}
            return await asyncio.to_thread(
                partial(
                    draft, log, projection, case, lambda _: places, by=by, why=why,
                    documents=attached,
                )
            )  # fmt: skip

    async def _proven(self, made: Draft, actor: Actor) -> Reply | Problem:
        """Put it on record, wait for the head to be signed, and prove it."""
        done = await self._office.do(actor, EvidencePacked(made.case, made.why, made.content))
        if isinstance(done, Problem):
            return done
        if isinstance(done, Refusal):
            return refused(done)
        packed = done.seq
        for _ in range(int(CHECKPOINTS_WAITED * CHECKPOINT_S / _LOOK_S)):
            shown = self._recording.shown
            if shown is not None and packed < shown.checkpoint.size:
                break
            await asyncio.sleep(_LOOK_S)
        files = await self._recording.proving(packed, partial(self._sealed, made, packed))
        if isinstance(files, Problem):
            return files
        return Reply(200, zipped(files), MEDIA.encode())

    def _sealed(
        self, made: Draft, packed: int, log: Log, tiles: Tiles, note: Note
    ) -> Mapping[str, bytes]:
        record = read_record(log, self._directory)
        assert record is not None, "it has just shown its checkpoint"
        return sealed(log, tiles, made, packed, note, record)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files of a pack as a ZIP; the same files are the same bytes."""
    memory = BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), files[name])
    return memory.getvalue()
