"""The page of a pack: reports, holds, acts, what it proves; nothing from anywhere else."""

from __future__ import annotations

import re

from arasha.cases import acts as a
from arasha.reports.evidence_page import MEANS, Said, render
from cases_samples import ANALYST, MULE, SECOND, THIRD, VICTIM, Room
from evidence_samples import WHY, story


def page(here: Room) -> str:
    """The page of the first case."""
    acts = [Said(seq, entry) for seq, entry in enumerate(here.entries)]
    case = here.state.cases["c1"]
    return render(here.state, case, acts, 2, by="bolat", why=WHY, as_of_ms=here.at_ms)


def test_a_page_tells_the_whole_story() -> None:
    """Every account whole, every act with who did it, the reason of the ruling."""
    text = page(story())
    for token in (VICTIM, MULE, SECOND, THIRD):
        assert token in text
    for words in (
        "hold confirmed", "request approved", "It was rent.", "bolat", "dana", "erlan",
        "the person held", WHY, "15 acts, 2 facts", "kz:25-1", "application/pdf",
    ):  # fmt: skip
        assert words in text
    assert all(re.sub(r"'", "&#39;", one) in text for one in MEANS)


def test_it_asks_for_nothing_and_can_be_printed() -> None:
    """No script, no address; light paper; both schemes."""
    text = page(story())
    assert not re.search(r"<script|https?://|src=", text)
    assert "@media print" in text
    assert "prefers-color-scheme: dark" in text


def test_what_is_closed_says_how() -> None:
    """As what, and of which kind; what people wrote is escaped."""
    here = story()
    here.do(ANALYST, a.CaseTaken("c1"))
    here.do(ANALYST, a.CaseNoted("c1", "<b>no</b>"))
    here.do(ANALYST, a.CaseClosed("c1", "fraud", worth_it=True, typology="safe_account"))
    text = page(here)
    assert "Closed as fraud, safe account." in text
    assert "<b>no" not in text
