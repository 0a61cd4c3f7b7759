"""Free text names nobody, and may name a report."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arasha.events.free_text import names_somebody


@pytest.mark.parametrize(
    "text",
    ["+7 701 123-45-67", "8(701)1234567", "KZ75125KZT1001300335", "kz75 125K ZT10 0130 0335",
     "4400 4301 2345 6789", "IIN 900101300123", "1" * 32],
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


@given(st.binary(min_size=16, max_size=16).map(bytes.hex).filter(lambda name: not name.isdigit()))
@example("0123456789" * 3 + "ab")
@example("ab12345678901234567890abcdefabcd")
def test_the_name_of_a_report_may_stand_there(digest: str) -> None:
    """Whatever its digits, alone or in a sentence; what stands beside it is looked at."""
    assert not names_somebody(f"its own account, for complaint {digest}")
    assert not names_somebody(digest)
    assert names_somebody(f"{digest}, +7 701 123 45 67")
