"""A policy as data: its rules, thresholds and features, and the canonical form its hash is of.

What policy/document.py makes of a TOML file and the engine applies. Frozen, and free of any clock,
disk or engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from arasha.events.schema import CALL, PAYMENT, Fact
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


WORDS: Final[Mapping[str, Mapping[str, Action]]] = {
    PAYMENT.word: {action: action for action in ACTIONS},
    CALL.word: {"mark": "warn", "refuse": "block"},
}
"""What a policy calls the actions, by the word of what it judges. One scale lies under all: a
marked call rings and the called person is told, as a warned payer is; a refused one does not ring,
as a blocked payment does not move. A call cannot be held: nothing on that step has a word."""


def word_of(judges: Fact, action: int) -> str:
    """The word for an action of the scale (0 allow, 1 warn, 2 hold, 3 block).

    >>> word_of(CALL, 0), word_of(CALL, 3), word_of(PAYMENT, 3)
    ('allow', 'refuse', 'block')
    """
    if action == 0:
        return "allow"
    meant = ACTIONS[action - 1]
    return next((word for word, one in WORDS[judges.word].items() if one == meant), meant)


Fallback = Literal["allow", "warn", "hold", "block"]
FALLBACKS: Final[tuple[Fallback, ...]] = get_args(Fallback)
"""What a policy can declare for a payment that there is no time to judge."""


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


CalibrationKind = Literal["isotonic", "platt"]
CALIBRATIONS: Final[tuple[CalibrationKind, ...]] = get_args(CalibrationKind)
"""How the sum of a model's trees becomes a probability (policy/model.py)."""

Group = Literal[
    "new_payee", "amount_habit", "payee_reports", "pace", "calls", "device", "flow", "time", "other"
]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
"""What people understand a feature to be about; a model's reasons are told by these."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Isotonic: knots ``raw``, strictly ascending, and the ``probability`` at each. Platt: the
    ``slope`` and ``intercept`` of the log odds.
    """

    kind: CalibrationKind
    raw: tuple[float, ...] = ()
    probability: tuple[float, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelPart:
    """The model of a policy: its file, the SHA-256 of that file, its features in order.

    ``fallback`` says what judges when the file is not there or is not the one: ``"rules"``, or None
    (the policy does not load). ``text`` is what the file holds; None when the fallback applies.
    """

    file: str
    hash: str
    features: tuple[str, ...]
    calibration: Calibration
    fallback: Literal["rules"] | None
    text: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that compiled.

    ``fallback`` is what is done about a payment that cannot be judged in time; None: it gets no
    verdict. ``features`` stand in an order in which each comes after those it uses;
    ``feature_texts`` are names for people, where given, ``groups`` what they are about; ``keep``
    are features kept for a model, which need not be here yet.
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
    model: ModelPart | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    fallback: Fallback | None = None

    @property
    def degraded(self) -> bool:
        """Whether a part is missing and the declared fallback judges."""
        return self.model is not None and self.model.text is None

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
    names for people, features kept, rules in their order, and if there is one the model by the hash
    of its file, what its features are about, and the fallback if one is declared. Not in it:
    comments, layout, the order of features, the policy's own name, where it, its mapping and its
    model stand, and whether the model was found.
    """

    def texts(by_language: Mapping[Language, str]) -> list[str]:
        return [by_language[language] for language in LANGUAGES]

    thresholds = policy.thresholds
    content: list[object] = [
        ["arasha policy", CANONICAL_VERSION, policy.judges.word, policy.utc_offset_ms],
        [thresholds.warn, thresholds.hold, thresholds.block],
        [[name, write(policy.features[name])] for name in sorted(policy.features)],
        [[name, *texts(policy.feature_texts[name])] for name in sorted(policy.feature_texts)],
        sorted(policy.keep),
        [[r.name, write(r.when), r.action, r.points, *texts(r.texts)] for r in policy.rules],
    ]
    model = policy.model
    if model is not None:
        how = model.calibration
        content += [
            [model.hash, list(model.features), model.fallback],
            [how.kind, how.raw, how.probability, how.slope, how.intercept],
        ]
    if policy.groups:
        content.append([[name, policy.groups[name]] for name in sorted(policy.groups)])
    if policy.fallback is not None:
        content.append(["fallback", policy.fallback])
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
