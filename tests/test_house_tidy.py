"""Rules of the house that no linter knows. Each is shown to fail on a planted fault.

A check takes one file (its path from the root, and its text) and returns what it finds. To except a
file from a rule, name it in the rule's exceptions with the reason.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

MAX_LINE_CHARS = 100
MAX_PROSE_LINE_CHARS = 120
MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 90

Findings = Iterator[str]


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the repository."""

    path: PurePosixPath
    text: str

    @property
    def is_python(self) -> bool:
        return self.path.suffix == ".py"

    @property
    def is_ours(self) -> bool:
        """Whether it is part of the package."""
        return self.is_python and self.path.parts[:2] == ("src", "arasha")

    @property
    def is_test(self) -> bool:
        return self.is_python and self.path.parts[0] == "tests"

    @property
    def room(self) -> str:
        """The room of a module of the package; of a module in none, its own name."""
        return PurePosixPath(self.path.parts[2]).stem if self.is_ours else ""

    def tree(self) -> ast.Module:
        return ast.parse(self.text)


# --- size -----------------------------------------------------------------------------------------


def long_lines(source: Source) -> Findings:
    """Scripts have at most 100 characters a line (ruff counts Python's), prose 120; tables and
    links any.
    """
    prose = source.path.suffix == ".md"
    sentences = source.path.parts[0] in {"policies", "mappings"}  # for people, in three languages
    parameters = source.path.parts[:4] == ("src", "arasha", "country", "tables")  # one a line
    sentences |= source.path.parts[:5] == ("src", "arasha", "app", "pages", "texts")
    if sentences or parameters or not (prose or source.path.suffix in {".sh", ".toml", ".in"}):
        return
    limit = MAX_PROSE_LINE_CHARS if prose else MAX_LINE_CHARS
    for number, line in enumerate(source.text.splitlines(), 1):
        if len(line) > limit and not (prose and (line.startswith("|") or "](" in line)):
            yield f"{number}: {len(line)} characters"


def long_files(source: Source) -> Findings:
    """A file of more than 800 lines is two files."""
    lines = len(source.text.splitlines())
    if source.is_python and lines > MAX_FILE_LINES:
        yield f"{lines} lines"


def long_functions(source: Source) -> Findings:
    """A function of more than 90 lines cannot be read at once."""
    if not source.is_python:
        return
    for node in ast.walk(source.tree()):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {lines} lines"


# --- determinism ----------------------------------------------------------------------------------

DETERMINISTIC_ROOMS = {
    "events", "log", "vault", "features", "flows", "policy", "engine", "cases", "exchange",
    "reports", "country", "testing",
}  # fmt: skip
CLOCKS = {
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.sleep",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today",
}  # fmt: skip
CHANCES = ("random.", "numpy.random.", "uuid.uuid", "secrets.", "os.urandom")
CLOCKED = {
    ("src/arasha/log/log.py", "create"): "stamps a new log when it is made; no entry depends on it",
}
KEY_ROOMS = {"log", "vault", "exchange"}  # keys are drawn, never replayed
DANGERS = {"eval", "exec", "os.system", "os.popen", "pickle.load", "pickle.loads", "hash"}


def banned_calls(source: Source) -> Findings:
    """Time and chance are inputs of the inner rooms; nothing runs text; ``hash`` of a text varies.

    The functions in ``CLOCKED`` may look at the clock. A generator with a seed,
    ``numpy.random.default_rng(seed)`` or ``random.Random(seed)``, may be made anywhere.
    """
    if not source.is_ours:
        return
    tree = source.tree()
    names = _imported_names(tree)
    clocked = _calls_that_may_look_at_the_clock(source, tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        call = _dotted(node.func, names)
        clock = source.room in DETERMINISTIC_ROOMS and call in CLOCKS and node not in clocked
        if call in DANGERS or clock:
            yield f"{node.lineno}: {call}"
        elif call == "print" and source.room != "app":
            yield f"{node.lineno}: print"
        elif source.room in DETERMINISTIC_ROOMS and call.startswith(CHANCES):
            seeded = call in {"numpy.random.default_rng", "random.Random"} and bool(node.args)
            key = source.room in KEY_ROOMS and call.startswith(("secrets.", "os.urandom"))
            if not (seeded or key):
                yield f"{node.lineno}: {call}"


def _calls_that_may_look_at_the_clock(source: Source, tree: ast.Module) -> set[ast.AST]:
    """What stands inside the functions excepted by ``CLOCKED``."""
    return {
        inner
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and (str(source.path), function.name) in CLOCKED
        for inner in ast.walk(function)
    }


def _imported_names(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for a in node.names:
                names[a.asname or a.name.split(".")[0]] = (
                    a.name if a.asname else a.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attribute):
            return f"{_dotted(value, names)}.{attribute}"
        case _:
            return "?"


# --- words ----------------------------------------------------------------------------------------

# Written apart, or this file would find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
BARE_IGNORE = re.compile(r"# type: ig" + r"nore(?!\[[\w, -]+\]  # \S)")
BARE_NOQA = re.compile(r"# no" + r"qa(?!: [A-Z]+\d+(, [A-Z]+\d+)*(  #| -|:) ?\S)")
FOREIGN = re.compile(
    r"pypi\.o" + r"rg|pythonhosted\.o" + r"rg|index-url[ =]ht" + r"tp|\.py" + r"env"
    r"|/ro" + r"ot/|/wo" + r"rk/|/op" + r"t/|/ho" + r"me/\w|/Us" + r"ers/\w"
)
ROOMS_OF_EVERYTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "core"}


def unfinished_work(source: Source) -> Findings:
    """What is not done is an issue, not a comment."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"{number}: {line.strip()}"


def bare_exceptions_from_lint(source: Source) -> Findings:
    """``# type: ignore[code]  # reason`` and ``# noqa: CODE - reason``, never without either."""
    if not source.is_python:
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        code = line.split("``")[0]  # not where a docstring speaks of them
        if BARE_IGNORE.search(code) or BARE_NOQA.search(code):
            yield f"{number}: {line.strip()}"


def foreign_names(source: Source) -> Findings:
    """No package host and no path of somebody's machine is named anywhere."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if FOREIGN.search(line):
            yield f"{number}: {line.strip()}"


def rooms_of_everything(source: Source) -> Findings:
    """A helper sits below its only caller or earns a noun."""
    for part in source.path.with_suffix("").parts:
        if source.is_python and part in ROOMS_OF_EVERYTHING:
            yield f"named {part}"


# --- docstrings -----------------------------------------------------------------------------------


def missing_docstrings(source: Source) -> Findings:
    """Every module, public class and public function of the package has a docstring; so has
    every test, which states the behaviour.
    """
    if not source.is_ours and not source.is_test:
        return
    tree = source.tree()
    if source.is_ours and tree.body and not ast.get_docstring(tree):
        yield "1: the module has no docstring"
    for name, node in _public(tree):
        wanted = source.is_ours or name.rpartition(".")[2].startswith("test_")
        if wanted and not ast.get_docstring(node):
            yield f"{node.lineno}: {name} has no docstring"


def _public(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_"):
                continue
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                        yield f"{node.name}.{method.name}", method


# --- the checks, each with a fault that it must find ----------------------------------------------

Check = Callable[[Source], Findings]

CHECKS: dict[Check, list[tuple[str, str]]] = {
    long_lines: [
        ("requirements/x.sh", "#" * 101),
        ("docs/x.md", "w" * 121),
    ],
    long_files: [("tests/x.py", "pass\n" * 801)],
    long_functions: [("bench/x.py", "def f():\n" + "    pass\n" * 90)],
    banned_calls: [
        ("src/arasha/engine/x.py", "from time import time as now\nnow()"),
        ("src/arasha/log/log.py", "import time\ndef append():\n    time.time_ns()"),
        ("src/arasha/policy/x.py", "import datetime\ndatetime.datetime.now(tz)"),
        ("src/arasha/features/x.py", "import numpy as np\nnp.random.default_rng()"),
        ("src/arasha/features/x.py", "import random\nrandom.random()"),
        ("src/arasha/features/x.py", "import secrets\nsecrets.token_bytes(16)"),
        ("src/arasha/app/x.py", "eval('1')"),
        ("src/arasha/log/x.py", "print(1)"),
        ("src/arasha/errors.py", "hash('text')"),
    ],
    unfinished_work: [("Makefile", "# TO" + "DO: later")],
    bare_exceptions_from_lint: [
        ("tests/x.py", "x = 1  # type: ign" + "ore"),
        ("tests/x.py", "x = 1  # type: ign" + "ore[assignment]"),
        ("tests/x.py", "x = 1  # no" + "qa"),
        ("tests/x.py", "x = 1  # no" + "qa: E501"),
    ],
    foreign_names: [
        ("requirements/x.txt", "--index" + "-url https://example.org"),
        ("docs/x.md", "see /ro" + "ot/notes"),
    ],
    rooms_of_everything: [("src/arasha/utils/x.py", ""), ("src/arasha/log/helpers.py", "")],
    missing_docstrings: [
        ("src/arasha/log/x.py", "x = 1"),
        ("src/arasha/log/x.py", '"""M."""\ndef f(): ...'),
        ("src/arasha/log/x.py", '"""M."""\nclass A:\n    """A."""\n    def f(self): ...'),
        ("tests/test_x.py", "def test_x(): ..."),
    ],
}

TIDY = [
    ("src/arasha/log/x.py", '"""M."""\nimport secrets\nsecrets.token_bytes(32)'),
    ("src/arasha/testing/x.py", '"""M."""\nimport numpy as np\nnp.random.default_rng(seed)'),
    ("src/arasha/engine/x.py", '"""M."""\nimport time\ntime.perf_counter()'),
    (
        "src/arasha/log/log.py",
        '"""M."""\nimport time\ndef create():\n    """C."""\n    time.time_ns()',
    ),
    ("src/arasha/app/x.py", '"""M."""\nprint(1)\n_ = 1  # type: ign' + "ore[assignment]  # why"),
    ("src/arasha/app/x.py", '"""M."""\ndef _f(): ...\nx = 1  # no' + "qa: E501 - why"),
    ("src/arasha/log/__init__.py", ""),
    ("docs/x.md", "| " + "w" * 200 + " |"),
]


def test_the_house_is_tidy(root: Path) -> None:
    """No file of the repository breaks a rule of the house."""
    findings = [
        f"{source.path}:{finding}  ({check.__name__})"
        for source in sources(root)
        for check in CHECKS
        for finding in check(source)
    ]
    assert "" == "\n".join(findings)


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [(check, path, text) for check, faults in CHECKS.items() for path, text in faults],
)
def test_each_rule_finds_its_planted_fault(check: Check, path: str, text: str) -> None:
    """A check that cannot fail is a defect: each finds the fault made for it, and once."""
    assert 1 == len(list(check(Source(PurePosixPath(path), text))))


@pytest.mark.parametrize(("path", "text"), TIDY)
def test_no_rule_objects_to_what_is_allowed(path: str, text: str) -> None:
    """The exceptions that the rules name are exceptions."""
    source = Source(PurePosixPath(path), text)
    assert [] == [finding for check in CHECKS for finding in check(source)]


# --- tests mirror modules -------------------------------------------------------------------------

UNTESTED = {
    "app_options": "declares arguments; test_app_main.py asks for the help that they make",
    "events_kernels": "two decorators, under every test of a kernel",
    "cases_records": "frozen data; every test of the room makes and reads it",
    "reports_audit_records": "frozen data; every test of an audit reads it",
    "client_messages": "frozen data; the tests of the client and the service read and write them",
    "features_records": "the floor of the window kernel; every test of the state stands on it",
    "testing_naive_flows": "the oracle's definitions; test_features_walks.py works them by hand",
    "flows_bare": "three lines under every walk; without them nothing of flows/ runs",
    "features_expressions": "frozen data, not a line to run; tests of the language make them",
}
OTHER_TESTS = ("test_house_", "test_laws_", "test_docs", "test_tour", "test_policies")


def mirror_faults(modules: set[str], tests: set[str]) -> list[str]:
    """Modules ``room_module`` without a test of that name, and tests without a module.

    ``test_log_tree.py`` tests ``log/tree.py``; so does ``test_log_tree_faults.py``. A folder inside
    a room is one module: ``test_app_bench.py`` tests ``app/bench/``.
    """
    faults = [
        f"{module} has no tests/test_{module}.py"
        for module in sorted(modules - UNTESTED.keys())
        if not any(test == module or test.startswith(f"{module}_") for test in tests)
    ]
    faults += [
        f"tests/test_{test}.py tests no module"
        for test in sorted(tests)
        if not any(test == module or test.startswith(f"{module}_") for module in modules)
    ]
    return faults + [f"{m} is excepted, but not there" for m in sorted(UNTESTED.keys() - modules)]


def test_tests_mirror_modules(root: Path) -> None:
    """Each module has its tests where one looks for them, and no test outlives its module."""
    files = [source.path for source in sources(root) if source.is_python]
    modules = {
        "_".join(path.with_suffix("").parts[2:4])
        for path in files
        if path.parts[0] == "src" and path.name != "__init__.py"
    }
    tests = {
        path.stem.removeprefix("test_")
        for path in files
        if path.match("tests/test_*.py") and not path.name.startswith(OTHER_TESTS)
    }
    assert "" == "\n".join(mirror_faults(modules, tests))


def test_the_mirror_shows_both_kinds_of_fault() -> None:
    """A module without tests and tests without a module are both named."""
    modules = {"log_tree", "log_key", *UNTESTED}
    assert [] == mirror_faults(modules, {"log_tree", "log_key_faults"})
    assert ["log_key has no tests/test_log_key.py"] == mirror_faults(modules, {"log_tree"})
    assert ["tests/test_log_gone.py tests no module"] == mirror_faults(
        modules, {"log_tree", "log_key", "log_gone"}
    )


# --- which files ----------------------------------------------------------------------------------

WITHOUT_GIT = {".venv", ".git", "build", "dist", "out", "__pycache__"}


def sources(root: Path) -> list[Source]:
    """The text files that git keeps or would keep; without git, all but what is made here."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0:
        names = sorted(set(listing.stdout.splitlines()))
    else:
        names = [
            path.relative_to(root).as_posix()
            for path in sorted(root.rglob("*"))
            if not WITHOUT_GIT & set(path.relative_to(root).parts)
        ]
    found = []
    for name in names:
        path = root / name
        if not path.is_file() or name == "LICENSE":
            continue
        try:
            found.append(Source(PurePosixPath(name), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return found


def test_the_house_has_files(root: Path) -> None:
    """The checks above look at something."""
    paths = {str(source.path) for source in sources(root)}
    assert {"Makefile", ".ci/run", "src/arasha/errors.py", "tests/test_house_tidy.py"} <= paths
