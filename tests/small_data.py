"""Small data of the shapes of the third-party data sets, made on the spot where those are absent.

Not a benchmark: the frauds are planted crudely, so that tests have something to count. The same
seed gives the same files. Names of files and columns are those of the originals.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

HANDBOOK_FILE = "handbook-2018-04-01--2018-08-14.parquet"
AMLSIM_FOLDER = "amlsim-20k-fanin200"
AMLGENTEX_FILE = "amlgentex-a.parquet"

SEED = 20180401
DAYS = 136  # 2018-04-01 to 2018-08-14, both included
CUSTOMERS = 150
TERMINALS = 300
PAYMENTS = 20_000
STOLEN_CARDS = 12
STEPS = 149
ACCOUNTS = 400
TRANSFERS = 12_000
BANKS = ("bank_a", "bank_b", "bank_c", "bank_d", "bank_e", "bank_f")


def write_small_data(folder: Path) -> Path:
    """Write all sets into the folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    _handbook(random).write_parquet(folder / HANDBOOK_FILE)
    _write_amlsim(random, folder / AMLSIM_FOLDER)
    _amlgentex(random).write_parquet(folder / AMLGENTEX_FILE)
    return folder


def _handbook(random: np.random.Generator) -> pl.DataFrame:
    seconds = np.sort(random.integers(0, DAYS * 86_400, PAYMENTS))
    customer = random.integers(0, CUSTOMERS, PAYMENTS)
    amount = np.round(random.gamma(2.0, 26.0, PAYMENTS) + 0.01, 2)
    scenario = np.where(amount > 220, 1, 0)
    for card in random.choice(CUSTOMERS, STOLEN_CARDS, replace=False):
        start = int(random.integers(0, (DAYS - 14) * 86_400))
        hit = (customer == card) & (seconds >= start) & (seconds < start + 14 * 86_400)
        hit &= random.random(PAYMENTS) < 1 / 3
        scenario = np.where(hit, 3, scenario)
        amount = np.where(hit, np.round(amount * 5, 2), amount)
    start_ms = np.datetime64("2018-04-01T00:00:00", "ms")
    return pl.DataFrame(
        {
            "TRANSACTION_ID": np.arange(PAYMENTS, dtype=np.int32),
            "TX_DATETIME": start_ms + seconds.astype("timedelta64[s]"),
            "CUSTOMER_ID": customer.astype(np.int16),
            "TERMINAL_ID": random.integers(0, TERMINALS, PAYMENTS).astype(np.int16),
            "TX_AMOUNT": amount,
            "TX_FRAUD": (scenario > 0).astype(np.int8),
            "TX_FRAUD_SCENARIO": scenario.astype(np.int8),
        }
    )


def _write_amlsim(random: np.random.Generator, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    source = random.integers(0, ACCOUNTS, TRANSFERS)
    target = (source + random.integers(1, ACCOUNTS, TRANSFERS)) % ACCOUNTS
    bad = np.arange(ACCOUNTS) % 4 == 0
    pl.DataFrame(
        {
            "sourceNodeId": source,
            "targetNodeId": target,
            "value": np.round(random.gamma(2.0, 80.0, TRANSFERS) + 0.01, 2),
            "time": np.sort(random.integers(1, STEPS + 1, TRANSFERS)),
        }
    ).write_csv(folder / "transactions.csv")
    pl.DataFrame(
        {
            "nodeid": np.arange(ACCOUNTS),
            "isFraud": bad.astype(np.int8),
            "init_balance": np.round(random.uniform(100, 500, ACCOUNTS), 2),
            "fraudStep": np.where(bad, random.integers(1, STEPS, ACCOUNTS), -1),
        }
    ).write_csv(folder / "nodes.csv")


def _amlgentex(random: np.random.Generator) -> pl.DataFrame:
    source = random.integers(0, ACCOUNTS, TRANSFERS)
    target = (source + random.integers(1, ACCOUNTS, TRANSFERS)) % ACCOUNTS
    laundering = (source % 10 == 0) & (random.random(TRANSFERS) < 0.6)
    step, banks = np.sort(random.integers(0, 168, TRANSFERS)), np.array(BANKS)
    group = source // 10 + ACCOUNTS // 10 * (step // 42)  # a quarter of them begin late
    return pl.DataFrame(
        {
            "tx_id": np.arange(TRANSFERS, dtype=np.int32),
            "step": step.astype(np.int16),
            "src": source.astype(np.int32),
            "dst": target.astype(np.int32),
            "src_bank": banks[source % len(banks)],
            "dst_bank": banks[target % len(banks)],
            "amount": np.round(random.gamma(2.0, 300.0, TRANSFERS) + 0.01, 2),
            "is_laundering": laundering.astype(np.int8),
            "alert_id": np.where(laundering, group, -1).astype(np.int32),
        }
    )
