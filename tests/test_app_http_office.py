"""A crash between the entries that belong to one report: what is missing is done, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arasha.cases.acts import (
    CENTRE,
    AnyAct,
    HoldsPlaced,
    RecallOpened,
    Target,
    unpack,
    word_of,
)
from arasha.cases.intake import Seen, read, report_of
from arasha.cases.law_document import load_law
from arasha.cases.projection import Done, acts_in, rebuilt
from arasha.cases.records import RecallStatus
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.engine.decide import Centre, decide
from arasha.engine.reigns import record_of
from arasha.events.records import ReportFiled
from arasha.log.log import Log
from arasha.policy.document import load
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import now, participant, paying, serving
from test_app_http_acting import LAW, until

BANKS = ("BANKKZKA", "MULEBANK")
VICTIM, MULE = "KZ75125KZT1001300335", "KZ03125KZT2001300336"


@contextmanager
def writing(directory: Path, policy: Path) -> Iterator[Log]:
    """A new log with a policy and a law in force, which this process writes."""
    directory.mkdir(parents=True, exist_ok=True)
    now_ms = time.time_ns() // 1_000_000
    with Log.create(directory, created_at_ms=now_ms) as log:
        log.append(record_of(load(policy), now_ms))
        Writer.open(log).begin(load_law(LAW), now_ms)
        yield log


def taken_in(log: Log, policy: Path, *, with_holds: bool) -> None:
    """A payment and its attested report, as far as a service came with it before it was killed:
    the report is on the desk or, ``with_holds``, holds and recall are there, in their one commit.
    """
    judge, tokens = Judge(load(policy)), Tokens.load_or_create(log.directory)
    now_ms = time.time_ns() // 1_000_000
    paid = paying("p-1", payer_account=VICTIM, payee_account=MULE, payer_bank=BANKS[0],
                  payee_bank=BANKS[1])  # fmt: skip
    report = ReportFiled(id="r-1", happened_at=now(), payment="p-1", attested=True)
    facts = facts_from_records([paid, report], BANKS[0], tokens)
    start = log.size
    decide(Centre(log, judge, judge.fresh_state()), facts, now_ms=now_ms)
    (seen,) = (one for one in read(log, start, log.size) if isinstance(one, Seen))
    taken = report_of(log, seen, log.seqs_of, BANKS)
    assert taken is not None
    writer = Writer.open(log)
    assert isinstance(writer.do(CENTRE, taken, now_ms), Done)
    if with_holds:
        target = Target(taken.payee, BANKS[1], taken.amount_minor, "0" * 20)
        acts: list[AnyAct] = [HoldsPlaced(taken.report, (target,)), RecallOpened(taken.report)]
        assert all(isinstance(one, Done) for one in writer.do_all(CENTRE, acts, now_ms))


def acted(directory: Path) -> tuple[State, list[str]]:
    """The state that the log amounts to, and the words of all acts."""
    with Log.open(directory, writable=False) as log:
        words = [word_of(type(unpack(body).act)) for _, _, body in acts_in(log, 0, log.size)]
        return rebuilt(log).state, words


def is_finished(directory: Path) -> bool:
    """Whether the banks were asked for the money back: the last of what follows from a report."""
    state, _ = acted(directory)
    return [RecallStatus.AWAITING_ANSWER] == [one.status for one in state.recalls.values()]


@pytest.mark.parametrize("with_holds", [False, True], ids=["report taken", "holds placed"])
def test_the_next_start_finishes_what_a_crash_left(tmp_path: Path, *, with_holds: bool) -> None:
    """Killed after either commit; a third start, and one after a kill, do nothing more."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in BANKS}
    with writing(directory, policy) as log:
        taken_in(log, policy, with_holds=with_holds)
    assert not is_finished(directory)
    with serving(directory, None, keys=keys) as served:
        until(lambda: is_finished(directory))
        served.kill()
    state, words = acted(directory)
    (hold,) = state.holds.values()
    assert (100_000, "MULEBANK") == (hold.amount_minor, hold.bank)
    with serving(directory, None, keys=keys) as served:
        call_at = f"/v1/holds/{hold.id}/answer"
        response = served.request("POST", call_at, b'{"held_minor": 100000}', name="MULEBANK")
        assert 200 == response.status_code, response.text
        time.sleep(1.5)  # three looks at the log
        assert 0 == served.stop()
    assert [*words, "hold_answered"] == acted(directory)[1]


def test_a_standby_that_takes_over_finishes_it(tmp_path: Path) -> None:
    """It followed the log while another process wrote it, and that one died in between."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in BANKS}
    with writing(directory, policy) as log, serving(directory, None, "--standby", keys=keys) as by:
        assert 503 == by.request("GET", "/health/ready", name=None).status_code
        taken_in(log, policy, with_holds=False)
        assert not is_finished(directory)
        log.close()
        until(lambda: is_finished(directory))
        assert 0 == by.stop()
    assert 1 == len(acted(directory)[0].holds)
