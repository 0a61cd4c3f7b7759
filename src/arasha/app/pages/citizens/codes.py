"""Codes: how a reference comes in, and how a browser keeps it for a while.

A reference opens what it is of to whoever has it. So it is never in an address, where it would stay
in histories and be sent along: it is typed into a form, and a cookie keeps it until the browser is
closed or somebody says to forget it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from arasha.app.http.appeals import REFERENCE
from arasha.app.http.problems import Problem
from arasha.app.pages.site import Page, View

Word = Literal["report_code", "hold_code"]

Find = Callable[[View, str], Awaitable[object]]
"""What a page finds by a reference; None where there is nothing, or a `Problem`."""

_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN: Final = str.maketrans("", "", " -–—.\u00a0\t\n")
GROUP: Final = 5


def code_of(typed: str) -> str | None:
    """The reference that somebody has typed, read by eye or aloud; None where it is none.

    >>> code_of("abcde-fghjk mnpqr o123l"), code_of("12345")
    ('ABCDEFGHJKMNPQR01231', None)
    """
    text = typed.translate(_BETWEEN).upper().translate(_ALIKE)
    return text if REFERENCE.fullmatch(text) else None


def spelt(code: str) -> str:
    """A reference in groups, as it is shown.

    >>> spelt("ABCDEFGHJKMNPQR01231")
    'ABCDE-FGHJK-MNPQR-01231'
    """
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def kept_code(view: View, word: Word) -> str | None:
    """The reference that this browser keeps."""
    return code_of(view.cookies.get(word, ""))


def keep(view: View, word: Word, code: str, path: str) -> Page:
    """Keep it, and go to the page that shows what it is of."""
    return view.go(view.address(path), view.site.cookies.passing(word, code))


async def typed(view: View, word: Word, path: str, find: Find) -> Page:
    """Keep the reference of the form, or say beside the field that it is none, or that nothing is
    found by it. What opens nothing is not kept, so that no other page begins with it. The page's
    template and texts are named like its path.
    """
    code = code_of(view.fields.text("code"))
    found = None if code is None else await find(view, code)
    if isinstance(found, Problem):
        return view.sorry(found)
    if code is not None and found is not None:
        return keep(view, word, code, path)
    wrong = (422, "no_code") if code is None else (404, "unknown")
    return await view.page(
        f"citizens/{path}.html", status=wrong[0], code=None, found=None,
        errors={"code": f"{path}.{wrong[1]}"},
    )  # fmt: skip


def forget(view: View, word: Word, path: str) -> Page:
    """Keep it no longer."""
    return view.go(view.address(path), view.site.cookies.gone(word))
