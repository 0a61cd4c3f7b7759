"""``/v1/cases/ID/attachments``: documents of a case, in and out.

In: the bytes of a document, from who works on the case. Out: the act that names their hash; the
bytes again, to who may see the case, each time as an entry. They are kept before the act, so that
no hash in the log has lost its document to a crash; one that was kept and not named is not shown.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes
from typing import Final, TypeVar

from arasha.app.http import problems
from arasha.app.http.acting import reply, told
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office, refused
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor, CaseAttached, PartyViewed
from arasha.cases.attachments import (
    KINDS,
    MAX_BYTES,
    Attachments,
    Document,
    documents_of,
    first_of,
    holders,
)
from arasha.cases.projection import Done
from arasha.cases.records import Case
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS, may
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.errors import ArashaError, StateFull
from arasha.exchange.acts import keep_waiting
from arasha.log.keys import KeyStore, Retention
from arasha.log.log import Log

ATTACHMENTS: Final = "attachments"

MAX_AT_ONCE: Final = 4
"""Documents that are kept or read at the same time; more are sent away for a moment."""

_PATH: Final = re.compile(r"([^/]+)/attachments/([0-9a-f]{64})")
_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'"),
)

T = TypeVar("T")


def named_in(path: str) -> tuple[str, str] | None:
    """The case and the hash of a document's path, without the collection's own part."""
    found = _PATH.fullmatch(path)
    return None if found is None else (found[1], found[2])


class Documents:
    """The documents of one service."""

    def __init__(self, desk: Desk, office: Office, directory: Path) -> None:
        self._desk, self._office, self._directory = desk, office, directory
        self._attachments: Attachments | None = None
        self._opening = threading.Lock()
        self._busy = 0
        self._failed = False

    async def attach(self, case: str, actor: Actor, request: Request) -> Reply | Problem:
        """Attach the body of a request."""
        done = await self.keep(case, actor, request.body)
        return done if isinstance(done, Problem) else reply(told(done))

    async def keep(self, case: str, actor: Actor, data: bytes) -> Done | Problem:
        """Keep a document, and have the act taken that names it."""
        if not may(actor, RIGHTS["case_attached"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        if len(data) > MAX_BYTES:
            return Problem(problems.TOO_LARGE, expected=f"at most {MAX_BYTES} bytes")
        document = await asyncio.to_thread(Document.of, data)
        if document is None:
            return Problem(
                problems.WRONG_MEDIA, "this is no document that is taken, by its own bytes",
                expected=", ".join(KINDS),
            )  # fmt: skip
        act = CaseAttached(case, document.sha256, document.media_type, len(document.data))
        refusal = await self._office.tried(actor, act)
        if refusal is not None:
            return refusal if isinstance(refusal, Problem) else refused(refusal)
        period = await self._office.within(_month)
        if isinstance(period, Problem):
            return period
        kept = await self._done(lambda all_: all_.keep(case, document, period))
        if isinstance(kept, Problem):
            return kept
        done = await self._office.do(actor, act)
        if isinstance(done, Refusal):
            return refused(done)
        return done

    async def show(self, case: str, digest: str, actor: Actor) -> Reply | Problem:
        """A document, to a person who may see the case: that they looked is an entry first."""
        if not may(actor, VIEWS["a case"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        cases = await self._office.read(lambda state, _: holders(state, case, digest))
        if isinstance(cases, Problem):
            return cases
        if not cases:
            return Problem(problems.NOT_FOUND, "this case has no such document")
        viewed = await self._office.do(actor, PartyViewed(case))
        if isinstance(viewed, Refusal):
            return refused(viewed)
        if isinstance(viewed, Problem):
            return viewed
        found = await self._done(lambda all_: first_of(all_, cases, digest))
        if isinstance(found, Problem):
            return found
        if found is None:
            return Problem(problems.NOT_FOUND, "the document is not here any more")
        name = f'attachment; filename="{found.file_name}"'.encode()
        headers = (*_HEADERS, (b"content-disposition", name))
        return Reply(200, found.data, found.media_type.encode(), headers)

    async def of_case(self, state: State, case: Case) -> list[Document] | Problem:
        """Every document of a case that is still here, for its pack of evidence."""
        if not case.attachments:
            return []
        return await self._done(lambda all_: documents_of(all_, state, case.id))

    def has_acts(self) -> bool:
        """Whether something was erased beside the service of which the log does not know. Not for
        the writing thread: a large document may be on its way to the disk.
        """
        if self._attachments is None and not Attachments.exist(self._directory):
            return False
        try:
            return bool(self._opened().database.waiting())
        except (ArashaError, OSError) as error:
            if not self._failed:
                self._desk.journal.fault("attachments", error)
            self._failed = True
            return False

    def keep_acts(self, log: Log, now_ms: int) -> int:
        """Put it into the log; in the writing thread."""
        return keep_waiting(log, [self._opened().database], now_ms)

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._attachments is not None:
            self._attachments.close()

    async def _done(self, work: Callable[[Attachments], T]) -> T | Problem:
        """Have something done with the file, beside the event loop."""
        if self._busy >= MAX_AT_ONCE:
            return Problem(problems.BUSY, retry_after_s=1)
        self._busy += 1
        try:
            return await asyncio.to_thread(lambda: work(self._opened()))
        except StateFull as error:
            return Problem(problems.ACT_REFUSED, error.what, reason="full",
                           expected=error.expected, found=error.found)  # fmt: skip
        except (ArashaError, OSError) as error:
            self._desk.journal.fault("attachments", error)
            return self._desk.busy()
        finally:
            self._busy -= 1

    def _opened(self) -> Attachments:
        with self._opening:
            if self._attachments is None:
                keys = KeyStore(self._directory)
                self._attachments = Attachments.open(self._directory, keys, token_bytes)
            return self._attachments


def _month(writer: Writer) -> int:
    """The last month of acts whose key there is: a case is there, so there is one."""
    rows = writer.log.periods()
    return next(
        row.period for row in reversed(rows) if row.retention is Retention.ACTS and not row.retired
    )
