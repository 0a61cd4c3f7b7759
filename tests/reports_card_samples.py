"""Test data of the model card: a model's test made up, and columns small enough to think about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arasha.reports.card_columns import (
    DAY_MS,
    HOUR_MS,
    Contributions,
    Grouping,
    Matrix,
    Numbers,
    Repeat,
    Rows,
    Seed,
    Subject,
    span,
)
from arasha.reports.card_measures import Card, measure_card

KZT, USD = 398, 840
START_MS = 1_790_000_000_000 // DAY_MS * DAY_MS
BANKS = ("HSBKKZKX", "CASPKZKA", "KCJBKZKX", "IRTYKZKA", "ALFAKZKA", "KZKOKZKX")
CHANNELS = ("mobile", "internet", "branch", "card", "terminal")
FEATURES = (
    "paid_before", "amount_to_median", "payee_reports_30d", "payee_age", "count_1h", "sum_24h",
    "hour", "calls_before", "fan_in_7d", "device_age", "new_device", "amount",
)  # fmt: skip
GROUPS = dict(
    zip(
        FEATURES,
        ("new_payee", "amount_habit", "payee_reports", "new_payee", "pace", "pace", "time",
         "calls", "flow", "device", "device", "amount_habit"),
        strict=True,
    )
)  # fmt: skip


def rows(
    probability: Sequence[float] | Numbers,
    truth: Sequence[int],
    *,
    payer: Sequence[int] | None = None,
    day: Sequence[int] | None = None,
    amount: Sequence[int] | None = None,
    **others: object,
) -> Rows:
    """A few payments; what is not said is a payer each, one day, 10.00 KZT."""
    n = len(truth)
    keys = np.arange(n) if payer is None else np.array(payer, np.int64)
    at = np.zeros(n, np.int64) if day is None else np.array(day, np.int64)
    at_ms = START_MS + at * DAY_MS
    return Rows(
        np.array(probability, np.float64),
        np.array(truth, np.int8),
        np.full(n, 1000, np.int64) if amount is None else np.array(amount, np.int64),
        np.full(n, KZT, np.int64),
        keys,
        keys + 1,
        at_ms,
        at_ms,
        **others,  # type: ignore[arg-type]  # a test's own words
    )


def month(
    n: int = 40_000, *, days: int = 28, seed: int = 7, start_ms: int = START_MS
) -> tuple[Rows, Numbers]:
    """A month of payments judged by a fair model, and its log-odds; frauds come by payer."""
    rng = np.random.default_rng(seed)
    payer = rng.integers(0, n // 8 + 1, n)
    weak = rng.normal(0, 1.1, n // 8 + 1)[payer]
    bank = rng.choice(len(BANKS), n, p=[0.38, 0.27, 0.15, 0.11, 0.06, 0.03])
    channel = rng.choice(len(CHANNELS), n, p=[0.61, 0.2, 0.02, 0.12, 0.05])
    hour = rng.normal(14, 4.5, n) % 24
    signal = 2.4 * rng.normal(0, 1, n) + weak
    night = (hour < 6) | (hour > 22)
    logit = -6.9 + signal + 0.5 * night + 0.5 * (bank == 4) + 0.3 * (channel == 0)
    fraud = rng.random(n) < 1 / (1 + np.exp(-logit))
    seen = -6.9 + 1.05 * (signal + rng.normal(0, 0.5, n)) + 0.9 * night + 0.7 * (bank == 4)
    probability = np.round(1 / (1 + np.exp(-seen)), 4)
    truth = fraud.astype(np.int8)
    truth[rng.random(n) < 0.01] = -1
    at_ms = np.sort(rng.integers(0, days, n)) * DAY_MS + (hour * HOUR_MS).astype(np.int64)
    known = np.maximum.accumulate(start_ms + at_ms)
    currency = np.where(rng.random(n) < 0.03, USD, KZT)
    amount = rng.lognormal(14.2, 1.2, n) * np.where(fraud, 2.5, 1)
    made = Rows(
        probability,
        truth,
        np.where(currency == USD, amount / 500, amount).astype(np.int64),
        currency.astype(np.int64),
        rng.integers(0, 2**63, (n // 8 + 1, 2), dtype=np.uint64)[payer],
        rng.integers(0, 2**63, (n // 4 + 1, 2), dtype=np.uint64)[rng.integers(0, n // 4, n)],
        start_ms + at_ms,
        known,
        (
            Grouping("bank", bank.astype(np.int64), BANKS),
            Grouping("channel", channel.astype(np.int64), CHANNELS),
        ),
        seen,
        None,
        probability >= 0.12,
    )
    return made, seen


def features(test: Rows, logit: Numbers, seed: int = 3) -> tuple[Matrix, Contributions]:
    """A matrix that drifts in places, and contributions that follow it."""
    rng = np.random.default_rng(seed)
    n, f = len(test), len(FEATURES)
    train = rng.normal(0, 1, (n, f))
    later = rng.normal(0, 1, (n, f))
    later[:, 2] += 0.9
    later[:, 4] *= 1.35
    later[rng.random(n) < 0.2, 7] = np.nan
    size = np.array([1.1, 0.8, 1.4, 0.5, 0.4, 0.3, 0.2, 0.35, 0.25, 0.15, 0.1, 0.6])
    signs = np.array([-1, 1, 1, -1, 1, 1, 0.1, 1, 1, -1, 1, 1])
    added = np.nan_to_num(later) * size * signs + rng.normal(0, 0.2, (n, f))
    values = np.concatenate([added, np.full((n, 1), -6.9)], axis=1)
    return Matrix(FEATURES, train, later, GROUPS), Contributions(values[:5000])


def subject(test: Rows) -> Subject:
    """Its facts, with a gap of the label delay; of a few payments no spans but the test's."""
    delay = 7 * DAY_MS
    spans = [span("test", test.known_at_ms, test.truth)] if len(test) else []
    if len(test) > 8:
        earlier = test.known_at_ms - (test.known_at_ms[-1] - test.known_at_ms[0]) - delay - 1
        half, most = len(test) // 2, len(test) * 3 // 4
        spans = [
            span("training", earlier[:half], test.truth[:half]),
            span("early stopping", earlier[half:most], test.truth[half:most]),
            span("calibration", earlier[most:], test.truth[most:]),
            *spans,
        ]
    return Subject(
        name="transfers-lgbm",
        model_hash="3f" * 32,
        policy="instant-payments, version 7",
        policy_hash="a9" * 32,
        label_delay_ms=delay,
        spans=tuple(spans),
        calibration="isotonic, 31 steps",
        seeds_averaged=(1, 2, 3),
        thresholds={"warn": 0.12, "hold": 0.35, "block": 0.8},
        facts=(("trees", "100 of 31 leaves"), ("class weights", "none")),
        utc_offset_ms=5 * HOUR_MS,
    )


def sample_card(n: int = 40_000, days: int = 28) -> Card:
    """A whole card, with everything on it."""
    test, logit = month(n, days=days)
    matrix, contributions = features(test, logit)
    rng = np.random.default_rng(5)

    def seeds(of: Rows) -> tuple[Seed, ...]:
        assert of.score is not None
        noisy = [of.score + rng.normal(0, 0.3, len(of)) for _ in range(5)]
        return tuple(Seed(at, 1 / (1 + np.exp(-z)), z) for at, z in enumerate(noisy))

    before, _ = month(n, days=days, seed=8, start_ms=START_MS - 28 * DAY_MS)
    return measure_card(
        subject(test),
        test,
        matrix=matrix,
        contributions=contributions,
        train_probability=before.probability,
        seeds=seeds(test),
        repeats=[Repeat("the four weeks before", before, seeds(before))],
    )
