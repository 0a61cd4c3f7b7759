"""``arasha gateways``: as a person and the service meet it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app_samples import printed, said
from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.cases.law_document import load_law
from arasha.cases.writer import Writer
from arasha.events.body import pack_facts
from arasha.events.reference import digests_of
from arasha.log.log import Entries, Log
from gateways_samples import Telling


def log_of(directory: Path, telling: Telling, law: Path | None) -> Path:
    """A log of these facts, and a law if there is one."""
    facts = telling.facts
    with Log.create(directory, created_at_ms=0) as log:
        if law is not None:
            Writer.open(log).begin(load_law(law), telling.at_ms - 1)
        times = facts.number("happened_at")
        log.append(Entries(facts.kinds, times, pack_facts(facts), digests_of(facts)))
    return directory


def straw() -> Telling:
    """Twelve numbers of one person, and a box."""
    telling = Telling().talkative()
    for turn in range(12):
        telling.sim(f"h{turn}", holder="somebody")
    for turn in range(4):
        telling.sim(f"b{turn}", device="box").calls(f"b{turn}", 5, taken=1, device="box")
    return telling


def test_groups_are_told(tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table, and as the acts that the service makes of them; the law says how many numbers a
    person can have.
    """
    directory = log_of(tmp_path / "log", straw(), root / "law" / "kz.toml")
    assert "2 groups" in printed(["gateways", directory], capsys)
    told = said(["gateways", directory], capsys)
    assert {"sim_box", "over_the_limit"} == {one["pattern"] for one in told["found"]}
    assert {"numbers_found"} == {one["act"] for one in told["found"]}
    assert np.isclose(told["uncounted"], 0)


def test_without_a_law_nobody_has_too_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limit is the law's, not ours."""
    directory = log_of(tmp_path / "log", straw(), None)
    told = said(["gateways", directory], capsys)
    assert ["sim_box"] == [one["pattern"] for one in told["found"]]


def test_without_a_log_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    """Exit code 2."""
    assert Exit.USAGE == main(["gateways", str(tmp_path)])
