"""Why payments were stopped, as the log has it: for the queue and for a case.

In: the digests of payments, as alerts name them. Out: of each that can still be read its time, its
banks, its decision's reasons in every language, and what stands out. It is read beside the log's
writer, and remembered: a decision never changes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from arasha.app.http.answers import decided
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.engine.recall import Verdict, verdicts_of
from arasha.engine.reigns import Reign, reign_at
from arasha.events.body import unpack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import ACTIONS, TOLD_SHIFT, unpack_decisions
from arasha.events.schema import CHANNELS, Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log
from arasha.policy.definition import GROUPS
from arasha.policy.reasons import ABOUT
from arasha.policy.texts import LANGUAGES, Language, first_sentence

REMEMBERED: Final = 4_096
"""Payments whose reasons stay in memory."""

MARKS: Final = ("active_call", "remote_access", "new_device", "credentials_changed")
"""What a bank itself said of a payment, yes or no."""

_STOPPING: Final = frozenset(ACTIONS[ACTIONS.index("hold") :])
_NEW_PAYEE: Final = GROUPS.index("new_payee")


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that made the decision: a rule with its points, or (0) what moved the model.
    ``rule`` is the rule's name, empty for the model.
    """

    points: int
    texts: Mapping[Language, str]
    rule: str = ""

    def briefly(self, language: Language) -> str:
        """Its first sentence: what follows tells by which figures."""
        return first_sentence(self.texts[language])


@dataclass(frozen=True, slots=True)
class Stopped:
    """A payment that was judged. ``reasons`` stand in the order of their weight. Parties are tokens
    for who looks further: a page shows them through something open that names them alone.
    """

    happened_ms: int
    known_ms: int
    score: int
    payer_bank: str | None
    payee_bank: str | None
    on_call: bool
    new_payee: bool
    reasons: tuple[Reason, ...]
    seq: int
    action: str
    payer: str
    payee: str
    device: str | None
    number: str | None
    marks: frozenset[str]
    channel: str | None

    @property
    def was_stopped(self) -> bool:
        """Whether it was; a payment that went is told of where somebody reports it."""
        return self.action in _STOPPING


def rank(one: Stopped | None) -> tuple[bool, int]:
    """By what the payments of a case are ordered: those that were stopped, the highest score first;
    what cannot be read stands last.
    """
    return (True, 1) if one is None else (not one.was_stopped, -one.score)


class StoppedPayments:
    """Those of one service's log."""

    def __init__(self, desk: Desk, office: Office, directory: Path) -> None:
        self._office, self._directory = office, directory
        self._reigns: Sequence[Reign] = desk.live.reigns
        self._find = desk.live.log.seqs_of
        self._known: OrderedDict[str, Stopped | None] = OrderedDict()
        self._turn = asyncio.Lock()
        self._log: Log | None = None

    async def of(self, payments: Sequence[str]) -> dict[str, Stopped]:
        """Those of these payments that were stopped and can still be read, by their digests."""
        judged = await self.judged(payments)
        return {name: one for name, one in judged.items() if one.was_stopped}

    async def judged(self, payments: Sequence[str]) -> dict[str, Stopped]:
        """Those of these payments that can still be read, stopped or not."""
        new = [one for one in dict.fromkeys(payments) if one not in self._known]
        if new:
            digests = [bytes.fromhex(one) for one in new]
            places = await self._office.within(lambda _: self._find(digests).tolist())
            if not isinstance(places, Problem):
                async with self._turn:
                    await asyncio.to_thread(self._read, dict(zip(new, places, strict=True)))
        found = {one: self._known.get(one) for one in payments}
        return {one: stopped for one, stopped in found.items() if stopped is not None}

    def close(self) -> None:
        """Close the log that is read."""
        if self._log is not None:
            self._log.close()

    def _read(self, places: Mapping[str, int]) -> None:
        if self._log is None:
            self._log = Log.open(self._directory, writable=False)
        self._log.refresh()
        for name, place in places.items():
            if place >= 0:  # what was let through is remembered, too: that never changes either
                self._known[name] = self._one(self._log, place)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _one(self, log: Log, place: int) -> Stopped | None:
        """The payment at that place, with the decision right behind it."""
        for frame in log.read(place, min(place + 2, log.size), missing="skip"):
            if not frame.readable.all() or frame.kinds.tolist() != [Kind.PAYMENT, Kind.DECISION]:
                return None
            decisions = unpack_decisions(frame.bodies.take(np.array([1])))
            facts = unpack_facts(frame.kinds[:1], frame.bodies.take(np.array([0])))
            policy = reign_at(self._reigns, place).policy
            [verdict] = verdicts_of(decisions, facts.number("currency").tolist(), [policy])
            told = verdict.marks >> TOLD_SHIFT
            return Stopped(
                int(facts.number("happened_at")[0]), int(frame.known_at[0]), verdict.score,
                code_text(facts.symbol("payer_bank")[0].tobytes()),
                code_text(facts.symbol("payee_bank")[0].tobytes()),
                bool(np.asarray(facts.number("active_call"))[0] == 1),
                bool(told >> _NEW_PAYEE & 1), tuple(_reasons(verdict)),
                place, ACTIONS[verdict.action], _party(facts, "payer_account") or "",
                _party(facts, "payee_account") or "", _party(facts, "device"),
                _party(facts, "payer_number"),
                frozenset(one for one in MARKS if int(facts.number(one)[0]) == 1),
                _channel(int(facts.number("channel")[0])),
            )  # fmt: skip
        return None


def _party(facts: Facts, field: str) -> str | None:
    token = facts.symbol(field)[0]
    return token.tobytes().hex() if token.any() else None


def _channel(number: int) -> str | None:
    return CHANNELS[number] if 0 <= number < len(CHANNELS) else None


def _reasons(verdict: Verdict) -> list[Reason]:
    """Fired rules, the strongest first, then what moved the model."""
    rules = verdict.policy.rules
    fired = [
        Reason(rules[place].points, {one: said.text[one] for one in LANGUAGES}, rules[place].name)
        for place, said in zip(verdict.rules, decided("", 0, 0, verdict).reasons, strict=True)
    ]
    fired.sort(key=lambda one: -one.points)
    told = verdict.marks >> TOLD_SHIFT
    moved = [Reason(0, ABOUT[group]) for at, group in enumerate(GROUPS) if told >> at & 1]
    return fired + moved
