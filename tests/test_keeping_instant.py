"""One instant: what is seen belongs together, and nobody is kept waiting afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.participants import Participants
from arasha.exchange.register import REGISTER_FILE
from arasha.keeping.instant import instant
from arasha.log.driver import LOG_FILE
from arasha.log.log import Log
from arasha.vault.subjects import VAULT_FILE
from exchange_samples import Clock
from keeping_samples import older_vault
from log_samples import keep
from vault_samples import accounts, opened


def test_what_comes_later_is_not_seen_and_nobody_waits(tmp_path: Path) -> None:
    """While it is held, log, vault and register are written to as ever."""
    vault = opened(tmp_path)
    vault.keep(accounts(2))
    participants = Participants.open(tmp_path, Clock())
    participants.create("BANK1", "bank", by="tests")
    with Log.create(tmp_path, created_at_ms=0) as log:
        keep(log, 3, 0, 1_000)
        with instant(tmp_path) as seen:
            keep(log, 3, 3, 2_000)
            vault.keep(accounts(2, 10))
            participants.create("BANK2", "bank", by="tests")
            assert [LOG_FILE, VAULT_FILE, REGISTER_FILE] == list(seen)
            for _ in range(2):
                assert [(6,)] == seen[LOG_FILE].rows("SELECT sum(count) FROM frames")
                assert [(2,)] == seen[VAULT_FILE].rows("SELECT sum(count) FROM batches")
                assert [("BANK1",)] == seen[REGISTER_FILE].rows("SELECT name FROM owners")
            assert seen[LOG_FILE].bytes > 0
    with instant(tmp_path) as seen:
        assert [(4,)] == seen[VAULT_FILE].rows("SELECT sum(count) FROM batches")
    vault.close()
    participants.close()


def test_what_is_not_there_is_not_seen(tmp_path: Path) -> None:
    """A log alone will do; no log will not, nor a file of an older format."""
    Log.create(tmp_path / "log", created_at_ms=0).close()
    with instant(tmp_path / "log") as seen:
        assert [LOG_FILE] == list(seen)
    with pytest.raises(UsageError, match="there is no log here"), instant(tmp_path):
        pass
    older_vault(tmp_path / "log", accounts(1))
    with pytest.raises(UsageError, match="older format") as fault, instant(tmp_path / "log"):
        pass
    assert f"arasha migrate {tmp_path / 'log'} first" == fault.value.hint
