"""The second reading, entry by entry: who did it, who had to agree, and whether they did.

In: a reading and the next entry. Out: the same reading, further, with every law that the entry
breaks. What an act amounts to is in the other modules, audit_holds.py to audit_shadows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from arasha.cases import acts as a
from arasha.cases.acts import Askable, Entry
from arasha.cases.law_document import read_law
from arasha.cases.roles import RIGHTS, may, roles_of
from arasha.reports import (
    audit_cases,
    audit_complaints,
    audit_desk,
    audit_holds,
    audit_numbers,
    audit_shadows,
)
from arasha.reports.audit_reading import Asking, Doing, Reading
from arasha.reports.audit_records import TwoPeople

_HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    **audit_cases.HOW,
    **audit_holds.HOW,
    **audit_desk.HOW,
    **audit_complaints.HOW,
    **audit_numbers.HOW,
    **audit_shadows.HOW,
}

_ALONE: Final = frozenset({"administrator", "authority", "auditor"})
"""Roles that go with no other: said here once more, so that a fault in the table is found."""

_TWO: Final = (a.HoldProlonged, a.ReturnOrdered, a.ListingAdded, a.NumberSuspended, a.PolicyChosen)
"""Acts that one person never does alone."""


def take(reading: Reading, seq: int, entry: Entry) -> None:
    """Take an entry at its word."""
    doing, act = Doing(seq, entry.at_ms, entry.by), entry.act
    word = a.word_of(act)
    if entry.at_ms < reading.at_ms:
        reading.found("order", doing, word, "it is older than the entry before it")
    reading.at_ms = max(reading.at_ms, entry.at_ms)
    excluding = entry.by.kind == "person" and len(set(entry.by.roles)) > 1
    if not may(entry.by, RIGHTS[word]) or (excluding and _ALONE.intersection(entry.by.roles)):
        role = ", ".join(entry.by.roles) or entry.by.kind
        reading.found("role", doing, word, f"{entry.by.name} did this as {role}")
    if reading.law is None and not isinstance(act, a.LawChosen):
        reading.found("order", doing, word, "no law was in force")
        return
    match act:
        case a.Requested():
            law = reading.in_force()
            lapses_ms = law.desk.request.after(doing.at_ms, law.calendar)
            reading.requests[f"q{seq}"] = Asking(act.what, entry.by, lapses_ms)
        case a.RequestEdited():
            _edit(reading, doing, act)
        case a.RequestApproved():
            _approve(reading, doing, act)
        case a.RequestDeclined() | a.RequestLapsed():
            if asking := reading.requests.get(act.request):
                asking.is_open = False
        case _:
            again = isinstance(act, a.LawChosen) and reading.law is not None
            if again or isinstance(act, _TWO):
                reading.found("people", doing, word, f"{entry.by.name} did this alone")
            _done(reading, doing, act)


def _done(reading: Reading, doing: Doing, act: a.AnyAct) -> None:
    """What an act amounts to, once whoever had to want it does."""
    if isinstance(act, a.LawChosen):
        reading.law = read_law(act.toml, "the law file")[0] or reading.law
    elif (how := _HOW.get(type(act))) is not None:
        how(reading, doing, act)


def _edit(reading: Reading, doing: Doing, act: a.RequestEdited) -> None:
    asking = reading.requests.get(act.request)
    if asking is None:
        return reading.found("order", doing, act.request, "there is no such request")
    if asking.by.name != doing.by.name:
        reading.found("people", doing, act.request,
                      f"{doing.by.name} edited what {asking.by.name} had asked for")  # fmt: skip
    asking.what, asking.approvals = act.what, []
    return None


def _approve(reading: Reading, doing: Doing, act: a.RequestApproved) -> None:
    asking = reading.requests.get(act.request)
    if asking is None:
        return reading.found("order", doing, act.request, "there is no such request")
    if doing.by.name in (asking.by.name, *(name for name, _ in asking.approvals)):
        reading.found("people", doing, act.request,
                      f"{doing.by.name} agreed, who had asked or agreed before")  # fmt: skip
    if act.content != sha256(msgspec.json.encode(asking.what)).hexdigest():
        reading.found("people", doing, act.request,
                      f"{doing.by.name} agreed to something else than was asked for")  # fmt: skip
    if not asking.is_open or doing.at_ms >= asking.lapses_ms:
        reading.found("end", doing, act.request, "agreed to after the request was over")
    still = _needed(reading, asking.what)
    for _, given in asking.approvals:
        if given in still:
            still.remove(given)
    role = next((one for one in still if one in roles_of(doing.by)), "")
    if still and not role:
        reading.found("people", doing, act.request,
                      f"{doing.by.name} agreed, who is no {still[0]}")  # fmt: skip
    asking.approvals.append((doing.by.name, role))
    if role:
        still.remove(role)
    if still:
        return None
    asking.is_open = False
    seconds = tuple(name for name, _ in asking.approvals)
    word = a.word_of(asking.what)
    reading.two_people.append(TwoPeople(doing.seq, word, asking.by.name, seconds))
    return _done(reading, Doing(doing.seq, doing.at_ms, asking.by, seconds), asking.what)


def _needed(reading: Reading, what: Askable) -> list[str]:
    """The roles of those who must agree. A recall is asked for where its claim is suspicious: how
    suspicious, the domain alone says, so that here nobody's role is demanded.
    """
    law = reading.in_force()
    match what:
        case a.LawChosen() | a.PolicyChosen():
            return ["policy_publisher"]
        case a.ReturnOrdered():
            return ["officer", "authority"] if law.recall.sanction else ["officer"]
        case a.HoldProlonged():
            hold = reading.holds.get(what.hold)
            limit = law.hold.limit
            past = hold is not None and what.until_ms > limit.after(hold.placed_ms, law.calendar)
            return ["officer", "authority"] if past else ["officer"]
        case a.ListingAdded() | a.NumberSuspended():
            return ["officer"]
        case _:
            return []
