from __future__ import annotations

import ast
from pathlib import Path

import polars as pl
import pytest

import arasha
from arasha.country.files import EVENTS_FOLDER, CountryFiles
from arasha.country.loop import Life
from arasha.country.truth import TRUTH_FOLDER
from country_lives import life_of

ROOMS_THAT_MAY = {"country", "reports"}
WRITES_IT = Path("app/commands_country.py")  # names the folder to the person who made it


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Life, Path, pl.DataFrame, pl.DataFrame]:
    """A country, its folder, its events and its truth."""
    out, life = tmp_path_factory.mktemp("country"), life_of()
    with CountryFiles(out, life, {}) as files:
        for happened in life.slices(3):
            files.write(happened)
    tables = [
        pl.concat([pl.read_parquet(file) for file in sorted((out / folder).glob("2026*"))])
        for folder in (EVENTS_FOLDER, TRUTH_FOLDER)
    ]
    return life, out, tables[0], tables[1]


def test_truth_names_facts_of_plays(
    told: tuple[Life, Path, pl.DataFrame, pl.DataFrame],
) -> None:
    """Each row is a fact of the events, with the play it belongs to."""
    life, _, events, truth = told
    both = truth.join(events, on=("fact", "id"), how="inner")
    assert len(truth) == len(both)
    assert 0 < len(truth) < len(events)
    names = [life.casts[play].cast.name for play in truth["play"].to_list()]
    assert names == truth["name"].to_list()
    stories = {cast.cast.name for cast in life.casts if cast.is_fraud}
    kinds = ["story" if name in stories else "lookalike" for name in names]
    assert kinds == truth["kind"].to_list()


def test_victims_are_those_whose_money_is_stolen(
    told: tuple[Life, Path, pl.DataFrame, pl.DataFrame],
) -> None:
    """A victim is named for payments that are fraud and for nothing else, never a look-alike."""
    _, _, _, truth = told
    stolen = truth.filter((pl.col("fact") == "payment") & pl.col("fraud"))
    assert len(stolen) > 3
    assert 0 == stolen["victim"].null_count()
    assert len(stolen) == len(truth) - truth["victim"].null_count()
    assert not truth.filter(pl.col("kind") == "lookalike")["fraud"].any()
    assert not truth.filter(pl.col("kind") == "lookalike")["laundering"].any()


def test_mules_are_the_accounts_stolen_money_comes_to(
    told: tuple[Life, Path, pl.DataFrame, pl.DataFrame],
) -> None:
    """The table of mules has every account from which money is laundered."""
    _, out, events, truth = told
    mules = pl.read_parquet(out / TRUTH_FOLDER / "mules.parquet")
    laundered = truth.filter(pl.col("laundering") & (pl.col("fact") == "payment"))
    payers = laundered.join(events, on=("fact", "id"))["payer_account"].unique()
    assert len(payers) > 0
    assert set(payers.to_list()) <= set(mules["account"].to_list())
    assert (mules["since"] < mules["until"]).all()


def strings_and_imports(path: Path) -> set[str]:
    """Every text and every imported module of a source file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_no_other_room_reads_the_truth() -> None:
    """Only country and reports name the folder of the truth, or the module that writes it."""
    package = Path(arasha.__file__).parent
    assert "truth" in strings_and_imports(package / "country" / "truth.py")
    for path in package.rglob("*.py"):
        inside = path.relative_to(package)
        if inside.parts[0] in ROOMS_THAT_MAY or inside == WRITES_IT:
            continue
        found = strings_and_imports(path)
        assert "arasha.country.truth" not in found, inside
        assert "mules.parquet" not in found, inside
