"""The policies that benchmarks run.

The promises of ``arasha bench engine`` are of rules and windows alone; what a model adds has a row
of its own. So the shipped policy is taken without its model and without what only that looks at.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from arasha.features.expressions import Expression, FeatureValue
from arasha.policy import document
from arasha.policy.definition import Policy


def rules_alone(path: Path) -> Policy:
    """The policy of a file without its model: its rules and the features they rest on."""
    policy = document.load(path)
    wanted = [name for rule in policy.rules for name in (*rule.values, *_named(rule.when))]
    needed = set[str]()
    while wanted:
        name = wanted.pop()
        if name in policy.features and name not in needed:
            needed.add(name)
            wanted += _named(policy.features[name])
    return replace(
        policy, model=None, keep=(), groups={},
        features={n: e for n, e in policy.features.items() if n in needed},
        feature_texts={n: t for n, t in policy.feature_texts.items() if n in needed},
    )  # fmt: skip


def _named(expression: Expression) -> list[str]:
    """The features an expression uses."""
    if isinstance(expression, FeatureValue):
        return [expression.name]
    found, parts = [], [getattr(expression, f.name) for f in fields(expression)]
    while parts:
        part = parts.pop()
        if isinstance(part, tuple):
            parts += part
        elif isinstance(part, FeatureValue):
            found.append(part.name)
        elif is_dataclass(part):
            parts += [getattr(part, f.name) for f in fields(part)]
    return found
