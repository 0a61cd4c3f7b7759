"""How pages write money that a decision's reason names."""

from __future__ import annotations

import pytest

from arasha.app.pages.formats import country, money, with_money
from arasha.features.expressions import Unit, ValueType
from arasha.policy.texts import LANGUAGES, format_value

MONEY = ValueType("int", Unit.MONEY)


@pytest.mark.parametrize("minor", [5, 82_684_992, -82_684_992])
def test_money_of_a_reason_is_written_as_on_the_rest_of_the_page(minor: int) -> None:
    """To the letter, in each language."""
    for language in LANGUAGES:
        said = f"A: {format_value(minor, MONEY, language, 'KZT')}, b."
        wanted = money(abs(minor), 398, language)
        shown = with_money(said, language).replace("\u2212", "")
        assert f"A: {wanted}, b." == shown


def test_only_money_is_written_anew() -> None:
    """Several amounts, without decimals; no letters that are no currency, no text of the author."""
    said = "Came: 1\u00a0000\u00a0KZT, went: 900\u00a0KZT; 7\u00a0SIM, 30 KZT, 5\u00a0days."
    assert (
        "Came: 1\u00a0000\u00a0₸, went: 900\u00a0₸; 7\u00a0SIM, 30 KZT, 5\u00a0days."
        == with_money(said, "ru")
    )


def test_a_country_is_named_in_the_readers_language() -> None:
    """With its code, by which the law file names it."""
    assert ["Қазақстан (KZ)", "Казахстан (KZ)", "Kazakhstan (KZ)"] == [
        country("KZ", language) for language in LANGUAGES
    ]
