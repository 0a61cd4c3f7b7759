"""The country's page: one document that asks for nothing and says what was counted."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from arasha.app.commands_country import about_country
from arasha.country.loop import Life
from arasha.country.portrait import Portrait
from arasha.country.society import Society
from country_people import parameters


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a country of a week."""
    own = Society.make(4, 400, parameters())
    life, portrait = Life(own, parameters(), 4), Portrait(own)
    for happened in life.slices(2):
        portrait.see(happened)
    path: Path = tmp_path_factory.mktemp("page") / "country.html"
    portrait.write(path, about_country(400, 2, 4, parameters()), life.casts)
    return path.read_text(encoding="utf-8")


def test_it_asks_for_nothing(page: str) -> None:
    """No script, no link, no picture from anywhere; light and dark are the browser's choice."""
    assert not re.search(r"<(script|link|img|iframe)|https?://|url\((?!#)", page)
    assert "prefers-color-scheme: dark" in page


def test_it_says_what_the_country_is(page: str) -> None:
    """People, seed, days, the set of parameters and its hash."""
    assert "400 people, 2 days" in page
    assert "Seed 4, 2026-01-05 to 2026-01-06" in page
    assert parameters().hash[:16] in page


def parsed(page: str) -> ElementTree.Element:
    """The page's body: it is well-formed, so that any reader can walk it."""
    return ElementTree.fromstring(page[page.index("<body>") : page.index("</html>")])


def rows_of(page: str, caption: str) -> list[list[str]]:
    """The cells of the table whose caption begins so."""
    for table in parsed(page).iter("table"):
        if "".join(table.find("caption").itertext()).startswith(caption):  # type: ignore[union-attr]  # each has one
            return [
                ["".join(cell.itertext()).strip() for cell in row]
                for row in table.findall("./tbody/tr")
            ]
    raise AssertionError(caption)


def test_every_parameter_stands_in_it_with_its_source(page: str) -> None:
    """One row a parameter: name, value, unit, source or the word assumed."""
    rows = {cells[0]: cells[2:] for cells in rows_of(page, "Parameters")}
    assert {one.name: [one.unit, one.source] for one in parameters()} == rows


def test_published_figures_stand_beside(page: str) -> None:
    """Each row has the country's figure, the published one and who published it."""
    rows = rows_of(page, "The country beside")
    assert len(rows) >= 8
    assert all(all(cells) for cells in rows)
    assert any("National Bank of Kazakhstan" in cells[3] for cells in rows)


def test_charts_tell_what_they_show(page: str) -> None:
    """Every chart has a title and a description in words, and a table with its numbers."""
    sections = [one for one in parsed(page).iter("section") if one.find("./div/svg") is not None]
    assert 6 == len(sections)
    for section in sections:
        said = [section.findtext(f"./div/svg/{part}") for part in ("title", "desc")]
        assert all(said)
        assert next(section.iter("table"), None) is not None
