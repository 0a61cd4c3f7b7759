"""The laundering benchmarks' tables: what labels say, and from when on."""

from __future__ import annotations

import polars as pl

from app_samples import transfers_of_two_banks
from arasha.app.bench.transfers import labels, table, transfers


def test_labels_are_known_as_late_as_said() -> None:
    """A loop over all earlier transfers says the same; without a delay's word none is known."""
    frame = transfers_of_two_banks()
    features = {"found": 'count(label, by=payer_account, window="60d", where=fraud)'}
    step, payer = frame["step"].to_numpy(), frame["src"].to_numpy()
    bad = frame["is_laundering"].to_numpy() == 1
    expected = [
        sum(bad & (payer == who) & (step + 28 <= day) & (step + 28 > day - 60))
        for who, day in zip(payer, step, strict=True)
    ]
    assert expected == table(frame, features, 28)[:, 0].tolist()
    assert max(expected) > 1
    assert not table(frame, features).any()


def test_labels_name_the_banks_their_transfers_name() -> None:
    """Though a bank only received, and though the laundering ones touch few of the banks."""
    frame = pl.DataFrame(
        {
            "step": [0, 1], "src": [1, 2], "dst": [2, 3], "amount": [5.0, 6.0],
            "src_bank": ["a", "b"], "dst_bank": ["b", "c"], "is_laundering": [0, 1],
        }
    )  # fmt: skip
    facts, _ = transfers(frame)
    told, _ = labels(frame, 28)
    for name in ("payer_bank", "payee_bank"):
        assert facts.symbols[name][1].tolist() == told.symbols[name][0].tolist()
