"""The short way of calls leads where the long one does."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arasha.events.json import decode
from arasha.events.records import CallChanged, CallMade, SimChanged
from arasha.events.rejects import Reject
from arasha.events.schema import CALL_CHANGES, CALL_ROUTES
from arasha.vault.calls import CallReader
from arasha.vault.rows import Row, row_of
from arasha.vault.tokens import Tokens
from test_vault_payments import texts

SENDER = "SWITCH"
PARTIES: dict[str, Any] = {"caller_number": "+77010000001", "callee_number": "+7 701 000 00 02"}
MADE: dict[str, Any] = {
    "fact": "call", "id": "c-1", "happened_at": "2026-01-31T09:30:00.25+05:00", **PARTIES,
}  # fmt: skip
CHANGED: dict[str, Any] = {
    "fact": "call_change", "id": "c-1.2", "happened_at": "2026-01-31T04:31:00Z", "call": "c-1",
    "change": "ended", **PARTIES,
}  # fmt: skip
RARER: dict[str, Any] = {
    "route": "foreign", "device": "imei-7", "operator": "TELEKZKA", "answered": True,
    "duration": 61_000,
}  # fmt: skip
values = st.one_of(
    texts, st.sampled_from([*CALL_ROUTES, *CALL_CHANGES]), st.none(), st.booleans(),
    st.integers(-5, 5), st.just(2**40), st.just([]), st.just({}),
)  # fmt: skip
messages = st.builds(
    lambda plain, rarer, changed, gone: {
        key: value for key, value in (plain | rarer | changed).items() if key not in gone
    },
    st.sampled_from([MADE, CHANGED]),
    st.sets(st.sampled_from(sorted(RARER))).map(
        lambda names: {name: RARER[name] for name in names}
    ),
    st.dictionaries(st.sampled_from([*MADE, *CHANGED, *RARER, "note"]), values, max_size=2),
    st.sets(st.sampled_from([*MADE, *CHANGED]), max_size=1),
)


def slowly(message: bytes) -> Row | Reject | None:
    """What the ways of every other fact make of a message; None of one that is of no call."""
    record = decode(message)
    if isinstance(record, Reject):
        return record
    of_calls = isinstance(record, CallMade | CallChanged)
    return row_of(record, SENDER, Tokens(bytes(32))) if of_calls else None


@given(messages, st.integers(1, 2))
def test_the_short_way_leads_where_the_long_one_does(said: dict[str, Any], times: int) -> None:
    """Where the short way reads a message, the long way reads the same; known texts or new ones."""
    reader, message = CallReader(Tokens(bytes(32), remember=True)), json.dumps(said).encode()
    for _ in range(times):
        row = reader.row(message, SENDER)
        if row is not None:
            assert slowly(message) == row


@given(st.sets(st.sampled_from(sorted(RARER))), st.sampled_from(CALL_CHANGES))
def test_what_is_right_goes_the_short_way(names: set[str], change: str) -> None:
    """Any fields a call may have, and whatever became of it."""
    reader = CallReader(Tokens(bytes(32)))
    ended = {"duration": RARER["duration"]} if "duration" in names else {}
    for said in (
        MADE | {name: RARER[name] for name in names},
        CHANGED | {"change": change} | ended,
    ):
        message = json.dumps(said).encode()
        row = reader.row(message, SENDER)
        assert row is not None
        assert slowly(message) == row


def test_what_is_refused_leaves_nothing_for_the_vault() -> None:
    """A message that is not read as a whole hides no identifier of it."""
    tokens = Tokens(bytes(32), remember=True)
    reader = CallReader(tokens)
    assert "sim_change" == SimChanged.__struct_config__.tag
    for said in (
        MADE | {"route": "by sea"}, MADE | {"device": " "}, CHANGED | {"call": "not an id"},
        {"fact": "sim_change", "id": "s", "happened_at": "2026-01-31T04:31:00Z",
         "number": "+77010000001", "change": "swapped"},
    ):  # fmt: skip
        assert reader.row(json.dumps(said).encode(), SENDER) is None
    assert [] == tokens.taken()
