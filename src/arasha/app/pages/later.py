"""Ten seconds in which something can be taken back, in place of "are you sure".

In: acts that a person wants taken: a note, putting aside, an outcome. Out: the same acts, taken
when the time is over, by the office as any other; or nothing, when the person takes them back. They
wait here, in the service, so that it works without a script and however the person goes on. What
would be refused is refused at once; what is refused in the end all the same is told on that
person's next page. Whoever acts at once on a case has what waits of theirs there taken first, in
its order; a service that stops takes all. What a kill takes away was never told to be kept: its
case is as it was.

Money never waits: confirming and releasing a hold is no business of this module.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor, AnyAct, CaseNoted
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal

UNDO_S: Final = 10.0
"""How long something can be taken back, seconds."""

MAX_WAITING: Final = 32
"""What of one person's may wait at once; what comes then is taken without waiting."""

MAX_TOLD: Final = 256
"""Of how much that was done it is remembered what came of it."""

Came = Done | Refusal | Problem
"""What came of an act."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that somebody wants: for each case its acts, in order. ``word`` says what it is,
    ``cases`` of which cases.
    """

    name: str
    by: Actor
    word: str
    cases: tuple[str, ...]
    acts: tuple[tuple[AnyAct, ...], ...]

    @property
    def over(self) -> bool:
        """Whether its cases are off the person's desk with it."""
        return self.word != "noted"


@dataclass(frozen=True, slots=True)
class Wait:
    """A thing that waits, and how long still, whole seconds."""

    thing: Thing
    left_s: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A thing that is done, and what came of it, case by case."""

    thing: Thing
    came: tuple[Came, ...]

    @property
    def refused(self) -> list[tuple[str, Came]]:
        """The cases that it was refused for, or could not be taken for, and why."""
        pairs = zip(self.thing.cases, self.came, strict=True)
        return [(case, one) for case, one in pairs if not isinstance(one, Done)]


@dataclass(slots=True)
class _Waiting:
    thing: Thing
    until_s: float
    timer: asyncio.TimerHandle


@dataclass(slots=True)
class Later:
    """What waits in one service. Only for the event loop."""

    office: Office
    _waiting: dict[str, _Waiting] = field(default_factory=dict)  # in the order in which it came
    _taking: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _done: OrderedDict[str, Outcome] = field(default_factory=OrderedDict)
    _untold: dict[str, list[str]] = field(default_factory=dict)  # by person: what went wrong
    _back: dict[str, CaseNoted] = field(default_factory=dict)  # by person: the last note undone

    async def wait(self, by: Actor, word: str, case: str, act: AnyAct) -> Thing | Refusal | Problem:
        """Have an act taken in a while; or why it would not be."""
        if any(one.thing.over and case in one.thing.cases for one in self.of(by.name)):
            await self.settle(by.name, case)  # what is wanted now rests on it
        refused = await self.office.tried(by, act)
        if refused is not None:
            return refused
        return await self.wait_all(by, word, [case], [(act,)])

    async def wait_all(
        self, by: Actor, word: str, cases: Sequence[str], acts: Sequence[tuple[AnyAct, ...]]
    ) -> Thing:
        """The same of several cases together; what is refused is said when it is done."""
        thing = Thing(secrets.token_hex(8), by, word, tuple(cases), tuple(acts))
        self._back.pop(by.name, None)
        if len(self.of(by.name)) >= MAX_WAITING:
            await self._take(thing)
            return thing
        loop = asyncio.get_running_loop()
        timer = loop.call_later(UNDO_S, self._begin, thing.name)
        self._waiting[thing.name] = _Waiting(thing, loop.time() + UNDO_S, timer)
        return thing

    def of(self, person: str) -> list[Wait]:
        """What of that person's waits, the latest last."""
        now_s = asyncio.get_running_loop().time()
        return [
            Wait(one.thing, max(1, round(one.until_s - now_s)))
            for one in self._waiting.values()
            if one.thing.by.name == person
        ]

    async def outcome(self, person: str, name: str) -> Outcome | None:
        """What came of that thing of theirs; None where it waits, or nothing is known of it."""
        if name in self._taking:
            await asyncio.wait([self._taking[name]])
        found = self._done.get(name)
        return found if found is not None and found.thing.by.name == person else None

    def told(self, person: str) -> list[Outcome]:
        """What of that person's was refused in the end, once."""
        return [self._done[name] for name in self._untold.pop(person, ()) if name in self._done]

    def take_back(self, person: str, name: str) -> Thing | None:
        """Let it be as if they had not wanted it; None where it is done already, or not theirs."""
        found = self._waiting.get(name)
        if found is None or found.thing.by.name != person:
            return None
        found.timer.cancel()
        del self._waiting[name]
        for one in (act for acts in found.thing.acts for act in acts):
            if isinstance(one, CaseNoted):
                self._back[person] = one
        return found.thing

    def given_back(self, person: str, case: str) -> str:
        """The note on that case that they have taken back, until they want something else; else
        nothing. It is kept nowhere but here.
        """
        found = self._back.get(person)
        return found.note if found is not None and found.case == case else ""

    async def settle(self, person: str, case: str) -> None:
        """What of that person's waits at that case is taken now."""
        for one in [one.thing for one in self.of(person) if case in one.thing.cases]:
            self._begin(one.name)
        for task in list(self._taking.values()):
            await asyncio.shield(task)

    async def close(self) -> None:
        """Everything is taken now: nobody is there any more to take it back."""
        for name in list(self._waiting):
            self._begin(name)
        for task in list(self._taking.values()):
            await asyncio.shield(task)

    def _begin(self, name: str) -> None:
        """Take what waits under that name, behind what is being taken."""
        found = self._waiting.pop(name, None)
        if found is None:
            return
        found.timer.cancel()
        before = list(self._taking.values())
        task = asyncio.get_running_loop().create_task(self._take(found.thing, before))
        self._taking[name] = task
        task.add_done_callback(lambda _: self._taking.pop(name, None))

    async def _take(self, thing: Thing, before: Sequence[asyncio.Task[None]] = ()) -> None:
        for task in before:
            await asyncio.wait([task])
        came = await self.office.do_each(thing.by, thing.acts)
        outcome = Outcome(thing, tuple(came))
        self._done[thing.name] = outcome
        while len(self._done) > MAX_TOLD:
            self._done.popitem(last=False)
        if outcome.refused:
            untold = self._untold.setdefault(thing.by.name, [])
            untold.append(thing.name)
            del untold[:-MAX_WAITING]
