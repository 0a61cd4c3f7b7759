"""``arasha bench calls``: its groups on a small scale, its traffic, and its peer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from arasha.app.bench import call_peer, call_traffic, calls
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.events.json import decode
from arasha.events.records import CallChanged, CallMade
from test_app_bench import TINY, check_shape


@pytest.mark.parametrize("group", calls.GROUPS, ids=lambda group: group.__name__)
def test_an_operator_is_measured_as_a_process(
    group: Callable[[Sizes], list[Result]], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real service under load from another process; every promise is measured, and nothing that
    was sent is left without an answer.
    """
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))
    found = group(TINY)
    assert found
    for result in found:
        assert result.metric in calls.METRICS
        check_shape(json.loads(json.dumps(result.as_object())))
        assert not result.beside.get("unanswered")
        assert result.beside.get("calls", 1)


def test_a_call_has_two_numbers_that_are_known() -> None:
    """The traffic is valid facts, the same each time, among so many numbers and no others."""
    first = [decode(line) for line in call_traffic.first_calls(50, "f")]
    later = [decode(line) for line in call_traffic.calls(50, 200, "r")]
    over = [decode(line) for line in call_traffic.finished_calls(50, 100, "o")]
    begun = [decode(line) for line in call_traffic.answered(50, 10, "b")]
    assert call_traffic.calls(50, 200, "r")[7][40:] == call_traffic.calls(50, 200, "r")[7][40:]
    known = {one.caller_number for one in first if isinstance(one, CallMade)}
    assert 50 == len(known)
    for one in (*later, *over, *begun):
        assert isinstance(one, CallMade | CallChanged)
        assert one.caller_number in known
        assert one.callee_number in known - {one.caller_number}
    assert {"ended", "missed"} == {one.change for one in over if isinstance(one, CallChanged)}
    assert 2 * 100 == len(over)
    assert {"answered"} == {one.change for one in begun if isinstance(one, CallChanged)}


def test_askings_name_a_payment_each() -> None:
    """As the route reads them."""
    told = [json.loads(body) for body in call_traffic.askings(50, 20, "a")]
    assert 20 == len({one["payment"] for one in told})
    assert all(one["number"].startswith("+7701") for one in told)


def test_the_peer_answers_each_call() -> None:
    """It says what it is, and how many a second."""
    name, rate = call_peer.rate(50, 300)
    assert "SQLite" in name
    assert rate > 0
