"""The queue: most to save first, the overdue before all, and nothing starves."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.queue import queue, reachable_minor
from cases_samples import ANALYST, BANK, KZT, MULE, OFFICER, SECOND, THIRD, Room, bank, kz, room


def alert(here: Room, subject: str, amount: int, score: int) -> None:
    place = len(here.entries)
    here.do(CENTRE, a.AlertRaised(place, subject, f"{place:032x}", amount, KZT, score))


def order(here: Room) -> list[str]:
    """The accounts in their order."""
    return ["".join(sorted(case.subjects)) for case in queue(here.state, here.at_ms)]


def test_money_times_score_comes_first() -> None:
    """A small certain case stands behind a large likely one."""
    here = room()
    alert(here, MULE, 1_000_000, 900)
    alert(here, SECOND, 5_000_000, 500)
    alert(here, THIRD, 5_000_000, 100)
    assert [SECOND, MULE, THIRD] == order(here)


def test_of_equals_the_earlier_deadline_and_the_overdue_before_all() -> None:
    """However little there is to save."""
    here = room()
    alert(here, MULE, 10, 100)
    here.later(hours=0.5)
    alert(here, SECOND, 10, 100)
    assert [MULE, SECOND] == order(here)
    here.at_ms = next(iter(here.state.cases.values())).due_ms
    alert(here, THIRD, 10**12, 1_000)
    assert MULE == order(here)[0]


def test_what_somebody_has_or_has_put_aside_is_not_in_it() -> None:
    """Until the lease or the time is over."""
    here = room()
    alert(here, MULE, 10, 100)
    alert(here, SECOND, 10, 100)
    first, second = here.state.cases
    here.do(ANALYST, a.CaseTaken(first))
    here.do(OFFICER, a.CaseTaken(second))
    here.do(OFFICER, a.CaseSnoozed(second, here.at_ms + 7_200_000))
    assert [] == order(here)
    here.later(hours=1)
    assert [MULE] == order(here)
    here.later(hours=1)
    assert [MULE, SECOND] == order(here)


def test_nothing_starves() -> None:
    """A case of one unit, while each hour a larger one comes and only one is closed."""
    here = room()
    alert(here, MULE, 1, 1)
    (small,) = here.state.cases
    hours = 0
    while here.state.cases[small].outcome is None:
        for number in range(2):
            alert(here, f"{hours * 2 + number + 99:032x}", 10**9 + hours, 999)
        case = queue(here.state, here.at_ms)[0]
        here.do(ANALYST, a.CaseTaken(case.id))
        here.do(ANALYST, a.CaseClosed(case.id, "unclear", worth_it=False))
        here.later(hours=1)
        hours += 1
        assert hours < 100
    due_ms = kz().desk.due.after(here.state.cases[small].opened_ms, kz().calendar)
    assert here.at_ms - 3_600_000 >= due_ms


def test_only_what_can_still_be_saved_counts() -> None:
    """What is back, or was not there any more, is not."""
    here = room()
    report = here.report()
    assert 100_000 == reachable_minor(here.state, here.case_of(report))
    (hold,) = here.hold(report)
    here.do(bank(BANK), a.HoldAnswered(hold.id, 30_000, "balance"))
    assert 30_000 == reachable_minor(here.state, here.case_of(report))
