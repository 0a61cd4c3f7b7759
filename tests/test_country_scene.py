from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.country.arms import Seats
from arasha.country.happenings import FRAUD, LAUNDERING, merged
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.loop import Happened, Life
from arasha.country.scene import LATEST, Scene
from arasha.engine.decide import Decided
from rehearsal_samples import judge_of, staged


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, list[Happened], Life]:
    """A scene of two days, shown slice by slice."""
    judge = judge_of(tmp_path_factory.mktemp("policy"))
    society, life, bench = staged(seed=2)
    scene = Scene(judge.policy, "en")
    bench.watch(Seats.of(judge, society.banks, centre=True))
    bench.act(scene.decided)
    slices = []
    for happened in life.slices(2):
        scene.take(happened, life.casts)
        slices.append(happened)
    scene.show(slices[-1].end_ms)
    return scene, slices, life


def test_the_counts_are_those_of_the_country(
    watched: tuple[Scene, list[Happened], Life],
) -> None:
    """Payments by action, money stolen and stopped, good payments bothered."""
    scene, slices, _ = watched
    rows = merged([one.rows.take(one.payments) for one in slices])
    actions = np.concatenate([one.actions for one in slices])
    became = np.concatenate([one.became for one in slices])
    fraud = (rows.truth & FRAUD) != 0
    released = sum(
        one.paid.amount for s in slices for one in s.concluded
        if one.paid.is_fraud and one.became == RELEASED
    )  # fmt: skip
    assert len(rows) == scene.payments == int(scene.actions.sum())
    assert np.bincount(actions, minlength=4).tolist() == scene.actions.tolist()
    assert int(rows.amount[fraud & (became == MOVED)].sum()) + released == scene.stolen
    good = (rows.truth & (FRAUD | LAUNDERING)) == 0
    assert int((good & (actions > 0)).sum()) == scene.alarms
    assert slices[-1].end_ms == scene.now_ms


def test_the_latest_holds_stand_there_with_their_reasons(
    watched: tuple[Scene, list[Happened], Life],
) -> None:
    """The newest first, each with the texts of its rules in the language of the scene."""
    scene, _, _ = watched
    assert LATEST == len(scene.latest)
    times = [one.time_ms for one in scene.latest]
    assert times == sorted(times, reverse=True)
    for one in scene.latest:
        assert one.action in ("hold", "block")
        assert any(why.startswith(("A new payee", "Much was paid")) for why in one.reasons)


def test_a_slice_is_shown_as_its_time_passes(tmp_path: Path) -> None:
    """Up to the moment asked for, and the rest when the next slice comes."""
    judge = judge_of(tmp_path)
    _, life, _ = staged()
    scene = Scene(judge.policy, "kk")
    slices = [one for one in life.slices(1) if len(one.payments)]
    busy = max(slices, key=lambda one: len(one.payments))
    scene.take(busy, life.casts)
    middle = int(busy.rows.time_ms[busy.payments[len(busy.payments) // 2]])
    scene.show(middle)
    assert 0 < scene.payments < len(busy.payments)
    scene.take(slices[-1], life.casts)
    assert len(busy.payments) == scene.payments


def test_of_two_judges_the_one_with_more_to_say_is_heard(tmp_path: Path) -> None:
    """A payment that bank and centre both hold has the longer list of reasons."""
    judge = judge_of(tmp_path)
    society, life, bench = staged()
    scene = Scene(judge.policy, "ru")
    told: list[Decided] = []

    def both(decided: Decided) -> None:
        told.append(decided)
        scene.decided(decided)

    bench.watch(Seats.of(judge, society.banks, centre=True))
    bench.act(both)
    for happened in life.slices(1):
        scene.take(happened, life.casts)
    assert any((one.decisions.action >= 2).any() for one in told)
    assert all(one.reasons for one in scene.latest)
