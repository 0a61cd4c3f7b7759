from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.body import pack_facts, unpack_facts
from arasha.events.columns import Facts
from arasha.events.mapping import load_mapping
from arasha.events.schema import FACT_OF_KIND, FACTS, MISSING, Kind
from arasha.testing.generated import handbook_like, histories, random_facts
from events_samples import contents, read, rejects_of
from small_data import HANDBOOK_FILE


def test_the_payments_have_the_handbooks_columns(shared_data: Path) -> None:
    """Same names, same types, sorted by time; the same seed gives the same payments."""
    made = handbook_like(7, 100, 200, 30)
    assert made.schema == pl.scan_parquet(shared_data / HANDBOOK_FILE).collect_schema()
    assert made["TX_DATETIME"].is_sorted()
    assert made.equals(handbook_like(7, 100, 200, 30))
    assert not made.equals(handbook_like(8, 100, 200, 30))


def test_there_are_three_ways_of_fraud() -> None:
    """High amounts, compromised terminals for 28 days, a third of a stolen card's payments."""
    made = handbook_like(7, 500, 1000, 60)
    assert 0.002 < made["TX_FRAUD"].mean() < 0.1  # type: ignore[operator]  # it is a float
    assert [0, 1, 2, 3] == sorted(made["TX_FRAUD_SCENARIO"].unique().to_list())
    by_scenario = {
        scenario: made.filter(pl.col("TX_FRAUD_SCENARIO") == scenario) for scenario in range(4)
    }
    assert 220 < by_scenario[1]["TX_AMOUNT"].min()  # type: ignore[operator]  # it is a float
    days = by_scenario[2].group_by("TERMINAL_ID").agg(pl.col("TX_DATETIME").dt.date().n_unique())
    assert days["TX_DATETIME"].max() > 7  # type: ignore[operator]  # it is an int
    mean = made["TX_AMOUNT"].mean()
    assert by_scenario[3]["TX_AMOUNT"].mean() > 3 * mean  # type: ignore[operator]  # floats


def test_the_payments_are_read_by_the_handbooks_mapping(root: Path, tmp_path: Path) -> None:
    """They stand in for the data set: no row is refused."""
    path = tmp_path / "made.parquet"
    handbook_like(7, 50, 100, 20).write_parquet(path)
    assert [] == rejects_of(read(path, load_mapping(root / "mappings" / "handbook.toml")))


@given(histories())
def test_histories_are_valid_facts(facts: Facts) -> None:
    """Required fields are known, foreign ones are not, categories and marks are in range, money
    is whole; and they survive the way through the log's bodies.
    """
    for name, column in (facts.numbers | facts.symbols).items():
        known = np.asarray(column.any(axis=1) if column.ndim == 2 else column != MISSING)
        for kind in np.unique(facts.kinds).tolist():
            field = FACT_OF_KIND[Kind(kind)].field(name)
            here = known[facts.kinds == kind]
            if name != "sender" and field is None:
                assert not here.any()
            elif field is not None and field.required:
                assert here.all()
            if field is not None and field.categories:
                values = column[(facts.kinds == kind) & known]
                assert ((values >= 0) & (values < len(field.categories))).all()
    assert contents(facts) == contents(unpack_facts(facts.kinds, pack_facts(facts)))


@given(st.integers(0, 1000))
def test_a_seed_gives_one_history(seed: int) -> None:
    """Chance is an input."""
    assert contents(random_facts(seed, 20)) == contents(random_facts(seed, 20))


def test_histories_hold_what_real_data_seldom_do() -> None:
    """Equal times, times running backwards, parties met again, all kinds, unknown fields."""
    facts = random_facts(3, 500)
    steps = np.diff(facts.number("happened_at"))
    assert (steps == 0).any()
    assert (steps < 0).any()
    assert len(FACTS) == len(np.unique(facts.kinds))
    payers = facts.symbol("payer_account")[facts.kinds == Kind.PAYMENT]
    assert 4 == len(np.unique(payers, axis=0))
    assert (facts.number("channel")[facts.kinds == Kind.PAYMENT] == MISSING).any()
