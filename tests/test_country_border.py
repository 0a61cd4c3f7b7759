"""Calls that come from abroad with a number of the country: who sees what of them."""

from __future__ import annotations

import numpy as np

from arasha.country.border import (
    ABROAD,
    FORGED,
    FORWARDED,
    FORWARDED_AFTER_MS,
    LONG_WAY,
    Border,
    Trunks,
)
from arasha.country.loop import Life
from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.events.schema import CALL_ROUTES, Kind

FOREIGN = CALL_ROUTES.index("foreign")


def test_who_sees_what_of_a_call_from_abroad() -> None:
    """The operator of the number called sees it come from abroad; that of the number shown sees it
    only where it came from home; a call that is forwarded came the usual way before.
    """
    world = load("standard")
    society = Society.make(5, 1_500, world)
    border, trunks = Border(society, 5), Trunks(society)
    operator = society.numbers.operator
    found = dict.fromkeys((FORGED, ABROAD, LONG_WAY, FORWARDED), 0)
    before: dict[int, list[int]] = {}
    for happened in Life(society, world, 5).slices(1):
        crossing = border.crossing(happened.rows, happened.start_ms, happened.end_ms)
        rows, way = crossing.rows, crossing.way
        assert (np.diff(rows.time_ms) >= 0).all()
        if not len(rows):
            continue
        for first, at in zip(rows.first.tolist(), rows.time_ms.tolist(), strict=True):
            before.setdefault(first, []).append(at)
        for row in np.flatnonzero(way == FORWARDED).tolist():
            times = before.get(int(rows.first[row]), [])
            assert int(rows.time_ms[row]) - FORWARDED_AFTER_MS in times
        trunks.note(crossing)
        traffic, _ = trunks.pass_on(rows)
        ways = trunks.ways(traffic)
        for one in range(society.operators):
            seen, facts = trunks.seen_by(one, traffic, ways)
            calls = facts.kinds == Kind.CALL
            for row, route in zip(seen[calls].tolist(), facts.number("route")[calls], strict=True):
                if ways[row] < 0:
                    continue
                called = operator[traffic.second[row]] == one
                assert (route == FOREIGN) == called
                assert called or ways[row] == LONG_WAY
                found[int(ways[row])] += called
    assert all(found.values()), found
