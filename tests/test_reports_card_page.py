"""The page of a model card: whole, quiet, safe, and true to its figures."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from arasha.reports import figures
from arasha.reports.card_charts import decimal
from arasha.reports.card_columns import Grouping, Matrix
from arasha.reports.card_measures import Card, measure_card
from arasha.reports.card_page import render
from arasha.reports.card_texts import USES
from reports_card_samples import features, month, rows, sample_card, subject

EVIL = "<script>alert('x')</script>&\"quoted\""


@pytest.fixture(scope="module")
def card() -> Card:
    """A whole one."""
    return sample_card(6_000)


def parsed(page: str) -> ElementTree.Element:
    """The page is written so that it is XML too: every element closed, every attribute quoted."""
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))


def words(page: str) -> str:
    return " ".join("".join(parsed(page).itertext()).split())


@pytest.mark.parametrize("truth", [[], [0], [1], [-1], [0, 1], [1, 1, -1]])
def test_any_test_makes_a_well_formed_page(truth: list[int]) -> None:
    """Nothing, one payment, one truth; no drift, no seeds, no spans."""
    some = rows([0.5] * len(truth), truth)
    blank = replace(subject(rows([0.5], [0])), spans=(), thresholds={})
    page = render(measure_card(blank, some))
    assert ("No payments." in words(page)) == (truth == [])


def test_the_page_says_what_the_figures_say(card: Card) -> None:
    """Headline, hashes, groups, features."""
    page = words(render(card))
    said = [
        card.subject.model_hash, card.subject.policy_hash, card.subject.policy, "7 d",
        decimal(card.ranked.auc.value), decimal(card.ranked.average_precision.value),
        f"ceiling {decimal(card.ranked.cards[2].ceiling)}",
        figures.percent(card.bothered.share), "100 of 31 leaves", "the four weeks before",
        *(group.name for one in card.divisions for group in one.groups),
    ]  # fmt: skip
    for each in said:
        assert each in page


def test_the_uses_stand_in_three_languages(card: Card) -> None:
    """Each marked as what it is, for whoever reads it aloud."""
    root = parsed(render(card))
    for language, uses in USES.items():
        (article,) = [one for one in root.iter("article") if one.get("lang") == language]
        assert len(uses.forbidden) == len(list(article.iter("li")))
        assert uses.purpose in "".join(article.itertext())


def test_names_cannot_break_out() -> None:
    """Names of banks, features, settings and models come from others; they are shown, not run."""
    test, logit = month(2_000)
    matrix, contributions = features(test, logit)
    matrix = Matrix(tuple(f"{EVIL}{at}" for at in range(12)), matrix.train, matrix.test)
    bank = Grouping(EVIL, test.groupings[0].codes, tuple(f"{EVIL}{at}" for at in range(6)))
    one = replace(subject(test), name=EVIL, model_hash=EVIL, policy=EVIL, facts=((EVIL, EVIL),))
    card = measure_card(
        one, replace(test, groupings=(bank,)), matrix=matrix, contributions=contributions
    )
    page = render(card)
    root = parsed(page)
    assert [] == list(root.iter("script"))
    assert "<script" not in page
    assert EVIL in "".join(root.itertext())
    assert not any(name.startswith("on") for e in root.iter() for name in e.attrib)


def test_nothing_is_asked_from_anywhere(card: Card) -> None:
    """No link, no source, no import, no script: the file is all there is."""
    page = render(card)
    assert not re.search(r"https?:|//[a-z]|@import|\bsrc=|<link|<script|<iframe", page)
    assert [] == [e for e in parsed(page).iter() if "href" in e.attrib]


def test_each_chart_has_a_title_a_description_and_a_table(card: Card) -> None:
    """What can be seen can be heard and read."""
    drawn = 0
    for section in parsed(render(card)).iter("section"):
        for chart in section.iter("svg"):
            drawn += 1
            title, description = chart.find("title"), chart.find("desc")
            assert title is not None
            assert title.text
            assert description is not None
            assert description.text
            assert f"{title.get('id')} {description.get('id')}" == chart.get("aria-labelledby")
            assert section.find(".//table") is not None
    assert drawn >= 12


def test_ids_are_single_and_rows_as_wide_as_heads(card: Card) -> None:
    """A label that points at two things points at none."""
    root = parsed(render(card))
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    for table in root.iter("table"):
        width = len(table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            assert width == sum(int(cell.get("colspan", "1")) for cell in row)


def test_every_colour_is_one_of_the_pages(card: Card) -> None:
    """Light and dark follow from it: no drawing brings a colour of its own."""
    page = render(card)
    body = page.partition("<body>")[2]
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", body)
    styled = set(re.findall(r"svg \.([\w-]+)", page.partition("<body>")[0]))
    for one in parsed(page).iter("svg"):
        for part in one.iter():
            for kind in (part.get("class") or "").split():
                assert kind in styled | {"defs", "line-accent", "line-plain"}, kind
