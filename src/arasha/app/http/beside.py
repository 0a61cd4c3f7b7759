"""The log as it is read beside its writer: one reader, opened anew where the disk failed under it.

In: the directory. Out: the log, usable. A reader under which the disk has failed refuses for ever
what is asked of it (log/store.py), as it must; but it has written nothing, so that another one may
be opened in its place, and the disk is asked again. For one thread at a time.
"""

from __future__ import annotations

from pathlib import Path

from arasha.log.log import Log


class Beside:
    """A reader of one log."""

    def __init__(self, directory: Path) -> None:
        """Raises LogError and what else `Log.open` does."""
        self._directory = directory
        self._log = Log.open(directory, writable=False)

    @property
    def log(self) -> Log:
        """The log; another reader of it where the last can read no more. Raises as above."""
        if self._log.spoilt:
            fresh = Log.open(self._directory, writable=False)
            self._log.close()
            self._log = fresh
        return self._log

    def leaves(self, start: int, stop: int) -> bytes:
        """Leaf hashes of the log, by whichever reader it has."""
        return self.log.leaves(start, stop)

    def close(self) -> None:
        """Close it."""
        self._log.close()
