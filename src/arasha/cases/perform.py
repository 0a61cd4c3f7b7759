"""The one function of the room: a state and an act give records, or a refusal by its name.

    act ──▶ law in force? ──▶ in time? ──▶ the role's right? ──▶ a second person? ──▶ its own rules
                │                │               │                     │                   │
                ╰────────────────┴── a Refusal, and nothing is kept ───┴───────────────────┤
                                                                                           ▼
                                                              records, whole, as they are now

It looks at no clock, draws no number and changes nothing: who calls it keeps the act in the log
and then lets the state take the records (cases/projection.py). Run again over the log it gives the
same records.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

from arasha.cases import (
    appeals,
    complaints,
    desk,
    evidence,
    holds,
    listings,
    numbers,
    recalls,
    reports,
    requests,
    rings,
)
from arasha.cases.acts import (
    Act,
    AlertRaised,
    AppealOpened,
    AppealRuled,
    AppealTaken,
    Askable,
    CaseAttached,
    CaseChecked,
    CaseClosed,
    CaseEscalated,
    CaseLeft,
    CaseMerged,
    CaseNoted,
    CaseSnoozed,
    CaseSplit,
    CaseTaken,
    ComplaintLapsed,
    ComplaintMade,
    Entry,
    EvidencePacked,
    HoldAnswered,
    HoldConfirmed,
    HoldEnded,
    HoldProlonged,
    HoldReleased,
    HoldReviewed,
    HoldsPlaced,
    LawChosen,
    ListingAdded,
    ListingEnded,
    ListingTold,
    ListingWithdrawn,
    MoneyReturned,
    NumbersFound,
    NumberSuspended,
    PartyViewed,
    PolicyChosen,
    RecallAnswered,
    RecallCancelled,
    RecallOpened,
    RecallSent,
    ReceiverAgreed,
    ReportAttested,
    ReportTaken,
    ReportWithdrawn,
    RequestApproved,
    RequestDeclined,
    Requested,
    RequestEdited,
    RequestLapsed,
    ReturnOrdered,
    RingFound,
    ShadowBegun,
    ShadowEnded,
    SuspensionEnded,
    SuspensionLifted,
    SuspensionTold,
    word_of,
)
from arasha.cases.law import Law
from arasha.cases.law_document import read_law
from arasha.cases.notes import text_of
from arasha.cases.records import Asked, Published, Shadowed
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, may
from arasha.cases.state import Changes, State
from arasha.events.free_text import names_somebody

Result: TypeAlias = Changes | Refusal


def perform(state: State, entry: Entry, seq: int) -> Result:
    """What the act makes of the state, or why it is not taken; ``seq`` is where its entry goes."""
    act = entry.act
    if state.law is None and not isinstance(act, LawChosen):
        return Refusal.NO_LAW_IN_FORCE
    if entry.at_ms < state.at_ms:
        return Refusal.TIME_RUNS_BACK
    if not may(entry.by, RIGHTS[word_of(act)]):
        return Refusal.NOT_FOR_THIS_ROLE
    if names_somebody(text_of(act)):
        return Refusal.NAMES_SOMEBODY
    if requests.needed(state, act):
        return Refusal.NEEDS_A_SECOND_PERSON
    asked = Asked(entry.at_ms, entry.by, seq)
    match act:
        case Requested():
            return requests.ask(state, asked, act, _askable)
        case RequestEdited():
            return requests.edit(state, asked, act, _askable)
        case RequestApproved():
            return requests.approve(state, asked, act, _askable)
        case _:
            return _DECIDERS[type(act)](state, asked, act)


def _askable(state: State, asked: Asked, act: Askable) -> Result:
    """What two people want, once they do."""
    return _DECIDERS[type(act)](state, asked, act)


def choose_law(state: State, asked: Asked, act: LawChosen) -> Result:
    """Another law is in force; what was begun under one keeps the ends it has."""
    if state.law is None and asked.by.kind == "person":
        return Refusal.NO_LAW_IN_FORCE
    if state.law is not None and asked.by.kind != "person":
        return Refusal.NOT_FOR_THIS_ROLE
    if state.law is not None and act.toml == state.law.text:
        return Refusal.SAME_LAW
    law = _law_of(act.toml)
    if law is None:
        return Refusal.LAW_DOES_NOT_COMPILE
    return (law,)


def choose_policy(state: State, asked: Asked, act: PolicyChosen) -> Result:
    """Two people want it. That it compiles, to that hash, is seen to where it is put in force
    (app/http/publishing.py): a policy is nothing that this room can read.
    """
    if state.published is not None and state.published.policy == act.policy:
        return Refusal.SAME_POLICY
    seconds = asked.seconds or ("",)
    return (Published(act.policy, asked.by.name, seconds[-1], asked.at_ms),)


def begin_shadow(_: State, asked: Asked, act: ShadowBegun) -> Changes:
    """It takes the place of whatever followed, and its count begins anew."""
    return (Shadowed(act.policy, asked.by.name, asked.at_ms),)


def end_shadow(_: State, asked: Asked, act: ShadowEnded) -> Changes:  # noqa: ARG001 - one signature
    """Nothing follows any more: what the command line had put there can be ended, too."""
    return (Shadowed(None, asked.by.name, asked.at_ms),)


@lru_cache(maxsize=4)  # one law is read when it is asked for, and again when it is agreed to
def _law_of(toml: str) -> Law | None:
    return read_law(toml, "the law file")[0]


_DECIDERS: Final[dict[type[Act], Callable[[State, Asked, Any], Result]]] = {
    LawChosen: choose_law,
    PolicyChosen: choose_policy,
    ShadowBegun: begin_shadow,
    ShadowEnded: end_shadow,
    ReportTaken: reports.take_report,
    ReportAttested: reports.attest,
    ReportWithdrawn: reports.withdraw,
    ComplaintMade: complaints.make,
    ComplaintLapsed: complaints.lapse,
    AlertRaised: reports.raise_alert,
    RingFound: rings.find,
    NumbersFound: numbers.find,
    NumberSuspended: numbers.suspend,
    SuspensionTold: numbers.tell,
    SuspensionLifted: numbers.lift,
    SuspensionEnded: numbers.end,
    HoldsPlaced: holds.place,
    HoldAnswered: holds.answer,
    HoldConfirmed: holds.confirm,
    HoldReviewed: holds.review,
    HoldProlonged: holds.prolong,
    HoldReleased: holds.release,
    HoldEnded: holds.end,
    RecallOpened: recalls.open_recall,
    RecallSent: recalls.send,
    RecallAnswered: recalls.answer,
    ReceiverAgreed: recalls.agree,
    ReturnOrdered: recalls.order_return,
    MoneyReturned: recalls.returned,
    RecallCancelled: recalls.cancel,
    CaseTaken: desk.take,
    CaseLeft: desk.leave,
    CaseNoted: desk.note,
    CaseAttached: desk.attach,
    CaseClosed: desk.close,
    CaseSnoozed: desk.snooze,
    CaseMerged: desk.merge,
    CaseSplit: desk.split,
    CaseEscalated: desk.escalate,
    CaseChecked: desk.check,
    PartyViewed: desk.view,
    EvidencePacked: evidence.pack,
    ListingAdded: listings.add,
    ListingTold: listings.tell,
    ListingWithdrawn: listings.withdraw,
    ListingEnded: listings.end,
    AppealOpened: appeals.open_appeal,
    AppealTaken: appeals.take,
    AppealRuled: appeals.rule,
    RequestDeclined: requests.decline,
    RequestLapsed: requests.lapse,
}
