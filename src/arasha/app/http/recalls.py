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
    MoneyReturned,
    RecallAnswered,
    RecallCancelled,
    RecallOpened,
    RecallSent,
    ReturnOrdered,
)
from arasha.cases.state import State


class Recalls(Collection):
    """The recalls."""

    name = "recalls"
    create = Verb(RecallOpened)
    verbs: ClassVar[Mapping[str, Verb]] = {
        "send": Verb(RecallSent, "recall"),
        "answer": Verb(RecallAnswered, "recall"),
        "return": Verb(ReturnOrdered, "recall"),
        "returned": Verb(MoneyReturned, "recall"),
        "cancel": Verb(RecallCancelled, "recall"),
    }

    async def show(self, actor: Actor, name: str) -> Answer:
        """A recall, to the banks that it concerns or to a person who may see it."""

        def look(state: State, _: int) -> Shown | None:
            recall = state.recalls.get(name)
            if recall is None:
                return None
            report = state.reports[recall.report]
            banks = {state.holds[one].bank for one in recall.asked} | {report.bank, report.sender}
            if actor.kind == "participant" and actor.name not in banks:
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
