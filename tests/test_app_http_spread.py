from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Histogram as Theirs

from arasha.app.http.spread import Histogram


def lines(registry: CollectorRegistry) -> set[str]:
    """The page without the times at which things were made."""
    page = generate_latest(registry).decode()
    return {line for line in page.splitlines() if "_created" not in line}


@given(st.lists(st.integers(-1, 12).map(lambda n: n / 4)))
def test_the_page_is_that_of_an_ordinary_histogram(values: list[float]) -> None:
    """Line by line, with values on the bounds and beyond them."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    spread = Histogram("score", "Scores", (0.5, 1.0, 2.0), ours).of[""]
    histogram = Theirs("score", "Scores", registry=theirs, buckets=(0.5, 1.0, 2.0))
    spread.observe(values)
    for value in values:
        histogram.observe(value)
    assert lines(theirs) == lines(ours)


def test_a_label_tells_spreads_of_one_name_apart() -> None:
    """As an ordinary histogram's labels do, also those that nothing was counted for."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    stages = Histogram("stage", "Stages", (1.0, 2.0), ours, "stage", ("wait", "commit")).of
    histogram = Theirs("stage", "Stages", ("stage",), registry=theirs, buckets=(1.0, 2.0))
    stages["commit"].observe((0.5, 3.0))
    for value in (0.5, 3.0):
        histogram.labels("commit").observe(value)
    histogram.labels("wait")
    assert lines(theirs) == lines(ours)
