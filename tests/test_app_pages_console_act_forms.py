"""Fields of acts, as they are typed and as they are kept."""

from __future__ import annotations

import msgspec
import pytest

from arasha.app.pages.console.act_forms import basis_of, notice_of
from arasha.cases.acts import ReturnOrdered


def kept(typed: str) -> str | None:
    """The notice that the act has in the end; None where it is refused."""
    try:
        found = msgspec.convert(
            {"act": "return_ordered", "recall": "r1", "notice": notice_of(typed)}, ReturnOrdered
        )
    except msgspec.ValidationError:
        return None
    return found.notice


@pytest.mark.parametrize(
    ("typed", "notice"),
    [
        ("N-12", "N-12"), ("2026/12", "2026/12"), ("№ 12-345/2026", "12-345/2026"),
        ("№12", "12"), ("No. 12 / 2026", "12/2026"), ("ЖТ–2026-01234", "ЖТ-2026-01234"),
        ("n.17:a_b", "n.17:a_b"), ("Ұ-7", "Ұ-7"), ("x" * 64, "x" * 64), ("x" * 65, None),
        ("notice 12", None), ("пришёл Иванов", None), ("12 345", None), ("12\n13", None),
        ("№", None), ("<b>", None),
    ],
)  # fmt: skip
def test_a_notice_is_a_number_as_registries_write_it(typed: str, notice: str | None) -> None:
    """With strokes, without the sign before it; never words."""
    assert notice == kept(typed)


@pytest.mark.parametrize(
    ("typed", "basis"),
    [
        ("kz:25-1", "kz:25-1"), ("KZ : 25-1", "kz:25-1"), ("in:bnss.106", "in:bnss.106"),
        ("25-1", None), ("article 25-1", None), ("kz:", None), ("kz:25 1", None), ("", None),
    ],
)  # fmt: skip
def test_a_basis_is_a_country_and_an_article(typed: str, basis: str | None) -> None:
    """As the record has it, however the country is written."""
    assert basis == basis_of(typed)
