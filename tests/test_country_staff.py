"""Banks' staff: whom they stand for, what they answer, what they send back."""

from __future__ import annotations

import pytest

from arasha.cases.records import RecallStatus
from offices_samples import acting


@pytest.mark.parametrize(("share", "all_of_them"), [(0.0, False), (1.0, True)])
def test_banks_stand_for_reports_by_stated_shares(*, share: float, all_of_them: bool) -> None:
    """Of those not attested when they were filed: none, or all of old ones."""
    country = acting(
        seed=6,
        changed={
            "attesting__later_share": share, "attesting__false_later_share": share,
            "attesting__hours_median": 1.0, "attesting__hours_spread": 0.1,
        },
    )  # fmt: skip
    country.live(4)
    now_ms = country.life.society.start_ms + 4 * 86_400_000
    late = [
        report
        for work in country.offices.works
        for report in work.state.reports.values()
        if not country.offices.reported[country.offices.payment_of(report.id)][1]
        and report.taken_ms < now_ms - 6 * 3_600_000
    ]
    assert len(late) > 5
    assert {all_of_them} == {report.attested for report in late}


def test_slow_banks_hold_later_and_find_less() -> None:
    """Minutes to a hold follow the banks' own; money moves on meanwhile."""
    held = []
    for minutes in (1.0, 400.0):
        medians = (minutes,) * 6
        country = acting(seed=6, changed={"holding__answer_minutes_median": medians})  # type: ignore[dict-item]  # a list
        country.live(5)
        notes = [note for note in country.offices.notes.values() if note.held_ms is not None]
        waits = sorted(note.held_ms - note.placed_ms for note in notes if note.held_ms is not None)
        held.append((waits[len(waits) // 2], sum(note.held for note in notes)))
    (soon, much), (late, little) = held
    assert soon < 30 * 60_000 < late
    assert little < much


def test_a_recall_is_answered_when_its_holds_are() -> None:
    """No bank says what it gives back before it has said what it holds."""
    country = acting(seed=6)
    country.live(4)
    answered = 0
    for work in country.offices.works:
        for recall in work.state.recalls.values():
            for one in recall.answers:
                hold = work.state.holds[one.hold]
                assert hold.answered_ms is not None or hold.over_ms is not None
                assert one.amount_minor <= hold.amount_minor
                answered += 1
            assert recall.status is not RecallStatus.REQUESTED or not recall.answers
    assert answered > 10
