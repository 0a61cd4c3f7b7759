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
    from collections.abc import Callable, Iterator
    from typing import Any

    from playwright.sync_api import Browser

    from arasha.app.postgresql_server import Server
    from arasha.postgresql import Address
    from model_samples import Learnt
    from pages_samples import Staged

# No deadline: the first example of a test may compile a kernel.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A test marked ``axe`` has axe read the pages that its mark names (pages_routes.py)."""
    marks = list(pyfuncitem.iter_markers("axe"))
    if not marks:
        return (yield)
    from pages_routes import lacking
    from pages_samples import READ

    READ.clear()
    result = yield
    for mark in marks:
        missing = lacking(mark.args, every=mark.kwargs.get("every", True))
        assert [] == missing, "axe has not read what the test's mark names"
    return result


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; installed on Debian as root if it is missing. While it is there, an event
    loop runs in this thread: so it ends with the tests of its own file.
    """
    from pages_samples import browsing

    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """A service with people and cases in it, for everybody who looks at pages."""
    from pages_samples import staged

    with staged(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture(scope="session")
def money(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """A service with a record, its witness, and stolen money that is asked back."""
    from money_samples import money_centre

    with money_centre(tmp_path_factory.mktemp("money")) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A real PostgreSQL of this run, on a socket; installed on Debian as root if it is missing."""
    from arasha.app.postgresql_server import server

    with server() as running:
        yield running


@pytest.fixture
def database(postgresql: Server) -> Address:
    """An empty database of it."""
    return postgresql.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A directory for a centre that is kept in it and, again, for one kept in a database."""
    from exchange_samples import close_all

    place = tmp_path / "centre"
    if request.param == "postgresql":
        from arasha.postgresql import remember

        remember(place, request.getfixturevalue("database"))
    yield place
    close_all()


@pytest.fixture
def place(tmp_path: Path, database: Address) -> Path:
    """A directory whose centre is in an empty database."""
    from arasha.postgresql import remember

    remember(tmp_path / "a", database)
    return tmp_path / "a"


@pytest.fixture
def other(tmp_path: Path, database: Address) -> Path:
    """Another machine's directory of the same centre."""
    from arasha.postgresql import remember

    remember(tmp_path / "b", database)
    return tmp_path / "b"


@pytest.fixture
def sql(database: Address) -> Iterator[Callable[..., Any]]:
    """Says something to the database, beside us."""
    with database.connect("arasha tests", "arasha_log") as db:
        yield lambda query, *values: db.execute(query, values)
