"""What a log says of a stretch of its entries: each fact with the verdict that stands behind it.

Where on the path: after *decided*. In: a log, the policies that were in force, places. Out: facts
with their answers, as their senders may hear them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from arasha.engine.reigns import Reign, reign_at
from arasha.events.body import unpack_facts
from arasha.events.decisions import Decisions, unpack_decisions
from arasha.events.schema import MISSING, Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log
from arasha.policy.definition import Policy


class Verdict(NamedTuple):
    """A decision as the log holds it, with the policy that made it.

    ``rules`` are the places of the fired rules in the policy, ``values`` what their texts name, in
    that order, NaN where missing; ``currency`` is the payment's, ISO 4217 numeric.
    """

    policy: Policy
    action: int
    score: int
    marks: int
    rules: tuple[int, ...]
    values: tuple[float, ...]
    currency: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """A fact of the log: its place, time, kind, sender and id, and the verdict if it has one."""

    seq: int
    known_at_ms: int
    kind: int
    sender: str
    id: str
    verdict: Verdict | None = None


def verdicts_of(
    decisions: Decisions, currencies: Sequence[int], policies: Iterable[Policy]
) -> list[Verdict]:
    """The n decisions one by one; ``currencies`` are those of their n payments, ``policies`` those
    that judged them, n or more.
    """
    rules, values = decisions.rules.tolist(), decisions.values.tolist()
    return [
        Verdict(
            policy, action, score, marks,
            tuple(rules[a:b]) if a < b else (), tuple(values[c:d]) if c < d else (), currency,
        )
        for action, score, marks, (a, b), (c, d), currency, policy in zip(
            decisions.action.tolist(),
            decisions.score.tolist(),
            decisions.marks.tolist(),
            pairwise(decisions.rule_offsets.tolist()),
            pairwise(decisions.value_offsets.tolist()),
            currencies,
            policies,
            strict=False,
        )
    ]  # fmt: skip


def recall(log: Log, reigns: Sequence[Reign], start: int, stop: int) -> list[Recalled]:
    """The facts of entries ``start`` up to ``stop`` in order, those that can still be read.

    A payment whose decision stands at ``stop`` or behind has no verdict.
    """
    found: list[Recalled] = []
    currency_of: dict[int, int] = {}
    verdict_of: dict[int, Verdict] = {}
    for frame in log.read(start, stop, missing="skip"):
        at = np.flatnonzero((frame.kinds < Kind.DECISION) & frame.readable)
        facts = unpack_facts(frame.kinds[at], frame.bodies.take(at))
        places = (frame.first_seq + at).tolist()
        currency_of.update(zip(places, facts.number("currency").tolist(), strict=True))
        found += [
            Recalled(place, known_at, kind, code_text(sender.tobytes()) or "", fact_id)
            for place, known_at, kind, sender, fact_id in zip(
                places, frame.known_at[at].tolist(), facts.kinds.tolist(),
                facts.symbol("sender"), facts.ids, strict=True,
            )
        ]  # fmt: skip
        at = np.flatnonzero((frame.kinds == Kind.DECISION) & frame.readable)
        decisions = unpack_decisions(frame.bodies.take(at))
        subjects = decisions.subject_seq.tolist()
        currencies = [currency_of.get(subject, MISSING) for subject in subjects]
        judged_by = [reign_at(reigns, subject).policy for subject in subjects]
        verdicts = verdicts_of(decisions, currencies, judged_by)
        verdict_of.update(zip(subjects, verdicts, strict=True))
    return [replace(one, verdict=verdict_of.get(one.seq)) for one in found]
