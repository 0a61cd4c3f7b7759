"""What the documents show, happens: every code block is run, every name in them resolves.

``sh``, ``bash``, ``console`` and ``python`` blocks of one file run in order in one copy of the
repository; ``toml`` and ``json`` blocks must parse; ``text`` and all else is left alone. A block
after the comment ``<!-- slow -->`` runs, with the whole of its file, in ``make test-slow`` only.
In a ``console`` block lines that start with ``$ `` run; what stands between them is an example of
what they print. ``make`` commands are looked up in the Makefile, not run.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(?P<slow><!-- slow -->\s*\n)?^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^ *```",
    re.MULTILINE | re.DOTALL,
)
SHELLS = {"sh", "bash", "console"}
COPIED = ("README.md", "policies", "law", "mappings", "docs", "examples")
SECONDS_MAX = 300
SLOW_SECONDS_MAX = 1800


@dataclass(frozen=True, slots=True)
class Block:
    """One code block, where it begins, and whether it is marked as slow."""

    line: int
    language: str
    code: str
    slow: bool


def blocks(text: str) -> list[Block]:
    """The code blocks of a document, in order."""
    return [
        Block(
            text.count("\n", 0, match.start("code")) + 1,
            match["language"],
            re.sub(f"^{match['indent']}", "", match["code"], flags=re.MULTILINE),
            match["slow"] is not None,
        )
        for match in BLOCK.finditer(text)
    ]


def documents() -> list[Path]:
    """The files that people read."""
    tops = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    return [path for path in tops if path.exists()] + sorted((ROOT / "docs").rglob("*.md"))


def script(block: Block) -> str:
    """What of a shell block is to be run: no prompts, no printed examples, no make."""
    lines = block.code.splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return "\n".join(line for line in lines if not line.strip().startswith("make "))


def make_targets(block: Block) -> Iterator[str]:
    """The targets of the make commands in a shell block."""
    for line in block.code.splitlines():
        words = line.removeprefix("$ ").split("#")[0].split()
        if words[:1] == ["make"]:
            yield from (word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word))


def run_document(text: str, folder: Path, data: Path, *, slow: bool) -> list[str]:
    """Run a document's blocks in the folder; what failed, with its line and its output.

    Without ``slow`` the blocks marked as slow are left out. What a block has left running beside it
    is ended when a later one fails, and so never gets to end it.
    """
    groups: list[int] = []
    try:
        failed = _run_blocks(text, folder, data, groups, slow=slow)
    except subprocess.TimeoutExpired:
        _end(groups)
        raise
    if failed:
        _end(groups)
    return failed


def _end(groups: list[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError):  # most have ended by themselves
            os.killpg(group, signal.SIGKILL)


def _run_blocks(text: str, folder: Path, data: Path, groups: list[int], *, slow: bool) -> list[str]:
    """The same; the process group of each block that was begun is added to ``groups``."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ARASHA_DATA": str(data),
        "NO_COLOR": "1",
    }
    for block in blocks(text):
        if block.slow and not slow:
            continue
        if block.language in SHELLS:
            command = ["bash", "-euo", "pipefail", "-c", script(block)]
        elif block.language == "python":
            command = [sys.executable, "-W", "error", "-c", block.code]
        else:
            continue
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        ) as run:  # fmt: skip
            groups.append(run.pid)
            try:
                said, _ = run.communicate(timeout=SLOW_SECONDS_MAX if slow else SECONDS_MAX)
            except subprocess.TimeoutExpired:
                _end([run.pid])
                raise
        if run.returncode != 0:  # what follows may rest on it
            return [f"line {block.line}: exit code {run.returncode}\n{said}"]
    return []


def copy_of_the_repository(folder: Path) -> Path:
    """The parts of the repository that documents speak of, to be written on freely."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def identify(path: Path) -> str:
    """The document's path from the root."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", documents(), ids=identify)
def test_the_code_of_a_document_runs(document: Path, tmp_path: Path, shared_data: Path) -> None:
    """Each block exits with 0, in order, in a fresh copy."""
    text = document.read_text(encoding="utf-8")
    folder = copy_of_the_repository(tmp_path)
    assert "" == "\n".join(run_document(text, folder, shared_data, slow=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    "document", [d for d in documents() if "<!-- slow -->" in d.read_text("utf-8")], ids=identify
)
def test_the_slow_code_of_a_document_runs(
    document: Path, tmp_path: Path, shared_data: Path
) -> None:
    """The same, with the blocks that take long."""
    text = document.read_text(encoding="utf-8")
    folder = copy_of_the_repository(tmp_path)
    assert "" == "\n".join(run_document(text, folder, shared_data, slow=True))


@pytest.mark.parametrize("document", documents(), ids=identify)
def test_a_document_shows_only_targets_and_data_that_there_are(document: Path) -> None:
    """``make`` commands name targets of the Makefile; TOML and JSON blocks parse."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for block in blocks(document.read_text(encoding="utf-8")):
        if block.language in SHELLS:
            assert set() == set(make_targets(block)) - targets
        elif block.language == "toml":
            tomllib.loads(block.code)
        elif block.language == "json":
            json.loads(block.code)


def test_a_failing_block_is_reported_and_ends_its_document(tmp_path: Path) -> None:
    """The line, the exit code and the output are told; what comes after does not run."""
    text = "```sh\necho so far; false; echo never\n```\n\n```python\nopen('x', 'w')\n```\n"
    assert ["line 2: exit code 1\nso far\n"] == run_document(text, tmp_path, tmp_path, slow=False)
    assert not (tmp_path / "x").exists()


def test_what_a_failing_document_left_running_is_ended(tmp_path: Path) -> None:
    """A service that an early block started does not outlive a later block's failure."""
    started = "```sh\nsleep 600 > out.txt 2> out.txt &\necho $! > pid.txt\n```\n"
    assert [] == run_document(started, tmp_path, tmp_path, slow=False)
    kept = int((tmp_path / "pid.txt").read_text())
    os.kill(kept, 0)
    assert 1 == len(run_document(started + "```sh\nfalse\n```\n", tmp_path, tmp_path, slow=False))
    ended = int((tmp_path / "pid.txt").read_text())
    os.kill(kept, signal.SIGKILL)
    for _ in range(100):
        state = Path(f"/proc/{ended}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {ended} still runs")


def test_blocks_share_their_folder_and_know_the_data(tmp_path: Path) -> None:
    """A console block's printed lines are not run; slow ones wait; arasha is on the path."""
    text = (
        "```console\n$ echo $ARASHA_DATA > where\nfalse\n$ make nonsense\n```\n"
        "<!-- slow -->\n```sh\nfalse\n```\n"
        "1. In a list:\n\n   ```python\n   import arasha\n   assert open('where').read()\n   ```\n"
        "```text\nnot run\n```\n"
    ).replace("open('where').read()", "__import__('pathlib').Path('where').read_text()")
    assert [] == run_document(text, tmp_path, tmp_path, slow=False)
    assert f"{tmp_path}\n" == (tmp_path / "where").read_text()
    assert 1 == len(run_document(text, tmp_path, tmp_path, slow=True))
    assert ["nonsense"] == list(make_targets(blocks(text)[0]))


# --- names ----------------------------------------------------------------------------------------

CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
DOTTED = re.compile(r"arasha(\.\w+)+(\(\))?")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*(\.(py|md|toml|txt|sh|in)|/)")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")


def unresolved(text: str, folder: Path) -> list[str]:
    """Names in backticks, and links, that lead nowhere.

    ``arasha.room.module.name`` must import; a path with a known ending, or ending in ``/``, must
    be in the repository: from the root, in ``src/arasha`` or beside the document.
    """
    prose = BLOCK.sub("", text)
    lost = []
    for name in CODE.findall(prose):
        if DOTTED.fullmatch(name):
            if not _imports(name.removesuffix("()")):
                lost.append(name)
        elif PATH.fullmatch(name) and not any(
            (place / name).exists() for place in (ROOT, ROOT / "src" / "arasha", folder)
        ):
            lost.append(name)
    return lost + [link for link, _ in LINK.findall(prose) if not (folder / link).exists()]


def _imports(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


@pytest.mark.parametrize("document", documents(), ids=identify)
def test_the_names_in_a_document_resolve(document: Path) -> None:
    """A document that names a function, a file or a page that is gone is wrong."""
    text = document.read_text(encoding="utf-8")
    assert [] == unresolved(text, document.parent)


def test_the_index_leads_to_every_page() -> None:
    """A page of ``docs/`` that its index does not link is not found by anybody."""
    docs = ROOT / "docs"
    linked = {link for link, _ in LINK.findall((docs / "index.md").read_text("utf-8"))}
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert set() == pages - linked - {"index.md"}


def test_a_lost_name_is_found() -> None:
    """Modules, attributes, paths and links that are not there are all reported."""
    text = (
        "`arasha.errors.LogBusy` `arasha.errors.Gone` `arasha.gone` `events/schema.py` "
        "`events/gone.py` `src/arasha/` `--json` [a](docs/) [b](docs/gone.md) "
        "[c](https://example.org)"
    )
    expected = ["arasha.errors.Gone", "arasha.gone", "events/gone.py", "docs/gone.md"]
    assert expected == unresolved(text, ROOT)


# --- words ----------------------------------------------------------------------------------------

ENTRY = re.compile(r"^\*\*(.+?)\*\*", re.MULTILINE)
HOUSE_WORDS = {
    "payment", "payer", "payee", "account", "number", "device", "party", "participant", "event",
    "entry", "feature", "window", "aggregator", "rule", "score", "policy", "decision", "reason",
    "alert", "case", "hold", "release", "recall", "return", "report", "label", "appeal", "ruling",
    "reveal", "checkpoint", "replay", "backtest", "telemetry", "log", "token", "action", "fact",
    "outcome", "warning", "signal",
}  # fmt: skip


def glossary() -> list[str]:
    """The words that the glossary explains, in its order."""
    return ENTRY.findall((ROOT / "docs" / "glossary.md").read_text("utf-8"))


def test_the_glossary_explains_each_word_once_in_order() -> None:
    """All words of the house are there, sorted, none twice."""
    words = glossary()
    assert sorted(set(words), key=str.lower) == words
    assert set() == HOUSE_WORDS - set(words)


def test_the_glossary_knows_every_kind_of_fact() -> None:
    """A fact that the schema has is a word that the glossary has, under the schema's name."""
    from arasha.events.schema import FACTS

    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    assert [] == [fact.record for fact in FACTS.values() if f"`{fact.record}`" not in text]
