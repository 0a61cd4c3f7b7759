"""The figures of looking back, against a count by hand of nine payments."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from arasha.engine.judgements import Action, Judgements
from arasha.engine.lookback import Lookback
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.reports.lookback import Change, Figures, figures_of
from policy_samples import POLICY, written

DAY_MS = 86_400_000
FRAUD, GOOD, OPEN = 1, 0, -1

# payer, day, amount, truth, action now, action then
ROWS = (
    (1, 0, 100, FRAUD, "hold", "hold"),
    (1, 0, 200, FRAUD, "allow", "warn"),
    (2, 0, 300, GOOD, "warn", "allow"),
    (3, 1, 400, OPEN, "hold", "block"),
    (3, 1, 500, OPEN, "warn", "hold"),
    (4, 1, 600, GOOD, "hold", "allow"),
    (5, 3, 700, OPEN, "allow", "warn"),
    (6, 3, 800, FRAUD, "block", "block"),
    (7, 3, 900, OPEN, "allow", "allow"),
)


def judged(column: int) -> Judgements:
    """The rows by one of the two: its rule fires wherever it does anything."""
    actions = [Action[str(row[column]).upper()] for row in ROWS]
    fired = [action > Action.ALLOW for action in actions]
    n, zeros = len(ROWS), np.zeros(len(ROWS), np.int64)
    tokens = np.array([[row[0], 0] for row in ROWS], np.uint64)
    return Judgements(
        seq=2 * np.arange(n), ids=[""] * n,
        happened_at_ms=np.array([row[1] * DAY_MS for row in ROWS], np.int64), known_at_ms=zeros,
        amount_minor=np.array([row[2] for row in ROWS], np.int64),
        currency=np.full(n, 398, np.int64), payer=tokens, payee=tokens,
        action=np.array(actions, np.uint8),
        score=np.array([300 * int(one) for one in actions], np.int32),
        rule_offsets=np.concatenate([[0], np.cumsum(fired)]).astype(np.int64),
        rules=np.zeros(sum(fired), np.uint16), truth=np.array([row[3] for row in ROWS], np.int8),
        late=np.zeros(n, np.bool_),
    )  # fmt: skip


def found(folder: Path, *, with_draft: bool = True) -> Figures:
    """The figures of both."""
    policy: Policy = document.load(written(folder, POLICY.replace("+05:00", "+00:00")))
    looked = Lookback(judged(4), judged(5) if with_draft else None, 0, 3 * DAY_MS, 0, again=False)
    return figures_of(looked, policy, policy if with_draft else None, days=30, made_ms=9)


def test_hits_people_and_money_are_counted(tmp_path: Path) -> None:
    """People are payers of what is not known to be fraud; money is not that of good payments."""
    figures = found(tmp_path)
    now, then = figures.now, figures.then
    assert then is not None
    assert (9, 3, 2, 398) == (figures.payments, figures.frauds, figures.goods, figures.currency)
    assert (6, 4, 1) == (now.hits, now.stopped, now.blocked)
    assert (2, 2, 2, 1) == (now.frauds, now.goods, now.frauds_stopped, now.goods_stopped)
    assert 3 == now.people, "2, 3 and 4"
    assert 100 + 400 + 800 == now.stopped_minor
    assert 100 + 800 == now.fraud_stopped_minor
    assert (0.5, 2 / 3) == (now.precision, now.recall)
    assert (6, 4, 2, 2) == (then.hits, then.stopped, then.people, then.blocked)
    assert 100 + 400 + 500 + 800 == then.stopped_minor
    assert (1.0, 1.0) == (then.precision, then.recall)
    assert ((0, 2, 1), (1, 3, 2), (3, 1, 1)) == now.days
    [rule] = now.rules
    assert (6, 2, 2, 3, 1300, 6) == (
        rule.hits, rule.frauds, rule.goods, rule.people, rule.stopped_minor, rule.alone,
    )  # fmt: skip
    assert 0.5 == rule.precision


def test_what_only_one_of_the_two_hits_is_told(tmp_path: Path) -> None:
    """With places of the largest, and nothing else of them."""
    figures = found(tmp_path)
    assert Change(2, 1, 0, 900) == figures.newly_hit
    assert Change(2, 0, 2, 900) == figures.newly_missed
    assert Change(1, 0, 0, 500) == figures.newly_stopped
    assert Change(1, 0, 1, 600) == figures.no_longer_stopped
    assert [12, 2] == [one.seq for one in figures.hit_samples]
    assert [10, 4] == [one.seq for one in figures.missed_samples]
    [first, _] = figures.missed_samples
    assert (2, 0, ("much_to_a_stranger",), ()) == (
        first.action_before, first.action, first.rules_before, first.rules,
    )  # fmt: skip


def test_without_a_draft_nothing_has_changed(tmp_path: Path) -> None:
    """And JSON holds all of it."""
    figures = found(tmp_path, with_draft=False)
    assert figures.then is None
    assert figures.newly_hit is None
    assert () == figures.hit_samples == figures.missed_samples
    for one in (figures, found(tmp_path)):
        assert one == msgspec.json.decode(msgspec.json.encode(one), type=Figures)
