from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from arasha.app.http.spread import Spread


def lines(registry: CollectorRegistry) -> set[str]:
    """The page without the times at which things were made."""
    page = generate_latest(registry).decode()
    return {line for line in page.splitlines() if "_created" not in line}


@given(st.lists(st.integers(-1, 12).map(lambda n: n / 4)))
def test_the_page_is_that_of_an_ordinary_histogram(values: list[float]) -> None:
    """Line by line, with values on the bounds and beyond them."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    spread = Spread("score", "Scores", (0.5, 1.0, 2.0), ours)
    histogram = Histogram("score", "Scores", registry=theirs, buckets=(0.5, 1.0, 2.0))
    spread.observe(values)
    for value in values:
        histogram.observe(value)
    assert lines(theirs) == lines(ours)
