"""A manifest and its sums: by them a backup is known to be whole."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from arasha.errors import LogDamaged, LogVersionError, UsageError
from arasha.keeping import manifest
from arasha.keeping.files import hash_of
from arasha.keeping.manifest import BACKUP_VERSION, Manifest, Part


def nothing(_bytes: int) -> None:
    """No bar."""


def written(folder: Path, version: int = BACKUP_VERSION) -> Manifest:
    """A manifest of two files."""
    parts = []
    for name, content in (("a.bin", b"aaa"), ("b.bin", b"bb")):
        (folder / name).write_bytes(content)
        parts.append(Part(name, len(content), hash_of(folder / name, nothing)))
    made = Manifest(version, "ab", 9, "cd", 5, 7, 3, None, tuple(parts))
    manifest.write(folder, made)
    return made


def test_it_comes_back_and_tells_what_was_read(tmp_path: Path) -> None:
    """The bytes of the parts, for a bar."""
    told: list[int] = []
    made = written(tmp_path)
    assert made == manifest.checked(tmp_path, told.append)
    assert 5 == made.bytes == sum(told)


def test_others_can_check_it_too(tmp_path: Path) -> None:
    """By sha256sum, without Arasha."""
    written(tmp_path)
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert 0 == subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode


def test_a_missing_a_changed_and_a_foreign_file_are_named(tmp_path: Path) -> None:
    """And a list of hashes that is none."""
    written(tmp_path)
    (tmp_path / "c").touch()
    _refused(tmp_path, "c", "does not belong")
    (tmp_path / "c").unlink()
    (tmp_path / "a.bin").write_bytes(b"aab")
    _refused(tmp_path, "a.bin", "its hash is another")
    (tmp_path / "a.bin").unlink()
    _refused(tmp_path, "a.bin", "missing")
    (tmp_path / "a.bin").write_bytes(b"aaa")
    sums = tmp_path / "SHA256SUMS"
    text = sums.read_text()
    for wrong in (
        text + " ",
        text.replace("  ", " "),
        text.upper(),
        "\n".join(text.split("\n")[1:]),
    ):
        sums.write_text(wrong)
        with pytest.raises(LogDamaged):
            manifest.checked(tmp_path, nothing)
    sums.unlink()
    with pytest.raises(UsageError, match="there is no backup here"):
        manifest.checked(tmp_path, nothing)


def _refused(folder: Path, name: str, why: str) -> None:
    with pytest.raises(LogDamaged) as fault:
        manifest.checked(folder, nothing)
    assert str(folder / name) == fault.value.where.file
    assert why in str(fault.value.found)


def test_another_version_is_refused(tmp_path: Path) -> None:
    """It is said to be that, and not damaged."""
    written(tmp_path, version=2)
    assert 2 == json.loads((tmp_path / "manifest.json").read_text())["version"]
    with pytest.raises(LogVersionError, match="another version"):
        manifest.checked(tmp_path, nothing)
