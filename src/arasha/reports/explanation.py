"""Why one payment was decided as it was: for a person, and for a machine.

A decision with its fired rules, their texts (already written in each language by policy/texts.py)
and the values of the features they name come in; plain text, JSON and a rendering for the terminal
go out. It says which thresholds the score reached, and hides nothing that made the decision
uncertain: a late payment, a degraded part, a value that was missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from arasha.engine.judgements import Action
from arasha.features.expressions import Unit, ValueType
from arasha.policy.texts import LANGUAGES, NO_BREAK, Language, format_value
from arasha.reports import figures

_WORDS: Final = {
    Action.ALLOW: "allowed",
    Action.WARN: "the payer is warned",
    Action.HOLD: "held",
    Action.BLOCK: "blocked",
}
_SHAPES: Final = {Action.ALLOW: "○", Action.WARN: "△", Action.HOLD: "■", Action.BLOCK: "◆"}


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that fired: its points, its own action if it has one, its text by language."""

    name: str
    points: int
    action: Action | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelReasons:
    """What a model said: its probability; by language a line for each group of features, for the
    analyst, and what the person concerned is told.
    """

    probability: float
    groups: tuple[tuple[str, float], ...]
    analyst: Mapping[str, tuple[str, ...]]
    person: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision and what it rests on.

    ``thresholds`` are the scores from which an action is taken; ``features`` name → (value, type),
    NaN or None where missing; ``currency`` is the payment's (ISO 4217 numeric), that of every
    money value.
    """

    payment: str
    seq: int
    action: Action
    score: int
    currency: int
    rules: tuple[FiredRule, ...]
    thresholds: Mapping[Action, int] = field(default_factory=dict)
    features: Mapping[str, tuple[float | None, ValueType]] = field(default_factory=dict)
    late: bool = False
    degraded: bool = False
    fallback: bool = False
    policy: str = ""
    utc_offset_ms: int = 0
    model: ModelReasons | None = None


def plain(one: Explanation, language: str = "en") -> str:
    """The explanation as text, a thing a line; reasons in that language."""
    out = [_headline(one), f"score {one.score}{_reached(one)}"]
    out += [f"- {_reason(rule, language)}  [{_weight(rule)}]" for rule in one.rules]
    if not one.rules:
        out.append("- no rule fired")
    if one.model is not None:
        out.append(_said(one.model))
        out += [f"- {line}" for line in one.model.analyst.get(language, ())]
        out += [f"> {line}" for line in one.model.person.get(language, ())]
    out += [f"  {name} = {value(one, name)}" for name in one.features]
    out += _marks(one)
    return "\n".join(out) + "\n"


def as_json(one: Explanation) -> str:
    """The explanation as one JSON object, texts in every language they have."""
    data = {
        "payment": one.payment,
        "seq": one.seq,
        "policy": one.policy,
        "action": one.action.name.lower(),
        "score": one.score,
        "thresholds": {action.name.lower(): score for action, score in one.thresholds.items()},
        "rules": [
            {
                "name": rule.name,
                "points": rule.points,
                "action": None if rule.action is None else rule.action.name.lower(),
                "texts": dict(rule.texts),
            }
            for rule in one.rules
        ],
        "features": {
            name: {
                "value": None if _missing(number) else number,
                "unit": kind.unit.value,
                "text": value(one, name),
            }
            for name, (number, kind) in one.features.items()
        },
        "model": None
        if one.model is None
        else {
            "probability": one.model.probability,
            "groups": [{"group": name, "log_odds": by} for name, by in one.model.groups],
            "analyst": {each: list(lines) for each, lines in one.model.analyst.items()},
            "person": {each: list(lines) for each, lines in one.model.person.items()},
        },
        "late": one.late,
        "degraded": one.degraded,
        "fallback": one.fallback,
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def rich(one: Explanation, *languages: Language) -> RenderableType:
    """The explanation for the terminal, in these languages (English if none is named).

    Texts are printed as they are, never read as markup.
    """
    told = languages or ("en",)
    strong = {Action.WARN: "yellow", Action.HOLD: "bold yellow", Action.BLOCK: "bold red"}
    parts: list[RenderableType] = [
        Text(_headline(one), strong.get(one.action, "green")),
        Text(f"score {one.score}{_reached(one)}", "dim"),
        Text(),
        _reasons(one, told) if one.rules else Text("no rule fired"),
    ]
    if one.model is not None:
        parts += [Text(), Text(_said(one.model)), _moved(one.model, told)]
    if one.features:
        parts += [Text(), _values(one, told)]
    parts += [Text(mark, "yellow") for mark in _marks(one)]
    return Group(*parts)


def _reasons(one: Explanation, languages: Sequence[Language]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("rule", "weight", "", "reason"):
        table.add_column(column, overflow="fold")
    for rule in one.rules:
        name, weight = Text(rule.name), Text(_weight(rule))
        for language in languages:
            table.add_row(name, weight, Text(language, "dim"), Text(_reason(rule, language)))
            name, weight = Text(), Text()
    return table


def _moved(model: ModelReasons, languages: Sequence[Language]) -> Table:
    """What moved the model for the analyst, then what the person concerned is told."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("for", "", "reason"):
        table.add_column(column, overflow="fold")
    for level, texts in (("the analyst", model.analyst), ("the person", model.person)):
        for language in languages:
            for line in texts.get(language, ()):
                table.add_row(Text(level), Text(language, "dim"), Text(line.replace(NO_BREAK, " ")))
    return table


def _said(model: ModelReasons) -> str:
    return f"the model gives a probability of {model.probability:.1%}"


def _values(one: Explanation, languages: Sequence[Language]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("feature", overflow="fold")
    for language in languages:
        table.add_column(language, justify="right", overflow="fold")
    for name in one.features:
        table.add_row(Text(name), *(Text(value_in(one, name, each)) for each in languages))
    return table


def value_in(one: Explanation, name: str, language: Language) -> str:
    """The value of a feature as the reasons of that language write it, with plain spaces."""
    number, kind = one.features[name]
    words = format_value(number, kind, language, one.currency, one.utc_offset_ms)
    return words.replace(NO_BREAK, " ")


def value(one: Explanation, name: str) -> str:
    """The value of a feature in its unit; "unknown" where it is missing."""
    number, kind = one.features[name]
    if number is None or isnan(number):
        return "unknown"
    if kind.form == "bool":
        return "yes" if number else "no"
    match kind.unit:
        case Unit.MONEY:
            return figures.money(round(number), one.currency)
        case Unit.DURATION:
            return figures.duration(number)
        case Unit.INSTANT:
            shown = figures.moment(int(number), one.utc_offset_ms)
            return f"{shown} {figures.offset(one.utc_offset_ms)}"
        case Unit.CURRENCY:
            return figures.currency_code(int(number))
        case Unit.CATEGORY:
            at = int(number)
            known = 0 <= at < len(kind.categories)
            return kind.categories[at] if known else f"category {at}"
        case Unit.NONE:
            return figures.count(int(number)) if kind.form == "int" else f"{number:,.6g}"


def _missing(number: float | None) -> bool:
    return number is None or isnan(number)


def _headline(one: Explanation) -> str:
    policy = f" by {one.policy}" if one.policy else ""
    shape, words = _SHAPES[one.action], _WORDS[one.action]
    name = one.action.name.lower()
    return f"{shape} {name}: payment {one.payment} (entry {one.seq}) {words}{policy}"


def _reached(one: Explanation) -> str:
    """The thresholds, and which of them the score reached."""
    if not one.thresholds:
        return ""
    listed = ", ".join(
        f"{action.name.lower()} from {score}{' (reached)' if one.score >= score else ''}"
        for action, score in sorted(one.thresholds.items())
    )
    return f" ({listed})" if listed else ""


def _reason(rule: FiredRule, language: str) -> str:
    """The rule's text, in another language if not in this one, else its name."""
    for wanted in (language, *LANGUAGES):
        if rule.texts.get(wanted):
            return rule.texts[wanted]
    return rule.name


def _weight(rule: FiredRule) -> str:
    parts = [f"{rule.points:+d} points"] if rule.points else []
    if rule.action is not None:
        parts.append(rule.action.name.lower())
    return ", ".join(parts) or "no weight"


def _marks(one: Explanation) -> list[str]:
    marks = []
    if one.late:
        marks.append("! late: it happened before the log's time, windows count from when it came")
    if one.degraded:
        marks.append("! degraded: a part was missing, the policy's declared fallback applied")
    if one.fallback:
        marks.append("! fallback: no time to judge it, the policy's declared action applied")
    return marks
