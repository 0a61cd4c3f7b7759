"""One person or two: what is asked for, as it is to be taken.

In: an act that somebody asks for. Out: the act itself or, where one person is not enough, the
request for it (cases/requests.py), which others approve.
"""

from __future__ import annotations

from typing import Final, cast, get_args

from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.acts import AnyAct, Askable, Requested
from arasha.cases.requests import needed

_ASKABLE: Final = get_args(Askable)


async def as_asked(office: Office, act: AnyAct) -> AnyAct | Problem:
    """The act, or the request for it."""
    if not isinstance(act, _ASKABLE):
        return act
    asked = cast(Askable, act)
    wanted = await office.read(lambda state, _: needed(state, asked))
    if isinstance(wanted, Problem):
        return wanted
    return Requested(asked) if wanted else act
