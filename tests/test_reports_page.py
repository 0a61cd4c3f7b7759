"""The page of a backtest: whole, quiet, safe, and true to its figures."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from arasha.engine.judgements import none
from arasha.reports import figures
from arasha.reports.backtest import compare, measure
from arasha.reports.measures import Comparison, Measures
from arasha.reports.page import render
from reports_samples import RULES, Row, judgements, month, rows

EVIL = "<script>alert('x')</script>&\"quoted\""
DARK = "@media (prefers-color-scheme: dark)"


def compared(n: int = 8_000) -> tuple[Measures, Comparison]:
    old, new = month(n), month(n, strict=True)
    before = measure(old, RULES, label="before")
    after = measure(new, RULES, label="after")
    return after, compare((old, before), (new, after))


def parsed(page: str) -> ElementTree.Element:
    """The page is written so that it is XML too: every element closed, every attribute quoted."""
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))


def words(page: str) -> str:
    return " ".join("".join(parsed(page).itertext()).split())


@settings(max_examples=15, deadline=None)
@given(rows(rules=3))
def test_any_file_makes_a_well_formed_page(some: list[Row]) -> None:
    """Few payments, odd dates, several currencies, no frauds."""
    parsed(render(measure(judgements(some), ("a", "b", "c"))))


@pytest.mark.parametrize("names", [(), ("a",)])
def test_an_empty_file_makes_a_page_that_says_so(names: tuple[str, ...]) -> None:
    """No payments, with rules or without."""
    measures = measure(none(), names)
    assert "No payments." in words(render(measures))
    parsed(render(measures, compare((none(), measures), (none(), measures))))


def test_a_share_of_nothing_is_a_dash() -> None:
    """One good payment: there is no recall, and it is not 0%."""
    page = words(render(measure(judgements([{"truth": 0}]), ("a",))))
    assert "recall –" in page
    assert "recall 0%" not in page


def test_names_and_ids_cannot_break_out() -> None:
    """Rule names, ids and labels come from others; they are shown, never run."""
    some = [{"truth": 1, "id": EVIL, "rules": [0, 1]}, {"truth": 0, "action": 3, "rules": [1]}]
    judged = judgements(some)
    measures = measure(judged, (EVIL, EVIL + "2"), label=EVIL)
    page = render(measures, compare((judged, measures), (judged, measures)))
    root = parsed(page)
    assert [] == list(root.iter("script"))
    assert "<script" not in page
    assert EVIL in "".join(root.itertext())
    assert not any(name.startswith("on") for e in root.iter() for name in e.attrib)


def test_nothing_is_asked_from_anywhere() -> None:
    """No link, no source, no import: the file is all there is."""
    page = render(*compared())
    assert not re.search(r"https?:|//[a-z]|@import|\bsrc=|<link|<script|<iframe", page)
    assert ["url(#hatch)", "url(#hatch-plain)"] == sorted(set(re.findall(r"url\([^)]*\)", page)))
    assert [] == [e for e in parsed(page).iter() if "href" in e.attrib]


def test_each_chart_has_a_title_a_description_and_a_table() -> None:
    """What can be seen can be heard and read."""
    root = parsed(render(*compared()))
    drawn = 0
    for section in root.iter("section"):
        for chart in section.iter("svg"):
            drawn += 1
            title, description = chart.find("title"), chart.find("desc")
            assert title is not None
            assert title.text
            assert description is not None
            assert description.text
            assert f"{title.get('id')} {description.get('id')}" == chart.get("aria-labelledby")
            assert section.find(".//table") is not None
    assert drawn >= 6


def test_every_id_of_the_page_is_its_only_one() -> None:
    """A label that points at two things points at none."""
    ids = [e.get("id") for e in parsed(render(*compared())).iter() if e.get("id")]
    assert len(set(ids)) == len(ids)


def test_every_heading_and_cell_is_in_its_place() -> None:
    """Each row of each table has as many cells as the table has columns."""
    for table in parsed(render(*compared())).iter("table"):
        width = len(table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            spans = [int(cell.get("colspan", "1")) for cell in row]
            assert width == sum(spans)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(scheme: str) -> None:
    """At least 4.5 to 1 for every colour of text, 3 to 1 for what is drawn."""
    page = render(measure(none(), ()))
    styles = page.partition("@media print")[0].split(DARK)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", styles[scheme == "dark"]))
    for ground in ("ground", "raised"):
        for ink in ("ink", "muted", "accent"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["plain"], colours["ground"]) >= 3
    strongest = max(float(x) for x in re.findall(r"fill-opacity: (\.\d+)", page))
    heat = mixed(colours["accent"], colours["ground"], strongest)
    assert contrast(colours["ink"], heat) >= 4.5


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def mixed(over: str, under: str, opacity: float) -> str:
    parts = zip(channels(over), channels(under), strict=True)
    return "#" + "".join(f"{round(255 * (a * opacity + b * (1 - opacity))):02x}" for a, b in parts)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_page_says_what_the_figures_say() -> None:
    """Its headline is the measures'."""
    measures = measure(month(8_000), RULES)
    page = words(render(measures))
    found = measures.bothered
    assert f"{found.hit.frauds:,} of {found.of.frauds:,}" in page
    assert figures.interval(found.recall_interval) in page
    for hits in measures.rules:
        assert hits.name in page
    assert "never_fires" in page


def test_labels_of_any_length_fit() -> None:
    """A long rule name is cut in the drawing and whole in the table."""
    name = "r" * 300
    page = render(replace(measure(judgements([{"rules": [0]}]), (name,)), label="l" * 200))
    assert name in words(page)
