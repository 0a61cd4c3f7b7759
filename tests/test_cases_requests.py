"""Two people: what is approved is exactly what is done."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.records import Request
from arasha.cases.refusals import Refusal
from arasha.cases.requests import needed
from cases_samples import (
    AUTHOR,
    OFFICER,
    PROSECUTOR,
    PUBLISHER,
    SECOND_OFFICER,
    THIRD_OFFICER,
    Room,
    kz,
    room,
)


def held() -> tuple[Room, str, int]:
    """A confirmed hold, and its end."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    return here, hold.id, here.hold_now(hold).until_ms


def asked(here: Room, act: a.Askable, by: a.Actor = OFFICER) -> Request:
    request = here.do(by, a.Requested(act)).changes[0]
    assert isinstance(request, Request)
    return request


def test_asking_does_nothing() -> None:
    """Until the last who is needed agrees."""
    here, hold, until_ms = held()
    request = asked(here, a.HoldProlonged(hold, until_ms + 1))
    assert until_ms == here.state.holds[hold].until_ms
    here.do(SECOND_OFFICER, a.RequestApproved(request.id, request.content))
    assert until_ms + 1 == here.state.holds[hold].until_ms
    assert "done" == here.state.requests[request.id].status


def test_an_edit_voids_the_approvals() -> None:
    """The prosecutor had agreed to another end."""
    here, hold, _ = held()
    placed_ms = here.state.holds[hold].placed_ms
    past_ms = kz().hold.limit.after(placed_ms, kz().calendar) + 1
    request = asked(here, a.HoldProlonged(hold, past_ms))
    here.do(PROSECUTOR, a.RequestApproved(request.id, request.content))
    here.do(OFFICER, a.RequestEdited(request.id, a.HoldProlonged(hold, past_ms + 1)))
    now = here.state.requests[request.id]
    assert ((), "open") == (now.approvals, now.status)
    stale = a.RequestApproved(request.id, request.content)
    assert Refusal.CONTENT_HAS_CHANGED is here.ask(SECOND_OFFICER, stale)
    for by in (SECOND_OFFICER, PROSECUTOR):
        here.do(by, a.RequestApproved(request.id, now.content))
    assert past_ms + 1 == here.state.holds[hold].until_ms


def test_two_officers_are_not_an_authority() -> None:
    """Whoever is not needed any more is told so, and the same person not counted twice."""
    here, hold, _ = held()
    past_ms = kz().hold.limit.after(here.state.holds[hold].placed_ms, kz().calendar) + 1
    request = asked(here, a.HoldProlonged(hold, past_ms))
    approve = a.RequestApproved(request.id, request.content)
    here.do(SECOND_OFFICER, approve)
    assert Refusal.ROLE_NOT_NEEDED is here.ask(THIRD_OFFICER, approve)
    assert Refusal.SAME_PERSON is here.ask(SECOND_OFFICER, approve)
    assert Refusal.SAME_PERSON is here.ask(OFFICER, approve)


def test_what_cannot_be_done_any_more_is_refused_and_the_request_stands() -> None:
    """Released in the meantime."""
    here, hold, until_ms = held()
    request = asked(here, a.HoldProlonged(hold, until_ms + 1))
    here.do(THIRD_OFFICER, a.HoldReleased(hold, "mistake"))
    refused = here.ask(SECOND_OFFICER, a.RequestApproved(request.id, request.content))
    assert Refusal.HOLD_IS_OVER is refused
    assert "open" == here.state.requests[request.id].status


def test_who_asked_can_take_it_back_and_who_is_needed_can_decline() -> None:
    """Nobody else."""
    here, hold, until_ms = held()
    request = asked(here, a.HoldProlonged(hold, until_ms + 1))
    assert Refusal.ROLE_NOT_NEEDED is here.ask(PUBLISHER, a.RequestDeclined(request.id))
    here.do(OFFICER, a.RequestDeclined(request.id))
    other = asked(here, a.HoldProlonged(hold, until_ms + 1))
    here.do(SECOND_OFFICER, a.RequestDeclined(other.id))


def test_a_law_needs_an_author_and_a_publisher() -> None:
    """And what was begun under the one before keeps its ends."""
    here, hold, until_ms = held()
    shorter = kz().text.replace('confirmed = { is = "3', 'confirmed = { is = "2')
    request = asked(here, a.LawChosen(shorter), AUTHOR)
    assert ("policy_publisher",) == needed(here.state, a.LawChosen(shorter))
    before = here.state.law
    assert before is not None
    here.do(PUBLISHER, a.RequestApproved(request.id, request.content))
    assert here.state.law is not None
    assert before.hash != here.state.law.hash
    assert until_ms == here.state.holds[hold].until_ms
