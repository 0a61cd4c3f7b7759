"""Every text of every page in all three languages, and none that nobody reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from jinja2 import nodes

from arasha.app.pages import texts
from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.site import templates
from arasha.app.pages.texts import Texts, faults, texts_of
from arasha.cases.acts import (
    HoldProlonged,
    ListingAdded,
    NumberSuspended,
    PolicyChosen,
    RecallSent,
    ReturnOrdered,
)
from arasha.cases.law import Law
from arasha.cases.law_document import law_of
from arasha.cases.roles import RIGHTS
from arasha.events.schema import FACTS, TYPOLOGIES, Kind
from arasha.exchange.messages import TYPES
from arasha.exchange.participants import READABLE
from arasha.exchange.posting import Fault

PAGES = Path(texts.__file__).parent
ATTRIBUTES = {
    "alt", "aria-description", "aria-label", "aria-roledescription", "aria-valuetext", "data-label",
    "label", "placeholder", "title",
}  # fmt: skip
SENT = {"submit", "button", "reset"}
"""Kinds of inputs whose value is read, not typed."""

VERBATIM = {"code", "kbd"}
"""What stands in these is the same in every language: a key, a word of the protocol."""

NAMES = {"Ed25519"}
"""What is called so in every language."""

UNREAD = {"room", "robots", "described"}
"""Blocks and macros that are attributes, or words for machines."""

SHARED = (HoldProlonged, ListingAdded, NumberSuspended, PolicyChosen, RecallSent, ReturnOrdered)
"""Acts of two people, whose fields the page of a request shows."""

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
        self.verbatim = 0

    def handle_data(self, data: str) -> None:
        said = data.replace(HOLE, "").strip()
        if not self.verbatim and said not in NAMES and LETTER.search(said):
            self.found.append(said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.verbatim += tag in VERBATIM
        read = ATTRIBUTES | ({"value"} if dict(attrs).get("type") in SENT else set())
        self.found += [
            f"{name}={value}"
            for name, value in attrs
            if name in read and LETTER.search((value or "").replace(HOLE, ""))
        ]

    def handle_endtag(self, tag: str) -> None:
        self.verbatim -= tag in VERBATIM


def said_by(node: nodes.Expr | nodes.TemplateData) -> str:
    """What a part of an output can say of itself; a hole where a text or a value will stand."""
    match node:
        case nodes.TemplateData(data=text) | nodes.Const(value=str(text)):
            return text
        case nodes.CondExpr(expr1=one, expr2=other):
            return said_by(one) + (said_by(other) if other is not None else "")
        case nodes.Or(left=one, right=other) | nodes.And(left=one, right=other):
            return said_by(one) + said_by(other)
        case nodes.Concat(nodes=parts):
            return "".join(map(said_by, parts))
        case nodes.Filter(name=name, node=inner) if name != "format" and inner is not None:
            return said_by(inner)
    return HOLE


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
            reader.feed(said_by(part))
    reader.close()
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


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('<p title="Hello">{{ x }} there</p>', ["title=Hello", "there"]),
        ('<p>{{ x or "nobody" }} {{ "one" if x else "many" }}</p>', ["nobody", "onemany"]),
        ("<p>{% if x %}{{ x }}{% else %}none yet{% endif %}</p>", ["none yet"]),
        ('<td data-label="Amount">{{ "held"|upper }}</td>', ["data-label=Amount", "held"]),
        ('<input type="submit" value="Send"> words at the end', ["value=Send", "words at the end"]),
        ('{% macro m(x) %}<b>{{ "of " ~ x }}</b>{% endmacro %}', ["of"]),
        ('<option label="All">{{ t("x") }}</option>', ["label=All"]),
        ('<kbd>{{ "Ctrl K" }}</kbd> <code>{{ x or "payment" }}</code> {{ "–" }}', []),
        ('<p class="{{ "care" if x else "good" }}" id="here">{{ t("word") }}</p>', []),
    ],
)
def test_words_of_a_template_are_found(template: str, said: list[str]) -> None:
    """Wherever a reader would see or hear them; names of things are no words."""
    assert said == untranslated(templates().parse(template))


PHRASE = "law_phrase."


def sources_of(law: Law) -> set[str]:
    """Where its figures and the days of its calendar were read."""
    return {figure.source for figure in law.figures.values()}


def test_what_a_shipped_law_says_of_itself_is_said_in_every_language() -> None:
    """Its title and each of its sources: a new one cannot be forgotten."""
    english = texts_of("en")
    laws = sorted((files("arasha") / "law").iterdir(), key=lambda one: one.name)
    found = [law_of(one.read_text("utf-8"), one.name) for one in laws if one.name.endswith(".toml")]
    assert {"KZ", "XX"} <= {law.country for law in found}
    phrases = {words for law in found for words in (law.name, *sources_of(law))}
    assert [] == sorted(one for one in phrases if not english.has(PHRASE + one))
    table = [name.removeprefix(PHRASE) for name in texts.names() if name.startswith(PHRASE)]
    assert sorted(phrases) == sorted(table), "and none stands there that no law says"
    assert [] == [one for one in phrases if english(PHRASE + one) != one]


def test_another_law_is_shown_in_its_own_words() -> None:
    """A phrase is translated to the letter or not at all; what is not is marked as English."""
    parts: Any = templates().get_template("console/law_parts.html").module
    phrase = parts.phrase
    assert "правило не найдено" == phrase(texts_of("ru"), "no rule found")
    assert "ереже табылмады" == phrase(texts_of("kk"), "no rule found")
    assert '<span lang="en">no rule &lt;found&gt;</span>' == phrase(
        texts_of("ru"), "no rule <found>"
    )


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ("kind", [kind.name.lower() for kind in Kind]),
        ("readable", READABLE),
        ("message", TYPES),
        ("unsent", list(Fault)),
        ("act", sorted(RIGHTS)),
        ("typology", TYPOLOGIES),
        ("field", sorted({
            name for act in SHARED for name in act.__struct_fields__
            if name not in ("reference", "toml")
        })),
    ],
)  # fmt: skip
def test_no_code_word_is_left_without_words(room: str, words: list[str]) -> None:
    """Words of the protocol and of the log, as the pages show them; FACTS are among the kinds."""
    assert [] == [word for word in words if not texts_of("kk").has(f"{room}.{word}")]
    assert set(FACTS) <= {kind.name.lower() for kind in Kind}


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
