"""``/v1/holds``: hold orders, a bank's answer, and an officer's word. Persons see a hold through an
entry; a bank sees its own, with its customer's account as it was sent: that is on record, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from arasha.app.http import problems
from arasha.app.http.acting import Answer, Collection, Verb, reply
from arasha.app.http.money import money_shown, standing
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.recovering import drawn_reference
from arasha.app.http.shown import Json, Shown, hold_shown
from arasha.cases.acts import (
    Actor,
    HoldAnswered,
    HoldConfirmed,
    HoldProlonged,
    HoldReleased,
    HoldReviewed,
    HoldsPlaced,
)
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.cases.state import State


class Holds(Collection):
    """The holds."""

    name = "holds"
    receipted = True
    create = Verb(HoldsPlaced)
    missing = Refusal.HOLD_NOT_FOUND
    verbs: ClassVar[Mapping[str, Verb]] = {
        "answer": Verb(HoldAnswered, "hold"),
        "confirm": Verb(HoldConfirmed, "hold"),
        "review": Verb(HoldReviewed, "hold"),
        "prolong": Verb(HoldProlonged, "hold"),
        "release": Verb(HoldReleased, "hold"),
    }

    def is_own(self, state: State, participant: str, name: str) -> bool:
        """Whether that bank holds it."""
        hold = state.holds.get(name)
        return hold is not None and hold.bank == participant

    def filled(self, message: dict[str, Any]) -> dict[str, Any]:
        """Each target gets its reference here: nobody chooses one."""
        targets = message.get("targets")
        if not isinstance(targets, list):
            return message
        drawn = [
            {**target, "reference": drawn_reference()} if isinstance(target, dict) else target
            for target in targets
        ]
        return {**message, "targets": drawn}

    async def show(self, actor: Actor, name: str) -> Answer:
        """A hold, to its bank or to a person who may see it."""

        def look(state: State, _: int) -> Shown | None:
            hold = state.holds.get(name)
            return None if hold is None else hold_shown(hold, state)

        if actor.kind != "participant":
            return await self.viewed(
                actor, name, "a hold, recall, appeal or listing", look, lambda: self._money(name)
            )
        found = await self.acting.office.read(
            lambda state, _: (
                None if (one := state.holds.get(name)) is None else (one, hold_shown(one, state))
            )
        )
        if isinstance(found, Problem):
            return found
        if found is None or found[0].bank != actor.name:
            return Problem(problems.NOT_FOUND)
        hold, shown = found
        door, token = self.acting.desk.door, hold.account
        account = await self.acting.office.within(
            lambda _: door.tell(token, to=actor.name, reason=f"its own account, for hold {name}")
        )
        if isinstance(account, Problem):
            return account
        private = ("author", "hands")  # who of the centre did it is the centre's to tell
        told = {k: v for k, v in shown.plain.items() if k not in private}
        return reply({**told, "account": account, "reference": hold.reference})

    async def _money(self, name: str) -> Json | Problem:
        """What of its report's money is and was at the account that is held."""
        hold = await self.acting.office.read(lambda state, _: state.holds[name])
        if isinstance(hold, Problem):
            return hold
        found = await self.acting.office.follow(lambda state: standing(state, (hold.report,)))
        if isinstance(found, Problem):
            return found
        return {"money": money_shown(found, only=hold.account)}

    async def readable(self, actor: Actor, name: str) -> tuple[str, ...] | Problem:
        """A bank's own hold; any, for a person who may see holds. No party is shown."""
        bank = await self.acting.office.read(
            lambda state, _: state.holds[name].bank if name in state.holds else None
        )
        if isinstance(bank, Problem):
            return bank
        if actor.kind != "participant":
            if not may(actor, VIEWS["a hold, recall, appeal or listing"]):
                return refused(Refusal.NOT_FOR_THIS_ROLE)
        elif bank != actor.name:
            return Problem(problems.NOT_FOUND)
        return (name,) if bank is not None else Problem(problems.NOT_FOUND)
