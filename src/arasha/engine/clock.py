"""The two readings of a clock that the live service goes by. Clocks are inputs: whoever starts it
says which.
"""

from __future__ import annotations

from typing import NamedTuple


class Clock(NamedTuple):
    """The time of day in ms since 1970 UTC, and ns that never run back."""

    wall_ms: int
    steady_ns: int
