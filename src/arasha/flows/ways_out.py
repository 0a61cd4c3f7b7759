"""The ways by which money leaves the network, and how a payment shows that it takes one.

In: a batch of facts. Out: for each payment the number of its way, 0 if it stays. Cash is seen by
the channel. An account abroad is one that no payment ever names a bank of, paid from one that has,
where payments name payees' banks at all: a trace sees that (kernels_trace.py). A crypto exchange is
known only by its accounts, of which somebody has to keep a list (``Arena.name_exchanges``).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import CHANNELS

WAYS_OUT: Final = ("", "cash", "abroad", "crypto")
"""Ways out of the network by their numbers; 0: the money stays."""

STAYS, CASH, ABROAD, CRYPTO = range(4)

_ATM: Final = CHANNELS.index("atm")


def ways_of(facts: Facts) -> NDArray[np.int64]:
    """int64[n]: the way out each payment takes, as far as the payment itself shows it."""
    return np.where(facts.number("channel") == _ATM, CASH, STAYS).astype(np.int64)
