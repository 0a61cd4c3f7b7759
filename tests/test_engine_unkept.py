"""What keeps nothing gives the places and times the log would give."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.engine.decide import decide
from arasha.engine.unkept import Unkept
from arasha.events.columns import Facts, concatenate
from arasha.events.schema import MISSING
from arasha.log.log import Log
from arasha.testing.generated import histories
from feature_samples import START_MS, payments
from test_engine_decide import all_decisions, by_batches, centre


@settings(max_examples=15)
@given(histories(), st.lists(st.integers(0, 40), max_size=3), st.integers(0, 40))
def test_it_decides_as_the_log_does(facts: Facts, cuts: list[int], again: int) -> None:
    """Facts, some of them twice, in any batches: a backtest decides what a replay decides."""
    facts = concatenate([facts, facts.take(slice(again, None))])
    with (
        tempfile.TemporaryDirectory() as folder,
        Log.create(Path(folder) / "log", created_at_ms=START_MS) as log,
    ):
        kept, unkept = centre(log), centre(Unkept())
        logged, counted = by_batches(kept, facts, cuts), by_batches(unkept, facts, cuts)
        assert all_decisions(logged) == all_decisions(counted)
        for one, other in zip(logged, counted, strict=True):
            for name in ("fresh", "first_seq", "first_row", "digests"):
                left, right = getattr(one.admission, name), getattr(other.admission, name)
                assert left.tolist() == right.tolist()
        if len(facts):
            assert kept.log.last_known_at_ms == unkept.log.last_known_at_ms
        assert kept.log.size == unkept.log.size


def test_it_begins_before_all_times() -> None:
    """Nothing can be late to an empty log."""
    assert (0, MISSING) == (Unkept().size, Unkept().last_known_at_ms)
    decided = decide(centre(), payments([-(10**12)])[0])
    assert [0] == decided.decisions.marks.tolist()


def test_the_same_id_of_another_sender_is_another_fact() -> None:
    """Names are the sender's own."""
    facts, _ = payments([1])
    other, _ = payments([2])
    other.symbols["sender"] = other.symbols["payee_account"]
    middle = centre()
    assert [True] == decide(middle, facts).admission.fresh.tolist()
    assert [True] == decide(middle, other).admission.fresh.tolist()
    assert [False] == decide(middle, other).admission.fresh.tolist()
