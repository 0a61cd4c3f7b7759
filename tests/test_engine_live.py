"""Laws 1, 4, 5, 8 and 10 for the one who decides live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from arasha.engine import live as live_module
from arasha.engine.again import compare, explain
from arasha.engine.decide import LATE_MS
from arasha.engine.live import Answer, Ask, Fate, Job, Live
from arasha.engine.live_start import open_live, prepare
from arasha.engine.recall import Recalled
from arasha.errors import LogError, UsageError
from arasha.events.decisions import ACTIONS, FALLBACK, LATE, TOLD
from arasha.events.records import WarningAnswered
from arasha.events.schema import Kind
from arasha.log.log import Log
from live_samples import (
    NOW,
    NOW_MS,
    SECOND_NS,
    STRICTER,
    WITH_FALLBACK,
    Deliveries,
    Hands,
    payment,
    policy,
    row,
    running,
)
from model_samples import Learnt


def action(answer: Answer) -> str:
    assert answer.verdict is not None
    return ACTIONS[answer.verdict.action]


def kinds(directory: Path) -> list[int]:
    with Log.open(directory, writable=False) as log:
        return [kind for frame in log.read() for kind in frame.kinds.tolist()]


def test_each_payment_is_answered_with_what_the_log_holds(tmp_path: Path) -> None:
    """A verdict for each, at its place, and judged again it is the same."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        answers = [service.answer(payment(i, amount=f"{i + 1}50000.00")) for i in range(20)]
    assert {Fate.KEPT} == {answer.fate for answer in answers}
    assert list(range(1, 41, 2)) == [answer.seq for answer in answers]
    assert {"allow", "hold"} == {action(answer) for answer in answers}
    found = compare(tmp_path / "c")
    assert (20, 0) == (found.decisions, found.differing)
    explained = [explain(tmp_path / "c", answer.seq) for answer in answers]
    assert [int(one.decisions.score[0]) for one in explained] == [
        answer.verdict.score for answer in answers if answer.verdict
    ]


def test_what_waits_together_is_one_commit(tmp_path: Path) -> None:
    """Facts of many who ask at once share a batch, and each gets its own answers."""
    batches: list[live_module.Batch] = []
    hands, deliveries = Hands(), Deliveries()
    started = open_live(tmp_path / "c", policy(tmp_path), NOW_MS)
    live = Live(started, clock=hands, deliver=deliveries, on_batch=batches.append)
    asks = [Ask([], 0) for _ in range(30)]

    for i, ask in enumerate(asks):
        ask.rows, ask.deadline_ns = [row(payment(i))], hands.steady_ns + SECOND_NS
        assert live.submit(ask)
    live.start()
    deliveries.wait_for(asks[-1])
    live.stop()
    assert 1 == len(batches)
    assert [2 * i + 1 for i in range(30)] == [ask.answers[0].seq for ask in asks]


def test_asked_again_the_answer_is_the_same(tmp_path: Path) -> None:
    """In the same batch, later, from the log after a restart; a fact that is not judged, too."""
    warning = WarningAnswered(id="w-1", happened_at=NOW, payment="p-1", answer="stopped")
    with running(tmp_path / "c", policy(tmp_path)) as service:
        first, second = service.ask(payment(1), payment(1)).answers
        later = service.answer(payment(1))
        kept, again = service.answer(warning), service.answer(warning)
    with running(tmp_path / "c") as service:
        restarted = service.answer(payment(1))
    assert Fate.KEPT is first.fate is kept.fate
    assert {Fate.REPEATED} == {one.fate for one in (second, later, again, restarted)}
    for one in (second, later):
        assert (first.seq, first.known_at_ms, first.verdict) == (
            one.seq, one.known_at_ms, one.verdict,
        )  # fmt: skip
    assert restarted.verdict is not None
    assert first.verdict is not None
    assert (first.verdict.score, first.verdict.policy.hash) == (
        restarted.verdict.score, restarted.verdict.policy.hash,
    )  # fmt: skip
    assert (kept.seq, None) == (again.seq, again.verdict)
    assert [Kind.POLICY, Kind.PAYMENT, Kind.DECISION, Kind.WARNING] == kinds(tmp_path / "c")


def test_an_id_with_other_content_is_refused(tmp_path: Path) -> None:
    """Law 5; another sender may use the same id."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        assert Fate.KEPT is service.answer(payment(1)).fate
        assert Fate.CONFLICT is service.answer(payment(1, amount="1000.01")).fate
        other = service.answer(payment(1, amount="1000.01"), sender="OTHERBNK")
    assert Fate.KEPT is other.fate


def test_a_full_queue_says_so_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 8: what does not fit is not taken; what was taken is answered."""
    monkeypatch.setattr(live_module, "QUEUE_FACTS", 3)
    hands, deliveries = Hands(), Deliveries()
    started = open_live(tmp_path / "c", policy(tmp_path), NOW_MS)
    live = Live(started, clock=hands, deliver=deliveries)

    asks = [Ask([row(payment(i))], hands.steady_ns + SECOND_NS) for i in range(5)]
    assert [True, True, True, False, False] == [live.submit(ask) for ask in asks]
    assert 3 == live.waiting
    live.start()
    deliveries.wait_for(asks[2])
    assert live.submit(asks[3])
    live.stop()
    assert not live.submit(asks[4])
    assert [1, 1, 1, 1, 0] == [len(ask.answers) for ask in asks]


def test_where_many_have_waited_long_no_more_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of many waits too long: the door says so. Few are all in the next commit."""
    hands = Hands()
    started = open_live(tmp_path, policy(tmp_path), NOW_MS)
    live = Live(started, clock=hands, deliver=lambda _: None)
    monkeypatch.setattr(live_module, "MANY_FACTS", 3)
    asks = [Ask([row(payment(i))], 2**62) for i in range(5)]
    assert all(live.submit(ask) for ask in asks[:2])
    hands.steady_ns += 10 * live_module.QUEUE_NS
    assert live.submit(asks[2])
    assert not live.has_room()
    assert not live.submit(asks[3])
    hands.steady_ns -= 10 * live_module.QUEUE_NS - live_module.QUEUE_NS // 2 - 1
    assert (True, False) == (live.has_room(), live.has_room(patient=True))
    live.start()
    live.stop()
    assert all(ask.answers[0].fate is Fate.KEPT for ask in asks[:3])


def test_under_load_a_commit_waits_for_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a batch of many the next one is put off a little, but not when enough wait already,
    and a lone payment never.
    """
    monkeypatch.setattr(live_module, "PACE_NS", 10**12)  # for ever, in a test
    monkeypatch.setattr(live_module, "WHOLE_FACTS", 3)
    with running(tmp_path, policy(tmp_path)) as service:
        assert service.answer(payment(1)).fate is Fate.KEPT
        assert service.answer(payment(2)).fate is Fate.KEPT
        many = [payment(i) for i in range(10, 10 + live_module.LOADED_FACTS)]
        assert service.ask(*many).fault is None
        first, second = service.asking(payment(3)), service.asking(payment(4), payment(5))
        assert service.live.submit(first)
        assert not first.answers
        assert service.live.submit(second)
        service.deliveries.wait_for(second)
        assert first.answers[0].known_at_ms == second.answers[0].known_at_ms
        assert service.answer(payment(6), within_s=1) is not None


def test_without_a_fallback_what_is_over_is_not_kept(tmp_path: Path) -> None:
    """A payment whose time is over before it is judged gets no verdict and leaves no trace."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        assert Fate.EXPIRED is service.answer(payment(1), within_s=-1).fate
        warning = WarningAnswered(id="w-1", happened_at=NOW, payment="p-1", answer="stopped")
        assert Fate.KEPT is service.answer(warning, within_s=-1).fate
        assert Fate.KEPT is service.answer(payment(1)).fate
    assert [Kind.POLICY, Kind.WARNING, Kind.PAYMENT, Kind.DECISION] == kinds(tmp_path / "c")


def test_the_declared_fallback_is_recorded_and_obeyed(tmp_path: Path) -> None:
    """Law 10: what there is no time to judge gets the policy's word, marked; again it does, too.

    Asked once more it is the same, however much time there is. The windows know the payment.
    """
    with running(tmp_path / "c", policy(tmp_path, WITH_FALLBACK)) as service:
        late = service.answer(payment(1, amount="400000.00"), within_s=-1)
        again = service.answer(payment(1, amount="400000.00"))
        judged = service.answer(payment(11, payee_account="KZ5", amount="700000.00"), within_s=1)
    assert late.verdict is not None
    assert ("hold", 0, FALLBACK) == (action(late), late.verdict.score, late.verdict.marks)
    assert late.verdict == again.verdict
    assert "hold" == action(judged)
    assert judged.verdict is not None
    assert 600 == judged.verdict.score
    found = compare(tmp_path / "c")
    assert (2, 0) == (found.decisions, found.differing)
    assert FALLBACK == int(explain(tmp_path / "c", late.seq).decisions.marks[0])
    other = compare(tmp_path / "c", policy(tmp_path, STRICTER, "stricter.toml"))
    assert (2, 0) == (other.decisions, other.differing)


def test_a_mixed_batch_judges_those_who_have_time(tmp_path: Path) -> None:
    """In one commit one payment may be judged and the one before it not."""
    hands, deliveries = Hands(), Deliveries()
    started = open_live(tmp_path / "c", policy(tmp_path, WITH_FALLBACK), NOW_MS)
    live = Live(started, clock=hands, deliver=deliveries)

    asks = [
        Ask([row(payment(i, amount="2000000.00"))], hands.steady_ns + within)
        for i, within in enumerate((SECOND_NS, -SECOND_NS, SECOND_NS))
    ]
    for ask in asks:
        assert live.submit(ask)
    live.start()
    deliveries.wait_for(asks[2])
    live.stop()
    marks = [ask.answers[0].verdict.marks for ask in asks if ask.answers[0].verdict]
    scores = [ask.answers[0].verdict.score for ask in asks if ask.answers[0].verdict]
    assert ([0, FALLBACK, 0], [600, 0, 600]) == (marks, scores)
    assert 0 == compare(tmp_path / "c").differing


def test_a_clock_set_back_turns_no_time_back(tmp_path: Path) -> None:
    """An hour back: entries keep their order, and everything is judged as before."""
    hands = Hands()
    with running(tmp_path / "c", policy(tmp_path), hands) as service:
        before = service.answer(payment(1))
        hands.wall_ms -= 3_600_000
        after = service.answer(payment(2))
    with running(tmp_path / "c", None, hands) as service:
        restarted = service.answer(payment(3))
    assert [NOW_MS] * 3 == [one.known_at_ms for one in (before, after, restarted)]
    assert 0 == compare(tmp_path / "c").differing


def test_late_is_what_was_known_long_after_it_happened(tmp_path: Path) -> None:
    """On a busy line every payment happens before the entry ahead of it; that is not late."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.hands.wall_ms += LATE_MS
        just, over = (
            service.answer(payment(1)),
            service.answer(payment(2, happened_at=NOW.replace(minute=29, second=59))),
        )
    assert just.verdict is not None
    assert over.verdict is not None
    assert (0, LATE) == (just.verdict.marks, over.verdict.marks)


def test_another_policy_takes_over_between_two_decisions(tmp_path: Path) -> None:
    """The switch is an entry; what was decided keeps its policy, also in answers given again."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        before = service.answer(payment(1))
        prepared = prepare(tmp_path / "c", policy(tmp_path, STRICTER, "stricter.toml"))
        between = service.answer(payment(2))
        seq = service.do(Job(lambda: service.live.put_in_force(prepared)))
        after = service.answer(payment(3))
        found = service.do(Job(lambda: service.live.find("BANKKZKA", "p-1")))
        unknown = service.do(Job(lambda: service.live.find("BANKKZKA", "p-9")))
    assert ["allow", "allow", "hold"] == [action(one) for one in (before, between, after)]
    assert 5 == seq
    assert Kind.POLICY == kinds(tmp_path / "c")[5]
    assert isinstance(found, Recalled)
    assert before.verdict == found.verdict
    assert unknown is None
    again = compare(tmp_path / "c")
    assert ("stricter", 3, 0) == (again.policy.name, again.decisions, again.differing)
    assert "stricter" == explain(tmp_path / "c", after.seq).policy.name
    with running(tmp_path / "c") as service:
        assert "stricter" == service.live.policy.name
        restarted = service.answer(payment(1))
        assert restarted.verdict is not None
        assert "small" == restarted.verdict.policy.name


def test_the_new_policy_knows_what_happened_before_it(tmp_path: Path) -> None:
    """Its windows hold the payments that another policy judged."""
    known = STRICTER.replace("new_payee and", "not new_payee and")
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.answer(payment(1))
        prepared = prepare(tmp_path / "c", policy(tmp_path, known, "known.toml"))
        service.do(Job(lambda: service.live.put_in_force(prepared)))
        again = service.answer(payment(11, payee_account=payment(1).payee_account))
    assert "hold" == action(again)


def test_a_job_that_cannot_be_done_is_its_own_fault(tmp_path: Path) -> None:
    """Its fault is handed back, and decisions go on."""

    def impossible() -> None:
        raise UsageError("no")

    with running(tmp_path / "c", policy(tmp_path)) as service:
        job = Job(impossible)
        service.do(job)
        assert isinstance(job.fault, UsageError)
        assert Fate.KEPT is service.answer(payment(1)).fate


def test_when_the_log_fails_everybody_is_told_and_nothing_more_is_taken(tmp_path: Path) -> None:
    """After a failed commit nobody knows what is kept: no verdict, for anyone, and no retry."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        service.answer(payment(1))
        service.live.log._store.spoil("the test says so")
        failed = service.ask(payment(2))
        assert isinstance(failed.fault, LogError)
        assert [] == failed.answers
        assert service.live.fault is failed.fault
        assert not service.live.submit(service.asking(payment(3)))
    with running(tmp_path / "c") as service:
        assert Fate.REPEATED is service.answer(payment(1)).fate
        assert Fate.KEPT is service.answer(payment(2)).fate


def test_what_must_be_durable_before_is_done_before(tmp_path: Path) -> None:
    """``beforehand`` is called ahead of the commit; if it fails nothing is kept."""
    sizes: list[int] = []
    fail = False

    def beforehand() -> None:
        sizes.append(service.live.size)
        if fail:
            raise LogError("the vault is full")

    with running(tmp_path / "c", policy(tmp_path), beforehand=beforehand) as service:
        service.answer(payment(1))
        fail = True
        assert isinstance(service.ask(payment(2)).fault, LogError)
    assert [1, 3] == sizes
    assert [Kind.POLICY, Kind.PAYMENT, Kind.DECISION] == kinds(tmp_path / "c")


def test_stopping_finishes_what_was_begun(tmp_path: Path) -> None:
    """Everything that was taken is answered before the log is closed."""
    with running(tmp_path / "c", policy(tmp_path)) as service:
        asks = [service.asking(payment(i)) for i in range(300)]
        assert all(service.live.submit(ask) for ask in asks)
    assert [1] * 300 == [len(ask.answers) for ask in asks]
    assert 601 == len(kinds(tmp_path / "c"))
    assert np.all(np.diff([ask.answers[0].seq for ask in asks]) == 2)


def test_what_moved_the_model_is_on_record_and_told_again(
    tmp_path: Path, small_model: Learnt
) -> None:
    """The answer's reasons follow from the log alone; judged again they come out the same."""
    with running(tmp_path / "c", small_model.after) as service:
        answers = [
            service.answer(payment(i, payer_account="KZ1", amount=f"{10 ** (i % 5)}.00"))
            for i in range(12)
        ]
        again = [
            service.answer(payment(i, payer_account="KZ1", amount=f"{10 ** (i % 5)}.00"))
            for i in range(12)
        ]
    verdicts = [answer.verdict for answer in answers if answer.verdict]
    assert all(verdict.marks & TOLD for verdict in verdicts)
    assert any(verdict.action for verdict in verdicts)
    assert [verdict.marks for verdict in verdicts] == [
        answer.verdict.marks for answer in again if answer.verdict
    ]
    found = compare(tmp_path / "c")
    assert (12, 0) == (found.decisions, found.differing)


def test_rows_that_hang_on_what_is_kept_are_made_in_their_turn(tmp_path: Path) -> None:
    """All that ask so in one batch are told at once, after what was kept before; rows or none."""
    with running(tmp_path, policy(tmp_path)) as centre:
        centre.ask(row_one := payment(1))
        seen: list[tuple[int, int]] = []

        def fill(asks: Sequence[Ask]) -> None:
            seen.append((len(asks), centre.live.size))
            assert centre.live.find("BANKKZKA", row_one.id) is not None
            asks[0].rows = [row(payment(2))]

        asks = [Ask((), 2**62, fill=fill) for _ in range(2)]
        centre.do(Job(lambda: [centre.live.submit(ask) for ask in asks]))
        for ask in asks:
            centre.deliveries.wait_for(ask)
        assert [(2, 3)] == seen  # behind the policy, the payment and its decision
        assert [[Fate.KEPT], []] == [[one.fate for one in ask.answers] for ask in asks]
        assert 5 == centre.live.size


def test_rows_that_cannot_be_made_are_the_fault_of_those_who_ask(tmp_path: Path) -> None:
    """What else is in the batch is kept, and the service goes on."""

    def fill(asks: Sequence[Ask]) -> None:
        asks[0].rows = [row(payment(9))]
        raise UsageError("nobody knows")

    with running(tmp_path, policy(tmp_path)) as centre:
        vain, other = Ask((), 2**62, fill=fill), Ask([row(payment(1))], 2**62)
        centre.do(Job(lambda: [centre.live.submit(ask) for ask in (vain, other)]))
        for ask in (vain, other):
            centre.deliveries.wait_for(ask)
        assert isinstance(vain.fault, UsageError)
        assert [] == vain.answers
        assert [Fate.KEPT] == [one.fate for one in other.answers]
        assert Fate.KEPT is centre.answer(payment(2)).fate
