"""The file of a model: LightGBM's text, its hash, and what its head says.

Read by the static checks without LightGBM itself; written by training. What is not the trees (the
parameters of the training) is left out of the file, so that equal trees are equal files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from math import isfinite
from typing import Final

MAX_DEPTH: Final = 62
"""Most branches from a root to a leaf."""

_FEATURES: Final = re.compile(r"^feature_names=(.*)$", re.MULTILINE)
_OBJECTIVE: Final = re.compile(r"^objective=(.*)$", re.MULTILINE)
_SCALED: Final = ("leaf_value=", "internal_value=", "leaf_const=")
_END: Final = "end of trees"
_SIZES: Final = re.compile(r"^tree_sizes=(.*)$", re.MULTILINE)
_MAX_LEAVES: Final = 131_072
_OF_BRANCHES: Final = (
    "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child",
    "internal_value", "internal_weight", "internal_count",
)  # fmt: skip
_OF_LEAVES: Final = ("leaf_value", "leaf_weight", "leaf_count")


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


def damage_of(text: str) -> str | None:
    """What is wrong with the trees of a model, None if nothing is.

    LightGBM trusts a file: from one that was cut short or altered by hand it reads what is not
    there, and takes the process with it. So everything that it counts or follows is checked first:
    sizes, numbers, features, and that branches lead on, to ends.
    """
    features = features_in(text)
    sizes = _SIZES.search(text)
    if features is None or sizes is None:
        return "its head"
    data = text.encode()
    at = data.find(b"\nTree=0\n") + 1
    if not sizes[1].strip().replace(" ", "").isdigit() or not at:
        return "its head"
    for place, size in enumerate(map(int, sizes[1].split())):
        tree = data[at : at + size]
        if len(tree) < size or not tree.startswith(f"Tree={place}\n".encode()):
            return f"tree {place}: its size"
        fault = _damage_of_tree(tree.decode("utf-8", "replace"), len(features))
        if fault is not None:
            return f"tree {place}: {fault}"
        at += size
    return None if data[at:].lstrip(b"\n").startswith(_END.encode()) else "its end"


def _damage_of_tree(tree: str, features: int) -> str | None:
    found = dict(line.split("=", 1) for line in tree.split("\n") if "=" in line)
    leaves = found.get("num_leaves", "")
    if not leaves.isdigit() or not 1 <= int(leaves) <= _MAX_LEAVES:
        return "num_leaves"
    if (found.get("num_cat"), found.get("is_linear")) != ("0", "0"):
        return "categories or linear leaves, which are not used here"
    count = int(leaves)
    columns: dict[str, list[float]] = {}
    for names, length in ((_OF_BRANCHES, count - 1), (_OF_LEAVES, count)):
        for name in names:
            try:
                columns[name] = [float(word) for word in found[name].split()]
            except (KeyError, ValueError):
                return name
            alone = count == 1 and name == "leaf_weight"  # LightGBM leaves it out there
            if len(columns[name]) != length and not alone:
                return name
    if not all(map(isfinite, columns["leaf_value"])):
        return "leaf_value"
    if not all(0 <= one < features for one in columns["split_feature"]):
        return "split_feature"
    for name in ("left_child", "right_child"):
        children = enumerate(columns[name])
        if not all(at < to < count - 1 if to >= 0 else -to <= count for at, to in children):
            return name
    depth = [0] * count
    for at, below in enumerate(zip(columns["left_child"], columns["right_child"], strict=True)):
        for to in below:
            depth[int(to)] = depth[at] + 1 if to >= 0 else depth[int(to)]
    return f"a path of over {MAX_DEPTH} branches" if max(depth) >= MAX_DEPTH else None


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
