"""Calls as operators come to know them: in which order, and who of it."""

from __future__ import annotations

import pytest

from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.country.traffic import RING_MS, Network
from arasha.events.schema import CALL_CHANGES, MISSING, Kind
from telecom_samples import MINUTE_MS, called, numbers_of


@pytest.fixture(scope="module")
def society() -> Society:
    """Three hundred people and three operators."""
    return Society.make(5, 300, load("standard"))


def test_what_becomes_of_a_call_comes_in_its_time(society: Society) -> None:
    """The call without its length, then that it was answered, then that it ended; not before."""
    caller, callee = numbers_of(society, 0, 2)
    network = Network(society)
    first = {"time_ms": 0, "first": caller, "second": callee, "duration_ms": MINUTE_MS}
    traffic, place = network.pass_on(called(society, first))
    assert [Kind.CALL] == traffic.facts.kinds.tolist()
    assert [0] == place.tolist()
    assert [MISSING] == traffic.facts.number("duration").tolist()
    traffic, place = network.pass_on(
        called(society, {"time_ms": 2 * MINUTE_MS, "first": callee, "second": caller})
    )
    assert [Kind.CALL_CHANGE, Kind.CALL_CHANGE, Kind.CALL] == traffic.facts.kinds.tolist()
    changes = [CALL_CHANGES[change] for change in traffic.facts.number("change")[:2].tolist()]
    assert ["answered", "ended"] == changes
    times = (traffic.facts.number("happened_at") - society.start_ms).tolist()
    assert [RING_MS, RING_MS + MINUTE_MS, 2 * MINUTE_MS] == times
    assert [2] == place.tolist()


def test_a_fact_comes_to_the_operators_of_its_numbers(society: Society) -> None:
    """A call to both, the device to the caller's alone; what a bank asks to whom it is asked of."""
    (mine,), (hers,) = numbers_of(society, 0, 1), numbers_of(society, 1, 1)
    network = Network(society)
    rows = called(
        society, {"time_ms": 0, "first": mine, "second": hers, "device": 7},
        {"time_ms": 1, "kind": Kind.SIGNAL, "code": 0, "number": hers, "first": 0, "second": 1},
    )  # fmt: skip
    traffic, _ = network.pass_on(rows)
    known = [network.known_to(operator, traffic) for operator in range(3)]
    assert [[0], [0, 1], []] == [seen.tolist() for seen, _ in known]
    assert [True, False] == [bool(facts.symbol("device")[0].any()) for _, facts in known[:2]]
