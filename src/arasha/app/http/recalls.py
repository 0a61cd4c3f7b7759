"""``/v1/recalls``: money asked back, answered and returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from arasha.app.http import problems
from arasha.app.http.acting import Answer, Collection, Verb, reply
from arasha.app.http.problems import Problem
from arasha.app.http.shown import Shown, recall_shown
from arasha.cases.acts import (
    Actor,
    AnyAct,
    MoneyReturned,
    RecallAnswered,
    RecallCancelled,
    RecallOpened,
    RecallSent,
    ReturnOrdered,
)
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.state import State


class Recalls(Collection):
    """The recalls."""

    name = "recalls"
    create = Verb(RecallOpened)
    missing = Refusal.RECALL_NOT_FOUND
    verbs: ClassVar[Mapping[str, Verb]] = {
        "send": Verb(RecallSent, "recall"),
        "answer": Verb(RecallAnswered, "recall"),
        "return": Verb(ReturnOrdered, "recall"),
        "returned": Verb(MoneyReturned, "recall"),
        "cancel": Verb(RecallCancelled, "recall"),
    }

    def is_own(self, state: State, participant: str, name: str) -> bool:
        """Whether that bank was asked, or asks for its customer's money."""
        recall = state.recalls.get(name)
        if recall is None:
            return False
        report = state.reports[recall.report]
        banks = {state.holds[one].bank for one in recall.asked} | {report.bank, report.sender}
        return participant in banks

    async def taken(self, actor: Actor, act: AnyAct) -> Done | Refusal | Problem:
        """As it is; but of another's report nobody learns that it is there."""
        done = await super().taken(actor, act)
        if isinstance(act, RecallOpened) and done is Refusal.ANOTHER_PARTICIPANTS:
            return Refusal.REPORT_NOT_FOUND
        return done

    async def show(self, actor: Actor, name: str) -> Answer:
        """A recall, to the banks that it concerns or to a person who may see it."""

        def look(state: State, _: int) -> Shown | None:
            recall = state.recalls.get(name)
            if recall is None:
                return None
            if actor.kind == "participant" and not self.is_own(state, actor.name, name):
                return None
            return recall_shown(state, recall)

        if actor.kind != "participant":
            return await self.viewed(actor, name, "a hold, recall, appeal or listing", look)
        shown = await self.acting.office.read(look)
        if isinstance(shown, Problem):
            return shown
        if shown is None:
            return Problem(problems.NOT_FOUND)
        return reply({k: v for k, v in shown.plain.items() if k != "claim"})
