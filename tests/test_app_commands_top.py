from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from arasha.app.commands_top import WIDTH_CHARS, picture
from arasha.app.http.figures import STAGES
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.app.watching import Latency, Moment, Shift
from model_samples import Learnt
from service_samples import ENVIRONMENT, Served, participant, paying, serving
from test_app_commands_watch import until


@pytest.fixture(scope="module")
def served(small_model: Learnt, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that judges by a model whose training is known."""
    folder = tmp_path_factory.mktemp("top")
    directory = folder / "centre"
    keys = {
        "BANKKZKA": participant(directory, "BANKKZKA"),
        "WATCH": participant(directory, "WATCH", "centre"),
    }
    with serving(directory, small_model.after.source, keys=keys) as service:
        yield service


def key_file(served: Served, folder: Path, name: str = "WATCH") -> str:
    path = folder / "key.txt"
    path.write_text(served.keys[name] + "\n")
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    code = main(["top", *words, "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    assert (code == Exit.OK) == ("error" not in found)
    return found


def test_once_it_prints_a_picture_of_eighty_columns(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every stage, the queue, the snapshot, the drift of the model's features."""
    with served.client() as client:
        for number in range(40):
            client.judge(paying(f"top-{number}"))
    words = ["--url", served.address, "--token-file", key_file(served, tmp_path), "--every", "0.1"]
    assert Exit.OK == main(["top", "--once", *words])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH_CHARS
    for name in (
        "payments", "queue", "snapshot", "fallbacks", "shadow", "read", "wait", "decide", "commit",
        "answer", "score", "by chance", "none yet",
    ):  # fmt: skip
        assert name in shown


@pytest.mark.parametrize(("rows", "named"), [(24, 1), (26, 3), (60, 5), (None, 5)])
def test_the_picture_fits_a_terminal_of_twenty_four_rows(rows: int | None, named: int) -> None:
    """Of the features as many are named as there is room for; q stands in sight."""
    none = Latency(None, None, 0)
    shifts = tuple(Shift(f"feature-{at}", 0.3, 0.01) for at in range(5))
    seen = Moment(
        1, 0, 0, {}, 0, 0, none, dict.fromkeys(STAGES, none), 0, 0, 0, 0, 7.0, 0, 0, 0, 0, 9,
        Shift("score", 0.1, 0.01), shifts,
    )  # fmt: skip
    console = Console(width=WIDTH_CHARS, height=rows or 100)
    with console.capture() as shown:
        console.print(picture(seen, "http://127.0.0.1:8080", rows))
    lines = shown.get().rstrip().splitlines()
    assert named == sum("feature-" in line for line in lines)
    assert len(lines) <= (rows or 28)
    assert (rows is not None) == ("q ends" in shown.get())


def test_as_json_it_counts_what_happens_between_two_looks(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Payments a second, their latency by stage; drift with what chance makes of it."""
    done = threading.Event()

    def pay() -> None:
        with served.client() as client:
            for number in range(10_000):
                if done.is_set():
                    return
                client.judge(paying(f"json-{number}"))

    paying_on = threading.Thread(target=pay)
    paying_on.start()
    try:
        found = told(
            capsys, "--url", served.address, "--token-file", key_file(served, tmp_path),
            "--every", "1.5",
        )  # fmt: skip
    finally:
        done.set()
        paying_on.join()
    verdict, stages = found["verdict"], found["stages"]
    assert isinstance(verdict, dict)
    assert isinstance(stages, dict)
    assert isinstance(rate := found["payments_per_s"], float)
    assert rate > 5
    assert 0 < verdict["p50_ms"] <= verdict["p99_ms"]
    assert {"read", "wait", "decide", "commit", "answer"} == set(stages)
    assert stages["commit"]["count"] > 0
    assert None is found["snapshot_age_s"]
    drift = found["feature_drift"]
    assert isinstance(drift, list)
    assert 1 <= len(drift) <= 5
    assert {"name", "psi", "by_chance"} == set(drift[0])


def test_a_key_as_the_command_line_printed_it(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON of arasha participant create is a key file, too."""
    key_id, _, secret = served.keys["WATCH"].partition(".")
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"key_id": key_id, "secret": secret}))
    words = ("--url", served.address, "--token-file", str(path), "--every", "0.1")
    assert "entries" in told(capsys, *words)


def test_what_is_wrong_is_said_with_what_to_do(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not reachable, no key, a wrong one, one that may not; a file without a key; no address."""

    def error(*words: str) -> tuple[str, str]:
        found = told(capsys, *words)["error"]
        assert isinstance(found, dict)
        return str(found["what"]), str(found.get("hint", found.get("expected")))

    here = ("--url", served.address)
    what, hint = error("--url", "http://127.0.0.1:9")
    assert "cannot be reached" in what
    assert "arasha serve" in hint
    assert "does not know this key" in error(*here)[0]
    what, hint = error(*here, "--token-file", key_file(served, tmp_path, "BANKKZKA"))
    assert "may not read" in what
    assert "--read metrics" in hint
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("nobody.nothing")
    assert "does not know this key" in error(*here, "--token-file", str(wrong))[0]
    wrong.write_text("two words")
    assert "no key in this file" in error(*here, "--token-file", str(wrong))[0]
    assert "no address" in error("--url", "localhost:8080")[0]


class Other(BaseHTTPRequestHandler):
    """Some other server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
        pass


def test_another_server_is_none_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """It answers, and has no figures."""
    server = HTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = told(capsys, "--url", f"http://127.0.0.1:{server.server_port}")["error"]
        assert isinstance(found, dict)
        assert "no service of Arasha" in found["what"]
    finally:
        server.shutdown()
        server.server_close()


def test_on_a_terminal_it_goes_on_until_q(served: Served, tmp_path: Path) -> None:
    """A real terminal of 80 columns: the picture is drawn, q gives the screen back."""
    master, slave = pty.openpty()
    words = ["--url", served.address, "--token-file", key_file(served, tmp_path), "--every", "0.2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", "top", *words],
        stdin=slave, stdout=slave, stderr=slave,
        env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(slave)
    try:
        until(master, "q ends")
        os.write(master, b"q")
        until(master, "\x1b[?1049l")
        assert 0 == run.wait(30)
    finally:
        run.kill()
        run.wait()
        os.close(master)
