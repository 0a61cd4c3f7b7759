"""Taking a case out: by whom, while what is open, and what it rests on."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Actor
from arasha.cases.evidence import acts_behind, facts_behind
from arasha.cases.projection import Done, Projection
from arasha.cases.refusals import Refusal
from cases_samples import (
    ANALYST,
    AUDITOR,
    KZT,
    MULE,
    OFFICER,
    OTHER_PAYMENT,
    PAYMENT,
    PROSECUTOR,
    SECOND,
    Room,
    room,
)


def taken_out(here: Room, by: Actor, why: str = "For the court.") -> Done | Refusal:
    """Somebody takes the first case out."""
    return here.ask(by, a.EvidencePacked("c1", why, "0" * 64))


def test_officers_and_the_authority_take_cases_out_and_say_why() -> None:
    """Nobody else; and the reason names nobody."""
    here = room()
    here.report()
    for by in (OFFICER, PROSECUTOR):
        assert isinstance(taken_out(here, by), Done)
    assert 2 == here.state.views
    for by in (ANALYST, AUDITOR, CENTRE, Actor("participant", "MULEBANK")):
        assert Refusal.NOT_FOR_THIS_ROLE is taken_out(here, by)
    assert Refusal.NAMES_SOMEBODY is taken_out(here, OFFICER, "Of KZ75125KZT1001300335.")
    unknown = a.EvidencePacked("c9", "For the court.", "0" * 64)
    assert Refusal.CASE_NOT_FOUND is here.ask(OFFICER, unknown)


def test_a_case_is_taken_out_while_something_open_names_its_parties() -> None:
    """Closed as fraud its report still stands; where that has fallen nobody is named any more."""
    here = room()
    report = here.report()
    here.do(ANALYST, a.CaseTaken("c1"))
    here.do(ANALYST, a.CaseClosed("c1", "fraud", worth_it=True))
    assert isinstance(taken_out(here, OFFICER), Done)
    here.do(OFFICER, a.ReportWithdrawn(report.id))
    assert Refusal.CASE_IS_OVER is taken_out(here, OFFICER)


def test_a_case_rests_on_its_acts_and_on_those_of_what_became_part_of_it() -> None:
    """And on the facts behind: the reports' places, the payments' names."""
    here = room()
    first = here.report()
    here.hold(first)
    second = here.report(payee=SECOND, payment=OTHER_PAYMENT)
    here.do(CENTRE, a.AlertRaised(77, MULE, "c" * 32, 5, KZT, 900))
    here.do(CENTRE, a.AlertRaised(78, "9" * 32, "d" * 32, 5, KZT, 900))
    here.do(CENTRE, a.RingFound(9, KZT, (MULE,), (SECOND,)))
    case = here.case_of(second)
    again = Projection()
    for seq, entry in enumerate(here.entries):
        again.take(seq, a.pack(entry))

    def acts_of(name: str) -> list[int]:
        return [one.seq for one in again.acts_of.get(name, ())]

    assert [0, 1, 2, 3, 4, 6] == acts_behind(here.state, case, acts_of)
    places, payments = facts_behind(here.state, case)
    assert sorted((first.seq, second.seq)) == places
    assert sorted((PAYMENT, OTHER_PAYMENT, "c" * 32)) == payments
