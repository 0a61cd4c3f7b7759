"""Union-find: what is tied hangs together, whatever the order of the ties."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.flows.kernels_rings import flatten, unite

ties = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25)


@given(ties, st.randoms(use_true_random=False))
def test_parts_are_those_of_a_plain_search(some: list[tuple[int, int]], chance: Random) -> None:
    """Each account's part is named by its smallest account."""
    parts = [{account} for account in range(20)]
    for a, b in some:
        if parts[a] is not parts[b]:
            parts[a] |= parts[b]
            for account in parts[a]:
                parts[account] = parts[a]

    shuffled = chance.sample(some, len(some))
    parents = np.arange(20, dtype=np.int64)
    unite(parents, np.array(shuffled, np.int64).reshape(-1, 2))
    flatten(parents)

    assert [min(part) for part in parts] == parents.tolist()
