"""Which acts have free text."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.notes import text_of


def test_only_notes_rulings_and_packs_are_free_text() -> None:
    """No other act has a field for it."""
    assert "No." == text_of(a.AppealRuled("a1", False, "No."))
    assert "A ring?" == text_of(a.CaseNoted("c1", "A ring?"))
    assert "For the court." == text_of(a.EvidencePacked("c1", "For the court.", "0" * 64))
    assert "" == text_of(a.HoldConfirmed("h1.0", "kz:25-1"))
    texts = {act.__name__ for act in a.KIND_OF if {"note", "why"} & set(act.__struct_fields__)}
    expected = {"CaseNoted", "AppealRuled", "EvidencePacked", "HoldReleased", "ListingWithdrawn",
                "SuspensionLifted"}  # fmt: skip
    assert expected == texts
