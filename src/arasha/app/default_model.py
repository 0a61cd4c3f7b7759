"""The default model: one command makes it anew, bit for bit, and says how good it is.

``make model``. In: policies/instant-payments.toml, whose features it keeps, and the seeds of
country/course.py. Out: the same policy with the model it contains by hash, and beside the model its
card and what it rests on.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arasha.app import terminal
from arasha.app.terminal import Exit
from arasha.app.tour import repository
from arasha.errors import ArashaError

if TYPE_CHECKING:
    from arasha.country.course import Course, Taught
    from arasha.policy.definition import Policy

POLICY: Final = "policies/instant-payments.toml"

MAX_MODEL_BYTES: Final = 300_000
"""Largest model that ships with the repository."""

RECORD: Final = "instant-payments"
"""The folder beside the model that tells what it rests on."""


def main(words: Sequence[str] | None = None) -> int:
    """Make the model; the exit code. ``words``: nothing, or where to write instead; or
    ``--reference``: only what drift of the model that is there is measured against.
    """
    from arasha.country.course import Course

    # As for arasha train: LightGBM's threads sleep while they wait, and others can work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = sys.argv[1:] if words is None else words
    try:
        policy = repository() / POLICY
        if list(words) == ["--reference"]:
            terminal.say(str(refer(policy, Course())))
            return Exit.OK
        made(policy, Path(words[0]) if words else policy.parent, Course())
    except (ArashaError, OSError) as error:
        terminal.say_error(error)
        return terminal.exit_of(error)
    return Exit.OK


def refer(path: Path, course: Course) -> Path:
    """Write the reference of the policy's model beside it; where that is."""
    from arasha.country.course import referenced
    from arasha.policy import document, reference

    policy = document.load(path)
    assert policy.model is not None, "the default policy has a model"
    beside = reference.path_beside(path.parent / policy.model.file)
    reference.write(beside, referenced(policy, course))
    return beside


def made(path: Path, out: Path, course: Course) -> Policy:
    """The policy with its new model, written to ``out`` with its record and card."""
    from arasha.country.course import teach
    from arasha.policy import document

    policy = replace(document.load(path), model=None)  # the old one has no say
    taught = teach(policy, course, workers=min(2, os.cpu_count() or 1), say=terminal.note)
    return write(policy, taught, course, out)


def write(policy: Policy, taught: Taught, course: Course, out: Path) -> Policy:
    """Write policy, model, record and card, and say how good it is; earlier models go."""
    from arasha.country.card import card_of
    from arasha.engine.version import MODELS, write_version
    from arasha.reports.card import write_card

    assert len(taught.trained.text.encode()) <= MAX_MODEL_BYTES, "a model too large to ship"
    for old in (out / MODELS).glob(f"{policy.source.stem}-*.*"):
        old.unlink()
    version = write_version(policy, taught.trained, out, fallback="rules")
    folder = out / MODELS / RECORD
    folder.mkdir(parents=True, exist_ok=True)
    told = as_object(version, taught, course)
    (folder / "training.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    write_card(folder, card_of(version, taught, course))
    tell(version, taught)
    return version


def as_object(version: Policy, taught: Taught, course: Course) -> dict[str, Any]:
    """What the model rests on and how good it is, as plain data: no clock, no paths."""
    from arasha.country.parameters import load

    assert version.model is not None
    sets = {name: load(name) for name in taught.examinations}
    return {
        "policy": version.source.name,
        "policy_hash": version.hash,
        "model": version.model.file,
        "model_hash": version.model.hash,
        "course": asdict(course),
        "parameters": {n: {"version": p.version, "hash": p.hash} for n, p in sets.items()},
        **taught.trained.as_object(),
        "examinations": {
            name: [asdict(one) for one in found] for name, found in taught.examinations.items()
        },
    }


def tell(version: Policy, taught: Taught) -> None:
    """Say what was made and how good it is, story by story."""
    assert version.model is not None
    size = len(taught.trained.text.encode())
    terminal.say(f"policy  {version.source}  ({version.hash[:12]})")
    terminal.say(
        f"model   {version.model.file}, {size:,} bytes, {taught.trained.trees.count} trees"
    )
    for name, found in taught.examinations.items():
        for one in found:
            terminal.say(
                f"\n{name} parameters, seats of {one.seat}: {one.payments:,} payments, "
                f"{one.frauds:,} frauds ({100 * one.base_rate:.3f} %)"
            )
            terminal.say(
                f"  average precision {one.average_precision:.3f}; the best single threshold, on "
                f"{one.stump.feature}, {one.stump.average_precision:.3f}; found at 5 false alarms "
                f"per hit {100 * one.found:.0f} %"
            )
            for story in one.stories:
                terminal.say(
                    f"  {story.name:<22} {story.frauds:>5} frauds  {story.average_precision:.3f}"
                )


if __name__ == "__main__":
    sys.exit(main())
