"""The message of a call, or of what became of one, straight to its row: payments.py's short way for
an operator, to whom thousands of them come a second.

In: one JSON message. Out: the row that events/json.py and vault/rows.py make of it together, or
None where anything about it is unusual or it is another fact: then they say what, or take it their
way. Nothing is read here that they refuse.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from arasha.events.json import MAX_MESSAGE_BYTES
from arasha.events.records import (
    MAX_DURATION_MS,
    MAX_INSTANT_MS,
    MIN_INSTANT_MS,
    CallChanged,
    CallMade,
    milliseconds,
)
from arasha.events.reference import digest16
from arasha.events.schema import CALL_CHANGES, CALL_ROUTES, MISSING, PartyKind
from arasha.events.symbols import code_bytes
from arasha.vault.payments import code_symbol, is_id, is_identifier, may_be_nested
from arasha.vault.rows import LAYOUTS, UNKNOWN, Row
from arasha.vault.tokens import Tokens

_MADE: Final = LAYOUTS[CallMade]
_CHANGED: Final = LAYOUTS[CallChanged]
assert _MADE.numbers[:4] == ("happened_at", "answered", "duration", "route")
assert _MADE.symbols == ("sender", "device", "operator", "caller_number", "callee_number")
assert _CHANGED.numbers == ("happened_at", "duration", "change")
assert _CHANGED.symbols == ("sender", "caller_number", "callee_number", "call")

_LEFT_OUT: Final = (MISSING,) * (len(_MADE.numbers) - 4)
"""Numbers of a call that no switch sends: a message with one of them takes the long way."""

_pack_made, _pack_changed = _MADE.form.pack, _CHANGED.form.pack
_ROUTE: Final[dict[str | None, int]] = {None: MISSING} | {
    word: place for place, word in enumerate(CALL_ROUTES)
}
_CHANGE: Final[dict[str, int]] = {word: place for place, word in enumerate(CALL_CHANGES)}
_MARK: Final[dict[bool | None, int]] = {None: MISSING, False: 0, True: 1}

_Duration = Annotated[int, msgspec.Meta(ge=0, le=MAX_DURATION_MS)]


class _Made(msgspec.Struct, forbid_unknown_fields=True, gc=False, tag_field="fact", tag="call"):
    """The fields of `CallMade`; of texts only that they are texts is known."""

    id: str
    happened_at: Annotated[datetime, msgspec.Meta(tz=True)]
    caller_number: str
    callee_number: str
    answered: bool | None = None
    duration: _Duration | None = None
    route: str | None = None
    device: str | None = None
    operator: str | None = None


class _Changed(
    msgspec.Struct, forbid_unknown_fields=True, gc=False, tag_field="fact", tag="call_change"
):
    """The same of `CallChanged`."""

    id: str
    happened_at: Annotated[datetime, msgspec.Meta(tz=True)]
    call: str
    change: str
    caller_number: str
    callee_number: str
    duration: _Duration | None = None


_decode = msgspec.json.Decoder(_Made | _Changed).decode


class CallReader:
    """Reads calls of any sender, and what became of them, under one set of tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._of = tokens.of
        self._numbers = tokens.known(PartyKind.NUMBER)
        self._devices = tokens.known(PartyKind.DEVICE)

    def row(self, message: bytes, sender: str) -> Row | None:
        """The fact's row, or None; ``sender`` is the sender's code."""
        if len(message) > MAX_MESSAGE_BYTES or may_be_nested(message):
            return None
        try:
            said = _decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        happened_ms = milliseconds(said.happened_at)
        if not (MIN_INSTANT_MS <= happened_ms < MAX_INSTANT_MS and is_id(said.id)):
            return None
        caller, callee = said.caller_number, said.callee_number
        caller_token, callee_token = self._numbers.get(caller), self._numbers.get(callee)
        if not (
            (caller_token or is_identifier(caller)) and (callee_token or is_identifier(callee))
        ):
            return None
        parties = (caller_token, callee_token)
        if isinstance(said, _Made):
            return self._made(said, happened_ms, sender, parties)
        return self._changed(said, happened_ms, sender, parties)

    def _made(
        self, said: _Made, happened_ms: int, sender: str, parties: tuple[bytes | None, ...]
    ) -> Row | None:
        device, operator = said.device, code_symbol(said.operator)
        device_token = UNKNOWN if device is None else self._devices.get(device)
        route = _ROUTE.get(said.route)
        known = device_token or device is None or is_identifier(device)
        if route is None or operator is None or not known:
            return None
        packed = _pack_made(
            happened_ms, _MARK[said.answered], _known(said.duration), route, *_LEFT_OUT,
            code_bytes(sender),
            device_token or self._of(PartyKind.DEVICE, device or ""), operator,
            parties[0] or self._number(said.caller_number),
            parties[1] or self._number(said.callee_number),
        )  # fmt: skip
        return Row(_MADE.kind, said.id, packed)

    def _changed(
        self, said: _Changed, happened_ms: int, sender: str, parties: tuple[bytes | None, ...]
    ) -> Row | None:
        change = _CHANGE.get(said.change)
        if change is None or not is_id(said.call):
            return None
        packed = _pack_changed(
            happened_ms, _known(said.duration), change, code_bytes(sender),
            parties[0] or self._number(said.caller_number),
            parties[1] or self._number(said.callee_number),
            digest16(sender, said.call),
        )  # fmt: skip
        return Row(_CHANGED.kind, said.id, packed)

    def _number(self, number: str) -> bytes:
        return self._of(PartyKind.NUMBER, number)


def _known(duration_ms: int | None) -> int:
    return MISSING if duration_ms is None else duration_ms
