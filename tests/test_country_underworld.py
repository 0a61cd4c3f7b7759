"""The thieves: mules are shared, used up, dropped; phones live for days."""

from __future__ import annotations

import pytest

from arasha.country.happenings import FRAUD
from arasha.country.script import DAY_MS, Script, Stage, found
from arasha.country.underworld import Mule
from arasha.events.schema import Kind
from country_plays import lived, own

STORIES = tuple(one for one in found() if one.is_fraud)


def test_mules_are_used_by_several_stories() -> None:
    """Some account receives what was stolen in stories of different names."""
    country = lived(*STORIES, rate=150.0, days=5)
    payments = country.payments.take((country.payments.truth & FRAUD) != 0)
    by_account: dict[int, set[str]] = {}
    for account, script in zip(payments.second.tolist(), payments.script.tolist(), strict=True):
        name = country.life.casts[script].cast.name
        by_account.setdefault(account, set()).add(name)
    assert max(map(len, by_account.values())) > 1


def test_most_mules_have_an_account_of_before() -> None:
    """Rented accounts are those of people who were there from the first day."""
    country = lived(*STORIES, rate=150.0, days=5)
    society = country.life.society
    mules = list(country.life.underworld.mules)
    old = [account for account in mules if society.accounts.opened_ms[account] < society.start_ms]
    assert len(old) > len(mules) / 2


@pytest.mark.parametrize(
    ("left", "since", "until", "now", "usable"),
    [
        (1, 0, 10, 5, True),
        (0, 0, 10, 5, False),  # used up
        (1, 6, 10, 5, False),  # not yet
        (1, 0, 5, 5, False),  # no more
    ],
)
def test_when_a_mule_is_usable(
    left: int, since: int, until: int, now: int, *, usable: bool
) -> None:
    """While there are payments left, from a day on, until a day."""
    assert usable == Mule(0, 0, 0, since, until, left).usable(now)


def test_a_dropped_mule_is_not_paid_on_again() -> None:
    """After a drop the ring names other accounts."""
    named: list[tuple[int, int]] = []

    def play(stage: Stage) -> Script:
        ring = stage.world.underworld.rings[0]
        first = ring.mule(stage)
        ring.drop(first.account)
        named.extend((first.account, ring.mule(stage).account) for _ in range(20))
        yield stage.wait(minutes=1)

    lived(own(play), rate=2_000.0, days=1, underworld__lent_share=0.0)
    assert named
    assert all(dropped != other for dropped, other in named)


def test_a_phone_lives_for_days() -> None:
    """Numbers of a ring are activated before they call, and given up after days."""
    used: list[tuple[int, int]] = []

    def play(stage: Stage) -> Script:
        ring = stage.world.underworld.rings[0]
        phone = yield from ring.phone(stage)
        used.append((phone.number, stage.now_ms))

    country = lived(
        own(play), rate=3_000.0, days=8, underworld__foreign_phone_share=0.0,
        underworld__fresh_phone_share=0.1,
    )  # fmt: skip
    changes = country.of(Kind.SIM_CHANGE)
    began = dict(zip(changes.first.tolist(), changes.time_ms.tolist(), strict=True))
    assert all(began[number] <= at for number, at in used)
    assert len({number for number, _ in used}) < len(used)
    ages = [at - began[number] for number, at in used]
    assert sum(age < 4 * DAY_MS for age in ages) > 0.8 * len(ages)
