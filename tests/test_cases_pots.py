"""Pots: several victims of one account share what its bank holds, each within the law."""

from __future__ import annotations

import dataclasses
import random

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.messages import HoldOver, HoldPart, HoldShares, RecallAsked
from arasha.cases.pots import Pots
from arasha.cases.records import Hold, HoldStatus, Recall, RecallStatus, Request, TakenOver
from arasha.cases.refusals import Refusal
from cases_driver import Driver
from cases_samples import (
    ANALYST,
    BANK,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    SECOND,
    SECOND_OFFICER,
    THIRD_OFFICER,
    VICTIMS_BANK,
    Room,
    bank,
    kz,
    room,
)


def claim(here: Room, number: int, amount: int, held: int | None, *, after_ms: int = 0) -> Hold:
    """A victim's hold at the mule's account, and what the bank could hold beside what it has."""
    report = here.report(
        amount_minor=amount, payment=f"{number:032x}", paid_ms=here.at_ms - HOUR_MS + after_ms
    )
    (hold,) = here.hold(report)
    if held is not None:
        short: a.Short = "none" if held == amount else "balance"
        here.do(bank(BANK), a.HoldAnswered(hold.id, held, short))
    return here.hold_now(hold)


def two(held: int = 50_000, *, rule: str = "pro_rata") -> tuple[Room, Hold, Hold]:
    """60,000 and then 40,000 came in; the bank held what there was for the first."""
    here = room(kz().text.replace('"pro_rata"', f'"{rule}"'))
    first = claim(here, 1, 60_000, held)
    here.later(hours=1)
    return here, first, claim(here, 2, 40_000, 0, after_ms=HOUR_MS)


def now(here: Room, *holds: Hold) -> list[int | None]:
    """What each holds now."""
    return [here.hold_now(hold).held_minor for hold in holds]


def recalled(here: Room, hold: Hold, agreed: int | None = None) -> Recall:
    """Its recall: sent, agreed to, heard."""
    recall = here.do(bank(VICTIMS_BANK), a.RecallOpened(hold.report)).changes[0]
    assert isinstance(recall, Recall)
    here.do(CENTRE, a.RecallSent(recall.id))
    amount = Pots(here.state).most_back(hold, here.at_ms) if agreed is None else agreed
    here.do(bank(BANK), a.RecallAnswered(recall.id, hold.id, "accepted", amount))
    here.do(HELD, a.ReceiverAgreed(hold.reference))
    return here.recall_now(recall)


def agreed_by_two(here: Room, what: a.Askable) -> None:
    """An officer asks, another and the authority agree."""
    request = here.do(OFFICER, a.Requested(what)).changes[0]
    assert isinstance(request, Request)
    for by in (SECOND_OFFICER, PROSECUTOR):
        if here.state.requests[request.id].status == "open":
            here.do(by, a.RequestApproved(request.id, request.content))


def returned(here: Room, hold: Hold) -> int:
    """Its share, ordered and sent back."""
    recall = recalled(here, hold)
    agreed_by_two(here, a.ReturnOrdered(recall.id, "notice-1"))
    share = here.hold_now(hold).to_return_minor or 0
    here.do(bank(BANK), a.MoneyReturned(recall.id, hold.id, share))
    return share


def test_a_second_claim_stands_on_what_is_held_already() -> None:
    """The bank finds nothing more: the claim shares, and its bank is told so."""
    here = room()
    first = claim(here, 1, 60_000, 50_000)
    second = claim(here, 2, 40_000, None)
    done = here.do(bank(BANK), a.HoldAnswered(second.id, 0, "balance"))
    assert (HoldShares(BANK, second.id, 0, 40_000, 398),) == done.messages
    assert here.hold_now(second).holds_at(here.at_ms)
    assert [50_000, 0] == now(here, first, second)


def test_without_a_pot_nothing_held_is_no_hold() -> None:
    """Nor at the same account in another bank's words, nor when the pot is over."""
    here = room()
    first = claim(here, 1, 60_000, 50_000)
    here.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    assert HoldStatus.ENDED is claim(here, 2, 40_000, 0).status


@pytest.mark.parametrize(
    ("rule", "shares"),
    [("pro_rata", [30_000, 20_000]), ("last_in_first_returned", [10_000, 40_000])],
)
def test_both_get_back_what_the_law_gives_them(rule: str, shares: list[int]) -> None:
    """Though the whole pot was held for the first; whoever's return comes first."""
    for order in ((0, 1), (1, 0)):
        here, *holds = two(rule=rule)
        back = {place: returned(here, holds[place]) for place in order}
        assert shares == [back[0], back[1]]
        assert not any(here.hold_now(hold).holds_at(here.at_ms) for hold in holds)


@pytest.mark.parametrize("how", ["released", "lapsed", "withdrawn", "appealed"])
def test_what_the_second_claims_stays_when_the_first_is_over(how: str) -> None:
    """40,000 of 50,000 stay held for it, 10,000 are free at once; the bank is told both."""
    here, first, second = two()
    here.do(OFFICER, a.HoldConfirmed(second.id, "kz:25-1"))
    if how == "lapsed":
        here.at_ms = first.until_ms
        done = here.do(CENTRE, a.HoldEnded(first.id))
    elif how == "released":
        done = here.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    elif how == "withdrawn":
        done = here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(first.report))
    else:
        appeal = here.do(HELD, a.AppealOpened(first.reference)).seq
        here.do(THIRD_OFFICER, a.AppealTaken(f"a{appeal}"))
        done = here.do(
            THIRD_OFFICER, a.AppealRuled(f"a{appeal}", True, "It was rent.", ("report",))
        )
    last_ms = kz().hold.limit.after(first.placed_ms, kz().calendar)
    assert [10_000, 40_000] == now(here, first, second)
    assert not here.hold_now(first).holds_at(here.at_ms)
    assert (TakenOver(first.id, 40_000, last_ms),) == here.hold_now(second).taken
    over = [one for one in done.messages if isinstance(one, HoldOver)]
    assert [first.id] == [one.hold for one in over]
    assert HoldShares(BANK, second.id, 40_000, 40_000, 398) in done.messages
    assert HoldPart(BANK, second.id, first.id, 40_000, 398, last_ms) in done.messages


def test_the_appeal_of_the_second_victims_hold_leaves_the_first_alone() -> None:
    """Each claim has a ground of its own, and falls with it alone."""
    here, first, second = two()
    appeal = here.do(HELD, a.AppealOpened(second.reference)).seq
    here.do(THIRD_OFFICER, a.AppealTaken(f"a{appeal}"))
    here.do(THIRD_OFFICER, a.AppealRuled(f"a{appeal}", True, "It was rent.", ("report",)))
    assert [50_000, 0] == now(here, first, second)
    assert here.hold_now(first).holds_at(here.at_ms)
    assert not here.hold_now(second).holds_at(here.at_ms)


def test_money_keeps_its_clock_from_claim_to_claim() -> None:
    """A third claim that takes it over from the second has it as long as the first could have."""
    here, first, second = two()
    here.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    here.later(hours=20)
    third = claim(here, 3, 30_000, 0)
    here.do(ANALYST, a.HoldReleased(second.id, "mistake"))
    last_ms = kz().hold.limit.after(first.placed_ms, kz().calendar)
    assert [10_000, 10_000, 30_000] == now(here, first, second, third)
    assert (TakenOver(first.id, 30_000, last_ms),) == here.hold_now(third).taken


def third_on_old_money(own: int = 7_000) -> tuple[Room, Hold, Hold, int]:
    """A claim to 30,000, its own and what it took over that was first held days before."""
    here = room()
    first = claim(here, 1, 60_000, 50_000)
    here.do(OFFICER, a.HoldConfirmed(first.id, "kz:25-1"))
    here.at_ms = here.hold_now(first).until_ms - HOUR_MS
    late = claim(here, 3, 30_000, own)
    here.do(OFFICER, a.HoldConfirmed(late.id, "kz:25-1"))
    here.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    last_ms = kz().hold.limit.after(first.placed_ms, kz().calendar)
    assert (TakenOver(first.id, 30_000 - own, last_ms),) == here.hold_now(late).taken
    return here, first, here.hold_now(late), last_ms


def test_old_money_is_free_at_its_own_end_and_new_money_stays() -> None:
    """To the millisecond, whether it is on record or not; then it is, and the bank is told."""
    here, _, late, last_ms = third_on_old_money()
    assert last_ms < late.until_ms
    assert (30_000, 7_000) == (late.held_at(last_ms - 1), late.held_at(last_ms))
    here.at_ms = last_ms - 1
    assert Refusal.NOT_ITS_END_YET is here.ask(CENTRE, a.HoldEnded(late.id))
    here.at_ms = last_ms
    done = here.do(CENTRE, a.HoldEnded(late.id))
    assert (HoldShares(BANK, late.id, 7_000, 30_000, 398),) == done.messages
    after = here.hold_now(late)
    assert (7_000, 23_000, ()) == (after.held_minor, after.let_go_minor, after.taken)
    assert after.holds_at(here.at_ms)


def test_officers_alone_do_not_hold_old_money_on_and_the_authority_does_by_its_clock() -> None:
    """Officers prolong what is the claim's own; the authority all, to its last end at most."""
    here, first, late, last_ms = third_on_old_money()
    days, terms = kz().calendar, kz().hold
    limit_ms = terms.limit.after(late.placed_ms, days)
    agreed_by_two(here, a.HoldProlonged(late.id, limit_ms))
    assert (limit_ms, last_ms) == (
        here.hold_now(late).until_ms,
        here.hold_now(late).taken[0].last_ms,
    )
    for _ in range(9):
        hold = here.hold_now(late)
        each_ms = terms.authority_each.after(hold.until_ms, days)
        until_ms = min(each_ms, terms.authority_limit.after(late.placed_ms, days))
        if until_ms == hold.until_ms:
            break
        agreed_by_two(here, a.HoldProlonged(late.id, until_ms))
        here.at_ms = min(one.last_ms for one in here.hold_now(late).taken) - HOUR_MS
    first_ms = terms.authority_limit.after(first.placed_ms, days)
    assert first_ms == here.hold_now(late).taken[0].last_ms < here.hold_now(late).until_ms


def test_what_is_free_already_is_not_held_on() -> None:
    """The authority agrees a moment after the old money's end, which nobody has noted yet."""
    here, _, late, last_ms = third_on_old_money()
    agreed_by_two(here, a.HoldProlonged(late.id, late.until_ms + 1))
    here.at_ms = last_ms + 1
    past_ms = kz().hold.limit.after(late.placed_ms, kz().calendar) + 1
    agreed_by_two(here, a.HoldProlonged(late.id, past_ms))
    after = here.hold_now(late)
    assert (True, past_ms) == (after.by_authority, after.until_ms)
    assert (7_000, 23_000, ()) == (after.held_minor, after.let_go_minor, after.taken)


def test_a_claim_is_never_over_before_it_began() -> None:
    """Money that was to go back, whose own end is past, is freed by a cancelled recall: a claim
    that came between waits for nothing any more.
    """
    here, _, late, last_ms = third_on_old_money(own=0)
    recall = recalled(here, late)
    agreed_by_two(here, a.ReturnOrdered(recall.id, "notice-1"))
    here.do(bank(BANK), a.MoneyReturned(recall.id, late.id, 7_000))
    agreed_by_two(here, a.HoldProlonged(late.id, late.until_ms + HOUR_MS))
    here.at_ms = last_ms + HOUR_MS
    waiting = claim(here, 9, 5_000, 0)
    assert waiting.holds_at(here.at_ms)
    here.do(bank(VICTIMS_BANK), a.RecallCancelled(recall.id))
    here.later(hours=1)
    here.do(CENTRE, a.HoldEnded(late.id))
    over = here.hold_now(waiting)
    assert (HoldStatus.ENDED, waiting.answered_ms) == (over.status, over.over_ms)


def test_a_claim_ends_when_nothing_is_held_any_more() -> None:
    """All of the pot went back to the other: nothing is left to share, and the bank is told."""
    here, first, second = two(rule="last_in_first_returned", held=40_000)
    assert 40_000 == returned(here, second)
    assert HoldStatus.ENDED is here.hold_now(first).status
    assert here.at_ms == here.hold_now(first).over_ms


def test_a_claim_without_a_share_waits_for_one() -> None:
    """By the law the later payment comes first: no return is ordered, and the claim stands."""
    here, first, second = two(rule="last_in_first_returned", held=40_000)
    recall = recalled(here, first)
    refused = here.ask(OFFICER, a.Requested(a.ReturnOrdered(recall.id, "notice-1")))
    assert Refusal.NOTHING_HELD is refused
    here.do(bank(VICTIMS_BANK), a.ReportWithdrawn(second.report))
    agreed_by_two(here, a.ReturnOrdered(recall.id, "notice-1"))
    assert 40_000 == here.hold_now(first).to_return_minor


def test_what_is_held_elsewhere_is_not_taken_once_more() -> None:
    """The second's money was found at the next account: of the pot it claims the rest alone."""
    here, first, second = two()
    report = here.state.reports[second.report]
    (other,) = here.hold(report, (SECOND, OTHER_BANK, 35_000))
    here.do(bank(OTHER_BANK), a.HoldAnswered(other.id, 35_000))
    here.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    assert [45_000, 5_000, 35_000] == now(here, first, second, other)


def test_a_share_is_never_more_than_what_is_still_disputed() -> None:
    """A pot that is divided gives nobody what is held for them elsewhere already."""
    here = room()
    first = claim(here, 1, 100_000, 30_000)
    (other,) = here.hold(here.state.reports[first.report], (SECOND, OTHER_BANK, 70_000))
    here.do(bank(OTHER_BANK), a.HoldAnswered(other.id, 70_000))
    second = claim(here, 2, 100_000, 100_000)
    assert 100_000 == returned(here, second)
    assert [30_000, 70_000] == now(here, first, other)


def test_a_bank_that_agrees_to_less_leaves_the_rest_to_the_others() -> None:
    """It gives back 5,000 of the first's 30,000; what is left stays for the second's claim."""
    here, first, second = two()
    recall = recalled(here, first, agreed=5_000)
    agreed_by_two(here, a.ReturnOrdered(recall.id, "notice-1"))
    assert [30_000, 20_000] == now(here, first, second)
    here.do(bank(BANK), a.MoneyReturned(recall.id, first.id, 5_000))
    assert RecallStatus.COMPLETED is here.recall_now(recall).status
    assert [10_000, 40_000] == now(here, first, second)


def test_what_is_on_its_way_back_goes_to_nobody_else() -> None:
    """The order stands though the hold's end came first; a release undoes it."""
    here, first, second = two()
    here.do(OFFICER, a.HoldConfirmed(second.id, "kz:25-1"))
    recall = recalled(here, first)
    agreed_by_two(here, a.ReturnOrdered(recall.id, "notice-1"))
    here.at_ms = first.until_ms
    here.do(CENTRE, a.HoldEnded(first.id))
    assert [30_000, 20_000] == now(here, first, second)
    here.do(bank(BANK), a.MoneyReturned(recall.id, first.id, 30_000))
    undone, first, second = two()
    recall = recalled(undone, first)
    agreed_by_two(undone, a.ReturnOrdered(recall.id, "notice-1"))
    undone.do(bank(BANK), a.MoneyReturned(recall.id, first.id, 10_000))
    undone.do(ANALYST, a.HoldReleased(first.id, "mistake"))
    assert [10_000, 40_000] == now(undone, first, second)
    assert 10_000 == undone.hold_now(first).returned_minor


def test_reports_that_fall_together_leave_nothing_to_each_other() -> None:
    """A case found legitimate frees all of it, in one entry."""
    here, first, second = two()
    case = here.case_of(here.state.reports[first.report]).id
    here.do(ANALYST, a.CaseTaken(case))
    here.do(ANALYST, a.CaseClosed(case, "legitimate", worth_it=False))
    assert {HoldStatus.RELEASED} == {here.hold_now(one).status for one in (first, second)}
    assert [50_000, 0] == now(here, first, second)


def test_a_recall_asks_for_all_that_is_claimed_of_the_pot() -> None:
    """Also for the claim for which nothing is held yet; a bank may agree to all that it claims."""
    here, _, second = two()
    recall = here.do(bank(VICTIMS_BANK), a.RecallOpened(second.report)).changes[0]
    assert isinstance(recall, Recall)
    done = here.do(CENTRE, a.RecallSent(recall.id))
    (asked,) = [one for one in done.messages if isinstance(one, RecallAsked)]
    assert 40_000 == asked.amount_minor
    more = a.RecallAnswered(recall.id, second.id, "accepted", 40_001)
    assert Refusal.MORE_THAN_DISPUTED is here.ask(bank(BANK), more)
    here.do(bank(BANK), a.RecallAnswered(recall.id, second.id, "accepted", 40_000))


def test_an_order_that_its_bank_has_not_answered_keeps_a_claim_waiting() -> None:
    """Answers come in any order: the one that holds the money may be the later one."""
    here = room()
    first = claim(here, 1, 60_000, None)
    second = claim(here, 2, 40_000, 0)
    assert second.holds_at(here.at_ms)
    here.do(bank(BANK), a.HoldAnswered(first.id, 0, "balance"))
    assert {HoldStatus.ENDED} == {here.hold_now(one).status for one in (first, second)}


def test_money_at_another_bank_or_in_another_currency_is_another_pot() -> None:
    """Nothing is shared across."""
    here = room()
    claim(here, 1, 60_000, 50_000)
    report = here.report(amount_minor=500, payment="2" * 32)
    (other,) = here.hold(report, (MULE, OTHER_BANK, 500))
    here.do(bank(OTHER_BANK), a.HoldAnswered(other.id, 0, "balance"))
    euros = here.report(amount_minor=500, payment="3" * 32, currency=978)
    (foreign,) = here.hold(euros)
    here.do(bank(BANK), a.HoldAnswered(foreign.id, 0, "balance"))
    assert {HoldStatus.ENDED} == {here.hold_now(one).status for one in (other, foreign)}


def test_it_does_not_matter_when_an_end_is_put_on_record() -> None:
    """Pots of any history, settled step by step or at once, are the same."""
    moved = 0
    for seed in range(800):
        here = Driver(20_000 + seed).run(0)
        chance = random.Random(seed)
        end_ms = here.at_ms + 100 * DAY_MS
        for hold in list(here.state.holds.values()):
            at_once, steps = Pots(here.state), Pots(here.state)
            at_once.settle(hold, end_ms)
            for at_ms in sorted(chance.sample(range(here.at_ms, end_ms), 20)):
                steps.settle(hold, at_ms)
            steps.settle(hold, end_ms)
            assert at_once.changes == steps.changes
            moved += any(one.held_minor != here.hold_now(one).held_minor for one in at_once.changes)
    assert moved > 2


def test_the_state_is_not_touched() -> None:
    """Pots are a copy: a refused act leaves nothing behind."""
    here, first, _ = two()
    before = dataclasses.replace(here.state)
    pots = Pots(here.state)
    pots.settle(first, here.at_ms + 100 * DAY_MS)
    assert pots.changes
    assert before == here.state
    assert (first,) == tuple(one for one in here.state.holds.values() if one.id == first.id)
