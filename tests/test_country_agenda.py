from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from arasha.country.agenda import Agenda


@given(st.lists(st.integers(0, 20)), st.integers(0, 25))
def test_steps_are_done_in_order_of_time_and_then_of_being_put_down(
    times: list[int], until: int
) -> None:
    """What is not due stays."""
    agenda, done = Agenda(), list[tuple[int, int]]()

    def note(place: int, now: int) -> None:
        done.append((now, place))

    for place, at in enumerate(times):
        agenda.put(at, partial(note, place))
    agenda.run(until)
    due = sorted((at, place) for place, at in enumerate(times) if at < until)
    assert due == done
    agenda.run(100)
    assert sorted((at, place) for place, at in enumerate(times)) == sorted(done)


def test_a_step_may_put_down_others() -> None:
    """Those that are due by then are done in the same run."""
    agenda, done = Agenda(), list[int]()

    def again(now: int) -> None:
        done.append(now)
        agenda.put(now + 10, again)

    agenda.put(0, again)
    agenda.run(35)
    assert [0, 10, 20, 30] == done
