"""The message of a payment straight to its row: the short way for what nearly always comes.

In: one JSON message. Out: the row that events/json.py and vault/rows.py make of it together, or
None where anything about it is unusual: then they say what, or take it their way. Nothing is read
here that they refuse. The decoder of events/json.py asks a pattern about every text; here a text
that was seen before is known to be right, and the few others are asked about one by one.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from arasha.events.identifiers import account_fault
from arasha.events.json import MAX_DEPTH, MAX_MESSAGE_BYTES
from arasha.events.records import (
    MAX_INSTANT_MS,
    MIN_INSTANT_MS,
    PaymentReceived,
    milliseconds,
    money,
)
from arasha.events.rejects import Refusal
from arasha.events.schema import CHANNELS, MAX_IDENTIFIER_CHARS, MISSING, PartyKind
from arasha.events.symbols import CODE_PATTERN, ID_PATTERN, UETR_PATTERN, code_bytes, uetr_bytes
from arasha.vault.rows import LAYOUTS, UNKNOWN, Row
from arasha.vault.tokens import Tokens

_LAYOUT: Final = LAYOUTS[PaymentReceived]
_NUMBERS: Final = (
    "happened_at", "amount", "currency", "channel", "new_device", "remote_access", "active_call",
    "credentials_changed",
)  # fmt: skip
_SYMBOLS: Final = (
    "sender", "payer_account", "payee_account", "payer_bank", "payee_bank", "device",
    "payer_number", "purpose_code", "uetr", "end_to_end_id",
)  # fmt: skip
assert (_LAYOUT.numbers, _LAYOUT.symbols) == (_NUMBERS, _SYMBOLS)

_pack = _LAYOUT.form.pack
is_id = re.compile(ID_PATTERN).fullmatch
_is_code = re.compile(CODE_PATTERN).fullmatch
_is_uetr = re.compile(UETR_PATTERN).fullmatch
_CHANNEL: Final[dict[str | None, int]] = {None: MISSING} | {
    word: place for place, word in enumerate(CHANNELS)
}
_MARK: Final[dict[bool | None, int]] = {None: MISSING, False: 0, True: 1}


class _Said(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The fields of `PaymentReceived`; of texts only that they are texts is known."""

    fact: Literal["payment"]
    id: str
    happened_at: Annotated[datetime, msgspec.Meta(tz=True)]
    payer_account: str
    payee_account: str
    amount: str
    currency: str
    payer_bank: str | None = None
    payee_bank: str | None = None
    channel: str | None = None
    device: str | None = None
    payer_number: str | None = None
    purpose_code: str | None = None
    uetr: str | None = None
    end_to_end_id: str | None = None
    new_device: bool | None = None
    remote_access: bool | None = None
    active_call: bool | None = None
    credentials_changed: bool | None = None


_decode = msgspec.json.Decoder(_Said).decode


class PaymentReader:
    """Reads payments of any sender, under one set of tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._of = tokens.of
        self._accounts = tokens.known(PartyKind.ACCOUNT)
        self._devices = tokens.known(PartyKind.DEVICE)

    def row(self, message: bytes, sender: bytes) -> Row | None:
        """The payment's row, or None; ``sender`` are the 16 bytes of the sender's code."""
        if len(message) > MAX_MESSAGE_BYTES or may_be_nested(message):
            return None
        try:
            said = _decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        happened_ms, amount = milliseconds(said.happened_at), money(said.amount, said.currency)
        channel = _CHANNEL.get(said.channel)
        if (
            isinstance(amount, Refusal)
            or channel is None
            or not MIN_INSTANT_MS <= happened_ms < MAX_INSTANT_MS
            or not is_id(said.id)
        ):
            return None
        payer, payee = said.payer_account, said.payee_account
        payer_token, payee_token = self._accounts.get(payer), self._accounts.get(payee)
        device = said.device
        device_token = UNKNOWN if device is None else self._devices.get(device)
        if not (
            (payer_token or _is_account(payer))
            and (payee_token or _is_account(payee))
            and (device_token or device is None or is_identifier(device))
        ):
            return None
        rarer = _rarer(said)
        if rarer is None:
            return None
        payer_bank, payee_bank, purpose_code, uetr = rarer
        number, end_to_end = said.payer_number, said.end_to_end_id
        packed = _pack(
            happened_ms, amount[0], amount[1], channel, _MARK[said.new_device],
            _MARK[said.remote_access], _MARK[said.active_call], _MARK[said.credentials_changed],
            sender, payer_token or self._of(PartyKind.ACCOUNT, payer),
            payee_token or self._of(PartyKind.ACCOUNT, payee), payer_bank, payee_bank,
            device_token or self._of(PartyKind.DEVICE, device or ""),
            UNKNOWN if number is None else self._of(PartyKind.NUMBER, number), purpose_code, uetr,
            UNKNOWN if end_to_end is None else self._of(PartyKind.END_TO_END, end_to_end),
        )  # fmt: skip
        return Row(_LAYOUT.kind, said.id, packed)


_NONE_OF_THEM: Final = (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


def _rarer(said: _Said) -> tuple[bytes, bytes, bytes, bytes] | None:
    """Both banks, the purpose and the UETR; None if one of these, a payer's number or an id from
    end to end is not as it must be.
    """
    for identifier in (said.payer_number, said.end_to_end_id):
        if identifier is not None and not is_identifier(identifier):
            return None
    uetr = said.uetr
    if uetr is None and said.payer_bank is said.payee_bank is said.purpose_code is None:
        return _NONE_OF_THEM
    if uetr is not None and not _is_uetr(uetr):
        return None
    payer_bank, payee_bank = code_symbol(said.payer_bank), code_symbol(said.payee_bank)
    purpose = code_symbol(said.purpose_code)
    if payer_bank is None or payee_bank is None or purpose is None:
        return None
    return payer_bank, payee_bank, purpose, UNKNOWN if uetr is None else uetr_bytes(uetr)


def code_symbol(text: str | None) -> bytes | None:
    """The symbol of a code; None where it is none."""
    if text is None:
        return UNKNOWN
    return code_bytes(text) if _is_code(text) else None


def is_identifier(text: str) -> bool:
    """Something other than spaces, and not too long."""
    return 0 < len(text) <= MAX_IDENTIFIER_CHARS and not text.isspace()


def _is_account(text: str) -> bool:
    """The same, and no IBAN that somebody mistyped."""
    return is_identifier(text) and account_fault(text) is None


def may_be_nested(message: bytes) -> bool:
    """Whether the short way leaves it to the long one to see how deep a message goes."""
    return message.count(b"{") + message.count(b"[") > MAX_DEPTH
