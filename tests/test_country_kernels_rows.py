"""How the kernels write: amounts, moments, ranks, the order of a day."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.country import kernels_rows as kernels
from arasha.country.habits import Raw, by_time
from arasha.features.machine import natural_log

KEY = np.uint64(5)


@given(st.lists(st.integers(0, 86_399_999), max_size=60))
def test_a_day_is_sorted_and_stable(times: list[int]) -> None:
    """Rows come by time; rows of the same moment keep their order."""
    rows = np.zeros(len(times), Raw)
    rows["time"], rows["amount"] = times, np.arange(len(times))
    order = np.argsort(times, kind="stable")
    assert order.tolist() == kernels.order_by_time(rows).tolist()
    happened = by_time(rows, 1_000)
    assert [times[place] + 1_000 for place in order] == happened.time_ms.tolist()
    assert order.tolist() == happened.amount.tolist()


@given(tiyn=st.integers(0, 10**11), counter=st.integers(0, 10**6), share=st.floats(0, 1))
def test_amounts_are_whole_tenge_near_the_draw(tiyn: int, counter: int, share: float) -> None:
    """Never under fifty tenge; a round amount is within a third of what was drawn."""
    amount = int(kernels.rounded(tiyn, KEY, np.uint64(counter), share))
    assert 0 == amount % 100
    assert amount >= 5_000
    assert abs(amount - max(5_000, tiyn)) <= max(100, max(5_000, tiyn) / 3)


@given(mean=st.floats(0, 5), u=st.floats(0, 1 - 1e-12))  # nearer to 1 the sum never gets
def test_few_is_the_quantile_of_a_poisson(mean: float, u: float) -> None:
    """The smallest count whose probability to be reached is above u."""
    count, reached, share = 0, np.exp(-mean), np.exp(-mean)
    while u >= reached and count < 60:
        count += 1
        share *= mean / count
        reached += share
    assert abs(count - int(kernels.few(mean, u))) <= int(abs(u - reached) < 1e-9)


@given(u=st.floats(0, 1, exclude_max=True), count=st.integers(1, 10_000))
def test_ranks_are_in_range(u: float, count: int) -> None:
    """A rank is from 0 to the last; the first half of the draws takes about its root's ranks."""
    rank = int(kernels.popular(u, count, natural_log(float(count + 1))))
    assert 0 <= rank < count
    if u < 0.5:
        assert rank <= np.sqrt(count + 1)


@given(shift=st.integers(-1_000, 1_000), counter=st.integers(0, 10**6))
def test_moments_are_of_the_day(shift: int, counter: int) -> None:
    """However late somebody's day is, a moment is of this day."""
    hours = np.full((1, 1024), 13, np.uint8)
    at = int(kernels.moment(hours, 0, shift, KEY, np.uint64(counter)))
    assert 0 <= at < 86_400_000
    assert 13 == (at - shift * 60_000) % 86_400_000 // 3_600_000
