"""What a log says again of its facts."""

from __future__ import annotations

from pathlib import Path

from arasha.engine.recall import recall
from arasha.engine.reigns import reigns_of
from arasha.events.records import WarningAnswered
from arasha.events.schema import Kind
from arasha.log.log import Log
from live_samples import NOW, NOW_MS, STRICTER, payment, policy, running


def test_facts_come_back_with_their_verdicts(tmp_path: Path) -> None:
    """Senders, ids, places and times; each verdict with the policy that made it."""
    warning = WarningAnswered(id="w-1", happened_at=NOW, payment="p-1", answer="stopped")
    with running(tmp_path / "c", policy(tmp_path)) as service:
        first = service.answer(payment(1))
        service.answer(warning, sender="OTHERBNK")
    with running(tmp_path / "c", policy(tmp_path, STRICTER, "stricter.toml")) as service:
        service.answer(payment(2))
    with Log.open(tmp_path / "c", writable=False) as log:
        found = recall(log, reigns_of(log), 0, log.size)
        cut = recall(log, reigns_of(log), 1, 2)
    assert [
        (1, NOW_MS, Kind.PAYMENT, "BANKKZKA", "p-1"),
        (3, NOW_MS, Kind.WARNING, "OTHERBNK", "w-1"),
        (5, NOW_MS, Kind.PAYMENT, "BANKKZKA", "p-2"),
    ] == [(one.seq, one.known_at_ms, one.kind, one.sender, one.id) for one in found]
    verdicts = [one.verdict for one in found]
    assert ["small", None, "stricter"] == [v and v.policy.name for v in verdicts]
    assert first.verdict is not None
    assert verdicts[0] is not None
    assert (first.verdict.action, first.verdict.rules, first.verdict.values) == (
        verdicts[0].action, verdicts[0].rules, verdicts[0].values,
    )  # fmt: skip
    assert (1, None) == (cut[0].seq, cut[0].verdict)


def test_rules_and_their_values_come_back(tmp_path: Path) -> None:
    """What a text names is there again, in the policy's order, with the payment's currency."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        held = service.answer(payment(1, amount="2000000.00"))
    with Log.open(tmp_path / "c", writable=False) as log:
        [found] = recall(log, reigns_of(log), 1, 3)
    assert found.verdict is not None
    assert ((0,), (0.0,), 398) == (
        found.verdict.rules, found.verdict.values, found.verdict.currency,
    )  # fmt: skip
    assert held.verdict is not None
    assert held.verdict.rules == found.verdict.rules
