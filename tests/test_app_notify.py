"""What systemd is told, and by the very command line of the unit."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arasha.app.notify import ALIVE, READY, STOPPING, Notify
from keeping_samples import ENVIRONMENT
from live_samples import policy

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """A socket as systemd has it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + address[1:] if address.startswith("@") else address)
        sock.settimeout(120)
        yield sock


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_a_message_is_a_datagram(tmp_path: Path, kind: str) -> None:
    """To a path, or to an abstract address, which begins with @."""
    address = str(tmp_path / "s") if kind == "path" else f"@arasha-{os.getpid()}"
    with listening(address) as sock:
        assert Notify.of({"NOTIFY_SOCKET": address}).tell(READY)
        assert b"READY=1" == sock.recv(99)


@pytest.mark.parametrize(
    ("environment", "alive_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often_we_say_that_we_live(environment: dict[str, str], alive_s: float | None) -> None:
    """Twice as often as is asked of this process; never when nobody asks."""
    found = Notify.of({"NOTIFY_SOCKET": "/run/x"} | environment, pid=7)
    assert ("/run/x", alive_s) == (found.address, found.alive_s)


@pytest.mark.parametrize("address", ["", "relative", "/" + "x" * 200, "vsock:2:1"])
def test_with_nobody_to_tell_nothing_is_said(address: str) -> None:
    """Nor where nobody listens any more: the service goes on."""
    assert Notify() == Notify.of({"NOTIFY_SOCKET": address})
    assert not Notify().tell(READY)
    assert not Notify("/nowhere/at/all").tell(READY)


def unit_command(unit: Path, values: dict[str, str]) -> list[str]:
    """The words of ExecStart as systemd makes them: %d, ${NAME} and $NAME replaced."""
    [line] = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    words: list[str] = []
    for word in shlex.split(line):
        if word.startswith("$") and not word.startswith("${"):
            words += values[word[1:]].split()
        else:
            shown = re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], word)
            words.append(shown.replace("%d", values["%d"]))
    return words


def test_the_command_of_the_unit_tells_systemd_what_it_does(tmp_path: Path) -> None:
    """ExecStart, with its own words: ready once it answers, alive from time to time, stopping when
    it is told to stop, and an exit code of 0. The master key comes as a credential.
    """
    credentials, data = tmp_path / "credentials", tmp_path / "data"
    credentials.mkdir()
    (credentials / "master.key").write_bytes(b"m" * 32)
    (credentials / "master.key").chmod(0o440)  # as an access list shows itself
    values = {"POLICY": str(policy(tmp_path).source), "HOST": "127.0.0.1", "PORT": "0",
              "OPTIONS": "", "%d": str(credentials)}  # fmt: skip
    words = unit_command(ROOT / "deploy" / "arasha.service", values)
    assert ["/usr/lib/arasha/bin/arasha", "serve"] == words[:2]
    words = [str(data) if word == "/var/lib/arasha" else word for word in words[1:]]
    with listening(str(tmp_path / "notify")) as sock:
        environment = ENVIRONMENT | {
            "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000",
            "CREDENTIALS_DIRECTORY": str(credentials),
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "arasha.app.main", *words], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            assert READY.encode() == sock.recv(99)
            assert process.stdout.readline().startswith("http://127.0.0.1:")
            assert [ALIVE.encode()] * 2 == [sock.recv(99), sock.recv(99)]
            process.send_signal(signal.SIGTERM)
            said = ALIVE.encode()
            while said == ALIVE.encode():
                said = sock.recv(99)
            assert STOPPING.encode() == said
            assert 0 == process.wait(60)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    assert not (data / "keys" / "master.key").exists()
