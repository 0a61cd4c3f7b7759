"""The script of a pack: it needs nothing but Python, and a changed byte anywhere is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from arasha.reports import evidence_verifier
from arasha.reports.evidence_verifier import (
    CASE,
    PROOFS,
    SUMS,
    Fault,
    checked,
    content_of,
    ed25519_holds,
    statement_of,
    sums_of,
)
from evidence_samples import centre, packed
from record_samples import LOG_KEYS

STEP = 211
"""Every so manieth byte of each file is changed; a prime, so that it falls on all sorts."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A pack, and the log's keys."""
    folder = tmp_path_factory.mktemp("evidence")
    keys = packed(centre(folder / "centre"), folder / "pack")
    return folder / "pack", keys


def test_it_checks_itself_with_python_alone(pack: tuple[Path, str], tmp_path: Path) -> None:
    """In isolation, as a court would; with a key from elsewhere or with its own, which it says."""
    out, keys = pack
    (tmp_path / "keys").write_text(keys)
    command = [sys.executable, "-I", "-S", str(out / "verify.py")]
    run = subprocess.run([*command, "--keys", str(tmp_path / "keys")], capture_output=True,
                         text=True, check=False)  # fmt: skip
    assert (0, "") == (run.returncode, run.stderr)
    assert "signed by a key that you trust" in run.stdout
    assert "bolat took case c1 out" in run.stdout
    own = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "compare it with the one that the centre publishes" in own.stdout
    assert 2 == subprocess.run([*command, "x"], capture_output=True, check=False).returncode
    imported = {line.split()[1] for line in (out / "verify.py").read_text().splitlines()
                if line.startswith(("import ", "from "))}  # fmt: skip
    assert imported <= {*sys.stdlib_module_names, "__future__"}


@pytest.mark.parametrize("name", ["struct", "json", "base64", "pathlib"])
def test_a_module_in_the_pack_is_not_imported(
    pack: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    """Whoever forges a pack could give a file a name of Python's, and say that all holds."""
    forged = tmp_path / "pack"
    shutil.copytree(pack[0], forged)
    says_so = (
        "import os, sys\nsys.stdout.write('All of it holds.')\nsys.stdout.flush()\nos._exit(0)\n"
    )
    (forged / name).mkdir()
    (forged / name / "__init__.py").write_text(says_so)
    run = subprocess.run([sys.executable, str(forged / "verify.py")], capture_output=True,
                         text=True, check=False)  # fmt: skip
    assert (1, "") == (run.returncode, run.stderr)
    assert f"NOT PROVEN: there is something in the pack that is no file of it: {name}" in run.stdout


def test_only_plain_files_are_a_pack(pack: tuple[Path, str], tmp_path: Path) -> None:
    """A directory, a link even to the same bytes, a file that is not listed: none is overlooked."""

    def linked(out: Path) -> None:
        (out / "case.json").rename(tmp_path / "case.json")
        (out / "case.json").symlink_to(tmp_path / "case.json")

    wrongs: list[Callable[[Path], object]] = [
        linked,
        lambda out: (out / "more").mkdir(),
        lambda out: (out / "struct.py").write_text(""),
        lambda out: os.mkfifo(out / "pipe"),
    ]
    for at, wrong in enumerate(wrongs):
        out = tmp_path / str(at)
        shutil.copytree(pack[0], out)
        assert checked(out, pack[1])
        wrong(out)
        with pytest.raises(Fault, match=r"no file of it|added or removed"):
            checked(out, pack[1])


def test_a_changed_byte_anywhere_is_found(pack: tuple[Path, str], tmp_path: Path) -> None:
    """In the page, the case, the proofs, the script and the sums; and a byte too many or few."""
    out, keys = pack
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    there = tmp_path / "pack"
    there.mkdir()
    for name, data in files.items():
        (there / name).write_bytes(data)
    assert checked(there, keys)
    tried = 0
    for name, data in files.items():
        step = 1 if name == SUMS else STEP
        changed = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
                   for at in range(0, len(data), step)]  # fmt: skip
        for other in (*changed, data[:-1], data + b"\n"):
            (there / name).write_bytes(other)
            with pytest.raises(Fault):
                checked(there, keys)
            tried += 1
        (there / name).write_bytes(data)
    assert tried > 600
    (there / "more.txt").write_text("more")
    with pytest.raises(Fault, match="added"):
        checked(there, keys)


Change = Callable[[dict[str, Any], dict[str, Any]], None]


def _other_act(case: dict[str, Any], _: dict[str, Any]) -> None:
    case["entries"][5]["act"] = case["entries"][5]["act"].replace("60000", "90000")


def _other_time(case: dict[str, Any], _: dict[str, Any]) -> None:
    case["entries"][5]["known_at_ms"] += 1


def _longer(case: dict[str, Any], _: dict[str, Any]) -> None:
    case["entries"][5]["act"] += " "


def _left_out(case: dict[str, Any], proofs: dict[str, Any]) -> None:
    del case["entries"][5]
    del proofs["entries"][5]


def _moved(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    first, second = proofs["entries"][5], proofs["entries"][6]
    first["seq"], second["seq"] = second["seq"], first["seq"]


def _other_proof(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["entries"][5]["proof"] = proofs["entries"][6]["proof"]


def _other_size(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["note"] = proofs["note"].replace("\n16\n", "\n17\n")


def _other_author(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["statement"] = proofs["statement"].replace('"bolat"', '"dana"')


def _unsigned(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["note"] = proofs["note"].partition("\n\n")[0] + "\n\n"


def _other_packed(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["packed"] = 3


def _no_entries(_: dict[str, Any], proofs: dict[str, Any]) -> None:
    proofs["entries"] = 5


CHANGES = (
    _other_act, _other_time, _longer, _left_out, _moved, _other_proof, _other_size, _other_author,
    _unsigned, _other_packed, _no_entries,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_makes_all_hashes_anew_is_found_too(
    pack: tuple[Path, str], tmp_path: Path, change: Change
) -> None:
    """What was changed with care, sums and contents made again: the log's key signed another."""
    out, keys = pack
    files = {path.name: path.read_bytes() for path in out.iterdir() if path.name != SUMS}
    case, proofs = json.loads(files[CASE]), json.loads(files[PROOFS])
    change(case, proofs)
    files[CASE] = json.dumps(case).encode()
    told = json.loads(proofs["statement"].partition("\n\n")[0].partition("\n")[2])
    told["content"] = content_of(files)
    _, gap, signatures = proofs["statement"].partition("\n\n")
    proofs["statement"] = statement_of(told)[:-1] + gap + signatures
    files[PROOFS] = json.dumps(proofs).encode()
    there = tmp_path / "pack"
    there.mkdir()
    for name, data in {**files, SUMS: sums_of(files).encode()}.items():
        (there / name).write_bytes(data)
    with pytest.raises(Fault):
        checked(there, keys)


def test_anothers_key_is_not_the_logs(pack: tuple[Path, str]) -> None:
    """Of the same name, or of none."""
    out, _ = pack
    for keys in ("".join(f"{one.verifier.text}\n" for one in LOG_KEYS), "", "nothing"):
        with pytest.raises(Fault, match="key"):
            checked(out, keys)


def test_what_is_no_pack_says_so(tmp_path: Path) -> None:
    """A directory with something else in it."""
    with pytest.raises(Fault, match="no pack"):
        checked(tmp_path)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_ed25519_is_what_the_library_says(secret: bytes, message: bytes, bit: int) -> None:
    """Signatures hold; with any bit changed they do not; nor for another message or key."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert ed25519_holds(public, message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not ed25519_holds(public, message, bytes(changed))
    assert not ed25519_holds(public, message + b"x", signature)
    assert not ed25519_holds(bytes(32), message, signature[:-1])


RFC_8032 = """
d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
-
e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac
c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b

3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
72
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e
458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
"""
"""Public key, message and signature of its tests 1 and 2 (section 7.1)."""


@pytest.mark.parametrize("example", RFC_8032.strip().split("\n\n"))
def test_ed25519_is_the_standards(example: str) -> None:
    """The examples of RFC 8032; a scalar that is not reduced is refused."""
    public, message, *signature = example.split("\n")
    key, text = bytes.fromhex(public), bytes.fromhex(message.strip("-"))
    good = bytes.fromhex("".join(signature))
    assert ed25519_holds(key, text, good)
    order = 2**252 + 27742317777372353535851937790883648493
    larger = (int.from_bytes(good[32:], "little") + order).to_bytes(32, "little")
    assert not ed25519_holds(key, text, good[:32] + larger)
    assert not ed25519_holds(b"\xff" * 32, text, good)


def test_the_script_is_copied_as_it_is(pack: tuple[Path, str]) -> None:
    """What is tested here is what lies in the pack."""
    assert Path(evidence_verifier.__file__).read_bytes() == (pack[0] / "verify.py").read_bytes()
