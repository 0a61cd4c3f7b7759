"""The laundering benchmarks' tables: what labels say, and from when on."""

from __future__ import annotations

from app_samples import transfers_of_two_banks
from arasha.app.bench.transfers import table


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
