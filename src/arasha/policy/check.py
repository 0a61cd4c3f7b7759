"""Static checks over a whole policy: what its parts, each right by itself, cannot show.

After every expression was typed. In come the features and rules that are right; out go errors
(features in a ring) and warnings: features nobody uses, rules that can never fire or always do,
rules that say the same twice, thresholds out of reach. A warning here is a proof
(policy/ranges.py); there are no guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arasha.events.schema import PAYMENT, Fact
from arasha.features.expressions import Expression
from arasha.features.language_syntax import shorten
from arasha.features.language_text import write
from arasha.policy.definition import WORDS, Rule, Thresholds
from arasha.policy.diagnostics import Faults
from arasha.policy.located import Path
from arasha.policy.ranges import Reasoner

_FORBIDDEN: Final = {
    "ethnicity or origin": "ethnic ethnicity ethnos race racial nationality tribe zhuz caste "
    "skin citizenship migrant immigrant refugee",
    "religion": "religion religious faith mosque church muslim islam christian jewish atheist",
    "politics": "politics political opposition activist dissident protest voter ballot",
    "health": "health disease illness diagnosis disability disabled pregnant pregnancy hiv medical",
    "place of birth": "birthplace birth born hometown",
    "faces, plates or voices": "face facial plate plates voice voiceprint biometric biometrics "
    "fingerprint iris gait",
    "where people go": "location geolocation gps latitude longitude whereabouts",
    "what people say": "transcript conversation",
    "who will offend": "criminality offender recidivism convict",
    "who people are": "gender sex sexual orientation surname",
}
"""What no feature and no rule may be about (DESIGN.md), and the words that give it away."""

_REASON_OF_WORD: Final = {
    word: reason for reason, words in _FORBIDDEN.items() for word in words.split()
}


_BETWEEN_WORDS: Final = re.compile(r"[_0-9]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A feature before its expression is checked: its text, its place, the names it uses."""

    text: str
    path: Path
    names: tuple[str, ...]


def forbidden(name: str) -> str | None:
    """What a feature's or rule's name says it is about, if that is forbidden: by whole words, in
    the plural and with a number behind, too.

    >>> forbidden("payer_ethnicity_share")
    'ethnicity or origin'
    """
    words = [word for word in _BETWEEN_WORDS.split(name) if word]
    forms = [form for word in words for form in (word, *_singulars(word))]
    return next((_REASON_OF_WORD[form] for form in forms if form in _REASON_OF_WORD), None)


def _singulars(word: str) -> tuple[str, ...]:
    """What a word may be the plural of."""
    return tuple(
        word.removesuffix(ending) + instead
        for ending, instead in (("ies", "y"), ("es", ""), ("s", ""))
        if word.endswith(ending)
    )


def order_features(
    drafts: Mapping[str, Draft],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The features, each after those it uses, and the rings among them.

    In document order where use does not decide. Each ring is given once, from its first feature on;
    its features stand in the order, too.
    """
    needs = {
        name: [other for other in draft.names if other in drafts] for name, draft in drafts.items()
    }
    order: list[str] = []
    rings: list[tuple[str, ...]] = []
    done: set[str] = set()
    for root in drafts:
        trail: list[str] = []  # the way down to the feature at hand, without recursion
        while root not in done:
            name = trail[-1] if trail else root
            if not trail:
                trail.append(name)
            need = next((other for other in needs[name] if other not in done), None)
            if need is None:
                done.add(name)
                order.append(name)
                trail.pop()
            elif need in trail:
                ring = trail[trail.index(need) :]
                first = min(range(len(ring)), key=lambda i: list(drafts).index(ring[i]))
                rings.append((*ring[first:], *ring[:first]))
                needs[name] = [other for other in needs[name] if other != need]
            else:
                trail.append(need)
    return tuple(order), tuple(dict.fromkeys(rings))


def check_policy(
    faults: Faults,
    drafts: Mapping[str, Draft],
    features: Mapping[str, Expression],
    rules: Sequence[Rule],
    thresholds: Thresholds,
    uses: set[str],
    *,
    has_model: bool = False,
    judged: Fact = PAYMENT,
) -> None:
    """Add the warnings about the whole. ``uses`` are the names used by rules, texts, `keep` and the
    model, whose points can reach any threshold.
    """
    _unused(faults, drafts, features, uses)
    reasoner = Reasoner(features)
    same: dict[Expression, str] = {}
    for rule in rules:
        path: Path = ("rules", rule.name, "when")
        if reasoner.never_true(rule.when):
            faults.add(
                faults.locator.value(path),
                "unreachable-rule",
                f"the rule '{rule.name}' can never fire",
                severity="warning",
                expected=f"a condition that some {judged.word} meets",
                found=_why_never(reasoner.contradiction(rule.when), judged.word),
            )
        elif reasoner.always_true(rule.when):
            faults.add(
                faults.locator.value(path),
                "always-fires",
                f"the rule '{rule.name}' fires on every {judged.word}",
                severity="warning",
                expected=f"a condition that some {judged.word} does not meet",
            )
        _same_again(faults, rule, same)
        if rule.action is None and rule.points == 0:
            what = f"the rule '{rule.name}' changes no decision"
            expected = f"points above 0, or an action ({', '.join(WORDS[judged.word])})"
            faults.warn(("rules", rule.name), "no-effect", what, expected=expected)
    if not has_model:
        _out_of_reach(faults, rules, thresholds, judged)


def _why_never(parts: tuple[Expression, ...], judged: str) -> str:
    texts = [shorten(write(part)) for part in parts]
    if len(texts) == 1:
        return f"{texts[0]}, which no {judged} meets"
    return f"{texts[0]} and {texts[1]}, which no {judged} meets at once"


def _unused(
    faults: Faults,
    drafts: Mapping[str, Draft],
    features: Mapping[str, Expression],
    uses: set[str],
) -> None:
    """Warn of features that are right, but that no rule, text, kept or used feature uses."""
    used: set[str] = set()
    queue = [name for name in uses if name in drafts]
    while queue:
        name = queue.pop()
        if name not in used:
            used.add(name)
            queue.extend(other for other in drafts[name].names if other in drafts)
    for name in drafts:
        if name not in used and name in features:
            what = f"the feature '{name}' is used nowhere"
            hint = "remove it, or keep it for a model: [policy] keep = [...]"
            faults.warn(("features", name), "unused-feature", what, hint=hint)


def _same_again(faults: Faults, rule: Rule, same: dict[Expression, str]) -> None:
    """Warn of a rule whose condition an earlier rule has."""
    first = same.setdefault(rule.when, rule.name)
    if first != rule.name:
        faults.add(
            faults.locator.value(("rules", rule.name, "when")),
            "duplicate-rule",
            f"the rules '{first}' and '{rule.name}' have the same condition",
            severity="warning",
            hint="make them one rule: both always fire together, and their points add up",
        )


def _out_of_reach(
    faults: Faults, rules: Sequence[Rule], thresholds: Thresholds, judged: Fact
) -> None:
    """Warn of thresholds above the sum of all points."""
    most = sum(rule.points for rule in rules)
    scores = {"warn": thresholds.warn, "hold": thresholds.hold, "block": thresholds.block}
    for word, action in WORDS[judged.word].items():
        score = scores[action]
        if score is not None and 0 < most < score and not faults.has_errors:
            faults.warn(
                ("thresholds", word),
                "threshold-out-of-reach",
                f"no score reaches the threshold of '{word}'",
                expected=f"at most {most}, the points of all rules together",
                found=f"{score}",
            )
