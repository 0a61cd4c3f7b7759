"""Where disputed money is, as an officer reads it: for each account between which least and most.

In: what was followed (following.py). Out: plain data, amounts as text. The accounts are those that
the reported money itself has reached, seen through the open case or hold that it belongs to. Of who
else may have been robbed only the bank is told, which can ask them: nothing open names them yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from arasha.app.http.following import Followed, Other
from arasha.app.http.shown import Json, code, money, time_of
from arasha.cases.records import Report
from arasha.cases.state import State
from arasha.flows.traced import Account, Split, Trace


def standing(state: State, reports: Iterable[str]) -> list[Report]:
    """The reports among these that stand."""
    return [one for name in reports if (one := state.reports[name]).status == "open"]


def money_shown(found: Followed | None, only: str | None = None) -> Json | None:
    """All of it, or what concerns ``only`` one account; None where nothing was followed."""
    if found is None:
        return None
    trace = found.trace
    accounts = [one for one in trace.accounts if only in (None, one.token)]
    told: dict[str, Any] = {
        "currency": code(trace.currency),
        "disputed": _span(trace.disputed, trace),
        "accounts": [_account(one, trace) for one in accounts],
        "bounds": asdict(trace.bounds),
        "cut_by": {bound: times for bound, times in trace.cuts.as_object().items() if times},
    }
    if only is None:
        told |= {
            "there": _span(trace.total("there"), trace),
            "left": {way: _span(trace.total(way), trace) for way in ("cash", "abroad", "crypto")},
            "unfollowed": _span(trace.total("unfollowed"), trace),
            "others": [_other(one, trace) for one in found.others],
            "others_cut": found.cut,
        }
    return told


def _account(one: Account, trace: Trace) -> Json:
    """An account: what came, and what of it is there, was passed on, left the network."""
    parts = one.money
    return {
        "account": one.token, "bank": one.bank, "hop": one.hop, "since": time_of(one.since_ms),
        "came": _span(parts.received, trace),
        "there": _span(parts.there, trace),
        "passed": _span(parts.passed, trace),
        "left": _span(parts.left, trace),
        "unfollowed": _span(parts.unfollowed, trace),
        "cut_by": [bound for bound, cut in (("hop_window", one.cut_by_window),
                   ("looks_at_account", one.cut_by_looks)) if cut],
    }  # fmt: skip


def _span(split: Split, trace: Trace) -> Json:
    """Between which bounds, whatever the rule; and by the rule that holds follow."""
    return {
        "least": money(split.least, trace.currency),
        "most": money(split.most, trace.currency),
        "lifo": money(split.lifo, trace.currency),
    }


def _other(one: Other, trace: Trace) -> Json:
    payment = one.payment
    return {
        "bank": one.bank, "to": payment.payee if payment.hops == 1 else None,
        "at": time_of(payment.at_ms), "amount": money(payment.amount_minor, trace.currency),
    }  # fmt: skip
