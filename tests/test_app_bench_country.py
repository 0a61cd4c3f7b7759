"""The benchmark of the country: its three figures from countries small enough for a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from arasha.app.bench.country import METRICS, CountrySizes, make, results_of


def test_a_tiny_country_gives_every_figure() -> None:
    """Each promise of METRICS once, in order; one thread and two wrote the same files."""
    found = results_of(CountrySizes(300, 1, 400, 1, 300, 1), make)
    assert METRICS == tuple(result.metric for result in found)
    speed, memory, differ = found
    assert (speed.beside["facts"] or 0) > 1_000
    assert 0 < (memory.value or 0) < 10_000
    assert (0.0, True) == (differ.value, differ.met)
    assert json.dumps([result.as_object() for result in found])


def test_what_was_made_is_digested_and_gone() -> None:
    """Every file of the country has its digest; the same country has the same."""
    one, same = make(200, 1, 1), make(200, 1, 2)
    assert one.digests == same.digests
    assert "country.json" in one.digests
    assert any(name.startswith("events/") for name in one.digests)
    assert one.bytes_written > 10_000


@pytest.mark.slow
def test_another_processor_writes_the_same_files(tmp_path: Path) -> None:
    """Code for a plain processor, without wide registers or fused multiplication, another order of
    hashes and other threads: every file is the same, byte for byte.
    """
    plain = {
        "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "PYTHONHASHSEED": "77",
        "NUMBA_CACHE_DIR": str(tmp_path), "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F",
    }  # fmt: skip
    program = (
        "import json; from arasha.app.bench.country import make; "
        "print(json.dumps(make(1000, 2, 3).digests))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **plain}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert make(1_000, 2, 1).digests == json.loads(run.stdout)
