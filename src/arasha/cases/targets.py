"""Where to hold: from the trace of a report to the accounts at which banks are asked to.

In: a report, its trace, the participants. Out: (account, bank, amount) for each account at which
some of the disputed money still is. Of the rules that a trace computes together holds follow *last
in, first out*: stolen money passes through quickly, and the last to come is what goes on. Its
amounts add up to what was reported, so that no more is held in all than is disputed; the interval
is for the officer to see.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, get_args

from arasha.cases.acts import MAX_TARGETS
from arasha.cases.records import Report
from arasha.flows.traced import Trace

Rule = Literal["lifo", "fifo", "haircut", "poison"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
"""The rules by which money can be followed to its targets; the first is the one that holds use."""

Targets = list[tuple[str, str, int]]


def targets_of(
    report: Report, trace: Trace | None, banks: Collection[str], rule: Rule = RULES[0]
) -> Targets:
    """Where to hold it; without a trace, at the account that the report names."""
    if trace is None:
        found = [(report.payee, report.payee_bank, report.amount_minor)]
    else:
        found = [
            (one.token, one.bank, int(getattr(one.money.there, rule))) for one in trace.accounts
        ]
    held = [
        (account, bank, amount)
        for account, bank, amount in found
        if bank is not None and bank in banks and amount > 0 and account != report.payer
    ]
    return held[:MAX_TARGETS]
