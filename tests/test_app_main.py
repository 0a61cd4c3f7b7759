from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cyclopts import App

from arasha import __version__, errors
from arasha.app import main
from arasha.app.terminal import Exit

HELP_SECONDS_MAX = 0.5
GROUPS = {
    ("attachments",),
    ("exchange",),
    ("law",),
    (),
    ("log",),
    ("numbers",),
    ("outbox",),
    ("participant",),
    ("person",),
    ("policy",),
    ("vault",),
    ("witness",),
}
HEAVY = {"numpy", "numba", "polars", "pyarrow", "llvmlite", "cryptography"}


def commands(app: App = main.app, *above: str) -> Iterator[tuple[str, ...]]:
    """Every command and group of commands there is, as the words that call it."""
    yield above
    for name in app:
        if not name.startswith("-"):
            yield from commands(app[name], *above, name)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """A command ``fail`` that raises what the test says, in a copy of the application."""

    def install(error: BaseException) -> None:
        app = App(name="arasha", result_action="return_value", suppress_keyboard_interrupt=False)

        def fail(*, json: bool = False) -> None:
            raise error

        app.command(fail)
        monkeypatch.setattr(main, "app", app)

    return install


def processor_s() -> float:
    """Processor time of all processes that this one has waited for, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help_answers_at_once(words: tuple[str, ...]) -> None:
    """``--help`` of every command answers within half a second, having loaded nothing heavy."""
    program = (
        "import sys; from arasha.app.main import main; "
        "code = main(sys.argv[1:]); "
        f"print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    seconds = []
    for _ in range(3):
        before = processor_s()  # not the clock: the machine may be busy
        run = subprocess.run(
            [sys.executable, "-c", program, *words, "--help"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds.append(processor_s() - before)
        assert (0, "[]\n") == (run.returncode, run.stderr)
        assert " ".join(["Usage: arasha", *words]) in run.stdout
        if seconds[-1] < HELP_SECONDS_MAX:
            return
    assert min(seconds) < HELP_SECONDS_MAX


def options(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The long options that the help of a command names; FILE --file is an argument, not one."""
    assert main.main([*words, "--help"]) == Exit.OK
    shown = re.findall(r"(\b[A-Z]+ )?(?<![\w-])(--[a-z][a-z-]*)", capsys.readouterr().out)
    return {option for argument, option in shown if option != f"--{argument.strip().lower()}"}


def test_every_option_is_in_the_reference(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/reference/command-line.md has a section for each command, with each of its options."""
    text = (root / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    heads = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    sections = {section.partition("\n")[0]: section for section in heads}
    for words in commands():
        name = " ".join(["arasha", *words])
        found = options(words, capsys) - {"--help", "--version"}
        if words in GROUPS:
            assert set() == found
            continue
        assert name in sections
        assert set() == found - set(re.findall(r"--[a-z][a-z-]*", sections[name])), name
    documented = {tuple(name.split()[1:]) for name in sections if name.startswith("arasha ")}
    assert documented == set(commands()) - GROUPS


def test_every_command_has_a_line_of_help() -> None:
    """A command that the list shows without a word about it does not exist for people."""
    for words in commands():
        command = main.app
        for word in words:
            command = command[word]
        assert command.help, words


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("no"), Exit.USAGE),
        (errors.InputError("no"), Exit.USAGE),
        (errors.MappingError("no"), Exit.USAGE),
        (errors.PolicyError("no"), Exit.USAGE),
        (FileNotFoundError(2, "No such file", "payments.csv"), Exit.USAGE),
        (errors.LogDamaged("no"), Exit.FINDINGS),
        (errors.LogBusy("no"), Exit.FAULT),
        (errors.LogFull("no"), Exit.FAULT),
        (errors.LogVersionError("no"), Exit.FAULT),
        (errors.KeyDestroyed("no"), Exit.FAULT),
        (errors.StateFull("no"), Exit.FAULT),
        (OSError(28, "No space left on device"), Exit.FAULT),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_expected_error_is_a_sentence_and_an_exit_code(
    error: BaseException,
    code: Exit,
    failing: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No traceback, nothing on standard output; with ``--json`` one object and nothing else."""
    failing(error)
    assert code == main.main(["fail"])
    out, err = capsys.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err

    assert code == main.main(["fail", "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    assert {"kind", "what"} <= json.loads(out)["error"].keys()


def test_an_unexpected_error_shows_where_it_happened(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of our own keeps its traceback and has an exit code that no finding has."""
    failing(ZeroDivisionError("division by zero"))
    assert main.main(["fail", "--json"]) == Exit.INTERNAL
    out, err = capsys.readouterr()
    assert "Traceback" in err
    assert json.loads(out)["error"]["kind"] == "InternalFault"


def test_an_interruption_says_how_to_go_on(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The notes that a command leaves on the interruption reach the person."""
    interruption = KeyboardInterrupt()
    interruption.add_note("Go on with --resume.")
    failing(interruption)
    assert main.main(["fail"]) == Exit.INTERRUPTED
    assert "Go on with --resume." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["nosuch"], ["--nosuch"]])
def test_words_that_make_no_sense_are_wrong_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown command or option is named, with a hint, on standard error."""
    assert main.main(words) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "nosuch" in err
    assert "--help" in err


def test_output_that_nobody_reads_is_no_error() -> None:
    """``arasha … | head`` ends quietly when head has seen enough."""
    program = (
        "import sys; from arasha.app import main; "
        "main.app.command(lambda: print('x' * 10_000_000), name='flood'); "
        "sys.exit(main.main(['flood']))"
    )
    run = subprocess.run(
        f"{sys.executable} -c \"{program}\" | head -c 1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("x141\n", "") == (run.stdout, run.stderr)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """``arasha --version`` says what ``arasha.__version__`` says."""
    assert main.main(["--version"]) == Exit.OK
    assert f"{__version__}\n" == capsys.readouterr().out
