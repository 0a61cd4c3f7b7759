"""The portrait of a country: what it counts while the country lives."""

from __future__ import annotations

import numpy as np
import pytest

from arasha.country.happenings import FRAUD, Happenings, merged
from arasha.country.kernels_life import MOVED
from arasha.country.loop import Happened, Life
from arasha.country.portrait import GROUPS, Portrait
from arasha.country.society import AccountKind, Society
from arasha.events.schema import CHANNELS, Kind
from country_people import parameters

PEOPLE, DAYS = 1_500, 3


@pytest.fixture(name="lived", scope="module")
def _lived() -> tuple[Portrait, Life, list[Happened]]:
    """A country that lived three days, and its portrait."""
    own = Society.make(4, PEOPLE, parameters())
    life, portrait = Life(own, parameters(), 4), Portrait(own)
    happened = list(life.slices(DAYS))
    for one in happened:
        portrait.see(one)
    return portrait, life, happened


Lived = tuple[Portrait, Life, list[Happened]]


def moved(happened: list[Happened]) -> Happenings:
    """The payments that moved, counted the slow way."""
    return merged([one.rows.take(one.payments[one.became == MOVED]) for one in happened])


def test_facts_are_counted_by_kind(lived: Lived) -> None:
    """As many of each kind as there are rows of it."""
    portrait, _, happened = lived
    rows = merged([one.rows for one in happened])
    assert len(rows) == sum(portrait.facts.values())
    assert int((rows.kind == Kind.CALL).sum()) == portrait.facts["call"]
    assert int((rows.kind == Kind.SIGNAL).sum()) == portrait.facts["signal"]
    assert portrait.facts["payment"] - portrait.not_moved == len(moved(happened))


def test_money_is_counted_by_group(lived: Lived) -> None:
    """Every payment that moved is in one group, with its amount, hour and size."""
    portrait, _, happened = lived
    paid = moved(happened)
    groups = portrait.groups()
    assert len(paid) == sum(count for _, count, _ in groups)
    assert int(paid.amount.sum()) == sum(total for _, _, total in groups)
    assert len(paid) == sum(map(sum, portrait.hours(0)))
    assert [count for _, count, _ in groups] == [sum(portrait.sizes(at)) for at in range(5)]
    cash = paid.code == CHANNELS.index("atm")
    assert (GROUPS[3], int(cash.sum()), int(paid.amount[cash].sum())) == groups[3]
    assert all(count > 0 for _, count, _ in groups)


def test_days_are_counted_apart(lived: Lived) -> None:
    """Payments and calls of each day add up to all; 7 January is free."""
    portrait, _, happened = lived
    assert DAYS == len(portrait.days) == len(portrait.daily)
    assert len(moved(happened)) == sum(int(day[0]) for day in portrait.daily)
    assert [False, False, True] == [day.free for day in portrait.days]
    assert sum(portrait.hours(1)[1]) == int(portrait.daily[2][1])


def test_pairs_are_distinct(lived: Lived) -> None:
    """Somebody who calls the same number twice called one number."""
    portrait, life, happened = lived
    rows = merged([one.rows for one in happened])
    calls = rows.take(rows.kind == Kind.CALL)
    owner = life.society.numbers.owner
    private = life.society.numbers.kind[calls.first] == 0
    for person in (0, 7, 100):
        own = private & (owner[calls.first] == person)
        assert len(set(calls.second[own].tolist())) == int(portrait.called()[person])
    assert PEOPLE == len(portrait.paid())


def test_the_busiest_make_more_than_their_share(lived: Lived) -> None:
    """The busiest tenth makes more than a tenth, all make all."""
    portrait, _, _ = lived
    tenth = portrait.share_of_busiest(0.1)
    assert tenth is not None
    assert 0.1 < tenth < 0.6
    assert 1.0 == portrait.share_of_busiest(1.0)
    assert 1.0 == portrait.share_of_busiest(1.0, receiving=True)


def test_what_was_stolen_is_the_truth(lived: Lived) -> None:
    """By story, the payments that moved and are frauds."""
    portrait, life, happened = lived
    paid = moved(happened)
    stolen = (paid.truth & FRAUD) != 0
    plays = portrait.plays(life.casts)
    assert int(stolen.sum()) == sum(play.stolen_payments for play in plays)
    assert int(paid.amount[stolen].sum()) == sum(play.stolen_tiyn for play in plays)
    assert len(life.casts) == sum(play.plays for play in plays)
    assert 0 == sum(play.stolen_payments for play in plays if not play.is_fraud)


def test_nothing_is_a_portrait_too() -> None:
    """Before anything happened there are no shares."""
    own = Society.make(4, 100, parameters())
    portrait = Portrait(own)
    assert portrait.share_of_busiest(0.1) is None
    assert 0 == int(portrait.called().sum()) == sum(portrait.lengths())
    assert np.diff(own.people.contact_start).tolist() == portrait.degrees().tolist()
    assert AccountKind.PERSON == own.accounts.kind[0]
