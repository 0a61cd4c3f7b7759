"""What a model's training looked like, in tenths: what drift is measured against.

In: the features of the payments a model learnt from, the scores it gave to later ones. Out: for
each feature the edges of its tenths and how many payments lay in each; a small JSON file beside the
model's own, with the model's hash in it. The model's file and hash know nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arasha.errors import InputError, Place
from arasha.events.kernels import kernel

PSI_BINS: Final = 10
"""Bins with equally many training payments; a missing value is a bin of its own."""

MAX_BYTES: Final = 4 << 20
"""Largest file of a reference that is read."""

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


class Tenths(msgspec.Struct, frozen=True):
    """A column in bins: up to each edge (included), above the last, missing."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Reference(msgspec.Struct, frozen=True):
    """``features`` by name in the model's order, and ``score`` in points, from payments that the
    model had not seen.
    """

    model_hash: str
    features: dict[str, Tenths]
    score: Tenths


def reference_of(
    model_hash: str, names: Sequence[str], learnt: Numbers, points: Sequence[int] | Counts
) -> Reference:
    """The reference of a model: ``learnt`` float64[n, names], NaN where missing."""
    score = tenths(np.asarray(points, np.float64))
    features = {name: tenths(learnt[:, at]) for at, name in enumerate(names)}
    return Reference(model_hash, features, score)


def tenths(values: Numbers) -> Tenths:
    """A column in bins of equally many; equal values share one."""
    edges = edges_of(values)
    return Tenths(tuple(edges.tolist()), tuple(counted(values, edges).tolist()))


def edges_of(values: Numbers) -> Numbers:
    """The upper edges of all bins but the last and that of the missing."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(0)
    at = np.arange(1, PSI_BINS) / PSI_BINS
    every: Numbers = np.unique(np.quantile(known, at, method="inverted_cdf"))
    edges: Numbers = every[every < known.max()]
    return edges


def counted(values: Numbers, edges: Numbers) -> Counts:
    """How many values lie in each bin: int64[edges + 2]."""
    counts: Counts = np.zeros(len(edges) + 2, np.int64)
    count_bins(
        np.ascontiguousarray(values).reshape(-1, 1), edges.reshape(1, -1),
        np.array([len(edges)]), counts.reshape(1, -1),
    )  # fmt: skip
    return counts


def psi_of(one: Sequence[int] | Counts, other: Sequence[int] | Counts) -> tuple[float, float]:
    """The population stability index of two columns in the same bins, and what chance alone exceeds
    once in twenty.

    Sum over bins of (other - one) * ln(other / one), shares of bins; half a payment is added to
    each bin so that an empty one has a logarithm. With nothing changed it is about chi-squared with
    bins - 1 degrees, times (1/n + 1/m) (B. Yurdakul, J. Naranjo, Journal of Risk Model Validation
    14, 2020); its 95th percentile by Wilson and Hilferty.
    """
    pairs = [(int(a), int(b)) for a, b in zip(one, other, strict=True) if a or b]
    n, m = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    if not (n and m):
        return 0.0, 0.0
    bins = len(pairs)
    shares = [((a + 0.5) / (n + 0.5 * bins), (b + 0.5) / (m + 0.5 * bins)) for a, b in pairs]
    index = sum((b - a) * log(b / a) for a, b in shares)
    degrees, by_chance = bins - 1, 0.0
    if degrees:
        spread = 2 / (9 * degrees)
        by_chance = degrees * (1 - spread + 1.6448536269514722 * sqrt(spread)) ** 3
    return index, by_chance * (1 / n + 1 / m)


def path_beside(model: Path) -> Path:
    """Where the reference of a model's file lies: beside it, ending in ``-reference.json``."""
    return model.with_name(f"{model.stem}-reference.json")


def write(path: Path, reference: Reference) -> None:
    """Write it; the same reference gives the same bytes."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(reference), indent=1) + b"\n")


def read(path: Path, model_hash: str) -> Reference | None:
    """The reference in that file; None without one, or if it is of another model.

    Raises InputError when it cannot be understood.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(MAX_BYTES), type=Reference)
    except msgspec.DecodeError as error:
        raise InputError(
            "this is no reference of a model", found=str(error), where=Place(str(path)),
            hint="train the model again, or remove the file: nothing but drift needs it",
        ) from error  # fmt: skip
    columns = (*found.features.values(), found.score)
    if any(len(column.counts) != len(column.edges) + 2 for column in columns):
        raise InputError(
            "this is no reference of a model", expected="a count for each bin",
            where=Place(str(path)), hint="train the model again, or remove the file",
        )  # fmt: skip
    return found if found.model_hash == model_hash else None


@kernel
def count_bins(rows: Numbers, edges: Numbers, sizes: Counts, counts: Counts) -> None:
    """Add each value of ``rows`` float64[n, k] to its bin: ``edges`` float64[k, most] of which
    the first ``sizes`` int64[k] count, ``counts`` int64[k, most + 2].
    """
    for k in range(rows.shape[1]):
        size = sizes[k]
        for j in range(rows.shape[0]):
            value = rows[j, k]
            at = 0
            if np.isnan(value):
                at = size + 1
            else:
                while at < size and edges[k, at] < value:
                    at += 1
            counts[k, at] += 1
