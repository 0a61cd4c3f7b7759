"""``arasha bench trace`` measures every promise, and its peers follow the same reports."""

from __future__ import annotations

import json

import numpy as np

from arasha.app.bench import trace
from arasha.app.bench.trace_peers import duckdb_traces, rustworkx_traces
from arasha.app.bench.trace_traffic import held, through_hub
from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer

TINY = trace.TraceSizes(payments=4_000, more=8_000, thefts=6, peer_reports=3, hub=2_000, reports=3)


def test_every_promise_is_measured_once_in_order() -> None:
    """The shape of docs/benchmarks.md, whatever the sizes."""
    found = [result for some in trace.results_of(TINY) for result in some]

    assert sorted(trace.METRICS) == sorted(result.metric for result in found)
    for result in found:
        assert result.value is not None
        json.dumps(result.as_object())


def test_peers_reach_what_a_naive_search_reaches() -> None:
    """Both peers, against a plain loop over all payments."""
    some = held(3_000, 5, with_edges=True)
    bounds, reported = Bounds(payments_most=10_000), some.reported[:3]
    edges = some.edges
    assert edges is not None

    duck = duckdb_traces(edges, reported, bounds)
    rust = rustworkx_traces(edges, reported, bounds)

    expected = [reached(edges, one, bounds) for one in reported]
    assert duck is not None
    assert rust is not None
    assert expected == duck[1]
    # A breadth-first search reaches a payment once, by the fewest payments: the same set.
    assert expected == rust[1]


def reached(edges: np.ndarray, reported: int, bounds: Bounds) -> int:
    """How many payments can carry money of the reported one."""
    met, layer = {reported}, {reported}
    for _ in range(bounds.hops_most - 1):
        layer = {
            after
            for before in layer
            for after in np.flatnonzero(edges[:, 0] == edges[before, 1]).tolist()
            if after > before
            and edges[after, 2] <= edges[before, 2] + bounds.hop_window_ms
            and edges[after, 3] >= bounds.least_amount_minor
        } - met
        met |= layer
    return len(met)


def test_the_hub_passes_the_stolen_money_on() -> None:
    """The theft goes over a mule into the hub, and by some rule to where the hub sends it."""
    arena, ordinal = through_hub(2_000, 2_000, 75.0)

    trace_ = Tracer(arena).trace([ordinal])

    assert len(trace_.payments) >= 3
    assert trace_.looked_at > 20
