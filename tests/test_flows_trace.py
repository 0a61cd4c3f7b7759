"""Tracing equals the oracle, and keeps the laws of money."""

from __future__ import annotations

from collections.abc import Mapping

import hypothesis.strategies as st
import pytest
from hypothesis import given

from arasha.flows.arena import Arena
from arasha.flows.bounds import Bounds
from arasha.flows.trace import Tracer
from arasha.flows.traced import Split, Trace
from arasha.flows.ways_out import ABROAD, CASH
from arasha.testing.naive_trace import PARTS, RULES, NaiveTrace, Transfer
from arasha.testing.naive_trace import trace as naive
from flows_samples import TENGE, arena_of, histories, token

SEE_ALL = Bounds(least_amount_minor=1, looks_at_account_most=1_000, looks_most=1_000)

reports = st.dictionaries(st.integers(0, 12), st.sampled_from((1, 3, 100)), min_size=1, max_size=4)
told = st.dictionaries(st.integers(0, 5), st.integers(0, 20), max_size=3)
bounds = st.builds(
    Bounds,
    least_amount_minor=st.integers(1, 4),
    payments_most=st.integers(1, 12),
    hop_window_ms=st.sampled_from((0, 2, 20, 1_000)),
    hops_most=st.integers(1, 4),
    looks_at_account_most=st.integers(2, 8),
    looks_most=st.integers(8, 60),
)


def followed(
    history: list[Transfer],
    reported: Mapping[int, int],
    limits: Bounds,
    openings: Mapping[int, int],
) -> tuple[Trace, Arena]:
    """The trace of what is reported, by the compiled walk."""
    arena = arena_of(history)
    balances = {}
    for account, balance in openings.items():
        number = arena.account_of(token(account), TENGE)
        if number is not None:
            balances[number] = balance
    places: dict[int, int | None] = {p: d for p, d in reported.items() if p < len(history)}
    return Tracer(arena, limits).trace(places, balances), arena


def sums_of(split: Split) -> dict[str, int]:
    return split.as_object()


def oracle_accounts(found: NaiveTrace) -> list[dict[str, dict[str, int]]]:
    """Each account's stays added up, as the trace shows them."""
    order = list(dict.fromkeys(account for account, _ in found.stays))
    shown = []
    for account in order:
        parts = {part: dict.fromkeys(RULES, 0) for part in PARTS}
        for known, stay in found.stays:
            if known == account:
                stay.parts["there"]["poison"] = max(len(stay.fifo), stay.parts["there"]["most"])
                for part in PARTS:
                    for rule in RULES:
                        parts[part][rule] += stay.parts[part][rule]
        came = parts["received"]["most"]  # no more can go on than came, nor out than was reported
        for part in PARTS[2:]:
            parts[part]["most"] = min(parts[part]["most"], came)
        for part in ("there", "cash", "abroad", "crypto"):
            parts[part]["most"] = min(parts[part]["most"], found.cap)
        shown.append(parts)
    return shown


@given(histories(), reports, bounds, told)
def test_the_trace_is_what_the_oracle_says(
    history: list[Transfer], reported: dict[int, int], limits: Bounds, openings: dict[int, int]
) -> None:
    """Every sum of every account and payment, and every cut, whatever the bounds."""
    trace, _ = followed(history, reported, limits, openings)
    expected = naive(history, reported, limits, openings)

    assert oracle_accounts(expected) == [
        {part: sums_of(getattr(one.money, part)) for part in PARTS} for one in trace.accounts
    ]
    assert expected.carried == {one.ordinal: sums_of(one.carries) for one in trace.payments}
    assert expected.disputed == sums_of(trace.disputed)
    assert expected.looks == trace.looked_at
    assert expected.cuts == {
        name: int(value) for name, value in trace.cuts.as_object().items() if name in expected.cuts
    }


@given(histories(), reports, bounds, told)
def test_nothing_is_created_and_nothing_counted_twice(
    history: list[Transfer], reported: dict[int, int], limits: Bounds, openings: dict[int, int]
) -> None:
    """By each rule what was reported is there, left or was not followed: to the last coin."""
    trace, _ = followed(history, reported, limits, openings)

    for rule in ("fifo", "lifo", "haircut"):
        rest = sum(
            getattr(trace.total(part), rule)
            for part in ("there", "cash", "abroad", "crypto", "unfollowed")
        )
        assert getattr(trace.disputed, rule) == rest
        assert getattr(trace.disputed, rule) <= trace.reported_minor
        for one in trace.accounts:
            money = one.money
            gone = money.passed + money.left + money.unfollowed
            assert getattr(money.received, rule) == getattr(money.there + gone, rule)


@given(histories(), reports, bounds, told)
def test_the_interval_holds_every_rule_and_poison_is_above_all(
    history: list[Transfer], reported: dict[int, int], limits: Bounds, openings: dict[int, int]
) -> None:
    """Least <= FIFO, LIFO, haircut <= most <= poison, of payments and of what is there."""
    trace, _ = followed(history, reported, limits, openings)

    splits = [one.carries for one in trace.payments]
    splits += [one.money.there for one in trace.accounts]
    for part in PARTS:
        splits += [getattr(one.money, part) for one in trace.accounts]
    for split in splits:
        for value in (split.fifo, split.lifo, split.haircut):
            assert split.least <= value <= split.most <= split.poison


@given(histories(), reports, st.integers(0, 60), st.integers(0, 5))
def test_earlier_money_moves_no_rule_out_of_the_interval(
    history: list[Transfer], reported: dict[int, int], balance: int, account: int
) -> None:
    """Whatever an account had before: by each rule its payments stay between least and most."""
    unknown, _ = followed(history, reported, SEE_ALL, {})
    known, _ = followed(history, reported, SEE_ALL, {account: balance})

    interval = {one.ordinal: one.carries for one in unknown.payments}
    for one in known.payments:
        if one.ordinal in interval:
            at = interval[one.ordinal]
            for value in (one.carries.fifo, one.carries.lifo, one.carries.haircut):
                assert at.least <= value <= at.most


def test_a_worked_example() -> None:
    """The example of docs/decisions/0012: 100 stolen, 60 and 60 paid on, 50 before it."""
    history = [Transfer(0, 1, 1, 100), Transfer(1, 2, 2, 60), Transfer(1, 3, 3, 60)]

    unknown, _ = followed(history, {0: 100}, SEE_ALL, {})
    known, _ = followed(history, {0: 100}, SEE_ALL, {1: 50})

    assert Split(60, 60, 60, 0, 60, 60) == unknown.payments[1].carries
    assert Split(40, 40, 40, 0, 60, 60) == unknown.payments[2].carries
    assert Split(0, 0, 0, 0, 100, 100) == unknown.accounts[0].money.there
    assert Split(10, 60, 40, 10, 60, 60) == known.payments[1].carries
    assert Split(60, 40, 40, 10, 60, 60) == known.payments[2].carries
    assert Split(30, 0, 20, 0, 30, 30) == known.accounts[0].money.there


def test_reports_of_one_chain_count_no_money_twice() -> None:
    """Two victims, the second of whom passes on the first one's money."""
    history = [Transfer(0, 1, 1, 100), Transfer(1, 2, 2, 150), Transfer(2, 3, 3, 150)]

    trace, _ = followed(history, {0: 100, 1: 150}, SEE_ALL, {})

    assert 250 == trace.reported_minor
    assert 150 == trace.disputed.fifo == trace.total("there").fifo


@pytest.mark.parametrize(
    ("way", "name"), [(CASH, "cash"), (ABROAD, "abroad"), (3, "crypto")]
)  # fmt: skip
def test_money_leaves_the_network(way: int, name: str) -> None:
    """What is withdrawn, sent abroad or to an exchange has left, and nobody there is watched."""
    payee = 99
    history = [Transfer(0, 1, 1, 100), Transfer(1, payee, 2, 70, way), Transfer(7, 4, 3, 70)]

    trace, _ = followed(history, {0: 100}, SEE_ALL, {})

    assert 1 == len(trace.accounts)
    assert 70 == trace.total(name).fifo
    assert 30 == trace.total("there").fifo
