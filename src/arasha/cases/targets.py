"""Where to hold: from the trace of a report to the accounts at which banks are asked to.

In: a report, its trace, the participants, who pays into an account. Out: (account, bank, amount,
payment) for each account at which some of the disputed money still is; by that payment most of it
came. Of the rules that a trace computes
together holds follow *last in, first out*: stolen money passes through quickly, and the last to
come is what goes on. Its amounts add up to what was reported, so that no more is held in all than
is disputed; the interval is for the officer to see.

The account that the report names is held on the word of the victim's bank. Further accounts are
held on nothing but a trace, so it must say much: little money, and a shop or landlord whom many
pay, is left to people (docs/decisions/0020-*.md has what that costs and saves).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, Literal, get_args

from arasha.cases.acts import MAX_TARGETS
from arasha.cases.calendar import DAY_MS
from arasha.cases.records import Report
from arasha.flows.arena import Arena
from arasha.flows.traced import Account, Payment, Trace

Rule = Literal["lifo", "fifo", "haircut", "poison"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
"""The rules by which money can be followed to its targets; the first is the one that holds use."""

LEAST_FURTHER_MINOR: Final = 20_000_00
"""Less than this is held at no account but the one that the report names, minor units: what the
200.00 reais of Pix MED 2.0 are in tenge."""

BUSY_PAYERS: Final = 16
"""An account into which more than so many accounts paid is held at only if a report names it."""

BUSY_MS: Final = 10 * DAY_MS
"""How far back payers count, ms."""

Targets = list[tuple[str, str, int, int | None]]
IsBusy = Callable[[Account], bool]


def targets_of(
    report: Report,
    trace: Trace | None,
    banks: Collection[str],
    is_busy: IsBusy,
    rule: Rule = RULES[0],
) -> Targets:
    """Where to hold it; without a trace, at the account that the report names."""
    found: list[tuple[str, str | None, int, int | None]]
    if trace is None:
        found = [(report.payee, report.payee_bank, report.amount_minor, None)]
    else:
        came = _most_came_by(trace)
        found = [
            (one.token, one.bank, amount, came.get(place))
            for place, one in enumerate(trace.accounts)
            if (amount := int(getattr(one.money.there, rule)))
            and (one.token == report.payee or _says_enough(one, amount, is_busy))
        ]
    held = [
        (account, bank, amount, payment)
        for account, bank, amount, payment in found
        if bank is not None and bank in banks and account != report.payer
    ]
    return held[:MAX_TARGETS]


def busy_in(arena: Arena, at_ms: int) -> IsBusy:
    """Whether many pay into an account, as an arena knows it at that moment."""

    def is_busy(account: Account) -> bool:
        return arena.payers_of(account.number, at_ms - BUSY_MS, BUSY_PAYERS + 1) > BUSY_PAYERS

    return is_busy


def _says_enough(account: Account, amount_minor: int, is_busy: IsBusy) -> bool:
    return amount_minor >= LEAST_FURTHER_MINOR and not is_busy(account)


def _most_came_by(trace: Trace) -> dict[int, int]:
    """The place in the log of the payment that brought most, by the account's place in the trace;
    of equal ones the earliest.
    """
    best: dict[int, Payment] = {}
    for payment in trace.payments:
        if payment.to_account is None:
            continue
        other = best.get(payment.to_account)
        brings = (payment.carries.lifo, -payment.seq)
        if other is None or brings > (other.carries.lifo, -other.seq):
            best[payment.to_account] = payment
    return {account: payment.seq for account, payment in best.items()}
