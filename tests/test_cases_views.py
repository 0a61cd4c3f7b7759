"""No fishing: a party is named by what is open, and by nothing else."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.views import named_by
from cases_samples import (
    ANALYST,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    SECOND,
    THIRD_OFFICER,
    VICTIM,
    room,
)


def test_what_is_open_names_its_parties_and_what_is_over_names_nobody() -> None:
    """Case, report, hold, recall, appeal; then each of them closed."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report, (SECOND, OTHER_BANK, 100_000))
    recall = here.do(CENTRE, a.RecallOpened(report.id)).changes[0].id  # type: ignore[union-attr]  # a recall
    appeal = here.do(HELD, a.AppealOpened(hold.reference)).changes[0].id  # type: ignore[union-attr]  # an appeal
    everybody = {VICTIM, MULE, SECOND}
    assert everybody == named_by(here.state, report.id) == named_by(here.state, report.case)
    assert everybody == named_by(here.state, recall)
    assert {SECOND} == named_by(here.state, hold.id) == named_by(here.state, appeal)
    here.do(THIRD_OFFICER, a.AppealTaken(appeal))
    here.do(THIRD_OFFICER, a.AppealRuled(appeal, True, "Rent.", ("report",)))
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseClosed(report.case, "unclear", worth_it=False))
    for over in (report.id, report.case, hold.id, recall, appeal):
        assert frozenset() == named_by(here.state, over)


def test_a_party_is_no_way_to_anything() -> None:
    """Nor is what nobody knows."""
    here = room()
    here.report()
    for name in (MULE, VICTIM, "c999", "", OFFICER.name):
        assert frozenset() == named_by(here.state, name)


def test_a_report_names_its_number_and_device() -> None:
    """Through its open case; a party of any kind."""
    here = room()
    report = here.report(number="e" * 32, device="d" * 32)
    assert {VICTIM, MULE, "e" * 32, "d" * 32} == named_by(here.state, report.case)
