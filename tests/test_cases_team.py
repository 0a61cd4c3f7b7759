"""The team: who carries what, and which closed cases are looked at again."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from arasha.cases import acts as a
from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.team import (
    AGES_MS,
    LOOKED_AT,
    Agreement,
    Load,
    agreement,
    closed_in,
    drawn,
    loads,
    week_of,
)
from arasha.cases.waiting import Waiting
from cases_samples import ANALYST, OFFICER, OTHER_BANK, SECOND, Room, kz, room

SEEDS = st.binary(min_size=32, max_size=32)


def cases(count: int) -> list[str]:
    """So many closed cases."""
    return [f"c{number}" for number in range(count)]


def worked() -> Room:
    """Two cases: the analyst has closed one, the officer has the other."""
    here = room()
    first = here.report()
    second = here.report(payee=SECOND, payee_bank=OTHER_BANK, payment="c" * 32)
    here.do(ANALYST, a.CaseTaken(first.case))
    here.later(hours=0.1)
    here.do(ANALYST, a.CaseClosed(first.case, "fraud", worth_it=True))
    here.do(OFFICER, a.CaseTaken(second.case))
    return here


def test_everybody_is_there_by_name_with_what_they_carry() -> None:
    """Cases they have now, those closed since; nobody is put before another."""
    here, waiting = worked(), Waiting()
    assert [Load("aigul", 0, 0, 1), Load("bolat", 1, 0, 0)] == loads(
        here.state, waiting, here.at_ms, 0
    )
    assert [Load("bolat", 1, 0, 0)] == loads(here.state, waiting, here.at_ms, here.at_ms + 1)
    late = here.at_ms + 30 * DAY_MS
    assert [Load("aigul", 0, 0, 1)] == loads(here.state, waiting, late, 0), "leases are over"


def test_what_was_closed_in_a_time_is_found_in_order() -> None:
    """The first instant belongs to it, the last does not."""
    here = worked()
    [name] = here.state.closings
    at_ms = here.state.cases[name].closed_ms
    assert at_ms is not None
    for since, until, found in (
        (at_ms, at_ms + 1, [name]), (0, at_ms, []), (at_ms + 1, at_ms + 9, []),
    ):  # fmt: skip
        assert found == [one.id for one in closed_in(here.state, since, until)]


def test_a_week_begins_on_monday_in_the_country() -> None:
    """Whatever the hour; Sunday night in the country is not Monday in UTC."""
    days = kz().calendar
    monday = days.starts_ms(date(2026, 1, 26))
    for at_ms in (monday, monday + 1, monday + 7 * DAY_MS - 1):
        assert monday == week_of(at_ms, days)
    assert monday - 7 * DAY_MS == week_of(monday - 1, days)


@given(seed=SEEDS, count=st.integers(0, 40), data=st.data())
def test_the_same_lot_draws_the_same_cases_in_whatever_order(
    seed: bytes, count: int, data: st.DataObject
) -> None:
    """Each at most once, as many as there are to be; another case changes at most one of them."""
    some = cases(count)
    lots = drawn(seed, some)
    assert lots == drawn(seed, data.draw(st.permutations(some)))
    assert min(LOOKED_AT, count) == len(set(lots)) == len(lots)
    more = set(drawn(seed, cases(count + 1)))
    assert len(set(lots) - more) <= 1


def test_each_case_has_the_same_chance() -> None:
    """Of 20 cases and 4,000 lots none is drawn rarely: 2,000 each, give or take 5 deviations."""
    times = dict.fromkeys(cases(20), 0)
    for number in range(4_000):
        for one in drawn(number.to_bytes(32), cases(20)):
            times[one] += 1
    assert all(2_000 - 158 < count < 2_000 + 158 for count in times.values())


def test_how_second_looks_came_out() -> None:
    """Of those drawn: how many were taken, how many agree."""
    here = worked()
    [name] = here.state.closings
    closed = here.state.cases[name]
    assert Agreement(1, 0, 0) == agreement([closed], here.state.checked)
    here.do(OFFICER, a.CaseChecked(name, "unclear"))
    assert Agreement(1, 1, 0) == agreement([closed], here.state.checked)


def test_open_cases_are_counted_by_age_and_listed_by_deadline() -> None:
    """What is kept up of open cases says so without looking at each; escalated ones apart."""
    here, waiting = worked(), Waiting()
    assert [1, 0, 0, 0, 0, 0] == waiting.ages(here.state, here.at_ms, AGES_MS)
    assert [0, 1, 0, 0, 0, 0] == waiting.ages(here.state, here.at_ms + HOUR_MS, AGES_MS)
    [left] = waiting.nearest(here.state, 5)
    assert [] == waiting.escalated(here.state, 5)
    here.do(ANALYST, a.CaseEscalated(left.id))
    assert [left.id] == [one.id for one in waiting.escalated(here.state, 5)]
