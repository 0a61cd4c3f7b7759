"""One ring and gone: whoever calls back pays by the minute.

Hundreds of numbers ring for a second at night from abroad; a few people call back. No payment of
the payment system is part of it, only calls and changed SIMs exist. Sources: notices of the FCC,
2019 (bursts in the middle of the night, one or two rings); numbers and shares: assumed.
"""

from __future__ import annotations

from functools import partial

from arasha.country.happenings import NONE
from arasha.country.script import NIGHT, Script, Stage, Story
from arasha.country.society import NO_BANK, NumberKind

STORY = Story("wangiri", "other", NIGHT)


def play(stage: Stage) -> Script:
    """A burst of rings; those who wonder call back in the morning."""
    p, chance = stage.parameter, stage.chance
    number = stage.society.new_number(NONE, NO_BANK, stage.now_ms, NumberKind.ABROAD)
    rung = [stage.person() for _ in range(chance.poisson(p("rings")))]
    callees = [one.number for one in rung if one is not None]
    yield stage.calls(number, callees, every_seconds=4, answered_share=0.02, route="foreign")
    for callee in callees:
        if chance.happens(p("calls_back_share")):
            stage.spawn(partial(_called_back, number=number, callee=callee))


def _called_back(stage: Stage, number: int, callee: int) -> Script:
    yield stage.until(7 + 6 * stage.chance.uniform())
    minutes = stage.chance.exponential(stage.parameter("minutes"))
    yield stage.call(callee, number, minutes=minutes, route="foreign")
