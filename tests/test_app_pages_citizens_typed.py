"""What citizens type: how long ago, a number or an account; and a card is known as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.app.pages.citizens.ago import MAX_COUNT, UNITS, Ago, ago
from arasha.app.pages.citizens.parties import Party, party_of
from arasha.events.identifiers import is_card
from arasha.events.schema import PartyKind

WRITTEN = {
    "minutes": ("минут", "мин.", "минуты", "минуту", "minutes", "min", "минуттай", "м"),
    "hours": ("час", "часов", "ч", "сағат", "hours", "h"),
    "days": ("дней", "день", "сутки", "күн", "days"),
}
BEFORE = ("", "~", "≈ ", "около ", "примерно ", "где-то ", "шамамен ", "about ", "Уже ")
AFTER = ("", " назад", " тому назад", " бұрын", " ago", ".")
WORDS = [(unit, word) for unit, words in WRITTEN.items() for word in words]


@given(
    count=st.integers(0, MAX_COUNT), unit_word=st.sampled_from(WORDS),
    before=st.sampled_from(BEFORE), after=st.sampled_from(AFTER),
    space=st.sampled_from(["", " ", "\u00a0", "  "]),
    chosen=st.sampled_from(sorted(UNITS)),
)  # fmt: skip
def test_a_unit_that_is_written_counts(
    count: int, unit_word: tuple[str, str], before: str, after: str, space: str, chosen: str
) -> None:
    """Whatever was chosen beside it, whatever stands around it, in capitals too."""
    unit, word = unit_word
    text = f"{before}{count}{space}{word}{after}"
    assert Ago(count, unit) == ago(text, chosen) == ago(text.upper(), chosen)


@given(
    count=st.integers(0, MAX_COUNT), before=st.sampled_from(BEFORE),
    after=st.sampled_from(AFTER), chosen=st.sampled_from(sorted(UNITS)),
)  # fmt: skip
def test_without_a_unit_the_chosen_one_counts(
    count: int, before: str, after: str, chosen: str
) -> None:
    """As many as was written."""
    assert Ago(count, chosen) == ago(f"{before}{count}{after}", chosen)


@given(st.text(max_size=80), st.sampled_from([*UNITS, "years", ""]))
def test_any_text_is_read_or_refused(text: str, chosen: str) -> None:
    """What is read lies within bounds, and is read the same when the form brings it again."""
    found = ago(text, chosen)
    if found is not None:
        assert 0 <= found.count <= MAX_COUNT
        assert found == ago(str(found.count), found.unit)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("час назад", 60), ("an hour ago", 60), ("полчаса", 30), ("жарты сағат бұрын", 30),
        ("half an hour ago", 30), ("полтора часа", 90), ("1,5 часа", 90), ("1 час 20 минут", 80),
        ("2 сағат 5 минут бұрын", 125), ("только что", 0), ("жаңа ғана", 0), ("just now", 0),
        ("вчера", 1440), ("неделю назад", 7 * 1440), ("1 000 минут", 1_000), ("٢٠ минут", 20),
    ],
)  # fmt: skip
def test_how_people_say_it(text: str, minutes: int) -> None:
    """In words, in two units, in other digits."""
    found = ago(text, "days")
    assert found is not None
    assert minutes * 60_000 == found.ms


@pytest.mark.parametrize(
    "text",
    ["", "~", "a while", "-1", "10-15", "10001", "10 лет", "5 минут 1 час", "1 час 2 часа", "1e3",
     "1.234 часа", "9999 дней 1 минута", "1 " * 40, "10 минут мамы"],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(text: str) -> None:
    """Rather than guessed."""
    assert ago(text, "minutes") is None


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("+7 701 555 01 42", PartyKind.NUMBER, "+77015550142"),
        ("8 (701) 555-01-42", PartyKind.NUMBER, "+77015550142"),
        ("+44 20 7946 0958", PartyKind.NUMBER, "+442079460958"),
        ("kz86-125k-zt50-0410-0100", PartyKind.ACCOUNT, "KZ86125KZT5004100100"),
        ("DE89 3704 0044 0532 0130 00", PartyKind.ACCOUNT, "DE89370400440532013000"),
        ("40817810099910004312", PartyKind.ACCOUNT, "40817810099910004312"),
    ],
)
def test_numbers_and_accounts_are_told_apart(text: str, kind: PartyKind, written: str) -> None:
    """And written as reports write them, so that they meet."""
    assert Party(kind, written) == party_of(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" ", "empty"), ("абв", "neither"), ("abc", "neither"), ("Иван Иванов", "neither"),
        ("KZ86125KZT5004100101", "mistyped"), ("KZ86125KZT50041001", "mistyped"),
        ("KZ", "neither"), ("12", "number"), ("870155501429999", "number"),
        ("123456789014", "number"), ("КZ86125KZT5004100100", "latin"),
        ("5555 5555 5555 4444", "card"), ("9" * 300, "too_long"), ("<b>123456789</b>", "neither"),
    ],
)  # fmt: skip
def test_what_is_neither_says_why(text: str, why: str) -> None:
    """A taxpayer's number is none, either: nobody is looked up by it."""
    assert why == party_of(text)


@given(st.text(max_size=140))
def test_any_party_is_known_again(text: str) -> None:
    """What it is written as, and what is shown of it, is the same party."""
    found = party_of(text)
    if isinstance(found, Party):
        assert found == party_of(found.written)
        assert found == party_of(found.shown)


@given(st.integers(0, 10**15 - 1))
def test_cards_are_told_by_their_check_digit(middle: int) -> None:
    """Of ten endings exactly one is a card's."""
    begins = f"4{middle:015}"[:15]
    assert 1 == sum(is_card(f"{begins}{last}") for last in range(10))
