"""Two people: what one person alone cannot do is asked for, and done when the others agree.

A request is bound to the hash of exactly what will be done. Whoever approves says that hash; an
edit makes another one and voids what was approved before. Nobody approves twice or what they asked
for themselves. With the last approval needed it is done, in the same entry; if it cannot be done
any more, the approval is refused and the request stands until it lapses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from arasha.cases import holds, recalls
from arasha.cases.acts import (
    Act,
    Actor,
    Askable,
    HoldProlonged,
    LawChosen,
    ListingAdded,
    NumberSuspended,
    PolicyChosen,
    RecallSent,
    RequestApproved,
    RequestDeclined,
    Requested,
    RequestEdited,
    RequestLapsed,
    ReturnOrdered,
    content_of,
    word_of,
)
from arasha.cases.records import Asked, Request
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, may, roles_of
from arasha.cases.state import Changes, State

Result: TypeAlias = Changes | Refusal
Perform: TypeAlias = Callable[[State, Asked, Askable], Result]

OFFICER: Final = "officer"
AUTHORITY: Final = "authority"
PUBLISHER: Final = "policy_publisher"


def needed(state: State, act: Act) -> tuple[str, ...]:
    """The roles of the other people without whom this is not done; none where one is enough."""
    law = state.law
    match act:
        case HoldProlonged():
            return (OFFICER, AUTHORITY) if holds.needs_authority(state, act) else (OFFICER,)
        case RecallSent():
            return (OFFICER,) if recalls.is_suspicious(state, act) else ()
        case ReturnOrdered():
            return (OFFICER, AUTHORITY) if law is not None and law.recall.sanction else (OFFICER,)
        case ListingAdded() | NumberSuspended():
            return (OFFICER,)
        case LawChosen():
            return (PUBLISHER,) if law is not None else ()
        case PolicyChosen():
            return (PUBLISHER,)
        case _:
            return ()


def ask(state: State, asked: Asked, act: Requested, perform: Perform) -> Result:
    """Ask for a second person. What could not be done now is not asked for either."""
    refusal = _not_askable(state, asked, act.what, perform)
    if refusal is not None:
        return refusal
    law = state.law
    assert law is not None, "no act is taken without a law"
    return (
        Request(
            id=f"q{asked.seq}",
            what=act.what,
            content=content_of(act.what),
            by=asked.by.name,
            roles=asked.by.roles,
            asked_ms=asked.at_ms,
            lapses_ms=law.desk.request.after(asked.at_ms, law.calendar),
        ),
    )


def edit(state: State, asked: Asked, act: RequestEdited, perform: Perform) -> Result:
    """Who asked asks for something else: nobody has approved that yet."""
    request = state.requests.get(act.request)
    if request is None:
        return Refusal.REQUEST_NOT_FOUND
    if request.by != asked.by.name:
        return Refusal.ANOTHERS_REQUEST
    if _is_over(request, asked):
        return Refusal.REQUEST_IS_OVER
    refusal = _not_askable(state, asked, act.what, perform)
    if refusal is not None:
        return refusal
    return (replace(request, what=act.what, content=content_of(act.what), approvals=()),)


def approve(state: State, asked: Asked, act: RequestApproved, perform: Perform) -> Result:
    """Agree to exactly this; the last one needed has it done."""
    request = state.requests.get(act.request)
    if request is None:
        return Refusal.REQUEST_NOT_FOUND
    if asked.by.name in (request.by, *(name for name, _ in request.approvals)):
        return Refusal.SAME_PERSON
    if act.content != request.content:
        return Refusal.CONTENT_HAS_CHANGED
    if _is_over(request, asked):
        return Refusal.REQUEST_IS_OVER
    still = list(needed(state, request.what))
    for _, given in request.approvals:
        if given in still:
            still.remove(given)
    role = next((role for role in still if role in roles_of(asked.by)), None)
    if role is None and still:
        return Refusal.ROLE_NOT_NEEDED
    if role is not None:
        still.remove(role)
    approvals = (*request.approvals, (asked.by.name, role or OFFICER))
    if still:
        return (replace(request, approvals=approvals),)
    by = Actor("person", request.by, request.roles)
    seconds = tuple(name for name, _ in approvals)
    done = perform(state, replace(asked, by=by, seconds=seconds), request.what)
    if isinstance(done, Refusal):
        return done
    return (replace(request, approvals=approvals, status="done"), *done)


def decline(state: State, asked: Asked, act: RequestDeclined) -> Result:
    """Say no, or take back what one has asked for."""
    request = state.requests.get(act.request)
    if request is None:
        return Refusal.REQUEST_NOT_FOUND
    if _is_over(request, asked):
        return Refusal.REQUEST_IS_OVER
    mine = request.by == asked.by.name
    if not mine and roles_of(asked.by).isdisjoint(needed(state, request.what)):
        return Refusal.ROLE_NOT_NEEDED
    return (replace(request, status="declined"),)


def lapse(state: State, asked: Asked, act: RequestLapsed) -> Result:
    """Nobody answered in time."""
    request = state.requests.get(act.request)
    if request is None:
        return Refusal.REQUEST_NOT_FOUND
    if request.status != "open":
        return Refusal.REQUEST_IS_OVER
    if asked.at_ms < request.lapses_ms:
        return Refusal.NOT_ITS_END_YET
    return (replace(request, status="lapsed"),)


def _is_over(request: Request, asked: Asked) -> bool:
    return request.status != "open" or asked.at_ms >= request.lapses_ms


def _not_askable(state: State, asked: Asked, what: Askable, perform: Perform) -> Refusal | None:
    """Why this cannot be asked for; it is tried, and nothing of the trial is kept."""
    if not may(asked.by, RIGHTS[word_of(what)]):
        return Refusal.NOT_FOR_THIS_ROLE
    tried = perform(state, replace(asked, seconds=()), what)
    return tried if isinstance(tried, Refusal) else None
