"""What was told 504 is remembered by a file that outlives the process."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from arasha.app.http.late import LATE_FILE, Late
from arasha.events.body import unpack_facts
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.verify import verify
from exchange_samples import acts_of_log
from followed_samples import act
from log_samples import APRIL_MS, keep
from outbox_samples import receiving
from policy_samples import POLICY, written
from service_samples import Served, participant, serving
from test_app_http_outgoing import kept_busy, listening, too_late

SENDER = "BANKKZKA"


def test_a_killed_process_leaves_the_names_and_the_next_one_finds_their_places(
    tmp_path: Path,
) -> None:
    """Not of those that the log speaks of, nor of those that were never decided."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        first = keep(log, 4, 0)
        late = Late()
        late.opened(tmp_path, log)
        late.note(SENDER, ["p-0", "p-1"])
        late.note(SENDER, ["p-3"])
        late.note(SENDER, ["p-unknown"])
        act(log, Kind.UNTOLD, {"payments": [first + 2]})  # p-1; a decision stands behind each
        late.close()
        with (tmp_path / LATE_FILE).open("ab") as file:
            file.write(b"cut")
        again = Late()
        again.opened(tmp_path, log)
        assert [first, first + 6] == again.take(10)
        again.put_down([first, first + 6], kept=False)
        assert [first] == again.take(1)
        again.close()


def test_the_file_is_emptied_when_all_is_put_down(tmp_path: Path) -> None:
    """Not while somebody waits for a verdict, while one is to be put down, or is being."""
    path = tmp_path / LATE_FILE
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        late = Late()
        late.opened(tmp_path, log)
        late.note(SENDER, ["p-0"])
        late.tidy()
        assert 16 == path.stat().st_size
        late.decided([7])
        late.tidy()
        assert 16 == path.stat().st_size
        taken = late.take(10)
        late.tidy()
        assert ([7], 16) == (taken, path.stat().st_size)
        late.put_down(taken, kept=True)
        late.tidy()
        assert 0 == path.stat().st_size
        late.note(SENDER, ["p-1"])
        assert 16 == path.stat().st_size
        late.close()


def test_without_a_file_nothing_is_lost_but_by_a_kill(tmp_path: Path) -> None:
    """A service whose file cannot be used goes on."""
    late = Late()
    late.note(SENDER, ["p-0"])
    late.decided([3])
    assert [3] == late.take(5)
    late.put_down([3], kept=True)
    late.tidy()
    late.close()
    assert not (tmp_path / LATE_FILE).exists()


def test_a_verdict_after_a_504_is_told_even_if_the_service_is_killed_before_it_says_so(
    tmp_path: Path,
) -> None:
    """Kill -9 between the verdict and the entry that says that nobody was told of it."""
    directory, policy = tmp_path / "centre", written(tmp_path, POLICY)
    keys = {"HASTY": participant(directory, "HASTY", deadline_ms=8)}
    keys["BANKKZKA"] = participant(directory, "BANKKZKA")
    with receiving() as receiver:
        for attempt in range(15):
            with serving(directory, policy, keys=keys) as served:
                if not attempt:
                    listening(directory, "HASTY", receiver.url)
                    receiver.wait_for_data(change="webhook_set")
                with kept_busy(served):
                    try:
                        late = late_verdict(served, f"p-{attempt}")
                    finally:
                        served.kill()
            said = {
                seq
                for kind, body in acts_of_log(directory)
                if kind == Kind.UNTOLD
                for seq in body["payments"]
            }
            if judged(directory)[late] not in said:
                break
        else:
            raise AssertionError("each was put down before the kill: nothing was tried")
        with serving(directory, None, keys=keys) as served:
            got = receiver.wait_for_data(payment=late)
            assert "told_too_late" == got.event["data"]["cause"]
            assert 0 == served.stop()
    assert b"" == (directory / LATE_FILE).read_bytes()
    assert verify(directory).ok


def late_verdict(served: Served, name: str) -> str:
    """A payment that was told 504 and has just been decided after all; others are let go of. The
    entry that says so comes up to half a second behind.
    """
    with Log.open(served.directory, writable=False) as log:
        read = log.size
        for one in (f"{name}-{number}" for number in range(2_000)):
            until = time.monotonic() + (0.1 if too_late(served, one) else 0.0)
            while time.monotonic() < until:
                log.refresh()
                found, read = payments(log, read), log.size
                if one in found:
                    return one
                time.sleep(0.005)
    raise AssertionError("no verdict came too late")


def judged(directory: Path) -> dict[str, int]:
    """The places of the payments of a log, by their ids."""
    with Log.open(directory, writable=False) as log:
        return payments(log, 0)


def payments(log: Log, start: int) -> dict[str, int]:
    """The same of what stands there from a place on."""
    found: dict[str, int] = {}
    for frame in log.read(start):
        rows = np.flatnonzero(frame.kinds == Kind.PAYMENT)
        facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
        found |= dict(zip(facts.ids, (frame.first_seq + rows).tolist(), strict=True))
    return found
