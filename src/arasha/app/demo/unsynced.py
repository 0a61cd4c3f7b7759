"""A file layer that waits for no disk, for a past that can be made again.

In: SQLite's calls. Out: the same, but that nothing is flushed: the past of a demonstration is some
thousand commits, of which nobody has been answered any yet. The service that then opens the log
uses no such layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import apsw

NAME: Final = "arasha-unsynced"


class _File(apsw.VFSFile):
    def __init__(self, filename: Any, flags: list[int]) -> None:
        super().__init__("", filename, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's own name
        """Not now."""


class _Layer(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's own name
        """A file of that layer."""
        return _File(name, flags)


@contextmanager
def unsynced() -> Iterator[str]:
    """The name of the layer, which is there while the block runs."""
    layer = _Layer()
    try:
        yield NAME
    finally:
        layer.unregister()
