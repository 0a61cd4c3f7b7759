"""``/v1/suspensions``: an operator's numbers that make no calls for a while, each by its own act.

Two people suspend one, one lifts it. The operator's own systems, those that send its SIM changes,
read which are suspended, carry it out, tell whoever has the number, and say that they did. Each
number that they are shown is on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from arasha.app.http import problems
from arasha.app.http.acting import Answer, Collection, Verb, reply
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.recovering import drawn_reference
from arasha.app.http.shown import Shown, suspension_shown, time_of
from arasha.cases.acts import Actor, AnyAct, NumberSuspended, SuspensionLifted, SuspensionTold
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.cases.state import State

_CARRIES_OUT = "sim_change"
"""Who may send facts of this kind is a system of the operator's own."""


class Suspensions(Collection):
    """The suspensions."""

    listed = True
    receipted = True
    name = "suspensions"
    create = Verb(NumberSuspended)
    verbs: ClassVar[Mapping[str, Verb]] = {
        "tell": Verb(SuspensionTold, "suspension"),
        "lift": Verb(SuspensionLifted, "suspension"),
    }

    def filled(self, message: dict[str, Any]) -> dict[str, Any]:
        """A new suspension gets its reference here: nobody chooses one."""
        if message["act"] != "number_suspended":
            return message
        return {**message, "reference": drawn_reference()}

    async def taken(self, actor: Actor, act: AnyAct) -> Done | Refusal | Problem:
        """What participants say here, the operator's own systems say."""
        if actor.kind == "participant" and not self._carries_out(actor):
            return Refusal.NOT_FOR_THIS_ROLE
        return await super().taken(actor, act)

    async def show_all(self, actor: Actor) -> Answer:
        """Those that stand, to the operator's own systems; no number is in it."""
        if not self._carries_out(actor):
            return refused(Refusal.NOT_FOR_THIS_ROLE)

        def look(state: State, now_ms: int) -> list[object]:
            standing = (state.suspensions[name] for name in state.open_suspensions)
            return [
                {"id": one.id, "until": time_of(one.until_ms), "told": one.told_ms is not None,
                 "tell_by": time_of(one.tell_by_ms)}
                for one in standing if one.stands_at(now_ms)
            ]  # fmt: skip

        found = await self.acting.office.read(look)
        return found if isinstance(found, Problem) else reply({"suspensions": found})

    async def show(self, actor: Actor, name: str) -> Answer:
        """A suspension, to a person; with its number and reference to who carries it out."""
        if actor.kind != "participant":

            def look(state: State, _: int) -> Shown | None:
                found = state.suspensions.get(name)
                return None if found is None else suspension_shown(found)

            return await self.viewed(actor, name, "a suspension", look)
        if not self._carries_out(actor):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        return await self._order(actor, name)

    async def readable(self, actor: Actor, name: str) -> tuple[str, ...] | Problem:
        """Any, for a person who may see suspensions. No number is shown."""
        if actor.kind == "participant" or not may(actor, VIEWS["a suspension"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        found = await self.acting.office.read(lambda state, _: name in state.suspensions)
        if isinstance(found, Problem):
            return found
        return (name,) if found else Problem(problems.NOT_FOUND)

    async def _order(self, actor: Actor, name: str) -> Answer:
        found = await self.acting.office.read(
            lambda state, now_ms: (state.suspensions.get(name), now_ms)
        )
        if isinstance(found, Problem):
            return found
        suspension, now_ms = found
        if suspension is None:
            return Problem(problems.NOT_FOUND)
        private = ("author", "second", "hands")  # who of the operator did it is not for switches
        plain = suspension_shown(suspension).plain
        told = {key: value for key, value in plain.items() if key not in private}
        if not suspension.stands_at(now_ms):
            return reply(told)
        door, token = self.acting.desk.door, suspension.number
        number = await self.acting.office.within(
            lambda _: door.tell(token, to=actor.name, reason=f"its own number, for {name}")
        )
        if isinstance(number, Problem):
            return number
        return reply({**told, "number": number, "reference": suspension.reference})

    def _carries_out(self, actor: Actor) -> bool:
        """Whether this is a system of the operator's own."""
        if actor.kind != "participant":
            return False
        known = self.acting.desk.door.participants.get(actor.name)
        return known is not None and known.role == "operator" and _CARRIES_OUT in known.may_send
