"""The second reading of what followed in the shadow: whose draft it was, from when until when.

Below audit_reading.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from arasha.cases import acts as a
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import ShadowRead


def begin(reading: Reading, doing: Doing, act: a.ShadowBegun) -> None:
    """Another one takes the place of what followed."""
    _over(reading, doing)
    reading.shadows.append(ShadowRead(doing.seq, act.policy, doing.by.name, doing.at_ms))


def end(reading: Reading, doing: Doing, act: a.ShadowEnded) -> None:
    """What no entry began was put there by the command line."""
    known = reading.follows
    _over(reading, doing)
    if known is None or known.policy != act.policy:
        from_elsewhere = ShadowRead(doing.seq, act.policy, None, None, doing.at_ms, doing.by.name)
        reading.shadows.append(from_elsewhere)


def _over(reading: Reading, doing: Doing) -> None:
    if (known := reading.follows) is not None:
        known.over_ms, known.ended_by = doing.at_ms, doing.by.name


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {a.ShadowBegun: begin, a.ShadowEnded: end}
"""How each act is read."""
