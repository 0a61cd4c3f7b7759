"""The figures of an audit: by month, in the country's time, by currency."""

from __future__ import annotations

from pathlib import Path

from arasha.cases import acts as a
from arasha.reports.audit_figures import months, percentile
from audit_samples import audited, log_of
from cases_samples import BANK, HELD, KZT, OFFICER, THIRD_OFFICER, bank, room

HOUR_MS = 3_600_000


def test_months_add_up(tmp_path: Path) -> None:
    """Two months, each with a hold: one released by an appeal, one for which there was nothing."""
    here = room()
    (first,) = here.hold(here.report())
    here.do(OFFICER, a.HoldConfirmed(first.id, "kz:25-1"))
    here.later(hours=2)
    appeal = f"a{here.do(HELD, a.AppealOpened(first.reference)).seq}"
    here.do(THIRD_OFFICER, a.AppealTaken(appeal))
    here.do(THIRD_OFFICER, a.AppealRuled(appeal, True, "Rent.", ("report",)))
    here.later(days=30)
    (second,) = here.hold(here.report(payment="b" * 32))
    here.do(bank(BANK), a.HoldAnswered(second.id, 0, "balance"))
    march, april, whole = months(audited(log_of(tmp_path / "log", here.entries)))
    assert ("2026-03", "2026-04", "all") == (march.name, april.name, whole.name)
    assert (1, 1, 1, 1) == (march.holds, march.confirmed, march.appeals, march.upheld)
    assert ([2 * HOUR_MS], [2 * HOUR_MS]) == (march.lasted_ms, march.freed_ms)
    assert {"nothing there": 1} == april.ended
    assert ([0], [], 0) == (april.lasted_ms, april.freed_ms, april.standing)
    assert {KZT: 200_000} == whole.asked_minor
    assert {"released": 1, "nothing there": 1} == whole.ended


def test_a_percentile_is_a_value_that_was_there() -> None:
    """Nearest rank; of one value that one."""
    assert [7, 7] == [percentile([7], percent) for percent in (50, 95)]
    assert 19 == percentile(range(1, 21), 95)
    assert None is percentile([], 95)
