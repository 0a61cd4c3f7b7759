"""What one way of judging recovered, made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from arasha.reports.recovered import CLASSES, Asked, Class, Recovered

_EARLY = Class(2, 1_000_000_00, 900_000_00, 800_000_00, 700_000_00, 600_000_00)
_LATE = Class(3, 3_000_000_00, 600_000_00, 300_000_00, 100_000_00, 200_000_00)
_NEVER = Class(1, 500_000_00)

RECOVERED = Recovered(
    classes=(_EARLY, Class(), Class(), _LATE, _NEVER),
    rules={"lifo": Asked(20, 3, 1_000_000_00, 50_000_00), "poison": Asked(60, 30, 900, 800)},
    held=20, no_part=2, no_part_claimed=1, no_part_money=50_000_00, release_hours=(2.0, 9.0, 30.0),
    for_good=1, appeals=4, upheld=3, no_part_appeals=2, no_part_upheld=2, asked_back=2_000_000_00,
    came_back=800_000_00, hold_minutes=(5.0, 50.0, 20.0), ground_minutes=(5.0, 10.0, 15.0),
)  # fmt: skip
assert len(CLASSES) == len(RECOVERED.classes)


def recovered(**changed: Any) -> Recovered:
    """The same with other figures."""
    return replace(RECOVERED, **changed)
