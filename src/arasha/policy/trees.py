"""Judged: the trees of a model, flat, and the two kernels that read them.

In: LightGBM's text of trees that policy/model_file.py found whole. Out: the sum of the trees for
each row, to the bit what LightGBM says, and what each feature adds to it. A live batch has a few
rows, for which a call of LightGBM costs more than its trees; these kernels cost what they do.

A feature's share is its Shapley value, exact (Lundberg et al. 2020, tree-path dependent). A leaf
on whose path d features decide adds to each of them something that depends only on which of them
the row agrees with, a mask of d bits: that is computed once, when the model is loaded::

    leaf 7: features 3, 20      mask 00 | 01 | 10 | 11       d numbers for each mask
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TABLE_NUMBERS: Final = 1 << 22
"""Most numbers of the table over masks, 32 MiB; leaves beyond it are computed at each row."""

_DEEPEST: Final = 12  # features of a path that has a table
_TINY: Final = 1.0000000180025095e-35  # what LightGBM takes for zero: its kZeroThreshold, a float32
_DEFAULT_LEFT: Final = 2
_MISSING: Final = 12  # the bits of what counts as missing: none, zero, NaN
_MISSING_ZERO: Final = 4
_MISSING_NAN: Final = 8


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees end to end. A child below zero is the leaf ``~child``.

    Branches: ``feature``, ``threshold``, ``kind`` (LightGBM's decision_type), ``left``, ``right``.
    ``roots``: the first branch of each tree, or its one leaf. ``leaf`` are the values.
    """

    features: int
    feature: Ints
    threshold: Floats
    kind: Ints
    left: Ints
    right: Ints
    roots: Ints
    leaf: Floats
    paths: Paths

    def raw(self, rows: Floats) -> Floats:
        """The sum of the trees, float64[n], added in their order."""
        return _raw(
            np.ascontiguousarray(rows), self.feature, self.threshold, self.kind, self.left,
            self.right, self.roots, self.leaf,
        )  # fmt: skip

    def contributions(self, rows: Floats) -> Floats:
        """float64[n, features + 1]: what each feature adds; last, the mean of the trees."""
        paths = self.paths
        return _contributions(
            np.ascontiguousarray(rows), self.features, self.feature, self.threshold, self.kind,
            self.left, self.right, self.roots, self.leaf, paths.place, paths.parts,
            paths.part_feature, paths.part_zero, paths.table_at, paths.table, paths.mean,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paths:
    """From the root to each leaf. ``place`` is that of each branch's feature among those of the
    paths it is on. Leaf i has the parts ``parts[i]:parts[i + 1]``, a feature each with the share of
    the payments, of those that came by, that went this way. Its table begins at ``table_at[i]``, -1
    where it has none. ``mean`` is what the trees say of nobody.
    """

    place: Ints
    parts: Ints
    part_feature: Ints
    part_zero: Floats
    table_at: Ints
    table: Floats
    mean: float


def trees_of(text: str, features: int) -> Trees:
    """The trees of a model's text, which must be whole (policy/model_file.py's ``damage_of``)."""
    body = text.partition("\nend of trees")[0].split("\nTree=")[1:]
    draft = _Draft()
    for tree in body:
        draft.add(dict(line.split("=", 1) for line in tree.split("\n") if "=" in line))
    return draft.trees(features)


class _Draft:
    """Trees as lists, until all are read."""

    def __init__(self) -> None:
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.kind: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.roots: list[int] = []
        self.leaf: list[float] = []
        self.mean = 0.0
        self.steps: list[list[tuple[int, float]]] = []  # of each leaf: branches, shares

    def add(self, said: dict[str, str]) -> None:
        """One tree."""
        first, first_leaf = len(self.feature), len(self.leaf)
        values = _floats(said["leaf_value"])
        self.leaf += values
        if len(values) == 1:
            self.roots.append(~first_leaf)
            self.steps.append([])
            self.mean += values[0]
            return
        self.roots.append(first)
        self.feature += _ints(said["split_feature"])
        self.threshold += _floats(said["threshold"])
        self.kind += _ints(said["decision_type"])
        for side, name in ((self.left, "left_child"), (self.right, "right_child")):
            side += [to + first if to >= 0 else to - first_leaf for to in _ints(said[name])]
        counts, inner = _ints(said["leaf_count"]), _ints(said["internal_count"])
        self.mean += sum(v * (n / inner[0]) for v, n in zip(values, counts, strict=True))
        self.steps += [[] for _ in values]
        ahead: list[tuple[int, list[tuple[int, float]]]] = [(first, [])]
        while ahead:
            at, path = ahead.pop()
            if at < 0:
                self.steps[~at] = path
                continue
            for to in (self.left[at], self.right[at]):
                came = counts[~to - first_leaf] if to < 0 else inner[to - first]
                ahead.append((to, [*path, (at, came / max(1, inner[at - first]))]))

    def trees(self, features: int) -> Trees:
        """All of them."""
        return Trees(
            features, np.array(self.feature, np.int64), np.array(self.threshold, np.float64),
            np.array(self.kind, np.int64), np.array(self.left, np.int64),
            np.array(self.right, np.int64), np.array(self.roots, np.int64),
            np.array(self.leaf, np.float64), self._paths(),
        )  # fmt: skip

    def _paths(self) -> Paths:
        place = np.zeros(len(self.feature), np.int64)
        parts, table_at = [0], []
        part_feature: list[int] = []
        part_zero: list[float] = []
        numbers = 0
        for path in self.steps:
            zeros: dict[int, float] = {}
            for node, share in path:
                feature = self.feature[node]
                zeros[feature] = zeros.get(feature, 1.0) * share
                place[node] = list(zeros).index(feature)
            part_feature += zeros
            part_zero += zeros.values()
            parts.append(len(part_feature))
            size = len(zeros) << len(zeros)
            fits = len(zeros) <= _DEEPEST and numbers + size <= TABLE_NUMBERS
            table_at.append(numbers if fits else -1)
            numbers += size if fits else 0
        paths = Paths(
            place, np.array(parts, np.int64), np.array(part_feature, np.int64),
            np.array(part_zero, np.float64), np.array(table_at, np.int64), np.empty(numbers),
            self.mean,
        )  # fmt: skip
        _tabulate(np.array(self.leaf), paths.parts, paths.part_zero, paths.table_at, paths.table)
        return paths


def _ints(words: str) -> list[int]:
    return [int(word) for word in words.split()]


def _floats(words: str) -> list[float]:
    return [float(word) for word in words.split()]


@kernel
def _goes_left(value: float, threshold: float, kind: int) -> bool:
    """LightGBM's numerical decision."""
    missing = kind & _MISSING
    if np.isnan(value):
        if missing == _MISSING_NAN:
            return kind & _DEFAULT_LEFT != 0
        value = 0.0
    elif abs(value) <= _TINY:
        value = 0.0
    if missing == _MISSING_ZERO and value == 0.0:
        return kind & _DEFAULT_LEFT != 0
    return value <= threshold


@kernel
def _raw(
    rows: Floats,
    feature: Ints,
    threshold: Floats,
    kind: Ints,
    left: Ints,
    right: Ints,
    roots: Ints,
    leaf: Floats,
) -> Floats:
    out = np.zeros(len(rows))
    for i in range(len(rows)):
        total = 0.0
        for tree in range(len(roots)):
            at = roots[tree]
            while at >= 0:
                if _goes_left(rows[i, feature[at]], threshold[at], kind[at]):
                    at = left[at]
                else:
                    at = right[at]
            total += leaf[~at]
        out[i] = total
    return out


@kernel
def _shares(
    value: float,
    zero: Floats,
    first: int,
    agrees: NDArray[np.bool_],
    count: int,
    sums: Floats,
    out: Floats,
    at: int,
) -> None:
    """What a leaf adds to each of its path's features, into ``out[at:at + count]``.

    For feature j: value · (agrees_j - zero_j) · the sum over sets S of the others of
    |S|! (count - |S| - 1)! / count! times, for each other, whether the row agrees if it is in S,
    and its zero if it is not. ``sums[s]`` gathers the products over the sets of s others.
    """
    for j in range(count):
        sums[0] = 1.0
        others = 0
        for i in range(count):
            if i != j:
                others += 1
                one = 1.0 if agrees[i] else 0.0
                sums[others] = 0.0
                for s in range(others, 0, -1):
                    sums[s] = sums[s] * zero[first + i] + sums[s - 1] * one
                sums[0] *= zero[first + i]
        weight, total = 1.0 / count, 0.0  # of no others: 0! (count - 1)! / count!
        for s in range(count):
            total += weight * sums[s]
            if s + 1 < count:
                weight *= (s + 1) / (count - s - 1)
        out[at + j] = value * ((1.0 if agrees[j] else 0.0) - zero[first + j]) * total


@kernel
def _tabulate(leaf: Floats, parts: Ints, zero: Floats, table_at: Ints, table: Floats) -> None:
    """Fill the tables of the leaves that have one."""
    sums, agrees = np.empty(_DEEPEST + 1), np.empty(_DEEPEST, np.bool_)
    for i in range(len(leaf)):
        count = parts[i + 1] - parts[i]
        if table_at[i] < 0 or count == 0:
            continue
        for mask in range(1 << count):
            for j in range(count):
                agrees[j] = (mask >> j) & 1 == 1
            at = table_at[i] + mask * count
            _shares(leaf[i], zero, parts[i], agrees, count, sums, table, at)


@kernel
def _contributions(
    rows: Floats,
    features: int,
    feature: Ints,
    threshold: Floats,
    kind: Ints,
    left: Ints,
    right: Ints,
    roots: Ints,
    leaf: Floats,
    place: Ints,
    parts: Ints,
    part_feature: Ints,
    part_zero: Floats,
    table_at: Ints,
    table: Floats,
    mean: float,
) -> Floats:
    out = np.zeros((len(rows), features + 1))
    branch_mask, leaf_mask = np.empty(len(feature), np.int64), np.empty(len(leaf), np.int64)
    agrees = np.empty(features, np.bool_)
    sums, fresh = np.empty(features + 1), np.empty(features)
    for i in range(len(rows)):
        out[i, features] = mean
        for tree in range(len(roots)):
            if roots[tree] >= 0:
                branch_mask[roots[tree]] = -1
            else:
                leaf_mask[~roots[tree]] = -1
        for at in range(len(feature)):  # a branch stands before those below it
            goes_left = _goes_left(rows[i, feature[at]], threshold[at], kind[at])
            yes = branch_mask[at]
            no = yes & ~(np.int64(1) << place[at])
            for to, mask in (
                (left[at], yes if goes_left else no), (right[at], no if goes_left else yes)
            ):  # fmt: skip
                if to >= 0:
                    branch_mask[to] = mask
                else:
                    leaf_mask[~to] = mask
        for k in range(len(leaf)):
            first, count = parts[k], parts[k + 1] - parts[k]
            if table_at[k] >= 0:
                at = table_at[k] + (leaf_mask[k] & ((1 << count) - 1)) * count
                for j in range(count):
                    out[i, part_feature[first + j]] += table[at + j]
                continue
            for j in range(count):
                agrees[j] = (leaf_mask[k] >> j) & 1 == 1
            _shares(leaf[k], part_zero, first, agrees, count, sums, fresh, 0)
            for j in range(count):
                out[i, part_feature[first + j]] += fresh[j]
    return out
