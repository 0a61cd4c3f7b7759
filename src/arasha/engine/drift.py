"""How far what is judged now lies from what the model learnt: counted as it is judged.

Where on the path: beside *judged*. In: the model's inputs and points of each batch, in the writing
thread. Out, whenever asked: the population stability index of each feature and of the score against
the model's reference (policy/reference.py). What is kept is bounded: one count for each bin, over
the last payments, between WINDOW and twice as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.policy.definition import Policy
from arasha.policy.reference import (
    Reference,
    Tenths,
    count_bins,
    path_beside,
    psi_of,
    read,
    write,
)

WINDOW: Final = 50_000
"""Payments after which the oldest counts go."""

ROWS_AT_ONCE: Final = 64
"""Payments of one batch that are counted at most, evenly spread over it."""

FOLDER: Final = "references"
"""Where a centre keeps the references of the models it has judged by."""


@dataclass(frozen=True, slots=True)
class Index:
    """A population stability index, and what chance alone would exceed once in twenty times."""

    psi: float
    by_chance: float


class Drift:
    """The counts of one model. ``note`` is called by one thread, the rest by any."""

    def __init__(self, reference: Reference, names: Sequence[str]) -> None:
        """``names`` are the model's features; of those without a reference nothing is said."""
        self._names = tuple(name for name in names if name in reference.features)
        self._at = np.array([list(names).index(name) for name in self._names], np.intp)
        columns = [*(reference.features[name] for name in self._names), reference.score]
        self._reference = columns
        self._sizes = np.array([len(column.edges) for column in columns], np.int64)
        most = int(self._sizes.max())
        self._edges = np.full((len(columns), most), np.inf)
        for place, column in enumerate(columns):
            self._edges[place, : len(column.edges)] = column.edges
        self._now = np.zeros((len(columns), most + 2), np.int64)
        self._before = np.zeros_like(self._now)
        self._seen = 0
        self.note(np.zeros((0, len(names))), np.zeros(0, np.int64))  # compiled before it matters

    def note(self, rows: NDArray[np.float64], points: NDArray[np.int64]) -> None:
        """A batch was judged: the model's inputs float64[n, features] and points int64[n]."""
        step = max(1, -(-len(rows) // ROWS_AT_ONCE))
        some = np.empty((-(-len(rows) // step), len(self._reference)))
        some[:, :-1] = rows[::step, self._at]
        some[:, -1] = points[::step]
        count_bins(some, self._edges, self._sizes, self._now)
        self._seen += len(some)
        if self._seen >= WINDOW:
            self._before, self._now = self._now, np.zeros_like(self._now)
            self._seen = 0

    @property
    def payments(self) -> int:
        """Payments that the indices are about."""
        return int((self._before[-1] + self._now[-1]).sum())

    def features(self) -> dict[str, Index]:
        """The index of each feature."""
        counts = self._before + self._now
        return {name: self._index(at, counts) for at, name in enumerate(self._names)}

    def score(self) -> Index:
        """That of the model's score."""
        return self._index(len(self._names), self._before + self._now)

    def _index(self, at: int, counts: NDArray[np.int64]) -> Index:
        column: Tenths = self._reference[at]
        return Index(*psi_of(column.counts, counts[at, : len(column.counts)]))


def reference_for(policy: Policy, directory: Path) -> Reference | None:
    """The reference of the policy's model: from the centre's directory, or from beside the model.

    The latter is then kept in the directory, for a start from the log alone. Raises InputError.
    """
    if policy.model is None or policy.model.text is None:
        return None
    digest = policy.model.hash
    kept = directory / FOLDER / f"{digest}.json"
    found = read(kept, digest)
    if found is None:
        found = read(path_beside(policy.source.parent / policy.model.file), digest)
        if found is not None:
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            write(kept, found)
    return found
