"""Drafts are files under the hash of what they compile to; nothing else is found by any name."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from arasha.app.http import drafts
from arasha.app.http.drafts import Drafts, Written
from arasha.reports.lookback import FORMAT, Figures, PolicyFigures

ONE, OTHER = "a" * 64, "b" * 64


def written(at_ms: int = 1, by: str = "kairat") -> Written:
    return Written("small", by, at_ms, 3, 1)


def figures(hits: int, *, of: int = FORMAT) -> Figures:
    now = PolicyFigures(
        "small", ONE, hits, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None, None, (), (), (), ()
    )
    return Figures(30, 0, 1, 0, False, 2, 3, 0, 0, 398, now, format=of)


def test_a_draft_is_kept_with_who_wrote_it(tmp_path: Path) -> None:
    """The latest first; another text of the same hash takes its place; nobody else reads it."""
    here = Drafts(tmp_path)
    assert [] == here.listed()
    here.keep(ONE, "one", written(1))
    here.keep(OTHER, "ÿ", written(2))
    here.keep(ONE, "one, with a comment", written(3, "leila"))
    assert [(ONE, "leila"), (OTHER, "kairat")] == [(d.hash, d.written.by) for d in here.listed()]
    found = here.one(ONE)
    assert found is not None
    assert "one, with a comment" == found[1]
    for path in (tmp_path / "drafts").iterdir():
        assert 0 == stat.S_IMODE(path.stat().st_mode) & 0o077


def test_what_was_found_stands_under_the_hash_and_goes_with_the_draft(tmp_path: Path) -> None:
    """The last time counts; of another version, or damaged, it is as if nobody had looked."""
    here = Drafts(tmp_path)
    here.keep(ONE, "one", written())
    assert here.figures(ONE) is None
    here.found(ONE, figures(5))
    here.found(ONE, figures(7))
    found = here.figures(ONE)
    assert found is not None
    assert 7 == found.now.hits
    here.found(OTHER, figures(1, of=FORMAT + 1))
    assert here.figures(OTHER) is None
    (tmp_path / "drafts" / f"{OTHER}.figures.json").write_text("{")
    assert here.figures(OTHER) is None
    here.drop(ONE)
    assert here.one(ONE) is None
    assert here.figures(ONE) is None


@pytest.mark.parametrize("name", ["", "x", "../secret", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_no_other_name_finds_anything(tmp_path: Path, name: str) -> None:
    """Whatever an address says."""
    (tmp_path / "secret.toml").write_text("x")
    here = Drafts(tmp_path)
    assert here.one(name) is None
    assert here.figures(name) is None


def test_drafts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one more the oldest goes, unless it is the one in the shadow."""
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    here = Drafts(tmp_path)
    for number, name in enumerate((ONE, OTHER, "c" * 64)):
        here.keep(name, "text", written(number))
    assert ["c" * 64, OTHER] == [one.hash for one in here.listed()]
    assert here.one(ONE) is None
    here.keep(ONE, "text", written(9), spared=OTHER)
    assert [ONE, "c" * 64, OTHER] == [one.hash for one in here.listed()]
