"""The queue kept up is the queue, whatever happens to its cases."""

from __future__ import annotations

from random import Random

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.queue import queue
from arasha.cases.waiting import Waiting
from cases_samples import ANALYST, KZT, OFFICER, Room, room


def something(here: Room, random: Random) -> None:
    """Some act of a desk, taken or refused."""
    cases = list(here.state.cases) or ["c1"]
    case, account = random.choice(cases), f"{random.randrange(40):032x}"
    place = len(here.entries)
    by = random.choice((ANALYST, OFFICER))
    acts = (
        (CENTRE, a.AlertRaised(place, account, f"{place:032x}", random.choice((10, 10**6, 10**12)),
                               KZT, random.choice((250, 600, 1_000)))),
        (by, a.CaseTaken(case)),
        (by, a.CaseLeft(case)),
        (by, a.CaseSnoozed(case, here.at_ms + random.randrange(1, 10**8))),
        (by, a.CaseClosed(case, random.choice(("fraud", "legitimate", "unclear")), worth_it=True)),
        (by, a.CaseMerged(case, random.choice(cases))),
    )  # fmt: skip
    who, act = random.choices(acts, (8, 3, 1, 1, 1, 1))[0]
    here.ask(who, act)
    here.later(hours=random.choice((0, 0, 0.3, 5)))


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_queue(seed: int) -> None:
    """The same cases in the same order, the first and all of them, at every instant."""
    here, kept, random = room(), Waiting(), Random(seed)
    for _ in range(120):
        something(here, random)
        expected = [case.id for case in queue(here.state, here.at_ms)]
        for most in (1, 7, 10_000):
            found = kept.next(here.state, here.at_ms, most)
            assert expected[:most] == [case.id for case in found]
        counters = kept.counters(here.state, here.at_ms)
        assert len(expected) == counters.waiting
        open_ = len(here.state.open_cases)
        assert open_ == counters.waiting + counters.taken + counters.snoozed


def test_another_state_is_another_queue() -> None:
    """A standby that takes over has made its own; nothing of the one before is left."""
    kept = Waiting()
    for seed in (1, 2):
        here = room()
        for _ in range(40):
            something(here, Random(seed))
        expected = [case.id for case in queue(here.state, here.at_ms)]
        assert expected == [case.id for case in kept.next(here.state, here.at_ms, 99)]


def test_more_cases_than_rows() -> None:
    """The columns grow."""
    here, kept = room(), Waiting()
    for n in range(1_100):
        here.ask(CENTRE, a.AlertRaised(n, f"{n:032x}", f"{n:032x}", n + 1, KZT, 500))
    expected = [case.id for case in queue(here.state, here.at_ms)]
    assert 1_100 == len(expected)
    assert expected == [case.id for case in kept.next(here.state, here.at_ms, 2_000)]


def test_equal_ones_are_cut_where_their_names_say() -> None:
    """However a stretch is cut: ties go by the case's name."""
    here, kept = room(), Waiting()
    for n in range(30):
        here.ask(CENTRE, a.AlertRaised(n, f"{n:032x}", f"{n:032x}", 500, KZT, 500))
    expected = [case.id for case in queue(here.state, here.at_ms)]
    for skip in range(0, 30, 7):
        found = kept.next(here.state, here.at_ms, 7, skip=skip)
        assert expected[skip : skip + 7] == [case.id for case in found]


def test_a_long_queue_is_taken_up_a_little_at_a_time() -> None:
    """So that nobody waits for all of it; who looks before has all the same."""
    here, kept = room(), Waiting()
    for n in range(25):
        here.ask(CENTRE, a.AlertRaised(n, f"{n:032x}", f"{n:032x}", n + 1, KZT, 500))
    assert [True, True, False] == [kept.take_up(here.state, 10) for _ in range(3)]
    here.ask(CENTRE, a.AlertRaised(99, f"{99:032x}", f"{99:032x}", 7, KZT, 500))
    assert 26 == kept.counters(here.state, here.at_ms).waiting
