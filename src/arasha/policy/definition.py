"""A policy as data: its rules, thresholds and features, and the canonical form its hash is of.

What policy/document.py makes of a TOML file and the engine applies. Frozen, and free of any clock,
disk or engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from arasha.events.schema import Fact
from arasha.features.expressions import Expression, ValueType
from arasha.features.language_terms import Symbol, field_term
from arasha.features.language_text import write
from arasha.policy.texts import LANGUAGES, Language

MAX_SCORE: Final = 1_000
"""Largest score of a decision, points; also of a rule's points and of a threshold."""

CANONICAL_VERSION: Final = 1
"""Version of the canonical form a policy's hash is of."""

Action = Literal["warn", "hold", "block"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""What a rule or a threshold can ask for, mildest first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: when it fires, what it does, and why in three languages.

    ``action`` is None for a rule that only adds points. ``values`` are the features and fields the
    texts name, in order of first use (kk, then ru, then en).
    """

    name: str
    when: Expression
    action: Action | None
    points: int
    texts: Mapping[Language, str]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score at which each action is reached; None where the score alone never is."""

    warn: int | None = None
    hold: int | None = None
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that compiled.

    ``features`` stand in an order in which each comes after those it uses; ``feature_texts`` are
    names for people, where given; ``keep`` are features kept for a model.
    """

    name: str
    judges: Fact
    mapping: Path | None
    utc_offset_ms: int
    features: Mapping[str, Expression]
    feature_texts: Mapping[str, Mapping[Language, str]]
    keep: tuple[str, ...]
    rules: tuple[Rule, ...]
    thresholds: Thresholds
    source: Path

    @property
    def hash(self) -> str:
        """The policy's version: SHA-256 of its canonical form, 64 hexadecimal digits."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()

    def type_of(self, name: str) -> ValueType:
        """The type of a feature, or of a field of the judged fact. KeyError if it is neither."""
        expression = self.features.get(name)
        if expression is not None:
            return expression.type
        found = self.judges.field(name)
        term = None if found is None else field_term(found)
        if term is None or isinstance(term, Symbol):
            raise KeyError(name)
        return term.type


def canonical(policy: Policy) -> str:
    """All of a policy that can alter a decision or a text, in one form; its hash is of this.

    In it: what is judged, the UTC offset, thresholds, features by name in their canonical text,
    names for people, features kept, rules in their order. Not in it: comments, layout, the order
    of features, the policy's own name, where it and its mapping stand.
    """

    def texts(by_language: Mapping[Language, str]) -> list[str]:
        return [by_language[language] for language in LANGUAGES]

    thresholds = policy.thresholds
    content = [
        ["arasha policy", CANONICAL_VERSION, policy.judges.word, policy.utc_offset_ms],
        [thresholds.warn, thresholds.hold, thresholds.block],
        [[name, write(policy.features[name])] for name in sorted(policy.features)],
        [[name, *texts(policy.feature_texts[name])] for name in sorted(policy.feature_texts)],
        sorted(policy.keep),
        [[r.name, write(r.when), r.action, r.points, *texts(r.texts)] for r in policy.rules],
    ]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
