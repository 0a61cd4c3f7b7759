"""Files of a record from a directory and over HTTP, and what is told when there are none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from arasha.app.fetching import TRIES, fetcher
from arasha.errors import InputError
from arasha.log.notes import MAX_NOTE_BYTES


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name
        """Say nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A plain web server over the folder, as any would serve the record."""
    (tmp_path / "checkpoint").write_text("text")
    (tmp_path / "large").write_bytes(bytes(MAX_NOTE_BYTES + 1))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("over_http", [True, False])
def test_files_are_read_within_bounds(tmp_path: Path, address: str, *, over_http: bool) -> None:
    """What is there, what is not, what is too large."""
    with fetcher(address if over_http else str(tmp_path)) as fetch:
        assert b"text" == fetch("checkpoint")
        with pytest.raises(InputError, match=r"not served|cannot be read"):
            fetch("tile/0/000")
        with pytest.raises(InputError, match="too large"):
            fetch("large")


def test_where_nobody_answers_it_is_said() -> None:
    """A closed port."""
    with (
        fetcher("http://127.0.0.1:1/record") as fetch,
        pytest.raises(InputError, match="no answer"),
    ):
        fetch("checkpoint")


class Busy(SimpleHTTPRequestHandler):
    """Says to come later, a few times or for ever."""

    left = 3

    def do_GET(self) -> None:
        """Later, now, or never."""
        if self.path == "/later" and Busy.left == 0:
            self.send_response(200)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"text")
            return
        Busy.left -= 1
        self.send_response(429)
        self.send_header("retry-after", "0")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name
        """Say nothing."""


def test_who_is_told_to_come_later_does_so() -> None:
    """As often as may be, and no longer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with fetcher(f"http://127.0.0.1:{server.server_port}") as fetch:
        assert b"text" == fetch("later")
        with pytest.raises(InputError, match="asked too much"):
            fetch("never")
    server.shutdown()
    thread.join()
    server.server_close()
    assert -TRIES == Busy.left
