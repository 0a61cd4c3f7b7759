"""The table [model] of a policy: read, checked against the policy's features and against its file.

Used by policy/document.py. In comes the table as TOML gives it; out goes a ModelPart or faults,
each with its place. A file that is missing or is not the one the policy names stops the policy,
unless the policy declares a fallback: then it is a warning, and the part goes on without its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path as FilePath
from typing import Final, Literal

from arasha.features.expressions import Expression, Unit
from arasha.features.language import near
from arasha.features.language_syntax import shorten
from arasha.features.language_terms import name_type
from arasha.policy.check import forbidden
from arasha.policy.definition import CALIBRATIONS, Calibration, ModelPart
from arasha.policy.diagnostics import Faults
from arasha.policy.located import Path
from arasha.policy.shapes import Shapes, Table

MAX_MODEL_BYTES: Final = 16_777_216
"""Largest model file: about 300,000 leaves. It goes on record with the policy."""

MAX_KNOTS: Final = 1_024
"""Most knots of an isotonic calibration."""

MAX_MODEL_FEATURES: Final = 512
"""Most features of a model."""

_KEYS: Final = ("file", "hash", "features", "calibration", "fallback")
_HASH_DIGITS: Final = frozenset("0123456789abcdef")
_NO_INPUT: Final = (Unit.INSTANT, Unit.CATEGORY, Unit.CURRENCY)


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads [model]; ``features`` are the policy's, None where they have faults."""

    faults: Faults
    features: Mapping[str, Expression | None]
    folder: FilePath
    given: bytes | None = None

    @property
    def shapes(self) -> Shapes:
        """Checks of the values' kinds."""
        return Shapes(self.faults)

    def read(self, value: object) -> ModelPart | None:
        """The part, or None when a fault was found."""
        path: Path = ("model",)
        table = self.shapes.table(path, value)
        self.shapes.only(table, path, _KEYS)
        for key in ("file", "hash", "features", "calibration"):
            if isinstance(value, dict) and key not in table:
                what = f"the model has no '{key}'"
                self.faults.key(path, "missing-key", what, expected=f"{key} = ...")
        file = self._string(table, "file")
        digest = self._hash(table)
        names = self._features(table)
        calibration = self._calibration(table)
        fallback = self._fallback(table)
        if file is None or digest is None or names is None or calibration is None:
            return None
        text = self._text(file, digest, names, fallback)
        return ModelPart(file, digest, names, calibration, fallback, text)

    def _string(self, table: Table, key: str) -> str | None:
        return self.shapes.string(("model", key), table[key]) if key in table else None

    def _hash(self, table: Table) -> str | None:
        digest = self._string(table, "hash")
        if digest is not None and not (len(digest) == 64 and set(digest) <= _HASH_DIGITS):
            self.faults.value(
                ("model", "hash"), "bad-literal", "this is not the hash of a file",
                expected="the 64 hexadecimal digits of its SHA-256", found=shorten(digest),
            )  # fmt: skip
            return None
        return digest

    def _fallback(self, table: Table) -> Literal["rules"] | None:
        word = self._string(table, "fallback")
        if word is None or word == "rules":
            return "rules" if word else None
        self.faults.value(
            ("model", "fallback"), "unknown-name", f"there is no fallback '{shorten(word)}'",
            expected='"rules": without the model the rules judge, and every decision says so',
        )  # fmt: skip
        return None

    # The features

    def _features(self, table: Table) -> tuple[str, ...] | None:
        path: Path = ("model", "features")
        if "features" not in table:
            return None
        names = table["features"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.shapes.wrong(path, "a list of features' names", names)
            return None
        if not 1 <= len(names) <= MAX_MODEL_FEATURES:
            what = "a model needs features, and not too many"
            expected = f"1 to {MAX_MODEL_FEATURES}"
            self.faults.value(path, "limit", what, expected=expected, found=str(len(names)))
            return None
        good = [self._feature((*path, at), name, names[:at]) for at, name in enumerate(names)]
        return tuple(names) if all(good) else None

    def _feature(self, path: Path, name: str, before: list[str]) -> bool:
        """Whether a name can be an input of a model; what is wrong is noted."""
        reason = forbidden(name)
        if reason is not None:
            self.faults.value(
                path, "forbidden", f"a model that knows about {reason} is not possible in Arasha",
                expected="payments, accounts, numbers, devices and calls", found=name,
                hint="no fact holds it, and a stand-in for it is not allowed either",
            )  # fmt: skip
            return False
        if name not in self.features:
            self.faults.value(
                path, "unknown-name", f"unknown feature '{shorten(name)}'",
                expected="a feature of [features]", hint=near(name, tuple(self.features)),
            )  # fmt: skip
            return False
        if name in before:
            self.faults.value(path, "bad-name", f"the model has the feature '{name}' twice")
            return False
        expression = self.features[name]
        if expression is None:
            return False
        if expression.type.unit in _NO_INPUT:
            self.faults.value(
                path, "type", f"'{name}' cannot be an input of a model",
                expected="a number, money, a duration, or yes or no",
                found=name_type(expression.type),
                hint='compare it: channel == "web" is yes or no',
            )  # fmt: skip
            return False
        return True

    # The calibration

    def _calibration(self, table: Table) -> Calibration | None:
        if "calibration" not in table:
            return None
        path: Path = ("model", "calibration")
        given = self.shapes.table(path, table["calibration"])
        word = self.shapes.string((*path, "kind"), given.get("kind", ""))
        kind = next((known for known in CALIBRATIONS if known == word), None)
        if kind is None:
            if word is not None and given:
                self.faults.value(
                    (*path, "kind") if "kind" in given else path, "unknown-name",
                    "the kind of the calibration is not known",
                    expected=" or ".join(f'"{known}"' for known in CALIBRATIONS),
                    found=shorten(word) or "no kind",
                )  # fmt: skip
            return None
        if kind == "platt":
            return self._platt(path, given)
        return self._isotonic(path, given)

    def _platt(self, path: Path, given: Table) -> Calibration | None:
        self.shapes.only(given, path, ("kind", "slope", "intercept"))
        slope, intercept = _number(given.get("slope")), _number(given.get("intercept"))
        if slope is None or intercept is None or slope <= 0:
            self.faults.value(
                path, "range", "the calibration is no ascending curve",
                expected="slope, a number above 0, and intercept, a number",
            )  # fmt: skip
            return None
        return Calibration("platt", slope=slope, intercept=intercept)

    def _isotonic(self, path: Path, given: Table) -> Calibration | None:
        self.shapes.only(given, path, ("kind", "raw", "probability"))
        raw, probability = _numbers(given.get("raw")), _numbers(given.get("probability"))
        ascends = (
            raw is not None
            and probability is not None
            and 1 <= len(raw) == len(probability) <= MAX_KNOTS
            and all(low < high for low, high in pairwise(raw))
            and all(low <= high for low, high in pairwise(probability))
            and 0 <= probability[0]
            and probability[-1] <= 1
        )
        if not ascends or raw is None or probability is None:
            self.faults.value(
                path, "range", "the calibration is no ascending curve",
                expected=f"raw and probability, equally many numbers (at most {MAX_KNOTS}), "
                "ascending, probabilities from 0 to 1",
            )  # fmt: skip
            return None
        return Calibration("isotonic", raw, probability)

    # The file

    def _text(
        self, file: str, digest: str, names: tuple[str, ...], fallback: str | None
    ) -> str | None:
        """What the file holds, if it is the one; otherwise the fault is noted."""
        from arasha.policy.model_file import damage_of, digest_of, features_in

        content, fault = self._content(file)
        if content is not None and digest_of(content) != digest:
            fault = ("hash", "the model's file is not the one the policy names", digest_of(content))
        if content is None or fault is not None:
            assert fault is not None
            self._unusable(*fault, digest, fallback)
            return None
        text = content.decode("utf-8", "replace")
        found = features_in(text)
        if found is None:
            self.faults.value(
                ("model", "file"), "model-file", "the model's file is not a model of LightGBM",
                expected="a text model with the objective binary",
            )  # fmt: skip
            return None
        if found != names:
            place = next((i for i, (a, b) in enumerate(zip(found, names, strict=False)) if a != b),
                         min(len(found), len(names)))  # fmt: skip
            self.faults.value(
                ("model", "features"), "model-file",
                "the features are not those the model was trained on",
                expected=f"{len(found)} features, number {place + 1} of them "
                f"'{found[place] if place < len(found) else 'none'}'",
                found=f"{len(names)}, number {place + 1} of them "
                f"'{names[place] if place < len(names) else 'none'}'",
            )  # fmt: skip
            return None
        damage = damage_of(text)
        if damage is not None:
            self.faults.value(
                ("model", "file"), "model-file", "the model's file is damaged",
                expected="a text model as LightGBM writes it", found=damage,
            )  # fmt: skip
            return None
        return text

    def _content(self, file: str) -> tuple[bytes | None, tuple[str, str, str] | None]:
        """The file's bytes, or (key, what is wrong, what was found)."""
        if self.given is not None:
            return self.given, None
        if "\0" in file:
            return None, ("file", "this is no path of a file", shorten(file))
        try:
            with (self.folder / file).open("rb") as opened:
                content = opened.read(MAX_MODEL_BYTES + 1)
        except OSError as error:
            found = error.strerror or str(error)
            return None, ("file", "the model's file cannot be read", found)
        if len(content) > MAX_MODEL_BYTES:
            return None, ("file", "the model's file is too large", f"over {MAX_MODEL_BYTES} bytes")
        return content, None

    def _unusable(self, key: str, what: str, found: str, digest: str, fallback: str | None) -> None:
        """Note that the model cannot be used: an error, a warning where a fallback is declared."""
        self.faults.add(
            self.faults.locator.value(("model", key)),
            "model-file",
            what,
            severity="error" if fallback is None else "warning",
            expected=f"the file with the SHA-256 {digest[:16]}…",
            found=found if len(found) < 64 else f"{found[:16]}…",
            hint='fallback = "rules" lets the rules judge without it, and every decision says so'
            if fallback is None
            else "the rules judge without it, and every decision says that a part is missing",
        )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def _numbers(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list):
        return None
    numbers = [_number(one) for one in value]
    found = tuple(number for number in numbers if number is not None)
    return found if len(found) == len(numbers) else None
