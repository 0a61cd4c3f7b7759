"""Small files, policies and runs for the tests of the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.testing.generated import handbook_like

POLICY = Path(__file__).resolve().parent.parent / "policies" / "handbook.toml"

SECONDS_MAX = 300
"""A command on a small file that takes longer hangs; kernels may have to be compiled."""

SHARED_IDS = """\
bank,number,at,payer,payee,amount
ALPHAKZK,1,2026-03-01T10:00:00Z,a,b,1000
BETAKZKA,1,2026-03-01T11:00:00Z,c,d,2500
ALPHAKZK,2,2026-03-01T12:00:00Z,a,b,90000
BETAKZKA,3,2026-03-01T13:00:00Z,a,b,-5
"""
"""Two banks use the id 1; one row has a negative amount; nobody says what was fraud."""

MAPPING = """\
[mapping]
name = "two banks"
sender = { column = "bank" }
id = { column = "number" }
[fields]
happened_at = { column = "at", time = "iso" }
payer_account = { column = "payer" }
payee_account = { column = "payee" }
amount = { column = "amount" }
currency = { constant = "KZT" }
"""

PLAIN_POLICY = """\
[policy]
name = "plain"
judges = "payment"
utc_offset = "+05:00"
[thresholds]
hold = 500
[rules.large]
when = 'amount > "50000 KZT"'
points = 600
text.kk = "Сома үлкен: {amount}."
text.ru = "Сумма большая: {amount}."
text.en = "A large amount: {amount}."
"""


def handbook_file(folder: Path, *, days: int = 40) -> Path:
    """Some two thousand card payments for which the handbook's policy was written."""
    file = folder / "payments.parquet"
    handbook_like(7, 30, 60, days).write_parquet(file)
    return file


def two_banks(folder: Path) -> tuple[Path, Path, Path]:
    """The file SHARED_IDS, its mapping, and a policy that names none."""
    written = (folder / "two.csv", folder / "two.toml", folder / "plain.toml")
    for path, text in zip(written, (SHARED_IDS, MAPPING, PLAIN_POLICY), strict=True):
        path.write_text(text, encoding="utf-8")
    return written


def said(
    words: list[str | Path], capsys: pytest.CaptureFixture[str], *, code: Exit = Exit.OK
) -> Any:
    """What a command says as JSON, once its exit code is right."""
    assert code == main([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def printed(
    words: list[str | Path], capsys: pytest.CaptureFixture[str], *, code: Exit = Exit.OK
) -> str:
    """What a command prints for people, once its exit code is right."""
    assert code == main([*map(str, words)])
    return capsys.readouterr().out


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "arasha.app.main", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=SECONDS_MAX,
    )  # fmt: skip


def decisions(out: Path) -> list[bytes]:
    """The bytes of the decisions files, in order."""
    return [path.read_bytes() for path in sorted(out.glob("decisions-*.parquet"))]


def transfers_of_two_banks() -> pl.DataFrame:
    """Transfers of 20 accounts at two banks over 150 days, one in ten of them laundering."""
    chance, n = np.random.default_rng(1), 3000
    return pl.DataFrame(
        {
            "step": np.sort(chance.integers(0, 150, n)), "src": chance.integers(0, 20, n),
            "dst": chance.integers(0, 20, n), "amount": chance.integers(1, 900, n) / 4,
            "src_bank": ["a", "b"] * (n // 2), "dst_bank": ["b", "b", "a", "a"] * (n // 4),
            "is_laundering": (chance.random(n) < 0.1).astype(np.int8),
        }
    )  # fmt: skip
