from __future__ import annotations

import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
LOCKS = ("build", "run", "dev")


def pins(root: Path, lock: str) -> dict[str, str]:
    """Name and version of everything that a lock file pins."""
    text = (root / "requirements" / f"{lock}.txt").read_text("utf-8")
    return {_canonical(name): version for name, version in PIN.findall(text)}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(root: Path, lock: str) -> None:
    """A lock pins exact versions with hashes, and names no place to get them from."""
    text = (root / "requirements" / f"{lock}.txt").read_text("utf-8")
    entries = re.split(
        r"^(?=[A-Za-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE
    )
    unhashed = [entry for entry in entries if entry.strip() and "--hash=sha256:" not in entry]
    assert [] == unhashed
    assert "://" not in text


def test_the_locks_agree_with_each_other_and_with_the_package(root: Path) -> None:
    """What runs is what is tested; whatever the package asks for is locked."""
    run, dev, build = (pins(root, lock) for lock in ("run", "dev", "build"))
    assert run.items() <= dev.items()
    assert {} == {name: dev[name] for name in build if name in dev and dev[name] != build[name]}
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {_canonical(re.split(r"[><=~! \[]", d, maxsplit=1)[0]) for d in project["dependencies"]}
    assert set() == asked - run.keys()


def test_every_rule_that_is_off_says_why(root: Path) -> None:
    """In pyproject.toml each ignored rule has a comment."""
    text = (root / "pyproject.toml").read_text("utf-8")
    rules = re.findall(r'^ +"[A-Z]+\d+",.*$', text, re.MULTILINE)
    assert len(rules) > 10
    assert [] == [rule for rule in rules if "# " not in rule]


@pytest.mark.parametrize("script", [".ci/run", "requirements/setup.sh", "requirements/lock.sh"])
def test_scripts_are_whole(root: Path, script: str) -> None:
    """They parse, may be executed, and stop at the first error."""
    path = root / script
    subprocess.run(["bash", "-n", path], check=True)
    assert path.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in path.read_text("utf-8")


@pytest.mark.parametrize("want", ["run", "dev"])
def test_setup_does_nothing_where_all_is_set_up(root: Path, want: str, tmp_path: Path) -> None:
    """With the stamp of the present locks, setup neither looks for a Python nor installs."""
    shutil.copytree(root / "requirements", tmp_path / "requirements")
    shutil.copy(root / "pyproject.toml", tmp_path)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text("#!/bin/sh\necho called >&2\nexit 1\n")
    python.chmod(0o755)
    stamp = subprocess.run(
        f"cat requirements/{want}.txt requirements/build.txt requirements/setup.sh pyproject.toml"
        " | cksum; pwd",
        shell=True, cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (venv / f".installed-{want}").write_text(stamp)
    run = subprocess.run(
        ["bash", "requirements/setup.sh", want],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, "", "") == (run.returncode, run.stdout, run.stderr)
