"""The file of a model: LightGBM's text, its hash, and what its head says.

Read by the static checks without LightGBM itself; written by training. What is not the trees (the
parameters of the training) is left out of the file, so that equal trees are equal files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

_FEATURES: Final = re.compile(r"^feature_names=(.*)$", re.MULTILINE)
_OBJECTIVE: Final = re.compile(r"^objective=(.*)$", re.MULTILINE)
_SCALED: Final = ("leaf_value=", "internal_value=", "leaf_const=")
_END: Final = "end of trees"


def digest_of(content: bytes) -> str:
    """The hash of a model file, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def features_in(text: str) -> tuple[str, ...] | None:
    """The names of the features a file was trained on; None if it is no model of LightGBM that
    tells fraud from honest payments.
    """
    names, objective = _FEATURES.search(text), _OBJECTIVE.search(text)
    if not text.startswith("tree\n") or names is None or objective is None:
        return None
    return tuple(names[1].split()) if objective[1].startswith("binary") else None


def averaged(texts: Sequence[str]) -> str:
    """One model whose raw score is the mean of those of the models, all of the same features.

    Their trees stand one behind the other, each leaf's value divided by how many models there are.
    """
    head = texts[0].partition("\nTree=")[0]
    lines = [line for line in head.split("\n") if not line.startswith("tree_sizes=")]
    trees = [tree for text in texts for tree in _trees(text, len(texts))]
    numbered = [f"Tree={place}\n{tree}" for place, tree in enumerate(trees)]
    sizes = " ".join(str(len(f"{tree}\n\n".encode())) for tree in numbered)
    blank = len(lines) - next(i for i, line in enumerate(reversed(lines)) if line)
    top = "\n".join([*lines[:blank], f"tree_sizes={sizes}", "", ""])
    return top + "".join(f"{tree}\n\n" for tree in numbered) + f"{_END}\n"


def trees_in(text: str) -> int:
    """How many trees a model has."""
    return text.count("\nTree=")


def _trees(text: str, share: int) -> list[str]:
    """The trees of a model without their numbers, their values divided by ``share``."""
    body = text.partition(f"\n{_END}")[0]
    found = []
    for tree in body.split("\nTree=")[1:]:
        lines = tree.strip("\n").split("\n")[1:]
        found.append("\n".join(_divided(line, share) for line in lines))
    return found


def _divided(line: str, share: int) -> str:
    key, equals, values = line.partition("=")
    if share == 1 or key + equals not in _SCALED or not values:
        return line
    return f"{key}={' '.join(repr(float(value) / share) for value in values.split())}"
