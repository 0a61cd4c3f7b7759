"""An audit: two readings agree on whatever the domain does, and what breaks a law is found."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cases_driver
from arasha.cases import acts as a
from arasha.cases import projection
from arasha.cases.acts import CENTRE, Entry
from arasha.cases.messages import HoldOver, messages_of
from arasha.cases.records import HoldStatus
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.reports.audit import audit, compare
from audit_samples import audited, compared, forged, log_of, read_of
from cases_driver import Driver
from cases_samples import ANALYST, OFFICER, Room, room
from test_cases_projection import FAULTS

DAY_MS = 86_400_000


def test_whatever_the_domain_does_the_second_reading_finds_the_same() -> None:
    """Six hundred sequences: no law is broken, and each hold is read the same twice."""
    for seed in range(600):
        here = Driver(80_000 + seed).run(60)
        assert [] == compared(here).findings, seed


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_the_domain_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit does not believe the domain: what a faulty one has let pass is a finding."""
    module, attribute, fault = FAULTS[name]
    was = getattr(module, attribute, None)  # a builtin is shadowed
    monkeypatch.setattr(module, attribute, fault(was), raising=False)
    monkeypatch.setattr(cases_driver, "check_laws", lambda *_: None)
    for seed in range(1, 12_000):
        driver = Driver(seed)
        with suppress(AssertionError, StopIteration):  # the driver trusts the domain: up to there
            driver.run(60)
        if compared(driver.room).findings:
            return
    raise AssertionError("nothing was found")


def held(*, hours: float = 1) -> tuple[Room, str]:
    """A room with a provisional hold, an hour later."""
    here = room()
    (hold,) = here.hold(here.report())
    here.later(hours=hours)
    return here, hold.id


def test_a_changed_copy_of_the_state_is_found() -> None:
    """A hold that the centre still works with when its end has come; one that it has lost."""
    here, name = held(hours=30)
    reading = read_of(here.entries)
    hold = here.state.holds[name]
    longer = replace(hold, until_ms=hold.until_ms + 9 * DAY_MS)
    compare(reading, {name: longer}, here.at_ms, 9)
    assert {"outlived", "differs"} == {one.law for one in reading.findings}
    lost = read_of(here.entries)
    compare(lost, {}, here.at_ms, 9)
    assert ["the entries place it, and the centre has lost it"] == [f.found for f in lost.findings]
    made = read_of(here.entries[:1])
    compare(made, {name: hold}, here.at_ms, 9)
    assert ["ground"] == [one.law for one in made.findings]


def test_a_hold_whose_ground_has_fallen_is_found_though_its_end_is_far() -> None:
    """The report was withdrawn; a copy of the state that has it held still."""
    here, name = held()
    hold = here.state.holds[name]
    here.do(OFFICER, a.ReportWithdrawn(hold.report))
    reading = read_of(here.entries)
    compare(reading, {name: replace(hold, status=HoldStatus.PROVISIONAL)}, here.at_ms, 9)
    (outlived,) = [one for one in reading.findings if one.law == "outlived"]
    assert "its ground has fallen" in outlived.found


def test_a_log_that_the_domain_would_not_have_made_is_audited_to_its_end(tmp_path: Path) -> None:
    """The entry is named where the domain stops; the plain reading goes on behind it."""
    here, name = held(hours=30)
    entries = forged(here, OFFICER, a.HoldConfirmed(name, "kz:25-1"))
    entries.append(Entry(here.at_ms, OFFICER, a.HoldReleased(name, "mistake")))
    found = audited(log_of(tmp_path / "log", entries))
    told = {one.law: one for one in found.findings}
    assert {"outlived", "differs"} == told.keys()
    assert "HOLD_IS_OVER" in told["differs"].found
    assert "it was confirmed when its end had come" == told["outlived"].found
    assert len(entries) - 2 == told["outlived"].seq


def test_a_bank_that_was_never_told_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold was released, and the message about it was lost in the domain."""
    here, name = held()
    here.do(OFFICER, a.HoldReleased(name, "mistake"))
    directory = log_of(tmp_path / "log", here.entries)
    assert () == audited(directory).findings
    was = messages_of
    monkeypatch.setattr(
        projection, "messages_of",
        lambda *given: [one for one in was(*given) if not isinstance(one, HoldOver)],
    )  # fmt: skip
    (lost,) = audited(directory).findings
    assert ("told", name) == (lost.law, lost.about)
    assert "MULEBANK was never told" in lost.found


def test_whatever_the_domain_does_banks_are_told_of_it(tmp_path: Path) -> None:
    """Whole logs of sequences, with the messages that follow from them."""
    for seed in range(40):
        here = Driver(85_000 + seed).run(60)
        assert () == audited(log_of(tmp_path / str(seed), here.entries)).findings


def test_reveals_are_counted_by_day_and_told_once(tmp_path: Path) -> None:
    """The fifty-first within a day is beyond the budget; a crash makes no second one of it."""
    here, _ = held()
    reveals = [
        {"file": "vault", "number": number, "at_ms": number, "by": "zhanar", "reason": "case c1",
         "token": "1" * 32}
        for number in (*range(51), 50)
    ]  # fmt: skip
    found = audited(log_of(tmp_path / "log", here.entries, reveals))
    assert 51 == len(found.reveals)
    assert [("reveal", "zhanar")] == [(one.law, one.about) for one in found.findings]
    assert 50 == found.reveals[49].in_day


def test_an_earlier_instant_can_be_audited(tmp_path: Path) -> None:
    """As of an entry, with the holds that a running centre has then."""
    here, name = held()
    before = dict(here.state.holds)
    size = len(here.entries)
    here.do(ANALYST, a.HoldReleased(name, "mistake"))
    here.do(CENTRE, a.CaseEscalated(next(iter(here.state.cases))))
    log_of(tmp_path / "log", here.entries)
    with Log.open(tmp_path / "log", writable=False) as log:
        assert () == audit(log, stop=size, live=before).findings
        assert () == audit(log, live=here.state.holds).findings
        assert "differs" in {one.law for one in audit(log, live=before).findings}


def test_what_is_no_act_is_a_finding(tmp_path: Path) -> None:
    """A body that nobody can read stops nothing."""
    here, _ = held()
    directory = log_of(tmp_path / "log", here.entries)
    with Log.open(directory) as log:
        entries = audit_entry(b'{"at_ms":1}', log.last_known_at_ms)
        log.append(entries)
    assert {"order", "differs"} == {one.law for one in audited(directory).findings}


def audit_entry(body: bytes, at_ms: int) -> Entries:
    """One entry of the kind HOLD with that body."""
    return Entries(
        np.array([Kind.HOLD], np.uint8), np.array([at_ms], np.int64), bodies_from([body]),
        np.zeros((1, 2), np.uint64),
    )  # fmt: skip
