"""The outbox alone: queues by subject, what ends a message, what people may do."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from arasha.errors import StoreError, UsageError
from arasha.exchange.outbox import (
    KEPT_MS,
    OUTBOX_FILE,
    Due,
    Forgotten,
    Listens,
    Outbox,
    State,
    Tried,
)
from exchange_samples import NOW_MS

SUBJECTS = ("p-1", "p-2", "p-3")
BANKS = ("ABANK", "BBANK")
OPENED: list[Outbox] = []


def due(seq: int, subject: str = "p-1", participant: str = "ABANK", number: int = 0) -> Due:
    """A message of that entry."""
    name = f"{seq}.{number}"
    return Due(seq, number, name, participant, "decision_changed", subject,
               b'{"id":"%b"}' % name.encode(), NOW_MS + seq, NOW_MS)  # fmt: skip


def states(outbox: Outbox) -> dict[str, str]:
    return {row.id: row.state.name.lower() for row in outbox.listed(list(State), most=None)}


def opened(directory: Path) -> Outbox:
    """The outbox, closed when the test is over."""
    outbox = Outbox.open(directory)
    OPENED.append(outbox)
    return outbox


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test has opened."""
    yield
    while OPENED:
        OPENED.pop().close()


def told(outbox: Outbox) -> list[tuple[str, list[str]]]:
    acts = [json.loads(act.body) for act in outbox.waiting()]
    return [(act["what"], act["messages"]) for act in acts]


def test_a_subject_is_a_queue(directory: Path) -> None:
    """Its head alone is due; a dead head holds the others back; dropped, it does so no more."""
    outbox = opened(directory)
    outbox.take_in([due(1), due(2), due(3, "p-2"), due(4, participant="BBANK"), due(5)], 6)
    assert {"1.0": "due", "2.0": "behind", "3.0": "due", "4.0": "due", "5.0": "behind"} == (
        states(outbox)
    )
    [first, other] = outbox.due("ABANK", NOW_MS, 10)
    outbox.note([Tried(first, State.DEAD, "gone"), Tried(other, State.DELIVERED)], NOW_MS)
    assert [] == outbox.due("ABANK", NOW_MS, 10)
    outbox.take_in([due(6)], 7)
    assert "behind" == states(outbox)["6.0"]
    outbox.drop(["1.0"], NOW_MS, by="duty", reason="told by telephone")
    for expected in ("2.0", "5.0", "6.0"):
        [head] = outbox.due("ABANK", NOW_MS, 10)
        assert expected == head.id
        outbox.note([Tried(head, State.DELIVERED)], NOW_MS)
    assert [("delivered", ["3.0"]), ("dead", ["1.0"]), ("dropped", ["1.0"])] == told(outbox)[:3]


def test_what_failed_waits_and_keeps_its_count(directory: Path) -> None:
    """Not before its time; by another process, after a restart, just so."""
    outbox = opened(directory)
    outbox.take_in([due(1)], 2)
    for tries in (1, 2, 3):
        [row] = outbox.due("ABANK", NOW_MS + tries, 10)
        outbox.note([Tried(row, State.DUE, "failed", NOW_MS + tries + 1)], NOW_MS + tries)
        outbox.close()
        outbox = opened(directory)
        assert [] == outbox.due("ABANK", NOW_MS + tries, 10)
        assert NOW_MS + tries + 1 == outbox.next_ms("ABANK")
    [row] = outbox.due("ABANK", NOW_MS + 9, 10)
    assert (3, NOW_MS + 1, "failed") == (row.tries, row.first_ms, row.fault)
    assert None is outbox.next_ms("BBANK")
    assert [] == outbox.waiting()


def test_sent_again_a_message_begins_anew(directory: Path) -> None:
    """By id, of a participant, or all; only what is dead."""
    outbox = opened(directory)
    outbox.take_in([due(1), due(2), due(3, participant="BBANK")], 4)
    for bank in BANKS:
        [row] = outbox.due(bank, NOW_MS, 10)
        outbox.note([Tried(row, State.DEAD, "failed")], NOW_MS)
    for name, found in (("2.0", "behind"), ("9.9", "no such message")):
        with pytest.raises(UsageError, match=r"is not dead") as refused:
            outbox.resend([name], NOW_MS, by="duty")
        assert found == refused.value.found
    assert ["1.0"] == outbox.resend(None, NOW_MS, by="duty", participant="ABANK")
    [row] = outbox.due("ABANK", NOW_MS, 10)
    assert (0, None) == (row.tries, row.first_ms)
    assert ["3.0"] == outbox.resend(None, NOW_MS, by="duty")
    assert [] == outbox.resend(None, NOW_MS, by="duty")
    with pytest.raises(UsageError, match="is not dead"):
        outbox.drop(["1.0"], NOW_MS, by="duty", reason="no")


def test_figures_and_what_is_let_go(directory: Path) -> None:
    """What waits is counted with its age; what ended is listed for a week."""
    outbox = opened(directory)
    assert (0, 0, 0, None) == astuple(outbox)
    outbox.take_in([due(1), due(2), due(3, "p-2")], 4)
    assert (2, 1, 0, NOW_MS + 1) == astuple(outbox)
    [head, _] = outbox.due("ABANK", NOW_MS, 10)
    outbox.note([Tried(head, State.DELIVERED)], NOW_MS + 5)
    assert (2, 0, 0, NOW_MS + 2) == astuple(outbox)
    assert 0 == outbox.prune(NOW_MS + 5 + KEPT_MS)
    assert 1 == outbox.prune(NOW_MS + 6 + KEPT_MS)
    assert ["2.0", "3.0"] == sorted(states(outbox))


def astuple(outbox: Outbox) -> tuple[int, int, int, int | None]:
    found = outbox.standing()
    return found.due, found.behind, found.dead, found.oldest_ms


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Another database under that name is not touched."""
    from arasha.exchange.register import Register

    Register.open(tmp_path, lambda: NOW_MS).close()
    for end in ("", "-wal"):
        (tmp_path / f"exchange.sqlite{end}").rename(tmp_path / f"{OUTBOX_FILE}{end}")
    with pytest.raises(StoreError, match="something else"):
        Outbox.open(tmp_path)


class Queues(RuleBasedStateMachine):
    """Whatever happens in whatever order: none is lost, overtaken, or stands still for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.outbox = Outbox.open(Path(self.folder.name))
        self.seq = 0
        self.made: list[Due] = []
        self.delivered: list[str] = []
        self.gone: set[str] = set()

    def teardown(self) -> None:
        self.outbox.close()
        self.folder.cleanup()

    @rule(subject=st.sampled_from(SUBJECTS), bank=st.sampled_from(BANKS))
    def make(self, subject: str, bank: str) -> None:
        self.seq += 1
        made = due(self.seq, subject, bank)
        self.made.append(made)
        self.outbox.take_in([made], self.seq + 1)

    @rule(bank=st.sampled_from(BANKS), place=st.integers(0, 2),
          state=st.sampled_from((State.DELIVERED, State.DEAD, State.DUE)))  # fmt: skip
    def attempt(self, bank: str, place: int, state: State) -> None:
        rows = self.outbox.due(bank, NOW_MS, 10)
        if rows:
            row = rows[place % len(rows)]
            if state is State.DELIVERED:
                self.delivered.append(row.id)
            self.outbox.note([Tried(row, state, None if state is State.DELIVERED else "failed")],
                             NOW_MS)  # fmt: skip

    @rule()
    def resend(self) -> None:
        self.outbox.resend(None, NOW_MS, by="duty")

    @rule(place=st.integers(0, 5))
    def drop(self, place: int) -> None:
        dead = self.outbox.listed([State.DEAD])
        if dead:
            self.gone.add(dead[place % len(dead)].id)
            self.outbox.drop([dead[place % len(dead)].id], NOW_MS, by="duty", reason="told so")

    @rule(bank=st.sampled_from(BANKS))
    def remove(self, bank: str) -> None:
        self.outbox.take_in([Listens(bank, None)], self.seq + 1)

    @precondition(lambda self: self.seq > 8)
    @rule()
    def forget(self) -> None:
        self.gone |= {made.id for made in self.made}
        self.outbox.take_in([Forgotten(NOW_MS, NOW_MS + 1)], self.seq + 1)

    @rule()
    def restart(self) -> None:
        self.outbox.close()
        self.outbox = Outbox.open(Path(self.folder.name))

    @invariant()
    def each_queue_has_one_head(self) -> None:
        rows = self.outbox.listed([State.DUE, State.BEHIND, State.DEAD], most=None)
        for bank in BANKS:
            for subject in SUBJECTS:
                queue = [row for row in rows if (row.participant, row.subject) == (bank, subject)]
                queue.sort(key=lambda row: row.seq)
                assert all(row.state is State.BEHIND for row in queue[1:])
                assert all(row.state is not State.BEHIND for row in queue[:1])

    @invariant()
    def nothing_is_lost_and_nothing_overtakes(self) -> None:
        waiting = {row.id for row in self.outbox.listed(list(State)[:3], most=None)}
        assert {made.id for made in self.made} == waiting | set(self.delivered) | self.gone
        assert len(self.delivered) == len(set(self.delivered))
        of = {made.id: (made.participant, made.subject, made.seq) for made in self.made}
        for bank in BANKS:
            for subject in SUBJECTS:
                order = [of[i][2] for i in self.delivered if of[i][:2] == (bank, subject)]
                assert sorted(order) == order


Queues.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestQueues = Queues.TestCase
