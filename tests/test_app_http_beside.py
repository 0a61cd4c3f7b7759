"""A reader of the log is opened anew where the disk failed under it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from arasha.app.http.beside import Beside
from arasha.errors import ArashaError
from arasha.log.driver import LOG_FILE
from log_samples import APRIL_MS, created, keep


def test_a_disk_that_failed_once_is_asked_again(tmp_path: Path) -> None:
    """While it fails each asking says so; when it is back the same reader reads on."""
    with created(tmp_path, APRIL_MS) as log:
        keep(log, 3, 0)
        root, leaves = log.root(), log.leaves(0, 6)
    beside = Beside(tmp_path)
    assert leaves == beside.leaves(0, 6)
    file, away = tmp_path / LOG_FILE, tmp_path / "away"
    before = beside.log
    file.rename(away)
    file.write_bytes(b"a disk that reads rubbish")
    before._store.spoil("disk I/O error")
    for _ in range(2):
        with pytest.raises((ArashaError, apsw.Error)):
            beside.leaves(0, 6)
    away.rename(file)
    assert (leaves, root) == (beside.leaves(0, 6), beside.log.root())
    assert beside.log is not before
    assert beside.log is beside.log, "one that is usable stays"
    beside.close()
