"""Who did it, and who had to agree: what one person did for two is found in a log."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import Act, Actor, content_of
from audit_samples import broken, forged, read_of
from cases_samples import (
    ADMINISTRATOR,
    ANALYST,
    AUTHOR,
    OFFICER,
    PUBLISHER,
    SECOND_OFFICER,
    THIRD_OFFICER,
    Room,
    kz,
    person,
    room,
)

LATER = a.HoldProlonged("h2.0", 1_772_422_200_000 + 4 * 86_400_000)


def confirmed() -> Room:
    """A room with a confirmed hold h2.0."""
    here = room()
    here.hold(here.report())
    here.do(OFFICER, a.HoldConfirmed("h2.0", "kz:25-1"))
    return here


def asked() -> tuple[Room, str]:
    """The same; bolat has asked to prolong it."""
    here = confirmed()
    seq = here.do(OFFICER, a.Requested(LATER)).seq
    return here, f"q{seq}"


def test_two_people_are_named() -> None:
    """Who asked, and who agreed, where the law was kept."""
    here, request = asked()
    here.do(SECOND_OFFICER, a.RequestApproved(request, content_of(LATER)))
    reading = read_of(here.entries)
    assert [] == reading.findings
    (done,) = reading.two_people
    assert ("hold_prolonged", "bolat", ("dana",)) == (done.act, done.asked_by, done.agreed_by)
    (later,) = reading.holds["h2.0"].prolonged
    assert ("bolat", ("dana",)) == (later.asked_by, later.agreed_by)


@pytest.mark.parametrize(
    ("by", "content", "law", "found"),
    [
        (OFFICER, content_of(LATER), "people", "bolat agreed, who had asked or agreed before"),
        (SECOND_OFFICER, "0" * 64, "people", "dana agreed to something else than was asked for"),
        (ANALYST, content_of(LATER), "role", "aigul did this as analyst"),
        (PUBLISHER, content_of(LATER), "people", "leila agreed, who is no officer"),
    ],
)
def test_an_agreement_that_is_none_is_found(by: Actor, content: str, law: str, found: str) -> None:
    """By who asked, to something else, by somebody who may not."""
    here, request = asked()
    said = broken(forged(here, by, a.RequestApproved(request, content)))
    assert found == said[law]


def test_a_late_agreement_is_found() -> None:
    """The request had lapsed."""
    here, request = asked()
    here.later(hours=25)
    entries = forged(here, SECOND_OFFICER, a.RequestApproved(request, content_of(LATER)))
    assert {"end"} == broken(entries).keys()


@pytest.mark.parametrize(
    ("by", "act", "law"),
    [
        (OFFICER, LATER, "people"),
        (AUTHOR, a.LawChosen(kz().text), "people"),
        (ADMINISTRATOR, a.HoldReleased("h2.0", "mistake"), "role"),
        (person("x", "administrator", "officer"), a.HoldReleased("h2.0", "mistake"), "role"),
        (THIRD_OFFICER, a.RequestEdited("q99", LATER), "order"),
        (THIRD_OFFICER, a.RequestApproved("q99", "0" * 64), "order"),
        (OFFICER, a.HoldReleased("h99.0", "mistake"), "order"),
    ],
)  # fmt: skip
def test_what_nobody_may_do_alone_is_found(by: Actor, act: Act, law: str) -> None:
    """One person for two, an administrator, a request that is not there."""
    assert law in broken(forged(confirmed(), by, act))


def test_anothers_request_that_was_edited_is_found() -> None:
    """Only who asked can ask for something else."""
    here, request = asked()
    assert {"people"} == broken(forged(here, THIRD_OFFICER, a.RequestEdited(request, LATER))).keys()


def test_time_does_not_run_back_and_nothing_is_done_without_a_law() -> None:
    """Both are said, and the reading goes on."""
    here = confirmed()
    here.at_ms -= 1
    assert "order" in broken(forged(here, OFFICER, a.HoldReviewed("h2.0")))
    assert "no law was in force" == broken(here.entries[1:])["order"]
