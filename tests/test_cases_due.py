"""What time brings: each end once, each clock that runs out once."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.due import due
from cases_samples import BANK, HELD, OFFICER, Room, bank, room


def words(here: Room) -> list[str]:
    """What is due now, and then done."""
    acts = due(here.state, here.at_ms)
    for act in acts:
        here.do(CENTRE, act)
    assert [] == due(here.state, here.at_ms)
    return [a.word_of(act) for act in acts]


def test_nothing_is_due_before_its_time() -> None:
    """Not a millisecond."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    here.at_ms = hold.until_ms - 1
    assert [] == words(here)
    here.at_ms += 1
    assert ["hold_ended", "case_escalated"] == words(here)


def test_a_bank_that_does_not_answer_escalates_the_case() -> None:
    """Half an hour after the order."""
    here = room()
    here.hold(here.report())
    here.later(hours=0.5)
    assert ["case_escalated"] == words(here)


def test_a_review_a_recall_and_an_appeal_that_are_late_escalate_the_case() -> None:
    """Whichever runs out first."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(bank(BANK), a.HoldAnswered(hold.id, 100_000))
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    for late in ("review", "recall", "appeal"):
        other = Room()
        for seq, entry in enumerate(here.entries):
            other.projection.take(seq, a.pack(entry))
        other.entries, other.at_ms = list(here.entries), here.at_ms
        case = other.state.cases[other.state.reports[hold.report].case]
        other.state.cases[case.id] = type(case)(
            case.id, case.subjects, case.currency, case.opened_ms, 2**50, case.alerts, case.reports
        )
        if late == "recall":
            other.do(CENTRE, a.RecallOpened(hold.report))
            other.later(days=7)
        elif late == "appeal":
            other.do(HELD, a.AppealOpened(hold.reference))
            other.later(days=7)
        else:
            other.later(days=2)
        assert "case_escalated" in words(other), late


def test_requests_and_listings_end_by_themselves() -> None:
    """After a day, and at their end."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    now = here.hold_now(hold)
    here.do(OFFICER, a.Requested(a.HoldProlonged(hold.id, now.until_ms + 1)))
    here.later(hours=24)
    assert "request_lapsed" in words(here)
