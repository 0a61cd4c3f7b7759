"""Calls and SIM changes in a small society, a row at a time."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from arasha.country.happenings import Happenings, make, merged
from arasha.country.society import Society
from arasha.events.schema import CALL_ROUTES, Kind

MINUTE_MS = 60_000
SERIALS = count(1)


def numbers_of(society: Society, operator: int, count: int) -> list[int]:
    """Some numbers of that operator."""
    n = len(society.numbers)
    found: list[int] = np.flatnonzero(society.numbers.operator[:n] == operator)[:count].tolist()
    return found


def called(society: Society, *rows: dict[str, Any]) -> Happenings:
    """Rows of calls and SIM changes, each so many ms after the first day began."""
    made = []
    for row in rows:
        values = {"kind": Kind.CALL, "code": CALL_ROUTES.index("domestic")} | row
        values["serial"] = next(SERIALS)
        values["time_ms"] += society.start_ms
        made.append(make({name: np.array([value]) for name, value in values.items()}))
    return merged(made)
