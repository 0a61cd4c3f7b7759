"""Acts on their way into the log: changes of rights, reveals, erasures.

In: acts that wait beside the log (vault/database.py). Out: entries. Whoever may write the log takes
them in: the running service when it takes up a change, or a command when no service runs. Until
then they wait, durably; a log that is made later gets them first.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from arasha.errors import LogBusy
from arasha.events.body import bodies_from
from arasha.log.driver import has_log, is_shared
from arasha.log.log import Entries, Log
from arasha.vault.database import Act
from arasha.vault.driver import Tables


def entries_of(acts: list[Act], known_at_ms: int) -> Entries:
    """The acts as entries of that time."""
    n = len(acts)
    return Entries(
        np.array([act.kind for act in acts], np.uint8),
        np.full(n, known_at_ms, np.int64),
        bodies_from([act.body for act in acts]),
        np.zeros((n, 2), np.uint64),
    )


def keep_waiting(log: Log, databases: Iterable[Tables], now_ms: int) -> int:
    """Append every act that waits in these files; how many. Raises LogFull, LogError, StoreError.

    A process that dies in between has them appended again, with the same files and numbers.
    """
    kept = 0
    for database in databases:
        if acts := database.waiting():
            log.append(entries_of(acts, max(now_ms, log.last_known_at_ms)))
            database.kept(acts)
            kept += len(acts)
    return kept


def keep_if_free(directory: Path, databases: Iterable[Tables], now_ms: int) -> int | None:
    """The same for the log of that directory; None where there is none, or another writes it.

    A log that machines share is the service's alone: there they wait for it.
    """
    if is_shared(directory) or not has_log(directory):
        return None
    try:
        log = Log.open(directory)
    except LogBusy:
        return None
    with log:
        return keep_waiting(log, databases, now_ms)
