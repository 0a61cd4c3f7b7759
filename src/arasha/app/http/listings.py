"""``/v1/listings``: the shared list. Participants ask about an account or a number and are told
counters; two people put a party on it, one takes it off. ``/v1/law``: the law in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from arasha.app.http import problems
from arasha.app.http.acting import Acting, Answer, Collection, Special, Verb, reply
from arasha.app.http.connection import Request
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.recovering import drawn_reference
from arasha.app.http.shown import Shown, listing_shown
from arasha.cases.acts import (
    CENTRE,
    Actor,
    LawChosen,
    ListingAdded,
    ListingTold,
    ListingWithdrawn,
)
from arasha.cases.lookups import Buckets, Counters, look_up
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.events.records import Identifier
from arasha.events.schema import PartyKind
from arasha.vault.tokens import Tokens

LOOK_UP = "look-up"


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a participant asks about: an account or a number, as it writes it."""

    account: Identifier | None = None
    number: Identifier | None = None


class Listings(Collection):
    """The listings, and what is asked about parties."""

    name = "listings"
    create = Verb(ListingAdded)
    verbs: ClassVar[Mapping[str, Verb]] = {"withdraw": Verb(ListingWithdrawn, "listing")}

    def __init__(self, acting: Acting, tokens: Tokens) -> None:
        """``tokens`` remembers nothing: what is only asked about is not kept in the vault."""
        super().__init__(acting)
        self._tokens = tokens
        self._buckets = Buckets()

    def filled(self, message: dict[str, Any]) -> dict[str, Any]:
        """A new listing gets its reference here."""
        if message["act"] != "listing_added":
            return message
        return {**message, "reference": drawn_reference()}

    async def show(self, actor: Actor, name: str) -> Answer:
        """A listing, to persons."""

        def look(state: State, _: int) -> Shown | None:
            listing = state.listings.get(name)
            return None if listing is None else listing_shown(listing)

        return await self.viewed(actor, name, "a hold, recall, appeal or listing", look)

    def special(self, path: str) -> Special | None:
        """``look-up`` is no act."""
        return self._look_up if path == LOOK_UP else None

    async def _look_up(self, actor: Actor, request: Request) -> Answer:
        """Counters about a party; a listing is told, and from then on its end, too."""
        if actor.kind != "participant":
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        try:
            asked = msgspec.json.decode(request.body, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Problem(problems.MALFORMED, expected='{"account": "…"} or {"number": "…"}')
        if (asked.account is None) == (asked.number is None):
            return Problem(problems.REFUSED, expected="an account or a number, one of them")
        kind = PartyKind.ACCOUNT if asked.number is None else PartyKind.NUMBER
        party = self._tokens.of(kind, asked.account or asked.number or "").hex()
        found = await self.acting.office.read(
            lambda state, now_ms: self._counted(state, actor.name, party, now_ms)
        )
        if isinstance(found, Problem):
            return found
        if isinstance(found, int):
            return Problem(problems.TOO_MANY, "the bucket of asks is empty",
                           retry_after_s=-(-found // 1_000))  # fmt: skip
        if found.listed is not None:
            await self.acting.office.do(CENTRE, ListingTold(found.listed, actor.name))
        told = {"listing": found.listed, "counters": found.windows}
        return reply(told if found.pattern is None else {**told, "pattern": found.pattern})

    def _counted(self, state: State, asker: str, party: str, now_ms: int) -> Counters | int:
        """What is told, and the ask is counted; or the ms until one may ask again."""
        law = state.law
        if law is None:
            return Counters(None, {})
        wait_ms = self._buckets.wait_ms(asker, law, now_ms)
        if wait_ms:
            return wait_ms
        found = look_up(state, party, now_ms)
        self._buckets.take(asker, law, now_ms, known=found.is_known)
        return found


class Laws(Collection):
    """The law in force: anybody may read it; two people put another one there."""

    public = True
    listed = True
    shown = False
    name = "law"
    create = Verb(LawChosen)
    verbs: ClassVar[Mapping[str, Verb]] = {}

    async def show_all(self, actor: Actor) -> Answer:  # noqa: ARG002 - anybody may read it
        """Its version, its text and how far each figure can be relied on."""
        law = await self.acting.office.read(lambda state, _: state.law)
        if law is None:
            return Problem(problems.NOT_FOUND, "no law is in force: arasha serve --law FILE")
        if isinstance(law, Problem):
            return law
        figures = {name: [one.text, one.source, one.mark] for name, one in law.figures.items()}
        return reply({"country": law.country, "hash": law.hash, "figures": figures,
                      "toml": law.text})  # fmt: skip
