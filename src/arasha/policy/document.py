"""From a TOML document to a Policy, or to every fault of it with its place.

*Judged* begins here. In comes a file; out goes a frozen Policy whose every expression is typed and
whose hash is its version (policy/definition.py), or diagnostics. Nothing here runs a policy:
features/program.py compiles the expressions, engine/decide.py applies the rules.

::

    text --located--> values with places --> features, in the order of need --> rules --> Policy
                                             each fault a Diagnostic         check over the whole
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Final

from arasha.errors import Diagnostic, Place, PolicyError
from arasha.events.schema import FACTS, JUDGED, PAYMENT, Fact
from arasha.features.expressions import BOOL, Expression
from arasha.features.language import Problem, Scope, names_in, near, parse, reserved
from arasha.features.language_syntax import shorten
from arasha.features.language_terms import name_type
from arasha.features.literals import Malformed, read_currency
from arasha.policy.check import Draft, check_policy, forbidden, order_features
from arasha.policy.definition import (
    GROUPS,
    WORDS,
    Action,
    Fallback,
    Group,
    ModelPart,
    Policy,
    Rule,
    Thresholds,
    canonical,
)
from arasha.policy.diagnostics import Faults, render_all, summary
from arasha.policy.kinds import check_kinds
from arasha.policy.located import Locator, NotToml, Path, read_toml
from arasha.policy.model_document import ModelReader
from arasha.policy.shapes import Shapes, Table
from arasha.policy.texts import Language
from arasha.policy.translations import Translations

__all__ = ["Policy", "Rule", "Thresholds", "canonical", "check", "load"]

MAX_POLICY_BYTES: Final = 1_048_576
"""Largest policy file."""

MAX_FEATURES: Final = 512
"""Most features of a policy."""

MAX_RULES: Final = 256
"""Most rules of a policy."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_OFFSET: Final = re.compile(r"([+-])(\d\d):([0-5]\d)")
_MAX_OFFSET_MS: Final = 14 * 3_600_000
_TABLES: Final = ("policy", "features", "model", "thresholds", "rules")
_POLICY_KEYS: Final = ("name", "judges", "mapping", "utc_offset", "default_currency", "keep",
                       "fallback")  # fmt: skip
_RULE_KEYS: Final = ("when", "action", "points", "text")


def load(path: FilePath | str, *, model: bytes | None = None) -> Policy:
    """The policy of a file. PolicyError, with every diagnostic, if it has errors.

    ``model`` is what the file that [model] names holds, where it stands elsewhere (in a log).
    """
    policy, diagnostics = _read(FilePath(path), model)
    if policy is None:
        raise PolicyError(
            f"the policy does not compile: {summary(diagnostics)}\n\n{render_all(diagnostics)}",
            where=Place(str(path)),
            diagnostics=diagnostics,
        )
    return policy


def check(path: FilePath | str) -> list[Diagnostic]:
    """Every error and warning of a file, in the order of its lines."""
    return list(_read(FilePath(path))[1])


def _read(
    path: FilePath, model: bytes | None = None
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """The policy, or None if there are errors; and every diagnostic."""
    faults = Faults(path.as_posix(), Locator(""))
    text = _text(path, faults)
    if text is None:
        return None, faults.sorted()
    faults.locator = Locator(text)
    read = read_toml(text)
    if isinstance(read, NotToml):
        span = (read.offset, read.offset + 1)
        faults.add(span, "toml", "the file is not valid TOML", found=read.message)
        return None, faults.sorted()
    values, faults.locator = read
    policy = _Reader(path, values, faults, model).policy()
    return (None if faults.has_errors else policy), faults.sorted()


def _text(path: FilePath, faults: Faults) -> str | None:
    """The file's text with plain newlines."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        faults.add(None, "file", "the file cannot be read", found=error.strerror or str(error))
        return None
    if len(content) > MAX_POLICY_BYTES:
        expected = f"at most {MAX_POLICY_BYTES} bytes"
        faults.add(None, "file", "the file is too large", expected=expected)
        return None
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        found = f"another byte in line {content[: error.start].count(10) + 1}"
        faults.add(None, "file", "the file is not a text", expected="UTF-8", found=found)
        return None


@dataclass(slots=True)
class _Reader:
    """Reads one document; what is wrong goes to ``faults`` and is left out."""

    path: FilePath
    values: Table
    faults: Faults
    model: bytes | None = None
    judged: Fact = PAYMENT
    scope: Scope = field(default_factory=Scope)
    features: dict[str, Expression | None] = field(default_factory=dict)

    @property
    def shapes(self) -> Shapes:
        """Checks of the values' kinds."""
        return Shapes(self.faults)

    @property
    def words(self) -> Mapping[str, Action]:
        """What actions are called where this is judged, mildest first."""
        return WORDS[self.judged.word]

    @property
    def translations(self) -> Translations:
        """Reads the texts, knowing the features so far."""
        return Translations(self.faults, self.judged, self.features)

    def policy(self) -> Policy | None:
        """The policy, or None if there is an error."""
        self.shapes.only(self.values, (), _TABLES)
        name, mapping, keep = self._head()
        fallback = self._fallback()
        drafts, feature_texts, groups = self._drafts()
        self._features(drafts)
        for i, kept in enumerate(keep):
            if kept not in drafts:
                hint = near(kept, tuple(drafts))
                what = f"unknown feature '{kept}'"
                self.faults.value(("policy", "keep", i), "unknown-name", what, hint=hint)
        thresholds = self._thresholds()
        rules, uses = self._rules()
        good = {n: expression for n, expression in self.features.items() if expression is not None}
        model = self._model()
        inputs = () if model is None else model.features
        check_policy(
            self.faults, drafts, good, rules, thresholds, {*uses, *keep, *inputs},
            has_model="model" in self.values, judged=self.judged,
        )  # fmt: skip
        check_kinds(self.faults, self.judged, drafts, good, rules)
        if self.faults.has_errors:
            return None
        return Policy(
            name, self.judged, mapping, self.scope.utc_offset_ms, good, feature_texts, keep, rules,
            thresholds, self.path, model, groups, fallback,
        )  # fmt: skip

    def _name(self, path: Path, what: str) -> bool:
        """Whether the last key of the path can be the name of a feature or a rule."""
        name = str(path[-1])
        if _NAME.fullmatch(name) is None:
            self.faults.key(
                path,
                "bad-name",
                f"this cannot be the name of a {what}",
                expected="a small Latin letter, then small letters, digits and _, at most 64",
                found=shorten(name),
            )
            return False
        reason = forbidden(name)
        if reason is not None:
            self.faults.key(
                path,
                "forbidden",
                f"a {what} about {reason} is not possible in Arasha",
                expected="payments, accounts, numbers, devices and calls",
                found=name,
                hint="no fact holds it, and a stand-in for it is not allowed either",
            )
        return reason is None

    # The table policy

    def _head(self) -> tuple[str, FilePath | None, tuple[str, ...]]:
        if "policy" not in self.values:
            self.faults.add(
                None, "missing-key", "the document has no [policy]",
                expected='[policy] with a name: name = "..."',
            )  # fmt: skip
        table = self.shapes.table(("policy",), self.values.get("policy", {}))
        self.shapes.only(table, ("policy",), _POLICY_KEYS)
        name = self.shapes.string(("policy", "name"), table["name"]) if "name" in table else None
        if "policy" in self.values and "name" not in table:
            what = "a policy needs a name"
            self.faults.key(("policy",), "missing-key", what, expected='name = "..."')
        self._judges(table)
        self.scope = Scope(self.judged, {}, self._offset(table), self._currency(table))
        mapping: FilePath | None = None
        if "mapping" in table:
            written = self.shapes.string(("policy", "mapping"), table["mapping"])
            if written is not None and "\0" not in written:
                mapping = (self.path.parent / written).resolve()
        return name or "", mapping, self._keep(table)

    def _judges(self, table: Table) -> None:
        path: Path = ("policy", "judges")
        word = self.shapes.string(path, table.get("judges", "payment"))
        words = [fact.word for fact in JUDGED]
        if word is not None and word not in words:
            self.faults.value(
                path,
                "unknown-name",
                f"a policy cannot judge '{word}'",
                expected=" or ".join(f'"{judged}"' for judged in words),
                hint=near(word, words),
            )
        elif word is not None:
            self.judged = FACTS[word]

    def _offset(self, table: Table) -> int:
        path: Path = ("policy", "utc_offset")
        written = self.shapes.string(path, table.get("utc_offset", "+00:00"))
        if written is None:
            return 0
        match = _OFFSET.fullmatch(written)
        offset_ms = 0 if match is None else (int(match[2]) * 60 + int(match[3])) * 60_000
        if match is None or offset_ms > _MAX_OFFSET_MS:
            self.faults.value(
                path,
                "bad-literal",
                "this is not an offset from UTC",
                expected='hours and minutes such as "+05:00", at most 14 hours',
                found=shorten(written),
            )
            return 0
        return -offset_ms if match[1] == "-" else offset_ms

    def _currency(self, table: Table) -> str | None:
        path: Path = ("policy", "default_currency")
        if "default_currency" not in table:
            return None
        word = self.shapes.string(path, table["default_currency"])
        code = None if word is None else read_currency(word)
        if isinstance(code, Malformed):
            self.faults.value(
                path, "bad-literal", code.what, expected=code.expected, hint=code.hint
            )
            return None
        return word

    def _fallback(self) -> Fallback | None:
        table = self.values.get("policy")
        if not isinstance(table, dict) or "fallback" not in table:
            return None
        path: Path = ("policy", "fallback")
        word = self.shapes.string(path, table["fallback"])
        known: dict[str, Fallback] = {"allow": "allow", **self.words}
        if word is not None and word in known:
            return known[word]
        if word is not None:
            self.faults.value(
                path, "unknown-name", f"there is no fallback '{shorten(word)}'",
                expected=" or ".join(f'"{one}"' for one in known), hint=near(word, tuple(known)),
            )  # fmt: skip
        return None

    def _keep(self, table: Table) -> tuple[str, ...]:
        path: Path = ("policy", "keep")
        kept = table.get("keep", [])
        if not isinstance(kept, list) or not all(isinstance(name, str) for name in kept):
            self.shapes.wrong(path, "a list of features' names", kept)
            return ()
        return tuple(kept)

    # The table features

    def _drafts(
        self,
    ) -> tuple[dict[str, Draft], dict[str, dict[Language, str]], dict[str, Group]]:
        """The features' texts, names for people and groups by name; those with an impossible name
        left out.
        """
        table = self.shapes.table(("features",), self.values.get("features", {}))
        drafts: dict[str, Draft] = {}
        texts: dict[str, dict[Language, str]] = {}
        groups: dict[str, Group] = {}
        if len(table) > MAX_FEATURES:
            what = "the policy has too many features"
            expected, found = f"at most {MAX_FEATURES}", f"{len(table)}"
            self.faults.key(("features",), "limit", what, expected=expected, found=found)
            return drafts, texts, groups
        for name, value in table.items():
            path: Path = ("features", name)
            if not self._name(path, "feature"):
                continue
            taken = reserved(name, self.judged)
            if taken is not None:
                what = f"'{name}' is {taken} already"
                self.faults.key(path, "bad-name", what, expected="a name that is free")
                continue
            if isinstance(value, dict):
                self.shapes.only(value, path, ("expression", "text", "group"))
                group = self._group((*path, "group"), value["group"]) if "group" in value else None
                groups |= {} if group is None else {name: group}
                if "text" in value:
                    texts[name] = self.translations.read(
                        (*path, "text"), value["text"], "the feature's name"
                    )
                if "expression" not in value:
                    what = f"the feature '{name}' has no expression"
                    self.faults.key(path, "missing-key", what, expected="expression = '...'")
                    self.features[name] = None
                    drafts[name] = Draft("", path, ())
                    continue
                path = (*path, "expression")
            written = value["expression"] if isinstance(value, dict) else value
            text = self.shapes.string(path, written)
            drafts[name] = Draft(text or "", path, () if text is None else names_in(text))
            if text is None:
                self.features[name] = None
        return drafts, texts, groups

    def _group(self, path: Path, value: object) -> Group | None:
        word = self.shapes.string(path, value)
        for group in GROUPS:
            if word == group:
                return group
        if word is not None:
            self.faults.value(
                path, "unknown-name", f"there is no group '{shorten(word)}'",
                expected=", ".join(f'"{group}"' for group in GROUPS), hint=near(word, GROUPS),
            )  # fmt: skip
        return None

    # The table model

    def _model(self) -> ModelPart | None:
        if "model" not in self.values:
            return None
        reader = ModelReader(self.faults, self.features, self.path.parent, self.model)
        return reader.read(self.values["model"])

    def _features(self, drafts: dict[str, Draft]) -> None:
        """Check the features, each after those it uses."""
        order, rings = order_features(drafts)
        for ring in rings:
            path = ("features", ring[0])
            self.faults.add(
                self.faults.locator.key(path),
                "cycle",
                "features depend on each other in a ring",
                expected="each feature uses only features that do not lead back to it",
                found=" -> ".join([*ring, ring[0]]),
            )
        in_ring = {name for ring in rings for name in ring}
        for name in order:
            if name in in_ring or name in self.features:
                self.features[name] = None
                continue
            draft = drafts[name]
            types = {n: None if e is None else e.type for n, e in self.features.items()}
            self.scope = Scope(
                self.judged, types, self.scope.utc_offset_ms, self.scope.default_currency
            )
            self.features[name] = self._expression(draft.path, draft.text)

    def _expression(self, path: Path, text: str) -> Expression | None:
        parsed = parse(text, self.scope)
        if not isinstance(parsed, tuple):
            return parsed
        for problem in parsed:
            self.faults.problem(path, problem)
        return None

    # The table thresholds

    def _thresholds(self) -> Thresholds:
        path: Path = ("thresholds",)
        table = self.shapes.table(path, self.values.get("thresholds", {}))
        self.shapes.only(table, path, tuple(self.words))
        read: dict[str, int | None] = {
            word: self.shapes.points((*path, word), table[word]) if word in table else None
            for word in self.words
        }
        given = [(word, score) for word, score in read.items() if score is not None]
        for (milder, low), (stronger, high) in pairwise(given):
            if low > high:
                self.faults.value(
                    (*path, stronger),
                    "range",
                    f"the threshold of '{stronger}' is below that of '{milder}'",
                    expected=f"at least {low}",
                    found=f"{high}",
                )
        return Thresholds(**{self.words[word]: score for word, score in read.items()})

    # The table rules

    def _rules(self) -> tuple[tuple[Rule, ...], set[str]]:
        """The rules that are right, and every name that any rule uses."""
        table = self.shapes.table(("rules",), self.values.get("rules", {}))
        if len(table) > MAX_RULES:
            what = "the policy has too many rules"
            expected, found = f"at most {MAX_RULES}", f"{len(table)}"
            self.faults.key(("rules",), "limit", what, expected=expected, found=found)
            return (), set()
        types = {n: None if e is None else e.type for n, e in self.features.items()}
        self.scope = Scope(
            self.judged, types, self.scope.utc_offset_ms, self.scope.default_currency
        )
        uses: set[str] = set()
        rules = [self._rule(name, value, uses) for name, value in table.items()]
        return tuple(rule for rule in rules if rule is not None), uses

    def _rule(self, name: str, value: object, uses: set[str]) -> Rule | None:
        path: Path = ("rules", name)
        is_named = self._name(path, "rule")
        table = self.shapes.table(path, value)
        if not isinstance(value, dict):
            return None
        self.shapes.only(table, path, _RULE_KEYS)
        when = self._when(path, table, uses)
        action = self._action((*path, "action"), table["action"]) if "action" in table else None
        points = self.shapes.points((*path, "points"), table.get("points", 0)) or 0
        texts, values = self.translations.of_rule(path, table)
        uses.update(values)
        if when is None or not is_named:
            return None
        return Rule(name, when, action, points, texts, values)

    def _when(self, path: Path, table: Table, uses: set[str]) -> Expression | None:
        if "when" not in table:
            what = f"the rule '{path[-1]}' has no condition"
            self.faults.key(path, "missing-key", what, expected="when = '...'")
            return None
        path = (*path, "when")
        text = self.shapes.string(path, table["when"])
        if text is None:
            return None
        uses.update(names_in(text))
        when = self._expression(path, text)
        if when is None or when.type == BOOL:
            return when
        problem = Problem(
            "type",
            "the condition of a rule must be yes or no",
            0,
            len(text),
            expected="a comparison, a mark, or these with and, or, not",
            found=name_type(when.type),
        )
        self.faults.problem(path, problem)
        return None

    def _action(self, path: Path, value: object) -> Action | None:
        word = self.shapes.string(path, value)
        if word is not None and word in self.words:
            return self.words[word]
        if word is not None:
            self.faults.value(
                path,
                "unknown-name",
                f"unknown action '{shorten(word)}'",
                expected=", ".join(f'"{action}"' for action in self.words),
                hint=near(word, tuple(self.words)),
            )
        return None
