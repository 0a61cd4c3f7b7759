"""Whom the facts of a log mention, month by month."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.errors import KeyDestroyed
from arasha.events.schema import FACTS
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.log.log import Log
from arasha.log.mentions import PARTY_COLUMNS, mentions
from arasha.log.retire import retire
from log_samples import DAY_MS, made, payments

APRIL, MAY, JUNE = (period_named(f"2018-0{month}") for month in (4, 5, 6))


def told(directory: Path, without: tuple[int, ...] = ()) -> dict[int, int]:
    """How many parties each month mentions, in the order in which the months are told."""
    found: dict[int, int] = {}
    with Log.open(directory, writable=False) as log:
        for month, tokens in mentions(log, without=without):
            found[month] = found.get(month, 0) + int(tokens.any(axis=1).sum())
    return found


def test_each_month_mentions_the_parties_of_its_facts(tmp_path: Path) -> None:
    """All that stand in the facts' party columns, no others, in the log's order."""
    found = told(made(tmp_path / "log"))
    assert [APRIL, MAY, JUNE] == list(found)
    facts = payments(72)
    expected = sum(
        int(facts.symbols[name].any(axis=1).sum())
        for name in PARTY_COLUMNS
        if name in facts.symbols
    )
    assert expected == sum(found.values()) > 0


def test_the_tokens_are_those_of_the_facts(tmp_path: Path) -> None:
    """As they stand in the log."""
    with Log.open(made(tmp_path / "log"), writable=False) as log:
        seen = np.concatenate([tokens for _, tokens in mentions(log)])
    facts = payments(72)
    for name in PARTY_COLUMNS:
        if name in facts.symbols:
            wanted = {row.tobytes() for row in facts.symbols[name]}
            assert wanted <= {row.tobytes() for row in seen}


def test_retired_months_and_those_left_out_are_passed_over(tmp_path: Path) -> None:
    """One that was lost is an error: nobody may be forgotten for that."""
    directory = made(tmp_path / "log")
    with Log.open(directory) as log:
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=7 * DAY_MS, by="x", reason="y")
    assert [MAY, JUNE] == list(told(directory))
    assert [JUNE] == list(told(directory, without=(MAY,)))
    KeyStore(directory).path(Retention.FACTS, JUNE).unlink()
    with pytest.raises(KeyDestroyed):
        told(directory)


def test_every_party_of_the_schema_is_looked_at() -> None:
    """A new field for a party is in by itself."""
    fields = {f.name for fact in FACTS.values() for f in fact.fields if f.party is not None}
    assert fields == set(PARTY_COLUMNS)
    assert {"payer_account", "device", "number"} <= fields
