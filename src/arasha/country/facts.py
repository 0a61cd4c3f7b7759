"""Happenings as facts: what banks and operators send of what happened.

In: rows of integers and the society whose tables they point into. Out: ``Fields``, one column for
each field of the schema that some row knows; and ``facts_of``, the same as a batch for a judge,
with 16 bytes at random for each account, number and device: in the closed loop there are no raw
identifiers, so there is nothing to hide. files.py writes the same fields with raw identifiers.

A bank sends what concerns its customers' payments and accounts, an operator the calls and SIM
changes of its numbers. Of the marks on a payment it sends those that its app can see.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.chance import key_of
from arasha.country.happenings import (
    ACTIVE_CALL,
    ATTESTED,
    CREDENTIALS_CHANGED,
    FRAUD,
    NEW_DEVICE,
    NONE,
    PURPOSES,
    REMOTE_ACCESS,
    Happenings,
)
from arasha.country.kernels_chance import mixed
from arasha.country.names import bank_codes, operator_codes
from arasha.country.society import NO_BANK, Society
from arasha.events.columns import Facts
from arasha.events.kernels import kernel
from arasha.events.schema import CHANNELS, MISSING, Kind, PartyKind
from arasha.events.symbols import code_bytes, symbols_of

TENGE: Final = 398
"""ISO 4217 number of the country's money."""

Numbers = NDArray[np.int64]
Indices = NDArray[np.int32]
Mask = NDArray[np.bool_]

_MOBILE, _WEB = CHANNELS.index("mobile"), CHANNELS.index("web")
_APP_MARKS: Final = (
    ("new_device", NEW_DEVICE, (_MOBILE, _WEB)),
    ("remote_access", REMOTE_ACCESS, (_MOBILE, _WEB)),
    ("active_call", ACTIVE_CALL, (_MOBILE,)),
    ("credentials_changed", CREDENTIALS_CHANGED, (_MOBILE, _WEB)),
)
"""The marks of a payment, and on which channels an app can see them."""

_CATEGORY: Final = {
    Kind.PAYMENT: "channel", Kind.OUTCOME: "outcome", Kind.WARNING: "answer",
    Kind.SIGNAL: "answer", Kind.CALL: "route", Kind.SIM_CHANGE: "change",
    Kind.ACCOUNT_CHANGE: "change", Kind.REPORT: "typology", Kind.LABEL: "typology",
}  # fmt: skip
"""The field that a row's ``code`` is of."""

OPERATORS: Final = 256
"""Senders from here on are operators."""


def _which(*kinds: Kind) -> Mask:
    """By kind, whether it is one of these."""
    table = np.zeros(256, np.bool_)
    table[list(kinds)] = True
    return table


_REFERRING: Final = _which(Kind.OUTCOME, Kind.WARNING, Kind.SIGNAL, Kind.REPORT, Kind.LABEL)
_OF_PAYMENT: Final = _REFERRING | _which(Kind.PAYMENT)
_MONEY: Final = _which(Kind.PAYMENT, Kind.OUTCOME, Kind.REPORT, Kind.LABEL)


@dataclass(frozen=True, slots=True)
class Fields:
    """n facts by the schema's fields; a field that no row knows is absent.

    ``sender`` int32[n]: a bank, or 256 + an operator, NONE if nobody. ``numbers`` int64[n], MISSING
    where unknown; of ``change`` and ``answer`` the index belongs to the row's own kind of fact.
    ``parties``, ``banks``, ``operators``, ``purposes``: places in the society's tables, NONE where
    unknown. ``payment`` int64[n]: the serial of the payment referred to, by the same sender.
    """

    kinds: NDArray[np.uint8]
    serial: Numbers
    sender: Indices
    numbers: dict[str, Numbers]
    parties: dict[str, tuple[PartyKind, Indices]]
    banks: dict[str, Indices]
    operators: Indices
    purposes: Indices
    payment: Numbers


class Reader:
    """Makes fields, and facts, of a society's happenings."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self._apps = _apps(society)
        self._keys = {
            kind: np.uint64(key_of(society.seed, "symbols", kind.value)) for kind in PartyKind
        }
        self._senders = _codes({
            **dict(enumerate(bank_codes(society))),
            **{OPERATORS + at: code for at, code in enumerate(operator_codes(society))},
        }, 2 * OPERATORS)  # fmt: skip
        self._purposes = _codes({at: code for at, code in enumerate(PURPOSES) if code}, 256)

    def fields(self, some: Happenings, operator_of: NDArray[np.uint8] | None = None) -> Fields:
        """Those happenings, field by field. ``operator_of`` says who carried each number then,
        where that may have changed since.
        """
        if operator_of is None:
            operator_of = self._society.numbers.operator
        of = {kind: some.kind == kind for kind in _CATEGORY}
        on_payment = _OF_PAYMENT[some.kind]
        operators = _operators(some, of, operator_of)
        banks = self._banks(some, of, on_payment)
        sender = np.where(of[Kind.CALL] | of[Kind.SIM_CHANGE], operators + OPERATORS, NONE)
        from_bank = np.where(banks["payer_bank"] != NONE, banks["payer_bank"], banks["payee_bank"])
        sender = np.where(on_payment, from_bank, sender)
        sender = np.where(of[Kind.ACCOUNT_CHANGE], banks["bank"], sender).astype(np.int32)
        purposed = of[Kind.PAYMENT] & (some.purpose > 0)
        return Fields(
            some.kind, some.serial, sender, self._numbers(some, of), _parties(some, of),
            {name: np.where(_knows(name, of), column, NONE).astype(np.int32)
             for name, column in banks.items()},
            np.where(of[Kind.PAYMENT], NONE, operators).astype(np.int32),
            np.where(purposed, some.purpose.astype(np.int32), np.int32(NONE)),
            np.where(_REFERRING[some.kind], some.payment, NONE),
        )  # fmt: skip

    def facts(self, some: Happenings) -> Facts:
        """Those happenings as a batch for a judge, in the same order; ids are serials."""
        fields = self.fields(some)
        ids = [str(serial) for serial in fields.serial.tolist()]
        symbols = {"sender": self._senders[fields.sender]}
        for name, (kind, places) in fields.parties.items():
            symbols[name] = self.symbols(kind, places)
        for name, column in (*fields.banks.items(), ("operator", fields.operators)):
            if (column != NONE).any():
                offset = OPERATORS if name == "operator" else 0
                symbols[name] = self._senders[np.where(column == NONE, NONE, column + offset)]
        if (fields.purposes != NONE).any():
            symbols["purpose_code"] = self._purposes[fields.purposes]
        if (fields.payment != NONE).any():
            symbols["payment"] = self._references(fields)
        return Facts(some.kind, ids, fields.numbers, symbols)

    def account_tokens(self, first: int, last: int) -> list[str]:
        """The tokens of accounts first … last − 1 as facts have them, 32 hexadecimal digits."""
        found = self.symbols(PartyKind.ACCOUNT, np.arange(first, last, dtype=np.int32))
        text = found.tobytes().hex()
        return [text[at : at + 32] for at in range(0, len(text), 32)]

    def symbols(self, kind: PartyKind, places: Indices) -> NDArray[np.uint64]:
        """uint64[n, 2]: the tokens of those rows of a table, all zero at NONE."""
        out = np.zeros((len(places), 2), np.uint64)
        _symbols(self._keys[kind], places, out)
        return out

    def _numbers(self, some: Happenings, of: dict[Kind, Mask]) -> dict[str, Numbers]:
        money, code = _MONEY[some.kind], some.code.astype(np.int64)
        numbers = {
            "happened_at": some.time_ms,
            "amount": np.where(money, some.amount, MISSING),
            "currency": np.where(money, TENGE, MISSING),
            "signal": np.where(of[Kind.SIGNAL], some.purpose.astype(np.int64), MISSING),
            "answered": np.where(of[Kind.CALL], some.duration_ms > 0, MISSING),
            "duration": np.where(of[Kind.CALL], some.duration_ms, MISSING),
            "attested": np.where(of[Kind.REPORT], (some.marks & ATTESTED) != 0, MISSING),
            "fraud": np.where(of[Kind.LABEL], (some.marks & FRAUD) != 0, MISSING),
        }
        for name in dict.fromkeys(_CATEGORY.values()):
            kinds = [of[kind] for kind, field in _CATEGORY.items() if field == name]
            numbers[name] = np.where(np.logical_or.reduce(kinds), code, MISSING)
        for name, bit, channels in _APP_MARKS:
            seen = of[Kind.PAYMENT] & self._sees(some, of, name) & np.isin(some.code, channels)
            numbers[name] = np.where(seen, (some.marks & bit) != 0, MISSING)
        return {
            name: column.astype(np.int64)
            for name, column in numbers.items()
            if name == "happened_at" or (column != MISSING).any()
        }

    def _sees(self, some: Happenings, of: dict[Kind, Mask], name: str) -> Mask:
        """Whether the app of each payer's bank can see a mark."""
        payers = np.where(of[Kind.PAYMENT], some.first, 0)
        return self._apps[name][self._society.accounts.bank[payers]]

    def _banks(
        self, some: Happenings, of: dict[Kind, Mask], on_payment: Mask
    ) -> dict[str, NDArray[np.int64]]:
        """The banks of payer and payee, and of an account that changed; NONE for those abroad."""
        bank = self._society.accounts.bank

        def banks(column: Indices, rows: Mask) -> NDArray[np.int64]:
            there = rows & (column != NONE)
            found = bank[np.where(there, column, 0)].astype(np.int64)
            return np.where(there & (found != NO_BANK), found, NONE)

        return {
            "payer_bank": banks(some.first, on_payment),
            "payee_bank": banks(some.second, on_payment),
            "bank": banks(some.first, of[Kind.ACCOUNT_CHANGE]),
        }

    def _references(self, fields: Fields) -> NDArray[np.uint64]:
        """As events/reference.py names a fact: by its sender and id."""
        out = np.zeros((len(fields.kinds), 2), np.uint64)
        for i in np.flatnonzero(fields.payment != NONE).tolist():
            sender = self._senders[fields.sender[i]].tobytes().rstrip(b"\0")
            text = b"%b\0%d" % (sender, fields.payment[i])
            out[i] = np.frombuffer(blake2b(text, digest_size=16).digest(), np.uint64)
        return out


def facts_of(society: Society, some: Happenings) -> Facts:
    """Those happenings as a batch for a judge (a ``Reader`` for one call)."""
    return Reader(society).facts(some)


def _knows(bank: str, of: dict[Kind, Mask]) -> Mask:
    """Which kinds of fact have that bank among their fields."""
    return of[Kind.ACCOUNT_CHANGE if bank == "bank" else Kind.PAYMENT]


def _parties(some: Happenings, of: dict[Kind, Mask]) -> dict[str, tuple[PartyKind, Indices]]:
    both = _MONEY[some.kind]
    warning, call, sim = of[Kind.WARNING], of[Kind.CALL], of[Kind.SIM_CHANGE]
    change, payment = of[Kind.ACCOUNT_CHANGE], of[Kind.PAYMENT]
    own_number = of[Kind.SIGNAL] | change | of[Kind.REPORT]
    account, number = PartyKind.ACCOUNT, PartyKind.NUMBER
    columns = {
        "payer_account": (account, both | warning, some.first),
        "payee_account": (account, both, some.second),
        "account": (account, change, some.first),
        "payer_number": (number, payment, some.number),
        "caller_number": (number, call, some.first),
        "callee_number": (number, call, some.second),
        "number": (number, own_number | sim, np.where(sim, some.first, some.number)),
        "device": (PartyKind.DEVICE, payment | call | sim | change, some.device),
    }
    return {
        name: (kind, np.where(rows, column, NONE).astype(np.int32))
        for name, (kind, rows, column) in columns.items()
        if (rows & (column != NONE)).any()
    }


def _operators(
    some: Happenings, of: dict[Kind, Mask], operator: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Who carries the number called from (to, if that is abroad), changed or asked of."""
    telecom = of[Kind.CALL] | of[Kind.SIM_CHANGE]

    def operators(column: Indices, rows: Mask) -> NDArray[np.int64]:
        there = rows & (column != NONE)
        found = operator[np.where(there, column, 0)].astype(np.int64)
        return np.where(there & (found != NO_BANK), found, NONE)

    own, other = operators(some.first, telecom), operators(some.second, of[Kind.CALL])
    asked = operators(some.number, of[Kind.SIGNAL])
    return np.where(own != NONE, own, np.where(other != NONE, other, asked))


def _apps(society: Society) -> dict[str, Mask]:
    """For each mark, by bank, whether the bank's app can see it; nobody's abroad."""
    apps = {}
    for name, _, _ in _APP_MARKS:
        see = society.parameters.numbers(f"apps.see_{name}")
        apps[name] = np.zeros(NO_BANK + 1, np.bool_)
        apps[name][: len(see)] = np.array(see) > 0
    return apps


def _codes(codes: dict[int, str], room: int) -> NDArray[np.uint64]:
    """The symbols of plain codes by their places; the last place, NONE, is unknown."""
    table = np.zeros((room + 1, 2), np.uint64)
    for at, code in codes.items():
        table[at] = symbols_of([code_bytes(code)])[0]
    return table


@kernel
def _symbols(key: np.uint64, places: Indices, out: NDArray[np.uint64]) -> None:
    for i in range(len(places)):
        if places[i] >= 0:
            out[i, 0] = mixed(key, 2 * places[i])
            out[i, 1] = mixed(key, 2 * places[i] + 1) | np.uint64(1)


# What is compiled into this file from others: 7b92a6824233e5f4.
