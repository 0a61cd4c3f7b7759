"""An act that a form asks for: read as a call over HTTP is, taken or asked for as one is.

In: the act's word and its fields. Out: what came of it. Where one person is not enough the act is
asked for (app/http/seconds.py), and others agree to it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from arasha.app.http.problems import Problem
from arasha.app.http.seconds import as_asked
from arasha.app.pages.console.seat import Seat, unless_problem
from arasha.cases.acts import AnyAct
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal

_NUMBER_SIGN: Final = re.compile(r"^(?:№|(?:N|No|N°|No\.)(?=\s))\s*")
_AROUND: Final = re.compile(r"\s*([-/.:])\s*")
_DASHES: Final = str.maketrans("‐‑–—", "----")
_BASIS: Final = re.compile(r"([A-Za-z]{2})\s*:\s*([A-Za-z0-9][A-Za-z0-9_.-]{0,60})")


def notice_of(typed: str) -> str:
    """The number of a notice as it is kept: without the sign before it, and with no spaces around
    the strokes in it. What else is no number stays, and is refused.

    >>> notice_of("№ 12 – 345 / 2026"), notice_of("notice 12")
    ('12-345/2026', 'notice 12')
    """
    bare = _NUMBER_SIGN.sub("", typed.translate(_DASHES))
    return _AROUND.sub(r"\1", bare)


def basis_of(typed: str) -> str | None:
    """A basis in law as it is kept, country and article; None where it is not of that form.

    >>> basis_of("KZ: 25-1"), basis_of("article 25-1")
    ('kz:25-1', None)
    """
    found = _BASIS.fullmatch(typed)
    return None if found is None else f"{found[1].lower()}:{found[2]}"


async def act_of_form(seat: Seat, word: str, **fields: Any) -> Done | Refusal | None:
    """Have the act taken, or asked for; None where the fields make no act. Raises what becomes a
    page that says to come again.
    """
    try:
        act: AnyAct = msgspec.convert({"act": word, **fields}, AnyAct)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    office = seat.site.office
    wanted = await as_asked(office, act)
    unless_problem(wanted)
    assert not isinstance(wanted, Problem)
    done = await office.do(seat.actor, wanted)
    unless_problem(done)
    assert not isinstance(done, Problem)
    return done
