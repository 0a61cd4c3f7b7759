"""The application of all pages: its routes, what holds for each of them, and what errors become.

In: requests by ASGI (app/http/asgi.py). Out: pages. A page is a function in a module of
``citizens/`` or ``console/`` whose ``ROUTES`` are named here. Whatever goes wrong becomes a page
that says what to do, in the reader's language; what failed in Arasha itself goes to the journal, by
its type and place alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

from litestar import Litestar, Request, Response, Router, get, post
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.types import ControllerRouterHandler

from arasha.app.http.asgi import Application, scope_of
from arasha.app.http.connection import Reply
from arasha.app.http.connection import Request as Arrived
from arasha.app.http.problems import Problem
from arasha.app.pages import assets, citizens, console
from arasha.app.pages.forms import (
    DOCUMENT_BODY_BYTES,
    MAX_BYTES,
    MAX_TEXT_BYTES,
    fields_of,
)
from arasha.app.pages.languages import LANGUAGES, language_of
from arasha.app.pages.safety import FIELD, HEADER, belongs, from_elsewhere, headers_of, with_headers
from arasha.app.pages.site import THEMES, Page, Site, View, reader_of, word_of

PREFIXES: Final = (
    *(f"/{language}/" for language in LANGUAGES), assets.PREFIX, "/console/",
)  # fmt: skip
WHOLE: Final = frozenset({"/", *(f"/{language}" for language in LANGUAGES)})
BODY_BYTES: Final = MAX_BYTES

_DOCUMENT: Final = re.compile(r"/[a-z]{2}/console/case/[^/]+/attach/?")

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_EVER: Final = "public, max-age=31536000, immutable"
AnyRequest = Request[Any, Any, Any]


def is_page(path: str) -> bool:
    """Whether a page, or what it is made of, is at that path."""
    return path.startswith(PREFIXES) or path in WHOLE


def takes_text(path: str) -> bool:
    """Whether the form at that path brings a whole text, as a policy is one."""
    return path.partition("/console/")[2] in console.TEXTS


def body_bytes(request: Arrived) -> int:
    """How much of a form is read: more where it brings a whole text or, from who has a session, a
    document.
    """
    if takes_text(request.path):
        return MAX_TEXT_BYTES
    named = _DOCUMENT.fullmatch(request.path) is not None
    has_session = b"session=" in (request.header(b"cookie") or b"")
    return DOCUMENT_BODY_BYTES if named and has_session else BODY_BYTES


def application(site: Site, routes: Sequence[ControllerRouterHandler] = ()) -> Application:
    """All pages of a service; ``routes`` are further ones, below the language's."""
    more = () if site.way_in is None else site.way_in.routes
    in_language = Router(
        "/{language:str}",
        route_handlers=[theme, *citizens.ROUTES, *console.routes(site), *more, *routes],
        dependencies={"view": Provide(_view, sync_to_thread=False)},
    )
    made = Litestar(
        [welcome, asset, in_language, *(console.LED_HERE if site.entrance else [])],
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        before_request=checked,
        exception_handlers={HTTPException: told, Exception: told},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_TEXT_BYTES,  # of others no more is read (app/http/service.py)
        debug=False,
    )
    made.state.site = site
    return with_headers(made, secure=site.cookies.secure)  # type: ignore[arg-type]  # ASGI, typed otherwise


@get("/")
async def welcome(request: AnyRequest, site: Site) -> Page:
    """Whoever names no language goes to the pages in theirs."""
    view = View(site, request, reader_of(request, site.cookies))
    return view.go(view.address())


@get("/static/{name:str}", sync_to_thread=False)
def asset(request: AnyRequest, name: str) -> Response[bytes]:
    """A style sheet, a script or a picture."""
    found = assets.by_address().get(assets.PREFIX + name)
    if found is None:
        raise NotFoundException
    headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["content-encoding"] = "gzip"
    return Response(
        found.gzipped if zipped else found.plain, media_type=found.media, headers=headers
    )


@post("/theme", status_code=303)
async def theme(view: View) -> Page:
    """Another theme, kept in a cookie; back to where the reader was."""
    wanted = view.fields.text("theme")
    back = view.fields.text("back")
    cookies = view.site.cookies
    return view.go(
        back if _is_plain(back) else view.address(),
        cookies.kept("theme", wanted if wanted in THEMES else THEMES[0]),
    )


def _is_plain(path: str) -> bool:
    """Whether it is the path of a page, and leads nowhere else however it is read."""
    return is_page(path) and re.fullmatch(r"(/[A-Za-z0-9_.-]+)+/?", path) is not None


async def checked(request: AnyRequest) -> None:
    """Refuse a form that is not one of ours, before any page sees it; else its fields are read."""
    if request.method in _SAFE:
        return
    headers, site = request.headers, request.app.state.site
    media, body = headers.get("content-type", ""), await request.body()
    whole = takes_text(request.url.path)
    if len(body) <= MAX_TEXT_BYTES:
        fields = fields_of(media, body, whole=whole)
    else:
        fields = await asyncio.to_thread(fields_of, media, body)
    token = site.cookies.read(headers.get("cookie")).get("form")
    carried = headers.get(HEADER) or fields.text(FIELD)
    elsewhere = from_elsewhere(
        headers.get("sec-fetch-site"), headers.get("origin"), headers.get("host")
    )
    if elsewhere or not belongs(carried, token):
        raise PermissionDeniedException("form")
    request.state.fields = fields


def told(request: AnyRequest, error: Exception) -> Page:
    """What went wrong, as a page in the reader's language."""
    site: Site = request.app.state.site
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status >= 500 and status != 503:
        arrived: Arrived = request.state.request
        site.desk.journal.fault("pages", error, request_id=arrived.request_id)
    view = View(site, request, reader_of(request, site.cookies))
    stale = isinstance(error, PermissionDeniedException) and error.detail == "form"
    word = "stale" if stale else word_of(status)
    page = view.rendered("error.html", status, {"word": word})
    if isinstance(error, HTTPException) and error.headers:
        page.headers.update(error.headers)
    return page


def page_of(site: Site, problem: Problem, arrived: Arrived) -> Reply | None:
    """A problem that no page has met, as a page: too much was sent, or too many ask. None for what
    programs ask.
    """
    if arrived.path.startswith("/v1/"):
        return None
    request: AnyRequest = Request(scope_of(arrived, ""))  # type: ignore[arg-type]  # ASGI, typed otherwise
    page = View(site, request, reader_of(request, site.cookies)).sorry(problem)
    headers = [(name.lower().encode(), value.encode()) for name, value in page.headers.items()]
    headers += [(b"set-cookie", one.to_header(header="").encode()) for one in page.cookies]
    return Reply(problem.kind.status, page.content, b"text/html; charset=utf-8",
                 [*headers, *headers_of(secure=site.cookies.secure)])  # fmt: skip


def _view(request: AnyRequest, site: Site, language: str) -> View:
    """The page as its reader sees it."""
    known = language_of(language)
    if known is None:
        raise NotFoundException
    return View(site, request, known)
