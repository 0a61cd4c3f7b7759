"""Every address that a page of Arasha can have, and which of them axe has read.

A test says by ``@pytest.mark.axe("/console/queue", …)`` whose pages it has axe read, in every theme
and language; conftest.py holds it to that. A test in test_app_pages.py holds the marks of all tests
against the routes of the application: so no page is added that nobody reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from litestar.handlers import HTTPRouteHandler

from arasha.app.pages import citizens, console
from arasha.app.pages.console import demo
from arasha.app.pages.languages import LANGUAGES
from pages_samples import READ, SHOWN_THEMES

NO_PAGES: Final = {
    "/console/": "leads to what one's role works on",
    "/console/case/{name:str}/document/{digest:str}": "a document as it was handed in",
    "/console/law/text": "the law file as text",
    "/console/queue/live": "a stream of counters",
    "/console/record/receipt/{name:str}": "a receipt as text",
    "/console/sign-in/openid": "leads to the institution's own sign-in",
}
"""Addresses that are asked for by GET and show no page, by what they are."""


@cache
def routes() -> frozenset[str]:
    """All that are asked for by GET, below the language: ``/console/case/{name:str}``."""
    rooms = (
        ("", citizens.ROUTES), ("", demo.ROUTES), ("/console", console.GUARDED),
        ("/console", console.OPEN),
    )  # fmt: skip
    return frozenset(
        room + path
        for room, handlers in rooms
        for one in handlers
        if isinstance(one, HTTPRouteHandler) and "GET" in one.http_methods
        for path in one.paths
    )


def route_of(path: str) -> str:
    """The route of a path, which begins with a language; empty where it is no page of ours."""
    below = "/" + path.partition("/")[2].partition("/")[2]
    if below in routes():
        return below
    return next((one for one in sorted(routes()) if _as_pattern(one).fullmatch(below)), "")


@cache
def _as_pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[a-z]+:str\\\}", "[^/]+", re.escape(route)))


def lacking(named: Collection[str], *, every: bool) -> list[str]:
    """What a test has not had axe read of the pages that it names: each in every theme and language
    or, without ``every``, in one.
    """
    read = {(route_of(path), theme, path.split("/")[1]) for path, theme in READ}
    if not every:
        return sorted(set(named) - {route for route, _, _ in read})
    wanted = product(named, SHOWN_THEMES, LANGUAGES)
    return sorted(" ".join(one) for one in wanted if one not in read)


def marked() -> Iterator[tuple[str, str]]:
    """(file, route) of each mark that stands in the tests, those included that are slow."""
    for path in sorted(Path(__file__).parent.glob("test_app_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.axe(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.axe":
                for one in node.args:
                    assert isinstance(one, ast.Constant), f"{path.name}: a route stands in its mark"
                    yield path.name, str(one.value)
