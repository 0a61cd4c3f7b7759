"""Identifiers do not outlive the facts they came with: ``arasha log retire`` and the vault."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.engine.retention import renew_snapshot, retire_before
from arasha.events.schema import Kind
from arasha.log import snapshots
from arasha.log.log import Log
from arasha.log.retire import periods
from arasha.log.verify import verify
from exchange_samples import acts_of_log
from keeping_samples import ALWAYS, ENVIRONMENT, LATELY, ONCE, bytes_of, centre, revealed, token

WORDS = ("--before", "2026-06", "--reason", "the months have left every window", "--by", "clerk")


@pytest.fixture
def lived(tmp_path: Path) -> Path:
    """A centre whose January has left every window."""
    return centre(tmp_path / "c", tmp_path)


def test_identifiers_of_a_month_that_is_over_are_gone(
    lived: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those seen later stay; of the others neither token nor text nor key is left in any file."""
    before = [*ONCE, *ALWAYS, *LATELY]
    assert before == revealed(lived, before)
    assert Exit.OK == main(["log", "retire", str(lived), *WORDS, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (["2026-01"], 3) == ([one["month"] for one in said["retired"]], said["subjects"])
    everything = bytes_of(lived)
    for canary in ONCE:
        assert canary.encode() not in everything
        assert token(canary) not in everything
    assert [None, None, None, *ALWAYS, *LATELY] == revealed(lived, before)
    assert verify(lived).ok


def test_the_log_says_how_many_and_not_who(lived: Path) -> None:
    """The entry has the month and a number, nothing of a person."""
    main(["log", "retire", str(lived), *WORDS])
    [body] = [body for kind, body in acts_of_log(lived) if kind is Kind.ERASED]
    assert {"file": "vault", "month": "2026-01", "subjects": 3} == {
        name: body[name] for name in ("file", "month", "subjects")
    }
    assert {"file", "number", "month", "subjects", "at_ms"} == set(body)
    words = json.dumps(body)
    assert not any(token(canary).hex() in words for canary in (*ONCE, *ALWAYS))


def test_nothing_is_forgotten_while_a_window_reaches_in(
    lived: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A retirement that is refused touches no subject."""
    refused = ["log", "retire", str(lived), "--before", "2026-07", *WORDS[2:]]
    assert Exit.USAGE == main(refused)
    assert "still needed" in capsys.readouterr().err
    assert [*ONCE] == revealed(lived, ONCE)


def test_a_directory_without_a_vault_gets_none(tmp_path: Path) -> None:
    """Months of a replay go as before."""
    directory = centre(tmp_path / "c", tmp_path)
    for path in directory.glob("vault.sqlite*"):
        path.unlink()
    gone = retire_before(directory, "2026-06", by="a clerk", reason="age")
    assert (["2026-01"], 0) == ([period.month for period in gone.months], gone.subjects)
    assert [] == list(directory.glob("vault*"))


def test_what_was_kept_for_facts_that_never_came_goes_with_the_next_month(lived: Path) -> None:
    """An identifier that was hidden just before a crash, and whose fact nobody has."""
    from keeping_samples import keep_hidden

    keep_hidden(lived, ["KZ-CANARY-NO-FACT"])
    gone = retire_before(lived, "2026-06", by="a clerk", reason="age")
    assert 4 == gone.subjects
    assert [None] == revealed(lived, ["KZ-CANARY-NO-FACT"])


def test_the_snapshot_of_a_retirement_can_be_taken_again(lived: Path) -> None:
    """Byte for byte the same windows, from a log that has nothing of the month any more."""
    retire_before(lived, "2026-06", by="a clerk", reason="age")
    [(seq, path)] = snapshots.listed(lived)
    first = snapshots.load(path)
    path.unlink()
    renew_snapshot(lived)
    [(again, path)] = snapshots.listed(lived)
    assert seq == again
    second = snapshots.load(path)
    assert first.arrays.keys() == second.arrays.keys()
    assert Exit.OK == main(["log", "replay", str(lived)])


@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_kill_9_at_any_time_and_done_again(tmp_path: Path, rounds: int) -> None:
    """Killed up to four times in each: identifiers are never there when their facts' key is gone,
    and the last, which is let finish, leaves nothing.
    """
    chance = Random(3)
    pristine = centre(tmp_path / "c", tmp_path)
    for round_number in range(rounds):
        lived = tmp_path / f"c{round_number}"
        subprocess.run(["cp", "-a", str(pristine), str(lived)], check=True)
        for _ in range(4):
            child = subprocess.Popen(
                [sys.executable, "-c", RETIRING, str(lived), *WORDS], env=ENVIRONMENT,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            assert child.stdout is not None
            assert "begins\n" == child.stdout.readline()
            try:
                child.wait(chance.uniform(0, 0.5))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            child.stdout.close()
            child.wait()
            if not next(p for p in periods(lived) if p.retention == 0).has_key:
                assert [None] * 3 == revealed(lived, ONCE)
        assert Exit.OK == main(["log", "retire", str(lived), *WORDS])
        assert [None] * 3 == revealed(lived, ONCE)
        everything = bytes_of(lived)
        assert not any(token(canary) in everything for canary in ONCE)
        assert [*ALWAYS, *LATELY] == revealed(lived, [*ALWAYS, *LATELY])
        with Log.open(lived) as log:
            assert log.size
        assert verify(lived).ok


RETIRING = """
import sys
from arasha.app.main import main
import arasha.engine.retention
print("begins", flush=True)
main(["log", "retire", sys.argv[1], *sys.argv[2:]])
"""
