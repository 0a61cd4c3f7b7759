"""Every text of every page in all three languages, and none that nobody reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from jinja2 import nodes

from arasha.app.pages import texts
from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.site import templates
from arasha.app.pages.texts import Texts, faults, texts_of

PAGES = Path(texts.__file__).parent
ATTRIBUTES = {"alt", "aria-label", "aria-description", "placeholder", "title"}
UNREAD = {"room", "robots", "described"}
"""Blocks and macros that are attributes, or words for machines."""

HOLE = "\u0000"
LETTER = re.compile(r"[^\W\d_]")


def trees() -> Iterator[tuple[str, nodes.Template]]:
    """Every template, read."""
    for path in sorted((PAGES / "templates").rglob("*.html")):
        yield str(path), templates().parse(path.read_text("utf-8"))


def pattern_of(node: nodes.Expr) -> str:
    """What texts a name can be of, as a pattern: ``"error." ~ word`` is "error." and anything."""
    match node:
        case nodes.Const(value=str(text)):
            return re.escape(text)
        case nodes.Concat(nodes=parts):
            return "".join(map(pattern_of, parts))
        case nodes.CondExpr(expr1=one, expr2=other) if other is not None:
            return f"(?:{pattern_of(one)}|{pattern_of(other)})"
    return ".+"


def named_in_templates() -> Iterator[tuple[str, str]]:
    """(where, pattern) of every text that a template says."""
    for path, tree in trees():
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield path, pattern_of(call.args[0])


def named_in_code() -> Iterator[str]:
    """Every text in the code that may be a name: plain, or with something in it."""
    for path in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+"
                    for one in node.values
                ]
                if "".join(parts).count("\\."):
                    yield "".join(parts)


class Plain(HTMLParser):
    """Finds what a template says without asking for a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += [data.strip()] if LETTER.search(data.replace(HOLE, "")) else []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - html.parser's own
        self.found += [
            f"{name}={value}"
            for name, value in attrs
            if name in ATTRIBUTES and LETTER.search((value or "").replace(HOLE, ""))
        ]


def untranslated(tree: nodes.Template) -> list[str]:
    """What stands in a template in one language only."""
    reader = Plain()
    silent = [
        one
        for kind in (nodes.Block, nodes.Macro)
        for one in tree.find_all(kind)
        if getattr(one, "name", "") in UNREAD
    ]
    skipped = [output for block in silent for output in block.find_all(nodes.Output)]
    for output in tree.find_all(nodes.Output):
        if output in skipped:
            continue
        for part in output.nodes:
            reader.feed(part.data if isinstance(part, nodes.TemplateData) else HOLE)
    return reader.found


def test_every_text_is_whole() -> None:
    """In three languages, with all categories and the same placeholders: else nothing is read."""
    assert {"kk", "ru", "en"} == set(LANGUAGES)
    for language in LANGUAGES:
        assert texts_of(language)("site.name")


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"kk": "а", "ru": "б"}, "x is not said in en"),
        ({"kk": "а", "ru": "б", "en": " "}, "x in en is empty"),
        ({"kk": "а {n}", "ru": "б {n}", "en": "c"}, "x has other placeholders"),
        ({"kk": "а", "ru": "б", "en": {"one": "c", "other": "d"}}, "x counts in one language"),
        (
            {"kk": "{a:dative} дейін", "ru": "до {a:dative}", "en": "until {a}"},
            "x in ru asks for dative, no case of it",
        ),
        (
            {"kk": {"one": "а", "other": "а"}, "ru": {"one": "б", "other": "б"},
             "en": {"one": "c", "other": "d"}},
            "x in ru: ['one', 'other'] instead of ['few', 'many', 'one', 'other']",
        ),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_found(entry: dict[str, Any], fault: str) -> None:
    """One planted fault each."""
    (found,) = faults("x", entry)
    assert found.startswith(fault)


def test_templates_say_only_what_is_in_the_tables() -> None:
    """Every name exists."""
    known = texts.names()
    missing = [
        (where, pattern)
        for where, pattern in named_in_templates()
        if not any(re.fullmatch(pattern, name) for name in known)
    ]
    assert [] == missing


def test_every_text_is_read_somewhere() -> None:
    """None is left behind by a page that has changed."""
    patterns = {pattern for _, pattern in named_in_templates()} | set(named_in_code())
    usable = [re.compile(one) for one in patterns if one != ".+"]
    assert [] == [n for n in texts.names() if not any(one.fullmatch(n) for one in usable)]


def test_templates_have_no_words_of_their_own() -> None:
    """Whatever a reader sees or hears is a text of the tables."""
    found = [(where, one) for where, tree in trees() for one in untranslated(tree)]
    assert [] == found
    planted = templates().parse('<p title="Hello">{{ x }} there</p>')
    assert ["title=Hello", "there"] == untranslated(planted)


def test_counts_follow_each_languages_rules() -> None:
    """By CLDR; values are written as the language does, and escaped."""
    entry = {
        "kk": {"one": "{n} адам", "other": "{n} адам"},
        "ru": {"one": "{n} человек", "few": "{n} человека", "many": "{n} человек",
               "other": "{n} человека"},
        "en": {"one": "{n} person", "other": "{n} people"},
    }  # fmt: skip
    assert [] == list(faults("x", entry))
    said = {
        language: [
            Texts(language, Locale.parse(language), {"x": entry[language]})("x", n=n)
            for n in (1, 2, 5, 21, 1_000)
        ]
        for language in LANGUAGES
    }
    assert ["1 person", "2 people", "5 people", "21 people", "1,000 people"] == said["en"]
    assert ["1 человек", "2 человека", "5 человек", "21 человек", "1 000 человек"] == [
        one.replace("\u00a0", " ") for one in said["ru"]
    ]
    assert "5 адам" == said["kk"][2]


def test_a_value_stands_in_the_case_that_its_language_wants() -> None:
    """Whatever it is, and escaped all the same."""
    entry = {"kk": "{at:dative} дейін", "ru": "до {at:genitive}", "en": "until {at}"}
    assert [] == list(faults("x", entry))
    kazakh, russian = (Texts(one, Locale.parse(one), {"x": entry[one]}) for one in ("kk", "ru"))
    assert "19:13-ке дейін" == kazakh("x", at="19:13")
    assert "999\u00a0999-ға дейін" == kazakh("x", at=999_999)
    assert "до 4 часов" == russian("x", at="4 часа")
    assert "&lt;4-ке дейін" == kazakh("x", at="<4")


def test_a_value_cannot_become_markup() -> None:
    """It is escaped; a text of ours is not."""
    english = Texts("en", Locale.parse("en"), {"x": "<b>{what}</b>"})
    assert "<b>&lt;i&gt;</b>" == english("x", what="<i>")
