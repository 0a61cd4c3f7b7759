"""Documents of a case, in and out, and the case itself as a pack of evidence.

What is taken and given is what the routes of the interface take and give (app/http/attachments.py,
app/http/packs.py), by the same acts. A document leaves as a file to keep, never as a page.
"""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from arasha.app.http import problems
from arasha.app.http.connection import Reply
from arasha.app.http.packs import NO_RECORD
from arasha.app.http.problems import Problem
from arasha.app.pages.console.case import shown
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.forms import DOCUMENT_BODY_BYTES
from arasha.app.pages.site import Page
from arasha.cases.roles import RIGHTS, VIEWS

DOCUMENT: Final = "document"
"""The field of a form in which a document comes."""

_KEPT: Final = (b"cache-control", b"content-disposition")
_SAID: Final = {
    problems.WRONG_MEDIA: "wrong_media", problems.TOO_LARGE: "too_large",
    problems.MALFORMED: "no_reason",
}  # fmt: skip


@post(
    "/case/{name:str}/attach", opt=seen_by(RIGHTS["case_attached"]),
    request_max_body_size=DOCUMENT_BODY_BYTES,
)  # fmt: skip
async def attach(seat: Seat, name: str) -> Page:
    """Put a document to the case."""
    data = seat.view.fields.document(DOCUMENT)
    found = await seat.site.documents.keep(name, seat.actor, data)
    if isinstance(found, Problem):
        return await _told(seat, name, found)
    return seat.view.go(seat.view.address(f"console/case/{name}"))


@get("/case/{name:str}/document/{digest:str}", opt=seen_by(VIEWS["a case"]))
async def document(seat: Seat, name: str, digest: str) -> Page:
    """A document, to keep; that somebody has it is an entry first."""
    found = await seat.site.documents.show(name, digest, seat.actor)
    return await _told(seat, name, found) if isinstance(found, Problem) else download(found)


@post("/case/{name:str}/evidence", opt=seen_by(RIGHTS["evidence_packed"]))
async def evidence(seat: Seat, name: str) -> Page:
    """The case as a pack of evidence, to keep; taken out by whom and why is an entry first."""
    why = seat.view.fields.text("why")
    if not why:
        return await shown(seat, name, "no_reason")
    found = await seat.site.packs.made(name, seat.actor, why)
    if isinstance(found, Problem):
        return await _told(seat, name, found)
    named = b'attachment; filename="evidence-%b.zip"' % name.encode()
    return download(found._replace(headers=[*found.headers, (b"content-disposition", named)]))


def download(reply: Reply) -> Page:
    """A file to keep: no browser shows it in place."""
    headers = {"cache-control": "no-store"}
    headers |= {key.decode(): value.decode() for key, value in reply.headers if key in _KEPT}
    return Response(reply.body, status_code=reply.status, media_type=reply.media.decode(),
                    headers=headers)  # fmt: skip


async def _told(seat: Seat, name: str, problem: Problem) -> Page:
    """What was not done, on the case's page; or the page that says to come again."""
    reason = problem.reason
    if reason is not None and (problem.kind is problems.ACT_REFUSED or reason == NO_RECORD):
        return await shown(seat, name, reason)
    if problem.kind in _SAID:
        return await shown(seat, name, _SAID[problem.kind])
    unless_problem(problem)
    raise AssertionError("a problem becomes a page")


ROUTES: Final[list[ControllerRouterHandler]] = [attach, document, evidence]
