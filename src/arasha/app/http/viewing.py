"""How a person is shown something that names parties: an entry first, then the thing.

In: who asks, the id of a case, hold, recall, appeal or listing, how to look at it. Out: what was
looked at, and whether the parties in it may be told: they are, where an entry says who was shown
them. What is over names nobody any more, and needs no entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from arasha.app.http import problems
from arasha.app.http.office import Office, refused
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor, PartyViewed
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.cases.state import State
from arasha.cases.views import named_by

T = TypeVar("T")


async def viewed(
    office: Office,
    actor: Actor,
    name: str,
    what: str,
    look: Callable[[State, int], T | None],
    party: str | None = None,
) -> tuple[T, bool] | Problem:
    """What ``look`` finds, and whether its parties may be told. ``what`` is a row of `VIEWS`;
    ``party`` names the one party that is asked for, where it is one.
    """
    if not may(actor, VIEWS[what]):
        return refused(Refusal.NOT_FOR_THIS_ROLE)
    named = await office.read(lambda state, _: bool(named_by(state, name)))
    if isinstance(named, Problem):
        return named
    with_parties = False
    if named:
        done = await office.do(actor, PartyViewed(name, party))
        if isinstance(done, Problem):
            return done
        with_parties = isinstance(done, Done)
    found = await office.read(look)
    if isinstance(found, Problem):
        return found
    return Problem(problems.NOT_FOUND) if found is None else (found, with_parties)
