"""``/v1/recalls``: money asked back, answered and returned. ``/v1/reports``: the word of the
victim's bank for a report, by the report's own id.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Final

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
    ReportAttested,
    ReportWithdrawn,
    ReturnOrdered,
)
from arasha.cases.state import State
from arasha.events.reference import digest16
from arasha.events.symbols import ID_PATTERN

_ID: Final = re.compile(ID_PATTERN)
_DIGEST: Final = re.compile(r"[0-9a-f]{32}")


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


class Reports(Collection):
    """Reports, by the id that their sender gave them or, for persons, by their digest."""

    shown = False
    name = "reports"
    verbs: ClassVar[Mapping[str, Verb]] = {
        "attest": Verb(ReportAttested, "report"),
        "withdraw": Verb(ReportWithdrawn, "report"),
    }

    def special(self, path: str) -> Callable[[Actor, bytes], Awaitable[Answer]] | None:
        """``ID/attest``: the id is a name of its sender's, or the digest that messages tell."""
        name, _, word = path.rpartition("/")
        verb = self.verbs.get(word)
        if verb is None or not _ID.fullmatch(name):
            return None

        async def named(actor: Actor, _: bytes) -> Answer:
            report = name if _DIGEST.fullmatch(name) else digest16(actor.name, name).hex()
            act: AnyAct = (
                ReportAttested(report) if verb.act is ReportAttested else ReportWithdrawn(report)
            )
            return await self.do(actor, act)

        return named
