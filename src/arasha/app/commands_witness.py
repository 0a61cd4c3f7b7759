"""``arasha witness …``: another institution's process, which vouches that a log only ever grew.

In: a directory of its own, the public keys of the logs it looks after. Out: cosignatures over HTTP.
The work is log/witness.py's.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_serve import Certificate, Host, Port, PrivateKey
from arasha.app.options import AsJson

if TYPE_CHECKING:
    from arasha.log.witness import Answer

WitnessDirectory = Annotated[Path, Parameter(help="The witness's own directory.")]


def make(
    directory: WitnessDirectory,
    /,
    *,
    name: Annotated[str, Parameter(help="Its name, such as ombudsman.example/witness.")],
    json: AsJson = False,
) -> None:
    """Make a witness: its key, which never leaves the directory, and its public keys.

    Give the two lines that are printed to the logs, and to whoever checks receipts.
    """
    from arasha.log.witness import make as make_witness

    keys = [one.text for one in make_witness(directory, name)]
    if json:
        terminal.say_json({"name": name, "keys": keys})
        return
    for key in keys:
        terminal.say(key)


def trust(
    directory: WitnessDirectory,
    /,
    *,
    keys: Annotated[Path, Parameter(help="The log's public keys, as arasha log key prints them.")],
) -> None:
    """Look after a log from now on: its keys are taken over from the file.

    A witness that runs takes it up when it is started again.
    """
    from arasha.log.trust import load_trust
    from arasha.log.witness import look_after, read_identity

    read_identity(directory)
    fresh = load_trust(keys).logs
    look_after(directory, fresh)
    for name in dict.fromkeys(one.name for one in fresh):
        terminal.say(f"this witness looks after {name}")


def serve(
    directory: WitnessDirectory,
    /,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8090,
    cert: Certificate = None,
    key: PrivateKey = None,
) -> None:
    """Take checkpoints of the logs it trusts, and cosign those that only add to the one before.

    What was cosigned last is durable before a cosignature leaves; what contradicts it is kept in
    DIR/evidence. Without a certificate: for a proxy with TLS in front of it.
    """
    from arasha.app.commands_serve import tls_of
    from arasha.app.http.witnessing import witness_over_http
    from arasha.log.witness import Witness

    tls = tls_of(cert, key)
    witness = Witness.open(directory)

    def ready(port: int) -> None:
        terminal.say(f"{'http' if tls is None else 'https'}://{host}:{port}")
        sys.stdout.flush()

    try:
        asyncio.run(
            witness_over_http(witness, host, port, tls=tls, wall_s=time.time, said=_said,
                              on_ready=ready)
        )  # fmt: skip
    finally:
        witness.close()


def _said(answer: Answer) -> None:
    """What was refused, on standard error."""
    if answer.status != 200:
        terminal.note(f"{int(answer.status)} {answer.text.strip()}")
