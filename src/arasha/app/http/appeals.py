"""``/v1/appeals``: whoever holds a reference contests a hold, a listing or a suspension, without
an account, and sees the clock run. Officers take appeals up and rule on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from arasha.app.http import problems
from arasha.app.http.acting import Answer, Collection, Verb, reply
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.shown import Shown, appeal_shown, money, time_of
from arasha.cases.acts import Actor, AppealOpened, AppealRuled, AppealTaken, ReceiverAgreed
from arasha.cases.records import Hold
from arasha.cases.refusals import Refusal
from arasha.cases.roles import VIEWS, may
from arasha.cases.state import State

REFERENCE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{20}")
"""How a reference is written."""


class Appeals(Collection):
    """The appeals."""

    public = True
    name = "appeals"
    receipted = True
    create = Verb(AppealOpened)
    verbs: ClassVar[Mapping[str, Verb]] = {
        "take": Verb(AppealTaken, "appeal"),
        "rule": Verb(AppealRuled, "appeal"),
        "agree": Verb(ReceiverAgreed, "reference"),
    }

    async def show(self, actor: Actor, name: str) -> Answer:
        """By reference: what is held or listed, until when, and the appeal's clock. By id, to
        persons: the appeal.
        """
        if REFERENCE.fullmatch(name):
            found = await self.acting.office.read(lambda state, _: _by_reference(state, name))
            if found is None:
                return Problem(problems.NOT_FOUND, "nothing is known by this reference")
            return found if isinstance(found, Problem) else reply(found)

        def look(state: State, _: int) -> Shown | None:
            appeal = state.appeals.get(name)
            return None if appeal is None else appeal_shown(state, appeal)

        return await self.viewed(actor, name, "a hold, recall, appeal or listing", look)

    async def readable(self, actor: Actor, name: str) -> tuple[str, ...] | Problem:
        """By reference, for whoever holds it: the hold or listing, and its appeal. By id, for
        persons who may see appeals.
        """

        def look(state: State, _: int) -> tuple[str, ...]:
            appeal = state.appeals.get(name)
            about = state.by_reference.get(name) if appeal is None else appeal.about
            return () if about is None else (about, state.appeal_about.get(about, about))

        if not REFERENCE.fullmatch(name) and not may(
            actor, VIEWS["a hold, recall, appeal or listing"]
        ):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        found = await self.acting.office.read(look)
        return found or Problem(problems.NOT_FOUND)


def _by_reference(state: State, reference: str) -> dict[str, object] | None:
    """What the holder of a reference may know: what is done to them, not by whom."""
    about = state.by_reference.get(reference)
    if about is None:
        return None
    hold, listing = state.holds.get(about), state.listings.get(about)
    appeal = state.appeals.get(state.appeal_about.get(about, ""))
    told: dict[str, object] = {
        "appeal": None if appeal is None else dict(appeal_shown(state, appeal).plain)
    }
    if hold is not None:
        law = state.law
        told |= {
            "kind": "hold", "status": hold.status.value, "bank": hold.bank,
            "amount": money(hold.weight_minor, hold.currency), "until": time_of(hold.until_ms),
            "ground": "a report that the payer's bank stands for", "basis": hold.basis,
            "held_for_others": _held_for_others(state, hold),
            "law": hold.law, "protected": [] if law is None else list(law.hold.protected),
        }  # fmt: skip
    elif listing is not None:
        told |= {
            "kind": "listing", "status": listing.status, "until": time_of(listing.until_ms),
            "ground": "a case that was closed as fraud", "law": listing.law,
        }  # fmt: skip
    elif about in state.suspensions:
        suspension = state.suspensions[about]
        told |= {
            "kind": "suspension", "status": suspension.status, "basis": suspension.basis,
            "until": time_of(suspension.until_ms), "law": suspension.law,
            "ground": "what was seen of the number's calls, or of its SIM card",
        }  # fmt: skip
    return told


def _held_for_others(state: State, hold: Hold) -> int:
    """How many other holds at the same account stand, each with a reference, an end and an appeal
    of its own: if this one is over, what those claim stays held.
    """
    others = (one for one in state.holds_of_account(hold.account) if one.id != hold.id)
    return sum(one.pot == hold.pot and one.holds_at(state.at_ms) for one in others)
