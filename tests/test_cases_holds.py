"""Holds: their ends, and that nothing moves them past the law."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import HOUR_MS
from arasha.cases.holds import most_to_hold
from arasha.cases.messages import HoldLasts, HoldOver
from arasha.cases.projection import Done
from arasha.cases.records import Hold, HoldStatus, Request
from arasha.cases.refusals import Refusal
from cases_samples import (
    ANALYST,
    BANK,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    SECOND,
    SECOND_OFFICER,
    THIRD,
    Room,
    bank,
    kz,
    room,
)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_bank_holds_what_is_there_beside_protected_income(
    balance: int, protected: int, disputed: int
) -> None:
    """Never more than is disputed, and what is protected stays."""
    held = most_to_hold(balance, protected, disputed)
    assert 0 <= held <= disputed
    assert held == 0 or balance - held >= protected


def confirmed(here: Room) -> Hold:
    """A hold of the whole report that the officer confirmed."""
    (hold,) = here.hold(here.report())
    here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    return here.hold_now(hold)


def prolonged(here: Room, hold: Hold, until_ms: int, *others: a.Actor) -> Done | Refusal:
    """Ask for a later end, and have the others approve."""
    asked = here.ask(OFFICER, a.Requested(a.HoldProlonged(hold.id, until_ms)))
    if isinstance(asked, Refusal):
        return asked
    request = asked.changes[0]
    assert isinstance(request, Request)
    done: Done | Refusal = asked
    for other in others:
        done = here.ask(other, a.RequestApproved(request.id, request.content))
    return done


def test_a_provisional_hold_lapses_by_itself() -> None:
    """At its end it holds nothing, whether or not that is on record yet."""
    here = room()
    (hold,) = here.hold(here.report())
    here.later(hours=24)
    assert not hold.holds_at(here.at_ms)
    assert Refusal.HOLD_IS_OVER is here.ask(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    done = here.do(CENTRE, a.HoldEnded(hold.id))
    assert (HoldOver(BANK, hold.id, None),) == done.messages
    lapsed = here.hold_now(hold)
    assert (HoldStatus.LAPSED, hold.until_ms) == (lapsed.status, lapsed.over_ms)


def test_a_confirmed_hold_counts_from_when_it_was_placed() -> None:
    """However late it was confirmed, and the bank hears of the new end."""
    here = room()
    (hold,) = here.hold(here.report())
    here.later(hours=23)
    done = here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    days = kz().calendar
    until_ms = kz().hold.confirmed.after(hold.placed_ms, days)
    assert (HoldLasts(BANK, hold.id, until_ms),) == done.messages
    now = here.hold_now(hold)
    assert ("kz:25-1", until_ms, {"bolat"}) == (now.basis, now.until_ms, set(now.hands))


def test_two_officers_prolong_up_to_the_law_and_three_people_past_it() -> None:
    """Five business days with two; to the millisecond; past that the prosecutor, too."""
    here = room()
    hold = confirmed(here)
    days, terms = kz().calendar, kz().hold
    limit_ms = terms.limit.after(hold.placed_ms, days)
    here.do(OFFICER, a.HoldReviewed(hold.id))
    done = prolonged(here, hold, limit_ms, SECOND_OFFICER)
    assert isinstance(done, Done)
    now = here.hold_now(hold)
    assert (HoldStatus.PROLONGED, limit_ms) == (now.status, now.until_ms)
    assert not now.by_authority
    done = prolonged(here, now, limit_ms + HOUR_MS, SECOND_OFFICER)
    assert isinstance(done, Done)
    assert limit_ms == here.hold_now(hold).until_ms, "the authority has not agreed yet"
    done = prolonged(here, now, limit_ms + HOUR_MS, PROSECUTOR, SECOND_OFFICER)
    assert isinstance(done, Done)
    now = here.hold_now(hold)
    assert (limit_ms + HOUR_MS, True) == (now.until_ms, now.by_authority)
    assert {"bolat", "dana", "gulnara"} == set(now.hands)


def test_nobody_prolongs_past_the_last_end() -> None:
    """Not in many steps either."""
    here = room()
    hold = confirmed(here)
    last_ms = kz().hold.authority_limit.after(hold.placed_ms, kz().calendar)
    for _ in range(10):
        now = here.hold_now(hold)
        here.at_ms = now.until_ms - HOUR_MS
        until_ms = min(kz().hold.authority_each.after(now.until_ms, kz().calendar), last_ms)
        if until_ms == now.until_ms:
            break
        assert isinstance(prolonged(here, now, until_ms, SECOND_OFFICER, PROSECUTOR), Done)
    assert last_ms == here.hold_now(hold).until_ms
    assert Refusal.PAST_THE_LAW is prolonged(here, here.hold_now(hold), last_ms + 1)


def test_a_release_is_one_persons_and_at_once() -> None:
    """The analyst's, the prosecutor's; the bank hears of it in the same entry."""
    for by in (ANALYST, PROSECUTOR):
        here = room()
        hold = confirmed(here)
        done = here.do(by, a.HoldReleased(hold.id, "not_fraud"))
        assert (HoldOver(BANK, hold.id, "not_fraud"),) == done.messages
        assert not here.hold_now(hold).holds_at(here.at_ms)


def test_what_is_not_there_is_looked_for_elsewhere_but_never_held_twice() -> None:
    """What a bank could not hold may be held at the next account; together it is what was lost."""
    here = room()
    report = here.report()
    (first,) = here.hold(report, (MULE, BANK, 100_000))
    here.do(bank(BANK), a.HoldAnswered(first.id, 30_000, "balance"))
    wanted = a.Target(SECOND, OTHER_BANK, 70_001, here.reference())
    assert Refusal.MORE_THAN_DISPUTED is here.ask(CENTRE, a.HoldsPlaced(report.id, (wanted,)))
    (second,) = here.hold(report, (SECOND, OTHER_BANK, 70_000))
    here.do(bank(OTHER_BANK), a.HoldAnswered(second.id, 0, "protected"))
    assert HoldStatus.ENDED is here.hold_now(second).status
    here.hold(report, (THIRD, BANK, 70_000))


def test_who_placed_it_does_not_confirm_it() -> None:
    """An officer's own hold needs another officer."""
    here = room()
    report = here.report()
    target = a.Target(MULE, BANK, 100_000, here.reference())
    hold = here.do(OFFICER, a.HoldsPlaced(report.id, (target,))).changes[0]
    assert isinstance(hold, Hold)
    assert Refusal.SAME_PERSON is here.ask(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    here.do(SECOND_OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
