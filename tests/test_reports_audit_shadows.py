"""What followed in the shadow, read a second time: whose it was, and from when until when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from arasha.cases import acts as a
from arasha.cases import perform
from arasha.cases.records import Asked, Shadowed
from arasha.cases.state import Changes, State
from arasha.reports.audit_records import ShadowRead
from arasha.reports.audit_tables import as_object, shadows
from audit_samples import audited, broken, forged, log_of, read_of
from cases_driver import Driver
from cases_samples import ANALYST, AUTHOR, PUBLISHER, Room, room

DRAFT, OTHER = "d" * 64, "e" * 64


def followed() -> Room:
    """A draft, another in its place, its end; then the end of what the command line had put."""
    here = room()
    here.do(AUTHOR, a.ShadowBegun(DRAFT))
    here.later(hours=1)
    here.do(PUBLISHER, a.ShadowBegun(OTHER))
    here.later(hours=1)
    here.do(AUTHOR, a.ShadowEnded(OTHER))
    here.do(AUTHOR, a.ShadowEnded(DRAFT))
    return here


def test_each_has_who_began_and_who_ended_it() -> None:
    """And what no entry began is said to be somebody else's."""
    here = followed()
    begun, next_ms, last_ms = (entry.at_ms for entry in here.entries[1:4])
    assert [
        ShadowRead(1, DRAFT, "kairat", begun, next_ms, "leila"),
        ShadowRead(2, OTHER, "leila", next_ms, last_ms, "kairat"),
        ShadowRead(4, DRAFT, None, None, last_ms, "kairat"),
    ] == read_of(here.entries).shadows
    assert {} == broken(here.entries)
    assert {"role"} == broken(forged(here, ANALYST, a.ShadowBegun(DRAFT))).keys()


def test_an_auditor_is_shown_all_of_them(tmp_path: Path) -> None:
    """In words and as data, the last one first; one that still follows has no end."""
    here = followed()
    here.do(AUTHOR, a.ShadowBegun(DRAFT))
    found = audited(log_of(tmp_path / "log", here.entries))
    assert () == found.findings
    assert [
        ("5", DRAFT[:12], "it follows"), ("4", DRAFT[:12], "2026-03-02 10:30:00"),
        ("2", OTHER[:12], "2026-03-02 10:30:00"), ("1", DRAFT[:12], "2026-03-02 09:30:00"),
    ] == [(row[0].words, row[1].words, row[3].words) for row in shadows(found).rows]  # fmt: skip
    assert ["by kairat", "the command line"] == [row[2].note for row in shadows(found).rows[:2]]
    told = as_object(found, with_parties=False)["shadows"]
    assert {"seq": 5, "policy": DRAFT, "author": "kairat", "from_ms": here.at_ms,
            "over_ms": None, "ended_by": None} == told[-1]  # fmt: skip


def test_both_readings_agree_on_whatever_is_done() -> None:
    """After any sequence the same policy follows, or none."""
    seen = set()
    for seed in range(60):
        here = Driver(97_000 + seed).run(60)
        reading = read_of(here.entries)
        read = None if reading.follows is None else reading.follows.policy
        known = None if here.state.shadowed is None else here.state.shadowed.policy
        assert known == read, seed
        seen.add(read)
    assert {"01" * 32, "10" * 32, None} == seen


def test_a_domain_that_forgets_who_follows_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit does not believe it."""
    here = room()
    here.do(AUTHOR, a.ShadowBegun(DRAFT))
    was = perform.begin_shadow

    def forgetful(state: State, asked: Asked, act: a.ShadowBegun) -> Changes:
        [made] = was(state, asked, act)
        assert isinstance(made, Shadowed)
        return (replace(made, policy=None),)

    act: type[a.Act] = a.ShadowBegun
    monkeypatch.setitem(perform._DECIDERS, act, forgetful)
    [finding] = audited(log_of(tmp_path / "log", here.entries)).findings
    assert ("differs", "shadow") == (finding.law, finding.about)
