"""The index of names against a dict."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from arasha.events.uniqueness import Uniqueness

# Few low bits, so that names fall on each other's slots; large strides, so that they wrap.
NAMES = st.tuples(st.integers(4090, 4100), st.integers(0, 300))


def array(names: list[tuple[int, int]]) -> np.ndarray:
    return np.array(names, np.uint64).reshape(len(names), 2)


class Names(RuleBasedStateMachine):
    """Add and forget; always find what a dict finds."""

    def __init__(self) -> None:
        super().__init__()
        self.index = Uniqueness()
        self.known: dict[tuple[int, int], int] = {}
        self.next = 0

    @rule(names=st.lists(NAMES, max_size=40, unique=True))
    def add(self, names: list[tuple[int, int]]) -> None:
        fresh = [name for name in names if name not in self.known]
        seqs = np.arange(self.next, self.next + len(fresh))
        assert -1 == self.index.add(array(fresh), seqs)
        self.known |= dict(zip(fresh, seqs.tolist(), strict=True))
        self.next += len(fresh)

    @rule(names=st.lists(NAMES, min_size=1, max_size=10))
    def clash(self, names: list[tuple[int, int]]) -> None:
        first = next(
            (i for i, name in enumerate(names) if name in self.known or name in names[:i]), -1
        )
        seqs = np.arange(self.next, self.next + len(names))
        assert first == self.index.add(array(names), seqs)
        self.index.forget(self.next, self.next + len(names))

    @rule(a=st.integers(0, 100), n=st.integers(0, 50))
    def forget(self, a: int, n: int) -> None:
        self.index.forget(a, a + n)
        self.known = {k: v for k, v in self.known.items() if not a <= v < a + n}

    @rule(names=st.lists(NAMES, max_size=20))
    def find(self, names: list[tuple[int, int]]) -> None:
        first_seq, first_row = self.index.find(array(names))
        assert [self.known.get(name, -1) for name in names] == first_seq.tolist()
        assert [
            names.index(name) if name not in self.known and name in names[:i] else -1
            for i, name in enumerate(names)
        ] == first_row.tolist()

    @invariant()
    def counts(self) -> None:
        assert len(self.known) == len(self.index)


TestNames = Names.TestCase
TestNames.settings = settings(deadline=None, max_examples=40)


def test_it_grows() -> None:
    """A hundred thousand names are all found again."""
    names = np.random.default_rng(1).integers(0, 2**63, (100_000, 2)).astype(np.uint64)
    index = Uniqueness()
    for part in np.array_split(np.arange(len(names)), 9):
        assert -1 == index.add(names[part], part)
    first_seq, _ = index.find(names)
    assert np.array_equal(np.arange(len(names)), first_seq)
