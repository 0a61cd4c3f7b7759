"""Looking back over a log gives what a replay and a backtest of its file give: law 1, once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from arasha.engine.backtest import backtest
from arasha.engine.judgements import GOOD, UNKNOWN, Judgements
from arasha.engine.live import Job
from arasha.engine.live_start import prepare
from arasha.engine.lookback import DAY_MS, first_at, look_back
from arasha.engine.reigns import reigns_of
from arasha.engine.replay import replay
from arasha.events.mapping import load_mapping
from arasha.events.records import LabelSettled
from arasha.log.log import Log
from arasha.policy import document
from arasha.policy.definition import Policy
from live_samples import NOW, STRICTER, payment, policy, running
from small_data import HANDBOOK_FILE

DAYS = 20


@pytest.fixture(scope="module")
def judged(
    root: Path, small_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Log, Policy, Judgements, Judgements]]:
    """The small handbook, kept by its policy; another policy; what both say of the whole file."""
    folder = tmp_path_factory.mktemp("lookback")
    first = document.load(root / "policies" / "handbook.toml")
    text = (root / "policies" / "handbook.toml").read_text("utf-8")
    text = text.replace("points = 600", "points = 599")
    (folder / "other.toml").write_text(text)
    second = document.load(folder / "other.toml")
    mapping = load_mapping(root / "mappings" / "handbook.toml")
    file = small_data / HANDBOOK_FILE
    replay(file, first, mapping, folder / "out")
    kept, other = backtest(file, [first, second], mapping)
    with Log.open(folder / "out", writable=False) as log:
        yield log, second, kept, other


def same(found: Judgements, whole: Judgements, since_ms: int) -> None:
    """What was found is the end of the whole; truths that the log does not know yet are open."""
    rows = np.flatnonzero(whole.known_at_ms >= since_ms)
    assert len(rows) == len(found) > 500
    for name in ("seq", "happened_at_ms", "amount_minor", "action", "score", "late"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)[rows]), name
    assert [found.fired(row) for row in range(len(found))] == [
        whole.fired(row) for row in rows.tolist()
    ]
    known = found.truth != UNKNOWN
    assert known.any()
    assert np.array_equal(found.truth[known], whole.truth[rows][known])


def test_the_draft_is_judged_as_in_a_backtest_of_the_file(
    judged: tuple[Log, Policy, Judgements, Judgements],
) -> None:
    """With windows as full as they would have been; the policy in force as it has decided."""
    log, draft, kept, other = judged
    told = list[tuple[int, int]]()
    found = look_back(log, reigns_of(log), DAYS, draft,
                      on_progress=lambda done, of: told.append((done, of)))  # fmt: skip
    last_ms = int(kept.known_at_ms[-1])
    since_ms = last_ms - DAYS * DAY_MS
    same(found.now, kept, since_ms)
    assert found.then is not None
    same(found.then, other, since_ms)
    assert (False, 0, last_ms) == (found.again, found.short_ms, found.last_ms)
    assert 0 <= found.first_ms - since_ms < DAY_MS
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_without_a_draft_the_decisions_are_read_as_they_stand(
    judged: tuple[Log, Policy, Judgements, Judgements],
) -> None:
    """And nothing is judged."""
    log, _, kept, _ = judged
    found = look_back(log, reigns_of(log), DAYS)
    assert found.then is None
    same(found.now, kept, int(kept.known_at_ms[-1]) - DAYS * DAY_MS)


def test_the_first_entry_of_a_time_is_found(
    judged: tuple[Log, Policy, Judgements, Judgements],
) -> None:
    """As one look at every entry would find it."""
    log = judged[0]
    known = np.concatenate([frame.known_at for frame in log.read(0, log.size, classes=())])
    for at_ms in (0, int(known[0]), int(known[777]), int(known[777]) + 1, int(known[-1]) + 1):
        assert int(np.searchsorted(known, at_ms)) == first_at(log, at_ms)


def test_a_policy_that_judged_a_part_of_the_time_judges_all_of_it_again(tmp_path: Path) -> None:
    """So that both are compared over the same payments; alone it is counted from its first day."""
    stricter = policy(tmp_path, STRICTER, "stricter.toml")
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.ask(*(payment(number) for number in range(6)))
        service.ask(LabelSettled(id="l", happened_at=NOW, payment="p-1", fraud=False))
        prepared = prepare(tmp_path / "c", stricter)
        service.do(Job(lambda: service.live.put_in_force(prepared)))
        service.ask(*(payment(number) for number in range(6, 9)))
    draft = policy(tmp_path)
    with Log.open(tmp_path / "c", writable=False) as log:
        found = look_back(log, reigns_of(log), 7, draft)
        alone = look_back(log, reigns_of(log), 7)
    assert found.then is not None
    assert found.again
    assert [2] * 9 == found.now.action.tolist()
    assert [0] * 9 == found.then.action.tolist()
    assert [1] == np.flatnonzero(found.now.truth == GOOD).tolist()
    assert not alone.again
    assert [2] * 3 == alone.now.action.tolist()


def test_the_last_word_about_a_payment_counts(tmp_path: Path) -> None:
    """A label that another takes back is not what is settled."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.ask(payment(1), payment(2))
        for number, fraud in enumerate((True, False)):
            service.ask(LabelSettled(id=f"l{number}", happened_at=NOW, payment="p-1", fraud=fraud))
    with Log.open(tmp_path / "c", writable=False) as log:
        found = look_back(log, reigns_of(log), 1)
    assert [GOOD, UNKNOWN] == found.now.truth.tolist()
