"""What an operator's log says of a line: from its facts alone, for 28 days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from arasha.engine.lines import MONITORED_MS, Line, Lines
from arasha.events.records import CallerRegistered, ForwardingChanged, Record, SimChanged
from arasha.events.schema import PartyKind
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

TOKENS = Tokens(bytes(32))
RAW = "+77010000001"
NUMBER = TOKENS.of(PartyKind.NUMBER, RAW)
DAY_MS = 86_400_000
START_MS = 1_767_225_600_000
NOTHING = Line(None, None, None, None, ())


def told(lines: Lines, days: float, record: Callable[..., Record], at: float | None = None,
         number: str = RAW, **values: Any) -> None:  # fmt: skip
    """A fact that becomes known on that day, and happened then or on another."""
    known_ms = START_MS + int(days * DAY_MS)
    happened_ms = known_ms if at is None else START_MS + int(at * DAY_MS)
    happened = datetime.fromtimestamp(happened_ms / 1000, UTC)
    made = record(id="x", happened_at=happened, number=number, **values)
    lines.take(facts_from_records([made], "SWITCH", TOKENS), np.array([known_ms], np.int64))


def line(lines: Lines, days: float, *, calling: bool = False) -> Line | None:
    """The line on that day, its times as days."""
    found = lines.line(NUMBER, START_MS + int(days * DAY_MS), calling=calling)
    if found is None:
        return None
    sim, device, holder, joined = (
        None if one is None else (one - START_MS) // DAY_MS
        for one in (found.sim_ms, found.device_ms, found.holder_ms, found.joined_ms)
    )
    return Line(sim, device, holder, joined, found.forwarded)


def forwarded(lines: Lines, days: float) -> tuple[str, ...]:
    """Where its calls go on that day."""
    found = line(lines, days)
    assert found is not None
    return found.forwarded


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("activated", Line(1, 1, 1, 1, ())),
        ("ported_in", Line(1, None, None, 1, ())),
        ("swapped", Line(1, None, None, None, ())),
        ("device_changed", Line(None, 1, None, None, ())),
        ("deactivated", None),
        ("ported_out", None),
    ],
)
def test_a_change_changes_what_it_is_of(change: str, expected: Line | None) -> None:
    """And makes the number known, or lets it go, though it has called."""
    lines = Lines()
    told(lines, 1, SimChanged, change=change)
    assert expected == line(lines, 2, calling=True)
    assert expected == line(lines, 2)


def test_a_number_that_calls_from_a_known_device_is_served() -> None:
    """Of others nothing is said."""
    assert NOTHING == line(Lines(), 0, calling=True)
    assert None is line(Lines(), 0)


def test_a_new_subscription_has_nothing_of_the_one_before() -> None:
    """Forwardings of the last holder are not the new one's; changes at one moment come in order."""
    lines = Lines()
    told(lines, 0, ForwardingChanged, forwarding="unconditional", change="set")
    told(lines, 1, SimChanged, change="device_changed")
    told(lines, 2, SimChanged, change="deactivated")
    assert None is line(lines, 2)
    told(lines, 2, SimChanged, change="activated")
    assert Line(2, 2, 2, 2, ()) == line(lines, 2)


def test_a_change_counts_from_when_it_happened() -> None:
    """An older one that is heard of late is not the latest; none is later than it was known."""
    lines = Lines()
    told(lines, 5, SimChanged, at=3, change="swapped")
    told(lines, 6, SimChanged, at=1, change="swapped")
    assert Line(3, None, None, None, ()) == line(lines, 7)
    told(lines, 8, SimChanged, at=20, change="swapped")
    assert Line(8, None, None, None, ()) == line(lines, 9)


def test_forwardings_are_set_and_removed() -> None:
    """One at a time, in the order of the table."""
    lines = Lines()
    for forwarding in ("conditional_no_answer", "unconditional"):
        told(lines, 1, ForwardingChanged, forwarding=forwarding, change="set")
    assert ("unconditional", "conditional_no_answer") == forwarded(lines, 1)
    told(lines, 2, ForwardingChanged, forwarding="unconditional", change="removed")
    assert ("conditional_no_answer",) == forwarded(lines, 2)


def test_what_became_known_long_ago_is_not_told() -> None:
    """After 28 days it is gone, from what is told and from memory, whatever came since."""
    lines = Lines()
    told(lines, 0, SimChanged, change="swapped")
    told(lines, 0, CallerRegistered, change="registered", bank="BANKKZKA")
    told(lines, 20, ForwardingChanged, forwarding="unconditional", change="set")
    assert Line(0, None, None, None, ("unconditional",)) == line(lines, 27.9)
    assert Line(None, None, None, None, ("unconditional",)) == line(lines, 28)
    assert None is line(lines, 48)
    told(lines, 60, SimChanged, number="+77010000009", change="swapped")
    assert 1 == len(lines._changes)
    assert 0 == len(lines._banks)


def test_whose_number_it_is() -> None:
    """As last said, until it is withdrawn or not repeated."""
    lines = Lines()
    at_ms = START_MS
    assert None is lines.bank_of(NUMBER, at_ms)
    for bank in ("BANKKZKA", "OTHERBNK"):
        told(lines, 0, CallerRegistered, change="registered", bank=bank)
        assert bank == lines.bank_of(NUMBER, at_ms)
    assert None is lines.bank_of(NUMBER, at_ms + MONITORED_MS)
    told(lines, 1, CallerRegistered, change="withdrawn", bank="OTHERBNK")
    assert None is lines.bank_of(NUMBER, at_ms + 2 * DAY_MS)
