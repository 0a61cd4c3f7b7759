"""One installation's acting part: what it does by itself, and its twin under the other rule."""

from __future__ import annotations

import pytest

from arasha.cases.acts import HoldsPlaced, MoneyReturned, RecallOpened, RecallSent, ReportAttested
from arasha.cases.law import ALLOCATIONS
from arasha.cases.records import HOLDING
from offices_samples import Acting, acting, kz


@pytest.fixture(name="lived", scope="module")
def _lived() -> Acting:
    """A country that lived a week under its offices."""
    country = acting(seed=5)
    country.live(7)
    country.offices.close()
    return country


def test_an_attested_report_is_followed_and_recalled_at_once(lived: Acting) -> None:
    """Holds and recall have the instant of the report, or of the bank's word for it."""
    assert lived.offices.centre is not None
    state = lived.offices.centre.state
    assert state.recalls
    for recall in state.recalls.values():
        report = state.reports[recall.report]
        placed = {hold.placed_ms for hold in state.holds_of_report(report.id)}
        assert placed <= {recall.opened_ms}
        assert recall.opened_ms >= report.taken_ms


def test_references_are_never_given_twice(lived: Acting) -> None:
    """Each hold of an office has its own."""
    for work in lived.offices.works:
        references = [hold.reference for hold in work.state.holds.values()]
        assert len(references) == len(set(references))
        assert all(20 == len(one) for one in references)


def test_the_twin_has_the_same_holds_under_the_other_rule(lived: Acting) -> None:
    """It differs in how pots are shared and in nothing before that."""
    [other] = [one for one in ALLOCATIONS if one != kz().recall.allocation]
    for work in lived.offices.works:
        twin = work.twin.state
        assert twin.law is not None
        assert other == twin.law.recall.allocation
        assert list(work.state.holds) == list(twin.holds)
        for hold in work.state.holds.values():
            assert hold.placed_ms == twin.holds[hold.id].placed_ms
            if hold.status in HOLDING and hold.to_return_minor is None:
                assert twin.holds[hold.id].status is hold.status
    assert sum(note.returned for note in lived.offices.notes.values()) > 0
    assert sum(note.returned_other for note in lived.offices.notes.values()) > 0


def test_what_a_centre_does_by_itself_is_little() -> None:
    """Orders, recalls and ends: everything else is somebody's act."""
    country, by_centre = acting(seed=5), set()
    for work in country.offices.works:
        told = work.done

        def done(some, one, told=told):  # type: ignore[no-untyped-def]  # bound now
            if one.entry.by.kind == "centre":
                by_centre.add(type(one.entry.act))
            told(some, one)

        work.done = done
    country.live(4)
    assert {HoldsPlaced, RecallOpened, RecallSent} <= by_centre
    assert not {ReportAttested, MoneyReturned} & by_centre
