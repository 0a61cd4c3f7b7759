"""A second policy beside the live one: it follows the log and says what it would have done.

In: the directory of a log that is being written, a policy. Out: for each stretch how often the two
acted alike and how often not. It reads what is durable already, in its own time, so it can neither
slow nor change a decision; if it falls behind it says by how much.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.again import stretches
from arasha.engine.live_start import Prepared
from arasha.events.decisions import ACTIONS, FALLBACK
from arasha.log.log import Log

ENTRIES_AT_ONCE: Final = 8_192
"""Entries that one step looks at."""


class LiveShadow:
    """The second judge. ``prepared`` says from which entry on it compares."""

    def __init__(self, directory: Path, prepared: Prepared) -> None:
        self.policy = prepared.judge.policy
        self._judge, self._state, self._at = prepared.judge, prepared.state, prepared.at
        self._log = Log.open(directory, writable=False)

    @property
    def behind(self) -> int:
        """Entries that it has not looked at, as of the last step."""
        return self._log.size - self._at

    def step(self) -> NDArray[np.int64]:
        """int64[4, 4]: payments of the next stretch by the action in force (row) and the shadow's.

        What there was no time to judge is taken in and not compared.
        """
        self._log.refresh()
        stop = min(self._log.size, self._at + ENTRIES_AT_ONCE)
        if stop < self._log.size:
            [last] = self._log.read(stop - 1, stop, classes=())
            judged_kind = self.policy.judges.kind
            stop += int(last.kinds[0] == judged_kind)  # its decision belongs to this stretch
        counts = np.zeros((len(ACTIONS), len(ACTIONS)), np.int64)
        for facts, known_at, kept in stretches(self._log, stop, start=self._at):
            verdicts = self._judge.judge(self._state, facts, known_at)
            assert len(verdicts.action) == len(kept), "each payment has its decision"
            judged = (kept.marks & FALLBACK) == 0
            np.add.at(counts, (kept.action[judged], verdicts.action[judged]), 1)
        self._at = stop
        return counts

    def close(self) -> None:
        """Close the log."""
        self._log.close()
