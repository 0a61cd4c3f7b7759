"""Free text names nobody."""

from __future__ import annotations

import pytest

from arasha.cases import acts as a
from arasha.cases.notes import names_somebody, text_of


@pytest.mark.parametrize(
    "text",
    ["+7 701 123-45-67", "8(701)1234567", "KZ75125KZT1001300335", "kz75 125K ZT10 0130 0335",
     "4400 4301 2345 6789", "IIN 900101300123"],
)  # fmt: skip
def test_identifiers_are_seen(text: str) -> None:
    """However they are written."""
    assert names_somebody(f"She said {text}, I think.")


@pytest.mark.parametrize(
    "text",
    ["Report r1042 on 2026-03-02.", "250 000 KZT, then 75 000 KZT.", "Три перевода за 40 минут.",
     "Қайтару туралы өтініш."],
)  # fmt: skip
def test_plain_words_are_not(text: str) -> None:
    """Sums, dates and the names of cases."""
    assert not names_somebody(text)


def test_only_notes_rulings_and_packs_are_free_text() -> None:
    """No other act has a field for it."""
    assert "No." == text_of(a.AppealRuled("a1", False, "No."))
    assert "A ring?" == text_of(a.CaseNoted("c1", "A ring?"))
    assert "For the court." == text_of(a.EvidencePacked("c1", "For the court.", "0" * 64))
    assert "" == text_of(a.HoldConfirmed("h1.0", "kz:25-1"))
    texts = {act.__name__ for act in a.KIND_OF if {"note", "why"} & set(act.__struct_fields__)}
    expected = {"CaseNoted", "AppealRuled", "EvidencePacked", "HoldReleased", "ListingWithdrawn"}
    assert expected == texts
