"""What all tests share: the root of the repository, data, and how hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from small_data import write_small_data

ROOT = Path(__file__).resolve().parent.parent

if TYPE_CHECKING:
    from model_samples import Learnt

# No deadline: the first example of a test may compile a kernel.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the data sets: ARASHA_DATA, ../shared/data, or small ones made on the spot.

    Files and columns have the same names in all three; only the number of rows differs.
    """
    for place in (os.environ.get("ARASHA_DATA"), ROOT.parent / "shared" / "data"):
        if place and Path(place).is_dir():
            return Path(place).resolve()
    return write_small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of small data sets, whatever else there is: for tests that must be quick."""
    return write_small_data(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def small_model(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    """A small policy and what it learnt from the small handbook."""
    from model_samples import learnt

    return learnt(small_data, tmp_path_factory.mktemp("model"))
