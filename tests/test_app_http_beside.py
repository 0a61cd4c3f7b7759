"""A reader of the log is opened anew where the disk failed under it."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from arasha.app.http.beside import Beside
from arasha.errors import ArashaError
from arasha.log.driver import LOG_FILE
from arasha.log.log import Log
from log_samples import NOW_MS, entries_of


def test_a_disk_that_failed_once_is_asked_again(tmp_path: Path) -> None:
    """While it fails each asking says so; when it is back the same reader reads on."""
    with Log.create(tmp_path, created_at_ms=NOW_MS) as log:
        log.append(entries_of(3))
        root, leaves = log.root(), log.leaves(0, 3)
    beside = Beside(tmp_path)
    assert leaves == beside.leaves(0, 3)
    file, away = tmp_path / LOG_FILE, tmp_path / "away"
    before = beside.log
    os.replace(file, away)
    file.write_bytes(b"a disk that reads rubbish")
    before._store.spoil("disk I/O error")
    for _ in range(2):
        with pytest.raises((ArashaError, apsw.Error)):
            beside.leaves(0, 3)
    os.replace(away, file)
    assert (leaves, root) == (beside.leaves(0, 3), beside.log.root())
    assert beside.log is not before
    assert beside.log is beside.log, "one that is usable stays"
    beside.close()
