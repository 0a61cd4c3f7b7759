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

from arasha.events.kernels import inlined, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Flags = NDArray[np.bool_]
Bits = NDArray[np.uint64]

TABLE_NUMBERS: Final = 1 << 22
"""Most numbers of the table over masks, 32 MiB; leaves beyond it are computed at each row."""

_DEEPEST: Final = 12  # features of a path that has a table
_TINY: Final = 1.0000000180025095e-35  # what LightGBM takes for zero: its kZeroThreshold, a float32
_SIFTED_ROWS: Final = 4  # below it, it is quicker to walk
_BITS: Final = 64
_DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)  # its windows of 6 bits are all different
_PLACE_OF: Final = np.empty(_BITS, np.int64)
for _place in range(_BITS):
    _PLACE_OF[(int(_DE_BRUIJN) << _place) % 2**_BITS >> 58] = _place
_DEFAULT_LEFT: Final = 2
_MISSING: Final = 12  # the bits of what counts as missing: none, zero, NaN
_MISSING_ZERO: Final = 4


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees end to end: branches first, then leaves, each a place.

    Of branch i: ``feature``, ``threshold``, ``left_if_missing``, ``zero_is_missing``, the places
    below, ``below[2 * i]`` left and ``below[2 * i + 1]`` right, always behind its own, and
    ``remain``: the leaves of its tree, a bit each from left to right, without those on its left.
    ``roots`` are the places where the trees begin, ``starts`` their first branches; ``leaf`` the
    values, of the place behind all branches first, ``ordered`` the same from left to right in each
    tree. ``few``: no tree has more leaves than a word has bits.
    """

    features: int
    feature: Places
    threshold: Floats
    left_if_missing: Flags
    zero_is_missing: Flags
    below: Places
    remain: Bits
    roots: Places
    starts: Places
    leaf: Floats
    ordered: Floats
    few: bool
    paths: Paths

    def raw(self, rows: Floats) -> Floats:
        """The sum of the trees, float64[n], added in their order."""
        branches = (
            np.ascontiguousarray(rows), self.feature, self.threshold, self.left_if_missing,
            self.zero_is_missing,
        )  # fmt: skip
        if self.few and len(rows) >= _SIFTED_ROWS:
            return _sifted(*branches, self.remain, self.starts, self.ordered)
        return _walked(*branches, self.below, self.roots, self.leaf)

    def contributions(self, rows: Floats) -> Floats:
        """float64[n, features + 1]: what each feature adds; last, the mean of the trees."""
        paths = self.paths
        return _contributions(
            np.ascontiguousarray(rows), self.features, self.feature, self.threshold,
            self.left_if_missing, self.zero_is_missing, self.below, self.roots, self.leaf,
            paths.place, paths.leaf, paths.parts, paths.part_feature, paths.part_zero,
            paths.table_at, paths.table, paths.mean,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paths:
    """From the root to each leaf. ``place`` is that of each branch's feature among those of the
    paths it is on. Of the i-th path, short ones first, ``leaf`` is the leaf; it has the parts
    ``parts[i]:parts[i + 1]``, a feature each with the share of the payments, of those that came by,
    that went this way. Its table begins at ``table_at[i]``, -1 where it has none. ``mean`` is what
    the trees say of nobody.
    """

    place: Ints
    leaf: Ints
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
        self.starts: list[int] = []
        self.leaf: list[float] = []
        self.ordered: list[float] = []
        self.remain: list[int] = []
        self.few = True
        self.mean = 0.0
        self.steps: list[list[tuple[int, float]]] = []  # of each leaf: branches, shares

    def add(self, said: dict[str, str]) -> None:
        """One tree."""
        first, first_leaf = len(self.feature), len(self.leaf)
        values = _floats(said["leaf_value"])
        self.leaf += values
        self.starts.append(first)
        self.few &= len(values) <= _BITS
        if len(values) == 1:
            self.ordered += values
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
        self.remain += [0] * (len(values) - 1)
        self._order(first)
        ahead: list[tuple[int, list[tuple[int, float]]]] = [(first, [])]
        while ahead:
            at, path = ahead.pop()
            if at < 0:
                self.steps[~at] = path
                continue
            for to in (self.left[at], self.right[at]):
                came = counts[~to - first_leaf] if to < 0 else inner[to - first]
                ahead.append((to, [*path, (at, came / max(1, inner[at - first]))]))

    def _order(self, root: int) -> None:
        """The leaves of a tree from left to right, and which remain right of each branch."""
        found = 0
        ahead = [(root, -1)]  # a branch, and how many leaves stood before it if its left is done
        while ahead:
            at, before = ahead.pop()
            if at < 0:
                self.ordered.append(self.leaf[~at])
                found += 1
            elif before < 0:
                ahead += [(at, found), (self.left[at], -1)]
            else:
                struck = (1 << found) - (1 << before)
                self.remain[at] = (2**_BITS - 1) & ~struck
                ahead.append((self.right[at], -1))

    def trees(self, features: int) -> Trees:
        """All of them."""
        count, kind = len(self.feature), np.array(self.kind, np.int64)
        threshold = np.array(self.threshold, np.float64)
        below = np.array([self.left, self.right], np.int64).T.reshape(-1)
        roots = np.array(self.roots, np.int64)
        # A value that is missing is nought to a branch that knows no missing ones.
        by_default = (kind & _DEFAULT_LEFT) != 0
        knows_missing = (kind & _MISSING) != 0
        return Trees(
            features, np.array(self.feature, np.int32), threshold,
            np.where(knows_missing, by_default, threshold >= 0.0),
            (kind & _MISSING) == _MISSING_ZERO, _placed(below, count),
            np.array(self.remain, np.uint64), _placed(roots, count),
            np.array([*self.starts, count], np.int32), np.array(self.leaf), np.array(self.ordered),
            self.few, self._paths(),
        )  # fmt: skip

    def _paths(self) -> Paths:
        place = np.zeros(len(self.feature), np.int64)
        found: list[tuple[int, int, dict[int, float]]] = []
        for leaf, path in enumerate(self.steps):
            zeros: dict[int, float] = {}
            for node, share in path:
                feature = self.feature[node]
                zeros[feature] = zeros.get(feature, 1.0) * share
                place[node] = list(zeros).index(feature)
            found.append((len(zeros), leaf, zeros))
        parts, table_at, numbers = [0], [], 0
        part_feature: list[int] = []
        part_zero: list[float] = []
        found.sort(key=lambda one: one[:2])
        for count, _, zeros in found:
            part_feature += zeros
            part_zero += zeros.values()
            parts.append(len(part_feature))
            fits = count <= _DEEPEST and numbers + (count << count) <= TABLE_NUMBERS
            table_at.append(numbers if fits else -1)
            numbers += count << count if fits else 0
        leaves = np.array([leaf for _, leaf, _ in found], np.int64)
        paths = Paths(
            place, leaves, np.array(parts, np.int64), np.array(part_feature, np.int64),
            np.array(part_zero, np.float64), np.array(table_at, np.int64), np.empty(numbers),
            self.mean,
        )  # fmt: skip
        _tabulate(
            np.array(self.leaf)[leaves], paths.parts, paths.part_zero, paths.table_at, paths.table
        )
        return paths


def _placed(children: Ints, branches: int) -> Places:
    """Branches as they are, and leaves behind all of them."""
    return np.where(children < 0, branches + ~children, children).astype(np.int32)


def _ints(words: str) -> list[int]:
    return [int(word) for word in words.split()]


def _floats(words: str) -> list[float]:
    return [float(word) for word in words.split()]


@inlined
def _right(value: float, threshold: float, left_if_missing: bool, zero_is_missing: bool) -> int:  # noqa: FBT001 - of a kernel
    """LightGBM's numerical decision, 0 left and 1 right, without a branch that could be guessed
    wrong.
    """
    missing = np.isnan(value) | (zero_is_missing & (value == 0.0))
    left = (missing & left_if_missing) | (~missing & (value <= threshold))
    return 1 - int(left)


@inlined
def _without_tiny(row: Floats, out: Floats) -> None:
    """What LightGBM takes for zero is zero."""
    for k in range(len(row)):
        out[k] = 0.0 if abs(row[k]) <= _TINY else row[k]


@kernel
def _sifted(
    rows: Floats,
    feature: Places,
    threshold: Floats,
    left_if_missing: Flags,
    zero_is_missing: Flags,
    remain: Bits,
    starts: Places,
    ordered: Floats,
) -> Floats:
    """Every branch is asked, in order, and strikes out the leaves on its left if it leads to the
    right; the leftmost leaf that remains is reached (QuickScorer, Lucchese et al. 2015). There is
    nothing to guess wrong, and a branch is asked about all rows at once.
    """
    n = len(rows)
    columns = np.empty((rows.shape[1], n))
    for i in range(n):
        for k in range(rows.shape[1]):
            columns[k, i] = 0.0 if abs(rows[i, k]) <= _TINY else rows[i, k]
    out, left, leaf = np.zeros(n), np.empty(n, np.uint64), 0
    for tree in range(len(starts) - 1):
        left[:] = ~np.uint64(0)
        for at in range(starts[tree], starts[tree + 1]):
            column, limit = columns[feature[at]], threshold[at]
            by_default, zero, mask = left_if_missing[at], zero_is_missing[at], remain[at]
            for i in range(n):
                right = _right(column[i], limit, by_default, zero)
                left[i] &= mask | (np.uint64(right) - np.uint64(1))
        for i in range(n):
            lowest = left[i] & (~left[i] + np.uint64(1))
            out[i] += ordered[leaf + _PLACE_OF[(lowest * _DE_BRUIJN) >> np.uint64(58)]]
        leaf += starts[tree + 1] - starts[tree] + 1
    return out


@kernel
def _walked(
    rows: Floats,
    feature: Places,
    threshold: Floats,
    left_if_missing: Flags,
    zero_is_missing: Flags,
    below: Places,
    roots: Places,
    leaf: Floats,
) -> Floats:
    out, row = np.zeros(len(rows)), np.empty(rows.shape[1])
    branches = len(feature)
    for i in range(len(rows)):
        _without_tiny(rows[i], row)
        total = 0.0
        for tree in range(len(roots)):
            at = roots[tree]
            while at < branches:
                right = _right(
                    row[feature[at]], threshold[at], left_if_missing[at], zero_is_missing[at]
                )
                at = below[2 * at + right]
            total += leaf[at - branches]
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
    feature: Places,
    threshold: Floats,
    left_if_missing: Flags,
    zero_is_missing: Flags,
    below: Places,
    roots: Places,
    leaf: Floats,
    place: Ints,
    path_leaf: Ints,
    parts: Ints,
    part_feature: Ints,
    part_zero: Floats,
    table_at: Ints,
    table: Floats,
    mean: float,
) -> Floats:
    out, row = np.zeros((len(rows), features + 1)), np.empty(rows.shape[1])
    branches = len(feature)
    masks = np.empty(branches + len(leaf), np.int64)
    agrees = np.empty(features, np.bool_)
    sums, fresh = np.empty(features + 1), np.empty(features)
    for i in range(len(rows)):
        _without_tiny(rows[i], row)
        out[i, features] = mean
        for tree in range(len(roots)):
            masks[roots[tree]] = -1
        for at in range(branches):  # each stands before those below it
            right = _right(
                row[feature[at]], threshold[at], left_if_missing[at], zero_is_missing[at]
            )
            masks[below[2 * at + right]] = masks[at]
            masks[below[2 * at + 1 - right]] = masks[at] & ~(np.int64(1) << place[at])
        for k in range(len(path_leaf)):
            first, count, mask = parts[k], parts[k + 1] - parts[k], masks[branches + path_leaf[k]]
            if table_at[k] >= 0:
                at = table_at[k] + (mask & ((1 << count) - 1)) * count
                for j in range(count):
                    out[i, part_feature[first + j]] += table[at + j]
                continue
            for j in range(count):
                agrees[j] = (mask >> j) & 1 == 1
            _shares(leaf[path_leaf[k]], part_zero, first, agrees, count, sums, fresh, 0)
            for j in range(count):
                out[i, part_feature[first + j]] += fresh[j]
    return out
