"""Which parties the facts of a log mention, month by month.

Where on the path: beside *kept*. In: an open log. Out: the tokens in its facts, with the month they
stand in, in the log's order. What the vault may go on keeping, and for how long, rests on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import numpy as np

from arasha.events.body import unpack_facts
from arasha.events.columns import Symbols
from arasha.events.schema import FACTS
from arasha.log.keys import FIRST_ACT_KIND, Retention
from arasha.log.log import Log

PARTY_COLUMNS: Final = tuple(
    dict.fromkeys(f.name for fact in FACTS.values() for f in fact.fields if f.party is not None)
)
"""Columns of facts that hold a party's token."""


def mentions(log: Log, *, without: Collection[int] = ()) -> Iterator[tuple[int, Symbols]]:
    """(month's number, tokens uint64[n, 2]) of the facts that can be read, in order of the log.

    ``without``: months that are passed over, as those are that were retired. Raises KeyDestroyed
    when a key was lost, LogDamaged.
    """
    retired = {
        row.period for row in log.periods() if row.retired and row.retention is Retention.FACTS
    }
    passed = retired.union(without)
    for period, first, stop, facts in log.month_counts():
        if not facts or period in passed:
            continue
        for frame in log.read(first, stop, classes=(Retention.FACTS,), missing="raise"):
            rows = np.flatnonzero(frame.readable & (frame.kinds < FIRST_ACT_KIND))
            read = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
            for name in PARTY_COLUMNS:
                if name in read.symbols:
                    yield period, read.symbols[name]
