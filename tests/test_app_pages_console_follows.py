"""What an outcome does: said before it is given, done by it, and said after."""

from __future__ import annotations

import pytest

from arasha.app.pages.console.follows import Effect, has_followed, would_follow
from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from cases_samples import ANALYST, KZT, MULE, NUMBERS, OFFICER, Room, room

ALERTS = 3


def taken() -> tuple[Room, str]:
    """A case that the analyst has: a report, a hold of its money, a recall, stopped payments."""
    here = room()
    report = here.report(number=NUMBERS[0])
    here.hold(report)
    here.do(OFFICER, a.RecallOpened(report.id))
    here.report(payment=None, attested=False, amount_minor=7_000)
    for at in range(ALERTS):
        here.do(CENTRE, a.AlertRaised(10**6 + at, MULE, f"{at + 1:032x}", 500, KZT, 600))
    here.do(ANALYST, a.CaseTaken(report.case))
    return here, report.case


SAID = {
    "fraud": [
        Effect("labelled_fraud", ALERTS + 1, 100_000 + ALERTS * 500),
        Effect("confirmed", 2), Effect("standing", 1, 100_000), Effect("untold", ALERTS),
    ],
    "legitimate": [
        Effect("labelled_honest", ALERTS + 1, 100_000 + ALERTS * 500),
        Effect("cleared", 2), Effect("fell", 2), Effect("released", 1, 100_000),
        Effect("recalls", 1), Effect("told_honest", ALERTS),
    ],
    "unclear": [
        Effect("standing", 1, 100_000), Effect("nothing"), Effect("untold", ALERTS),
    ],
}  # fmt: skip


@pytest.mark.parametrize("outcome", list(SAID))
def test_what_is_said_before_is_done_and_said_after(outcome: a.Outcome) -> None:
    """The same effects, in the same words, from the act tried and from the records it made."""
    here, case = taken()
    said = would_follow(here.state, ANALYST, case, here.at_ms)[outcome]
    assert SAID[outcome] == said
    assert [] == has_followed(here.state, case, here.at_ms)
    here.do(ANALYST, a.CaseClosed(case, outcome, worth_it=True))
    here.later(hours=1)
    assert sorted(SAID[outcome], key=repr) == sorted(
        has_followed(here.state, case, here.at_ms), key=repr
    )


def test_only_what_they_can_say_is_told() -> None:
    """Who does not have the case is told nothing; of numbers they are counted, nothing labelled."""
    here, case = taken()
    assert {} == would_follow(here.state, OFFICER, case, here.at_ms)
    asked = here.found(*NUMBERS[:2]).id
    here.do(ANALYST, a.CaseTaken(asked))
    told = would_follow(here.state, ANALYST, asked, here.at_ms)
    assert {
        "fraud": [Effect("confirmed", 2)], "legitimate": [Effect("cleared", 2)],
        "unclear": [Effect("nothing")],
    } == told  # fmt: skip


def test_a_hold_that_another_released_is_not_its_doing() -> None:
    """What was over before the outcome, or comes to its end after it, did not follow from it."""
    here, case = taken()
    [hold] = here.state.holds.values()
    here.do(OFFICER, a.HoldReleased(hold.id, "mistake"))
    assert "released" not in {
        one.word for one in would_follow(here.state, ANALYST, case, here.at_ms)["legitimate"]
    }
    here.do(ANALYST, a.CaseClosed(case, "legitimate", worth_it=True))
    assert "released" not in {one.word for one in has_followed(here.state, case, here.at_ms)}
