"""What is next in a recall: said as the rule that takes it would answer, now and later."""

from __future__ import annotations

from arasha.app.pages.console.recall_next import Next, next_of
from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from arasha.cases.calendar import HOUR_MS
from arasha.cases.perform import perform
from arasha.cases.recalls import heard_from_ms
from arasha.cases.records import Hold, Recall
from arasha.cases.refusals import Refusal
from cases_samples import (
    BANK,
    HELD,
    MULE,
    OFFICER,
    OTHER_BANK,
    SECOND,
    SECOND_OFFICER,
    VICTIMS_BANK,
    Room,
    bank,
    kz,
    room,
)


def ahead(here: Room, recall: Recall) -> Next | None:
    """What an officer is told."""

    def tried(act: a.Askable | a.Requested, at_ms: int) -> Refusal | None:
        found = perform(here.state, a.Entry(at_ms, OFFICER, act), len(here.entries))
        return found if isinstance(found, Refusal) else None

    return next_of(here.state, tried, recall.id, here.at_ms)


def answered(here: Room, *targets: tuple[str, str, int]) -> tuple[Recall, list[Hold]]:
    """A recall to which every bank agrees, of holds that nobody has confirmed."""
    holds = here.hold(here.report(), *targets)
    for hold in holds:
        here.do(bank(hold.bank), a.HoldAnswered(hold.id, hold.amount_minor))
    recall = here.do(bank(VICTIMS_BANK), a.RecallOpened(holds[0].report)).changes[0]
    assert isinstance(recall, Recall)
    here.do(CENTRE, a.RecallSent(recall.id))
    for hold in holds:
        here.do(
            bank(hold.bank), a.RecallAnswered(recall.id, hold.id, "accepted", hold.amount_minor)
        )
    return here.recall_now(recall), [here.hold_now(one) for one in holds]


def asked(here: Room, recall: Recall) -> Refusal | None:
    """What comes of asking in earnest."""
    found = here.ask(OFFICER, a.Requested(a.ReturnOrdered(recall.id, "12-345/2026")))
    return found if isinstance(found, Refusal) else None


def test_it_is_offered_from_the_moment_at_which_it_is_taken() -> None:
    """A hold that is confirmed outlives the hearing: refused until then, taken then."""
    here = room()
    recall, [hold] = answered(here)
    here.do(SECOND_OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
    told = ahead(here, recall)
    assert told is not None
    assert ("return_ordered", Refusal.RECEIVER_NOT_HEARD) == (told.word, told.refusal)
    assert (heard_from_ms(hold, kz()), ()) == (told.from_ms, told.ends)
    assert Refusal.RECEIVER_NOT_HEARD is asked(here, recall)
    here.at_ms = told.from_ms or 0
    assert Next("return_ordered") == ahead(here, recall)
    assert asked(here, recall) is None


def test_who_lets_it_go_need_not_be_waited_for() -> None:
    """At once, though the hold is provisional."""
    here = room()
    recall, [hold] = answered(here)
    here.do(HELD, a.ReceiverAgreed(hold.reference))
    assert Next("return_ordered") == ahead(here, recall)
    assert asked(here, recall) is None


def test_a_hold_that_ends_before_the_hearing_is_told() -> None:
    """Of two, one is confirmed: the order can be asked for, and what lapses is not in it."""
    here = room()
    recall, [one, other] = answered(here, (MULE, BANK, 60_000), (SECOND, OTHER_BANK, 40_000))
    here.do(SECOND_OFFICER, a.HoldConfirmed(one.id, "kz:25-1"))
    told = ahead(here, recall)
    assert told is not None
    assert [other.id] == [hold.id for hold in told.ends]
    here.at_ms = told.from_ms or 0
    assert asked(here, recall) is None


def test_what_is_over_cannot_come_back() -> None:
    """Released or lapsed: nothing is asked for any more, and the holds say why."""
    here = room()
    recall, [one, other] = answered(here, (MULE, BANK, 60_000), (SECOND, OTHER_BANK, 40_000))
    here.do(OFFICER, a.HoldReleased(one.id, "not_fraud"))
    here.later(hours=25)
    here.do(CENTRE, a.HoldEnded(other.id))
    told = ahead(here, recall)
    assert told is not None
    assert Refusal.NOTHING_HELD is told.refusal is asked(here, recall)
    assert [("released", "not_fraud"), ("lapsed", None)] == [
        (hold.status.value, hold.why) for hold in told.over
    ]


def test_an_appeal_stands_before_it() -> None:
    """Until it is ruled on."""
    here = room()
    recall, [hold] = answered(here)
    here.do(HELD, a.ReceiverAgreed(hold.reference))
    here.do(HELD, a.AppealOpened(hold.reference))
    told = ahead(here, recall)
    assert told is not None
    assert Refusal.APPEAL_IS_OPEN is told.refusal is asked(here, recall)
    assert [hold.id] == [one.about for one in told.appeals]


def test_banks_are_asked_while_something_is_held() -> None:
    """And not before; while they answer, and when it is over, nothing is next."""
    here = room()
    report = here.report()
    recall = here.do(CENTRE, a.RecallOpened(report.id)).changes[0]
    assert isinstance(recall, Recall)
    told = ahead(here, recall)
    assert told is not None
    assert ("recall_sent", Refusal.NOTHING_HELD) == (told.word, told.refusal)
    here.hold(report)
    assert Next("recall_sent") == ahead(here, recall)
    here.do(OFFICER, a.RecallSent(recall.id))
    assert ahead(here, recall) is None
    here.at_ms += HOUR_MS
    here.do(OFFICER, a.RecallCancelled(recall.id))
    assert ahead(here, recall) is None
