"""A verdict as JSON: what the bank reads and what its customer is shown.

In: a verdict as the log holds it. Out: the bytes of an answer. They follow from the log alone, so
who asks again, even after a restart, gets the same bytes.
"""

from __future__ import annotations

from functools import lru_cache
from math import isnan
from typing import Final

import msgspec

from arasha.client.messages import Decided, ForPayer, Pause, PolicyNamed, Reason
from arasha.engine.recall import Verdict
from arasha.events.decisions import ACTIONS, DEGRADED, FALLBACK, LATE, TOLD_SHIFT
from arasha.events.records import instant
from arasha.events.schema import CALL
from arasha.policy.definition import ACTIONS as ABOVE_ALLOW
from arasha.policy.definition import Policy, Rule, word_of
from arasha.policy.reasons import told_texts
from arasha.policy.texts import LANGUAGES, Value, render
from arasha.policy.warnings import WARNINGS

NO_PAUSE: Final = b"null"
"""What stands where a payment gets no pause."""

_ENCODER: Final = msgspec.json.Encoder()
_POLICIES_KEPT: Final = 16
_REASONS_KEPT: Final = 8_192  # of one policy
_ACTIONS: Final = [action.encode() for action in ACTIONS]
_FLAGS: Final = [
    b'"late":%b,"degraded":%b,"fallback":%b'
    % tuple(b"true" if marks & mark else b"false" for mark in (LATE, DEGRADED, FALLBACK))
    for marks in range(LATE + DEGRADED + FALLBACK + 1)
]


def decided(
    payment: str, seq: int, known_at_ms: int, verdict: Verdict, pause: Pause | None = None
) -> Decided:
    """The decision as it is told; ``pause`` as pauses.py says."""
    policy, marks = verdict.policy, verdict.marks
    return Decided(
        payment, seq, moment(known_at_ms), _words(policy).named,
        ACTIONS[verdict.action], verdict.score,
        bool(marks & LATE), bool(marks & DEGRADED), bool(marks & FALLBACK), _reasons(verdict),
        _warning(verdict.action, marks >> TOLD_SHIFT), pause,
    )  # fmt: skip


def decision(
    fact_id: str, seq: int, known_at_ms: int, verdict: Verdict, pause: bytes = NO_PAUSE
) -> bytes:
    """The bytes of ``decided``, put together from pieces that were made before; of a call, those of
    `CallJudged`.

    The id of a fact has no character that JSON would write in another way.
    """
    words, marks = _words(verdict.policy), verdict.marks
    if verdict.policy.judges is CALL:
        return (
            b'{"outcome":"judged","call":"%b","seq":%d,"known_at":"%b","policy":%b,"verdict":"%b",'
            b'"score":%d,%b,"reasons":[%b]}'
        ) % (
            fact_id.encode(), seq, moment(known_at_ms).encode(), words.policy,
            word_of(CALL, verdict.action).encode(), verdict.score,
            _FLAGS[marks & (LATE | DEGRADED | FALLBACK)],
            b",".join(words.reasons(verdict)),
        )  # fmt: skip
    return (
        b'{"outcome":"decided","payment":"%b","seq":%d,"known_at":"%b","policy":%b,"action":"%b",'
        b'"score":%d,%b,"reasons":[%b],"warning":%b,"pause":%b}'
    ) % (
        fact_id.encode(), seq, moment(known_at_ms).encode(), words.policy,
        _ACTIONS[verdict.action], verdict.score, _FLAGS[marks & (LATE | DEGRADED | FALLBACK)],
        b"" if not verdict.rules else b",".join(words.reasons(verdict)),
        _warning_bytes(verdict.action, marks >> TOLD_SHIFT), pause,
    )  # fmt: skip


def kept(fact: str, seq: int, known_at_ms: int) -> bytes:
    """The bytes of an answer about a fact that is not judged."""
    return b'{"outcome":"kept","fact":"%b","seq":%d,"known_at":"%b"}' % (
        fact.encode(), seq, moment(known_at_ms).encode(),
    )  # fmt: skip


@lru_cache(64)
def moment(ms: int) -> str:
    """An instant as RFC 3339 in UTC, to the millisecond."""
    return instant(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Words:
    """What is said of one policy, made once: its name and hash, and reasons by their values."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.named = PolicyNamed(policy.name, policy.hash)
        self.policy = _ENCODER.encode(self.named)
        self._reasons: dict[tuple[int, tuple[float, ...], int], bytes] = {}

    def of(self, policy: Policy) -> bool:
        """Whether these are that policy's."""
        return self._policy is policy

    def reasons(self, verdict: Verdict) -> list[bytes]:
        """The reasons of a verdict of this policy, each as JSON."""
        said: list[bytes] = []
        at = 0
        for place in verdict.rules:
            rule = self._policy.rules[place]
            values = verdict.values[at : at + len(rule.values)]
            at += len(rule.values)
            key = (place, values, verdict.currency)
            known = self._reasons.get(key)
            if known is None:
                if len(self._reasons) >= _REASONS_KEPT:
                    self._reasons.clear()
                known = _ENCODER.encode(_reason(rule, values, verdict))
                self._reasons[key] = known
            said.append(known)
        return said


def _words(policy: Policy) -> _Words:
    """A policy is known by being the same object: its hash takes a while."""
    words = _WORDS.get(id(policy))
    if words is None or not words.of(policy):
        if len(_WORDS) >= _POLICIES_KEPT:
            _WORDS.clear()
        words = _WORDS[id(policy)] = _Words(policy)
    return words


_WORDS: Final[dict[int, _Words]] = {}


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


@lru_cache(4096)
def _warning_bytes(action: int, groups: int) -> bytes:
    return _ENCODER.encode(_warning(action, groups))
