"""What each person prefers is kept, in either database, and is nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.exchange.preferences import MAX_VIEWS, USUAL, Preference, Preferences, SavedView, named
from arasha.exchange.signin_tables import open_signin


def test_it_is_there_again(directory: Path) -> None:
    """Another opening of the file has it; no act waits for the log."""
    directory.mkdir(parents=True, exist_ok=True)
    tables = open_signin(directory)
    preferences = Preferences(tables)
    assert USUAL == preferences.of("aigul")
    liked = Preference((SavedView("Loans", "typology=loan"),), "Loans", keys=False)
    preferences.keep("aigul", liked)
    assert (USUAL, []) == (preferences.of("bolat"), tables.waiting())
    tables.close()
    tables = open_signin(directory)
    assert liked == Preferences(tables).of("aigul")
    assert "typology=loan" == liked.first_query
    tables.close()


def test_what_cannot_be_read_was_never_said(tmp_path: Path) -> None:
    """A newer release may have written more; nobody is kept out by that."""
    tables = open_signin(tmp_path)
    with tables.change():
        tables.put("console of aigul", b'{"views": 7}')
    assert USUAL == Preferences(tables).of("aigul")
    tables.close()


def test_views_by_their_names() -> None:
    """One of a name; the first is one of them."""
    both = USUAL.with_view(SavedView("a", "1")).with_view(SavedView("b", "2"))
    again = both.with_view(SavedView("a", "3"))
    assert [("b", "2"), ("a", "3")] == [(one.name, one.query) for one in again.views]
    assert "3" == again.beginning_with("a").first_query
    assert again.beginning_with("c").first is None
    assert again.beginning_with("a").without_view("a").first is None
    assert MAX_VIEWS < 100


@pytest.mark.parametrize(
    ("name", "expected"),
    [("  My   loans ", "My loans"), ("", None), (" ", None), ("x" * 41, None),
     ("KZ03125KZT2001300336", None), ("87011234567", None)],
)  # fmt: skip
def test_a_name_names_nobody(name: str, expected: str | None) -> None:
    """Short, and no account and no number in it."""
    found = named(name, "typology=loan")
    assert expected == (None if found is None else found.name)
