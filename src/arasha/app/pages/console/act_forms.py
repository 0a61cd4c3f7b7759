"""An act that a form asks for: read as a call over HTTP is, taken or asked for as one is.

In: the act's word and its fields. Out: what came of it. Where one person is not enough the act is
asked for (app/http/seconds.py), and others agree to it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from arasha.app.http.problems import Problem
from arasha.app.http.seconds import as_asked
from arasha.app.pages.console.seat import Seat, unless_problem
from arasha.cases.acts import AnyAct
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal


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
