"""Labels go with their payments: of a payment that is not taken, its label is not taken either.

Where on the path: just before *decided*, for files. In: a batch as it was read, the log that is to
admit it. Out: the batch without the labels of payments that the log refuses, because their sender
has used the id before. Such a label would speak of the first payment under that id, of which the
file says something else.
"""

from __future__ import annotations

import numpy as np

from arasha.engine.decide import Keeper
from arasha.events.files import SourceBatch
from arasha.events.schema import Kind
from arasha.log.log import Admission


class Labels:
    """The labels of one file, batch by batch, whatever the batches' size."""

    def __init__(self, *, settles_all: bool) -> None:
        """``settles_all``: honest payments get labels, too (events/mapping.py)."""
        self._least = 0 if settles_all else 1
        self._awaited: set[int] = set()  # rows of refused payments whose label is still to come

    def taken(self, log: Keeper, some: SourceBatch) -> tuple[SourceBatch, Admission]:
        """The batch without labels of refused payments, and the log's admission of what is left."""
        admission = log.admit(some.facts)
        payments = some.facts.kinds == Kind.PAYMENT
        refused = payments & ~admission.fresh & (some.truth >= self._least)
        self._awaited |= set(some.rows[refused].tolist())
        if not self._awaited:
            return some, admission
        labels = np.flatnonzero(some.facts.kinds == Kind.LABEL)
        dropped = [at for at in labels.tolist() if int(some.rows[at]) in self._awaited]
        if not dropped:
            return some, admission
        self._awaited -= set(some.rows[dropped].tolist())
        left = some.take(np.delete(np.arange(len(some.facts)), dropped))
        return left, log.admit(left.facts)
