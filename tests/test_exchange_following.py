"""What the log makes due, to whom, and that nothing else is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from arasha.errors import StoreFull
from arasha.events.decisions import ACTIONS
from arasha.events.schema import Kind
from arasha.exchange import following as module
from arasha.exchange.acts import keep_waiting
from arasha.exchange.following import Following
from arasha.exchange.messages import MAPPERS, Entry, Lookup, Message
from arasha.exchange.outbox import OUTBOX_FILE, Outbox, State, Tried
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.log.retire import retire
from followed_samples import act, data, followed, label, rows, told, webhook
from log_samples import APRIL_MS, DAY_MS, keep

MAY_MS = APRIL_MS + 31 * DAY_MS


def test_a_label_against_the_verdict_is_told_and_one_for_it_is_not(tmp_path: Path) -> None:
    """Fraud that was let through, honesty that was stopped; in the words of the payment's bank."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        first = keep(log, 4, 0)  # of odd places: warn and block, in turn
        seqs = range(first, log.size, 2)
        actions = [ACTIONS[seq % 4] for seq in seqs]
        assert {"warn", "block"} == set(actions)
        for n in range(4):
            label(log, f"f-{n}", f"p-{n}", fraud=True)
            label(log, f"h-{n}", f"p-{n}", fraud=False)
        block = actions.index("block")
        label(log, "c-1", f"p-{block}", fraud=False, sender="ARASHA", bank="BANKKZKA")  # a case
        outbox = Outbox.open(tmp_path)
        followed(log, outbox)
    found = [data(row) for row in rows(outbox)[1:]]
    expected = [
        {"payment": f"p-{n}", "seq": seq, "action": action,
         "cause": "found_honest" if action == "block" else "found_fraud"}
        for n, (seq, action) in enumerate(zip(seqs, actions, strict=True))
    ]  # fmt: skip
    assert [*expected, expected[block]] == found


def test_who_does_not_listen_is_told_nothing(tmp_path: Path) -> None:
    """Neither before a webhook was set nor after it was removed, nor what it did not ask for."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        keep(log, 1, 0)
        label(log, "l-1", "p-0", fraud=True)
        webhook(log, "BANKKZKA", ["rights_changed"])
        label(log, "l-2", "p-0", fraud=True)
        webhook(log, "BANKKZKA", ["decision_changed"])
        label(log, "l-3", "p-0", fraud=True)
        act(log, Kind.RIGHTS, {"kind": "participant", "name": "BANKKZKA", "by": "duty",
                               "change": "webhook_removed", "at_ms": 2})  # fmt: skip
        label(log, "l-4", "p-0", fraud=True)
        outbox = Outbox.open(tmp_path)
        followed(log, outbox)
    assert ["rights_changed", "decision_changed"] == [row.type for row in rows(outbox)]
    assert {State.DEAD} == {row.state for row in rows(outbox)}
    assert {} == outbox.receivers()


def test_verdicts_that_came_too_late_are_told_each_to_its_bank(tmp_path: Path) -> None:
    """One entry, several banks; each hears of its own by its own id."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        seq = keep(log, 3, 0)
        act(log, Kind.UNTOLD, {"payments": [seq + 4, seq, 10**9]})
        outbox = Outbox.open(tmp_path)
        followed(log, outbox)
        entry = log.size - 1
    assert [(f"{entry}.0", "p-2"), (f"{entry}.1", "p-0")] == [
        (row.id, data(row)["payment"]) for row in rows(outbox)[1:]
    ]


def test_it_is_the_same_however_it_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Followed as the log grows, at one go, or an entry at a time: the same bytes."""
    found = []
    for name, size in (("grown", None), ("whole", 8_192), ("single", 1), ("sevens", 7)):
        if size is not None:
            monkeypatch.setattr(module, "ENTRIES_AT_ONCE", size)
        directory = tmp_path / name
        with Log.create(directory, created_at_ms=APRIL_MS) as log:
            outbox = Outbox.open(directory)
            following = Following(log, outbox, log.seqs_of)
            for n in range(5):
                if n == 1:
                    webhook(log, "BANKKZKA")
                seq = keep(log, 3, 3 * n)
                label(log, f"l-{n}", f"p-{3 * n}", fraud=not seq % 2)
                act(log, Kind.UNTOLD, {"payments": [seq, seq + 2]})
                if size is None:
                    while following.step():
                        pass
            while following.step():
                pass
            assert following.caught_up
            assert 0 == following.behind
            outbox.close()
        found.append([(i, s, strip(body)) for i, s, body in told(directory)])
    assert found[0] == found[1] == found[2] == found[3]
    assert len(found[0]) > 8


def strip(body: bytes) -> bytes:
    """The body without the log's own name, which comes of its keys."""
    before, _, rest = body.partition(b'"source":"')
    return before + rest.partition(b'"')[2]


def test_made_again_from_the_log_it_stands_where_it_stood(tmp_path: Path) -> None:
    """Delivered, dead, sent again, dropped: what reached the log; ids and bytes are the same."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        for n in range(4):
            keep(log, 1, n)
            for fraud in (True, False, True, False):  # two of them are against the verdict
                label(log, f"l-{log.size}", f"p-{n}", fraud=fraud)
        outbox = Outbox.open(tmp_path)
        following = followed(log, outbox)
        due = {row.subject: row for row in rows(outbox, State.DUE)}
        tries = [Tried(due["p-0"], State.DELIVERED)]
        tries += [Tried(due[f"p-{n}"], State.DEAD, "gone") for n in (1, 2, 3)]
        outbox.note(tries, APRIL_MS + 1)
        outbox.resend([due["p-2"].id], APRIL_MS + 2, by="duty")
        outbox.drop([due["p-3"].id], APRIL_MS + 3, by="duty", reason="told by telephone")
        keep_waiting(log, [outbox.database], APRIL_MS + 4)
        while following.step():
            pass
        before = told(tmp_path)
        outbox.close()
        (tmp_path / OUTBOX_FILE).unlink()
        again = Outbox.open(tmp_path)
        followed(log, again)
        again.close()
    assert before == told(tmp_path)
    assert ["DUE", "DELIVERED", "DUE", "DEAD", "BEHIND", "DUE", "BEHIND", "DROPPED", "DUE"] == [
        state for _, state, _ in before
    ]


def test_what_is_retired_is_not_told_any_more(tmp_path: Path) -> None:
    """With a month's facts go the messages that tell of them, and what was behind them goes on."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        keep(log, 1, 0)
        label(log, "l-1", "p-0", fraud=True, known_at_ms=MAY_MS)
        keep(log, 1, 1, MAY_MS)
        seq = log.size - 2
        act(log, Kind.UNTOLD, {"payments": [seq]}, MAY_MS)
        keep(log, 1, 2, MAY_MS + 40 * DAY_MS)
        outbox = Outbox.open(tmp_path)
        following = followed(log, outbox)
        assert ["BANKKZKA", "p-0", "p-1"] == [row.subject for row in rows(outbox)]
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=DAY_MS, by="duty", reason="over")
        while following.step():
            pass
    assert ["BANKKZKA", "p-1"] == [row.subject for row in rows(outbox)]
    assert b"p-0" not in (tmp_path / OUTBOX_FILE).read_bytes()


def test_what_is_not_committed_is_not_seen(tmp_path: Path) -> None:
    """A reader beside the writer: no message before the entry is durable, one right after."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        reader, outbox = Log.open(tmp_path, writable=False), Outbox.open(tmp_path)
        following = Following(reader, outbox, log.seqs_of)
        assert 1 == following.step()
        assert 0 == following.step()
        keep(log, 1, 0)
        label(log, "l-1", "p-0", fraud=True)
        assert 3 == following.step()
        reader.close()
    assert 2 == len(rows(outbox))


def test_a_step_that_fails_is_made_again_whole(tmp_path: Path) -> None:
    """Neither lost nor twice, wherever it broke off; who listens is known as before."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        keep(log, 1, 0)
        outbox = Outbox.open(tmp_path)
        faults = iter((RuntimeError("before"), StoreFull("in between"), None, None))

        def failing(entry: Entry, lookup: Lookup) -> Iterable[Message]:
            fault = next(faults)
            if fault is not None:
                raise fault
            return MAPPERS[Kind.RIGHTS](entry, lookup)

        following = Following(log, outbox, log.seqs_of, mappers={**MAPPERS, Kind.RIGHTS: failing})
        webhook(log, "BANKKZKA")
        label(log, "l-1", "p-0", fraud=True)
        for expected in (RuntimeError, StoreFull):
            with pytest.raises(expected):
                following.step()
            assert [] == rows(outbox)
            assert {} == outbox.receivers()
        assert 2 == following.step()
    assert ["BANKKZKA", "p-0"] == [row.subject for row in rows(outbox)]


def test_another_act_needs_a_line_in_the_table(tmp_path: Path) -> None:
    """A kind of entry that nobody maps says nothing; with a mapper it does."""

    def erased(entry: Entry, lookup: Lookup) -> Iterable[Message]:
        assert lookup.wants("BANKKZKA", "hold_placed")
        for number in range(2):
            yield Message("BANKKZKA", "hold_placed", "h-1", {}, entry.seq, number=number)

    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        seq = act(log, Kind.ERASED, {"by": "duty"})
        outbox = Outbox.open(tmp_path)
        following = Following(log, outbox, log.seqs_of, mappers={**MAPPERS, Kind.ERASED: erased})
        while following.step():
            pass
    assert [f"{seq}.0", f"{seq}.1"] == [row.id for row in rows(outbox)[1:]]
    assert [State.DUE, State.BEHIND] == [row.state for row in rows(outbox)[1:]]


def test_a_log_without_webhooks_is_not_read_from_its_beginning(tmp_path: Path) -> None:
    """Before anybody listened nothing was due: a new outbox begins at the end."""
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        keep(log, 50, 0)
        outbox = Outbox.open(tmp_path)
        assert 0 == Following(log, outbox, log.seqs_of).step()
        assert log.size == outbox.cursor
        assert np.array_equal([-1], log.seqs_of([bytes(16)]))
