"""Pieces of plays: sums people ask for, parts of them, and how thieves answer being stopped."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.country.happenings import FRAUD
from arasha.country.plots import asked, take
from arasha.country.script import Script, Stage
from arasha.events.schema import Kind
from country_plays import Always, lived, own, told

WARN, HOLD, BLOCK = 1, 2, 3


@given(st.floats(min_value=1, max_value=1e9))
def test_sums_asked_for_are_round_and_near(kzt: float) -> None:
    """Whole hundreds of tenge at least, within a quarter of what was meant (small ones: 500)."""
    tiyn = asked(kzt)
    assert tiyn % 500_00 == 0
    assert abs(tiyn - kzt * 100) <= max(500_00, 0.05 * kzt * 100)


def theft(stage: Stage) -> Script:
    """Half of a balance in two parts."""
    victim = stage.victim(min_balance=asked(50_000))
    if victim is not None:
        wanted = stage.part_of_balance(victim, 0.5)
        yield from take(stage, stage.ring(), victim, wanted, parts=2)


def tries_by_play(action: int, **changed: float) -> list[np.ndarray]:
    """The amounts of each play's payments under a judge who says the same of all thefts."""
    country = lived(
        own(theft), rate=400.0, days=4, judging=Always(action),
        stories__marketplace__stop_share=changed.pop("stop_share", 0.0), changed=changed,
    )  # fmt: skip
    stolen = country.payments.take((country.payments.truth & FRAUD) != 0)
    return [stolen.amount[stolen.script == script] for script in np.unique(stolen.script)]


def test_thieves_who_do_not_adapt_give_up() -> None:
    """A blocked payment is the last one."""
    tries = tries_by_play(BLOCK, underworld__adaptive_share=0.0)
    assert {1} == {len(amounts) for amounts in tries}


def test_thieves_who_adapt_try_less_to_another_account() -> None:
    """Blocked, they go on with smaller sums."""
    tries = tries_by_play(BLOCK, underworld__adaptive_share=1.0, underworld__retry_hours=0.5)
    several = [amounts for amounts in tries if len(amounts) > 1]
    assert several
    assert all((np.diff(amounts) <= 0).all() for amounts in several)


def test_a_victim_who_stops_ends_it() -> None:
    """Whoever understood the warning pays nothing more, however the thieves adapt."""
    tries = tries_by_play(WARN, stop_share=1.0, underworld__adaptive_share=1.0)
    assert {1} == {len(amounts) for amounts in tries}


def test_what_is_allowed_moves_whole() -> None:
    """Without a judge two parts make half of the balance."""
    tries = tries_by_play(0, underworld__adaptive_share=0.0)
    assert {2} == {len(amounts) for amounts in tries}


def test_parts_are_not_equal() -> None:
    """Several parts of one sum differ, so equal parts are no sign of thieves."""
    tries = tries_by_play(0, underworld__adaptive_share=0.0)
    assert any(len(set(amounts.tolist())) == 2 for amounts in tries)


def test_a_call_comes_before_the_code() -> None:
    """Where thieves call by phone, the call is there before the first payment."""
    country = lived(told("parcel_code"), days=3)
    calls = country.of(Kind.CALL)
    first_call = {
        int(script): int(at) for script, at in zip(calls.script, calls.time_ms, strict=True)
    }
    stolen = country.payments.take((country.payments.truth & FRAUD) != 0)
    assert len(stolen)
    assert all(first_call[int(s)] < at for s, at in zip(stolen.script, stolen.time_ms, strict=True))
