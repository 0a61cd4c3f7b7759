"""The truth about what was not ordinary: which play a payment or call is part of, and in what role.

In: the slices of a country and its casts. Out: a table a day beside the events (``truth/``), one
row for each fact of a play, and one table of all mules. It is written for whoever measures
(``reports``) and read by no other room: a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from arasha.country.happenings import FRAUD, LAUNDERING, NONE, Happenings, merged
from arasha.country.script import Told
from arasha.country.society import Society
from arasha.events.schema import FACT_OF_KIND, Kind

if TYPE_CHECKING:
    from arasha.country.underworld import Mule

TRUTH_FOLDER: Final = "truth"
"""Where a country keeps its truth, beside its events."""

SCHEMA: Final = pa.schema([
    ("fact", pa.string()),
    ("id", pa.string()),  # of the fact, as in events/
    ("play", pa.int32()),  # its number in the country
    ("name", pa.string()),
    ("kind", pa.string()),  # story or lookalike
    ("role", pa.string()),
    ("victim", pa.int32()),  # whose money is being stolen, a person's place in the society
    ("fraud", pa.bool_()),
    ("laundering", pa.bool_()),
])  # fmt: skip
"""The columns of a day's truth. Facts that are not in it are ordinary."""

MULES: Final = pa.schema([
    ("account", pa.string()),
    ("person", pa.int32()),
    ("ring", pa.int32()),
    ("since", pa.timestamp("ms", "UTC")),
    ("until", pa.timestamp("ms", "UTC")),
])  # fmt: skip
"""The columns of the table of mules: accounts that a ring may use, and when."""


def of_plays(rows: Happenings) -> Happenings:
    """The rows that are part of a play."""
    return rows.take(rows.script != NONE)


def truth_table(
    parts: Sequence[Happenings], casts: Sequence[Told], roles: Sequence[str], society: Society
) -> pa.Table:
    """The truth about those rows (all of plays), in their order."""
    rows = merged(parts)
    stolen = (rows.kind == Kind.PAYMENT) & ((rows.truth & FRAUD) != 0)
    victims = np.where(stolen, society.accounts.owner[np.where(stolen, rows.first, 0)], NONE)
    plays = [casts[script] for script in rows.script.tolist()]
    return pa.table(
        {
            "fact": [FACT_OF_KIND[Kind(kind)].word for kind in rows.kind.tolist()],
            "id": [str(serial) for serial in rows.serial.tolist()],
            "play": rows.script,
            "name": [told.cast.name for told in plays],
            "kind": ["story" if told.is_fraud else "lookalike" for told in plays],
            "role": [roles[role] or None for role in rows.role.tolist()],
            "victim": pa.array(victims.astype(np.int32), mask=~stolen),
            "fraud": (rows.truth & FRAUD) != 0,
            "laundering": (rows.truth & LAUNDERING) != 0,
        },
        SCHEMA,
    )


def mules_table(mules: Iterable[Mule], accounts: pa.Array) -> pa.Table:
    """All mules there ever were; ``accounts`` are the identifiers of all accounts."""
    some = sorted(mules, key=lambda mule: mule.account)
    return pa.table(
        {
            "account": accounts.take(pa.array([mule.account for mule in some], pa.int64())),
            "person": [mule.person for mule in some],
            "ring": [mule.ring for mule in some],
            "since": [mule.since_ms for mule in some],
            "until": [mule.until_ms for mule in some],
        },
        MULES,
    )
