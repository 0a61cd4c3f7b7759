"""A verdict as JSON: what the bank reads and what its customer is shown.

In: a verdict as the log holds it. Out: the bytes of an answer. They follow from the log alone, so
who asks again, even after a restart, gets the same bytes.
"""

from __future__ import annotations

from functools import lru_cache
from math import isnan
from typing import Final

import msgspec

from arasha.client.messages import Decided, ForPayer, Kept, PolicyNamed, Reason
from arasha.engine.recall import Verdict
from arasha.events.decisions import ACTIONS, DEGRADED, FALLBACK, LATE, TOLD_SHIFT
from arasha.events.records import instant
from arasha.policy.definition import ACTIONS as ABOVE_ALLOW
from arasha.policy.definition import Policy, Rule
from arasha.policy.reasons import told_texts
from arasha.policy.texts import LANGUAGES, Value, render
from arasha.policy.warnings import WARNINGS

_ENCODER: Final = msgspec.json.Encoder()
_POLICIES_KEPT: Final = 16


def decided(payment: str, seq: int, known_at_ms: int, verdict: Verdict) -> Decided:
    """The decision as it is told."""
    policy, marks = verdict.policy, verdict.marks
    return Decided(
        payment, seq, moment(known_at_ms), _named(policy), ACTIONS[verdict.action], verdict.score,
        bool(marks & LATE), bool(marks & DEGRADED), bool(marks & FALLBACK), _reasons(verdict),
        _warning(verdict.action, marks >> TOLD_SHIFT),
    )  # fmt: skip


def encode(told: Decided | Kept) -> bytes:
    """The bytes of an answer."""
    return _ENCODER.encode(told)


def moment(ms: int) -> str:
    """An instant as RFC 3339 in UTC, to the millisecond."""
    return instant(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _named(policy: Policy) -> PolicyNamed:
    named = _NAMED.get(id(policy))
    if named is None or named[0] is not policy:
        if len(_NAMED) >= _POLICIES_KEPT:
            _NAMED.clear()
        named = _NAMED[id(policy)] = (policy, PolicyNamed(policy.name, policy.hash))
    return named[1]


_NAMED: Final[dict[int, tuple[Policy, PolicyNamed]]] = {}  # a hash takes a while: once a policy


def _reasons(verdict: Verdict) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    at = 0
    for place in verdict.rules:
        rule = verdict.policy.rules[place]
        values = verdict.values[at : at + len(rule.values)]
        at += len(rule.values)
        reasons.append(_reason(rule, values, verdict))
    return tuple(reasons)


def _reason(rule: Rule, values: tuple[float, ...], verdict: Verdict) -> Reason:
    policy = verdict.policy
    types = [policy.type_of(name) for name in rule.values]
    shown = {
        name: Value(value if type_.form == "float" or isnan(value) else int(value), type_)
        for name, value, type_ in zip(rule.values, values, types, strict=True)
    }
    return Reason(
        rule.name,
        {
            language: render(rule, language, shown, verdict.currency, policy.utc_offset_ms)
            for language in LANGUAGES
        },
    )


@lru_cache(4096)
def _warning(action: int, groups: int) -> ForPayer | None:
    if action == 0:
        return None
    shown = WARNINGS[ABOVE_ALLOW[action - 1]]
    text: dict[str, str] = {language: shown.text[language] for language in LANGUAGES}
    about: dict[str, tuple[str, ...]] = {
        language: told_texts(groups, language) for language in LANGUAGES
    }
    ask: dict[str, tuple[str, ...]] = {language: shown.ask[language] for language in LANGUAGES}
    return ForPayer(text, about, ask)
