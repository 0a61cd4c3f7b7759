"""How far a claim looks like abuse of the recall itself: who pays and then "was robbed".

Scored is the claim: this payment, the account it left and the device it was made with. Never the
person, and nothing but earlier claims and times is looked at. From the law file's ``suspicion`` on
two people must agree before banks are asked for the money.
"""

from __future__ import annotations

from typing import Final

from arasha.cases.calendar import DAY_MS
from arasha.cases.records import Report
from arasha.cases.state import State

LOOKED_BACK_MS: Final = 180 * DAY_MS
"""How far earlier claims count, ms."""

MAX_SCORE: Final = 1_000

EARLIER_CLAIM: Final = 100
"""For each earlier claim of the account, three at most."""

UNFOUNDED: Final = 250
"""For each earlier claim of the account that was withdrawn or found to be no fraud, two at most."""

SAME_PAIR: Final = 200
"""The account has claimed a payment to the same payee before."""

DEVICE_OF_MANY: Final = 300
"""The device made claimed payments of two other accounts, or more."""

LATE: Final = 150
"""Claimed long after the payment."""

LATE_MS: Final = 30 * DAY_MS


def score_claim(state: State, report: Report, at_ms: int) -> tuple[int, tuple[str, ...]]:
    """(0 to 1000, what counted) for a report that is in the state."""
    earlier = _earlier(state, report.payer, report, at_ms)
    of_account = [one for one in earlier if one.payer == report.payer]
    unfounded = [one for one in of_account if one.status != "open"]
    of_device = [] if report.device is None else _earlier(state, report.device, report, at_ms)
    others = {one.payer for one in of_device if one.device == report.device} - {report.payer}
    counted = {
        "earlier_claims": EARLIER_CLAIM * min(len(of_account), 3),
        "unfounded_claims": UNFOUNDED * min(len(unfounded), 2),
        "same_pair": SAME_PAIR * any(one.payee == report.payee for one in of_account),
        "device_of_many": DEVICE_OF_MANY * (len(others) >= 2),
        "late": LATE * (report.taken_ms - report.paid_ms > LATE_MS),
    }
    reasons = tuple(name for name, points in counted.items() if points)
    return min(sum(counted.values()), MAX_SCORE), reasons


def _earlier(state: State, claimant: str, report: Report, at_ms: int) -> list[Report]:
    """Earlier claims of that account or device, of other payments, that still count."""
    found = (state.reports[one] for one in state.claims_of.get(claimant, ()))
    return [
        one
        for one in found
        if one.id != report.id
        and one.ground != report.ground
        and one.taken_ms <= report.taken_ms
        and at_ms - one.taken_ms <= LOOKED_BACK_MS
    ]
