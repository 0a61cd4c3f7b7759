"""Ordinary life: a pure function of seed and day, with the rhythms of a country."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from arasha.country.calendar import DAY_MS
from arasha.country.habits import BLOCK, FLOWS, HOURS, hour_tables, ordinary_day
from arasha.country.happenings import NONE, PURPOSES, REMOTE_ACCESS, Happenings
from arasha.country.society import AccountKind, BusinessKind, Society, Status
from arasha.events.schema import CALL_ROUTES, CHANNELS, Kind
from country_people import days, parameters

HOUR_MS = 3_600_000


def digest(some: Happenings) -> str:
    """Of all columns."""
    said = sha256()
    for column in some.columns().values():
        said.update(column.tobytes())
    return said.hexdigest()


def test_threads_change_nothing() -> None:
    """Three blocks of people made by one, two and five threads are the same days."""
    made = []
    for workers in (1, 2, 5):
        own = Society.make(6, 2 * BLOCK + 100, parameters())
        made.append([digest(ordinary_day(own, day, workers)) for day in range(2)])
    assert made[0] == made[1] == made[2]


def test_seeds_and_days_differ() -> None:
    """Another seed or day is another day."""
    _, (monday, tuesday) = days(2, 500)
    _, (other, _) = days(2, 500, 2)
    assert 3 == len({digest(monday), digest(tuesday), digest(other)})


def test_rows_are_in_order_and_in_their_day() -> None:
    """By time, from local midnight to local midnight; every index is in its table."""
    own, happened = days(10)
    for number, one in enumerate(happened):
        start = own.start_ms + number * DAY_MS
        assert (np.diff(one.time_ms) >= 0).all()
        assert start <= one.time_ms[0] <= one.time_ms[-1] < start + DAY_MS
        paid, called = one.kind == Kind.PAYMENT, one.kind == Kind.CALL
        assert (one.amount[paid] > 0).all()
        assert (one.amount[~paid] == 0).all()
        for rows, room in ((paid, len(own.accounts)), (called, len(own.numbers))):
            for column in (one.first[rows], one.second[rows]):
                assert 0 <= column.min() <= column.max() < room
        assert (one.first != one.second).all()
        assert one.device.max() < len(own.devices)
        assert set(np.unique(one.marks)) <= {0, REMOTE_ACCESS}
        assert (one.script == NONE).all()
        assert set(np.unique(one.kind)) <= {
            Kind.PAYMENT, Kind.CALL, Kind.SIM_CHANGE, Kind.ACCOUNT_CHANGE,
        }  # fmt: skip


def test_rates_are_those_of_a_country() -> None:
    """About 2.4 payments and 2.4 calls a person and day."""
    own, happened = days(14)
    payments, calls = (
        sum(int((one.kind == kind).sum()) for one in happened) / 14 / len(own.people)
        for kind in (Kind.PAYMENT, Kind.CALL)
    )
    assert 2.0 < payments < 2.8
    assert 2.0 < calls < 2.8


def test_nights_are_quiet_and_evenings_busy() -> None:
    """From two to five little is paid and less is called; people shop after work."""
    own, happened = days(7)
    hours = np.concatenate([(one.time_ms - own.start_ms) % DAY_MS // HOUR_MS for one in happened])
    kinds = np.concatenate([one.kind for one in happened])
    for kind in (Kind.PAYMENT, Kind.CALL):
        by_hour = np.bincount(hours[kinds == kind], minlength=24) / (kinds == kind).sum()
        assert 0 < by_hour[2:5].sum() < 0.04
        assert by_hour[17:21].sum() > 0.2


def test_offices_call_on_working_days() -> None:
    """On Sunday fewer calls are made than on Wednesday, and more is eaten out or bought."""
    _, happened = days(14)
    calls = [int((one.kind == Kind.CALL).sum()) for one in happened]
    assert calls[13] < 0.93 * calls[9]
    shop = CHANNELS.index("pos")
    bought = [int(((one.kind == Kind.PAYMENT) & (one.code == shop)).sum()) for one in happened]
    assert bought[12] > 1.1 * bought[8]


def test_salaries_come_on_paydays_in_one_go() -> None:
    """Each of an employer's people is paid within the same half hour, once a payday."""
    _, happened = days(7)
    purpose = PURPOSES.index("SALA")
    paid = [one.take(one.purpose == purpose) for one in happened]
    counts = [len(one) for one in paid]
    assert counts[0] > 5 * max(counts[1], counts[2])  # the 5th, a Monday
    monday = paid[0]
    employer = monday.first
    for account in np.unique(employer):
        times = monday.time_ms[employer == account]
        assert times.max() - times.min() <= HOUR_MS // 2
    assert len(np.unique(monday.second)) == len(monday)


def test_pay_adds_up_to_income_over_a_month() -> None:
    """Nearly everyone with a salary gets it within a month, about as much as it says."""
    own, happened = days(35)
    purpose = PURPOSES.index("SALA")
    got = np.zeros(len(own.people), np.int64)
    for one in happened[:31]:
        rows = one.purpose == purpose
        np.add.at(got, own.accounts.owner[one.second[rows]], one.amount[rows])
    employed = own.people.status == Status.EMPLOYED
    share = got[employed] / own.people.income[employed]
    assert (got[employed] > 0).mean() > 0.97
    assert abs(float(np.median(share)) - 1) < 0.05


def test_amounts_and_activity_have_heavy_tails() -> None:
    """The largest hundredth of transfers is many times the median; so are the busiest payers."""
    own, happened = days(14)
    transfers = np.concatenate([
        one.amount[(one.kind == Kind.PAYMENT) & (one.code == CHANNELS.index("mobile"))]
        for one in happened
    ])  # fmt: skip
    assert np.percentile(transfers, 99) > 15 * np.median(transfers)
    made = np.zeros(len(own.people), np.int64)
    for one in happened:
        payer = one.first[one.kind == Kind.PAYMENT]
        private = payer[own.accounts.kind[payer] == AccountKind.PERSON]
        np.add.at(made, own.accounts.owner[private], 1)
    assert made.max() > 5 * np.median(made)
    assert (made == 0).mean() < 0.02


def test_transfers_are_often_round_and_mostly_among_acquaintances() -> None:
    """Whole thousands are common in transfers, rare in shops; payees come again."""
    _, happened = days(14)
    paid = [one.take(one.kind == Kind.PAYMENT) for one in happened]
    amounts = {
        channel: np.concatenate([one.amount[one.code == CHANNELS.index(channel)] for one in paid])
        for channel in ("mobile", "pos")
    }
    round_ones = {name: float((some % 50_000 == 0).mean()) for name, some in amounts.items()}
    assert round_ones["mobile"] > 0.4 > 0.2 > round_ones["pos"]
    pairs = np.concatenate([one.first.astype(np.int64) << 32 | one.second for one in paid])
    assert len(np.unique(pairs)) < 0.75 * len(pairs)


def test_couriers_call_many_strangers() -> None:
    """A courier's number calls scores of people a day, most of whom do not know them."""
    own, (monday,) = days(1, 20_000)
    courier = int(own.people.number[own.couriers[0]])
    called = monday.second[(monday.kind == Kind.CALL) & (monday.first == courier)]
    people = own.numbers.owner[called]
    known = sum(own.know_each_other(int(own.couriers[0]), int(person)) for person in people)
    assert len(np.unique(called)) > 15
    assert known < 0.5 * len(called)


def test_calls_are_short_with_a_long_tail() -> None:
    """A quarter are not answered, half of the answered take under two minutes, none over three
    hours; a few come from abroad or are made there.
    """
    _, happened = days(7)
    calls = [one.take(one.kind == Kind.CALL) for one in happened]
    lengths = np.concatenate([one.duration_ms for one in calls])
    routes = np.concatenate([one.code for one in calls])
    assert 0.15 < (lengths == 0).mean() < 0.35
    answered = lengths[lengths > 0]
    assert np.median(answered) < 120_000
    assert np.percentile(answered, 99) > 900_000
    assert answered.max() <= 3 * HOUR_MS
    shares = np.bincount(routes, minlength=len(CALL_ROUTES)) / len(routes)
    assert (shares > 0.001).all()
    assert shares[0] > 0.95


@pytest.mark.parametrize(("people", "count"), [(100, 3), (1_000, 1)])
def test_small_countries_have_days(people: int, count: int) -> None:
    """However few the people, something happens."""
    _, happened = days(count, people)
    assert all(len(one) > people for one in happened)


def test_money_lasts() -> None:
    """Nobody's balance may be short for most payments: over five weeks most have their cover."""
    own, happened = days(35)
    balance = own.accounts.balance[: len(own.accounts)].copy()
    short = total = 0
    private = own.accounts.kind[: len(balance)] == AccountKind.PERSON
    for one in happened:
        rows = np.flatnonzero(one.kind == Kind.PAYMENT)
        for payer, payee, amount in zip(
            one.first[rows].tolist(), one.second[rows].tolist(), one.amount[rows].tolist(),
            strict=True,
        ):  # fmt: skip
            total += 1
            if private[payer] and balance[payer] < amount:
                short += 1
                continue
            balance[payer] -= amount
            balance[payee] += amount
    assert short / total < 0.1
    assert 0.5 < np.median(balance[:4_000]) / np.median(own.accounts.balance[:4_000]) < 5


def test_feasts_are_seen_in_what_people_do() -> None:
    """Wednesdays: more is bought before Nauryz, and less eaten out in the weeks of the fast, some
    of it later in the evening.
    """
    own = Society.make(8, 4_000, parameters())
    eating = own.businesses.account[list(own.businesses.of(BusinessKind.CAFE))]
    buying = own.businesses.account[list(own.businesses.of(BusinessKind.SHOP))]
    meals, evenings, purchases = {}, {}, {}
    for name, day in (("usual", 37), ("fast", 51), ("before Nauryz", 72)):
        one = ordinary_day(own, day)
        paid = one.take(one.kind == Kind.PAYMENT)
        out = np.isin(paid.second, eating)
        meals[name] = int(out.sum())
        late = (paid.time_ms[out] - own.start_ms) % DAY_MS >= 19 * HOUR_MS
        evenings[name] = float(late.mean())
        purchases[name] = int(np.isin(paid.second, buying).sum())
    assert meals["fast"] < 0.9 * meals["usual"]
    assert evenings["fast"] > evenings["usual"]
    assert purchases["before Nauryz"] > 1.2 * purchases["usual"]


def test_hours_follow_their_weights() -> None:
    """Each profile's table holds each hour about as often as it weighs."""
    tables = hour_tables(parameters())
    for name, table in zip(HOURS, tables, strict=True):
        weights = np.array(parameters().numbers(f"hours.{name}"))
        assert 24 == len(weights)
        found = np.bincount(table, minlength=24) / len(table)
        assert abs(found - weights / weights.sum()).max() < 0.002


def test_every_flow_has_its_parameters() -> None:
    """Each sort of spending stands in the table, and no other does."""
    assert tuple(flow.name for flow in FLOWS) == parameters().names("flows")
