"""Which law was in force when: for what follows from the law of an instant that is past.

In: a log. Out: its laws, each from its entry on. The first is the centre's own act; each later one
was asked for, maybe edited, and is in force from the publisher's approval on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from arasha.cases.acts import (
    LawChosen,
    RequestApproved,
    Requested,
    RequestEdited,
    unpack,
)
from arasha.cases.law import Law
from arasha.cases.law_document import read_law
from arasha.events.schema import Kind
from arasha.log.keys import Retention
from arasha.log.log import Log


@dataclass(frozen=True, slots=True)
class LawReign:
    """A law, its hash, and the seq of the entry that put it in force."""

    first_seq: int
    law: Law
    hash: str


def laws_of(log: Log) -> tuple[LawReign, ...]:
    """Every law of a log, in order."""
    reigns: list[LawReign] = []
    wanted: dict[str, LawChosen] = {}
    for seq in sorted(log.places(Kind.LAW) + log.places(Kind.REQUEST)):
        frame = next(log.read(seq, seq + 1, classes=(Retention.ACTS,)))
        act, chosen = unpack(frame.bodies[0]).act, None
        match act:
            case LawChosen():
                chosen = act
            case Requested(what=LawChosen() as what):
                wanted[f"q{seq}"] = what
            case RequestEdited(request=request, what=what):
                wanted.pop(request, None)
                if isinstance(what, LawChosen):
                    wanted[request] = what
            case RequestApproved(request=request):
                chosen = wanted.get(request)
            case _:
                pass
        law = None if chosen is None else read_law(chosen.toml, "the law file")[0]
        if law is not None:
            reigns.append(LawReign(seq, law, law.hash))
    return tuple(reigns)


def law_at(reigns: Sequence[LawReign], seq: int) -> LawReign | None:
    """The law that entry ``seq`` falls under; None before the first."""
    at = bisect_right(reigns, seq, key=lambda reign: reign.first_seq)
    return reigns[at - 1] if at else None
