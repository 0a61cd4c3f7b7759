"""A centre with a record, and its witness, as real processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from arasha.engine.live_start import open_live
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.record import begin
from arasha.log.signing import Opened, opened
from arasha.log.trust import Trust, load_trust
from arasha.log.witness import make
from arasha.policy.document import load
from live_samples import WITH_FALLBACK
from policy_samples import written
from record_samples import ORIGIN, WITNESS
from service_samples import ENVIRONMENT, Served, participant


@dataclass
class Outside:
    """Another institution's process, and where it is."""

    process: subprocess.Popen[str]
    directory: Path
    address: str

    def kill(self) -> None:
        """Kill it: no handler runs."""
        self.process.kill()
        self.process.wait(timeout=60)


@contextmanager
def witnessing(directory: Path, port: int = 0) -> Iterator[Outside]:
    """A witness that runs, killed in the end if it still does."""
    with (directory / "said").open("a") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "arasha.app.main", "witness", "serve", str(directory),
             "--port", str(port)],
            stdout=subprocess.PIPE, stderr=complaints, text=True, env=ENVIRONMENT,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), (directory / "said").read_text()
        yield Outside(process, directory, address)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


def policy_in(folder: Path) -> Path:
    """The policy of the centre."""
    return written(folder, WITH_FALLBACK)


def recorded_centre(folder: Path) -> dict[str, str]:
    """A centre in ``folder/centre`` whose log has a record, and a witness in ``folder/w`` that
    looks after it; ``folder/keys`` has the log's keys. The keys of its participants.
    """
    keys = {"BANKKZKA": participant(folder / "centre", "BANKKZKA")}
    started = open_live(folder / "centre", load(policy_in(folder)), int(time.time() * 1000))
    started.log.close()
    with Log.open(folder / "centre") as log:
        record = begin(log, folder / "centre", ORIGIN)
    (folder / "keys").write_text(record.keys_text)
    make(folder / "w", WITNESS)
    (folder / "w" / "trust").write_text((folder / "keys").read_text())
    return keys


def trust_of(folder: Path, outside: Outside, quorum: str = "any") -> Path:
    """The file in which the centre and everybody else say whom they trust."""
    from arasha.log.signing import WITNESS_ALGORITHMS, signers
    from arasha.log.witness import read_identity

    secret, name = read_identity(outside.directory)
    keys = [one.verifier.text for one in signers(name, WITNESS_ALGORITHMS, secret)]
    lines = [f"log {one}" for one in (folder / "keys").read_text().split()]
    lines += [f"witness w{at} {key} {outside.address}" for at, key in enumerate(keys)]
    lines += [f"group outside {quorum} w0 w1", "quorum outside"]
    path = folder / "trust"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def seen(served: Served, trust: Trust) -> Opened | None:
    """What the record of a service shows; None while it shows nothing."""
    response = served.request("GET", "/record/checkpoint", name=None)
    if response.status_code == 404:
        return None
    assert 200 == response.status_code
    return opened(Note.parse(response.content), trust.logs, trust.witness_keys)


def shown(
    served: Served, trust: Path, *, size: int = 0, by: tuple[str, ...] = (WITNESS,)
) -> Opened:
    """What the record shows as soon as it has that size and those cosignatures."""
    known = load_trust(trust)

    def look() -> Opened | None:
        found = seen(served, known)
        if found is None or found.checkpoint.size < size or found.witnessed_by != by:
            return None
        return found

    return until(look, served.journal.read_text)


def until(look: Callable[[], Opened | None], why: Callable[[], str]) -> Opened:
    """What it is in the end."""
    end = time.monotonic() + 60
    while (found := look()) is None:
        assert time.monotonic() < end, why()
        time.sleep(0.1)
    return found
