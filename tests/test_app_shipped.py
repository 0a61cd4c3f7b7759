from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from arasha.app import shipped
from arasha.cases.law_document import load_law
from arasha.errors import UsageError
from arasha.policy import document

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "policies" / "instant-payments.toml"


def test_the_default_policy_is_the_repositorys_and_has_its_model() -> None:
    """In a checkout it is the file that everybody reads."""
    assert shipped.default_policy() == SHIPPED
    model = document.load(shipped.default_policy()).model
    assert model is not None
    assert model.text


def test_where_it_was_left_out_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package cut short is a sentence with a way on."""
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    with pytest.raises(UsageError, match="--policy"):
        shipped.default_policy()
    with pytest.raises(UsageError, match="--law"):
        shipped.default_law()


def test_a_wheel_holds_the_policy_and_its_model(tmp_path: Path) -> None:
    """Built from the sources alone and unpacked, it finds the same policy, by hash, away from the
    repository.
    """
    source = tmp_path / "source"
    source.mkdir()
    for name in ("src", "policies", "law"):
        made = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=made)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *offline, "-w", tmp_path, source], check=True, capture_output=True
    )
    [wheel] = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    code = (
        "from arasha.app.shipped import default_law, default_policy\n"
        "from arasha.cases.law_document import load_law\n"
        "from arasha.policy.document import load\n"
        "print(default_policy(), load(default_policy()).hash, load_law(default_law()).hash)"
    )
    clean = {**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean, check=True, capture_output=True,
        text=True,
    ).stdout.split()  # fmt: skip
    place = tmp_path / "unpacked" / "arasha" / "policies" / "instant-payments.toml"
    law = load_law(ROOT / "law" / "kz.toml").hash
    assert [str(place), document.load(SHIPPED).hash, law] == said
