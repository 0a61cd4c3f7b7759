"""What the routes of acts share: a path is a collection, an id and a verb; a body is an act.

    POST /v1/holds/h1042.0/confirm   {"basis": "kz:25-1"}
         ─────┬── ───┬──── ───┬───
         collection  id      verb    ──▶  HoldConfirmed(hold="h1042.0", basis="kz:25-1")

In: a request. Out: the seq of the act's entry and what the act made of which records, or a problem
with the refusal's name. What two people must want is asked for by the same call: the answer is then
a request, which others approve.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

import msgspec

from arasha.app.http import problems
from arasha.app.http.answers import moment
from arasha.app.http.auditing import Auditing
from arasha.app.http.connection import Reply, Request
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office, refused
from arasha.app.http.problems import Problem
from arasha.app.http.recording import Recording
from arasha.app.http.seconds import as_asked
from arasha.app.http.shown import Json, Shown
from arasha.app.http.viewing import viewed
from arasha.app.http.visitors import Visitors
from arasha.cases.acts import Act, Actor, AnyAct, word_of
from arasha.cases.projection import Done
from arasha.cases.records import Case
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, may
from arasha.cases.state import State
from arasha.log.receipts import Receipt

MAX_BYTES: Final = 1 << 20
"""Largest body of an act, bytes: a law file fits, and five hundred targets."""

MAX_RECEIPTS: Final = 64
"""Most receipts of one answer, the latest acts first to stay."""

RECEIPTS: Final = "receipts"

Answer: TypeAlias = Reply | Problem
Special: TypeAlias = Callable[[Actor, Request], Awaitable[Answer]]
"""What answers a request otherwise than by an act of a table."""


@dataclass(frozen=True, slots=True)
class Verb:
    """An act that is asked for by POST: its record, and the field that is the path's id. ``body``
    is what is sent, where that is not the act's own fields.
    """

    act: type[Act]
    field: str | None = None
    body: type[msgspec.Struct] | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """What every collection needs."""

    desk: Desk
    office: Office
    visitors: Visitors
    recording: Recording
    auditing: Auditing


class Collection:
    """The routes under one path. A subclass names its verbs and says what its GETs show."""

    name: ClassVar[str]
    verbs: ClassVar[Mapping[str, Verb]]
    create: ClassVar[Verb | None] = None
    listed: ClassVar[bool] = False
    """Whether a GET without an id shows something; most have no list: that would be a search."""
    shown: ClassVar[bool] = True
    """Whether a GET with an id does."""
    public: ClassVar[bool] = False
    """Whether a GET needs no key."""
    media: ClassVar[str] = "application/json"
    """Of what a GET with an id shows."""
    missing: ClassVar[Refusal | None] = None
    """What a participant is told of a thing that is not there, or is another's; None where no thing
    is anybody's own.
    """
    receipted: ClassVar[bool] = False
    """Whether a GET with an id and ``receipts`` gives the receipts of the acts about it."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting

    async def __call__(self, request: Request) -> None:
        """Answer a request."""
        desk = self.acting.desk
        actor = self.acting.visitors.actor(request, desk.clock().steady_ns / 1e9)
        by = None
        if isinstance(actor, Problem):
            answer: Answer = actor
        else:
            by = actor.name or None
            answer = await self._answered(request, actor)
        if isinstance(answer, Problem):
            return desk.tell(request, answer, by=by)
        return desk.answer(request, answer)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path, without the collection's own part; none where nothing is."""
        if not path:
            return ("GET",) * self.listed + ("POST",) * (self.create is not None)
        if self.special(path) is not None:
            return ("POST",)
        if self.reading(path) is not None:
            return ("GET",)
        name, _, word = path.rpartition("/")
        if not name:
            return ("GET",) * self.shown
        if word == RECEIPTS:
            return ("GET",) * self.receipted
        return ("POST",) * (word in self.verbs)

    async def show(self, actor: Actor, name: str) -> Answer:  # noqa: ARG002 - subclasses say more
        """What a GET with an id shows, where ``shown``."""
        return Problem(problems.NOT_FOUND)

    async def show_all(self, actor: Actor) -> Answer:  # noqa: ARG002 - subclasses ask who it is
        """What a GET without an id shows; most have nothing to list: that would be a search."""
        return Problem(problems.NOT_FOUND)

    async def readable(self, actor: Actor, name: str) -> tuple[str, ...] | Problem:  # noqa: ARG002 - subclasses ask who it is
        """The ids whose acts the actor may have receipts of, where ``receipted``."""
        return Problem(problems.NOT_FOUND)

    def filled(self, message: dict[str, Any]) -> dict[str, Any]:
        """The message with what the service itself adds to it."""
        return message

    async def _answered(self, request: Request, actor: Actor) -> Answer:
        path = request.path.removeprefix(f"/v1/{self.name}").strip("/")
        name, _, word = path.partition("/")
        if actor.kind == "appellant" and not self._is_open(request.method, path):
            return Problem(problems.UNAUTHENTICATED, expected="Authorization: Bearer KEY-ID.SECRET")
        if request.method == "GET":
            reading = self.reading(path)
            if reading is not None:
                return await reading(actor, request)
            if word == RECEIPTS and self.receipted:
                return await self._receipts(actor, name)
            if word:
                return Problem(problems.NOT_FOUND)
            return await (self.show(actor, name) if name else self.show_all(actor))
        special = self.special(path)
        if special is not None:
            return await special(actor, request)
        return await self._asked(actor, path, request.body)

    async def _asked(self, actor: Actor, path: str, body: bytes) -> Answer:
        """A POST that asks for an act of the table."""
        name, _, word = path.partition("/")
        verb = self.create if not path else self.verbs.get(word)
        if verb is None:
            return Problem(problems.NOT_FOUND, expected=", ".join(self.verbs) or None)
        hidden = await self.hidden_from(actor, verb, name) if name else None
        return hidden or await self.ask(actor, verb, name, body)

    async def hidden_from(self, actor: Actor, verb: Verb, name: str) -> Problem | None:
        """Why a participant may not ask for that: what is another's is to it as what is not there,
        whatever it sends, or it could count what others hold and report.
        """
        if actor.kind != "participant" or self.missing is None:
            return None
        if not may(actor, RIGHTS[word_of(verb.act)]):
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        own = await self.acting.office.read(lambda state, _: self.is_own(state, actor.name, name))
        if isinstance(own, Problem):
            return own
        return None if own else refused(self.missing)

    def is_own(self, state: State, participant: str, name: str) -> bool:  # noqa: ARG002 - subclasses look
        """Whether the thing of that id is there, and concerns that participant."""
        return True

    async def _receipts(self, actor: Actor, name: str) -> Answer:
        """The receipts of the acts about something; those too new for a checkpoint by place."""
        ids = await self.readable(actor, name)
        if isinstance(ids, Problem):
            return ids
        acts = await self.acting.office.acts_about(ids)
        if isinstance(acts, Problem):
            return acts
        told, later = [], []
        for act in acts[-MAX_RECEIPTS:]:
            found = await self.acting.recording.receipt(act.seq)
            if isinstance(found, Receipt):
                told.append({"seq": act.seq, "act": act.word, "known_at": moment(act.at_ms),
                             "receipt": found.text})  # fmt: skip
            elif found.kind is problems.NOT_YET:
                later.append(act.seq)
            else:
                return found
        return reply({"receipts": told, "later": later})

    def _is_open(self, method: str, path: str) -> bool:
        """Whether whoever holds a reference may ask for it, without a key."""
        if method == "GET":
            return self.public
        verb = self.create if not path else self.verbs.get(path.rpartition("/")[2])
        return verb is not None and "appellant" in RIGHTS[word_of(verb.act)]

    def special(self, path: str) -> Special | None:  # noqa: ARG002 - subclasses look at it
        """What answers a POST to that path otherwise than by an act of the table."""
        return None

    def reading(self, path: str) -> Special | None:  # noqa: ARG002 - subclasses look at it
        """What answers a GET of that path otherwise than by showing one thing."""
        return None

    def most_bytes(self, path: str) -> int:  # noqa: ARG002 - subclasses look at it
        """Largest body of a POST to that path, bytes."""
        return MAX_BYTES

    async def ask(self, actor: Actor, verb: Verb, name: str, body: bytes) -> Answer:
        """Have an act of the table taken, or asked for where one person is not enough."""
        act = self._act(verb, name, body)
        if isinstance(act, Problem):
            return act
        return await self.do(actor, act)

    async def do(self, actor: Actor, act: AnyAct) -> Answer:
        """Have an act taken; its answer."""
        wanted = await as_asked(self.acting.office, act)
        if isinstance(wanted, Problem):
            return wanted
        done = await self.taken(actor, wanted)
        if isinstance(done, Refusal):
            return refused(done)
        return done if isinstance(done, Problem) else reply(told(done))

    async def taken(self, actor: Actor, act: AnyAct) -> Done | Refusal | Problem:
        """Have the act taken as it is."""
        return await self.acting.office.do(actor, act)

    async def viewed(
        self,
        actor: Actor,
        name: str,
        what: str,
        look: Callable[[State, int], Shown | None],
        besides: Callable[[], Awaitable[Json | Problem]] | None = None,
    ) -> Answer:
        """Show something to a person: an entry first, then the thing with the parties it names, and
        what ``besides`` adds to them. What is over is shown without parties, and needs no entry.
        """
        found = await viewed(self.acting.office, actor, name, what, look)
        if isinstance(found, Problem):
            return found
        shown, with_parties = found
        if not with_parties:
            return reply(shown.plain)
        more: Json | Problem = {} if besides is None else await besides()
        if isinstance(more, Problem):
            return more
        return reply({**shown.plain, **shown.parties, **more})

    def _act(self, verb: Verb, name: str, body: bytes) -> AnyAct | Problem:
        """The act of a body and the path's id."""
        try:
            said = msgspec.json.decode(body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Problem(problems.MALFORMED, expected="a JSON object", reason="bad_json")
        if not isinstance(said, dict):
            return Problem(problems.MALFORMED, expected="a JSON object", reason="bad_json")
        own = {"act": word_of(verb.act)} | ({} if verb.field is None else {verb.field: name})
        try:
            act: AnyAct = msgspec.convert(self.filled({**said, **own}), AnyAct)
            return act
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at ")
            return Problem(
                problems.REFUSED, what, reason="bad_act",
                pointer="#/" + where.strip("`$.").replace(".", "/") if where else None,
                expected=", ".join(one for one in verb.act.__struct_fields__ if one != verb.field),
            )  # fmt: skip


def reply(content: Mapping[str, Any]) -> Reply:
    """A reply of JSON."""
    return Reply(200, msgspec.json.encode(content))


def told(done: Done) -> dict[str, Any]:
    """What came of an act: its place, and the records it changed, each by its id and status."""
    changed = []
    for change in done.changes:
        name, status = getattr(change, "id", None), getattr(change, "status", None)
        if name is not None:
            kind = "case" if isinstance(change, Case) else type(change).__name__.lower()
            changed.append({"kind": kind, "id": name, "status": getattr(status, "value", status)})
    return {
        "outcome": "done", "seq": done.seq, "known_at": moment(done.entry.at_ms),
        "changed": changed,
    }  # fmt: skip
