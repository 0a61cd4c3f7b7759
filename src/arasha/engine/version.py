"""A new version of a policy: its own text with another model and other thresholds.

In: a policy's file and what a training gave. Out: in a directory, the model's file and the policy
that names it by hash. The text of features and rules is left as it stands; [model] and [thresholds]
are replaced. The same training gives the same bytes.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, Literal

from arasha.engine.train import Trained
from arasha.policy import document, reference
from arasha.policy.definition import Calibration, Policy
from arasha.policy.model_file import digest_of

MODELS: Final = "models"
"""The folder of models beside a policy."""

_TABLE: Final = re.compile(r"\s*\[\s*([A-Za-z0-9_]+)")
_MAPPING: Final = re.compile(r"^\s*mapping\s*=.*$", re.MULTILINE)
_REPLACED: Final = ("model", "thresholds")


def write_version(
    policy: Policy, trained: Trained, out: Path, *, fallback: Literal["rules"] | None = None
) -> Policy:
    """Write ``out/models/NAME-HASH.txt``, beside it what drift is measured against
    (policy/reference.py), and ``out/NAME.toml``; the new version, loaded.

    Its fallback is the one given, else that of the policy's earlier model.
    Raises PolicyError if the new text does not compile, OSError if it cannot be written.
    """
    content = trained.text.encode()
    digest = digest_of(content)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", policy.source.stem)
    file = f"{MODELS}/{stem}-{digest[:12]}.txt"
    (out / MODELS).mkdir(parents=True, exist_ok=True)
    (out / file).write_bytes(content)
    reference.write(reference.path_beside(out / file), trained.reference)
    path = out / f"{stem}.toml"
    text = without(policy.source.read_text(encoding="utf-8"), _REPLACED)
    if policy.mapping is not None:
        mapping = Path(os.path.relpath(policy.mapping, out.resolve())).as_posix()
        text = _MAPPING.sub(lambda _: f'mapping = "{mapping}"', text, count=1)
    if fallback is None and policy.model is not None:
        fallback = policy.model.fallback
    tables = [_thresholds(trained), _model(file, digest, trained, fallback)]
    path.write_text("\n\n".join([text.rstrip("\n"), *tables]) + "\n", encoding="utf-8")
    return document.load(path)


def without(text: str, tables: tuple[str, ...]) -> str:
    """A TOML text without these tables, and those below them."""
    kept, dropping, quotes = list[str](), False, ""
    for line in text.replace("\r\n", "\n").split("\n"):
        head = None if quotes else _TABLE.match(line)
        if head is not None:
            dropping = head[1] in tables
        quotes = _open_quotes(line, quotes)
        if not dropping:
            kept.append(line)
    return "\n".join(kept)


def _open_quotes(line: str, quotes: str) -> str:
    """The triple quotes a text of several lines is still in after this line."""
    while line:
        if quotes:
            _, found, line = line.partition(quotes)
            if not found:
                return quotes
            quotes = ""
            continue
        places = [(line.find(each), each) for each in ('"""', "'''") if each in line]
        if not places:
            return ""
        at, quotes = min(places)
        if "#" in line[:at]:
            return ""
        line = line[at + 3 :]
    return quotes


def _thresholds(trained: Trained) -> str:
    limits = trained.thresholds
    listed = (("warn", limits.warn), ("hold", limits.hold), ("block", limits.block))
    lines = [f"{name} = {score}" for name, score in listed if score is not None]
    return "\n".join(["[thresholds]", *lines])


def _model(file: str, digest: str, trained: Trained, fallback: str | None) -> str:
    names = "\n".join(f'    "{name}",' for name in trained.features)
    lines = ["[model]", f'file = "{file}"', f'hash = "{digest}"']
    lines += [] if fallback is None else [f'fallback = "{fallback}"']
    lines += [f"features = [\n{names}\n]", "", *_calibration(trained.calibration)]
    return "\n".join(lines)


def _calibration(how: Calibration) -> list[str]:
    lines = ["[model.calibration]", f'kind = "{how.kind}"']
    if how.kind == "platt":
        return [*lines, f"slope = {how.slope!r}", f"intercept = {how.intercept!r}"]
    for name, values in (("raw", how.raw), ("probability", how.probability)):
        lines += [f"{name} = [", *(f"    {value!r}," for value in values), "]"]
    return lines
