"""What a token hides, shown to a person at the console: the vault's own act, by the vault's rules.

In: who asks, the token of a party that was shown to them just now, why. Out: the identifier and
what is left of the day's budget; or why nothing is told. The act is durable before the identifier
is read, and stands in the log before it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from arasha.app.http.door import Door
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor
from arasha.cases.writer import Writer
from arasha.errors import SubjectErased, UsageError


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was hidden; ``before`` and ``left`` are of the person's budget, this reveal counted."""

    identifier: str
    before: int
    left: int

    def __repr__(self) -> str:
        """Nothing of it: a traceback must not show an identifier."""
        return "<Revealed>"


class Withheld(Enum):
    """Why nothing is told."""

    BUDGET_SPENT = "this person's budget of reveals is used up"
    REASON_NEEDED = "a reason is a sentence that names no account and no number"
    FORGOTTEN = "the vault holds nothing under this token"


async def reveals_left(office: Office, door: Door, by: Actor) -> int | Problem:
    """How many tokens this person may still have revealed today."""
    return await office.within(lambda _: door.reveals_left(by.name))


async def reveal(
    office: Office, door: Door, by: Actor, token: str, reason: str
) -> Revealed | Withheld | Problem:
    """Reveal it. Whether the person may be shown that party is the caller's to know."""

    def work(writer: Writer) -> Revealed | Withheld:
        before = door.reveals_left(by.name)
        if before <= 0:
            return Withheld.BUDGET_SPENT
        try:
            plain = door.reveal(token, by=by.name, roles=by.roles, reason=reason)
        except SubjectErased:
            return Withheld.FORGOTTEN
        except UsageError:
            spent = door.reveals_left(by.name) <= 0  # by then, in another process
            return Withheld.BUDGET_SPENT if spent else Withheld.REASON_NEEDED
        door.keep_acts(writer.log, writer.log.last_known_at_ms)
        return Revealed(plain, before, door.reveals_left(by.name))

    return await office.within(work)
