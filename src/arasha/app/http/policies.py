"""``/v1/policy``: the policy in force, for persons; and another one, which two people publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from arasha.app.http import problems
from arasha.app.http.acting import Acting, Answer, Collection, Special, Verb, reply
from arasha.app.http.cases import Requests
from arasha.app.http.connection import Request
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.publishing import Publishing
from arasha.cases.acts import Actor, AnyAct, PolicyChosen, RequestApproved
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS, may


class PolicyText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a policy's file."""

    toml: Annotated[str, Meta(min_length=1, max_length=262_144)]


class Policies(Collection):
    """The policy in force."""

    listed = True
    shown = False
    name = "policy"
    create = Verb(PolicyChosen, body=PolicyText)
    verbs: ClassVar[Mapping[str, Verb]] = {}

    def __init__(self, acting: Acting, publishing: Publishing) -> None:
        super().__init__(acting)
        self._publishing = publishing

    async def show_all(self, actor: Actor) -> Answer:
        """Its name, its hash, since which entry, and its text."""
        if not may(actor, VIEWS["the policy in force"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        live = self.acting.desk.live
        reign = live.reigns[-1]
        text = await self.acting.office.within(lambda _: live.policy_text())
        if isinstance(text, Problem):
            return text
        return reply({"name": reign.policy.name, "hash": reign.policy.hash,
                      "since_seq": reign.first_seq, "toml": text})  # fmt: skip

    def special(self, path: str) -> Special | None:
        """What is asked for is compiled first: nobody is asked to agree to what cannot be."""
        return None if path else self._ask

    def methods(self, path: str) -> tuple[str, ...]:
        """It is read and asked for at one path."""
        return () if path else ("GET", "POST")

    async def _ask(self, actor: Actor, request: Request) -> Answer:
        if not may(actor, RIGHTS["policy_chosen"]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        try:
            toml = msgspec.json.decode(request.body, type=PolicyText).toml
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Problem(problems.MALFORMED, expected='{"toml": "…"}', reason="bad_json")
        chosen = await self._publishing.compiled(toml)
        return chosen if isinstance(chosen, Problem) else await self.do(actor, chosen)


class RequestsAndPolicies(Requests):
    """Requests; the last approval of a policy puts it in force, too."""

    def __init__(self, acting: Acting, publishing: Publishing) -> None:
        super().__init__(acting)
        self._publishing = publishing

    async def taken(self, actor: Actor, act: AnyAct) -> Done | Refusal | Problem:
        """An approval of a policy is more than an act."""
        if isinstance(act, RequestApproved):
            return await self._publishing.approve(actor, act)
        return await super().taken(actor, act)
