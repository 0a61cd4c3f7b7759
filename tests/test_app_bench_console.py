"""The benchmark of the console: every page of a small centre, through a real service."""

from __future__ import annotations

import json

from arasha.app.bench import console
from arasha.app.bench.console import ADDRESSES, METRICS, ConsoleSizes, measured


def test_every_page_of_a_tiny_centre_is_measured() -> None:
    """Each promise once, in order; pages have something in them."""
    found = measured(ConsoleSizes(3_000, 120, 4))
    assert METRICS == tuple(one.metric for one in found)
    assert len(METRICS) == len(set(METRICS)) == len(ADDRESSES)
    for one in found:
        assert (one.value or 0) > 0
        assert (one.beside["bytes"] or 0) > 1_000
    assert "3,000 payments, 120 cases" in found[0].note
    assert {console.QUEUE_MS, console.PAGE_MS} == {one.reach for one in found}
    assert json.dumps([one.as_object() for one in found])
