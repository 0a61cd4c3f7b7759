from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.policy.located import Locator, NotToml, read_toml

DOCUMENT = r'''
top = 1 # a comment = 2
"quoted key" = 'literal'
dotted . "in two" = "basic"
[table]
basic = "a\tb \u0441\U0001F600 \" end"
multi = """
first
  second \
     third "" quotes"""
literal = QUOTES
it's
QUOTES
many = [ "x", # a comment ]
  { inner = "y" }, ['z'],
]
inline = { a = "p", b.c = "q" }
[[array]]
name = "one"
[[array]]
name = "two"
[array.sub]
name = "three"
'''.replace("QUOTES", "'" * 3)


def located(text: str) -> Locator:
    """Where things stand in a text that is TOML."""
    read = read_toml(text)
    assert not isinstance(read, NotToml)
    return read[1]


def test_every_string_is_found_letter_by_letter() -> None:
    """Paths lead to spots, and the spot of each letter holds that letter or its escape."""
    locator = located(DOCUMENT)
    strings = [path for path, spot in locator.spots.items() if spot.characters]
    assert {
        ("quoted key",), ("dotted", "in two"), ("table", "basic"), ("table", "multi"),
        ("table", "literal"), ("table", "many", 0), ("table", "many", 1, "inner"),
        ("table", "many", 2, 0), ("table", "inline", "a"), ("table", "inline", "b", "c"),
        ("array", 0, "name"), ("array", 1, "name"), ("array", 1, "sub", "name"),
    } == set(strings)  # fmt: skip
    values = tomllib.loads(DOCUMENT)
    basic = values["table"]["basic"]
    for i, letter in enumerate(basic):
        start, end = locator.inside(("table", "basic"), i, i + 1) or (0, 0)
        shown = DOCUMENT[start:end]
        assert letter == shown or shown == "\\"
    third = values["table"]["multi"].index("third")
    start, end = locator.inside(("table", "multi"), third, third + 5) or (0, 0)
    assert "third" == DOCUMENT[start:end]


def test_what_is_not_there_is_pointed_at_by_what_is_around_it() -> None:
    """A missing key by its table, nothing by nothing."""
    locator = located("[rules.a]\nx = 1\n")
    start, end = locator.key(("rules", "a", "when")) or (0, 0)
    assert "rules.a" == locator.text[start:end]
    assert locator.value(("policy",)) is None
    assert locator.inside(("policy", "x"), 0, 1) is None


@pytest.mark.parametrize(
    ("text", "offset"),
    [("a = ", 4), ("a = 1\nb = ?", 10), ("a = [" * 3_000, None), (f"a = {'9' * 5_000}", None)],
)
def test_what_is_no_toml_says_where(text: str, offset: int | None) -> None:
    """Tomllib's place, as an offset; nothing is raised however deep or long."""
    read = read_toml(text)
    assert isinstance(read, NotToml)
    assert offset is None or offset == read.offset


STRINGS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\"'\\"), max_size=20
)


def _basic(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _multi(text: str) -> str:
    return '"""\n' + text.replace("\\", "\\\\").replace('"""', '""\\"').rstrip('"') + '"""'


@given(st.lists(st.tuples(STRINGS, st.sampled_from([_basic, _multi])), max_size=5))
def test_strings_however_written_are_found(strings: list[tuple[str, object]]) -> None:
    """The offset of each letter is that of the letter or of its escape."""
    text = "".join(f"k{i} = {write(string)}\n" for i, (string, write) in enumerate(strings))  # type: ignore[operator]  # one of two functions
    read = read_toml(text)
    assert not isinstance(read, NotToml)
    values, locator = read
    for name, value in values.items():
        assert isinstance(value, str)
        characters = locator.spots[name,].characters
        assert len(value) + 1 == len(characters)
        for letter, at in zip(value, characters, strict=False):
            assert text[at] in (letter, "\\")
