"""A PostgreSQL server of one's own: to test against, to measure with, to try things out.

In: nothing. Out: the address of a server that listens on a socket in a directory only its owner may
enter, writes durably (fsync on), and is ended by its process id. PostgreSQL refuses to run as root:
then it runs as ``postgres`` or, without one, as ``nobody``. Its programs are looked for on the path
and where Debian and Red Hat put them; as root on Debian they are installed if they are missing::

    python -m arasha.app.postgresql_server          runs one; its address on standard output
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arasha.errors import UsageError
from arasha.postgresql import OLDEST_SERVER, Address

START_S: Final = 180.0
"""How long a server may take to answer, after a crash, too, seconds."""

_PLACES: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")  # Debian, Red Hat
_INSTALL: Final = ("apt-get", "install", "-y", "--no-install-recommends", "postgresql")
_SETTINGS: Final = (
    "listen_addresses=",
    "fsync=on",
    "max_connections=80",
    "shared_buffers=64MB",
    "unix_socket_permissions=0777",  # the directory keeps others out
)


@dataclass
class Server:
    """A server that runs: its data and its socket lie in ``folder``."""

    folder: Path
    programs: Path
    process: subprocess.Popen[bytes]
    databases: int = 0

    def address(self, database: str = "postgres") -> Address:
        """Of one of its databases."""
        return Address.of(f"host={self.folder} dbname={database} user=arasha")

    def new_database(self) -> Address:
        """An empty database."""
        self.databases += 1
        name = f"centre_{self.databases}"
        with self.address().connect("arasha tests") as db:
            db.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def kill(self) -> None:
        """Kill every process of the server at once, as a power failure would."""
        processes = [self.process.pid, *_children(self.process.pid)]
        for number in processes:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        until = time.monotonic() + START_S
        while any(_runs(number) for number in processes) and time.monotonic() < until:
            time.sleep(0.01)

    def start(self) -> None:
        """Start it again after a kill; returns when it answers."""
        self.process = _started(self.programs, self.folder)

    def stop(self) -> None:
        """End it, whoever is connected, and remove what it wrote."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[Server]:
    """A new server, ended in any case. Raises UsageError where there is no PostgreSQL."""
    found = programs()
    if found is None:
        found = _installed()
    # Not below a test's own folder: that is root's alone, and the server is not root.
    folder = Path(tempfile.mkdtemp(prefix="arasha-postgresql-"))
    try:
        owner = _owner()
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        _run(
            [found / "initdb", "-D", folder / "data", "-U", "arasha", "--auth=trust",
             "--encoding=UTF8", "--locale=C", "--no-sync"]
        )  # fmt: skip
        running = Server(folder, found, _started(found, folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield running
    finally:
        running.stop()


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the newest that will do; None: nowhere."""
    named = shutil.which("initdb")
    places = [] if named is None else [Path(named).resolve().parent]
    for pattern in _PLACES:
        places += Path("/").glob(pattern[1:])
    whole = [place for place in places if (place / "initdb").exists()]
    fit = [(version, place) for place in whole if (version := _version(place)) >= OLDEST_SERVER]
    return max(fit)[1] if fit else None


def _installed() -> Path:
    """Install it where that is ours to do."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(_INSTALL, check=False, env=environment, **quiet)
    found = programs()
    if found is None:
        raise UsageError(
            "there is no PostgreSQL on this machine", expected=f"initdb and postgres, version "
            f"{OLDEST_SERVER} or newer, on the path or in /usr/lib/postgresql",
            hint="as root: " + " ".join(_INSTALL),
        )  # fmt: skip
    return found


def _version(place: Path) -> int:
    said = subprocess.run([place / "initdb", "--version"], capture_output=True, check=False)
    digits = said.stdout.split()[-1:] or [b"0"]
    whole = digits[0].partition(b".")[0]
    for word in said.stdout.split():
        if word[:1].isdigit():
            whole = word.partition(b".")[0]
            break
    return int(whole) if whole.isdigit() else 0


def _owner() -> pwd.struct_passwd | None:
    """Who the server runs as, when this process is root."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    owner = known.get("postgres") or known.get("nobody")
    if owner is None:
        raise UsageError("PostgreSQL does not run as root", expected="a user postgres or nobody")
    return owner


def _as_owner() -> dict[str, Any]:
    owner = _owner()
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _run(words: list[Path | str]) -> None:
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, cwd="/", check=False, **_as_owner()
    )
    if done.returncode != 0:
        raise UsageError("PostgreSQL's files could not be made",
                         found=done.stderr.decode("utf-8", "replace").strip())  # fmt: skip


def _started(found: Path, folder: Path) -> subprocess.Popen[bytes]:
    """The server's first process, when it answers."""
    import psycopg

    words: list[Path | str] = [found / "postgres", "-D", folder / "data", "-k", folder]
    for setting in _SETTINGS:
        words += ["-c", setting]
    said = folder / "said.txt"
    with said.open("ab") as file:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd="/", **_as_owner()
        )
    address = Address.of(f"host={folder} dbname=postgres user=arasha")
    until = time.monotonic() + START_S
    while True:
        try:
            address.connect("arasha start").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                process.wait()
                raise UsageError("PostgreSQL does not start", found=said.read_text("utf-8")[-2000:],
                                 ) from error  # fmt: skip
            time.sleep(0.05)
        else:
            return process


def _children(number: int) -> list[int]:
    """The processes that this one started."""
    said = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, check=True)
    pairs = [line.split() for line in said.stdout.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == number]


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{number}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z" if status.exists() else True
    except OSError:
        return False


def main() -> None:
    """Run a server until told to stop."""
    with server() as running:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.process.send_signal(signal.SIGINT))
        print(running.address(), flush=True)
        running.process.wait()


if __name__ == "__main__":
    main()
