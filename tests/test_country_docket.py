"""The docket: lines for acts, one report followed, counts; all read from the records."""

from __future__ import annotations

import pytest

from arasha.country.docket import LINES, money
from offices_samples import Acting, acting


@pytest.fixture(name="lived", scope="module")
def _lived() -> Acting:
    """A country that lived nine days under its offices."""
    country = acting(seed=3)
    country.live(9)
    return country


def test_counts_are_those_of_the_records(lived: Acting) -> None:
    """Reports, money returned, appeals, those upheld."""
    states = [work.state for work in lived.offices.works]
    docket = lived.docket
    assert docket.reports == sum(len(state.reports) for state in states)
    assert docket.returned == sum(hold.returned_minor for _, hold in lived.holds) > 0
    appeals = [one for state in states for one in state.appeals.values()]
    assert (len(appeals), sum(one.status == "upheld" for one in appeals)) == (
        docket.appeals, docket.upheld
    )  # fmt: skip
    assert docket.upheld > 0
    notes = [n for n in lived.offices.notes.values() if n.held]
    notes.sort(key=lambda n: n.held_ms or 0, reverse=True)
    held = {n.account: n.has_part for n in notes}  # as of the first: who had no part may get one
    assert (len(held), sum(not one for one in held.values())) == (docket.accounts, docket.no_part)


def test_lines_are_the_newest_acts_in_words(lived: Acting) -> None:
    """Newest first, so many at most, of every kind of step."""
    country = acting(seed=3)
    words: set[str] = set()
    for at, happened in enumerate(country.life.slices(9)):
        country.see(happened)
        if at == 0:
            country.offices.begin(happened.start_ms)
        country.offices.after(happened)
        words |= {line.text for line in country.docket.lines}
    times = [line.at_ms for line in country.docket.lines]
    assert sorted(times, reverse=True) == times
    assert LINES == len(times)
    for step in (
        "reported: ", "stands for", "hold orders: ", " holds ", "officer bolat confirms",
        "officer bolat releases", "recalled: ", "will give back", "asks for the return",
        "authority gulnara agrees: the return is ordered", "back to the victim",
        "appeal against the hold", "upheld, free at once", " lapsed",
    ):  # fmt: skip
        assert any(step in text for text in words), step
    assert lived.docket.lines == country.docket.lines


def test_a_report_with_several_banks_is_shown_until_it_is_over(lived: Acting) -> None:
    """What is shown has holds, and a trace."""
    shown = lived.docket.shown
    assert shown is not None
    assert shown.trace is not None
    assert shown.holds
    assert shown.work.state.reports[shown.report].attested
    assert shown.worth[0] >= 1


def test_amounts_are_told_without_tiyn() -> None:
    """In tenge, with separators."""
    assert "1,234,567" == money(1_234_567_89)
