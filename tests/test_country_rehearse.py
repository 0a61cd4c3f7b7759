from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.app.shipped import default_law
from arasha.country.arms import Notes
from arasha.country.happenings import FRAUD, LAUNDERING
from arasha.country.kernels_life import BLOCKED, HELD, MOVED, REFUSED, RELEASED, STOPPED
from arasha.country.parameters import load
from arasha.country.rehearse import (
    Job,
    Size,
    at_false_alarms,
    rehearse,
    run,
    tally,
    uplift_of,
    with_recovered,
)
from arasha.reports.rehearsal import Tally, Uplift, document
from recovered_samples import RECOVERED
from rehearsal_samples import wary

SIZE = Size(people=250, days=1, warm_up_days=1, after_days=1)
LAW = default_law()


def notes(*rows: tuple[int, int, int, int, int], scores: tuple[tuple[int, int], ...] = ()) -> Notes:
    """Payments of (payer, amount, truth, action, what became of it)."""
    payer, amount, truth, action, became = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    bank, centre = np.array(scores or [(0, 0)] * n, np.int32).T
    none = np.zeros(n, np.uint8)
    return Notes(
        np.arange(n), np.arange(n), payer.astype(np.int32), amount, truth.astype(np.uint8),
        np.full(n, -1, np.int32), none, bank, none, centre, action.astype(np.uint8),
        became.astype(np.uint8),
    )  # fmt: skip


def test_a_tally_counts_what_moved_and_who_was_bothered() -> None:
    """Frauds by what became of them; good payments that were acted on, and whose they were.

    Payers 0 and 1 belong to one person.
    """
    some = notes(
        (0, 100, FRAUD, 0, MOVED), (1, 10, FRAUD, 2, RELEASED), (2, 1_000, FRAUD, 1, STOPPED),
        (2, 5_000, FRAUD, 2, REFUSED), (3, 7, FRAUD, 3, BLOCKED), (4, 9, FRAUD, 2, HELD),
        (5, 50, LAUNDERING, 2, HELD),
        (6, 1, 0, 0, MOVED), (6, 1, 0, 1, MOVED), (6, 1, 0, 2, RELEASED), (7, 1, 0, 1, STOPPED),
    )  # fmt: skip
    owners = np.maximum(some.payer - 1, 0)
    assert tally(some, owners, 20) == Tally(
        stolen=110, stopped=6_016, victims=1, frauds=6, hits=5, goods=4, false_alarms=3, people=20,
        bothered=2,
    )  # fmt: skip


def test_uplift_sets_both_at_their_own_threshold() -> None:
    """Five false alarms a hit each; the centre takes the larger score; laundering is left out."""
    rows = [(0, 100, FRAUD, 0, MOVED), (1, 30, FRAUD, 0, MOVED)]
    rows += [(2, 1, 0, 0, MOVED)] * 12 + [(3, 1, LAUNDERING, 0, MOVED)]
    scores = [(500, 0), (100, 600), *[(300, 0)] * 11, (50, 40), (999, 999)]
    found = uplift_of(notes(*rows, scores=tuple(scores)))
    assert found == Uplift(2, 130, 1, 100, 2, 130)


@given(
    st.lists(st.tuples(st.integers(-1, 30), st.booleans()), min_size=1, max_size=60),
    st.integers(0, 8),
)
def test_false_alarms_stay_within_what_was_asked(
    rows: list[tuple[int, bool]], per_hit: int
) -> None:
    """No other threshold finds more frauds at so many false alarms for each."""
    score = np.array([row[0] for row in rows], np.int32)
    fraud = np.array([row[1] for row in rows])
    hit = at_false_alarms(score, fraud, per_hit)
    assert (hit & ~fraud).sum() <= per_hit * (hit & fraud).sum()
    for threshold in range(1, 32):
        other = score >= threshold
        if (other & ~fraud).sum() <= per_hit * (other & fraud).sum():
            assert (other & fraud).sum() <= (hit & fraud).sum()


def test_a_country_lives_once_for_each_way_of_judging(tmp_path: Path) -> None:
    """Nobody acts without a centre; the same job gives the same run."""
    job = Job(wary(tmp_path), LAW, "standard", 3, SIZE)
    one = run(job)
    assert ["no centre", "each bank on its own data", "the centre's view of all"] == list(one.arms)
    nobody, banks, centre = one.arms.values()
    assert (0, 0) == (nobody.hits, nobody.false_alarms)
    assert 0 < banks.false_alarms <= centre.false_alarms
    assert list(one.arms)[1:] == list(one.recovered)
    assert one == run(job)


def test_a_tally_takes_over_what_was_held_and_returned() -> None:
    """Of what was stolen, and the minutes of each hold."""
    some = notes((0, 100, FRAUD, 0, MOVED))
    found = with_recovered(tally(some, some.payer, 20), RECOVERED)
    assert (1_100_000_00, 800_000_00, 3, 75.0) == (
        found.held, found.returned, found.holds, found.hold_minutes
    )  # fmt: skip


def test_processes_change_no_figure(tmp_path: Path) -> None:
    """Both sets of parameters, their versions and hashes, whatever number of processes."""
    path = wary(tmp_path)
    [alone] = rehearse([path], LAW, [7], SIZE)
    steps: list[int] = []
    [apart] = rehearse([path], LAW, [7], SIZE, workers=2, on_done=steps.append)
    assert json.dumps(document(alone)) == json.dumps(document(apart))
    assert [1] * 2 == steps
    known = [(load(name).version, load(name).hash) for name in ("standard", "shifted")]
    assert known == [(one.version, one.hash) for one in alone.sets]
    assert [7] == [run.seed for run in alone.of("shifted")]
