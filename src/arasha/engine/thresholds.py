"""From stated costs to the scores at which a payer is warned, held, blocked.

In: points and truths of payments the model has not seen, their amounts, costs. Out: Thresholds.
Each is the score at which this slice would have cost least, the milder actions' share considered::

    cost of an action from score s on = what it costs the honest payers above s
                                      + the frauds below s, and those it does not stop
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arasha.engine.recipe import Costs
from arasha.policy.definition import MAX_SCORE, Thresholds


@dataclass(frozen=True, slots=True)
class Slice:
    """n payments: ``points`` int64[n], ``truth`` int8[n] (1 fraud), ``amount_minor`` int64[n]; they
    happened within ``days``. ``weighed`` bool[n]: those in the currency of the costs; None: all.
    """

    points: NDArray[np.int64]
    truth: NDArray[np.int8]
    amount_minor: NDArray[np.int64]
    days: float
    weighed: NDArray[np.bool_] | None = None

    def of_truth(self, truth: int) -> NDArray[np.bool_]:
        """The payments of that truth whose money is weighed."""
        own: NDArray[np.bool_] = self.truth == truth
        return own if self.weighed is None else own & self.weighed


def choose(some: Slice, costs: Costs) -> Thresholds:
    """The thresholds that cost least on this slice, in order: warn ≤ hold ≤ block.

    No more than ``alerts_a_day`` payments a day, of any currency, reach the threshold of hold. A
    slice without frauds gives thresholds nothing reaches but certainty.
    """
    frauds = some.of_truth(1)
    if not frauds.any():
        return Thresholds(MAX_SCORE, MAX_SCORE, MAX_SCORE)
    goods = _above(some, some.of_truth(0), np.ones(len(some.points)))
    stopped = _above(some, frauds, some.amount_minor.astype(np.float64) * costs.missed_share)
    alerts = _above(some, np.ones(len(some.points), np.bool_), np.ones(len(some.points)))
    within = np.flatnonzero(alerts <= costs.alerts_a_day * max(some.days, 1e-9))
    lowest_hold = int(within[0]) if len(within) else MAX_SCORE
    block = _best(goods * costs.blocked_minor - stopped, lowest_hold)
    hold = min(block, _best(goods * costs.held_minor - stopped, lowest_hold))
    warn = min(hold, _best(goods * costs.warned_minor - stopped * costs.warning_stops, 1))
    return Thresholds(warn, hold, block)


def _above(
    some: Slice, mask: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[MAX_SCORE + 1]: the weight of the payments with at least so many points."""
    by_score = np.bincount(
        some.points[mask], weights=weight[mask].astype(np.float64), minlength=MAX_SCORE + 1
    )
    above: NDArray[np.float64] = np.cumsum(by_score[::-1], dtype=np.float64)[::-1]
    return above


def _best(cost: NDArray[np.float64], least: int) -> int:
    """The score from ``least`` (and 1) on with the least cost, the highest of equals."""
    first = max(least, 1)
    if first > MAX_SCORE:
        return MAX_SCORE
    rest = cost[first:][::-1]
    return MAX_SCORE - int(np.argmin(rest))
