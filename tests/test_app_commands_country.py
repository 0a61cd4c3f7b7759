from __future__ import annotations

import json
from pathlib import Path

import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.country.parameters import load
from arasha.country.society import Society

SMALL: list[str | Path] = ["country", "--people", "300", "--days", "2"]


def files_of(out: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*")) if path.is_file()
    }  # fmt: skip


def refused(words: list[str | Path], capsys: pytest.CaptureFixture[str]) -> str:
    """The complaint of a command that is wrong usage."""
    assert Exit.USAGE == main([str(word) for word in words])
    return capsys.readouterr().err


def test_a_country_is_written_and_summed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two days of events and of truth, the page, country.json; the counts are on the screen."""
    out = tmp_path / "new"
    text = printed([*SMALL, "--out", out], capsys)
    days = [f"{folder}/2026-01-0{day}.parquet" for folder in ("events", "truth") for day in (5, 6)]
    expected = {*days, "truth/mules.parquet", "country.html", "country.json"}
    assert expected == set(files_of(out))
    about = json.loads((out / "country.json").read_text(encoding="utf-8"))
    assert (300, 2, 1) == (about["people"], about["days"], about["seed"])
    assert load("standard").hash == about["parameters"]["sha256"]
    total = sum(about["facts"].values())
    assert f"{total:,} facts in" in text
    assert f"{about['facts']['payment']:,}" in text
    assert about["parameters"]["sha256"][:16] in text


def test_json_says_the_same_as_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is one object: what country.json says, the thefts, and how fast it went."""
    told = said([*SMALL, "--seed", "9", "--out", tmp_path / "new"], capsys)
    about = json.loads((tmp_path / "new" / "country.json").read_text(encoding="utf-8"))
    assert about == {name: told[name] for name in about}
    assert {"stolen", "seconds", "facts_per_second", "out"} == set(told) - set(about)
    assert 9 == told["seed"]


def test_workers_change_no_file_and_seeds_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same arguments give the same bytes whatever the threads; another seed gives others."""
    options: dict[str, list[str]] = {
        "one": ["--workers", "1"], "three": ["--workers", "3"], "other": ["--seed", "2"],
        "shifted": ["--shifted"],
    }  # fmt: skip
    for name, words in options.items():
        said([*SMALL, "--out", tmp_path / name, *words], capsys)
    files = {name: files_of(tmp_path / name) for name in ("one", "three", "other", "shifted")}
    assert files["one"] == files["three"]
    events = "events/2026-01-06.parquet"
    assert 3 == len({files[name][events] for name in ("one", "other", "shifted")})


def test_a_shifted_country_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other set of parameters has another name and hash."""
    told = said([*SMALL, "--out", tmp_path / "new", "--shifted"], capsys)
    assert ("shifted", load("shifted").hash) == (
        told["parameters"]["set"], told["parameters"]["sha256"]
    )  # fmt: skip


def test_a_country_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory that holds a country is refused before anything is made."""
    said([*SMALL, "--out", tmp_path], capsys)
    before = files_of(tmp_path)
    assert "there is a country here already" in refused([*SMALL, "--out", tmp_path], capsys)
    assert before == files_of(tmp_path)


def test_where_nothing_can_be_written_nobody_is_born(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that cannot be made is found before a country is founded, however large."""
    (tmp_path / "file").write_text("not a folder\n", encoding="utf-8")

    def born(*_: object) -> Society:
        raise AssertionError

    monkeypatch.setattr(Society, "make", born)
    assert "Not a directory" in refused([*SMALL, "--out", tmp_path / "file"], capsys)


@pytest.mark.parametrize(
    "wrong",
    ["--people=0", "--people=99", "--days=0", "--seed=-1", f"--seed={2**64}", "--workers=0"],
)
def test_what_makes_no_country_is_refused(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody, no day, no thread or a seed of more than 64 bits (it would be another's country) is
    wrong usage, and leaves nothing behind.
    """
    said_so = refused(["country", "--out", tmp_path / "new", wrong], capsys)
    assert wrong.partition("=")[0] in said_so
    assert not (tmp_path / "new").exists()
