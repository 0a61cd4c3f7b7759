"""What the operators of a country answer banks: each by the calls of its own numbers.

Where on the path: between *happened* and *known*, beside operators.py. In: rows of the country,
with what banks ask among them. Out: the same rows, with the classes that an operator's service
would tell (engine/call_risk.py) in place of those that the country knew. An asking is as many rows
as an operator answers signals, in that order, right before the payment it is about.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import Happenings
from arasha.country.society import Society
from arasha.country.traffic import Network
from arasha.engine.askings import MAX_ASKED_24H
from arasha.engine.call_risk import ASKED, CallState
from arasha.events.columns import Facts
from arasha.events.schema import SIGNALS, Kind

_FIRST_ASKED: Final = SIGNALS.index(ASKED[0])


class Answering:
    """The operators of a country, who have seen nothing yet."""

    def __init__(self, society: Society) -> None:
        self._network = Network(society)
        self._states = [CallState() for _ in range(society.operators)]

    def answered(self, rows: Happenings) -> Happenings:
        """The next rows, as answered; without those that an operator does not answer."""
        telecom = np.isin(rows.kind, (Kind.CALL, Kind.SIM_CHANGE, Kind.SIGNAL))
        if not telecom.any():
            return rows
        traffic, place = self._network.pass_on(rows.take(telecom))
        told = np.full(len(traffic.first), -1, np.int64)
        for operator, state in enumerate(self._states):
            seen, facts = self._network.known_to(operator, traffic)
            told[seen] = _told(state, facts)
        at = np.flatnonzero(telecom)[rows.kind[telecom] == Kind.SIGNAL]
        classes = np.full(len(rows), -1, np.int64)
        classes[telecom] = told[place]
        rows.code[at] = np.maximum(classes[at], 0).astype(np.uint8)
        keep = np.ones(len(rows), np.bool_)
        keep[at] = classes[at] >= 0
        return rows.take(keep)


def _told(state: CallState, facts: Facts) -> NDArray[np.int64]:
    """int64[n]: the class that each asked signal is told, -1 of other facts and where nobody is."""
    told = np.full(len(facts), -1, np.int64)
    if not len(facts):
        return told
    known_at = np.maximum.accumulate(facts.number("happened_at"))
    first = (facts.kinds == Kind.SIGNAL) & (facts.number("signal") == _FIRST_ASKED)
    numbers, taken = facts.symbol("number"), 0
    for at in np.flatnonzero(first).tolist():
        state.take(facts.take(slice(taken, at)), known_at[taken:at])
        taken = at
        now = state.tell(numbers[at].tobytes(), int(known_at[at]))
        if now.asked_24h < MAX_ASKED_24H:
            told[at : at + len(ASKED)] = now.classes
    state.take(facts.take(slice(taken, len(facts))), known_at[taken:])
    return told
