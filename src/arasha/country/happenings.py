"""What happens in the country, as columns of integers: the form in which everything meets.

Where on the path: before *happened*. Ordinary life (habits.py), scripts (script.py) and the world's
answers (loop.py) all become rows of this table; facts.py makes facts of them, files.py writes them.

What ``first``, ``second``, ``number``, ``device``, ``code``, ``purpose`` and ``marks`` hold::

    kind            first          second         code of            number    purpose, marks
    PAYMENT         payer account  payee account  CHANNELS           payer's   PURPOSES, bits
    CALL            caller number  callee number  CALL_ROUTES        -1
    SIM_CHANGE      number         -1             SIM_CHANGES        -1
    ACCOUNT_CHANGE  account        -1             ACCOUNT_CHANGES    new one
    OUTCOME         payer account  payee account  OUTCOMES           -1
    WARNING         payer account  payee account  WARNING_ANSWERS    -1
    SIGNAL          payer account  payee account  SIGNAL_CLASSES     asked of  index in SIGNALS
    REPORT          payer account  payee account  TYPOLOGIES         reported  ATTESTED
    LABEL           payer account  payee account  TYPOLOGIES         -1        FRAUD

``serial`` counts all rows of a run; ``payment`` is the serial of a PAYMENT row, or of the payment a
row refers to (-1: none). Makers of ordinary life leave ``script``, ``truth``, ``payment`` and
``serial`` as ``make`` sets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NEW_DEVICE: Final = 1
REMOTE_ACCESS: Final = 2
ACTIVE_CALL: Final = 4
CREDENTIALS_CHANGED: Final = 8
"""Bits of ``marks`` of a PAYMENT: what is so. The world sets all but REMOTE_ACCESS from what it
knows of devices, calls and credentials; what a bank's app cannot see is unknown in its facts."""

ATTESTED: Final = 1
"""Bit of ``marks`` of a REPORT: the victim's bank stands by it."""

FRAUD: Final = 1
"""Bit of ``marks`` of a LABEL, and of ``truth``: the money is being stolen."""

LAUNDERING: Final = 2
"""Bit of ``truth``: stolen money is being moved on."""

PURPOSES: Final = (
    "", "SALA", "PENS", "BENE", "RENT", "GDDS", "SUPP", "CHAR", "STDY", "UBIL", "LOAN", "HSPC",
    "GIFT", "GOVT", "INVS", "CASH", "OTHR",
)  # fmt: skip
"""Purpose codes (ISO 20022 external code set); index 0: not said. Append only."""

NONE: Final = -1
"""No account, number, device, script or payment."""


@dataclass(frozen=True, slots=True)
class Happenings:
    """n rows sorted by ``time_ms`` (ms UTC); amounts in tiyn; see the table above."""

    time_ms: NDArray[np.int64]
    kind: NDArray[np.uint8]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    amount: NDArray[np.int64]
    device: NDArray[np.int32]
    number: NDArray[np.int32]
    code: NDArray[np.uint8]
    purpose: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    duration_ms: NDArray[np.int64]
    script: NDArray[np.int32]
    role: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    payment: NDArray[np.int64]
    serial: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.time_ms)
        for name in COLUMNS:
            column = getattr(self, name)
            assert column.shape == (n,), name
            assert column.dtype == DTYPES[name], name

    def __len__(self) -> int:
        return len(self.time_ms)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Every column by its name, in order."""
        return {name: getattr(self, name) for name in COLUMNS}

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Happenings:
        """Those rows, in that order (a slice gives views)."""
        return Happenings(**{name: column[rows] for name, column in self.columns().items()})

    def between(self, start_ms: int, end_ms: int) -> Happenings:
        """Views of the rows of [start_ms, end_ms)."""
        first, last = np.searchsorted(self.time_ms, [start_ms, end_ms])
        return self.take(slice(int(first), int(last)))


COLUMNS: Final = tuple(f.name for f in fields(Happenings))
"""Names of the columns, in order."""

DTYPES: Final[dict[str, np.dtype[Any]]] = {
    name: np.dtype(
        {
            "time_ms": np.int64, "amount": np.int64, "duration_ms": np.int64, "payment": np.int64,
            "serial": np.int64, "first": np.int32, "second": np.int32, "device": np.int32,
            "number": np.int32, "script": np.int32,
        }.get(name, np.uint8)
    )
    for name in COLUMNS
}  # fmt: skip
"""The type of each column."""

ROW: Final = np.dtype([(name, DTYPES[name]) for name in COLUMNS])
"""The same as one structured type: scripts lay down row by row."""

ABSENT: Final[dict[str, int]] = {
    name: NONE if DTYPES[name] == np.int32 or name in {"payment", "serial"} else 0
    for name in COLUMNS
}
"""What a column holds where a row has nothing to say."""


def make(columns: Mapping[str, NDArray[Any]]) -> Happenings:
    """Happenings of the given columns (``time_ms`` and ``kind`` at least); others are absent.

    >>> import numpy as np
    >>> len(make({"time_ms": np.array([5]), "kind": np.array([1])}))
    1
    """
    n = len(columns["time_ms"])
    return Happenings(
        **{
            name: np.asarray(columns[name], DTYPES[name])
            if name in columns
            else np.full(n, ABSENT[name], DTYPES[name])
            for name in COLUMNS
        }
    )


def of_rows(rows: Sequence[tuple[int, ...]]) -> Happenings:
    """Happenings of rows whose values are in the order of ``COLUMNS``."""
    table = np.array(list(rows), ROW)
    return Happenings(**{name: np.ascontiguousarray(table[name]) for name in COLUMNS})


def merged(parts: Sequence[Happenings]) -> Happenings:
    """All rows by time; of the same time, those of an earlier part first."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return make({"time_ms": np.zeros(0, np.int64), "kind": np.zeros(0, np.uint8)})
    if len(parts) == 1:
        return parts[0]
    order = np.argsort(np.concatenate([part.time_ms for part in parts]), kind="stable")
    return Happenings(
        **{name: np.concatenate([getattr(part, name) for part in parts])[order] for name in COLUMNS}
    )
