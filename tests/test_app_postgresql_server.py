"""A PostgreSQL server of one's own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arasha.app import postgresql_server
from arasha.app.postgresql_server import Server, programs
from arasha.errors import UsageError
from arasha.postgresql import Address
from service_samples import ENVIRONMENT


def test_it_writes_durably_and_is_entered_by_its_owner_only(postgresql: Server) -> None:
    """Fsync is on, nothing listens on the network, the folder is closed to others."""
    with postgresql.address().connect("arasha tests") as db:
        for name, value in (("fsync", "on"), ("listen_addresses", ""), ("full_page_writes", "on")):
            assert (value,) == db.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert 0o700 == postgresql.folder.stat().st_mode & 0o777


def test_by_hand_it_says_where_it_is_and_ends_when_told() -> None:
    """Its address on standard output; SIGTERM ends it and removes its files."""
    process = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.postgresql_server"], stdout=subprocess.PIPE, text=True,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout is not None
    address = Address.of(process.stdout.readline())
    address.connect("arasha tests").close()
    process.send_signal(signal.SIGTERM)
    assert 0 == process.wait(60)
    process.stdout.close()
    assert not Path(address.parts["host"]).exists()


def test_a_missing_server_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be installed from here."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgresql_server, "_PLACES", ())
    assert None is programs()
    with pytest.raises(UsageError, match="no PostgreSQL on this machine") as error:
        postgresql_server._installed()
    assert "apt-get install" in str(error.value.hint)
