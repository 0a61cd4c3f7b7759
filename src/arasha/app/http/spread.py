"""A histogram of Prometheus that takes thousands of values a second for next to nothing.

In: values, as they come. Out: the same lines on the page of figures as prometheus_client's own
histogram, whose locks and checks at each value would cost more than what is measured.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.utils import floatToGoString


class Spread:
    """How values are spread over buckets. One thread fills it; any may read."""

    def __init__(self, buckets: Sequence[float]) -> None:
        """``buckets`` are their upper bounds, ascending, without infinity."""
        self._bounds = list(buckets)
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0

    def observe(self, values: Iterable[float]) -> None:
        """Count the values."""
        counts, bounds, total = self._counts, self._bounds, 0.0
        for value in values:
            counts[bisect_left(bounds, value)] += 1
            total += value
        self._sum += total

    def told(self) -> tuple[list[tuple[str, float]], float]:
        """Each bound with how many values are not above it, and the sum of all values."""
        bounds = [*map(floatToGoString, self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True)), self._sum


class Histogram:
    """Spreads under one name, each for one value of a label; alone, it needs none."""

    def __init__(
        self,
        name: str,
        text: str,
        buckets: Sequence[float],
        registry: CollectorRegistry,
        label: str | None = None,
        values: Iterable[str] = ("",),
    ) -> None:
        """``values`` are all that the label ever has."""
        self._name, self._text, self._label = name, text, label
        self.of = {value: Spread(buckets) for value in values}
        registry.register(self)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What prometheus_client asks for."""
        labels = None if self._label is None else (self._label,)
        family = HistogramMetricFamily(self._name, self._text, labels=labels)
        for value, spread in self.of.items():
            buckets, total = spread.told()
            family.add_metric([] if labels is None else [value], buckets, total)
        yield family
