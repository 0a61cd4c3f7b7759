"""Appeals: without an account, against the clock, by somebody who had no hand in it."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.records import Appeal, HoldStatus
from arasha.cases.refusals import Refusal
from cases_samples import (
    BANK,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    SECOND,
    SECOND_OFFICER,
    THIRD_OFFICER,
    Room,
    bank,
    kz,
    room,
)


def appealed(here: Room, reference: str) -> Appeal:
    """Contested by whoever has the reference, and taken up."""
    appeal = here.do(HELD, a.AppealOpened(reference)).changes[0]
    assert isinstance(appeal, Appeal)
    here.do(SECOND_OFFICER, a.AppealTaken(appeal.id))
    return here.state.appeals[appeal.id]


def test_the_clock_and_whom_to_turn_to_are_told() -> None:
    """From the law file, in three languages."""
    here = room()
    (hold,) = here.hold(here.report())
    appeal = appealed(here, hold.reference)
    days = kz().calendar
    assert kz().appeal.ruling.after(here.at_ms, days) == appeal.due_ms
    assert kz().appeal.first_look.after(here.at_ms, days) == appeal.look_due_ms
    assert ["kk", "ru", "en"] == [language for language, _ in appeal.damages]


def test_the_bank_passes_an_appeal_on() -> None:
    """For its own customer."""
    here = room()
    (hold,) = here.hold(here.report())
    here.do(bank(BANK), a.AppealOpened(hold.reference))


@pytest.mark.parametrize(
    ("erred", "others", "labels"),
    [(("rule:new_payee",), HoldStatus.PROVISIONAL, []),
     (("report", "model"), HoldStatus.RELEASED, [("a" * 32, False)])],
)  # fmt: skip
def test_upheld_is_released_at_once(
    erred: tuple[str, ...], others: HoldStatus, labels: list[tuple[str, bool]]
) -> None:
    """Where the report itself erred everybody who was held on it is free, the label corrected."""
    here = room()
    first, second = here.hold(here.report(), (MULE, BANK, 60_000), (SECOND, OTHER_BANK, 40_000))
    appeal = appealed(here, first.reference)
    done = here.do(SECOND_OFFICER, a.AppealRuled(appeal.id, True, "It was rent.", erred))
    assert HoldStatus.RELEASED is here.hold_now(first).status
    assert others is here.hold_now(second).status
    assert labels == [(one.payment, one.fraud) for one in done.labels]
    ruled = here.state.appeals[appeal.id]
    assert ("upheld", erred, "It was rent.") == (ruled.status, ruled.erred, ruled.why)


def test_dismissed_changes_nothing_but_is_told() -> None:
    """And the reviewer has had a hand in it from then on."""
    here = room()
    (hold,) = here.hold(here.report())
    appeal = appealed(here, hold.reference)
    here.do(SECOND_OFFICER, a.AppealRuled(appeal.id, False, "The money came from a victim."))
    assert HoldStatus.PROVISIONAL is here.hold_now(hold).status
    assert "dana" in here.hold_now(hold).hands
    assert Refusal.SAME_PERSON is here.ask(SECOND_OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))


def test_whoever_gets_a_hand_in_it_while_they_review_cannot_rule() -> None:
    """Confirming in between is a hand; another takes the appeal over."""
    here = room()
    (hold,) = here.hold(here.report())
    appeal = appealed(here, hold.reference)
    here.do(SECOND_OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    ruling = a.AppealRuled(appeal.id, False, "No.")
    assert Refusal.SAME_PERSON is here.ask(SECOND_OFFICER, ruling)
    assert Refusal.HELD_BY_ANOTHER is here.ask(OFFICER, ruling)
    here.do(THIRD_OFFICER, a.AppealTaken(appeal.id))
    here.do(THIRD_OFFICER, ruling)


def test_a_hold_that_has_ended_can_still_be_contested() -> None:
    """What was wrong stays wrong: the counters and the label are put right."""
    here = room()
    (hold,) = here.hold(here.report())
    here.later(days=3)
    appeal = appealed(here, hold.reference)
    done = here.do(SECOND_OFFICER, a.AppealRuled(appeal.id, True, "Rent.", ("report",)))
    assert [("a" * 32, False)] == [(one.payment, one.fraud) for one in done.labels]
