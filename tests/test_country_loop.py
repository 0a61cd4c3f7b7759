from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.country.happenings import FRAUD, NONE, make, merged
from arasha.country.kernels_life import BLOCKED, HELD, MOVED, REFUSED, RELEASED, SHORT, STOPPED
from arasha.country.loop import SLICE_MS, Happened, Judging, Life
from arasha.events.schema import Kind
from country_lives import Says, always, at_random, days_of, life_of

ALLOW, WARN, HOLD, BLOCK = range(4)


def same(one: list[Happened], other: list[Happened]) -> bool:
    """Whether two lives are the same, row by row."""
    rows = [merged([some.rows for some in lived]).columns() for lived in (one, other)]
    became = [np.concatenate([some.became for some in lived]) for lived in (one, other)]
    return np.array_equal(became[0], became[1]) and all(
        np.array_equal(rows[0][name], rows[1][name]) for name in rows[0]
    )


def balanced(life: Life) -> None:
    """Money is where it was or somewhere else, and no private account is overdrawn."""
    accounts = life.memories.accounts
    assert life.memories.total == life.memories.money()
    assert 0 <= int(accounts.balance[accounts.private == 1].min())
    assert 0 <= int(accounts.reserved.min())


JUDGES = {
    "nobody": None, "allows": always(ALLOW), "warns": always(WARN), "holds": always(HOLD),
    "blocks": always(BLOCK), "anything": at_random(3),
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGES)
def test_money_is_conserved_and_nobody_overdrawn(name: str) -> None:
    """Whatever a judge says, after every slice the sum of all money is what it was."""
    life = life_of(JUDGES[name], seed=5)
    for happened in life.slices(3):
        balanced(life)
        assert len(happened.payments) == len(happened.became) == len(happened.actions)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_money_is_conserved_for_any_seed(seed: int, judge: int) -> None:
    """In any country, under a judge who says anything, no tiyn appears or is lost."""
    life = life_of(at_random(judge), seed=seed, people=120)
    days_of(life, 2)
    balanced(life)


def test_time_never_runs_backwards_and_every_row_comes_once() -> None:
    """Rows come in order of time and of serials, inside their slices, to the judge too."""
    judge = at_random(1)
    lived = days_of(life_of(judge), 4)
    for happened in lived:
        times = happened.rows.time_ms
        assert (np.diff(times) >= 0).all()
        assert len(times) == 0 or happened.start_ms <= times[0] <= times[-1] < happened.end_ms
    serials = np.concatenate([happened.rows.serial for happened in lived])
    assert np.array_equal(np.arange(len(serials)), serials)
    assert all(one.rows is seen for one, seen in zip(lived, judge.seen, strict=True))
    assert [SLICE_MS] * len(lived) == [one.end_ms - one.start_ms for one in lived]


def test_nobody_judging_is_as_allowing_everything() -> None:
    """A judge who allows everything changes nothing."""
    assert same(days_of(life_of(), 3), days_of(life_of(always(ALLOW)), 3))


@pytest.mark.parametrize("workers", [2, 5])
def test_workers_change_nothing(workers: int) -> None:
    """One seed is one country, however many threads make it."""
    assert same(days_of(life_of(), 2), days_of(life_of(workers=workers), 2))


def test_another_seed_is_another_country() -> None:
    """Seeds matter."""
    assert not same(days_of(life_of(), 1), days_of(life_of(seed=2), 1))


def judged_in_cuts(size: int) -> Judging:
    """A judge with a memory, who looks at so many rows at a time."""
    paid: dict[int, int] = {}

    def says(some):  # type: ignore[no-untyped-def]  # of Says
        said = []
        for start in range(0, len(some), size):
            for i in range(start, min(start + size, len(some))):
                payee = int(some.second[i])
                if some.kind[i] == Kind.PAYMENT:
                    said.append(paid.get(payee, 0) % 4)
                    paid[payee] = paid.get(payee, 0) + 1
        return np.array(said, np.uint8)

    return Says(says)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_cuts_of_a_slice_change_nothing(size: int) -> None:
    """A judge may cut a slice into any batches: money moves only when all of it is judged."""
    assert same(days_of(life_of(judged_in_cuts(3)), 2), days_of(life_of(judged_in_cuts(size)), 2))


def test_what_is_blocked_does_not_move() -> None:
    """Under a judge who blocks everything all balances stay, and every payment is rejected."""
    judge = always(BLOCK)
    life = life_of(judge)
    before = life.memories.accounts.balance.copy()
    lived = days_of(life, 2)
    assert np.array_equal(before, life.memories.accounts.balance[: len(before)])
    assert {(BLOCKED,)} == {tuple(codes) for codes in judge.told.values()}
    outcomes = merged([one.rows.take(one.rows.kind == Kind.OUTCOME) for one in lived])
    told = set(outcomes.payment.tolist())
    early = {serial for one in lived[:-1] for serial in one.rows.payment[one.payments].tolist()}
    assert early <= told


def test_what_is_held_moves_when_it_is_released() -> None:
    """A held payment is reserved at once, moves when its review ends, or goes back."""
    judge = always(HOLD)
    life = life_of(judge)
    balance = life.memories.accounts.balance
    expected = np.concatenate((balance, np.zeros(1_000, np.int64)))  # accounts opened meanwhile
    for happened in life.slices(2):
        rows = happened.rows
        for one in happened.concluded:
            paid = one.paid
            assert happened.start_ms == one.at_ms >= paid.time_ms
            expected[paid.payee if one.became == RELEASED else paid.payer] += paid.amount
        for at, became in zip(happened.payments.tolist(), happened.became.tolist(), strict=True):
            assert became in (HELD, SHORT)
            if became == HELD:
                expected[rows.first[at]] -= rows.amount[at]
        now = life.memories.accounts.balance
        assert np.array_equal(expected[: len(now)], now)
    codes = {tuple(codes) for codes in judge.told.values()}
    assert codes <= {(HELD,), (SHORT,), (HELD, RELEASED), (HELD, REFUSED)}
    assert {(HELD, RELEASED), (HELD, REFUSED)} <= codes


def test_warnings_stop_some_and_are_answered() -> None:
    """Warned, some stop; each warned payment has one answer, which says what was done."""
    lived = days_of(life_of(always(WARN)), 3)
    stopped: dict[int, bool] = {}
    for one in lived[:-1]:
        serials = one.rows.payment[one.payments].tolist()
        stopped |= dict(zip(serials, (one.became == STOPPED).tolist(), strict=True))
    rows = merged([one.rows for one in lived])
    answers = rows.take(rows.kind == Kind.WARNING)
    assert len(set(answers.payment.tolist())) == len(answers)
    told = dict(zip(answers.payment.tolist(), (answers.code == 0).tolist(), strict=True))
    assert {serial: told[serial] for serial in stopped if serial in told}.items() <= stopped.items()
    assert len(stopped) - 30 <= len(set(stopped) & set(told))
    share = np.mean(list(stopped.values()))
    assert 0.02 < share < 0.05


def test_victims_report_what_was_stolen_and_reports_come_after() -> None:
    """Reports of frauds name payments that moved and were fraud, and come later than these."""
    lived = days_of(life_of(), 6)
    rows = merged([one.rows for one in lived])
    payments = rows.take(rows.kind == Kind.PAYMENT)
    of = {serial: at for at, serial in enumerate(payments.payment.tolist())}
    became = np.concatenate([one.became for one in lived])
    reports = rows.take((rows.kind == Kind.REPORT) & (rows.truth != 0))
    assert len(reports) > 5
    for at in range(len(reports)):
        paid = of[int(reports.payment[at])]
        assert payments.truth[paid] & FRAUD
        assert MOVED == became[paid]
        assert payments.time_ms[paid] < reports.time_ms[at]
        assert (payments.first[paid], payments.second[paid], payments.amount[paid]) == (
            reports.first[at], reports.second[at], reports.amount[at]
        )  # fmt: skip


def test_signals_stand_right_before_their_payment() -> None:
    """Three signals refer to the payment behind them, at its time and of its payer's number."""
    rows = merged([one.rows for one in days_of(life_of(), 2)])
    signals = np.flatnonzero(rows.kind == Kind.SIGNAL)
    assert len(signals) >= 30
    for first in signals[::3].tolist():
        assert [Kind.SIGNAL] * 3 + [Kind.PAYMENT] == rows.kind[first : first + 4].tolist()
        assert 1 == len(set(rows.payment[first : first + 4].tolist()))
        assert 1 == len(set(rows.time_ms[first : first + 4].tolist()))
        assert 1 == len(set(rows.first[first : first + 4].tolist()))


def test_ordinary_payments_without_cover_mostly_do_not_happen() -> None:
    """Of what cannot be afforded a small share is tried; it is rejected and said to be."""
    lived = days_of(life_of(), 5)
    rows = merged([one.rows for one in lived])
    became = np.concatenate([one.became for one in lived])
    ordinary = rows.script[rows.kind == Kind.PAYMENT] == NONE
    assert 0 < int((became[ordinary] == SHORT).sum()) < int(ordinary.sum()) / 50
    outcomes = int((rows.kind == Kind.OUTCOME).sum())
    assert int((became == SHORT).sum()) - 5 <= outcomes <= int((became == SHORT).sum())


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.CALL])
@pytest.mark.parametrize(("first", "second"), [(-1, 0), (0, -1), (10**6, 0), (0, 10**6)])
def test_rows_of_nobody_are_a_broken_invariant(kind: Kind, first: int, second: int) -> None:
    """A payment or call of an account or number that is not there stops the country."""
    life = life_of()
    start = life.society.start_ms
    columns = {"time_ms": [start], "kind": [kind], "first": [first], "second": [second]}
    ordinary = make({name: np.array(values) for name, values in columns.items()})
    with pytest.raises(AssertionError):
        next(life.day(0, ordinary))


def test_ordinary_life_of_another_day_is_a_broken_invariant() -> None:
    """Rows before or after the day do not slip in."""
    life = life_of()
    start = life.society.start_ms
    for at_ms in (start - 1, start + 86_400_000):
        ordinary = make({"time_ms": np.array([at_ms]), "kind": np.array([Kind.CALL])})
        with pytest.raises(AssertionError):
            next(life.day(0, ordinary))


def test_no_days_are_no_slices() -> None:
    """A country of no days has nothing in it."""
    assert [] == days_of(life_of(), 0)


def test_chance_of_a_victim_is_the_same_under_every_judge() -> None:
    """Until a judge stops something, plays happen alike: two judges differ only by what they do."""
    one, other = life_of(), life_of(always(BLOCK))
    first, second = next(iter(one.slices(1))), next(iter(other.slices(1)))
    assert np.array_equal(first.rows.time_ms, second.rows.time_ms)
    assert np.array_equal(first.rows.amount, second.rows.amount)
    assert [told.cast.name for told in one.casts] == [told.cast.name for told in other.casts]
    assert NONE not in first.rows.serial.tolist()
