"""The witness beside a demonstration's centre: another institution's process, on this machine.

In: the keys of the centre's record. Out: a witness as ``arasha witness`` makes and serves one,
which looks after that log alone; whom the service is to ask; its end with the demonstration,
however that ends: it reads from a pipe, whose other end dies with who holds it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from arasha.log.record import Record
    from arasha.log.signing import Verifier
    from arasha.log.trust import Trust

NAME: Final = "ombudsman.example/witness"
"""The name under which it cosigns."""

FOLDER: Final = "witness"
"""Its own directory, below the demonstration's."""

SAID: Final = "said.txt"
"""Where in its directory it says what it refuses, and why it could not begin."""

BEGIN_S: Final = 60.0
"""How long it may take to begin, seconds: much else begins then, too."""

END_S: Final = 10.0
"""How long its end is waited for, seconds; then it is killed."""


class Witness:
    """One beside one demonstration, once it is told what to look after."""

    def __init__(self, directory: Path) -> None:
        """``directory`` is the demonstration's; nothing is made there yet."""
        self._folder = directory / FOLDER
        self._keys: tuple[Verifier, ...] = ()
        self.process: subprocess.Popen[str] | None = None
        self._files = ExitStack()

    def look_after(self, record: Record) -> None:
        """Begin, for that log. It is not waited for."""
        from arasha.log.witness import look_after, make

        self._keys = make(self._folder, NAME)
        look_after(self._folder, record.verifiers)
        said = self._files.enter_context((self._folder / SAID).open("wb"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "arasha.app.demo.witness", str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
            start_new_session=True,  # Ctrl-C is for the demonstration, which then ends it
        )  # fmt: skip

    def trust(self) -> Trust:
        """Whom the service is to ask; waits until it listens. Raises RuntimeError where it does
        not.
        """
        from arasha.log.trust import read_trust

        assert self.process is not None, "it has begun"
        assert self.process.stdout is not None
        ready, _, _ = select([self.process.stdout], [], [], BEGIN_S)
        address = self.process.stdout.readline().strip() if ready else ""
        if not address:
            raise RuntimeError(f"the witness has not begun: {(self._folder / SAID).read_text()}")
        return read_trust(
            "".join(
                f"witness ombudsman-{number} {key.text} {address}\n"
                for number, key in enumerate(self._keys)
            )
        )

    def close(self) -> None:
        """End it."""
        self._files.close()
        process = self.process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _serve(directory: Path) -> None:
    """Be the witness, until told to stop or alone."""
    from arasha.app.commands_witness import serve

    threading.Thread(target=_stop_when_alone, daemon=True).start()
    serve(directory, port=0)


def _stop_when_alone() -> None:
    os.read(sys.stdin.fileno(), 1)  # nobody writes: it comes back when the other end is gone
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
