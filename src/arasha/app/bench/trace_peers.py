"""The same reports followed by others: a recursive query in DuckDB, a breadth-first search in
rustworkx.

In: every payment held as int64[n, 4] (payer, payee, ms, minor units). Out: for each report, how
long the peer took and how many payments it reached. Both reach payments in the order of time,
within the hop window, over at most so many hops, of at least the least amount, until there are as
many as a trace lists. Neither says how much of a payment is disputed.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.flows.bounds import Bounds

Took = tuple[list[float], list[int]]

CHUNK: Final = 500_000

_QUERY: Final = """
with recursive reached(place, payee, at_ms, hop) as (
    select place, payee, at_ms, 1 from payments where place = $reported
    union
    select p.place, p.payee, p.at_ms, r.hop + 1
    from reached r join payments p on p.payer = r.payee
    where p.at_ms >= r.at_ms and p.place > r.place and p.at_ms <= r.at_ms + $window
      and p.amount >= $least and r.hop < $hops
)
select count(distinct place) from (select place from reached order by place limit $most)
"""


def duckdb_traces(edges: NDArray[np.int64], reported: list[int], bounds: Bounds) -> Took | None:
    """Seconds and payments reached of each report; None where DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        return None
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    columns = {
        name: np.ascontiguousarray(edges[:, at])
        for at, name in enumerate(("payer", "payee", "at_ms", "amount"))
    }
    columns["place"] = np.arange(len(edges), dtype=np.int64)
    connection.register("given", columns)
    connection.execute("create table payments as select * from given order by payer, place")
    connection.unregister("given")
    seconds, reached = [], []
    for ordinal in reported:
        start = time.process_time()
        [found] = connection.execute(
            _QUERY,
            {"reported": ordinal, "window": bounds.hop_window_ms, "hops": bounds.hops_most,
             "least": bounds.least_amount_minor, "most": bounds.payments_most},
        ).fetchall()  # fmt: skip
        seconds.append(time.process_time() - start)
        reached.append(int(found[0]))
    connection.close()
    return seconds, reached


def rustworkx_traces(edges: NDArray[np.int64], reported: list[int], bounds: Bounds) -> Took | None:
    """Seconds and payments reached of each report; None where rustworkx is not installed."""
    try:
        import rustworkx
    except ImportError:
        return None
    graph: Any = rustworkx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(int(edges[:, :2].max()) + 1))
    for start in range(0, len(edges), CHUNK):
        part = edges[start : start + CHUNK]
        places = range(start, start + len(part))
        graph.add_edges_from(
            list(zip(part[:, 0].tolist(), part[:, 1].tolist(), places, strict=True))
        )
    at_ms, amounts = edges[:, 2], edges[:, 3]
    seconds, reached = [], []
    for ordinal in reported:
        began = time.process_time()
        met, queue = {ordinal}, deque([(ordinal, 1)])
        while queue and len(met) < bounds.payments_most:
            place, hop = queue.popleft()
            if hop >= bounds.hops_most:
                continue
            since = at_ms[place]
            for _, _, onward in graph.out_edges(int(edges[place, 1])):
                soon = onward > place and at_ms[onward] <= since + bounds.hop_window_ms
                if soon and onward not in met and amounts[onward] >= bounds.least_amount_minor:
                    met.add(onward)
                    queue.append((onward, hop + 1))
        seconds.append(time.process_time() - began)
        reached.append(len(met))
    return seconds, reached
