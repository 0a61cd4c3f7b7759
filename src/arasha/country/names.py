"""Raw identifiers for what the country keeps as numbers: needed only where files are written.

In: a society and a stretch of one of its tables. Out: one text a row, the same for the same seed
and row, never twice in a country::

    account  KZ07 881 0482913375904    IBAN: check digits, a bank's three digits, thirteen
             TR12 00064 0 0482...      of an account abroad
    number   +77014829133              or +998901482913 of one abroad
    device   d-3f9a04c1d2e85b77

They have the form of real ones, and check digits that hold; the banks' digits and all accounts and
numbers are made up. ``bank_codes`` and ``operator_codes`` are the plain codes of participants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from arasha.country.chance import key_of
from arasha.country.kernels_chance import mixed
from arasha.country.society import NO_BANK, NumberKind, Society
from arasha.events.kernels import kernel

Texts = NDArray[np.uint8]

_KZ_CHARS, _TR_CHARS = 20, 26
_MOBILE_CHARS, _ABROAD_CHARS, _DEVICE_CHARS = 12, 13, 18
_FIRST_BANK: Final = 881
_FOREIGN_BANK: Final = 640  # "00064" and the reserved nought
_TEN_13: Final = 10**13
_TEN_16: Final = 10**16
_TEN_7: Final = 10**7
_ACCOUNT_STEP: Final = 7_301_928_347  # odd, no multiple of 5: never the same twice
_NUMBER_STEP: Final = 48_271_003  # likewise: no multiple of 2, 3, 5 or 13
_PREFIXES: Final = np.array(
    [700, 701, 702, 705, 706, 707, 708, 747, 771, 775, 776, 777, 778], np.int64
)
_ABROAD_PREFIXES: Final = np.array([90, 91, 93, 94, 97, 98], np.int64)


def bank_codes(society: Society) -> tuple[str, ...]:
    """The code of each bank, as it stands in facts."""
    return tuple(f"BANK-{chr(ord('A') + bank)}" for bank in range(society.banks))


def operator_codes(society: Society) -> tuple[str, ...]:
    """The code of each operator, as it stands in facts."""
    return tuple(f"OPERATOR-{chr(ord('A') + one)}" for one in range(society.operators))


def accounts(society: Society, first: int, last: int) -> pa.Array:
    """The IBANs of accounts first … last − 1, strings."""
    start = key_of(society.seed, "accounts") % _TEN_13
    bank = society.accounts.bank[first:last]
    sizes = np.where(bank == NO_BANK, _TR_CHARS, _KZ_CHARS)
    return _texts(sizes, lambda out: _ibans(out, first, bank, start))


def numbers(society: Society, first: int, last: int) -> pa.Array:
    """The phone numbers of rows first … last − 1, strings."""
    start = key_of(society.seed, "numbers") % (len(_PREFIXES) * _TEN_7)
    abroad = society.numbers.kind[first:last] == NumberKind.ABROAD
    sizes = np.where(abroad, _ABROAD_CHARS, _MOBILE_CHARS)
    return _texts(
        sizes, lambda out: _numbers(out, first, abroad, start, _PREFIXES, _ABROAD_PREFIXES)
    )


def devices(society: Society, first: int, last: int) -> pa.Array:
    """The identifiers of devices first … last − 1, strings."""
    key = np.uint64(key_of(society.seed, "devices"))
    sizes = np.full(last - first, _DEVICE_CHARS)
    return _texts(sizes, lambda out: _devices(out, first, key))


def _texts(sizes: NDArray[np.int64], fill: Callable[[Texts], None]) -> pa.Array:
    """Strings of those sizes, whose bytes ``fill`` writes one behind the other."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    out = np.empty(int(offsets[-1]), np.uint8)
    fill(out)
    large = pa.LargeStringArray.from_buffers(len(sizes), pa.py_buffer(offsets), pa.py_buffer(out))
    return large.cast(pa.string())


@kernel
def _digits(out: Texts, at: int, value: int, count: int) -> int:
    """Write a number with so many digits; where the next thing goes."""
    for place in range(at + count - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + count


@kernel
def _ibans(out: Texts, first: int, bank: NDArray[np.uint8], start: int) -> None:
    """Check digits: 98 less the rest by 97 of what follows, the country and 00 (ISO 7064)."""
    at = 0
    for i in range(len(bank)):
        own = (start + (first + i) * _ACCOUNT_STEP) % _TEN_13
        if bank[i] == NO_BANK:
            rest = (_FOREIGN_BANK % 97 * _TEN_16 + own) % 97
            check = 98 - (rest * 1_000_000 + 292_700) % 97
            out[at], out[at + 1] = 84, 82
            at = _digits(out, at + 2, check, 2)
            at = _digits(out, at, _FOREIGN_BANK, 6)
            at = _digits(out, at, own, 16)
        else:
            code = _FIRST_BANK + int(bank[i])
            rest = (code * _TEN_13 + own) % 97
            check = 98 - (rest * 1_000_000 + 203_500) % 97
            out[at], out[at + 1] = 75, 90
            at = _digits(out, at + 2, check, 2)
            at = _digits(out, at, code, 3)
            at = _digits(out, at, own, 13)


@kernel
def _numbers(
    out: Texts, first: int, abroad: NDArray[np.bool_], start: int,
    prefixes: NDArray[np.int64], abroad_prefixes: NDArray[np.int64],
) -> None:  # fmt: skip
    at = 0
    for i in range(len(abroad)):
        own = (start + (first + i) * _NUMBER_STEP) % (len(prefixes) * _TEN_7)
        out[at] = 43
        if abroad[i]:
            at = _digits(out, at + 1, 998, 3)
            own = (start + (first + i) * _NUMBER_STEP) % (len(abroad_prefixes) * _TEN_7)
            at = _digits(out, at, int(abroad_prefixes[own // _TEN_7]) * _TEN_7 + own % _TEN_7, 9)
        else:
            at = _digits(out, at + 1, 7, 1)
            at = _digits(out, at, int(prefixes[own // _TEN_7]) * _TEN_7 + own % _TEN_7, 10)


@kernel
def _devices(out: Texts, first: int, key: np.uint64) -> None:
    at = 0
    for i in range(len(out) // _DEVICE_CHARS):
        bits = mixed(key, np.uint64(first + i))
        out[at], out[at + 1] = 100, 45
        for place in range(16):
            nibble = np.int64((bits >> np.uint64(4 * place)) & np.uint64(15))
            out[at + 2 + place] = 48 + nibble if nibble < 10 else 87 + nibble
        at += _DEVICE_CHARS


# What is compiled into this file from others: 7b92a6824233e5f4.
