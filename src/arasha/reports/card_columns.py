"""What a model card is made from: plain columns, and facts about the model.

Before card_measures.py. Whoever trained or judged hands these over: the payments of the test with
their probabilities, the matrices of features, the contributions. Nothing here knows a model's
library, a policy's file or a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.schema import MISSING

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Truth = NDArray[np.int8]
Keys = NDArray[np.int64] | NDArray[np.uint64]

FRAUD: Final = 1
GOOD: Final = 0
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Grouping:
    """Some division of payments: by bank, by channel. ``codes`` int64[n] are places in ``names``;
    -1 is unknown.
    """

    name: str
    codes: Integers
    names: tuple[str, ...]

    @classmethod
    def of(cls, name: str, labels: Iterable[str | None]) -> Grouping:
        """From one label a payment; None is unknown.

        >>> Grouping.of("bank", ["B", "A", None, "B"]).names
        ('A', 'B')
        """
        listed = list(labels)
        names = tuple(sorted({label for label in listed if label is not None}))
        place: dict[str | None, int] = {label: at for at, label in enumerate(names)}
        return cls(name, np.array([place.get(label, -1) for label in listed], np.int64), names)


@dataclass(frozen=True, slots=True)
class Rows:
    """The payments a model was tried on, n of them, as columns.

    ``probability`` float64[n] in 0..1; ``truth`` int8[n]: 1 fraud, 0 good, -1 not settled;
    ``amount_minor`` int64[n] (MISSING where unknown) of ``currency`` int64[n] (ISO 4217 numeric);
    ``payer`` and ``payee`` int64[n] or tokens uint64[n, 2]; times in ms since 1970.

    ``score`` float64[n] orders payments where probabilities tie, as isotonic calibration makes
    them: any number that rises with suspicion. None: the probability orders them.
    ``cluster`` int64[n] says which payments belong together when an interval is computed (the
    rings of a laundering data set, say). None: payments of one payer.
    ``bothered`` bool[n] says on which payments the policy acted. None: the threshold that would
    bother 1 % of the good payments.
    """

    probability: Numbers
    truth: Truth
    amount_minor: Integers
    currency: Integers
    payer: Keys
    payee: Keys
    happened_at_ms: Integers
    known_at_ms: Integers
    groupings: tuple[Grouping, ...] = ()
    score: Numbers | None = None
    cluster: Keys | None = None
    bothered: Mask | None = None

    def __post_init__(self) -> None:
        n = len(self.probability)
        assert self.probability.shape == (n,)
        assert np.all((self.probability >= 0) & (self.probability <= 1)), "not probabilities"
        assert np.isin(self.truth, (-1, GOOD, FRAUD)).all()
        columns = (self.truth, self.amount_minor, self.currency, self.payer, self.payee,
                   self.happened_at_ms, self.known_at_ms, self.score, self.cluster,
                   self.bothered, *(one.codes for one in self.groupings))  # fmt: skip
        assert all(column is None or len(column) == n for column in columns)

    def __len__(self) -> int:
        return len(self.probability)

    def take(self, mask: Mask) -> Rows:
        """The payments where the mask holds, in order."""
        return Rows(
            self.probability[mask], self.truth[mask], self.amount_minor[mask],
            self.currency[mask], self.payer[mask], self.payee[mask],
            self.happened_at_ms[mask], self.known_at_ms[mask],
            tuple(Grouping(one.name, one.codes[mask], one.names) for one in self.groupings),
            None if self.score is None else self.score[mask],
            None if self.cluster is None else self.cluster[mask],
            None if self.bothered is None else self.bothered[mask],
        )  # fmt: skip

    @property
    def ranking(self) -> Numbers:
        """What orders the payments."""
        return self.probability if self.score is None else self.score

    @property
    def known_amount(self) -> Integers:
        """The amounts, 0 where unknown."""
        return np.where(self.amount_minor == MISSING, 0, self.amount_minor)


def codes(keys: Keys) -> Integers:
    """The keys as int64[n] from 0 up, in the order of their values.

    >>> codes(np.array([7, 3, 7])).tolist()
    [1, 0, 1]
    """
    columns = keys[:, None] if keys.ndim == 1 else keys
    order = np.lexsort(columns.T[::-1])
    ordered = columns[order]
    steps = np.any(ordered[1:] != ordered[:-1], axis=1)
    found = np.empty(len(keys), np.int64)
    found[order] = np.concatenate([[0], np.cumsum(steps)])[: len(keys)]
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of the data and what it was used for; times are those at which facts were known."""

    name: str
    first_ms: int
    last_ms: int
    payments: int
    frauds: int


def span(name: str, known_at_ms: Integers, truth: Truth) -> Span:
    """The span of those payments, of which there is at least one."""
    return Span(
        name, int(known_at_ms.min()), int(known_at_ms.max()), len(truth),
        int(np.count_nonzero(truth == FRAUD)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matrix:
    """Features of the training payments and of the test: float64[n, f] and float64[m, f], NaN
    where missing. ``groups`` names what a person understands each feature to be about.
    """

    names: tuple[str, ...]
    train: Numbers
    test: Numbers
    groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.train.shape[1:] == self.test.shape[1:] == (len(self.names),)


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each feature added to the log-odds, float64[m, f + 1], the constant last.

    ``rows`` int64[m] are the rows of ``Matrix.test`` they belong to; None: the first m.
    """

    values: Numbers
    rows: Integers | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """The same recipe trained with another seed: its probabilities of the same test payments."""

    seed: int
    probability: Numbers
    score: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same recipe, unchanged, on another stretch of time."""

    name: str
    rows: Rows
    seeds: tuple[Seed, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose card it is. ``facts`` are further lines for the reader: name of a setting, value.

    ``spans`` are in the order of use: training first, the test last. ``thresholds`` are the
    probabilities from which the policy warns, holds, blocks. ``rehearsed_ms``: what was tried is
    not the model itself but the same recipe, trained as of then; the model has seen the test.
    ``elsewhere``: where the test lies if not later in time than the training but in another world
    (a simulated country of another seed), in words that end a sentence; empty: later in time.
    """

    name: str
    model_hash: str
    policy: str
    policy_hash: str
    label_delay_ms: int
    spans: tuple[Span, ...]
    calibration: str = ""
    seeds_averaged: tuple[int, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    facts: tuple[tuple[str, str], ...] = ()
    utc_offset_ms: int = 0
    rehearsed_ms: int | None = None
    elsewhere: str = ""
