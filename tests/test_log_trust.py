"""Whom somebody trusts, as C2SP tlog-policy writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import InputError
from arasha.log.checkpoint import Checkpoint
from arasha.log.signing import WITNESS_ALGORITHMS, opened, signed, signers
from arasha.log.trust import load_trust, read_trust
from record_samples import LOG_KEYS, ORIGIN, verifiers

HEAD = Checkpoint(ORIGIN, 3, bytes(32))
KEYS = {
    name: signers(f"{name}.example", WITNESS_ALGORITHMS, name[0].encode() * 32)
    for name in ("ombudsman", "bank", "court")
}
LINES = "\n".join(
    [f"log {one.verifier.text} https://centre.example/record/" for one in LOG_KEYS]
    + [
        f"witness {name}-{number} {one.verifier.text} https://{name}.example/"
        for name, keys in KEYS.items()
        for number, one in enumerate(keys)
    ]
)


@pytest.mark.parametrize(
    ("quorum", "cosigned", "enough"),
    [
        ("quorum none", "", True),
        ("quorum court-0", "", False),
        ("quorum court-0", "court", True),
        ("group g 2 ombudsman-0 bank-0 court-0\nquorum g", "court", False),
        ("group g 2 ombudsman-0 bank-0 court-0\nquorum g", "court bank", True),
        ("group a any bank-0 bank-1\ngroup g all a court-1\nquorum g", "bank", False),
        ("group a any bank-0 bank-1\ngroup g all a court-1\nquorum g", "court bank", True),
        ("", "", True),
    ],
)
def test_a_quorum_is_counted(quorum: str, cosigned: str, *, enough: bool) -> None:
    """Single witnesses, groups, groups of groups."""
    trust = read_trust(f"# ours\n{LINES}\n\n{quorum}\n")
    by = [key for name in cosigned.split() for key in KEYS[name]]
    note = signed(HEAD, [*LOG_KEYS, *by], 1)
    found = opened(note, trust.logs, trust.witness_keys)
    assert enough is trust.is_enough(found)


def test_each_place_is_asked_once() -> None:
    """The two keys of a witness stand behind one address."""
    trust = read_trust(LINES)
    urls = trust.witness_urls()
    assert {f"https://{name}.example" for name in KEYS} == urls.keys()
    assert verifiers(KEYS["bank"]) == urls["https://bank.example"]
    assert ("https://centre.example/record",) * 2 == trust.log_urls


def test_keys_alone_are_logs(tmp_path: Path) -> None:
    """What ``arasha log key`` prints can be given as it is."""
    path = tmp_path / "keys"
    path.write_text("".join(f"{one.text}\n" for one in verifiers(LOG_KEYS)))
    assert verifiers(LOG_KEYS) == load_trust(path).logs
    with pytest.raises(InputError, match="cannot be read"):
        load_trust(tmp_path / "none")


@pytest.mark.parametrize(
    "line",
    [
        "log", "log x", "witness w", "whoever", "group g 1", "group g 1 nobody", "quorum nobody",
        "group g 0 bank-0", "group g 3 bank-0 bank-1", "group bank-0 1 court-0", "quorum a b",
        "group g 1 bank-0 bank-0", "group none 1 bank-0", "group g many bank-0",
        f"witness again {KEYS['bank'][0].verifier.text}",
        f"witness other {LOG_KEYS[0].verifier.text}",
        f"log {KEYS['bank'][0].verifier.text}",
        "quorum none\nquorum none", "group g 1 bank-0\ngroup h 1 bank-0",
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_is_named(line: str) -> None:
    """By its number; nothing of the file counts then."""
    with pytest.raises(InputError) as caught:
        read_trust(f"{LINES}\n{line}\n", "trust")
    first = LINES.count("\n") + 2
    assert caught.value.where.file == "trust"
    assert caught.value.where.row in (first, first + 1)
