"""Numbers, at an operator: what was found becomes a case, and one number at a time is suspended.

    found ──▶ one case: its numbers are subjects, what is only tied to them is not
    checked ──▶ closed as legitimate (the answer), or numbers suspended: each its own act of two
                people, with a basis, an end, and a reference to appeal with

What was found is seen outside (gateways/) and carried in the act, so the facts of calls behind it
can go and the case stays whole. A number that is only tied can be suspended once its case is closed
as fraud. Nothing here is about a person: a holder is counted and never named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from arasha.cases.acts import (
    NumbersFound,
    NumberSuspended,
    ReleaseWhy,
    SuspensionEnded,
    SuspensionLifted,
    SuspensionTold,
)
from arasha.cases.calendar import DAY_MS
from arasha.cases.records import OPEN_CASE, Asked, Case, CaseStatus, NumbersSeen, Suspension
from arasha.cases.refusals import Refusal
from arasha.cases.rings import joined, merged
from arasha.cases.state import Change, Changes, State

Result: TypeAlias = Changes | Refusal

AGAIN_MS: Final = 30 * DAY_MS
"""How long a number that was in a case which is over is not asked about again for the same."""


def find(state: State, asked: Asked, act: NumbersFound) -> Result:
    """What numbers that were found make of the cases about them."""
    law = state.law
    if law is None or law.numbers is None:
        return Refusal.NO_LAW_ON_NUMBERS
    named = frozenset(one.number for one in act.numbers)
    everybody = named | {one.number for one in act.tied}
    seen = NumbersSeen(act.pattern, (*act.numbers, *act.tied), act.ties)
    cases = _open_cases(state, everybody)
    if cases:
        return _gathered(state, asked, cases, named, everybody, seen)
    fresh = frozenset(one for one in everybody if not _answered(state, one, act, asked.at_ms))
    if not (fresh & named if named else fresh):
        return Refusal.ALREADY_TAKEN_IN
    return (
        Case(
            id=f"c{asked.seq}", subjects=named & fresh, currency=law.currency,
            opened_ms=asked.at_ms, due_ms=law.numbers.check.after(asked.at_ms, law.calendar),
            ring=fresh, seen=seen.only(fresh),
        ),
    )  # fmt: skip


def suspend(state: State, asked: Asked, act: NumberSuspended) -> Result:
    """Suspend a number of a case; the second person has agreed (cases/requests.py)."""
    law, case = state.law, state.cases.get(act.case)
    if law is None or law.numbers is None:
        return Refusal.NO_LAW_ON_NUMBERS
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if act.reference in state.by_reference:
        return Refusal.REFERENCE_IN_USE
    if act.until_ms <= asked.at_ms:
        return Refusal.NOT_LATER
    if act.until_ms > law.numbers.suspended.after(asked.at_ms, law.calendar):
        return Refusal.PAST_THE_LAW
    if case.status not in OPEN_CASE and case.outcome != "fraud":
        return Refusal.CASE_IS_OVER
    signs = () if case.seen is None else case.seen.signs
    one = next((sign for sign in signs if sign.number == act.number), None)
    if one is None:
        return Refusal.NOT_NAMED
    if act.number not in case.subjects and case.outcome != "fraud":
        return Refusal.ONLY_TIED
    if not one.is_ours:
        return Refusal.NOT_OUR_NUMBER
    before = state.suspensions.get(state.suspension_of.get(act.number, ""))
    if before is not None and (before.case == case.id or before.stands_at(asked.at_ms)):
        return Refusal.SUSPENDED_BEFORE
    return (
        Suspension(
            id=f"s{asked.seq}", number=act.number, case=case.id, reference=act.reference,
            law=law.hash, basis=act.basis, author=asked.by.name,
            second=(asked.seconds or ("",))[0], from_ms=asked.at_ms, until_ms=act.until_ms,
            tell_by_ms=law.numbers.told.after(asked.at_ms, law.calendar), hands=asked.hands,
        ),
    )  # fmt: skip


def tell(state: State, asked: Asked, act: SuspensionTold) -> Result:
    """Whoever has the number has been told."""
    suspension = state.suspensions.get(act.suspension)
    if suspension is None:
        return Refusal.SUSPENSION_NOT_FOUND
    if suspension.told_ms is not None:
        return Refusal.ALREADY_TAKEN_IN
    if not suspension.stands_at(asked.at_ms):
        return Refusal.SUSPENSION_IS_OVER
    return (replace(suspension, told_ms=asked.at_ms),)


def lift(state: State, asked: Asked, act: SuspensionLifted) -> Result:
    """One person is enough, and it is at once."""
    suspension = state.suspensions.get(act.suspension)
    if suspension is None:
        return Refusal.SUSPENSION_NOT_FOUND
    if not suspension.stands_at(asked.at_ms):
        return Refusal.SUSPENSION_IS_OVER
    return lifted(suspension, act.why, asked)


def lifted(suspension: Suspension, why: ReleaseWhy, asked: Asked) -> Changes:
    """The suspension as it is over."""
    hands = suspension.hands | asked.hands
    return (replace(suspension, status="lifted", why=why, over_ms=asked.at_ms, hands=hands),)


def end(state: State, asked: Asked, act: SuspensionEnded) -> Result:
    """Its end has come."""
    suspension = state.suspensions.get(act.suspension)
    if suspension is None:
        return Refusal.SUSPENSION_NOT_FOUND
    if asked.at_ms < suspension.until_ms:
        return Refusal.NOT_ITS_END_YET
    if suspension.status != "suspended":
        return Refusal.SUSPENSION_IS_OVER
    return (replace(suspension, status="ended", over_ms=suspension.until_ms),)


def cleared(state: State, case: Case, asked: Asked) -> Changes:
    """What a case that was no fraud does to its suspensions: none of them stands any longer."""
    return tuple(
        change
        for one in state.suspensions.values()
        if one.case == case.id and one.stands_at(asked.at_ms)
        for change in lifted(one, "not_fraud", asked)
    )


def moved(state: State, case: Case, to: str, among: frozenset[str] | None = None) -> Changes:
    """The suspensions of a case, or of these numbers of it, go with what becomes of another case:
    its outcome is theirs.
    """
    return tuple(
        replace(one, case=to)
        for one in state.suspensions.values()
        if one.case == case.id and (among is None or one.number in among)
    )


def _open_cases(state: State, numbers: frozenset[str]) -> list[Case]:
    """The open cases about any of these numbers, the first opened first."""
    names = {state.ring_at[number] for number in numbers if number in state.ring_at}
    cases = [state.cases[name] for name in names if state.cases[name].status in OPEN_CASE]
    return sorted(cases, key=lambda case: (case.opened_ms, int(case.id[1:])))


def _answered(state: State, number: str, act: NumbersFound, at_ms: int) -> bool:
    """Whether somebody has said lately what it was, of the same pattern."""
    case = state.cases.get(state.ring_at.get(number, ""))
    if case is None or case.status is not CaseStatus.CLOSED or case.seen is None:
        return False
    assert case.closed_ms is not None, "a closed case says when"
    return case.seen.pattern == act.pattern and at_ms < case.closed_ms + AGAIN_MS


def _gathered(
    state: State,
    asked: Asked,
    cases: Sequence[Case],
    named: frozenset[str],
    everybody: frozenset[str],
    seen: NumbersSeen,
) -> Result:
    """One case of those there are: that which somebody has, or else the first. One that another
    person has stays apart, with its numbers.
    """
    had = [one for one in cases if one.lease_by is not None and asked.at_ms < one.lease_until_ms]
    target = (had or list(cases))[0]
    whole, changes, apart = target, list[Change](), frozenset[str]()
    for case in cases:
        if case.id == target.id:
            continue
        both = None if case in had else joined(whole, case)
        if both is None:
            apart |= case.ring
            continue
        whole = both
        changes += (merged(case, target), *moved(state, case, target.id))
    ring, subjects = whole.ring | (everybody - apart), whole.subjects | (named - apart)
    more = seen.only(everybody - apart)
    if not changes and (ring, subjects) == (target.ring, target.subjects):
        return Refusal.ALREADY_TAKEN_IN
    grown = more if whole.seen is None else whole.seen.with_more(more)
    return (*changes, replace(whole, ring=ring, subjects=subjects, seen=grown))
