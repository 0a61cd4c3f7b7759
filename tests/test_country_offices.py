"""Offices in a country: the law's limits, conservation of money, who is held, two equal runs."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.cases.acts import Actor, AppealRuled, HoldAnswered, HoldConfirmed, MoneyReturned
from arasha.cases.projection import Done
from arasha.cases.records import HOLDING, HoldStatus
from arasha.country.casework import Casework
from arasha.country.offices import CENTRE, HoldNote
from offices_samples import Acting, acting

DAYS = 9


@pytest.fixture(name="lived", scope="module")
def _lived() -> Acting:
    """A country that lived under its offices, with every act noted."""
    country = acting(seed=3)
    noted(country)
    country.live(DAYS)
    country.offices.close()
    return country


def noted(country: Acting) -> None:
    """Note every act that is taken, beside what is done about it."""
    for work in country.offices.works:
        told = work.done

        def done(some: Casework, one: Done, told=told) -> None:  # type: ignore[no-untyped-def]  # bound now
            country.acts.append((some.name, one))
            told(some, one)

        work.done = done


def test_money_is_conserved_with_holds_and_returns() -> None:
    """After every slice the sum of all money is what it was, and what is reserved is what the
    offices think is held.
    """
    country = acting(seed=4)
    at = 0
    for happened in country.life.slices(6):
        country.see(happened)
        if at == 0:
            country.offices.begin(happened.start_ms)
        country.offices.after(happened)
        memories, at = country.life.memories, at + 1
        assert memories.total == memories.money()
        assert sum(country.life.recovery.held.values()) == int(memories.accounts.reserved.sum())
    assert country.docket.returned > 0


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**31))
def test_money_is_conserved_for_any_seed(seed: int) -> None:
    """In any country."""
    country = acting(seed=seed)
    country.live(5)
    memories = country.life.memories
    assert memories.total == memories.money()
    assert 0 <= int(memories.accounts.balance[memories.accounts.private == 1].min())


def test_what_offices_think_is_held_is_held(lived: Acting) -> None:
    """But for answers that are on their way, each account's pot is its holds."""
    pots: dict[int, int] = defaultdict(int)
    for _, hold in lived.holds:
        if hold.status in HOLDING:
            pots[lived.offices.known.account(hold.account)] += (
                hold.held_minor or 0
            ) - hold.returned_minor
    held = lived.life.recovery.held
    assert lived.held() > 0
    assert {one: amount for one, amount in pots.items() if amount} == {
        one: amount for one, amount in held.items() if amount
    }


def test_nothing_is_held_without_an_attested_report(lived: Acting) -> None:
    """Each hold rests on a report that the victim's bank stands for, of a payment that moved."""
    assert len(lived.holds) > 20
    for work, hold in lived.holds:
        report = work.state.reports[hold.report]
        payment = lived.offices.known.payment(lived.offices.payment_of(hold.report))
        assert report.attested
        assert payment is not None
        assert payment.moved
        assert hold.placed_ms >= report.taken_ms > payment.time_ms
        assert hold.bank in work.members


def test_no_more_is_held_than_is_disputed(lived: Acting) -> None:
    """All holds on one payment together, at any office."""
    asked: dict[tuple[str, str], int] = defaultdict(int)
    disputed = {}
    for work, hold in lived.holds:
        report = work.state.reports[hold.report]
        asked[work.name, report.ground] += hold.amount_minor
        disputed[work.name, report.ground] = report.amount_minor
        assert (hold.held_minor or 0) <= hold.amount_minor or hold.returned_minor
    assert all(amount <= disputed[ground] for ground, amount in asked.items())


def test_no_hold_outlasts_its_end(lived: Acting) -> None:
    """Every end is within the law, and on record a slice later at the latest; unconfirmed holds
    lapse.
    """
    law = lived.offices.works[0].law
    now_ms = lived.life.society.start_ms + DAYS * 86_400_000
    for _, hold in lived.holds:
        assert hold.until_ms <= law.hold.limit.after(hold.placed_ms, law.calendar)
        if hold.status in HOLDING:
            assert now_ms < hold.until_ms
        elif hold.over_ms is not None:
            assert hold.over_ms <= hold.until_ms
    confirmed = {
        (office, one.entry.act.hold)
        for office, one in lived.acts
        if isinstance(one.entry.act, HoldConfirmed)
    }
    lapsed = {(w.name, h.id) for w, h in lived.holds if h.status is HoldStatus.LAPSED}
    assert lapsed
    assert not lapsed & confirmed


def test_money_goes_back_only_after_two_officers_and_the_authority(lived: Acting) -> None:
    """And after who is held could answer."""
    law = lived.offices.works[0].law
    returned = 0
    for office, one in lived.acts:
        act = one.entry.act
        if isinstance(act, MoneyReturned):
            [work] = [some for some in lived.offices.works if some.name == office]
            hold, recall = work.state.holds[act.hold], work.state.recalls[act.recall]
            assert {"bolat", "dana", "gulnara"} <= recall.hands
            assert hold.answered_ms is not None
            assert one.entry.at_ms >= law.recall.hearing.after(hold.answered_ms, law.calendar)
            returned += act.amount_minor
    assert returned == lived.docket.returned > 0


def test_appeals_are_ruled_on_by_another_person(lived: Acting) -> None:
    """Upheld, the hold is over at once."""
    ruled = [(o, d) for o, d in lived.acts if isinstance(d.entry.act, AppealRuled)]
    assert ruled
    for office, one in ruled:
        act = one.entry.act
        assert isinstance(act, AppealRuled)
        assert one.entry.by.name == "erlan"
        if act.upheld:
            [work] = [some for some in lived.offices.works if some.name == office]
            hold = work.state.holds[work.state.appeals[act.appeal].about]
            assert hold.status is HoldStatus.RELEASED
            assert hold.over_ms is not None
            assert hold.over_ms <= one.entry.at_ms  # an officer may have been there before


def test_banks_answer_for_their_own_accounts(lived: Acting) -> None:
    """No bank says what another holds."""
    for office, one in lived.acts:
        act = one.entry.act
        if isinstance(act, HoldAnswered):
            [work] = [some for some in lived.offices.works if some.name == office]
            assert Actor("participant", work.state.holds[act.hold].bank) == one.entry.by


def test_the_centre_takes_what_it_saw_and_banks_the_rest(lived: Acting) -> None:
    """A payment inside one bank is that bank's; one between two the centre's."""
    bank = lived.life.society.accounts.bank
    offices = set()
    for (office, _), note in lived.offices.notes.items():
        payment = lived.offices.known.payment(note.payment)
        assert payment is not None
        inside = bank[payment.payer] == bank[payment.payee]
        assert (office != CENTRE) == inside
        offices.add(office)
    assert CENTRE in offices
    assert len(offices) > 1


def test_a_bank_alone_holds_only_at_itself() -> None:
    """Without a centre nobody is asked for another bank's account."""
    country = acting(seed=3, centre=False)
    country.live(6)
    assert country.offices.centre is None
    assert country.holds
    assert all(hold.bank == work.name for work, hold in country.holds)


def test_two_runs_are_equal(lived: Acting) -> None:
    """The same seed gives the same acts and the same notes."""
    again = acting(seed=3)
    noted(again)
    again.live(DAYS)
    again.offices.close()
    assert lived.offices.notes == again.offices.notes
    assert [one.entry for _, one in lived.acts] == [one.entry for _, one in again.acts]


def test_who_has_no_part_is_free_before_long_or_has_lost_it(lived: Acting) -> None:
    """Every hold on them is over, by whatever way, or has not come to its end."""
    wrong = [note for note in lived.offices.notes.values() if note.held and not note.has_part]
    assert wrong
    assert all(over(note) or note.returned or note.why in AT_WORK for note in wrong)


AT_WORK = {status.value for status in HOLDING}


def over(note: HoldNote) -> bool:
    """Whether it is over, and later than it began."""
    return note.over_ms is not None and note.held_ms is not None and note.over_ms >= note.held_ms
