"""Judged files for the tests of reports: small random ones, and a month that looks like life."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import DTypeLike, NDArray

from arasha.engine.judgements import Action, Judgements
from arasha.reports.measures import Tally

Row = Mapping[str, Any]
"""A payment by the names of its columns: a number, a mark, an id or a list of rules each."""

KZT, USD, KWD = 398, 840, 414

RULES = (
    "first_payment_to_payee_during_call",
    "new_device_and_large_amount",
    "payee_opened_this_week",
    "many_payers_one_payee",
    "sim_swapped_today",
    "reported_payee",
    "remote_access_tool",
    "night_and_unusual_amount",
    "drains_account_after_loan",
    "never_fires",
)


def judgements(rows: Sequence[Row]) -> Judgements:
    """Rows as dictionaries; what is left out is 0, allowed, of unknown truth."""

    def column(name: str, dtype: DTypeLike, default: int) -> NDArray[Any]:
        return np.array([row.get(name, default) for row in rows], dtype)

    fired = [sorted(set(row.get("rules", ()))) for row in rows]

    def token(name: str) -> NDArray[np.uint64]:
        values = np.zeros((len(rows), 2), np.uint64)
        values[:, 0] = [row.get(name, 1) for row in rows]
        values[:, 1] = 7
        return values

    return Judgements(
        seq=np.arange(len(rows), dtype=np.int64) * 2,
        ids=[str(row.get("id", f"p{at}")) for at, row in enumerate(rows)],
        happened_at_ms=column("at_ms", np.int64, 0),
        known_at_ms=column("at_ms", np.int64, 0),
        amount_minor=column("amount", np.int64, 0),
        currency=column("currency", np.int64, KZT),
        payer=token("payer"),
        payee=token("payee"),
        action=column("action", np.uint8, 0),
        score=column("score", np.int32, 0),
        rule_offsets=np.cumsum([0, *map(len, fired)], dtype=np.int64),
        rules=np.array([rule for some in fired for rule in some], np.uint16),
        truth=column("truth", np.int8, -1),
        late=column("late", np.bool_, False),
    )


def rows(rules: int = 4) -> st.SearchStrategy[list[Row]]:
    """Up to 30 payments of few payers, currencies, days and scores, so that they meet."""
    row: st.SearchStrategy[Row] = st.fixed_dictionaries(
        {
            "at_ms": st.integers(-200_000_000, 400_000_000),
            "amount": st.one_of(st.integers(0, 2000), st.just(10**15), st.integers(0, 10**15)),
            "currency": st.sampled_from([KZT, USD, KWD]),
            "payer": st.integers(1, 4),
            "action": st.integers(0, 3),
            "score": st.sampled_from([0, 1, 300, 700, 1000]),
            "rules": st.lists(st.integers(0, rules - 1), max_size=rules),
            "truth": st.sampled_from([-1, 0, 1]),
            "late": st.booleans(),
        }
    )
    return st.lists(row, max_size=30)


def month(n: int = 60_000, *, seed: int = 7, strict: bool = False) -> Judgements:
    """A month of payments with rare frauds; ``strict`` is another policy on the same payments."""
    rng = np.random.default_rng(seed)
    fraud = rng.random(n) < 0.004
    truth = fraud.astype(np.int8)
    truth[rng.random(n) < 0.03] = -1
    hour = np.where(fraud, rng.normal(14, 4, n), rng.normal(15, 5, n)) % 24
    day = rng.integers(0, 30, n)
    start = 1_790_000_000_000 // 86_400_000 * 86_400_000
    at_ms = np.sort(start + (day * 24 + hour) * 3_600_000).astype(np.int64)
    amount = np.where(fraud, rng.lognormal(13.1, 0.9, n), rng.lognormal(10.2, 1.4, n))
    currency = np.where(rng.random(n) < 0.02, USD, KZT)
    amount_minor = (np.where(currency == USD, amount / 500, amount) * 100).astype(np.int64)
    people = rng.integers(0, 2**63, (n // 5 + 1, 2), dtype=np.uint64)
    payer = people[rng.integers(0, len(people), n)]
    payee = people[rng.integers(0, len(people), n)]

    on_fraud = np.array([0.38, 0.3, 0.22, 0.28, 0.07, 0.16, 0.12, 0.2, 0.05, 0])
    on_good = np.array([0.002, 0.004, 0.006, 0.001, 0.0002, 0.0001, 0.0006, 0.009, 0.0004, 0])
    tendency = rng.random((n, len(RULES)))
    share = np.where(fraud[:, None], on_fraud, on_good)
    if strict:
        share = share * np.array([1.3, 0.7, 1.0, 1.2, 1, 1, 1, 0.4, 1, 0])
    fired = tendency < share
    points = np.array([350, 250, 180, 320, 400, 600, 380, 90, 300, 0])
    score = np.minimum(1000, fired @ points).astype(np.int32)
    action = np.zeros(n, np.uint8)
    for level, threshold in ((1, 240), (2, 380), (3, 780)):
        action[score >= threshold] = level
    action[fired[:, 5]] = np.maximum(action[fired[:, 5]], Action.HOLD)
    rules = np.nonzero(fired)[1].astype(np.uint16)
    return Judgements(
        seq=np.arange(n, dtype=np.int64) * 2,
        ids=[f"KZ-{at:08d}" for at in range(n)],
        happened_at_ms=at_ms,
        known_at_ms=at_ms,
        amount_minor=amount_minor,
        currency=currency.astype(np.int64),
        payer=payer,
        payee=payee,
        action=action,
        score=score,
        rule_offsets=np.concatenate([[0], np.cumsum(fired.sum(axis=1))]).astype(np.int64),
        rules=rules,
        truth=truth,
        late=rng.random(n) < 0.001,
    )


def naive(some: Iterable[Row]) -> Tally:
    """One pass, one payment at a time."""
    some = list(some)

    def money(truth: int) -> dict[int, int]:
        sums: dict[int, int] = {}
        for row in some:
            if row["truth"] == truth:
                sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
        return sums

    return Tally(
        frauds=sum(row["truth"] == 1 for row in some),
        goods=sum(row["truth"] == 0 for row in some),
        unknown=sum(row["truth"] == -1 for row in some),
        fraud_money=money(1),
        good_money=money(0),
        unknown_money=money(-1),
        payers=len({row["payer"] for row in some if row["truth"] == 0}),
    )


def where(some: list[Row], test: Callable[[Row], bool]) -> Tally:
    return naive(row for row in some if test(row))
