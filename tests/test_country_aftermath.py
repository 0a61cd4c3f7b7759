from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from arasha.country.happenings import ATTESTED, FRAUD, Happenings, make, merged
from arasha.country.loop import Life
from arasha.country.parameters import load
from arasha.country.script import Answer, Script, Stage
from arasha.country.society import Society
from arasha.events.schema import OUTCOMES, TYPOLOGIES, WARNING_ANSWERS, Kind
from country_plays import NOTHING, Always, Lived, lived, own

ALLOW, WARN, HOLD, BLOCK = range(4)
SURE: Mapping[str, float] = {
    "victims__noticed_share": 1.0, "reports__labelled_share": 1.0, "reports__attested_share": 1.0,
    "ordinary__false_report_rate": 0.0, "victims__number_told_share": 1.0,
    "stories__marketplace__noticed_share": 1.0, "stories__marketplace__notice_hours": 2.0,
    "reports__label_days_median": 1.0,
}  # fmt: skip
"""A world in which everything that may follow does."""


def steals(stage: Stage) -> Script:
    """A call from a stranger, then a thousand tenge go to somebody else."""
    victim = stage.victim(min_balance=200_000)
    if victim is not None:
        yield stage.call(stage.new_number(), victim.number, minutes=30)
        yield stage.wait(minutes=5)
        other = (victim.index + 1) % len(stage.society.people)
        yield stage.pay(victim.account, other, 100_000, by=victim, fraud=True)


def after(
    action: int = ALLOW,
    changed: Mapping[str, float] | None = None,
    *,
    fraud: bool = True,
    days: int = 25,
) -> Lived:
    """A world in which thefts, or with ``fraud=False`` gifts, are all that happens."""

    def gives(stage: Stage) -> Script:
        giver = stage.person(min_balance=200_000)
        if giver is not None:
            other = (giver.index + 1) % len(stage.society.people)
            yield stage.pay(giver.account, other, 100_000, by=giver)

    known = SURE_OF_WORLD | dict(changed or {})
    return lived(
        own(steals if fraud else gives), rate=4_000, days=days,
        judging=Always(action, frauds_only=fraud), changed=known,
    )  # fmt: skip


def names_of(parameters: Mapping[str, float]) -> dict[str, float]:
    """Those that the tables have."""
    table = load("standard").table
    return {name: value for name, value in parameters.items() if name.replace("__", ".") in table}


SURE_OF_WORLD = names_of(SURE)


def about(done: Lived, kind: Kind) -> dict[int, int]:
    """The place of the row of that kind about each payment; there is one at most."""
    rows = done.of(kind)
    places = dict(zip(rows.payment.tolist(), range(len(rows)), strict=True))
    assert len(places) == len(rows)
    return places


def early(done: Lived, days: float) -> list[int]:
    """The serials of payments that were made at least so many days before the end."""
    paid = done.payments
    last = done.life.society.start_ms + int((25 - days) * 86_400_000)
    return [int(serial) for serial in paid.payment[paid.time_ms < last]]


def test_what_was_stolen_is_noticed_reported_and_labelled() -> None:
    """Where everybody notices, each theft has a report, attested, and a fraud label after it."""
    done = after()
    reports, labels = done.of(Kind.REPORT), done.of(Kind.LABEL)
    reported, labelled = about(done, Kind.REPORT), about(done, Kind.LABEL)
    old = early(done, 20)
    assert len(old) > 50
    assert 0.95 < np.mean([serial in reported for serial in old])
    assert 0.9 < np.mean([serial in labelled for serial in old])
    assert {TYPOLOGIES.index("marketplace")} == set(reports.code) == set(labels.code)
    assert {FRAUD} == set(labels.marks)
    for serial, place in labelled.items():
        assert reports.time_ms[reported[serial]] <= labels.time_ms[place]


def test_reports_name_the_number_that_called() -> None:
    """A victim who was called by a stranger within the day can say from which number."""
    done = after()
    calls, paid = done.of(Kind.CALL), done.payments
    callers = {}
    for serial, payer, time_ms in zip(paid.payment, paid.first, paid.time_ms, strict=True):
        number = done.life.memories.accounts.number[payer]
        ours = (calls.second == number) & (calls.time_ms < time_ms)
        callers[int(serial)] = calls.first[ours]
    reports = done.of(Kind.REPORT)
    named = reports.number >= 0
    assert 0.3 < named.mean()
    for serial, number in zip(reports.payment[named], reports.number[named], strict=True):
        assert number in callers[int(serial)]


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_a_share_notices(share: float) -> None:
    """Some victims never notice."""
    names = ("victims__noticed_share", "stories__marketplace__noticed_share")
    done = after(changed=names_of(dict.fromkeys(names, share)))
    reported = about(done, Kind.REPORT)
    assert share == pytest.approx(np.mean([s in reported for s in early(done, 20)]), abs=0.12)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_warned_victims_stop_or_go_on(share: float) -> None:
    """The stated share of warned victims stops, and the answer to the warning says so."""
    names = ("stories__marketplace__stop_share", "warnings__victims_stop_share")
    changed = names_of(dict.fromkeys(names, share)) | {"warnings__no_answer_share": 0.0}
    done = after(WARN, changed, days=3)
    answers = done.of(Kind.WARNING)
    word = "stopped" if share else "continued"
    assert {WARNING_ANSWERS.index(word)} == set(answers.code)
    assert len(done.payments) - 5 <= len(answers) <= len(done.payments)


@pytest.mark.parametrize(("found", "outcomes"), [(1.0, True), (0.0, False)])
def test_a_review_finds_fraud_or_lets_it_go(found: float, outcomes: bool) -> None:  # noqa: FBT001 - a column
    """What a review finds is rejected and said to be; what it misses moves and is reported."""
    done = after(HOLD, {"review__fraud_found_share": found})
    rejected = about(done, Kind.OUTCOME)
    reported = about(done, Kind.REPORT)
    old = early(done, 20)
    assert [outcomes] * len(old) == [serial in rejected for serial in old]
    assert {outcomes} == {serial not in reported for serial in old[:10]}
    assert {OUTCOMES.index("rejected")} >= set(done.of(Kind.OUTCOME).code)


@pytest.mark.parametrize("fraud", [True, False])
def test_what_is_blocked_is_settled_by_who_complains(fraud: bool) -> None:  # noqa: FBT001 - a column
    """A victim confirms a refusal, an honest payer has it cleared: a label either way."""
    shares = ("blocks__good_complain_share", "blocks__fraud_confirmed_share")
    done = after(BLOCK, dict.fromkeys(shares, 1.0), fraud=fraud)
    labels = done.of(Kind.LABEL)
    assert {FRAUD if fraud else 0} == set(labels.marks)
    assert 0.9 < np.mean([serial in about(done, Kind.LABEL) for serial in early(done, 12)])
    assert set(early(done, 1)) <= set(about(done, Kind.OUTCOME))
    assert 0 == len(done.of(Kind.REPORT))


def test_honest_payments_are_sometimes_reported() -> None:
    """False reports come at their rate, are seldom attested, and are settled as no fraud."""
    parameters = load("standard").changed(
        ordinary__false_report_rate=10_000.0, reports__labelled_share=1.0
    )
    society = Society.make(1, 200, parameters)
    life = Life(society, parameters, 1, told=[])
    n = 20_000
    gifts = make({
        "time_ms": society.start_ms + np.arange(n) * 4_000, "kind": np.ones(n),
        "first": np.arange(n) % 200, "second": np.arange(1, n + 1) % 200, "amount": np.ones(n),
    })  # fmt: skip
    days = [gifts, *[NOTHING] * 40]
    rows = merged([one.rows for day, some in enumerate(days) for one in life.day(day, some)])
    reports = rows.take(rows.kind == Kind.REPORT)
    labels = rows.take(rows.kind == Kind.LABEL)
    assert n / 10 == pytest.approx(len(reports), rel=0.1)
    assert 0.12 == pytest.approx(float((reports.marks == ATTESTED).mean()), abs=0.03)
    assert {0} == set(labels.marks)
    assert 0.95 < len(labels) / len(reports) <= 1.0
    assert len(set(reports.code)) > 5


def test_a_report_by_a_play_is_settled_as_false() -> None:
    """What a play reports itself is not fraud, and a label says so in the end."""
    told: list[Answer] = []

    def cries(stage: Stage) -> Script:
        payer = stage.seen(0)
        paid = yield stage.pay(payer.account, 5, 100, by=payer)
        told.append(paid)
        yield stage.wait(hours=1)
        yield stage.report(paid, attested=True)

    done = lived(own(cries), rate=1_000, days=25, changed=SURE_OF_WORLD)
    reports, labels = done.of(Kind.REPORT), done.of(Kind.LABEL)
    assert {ATTESTED} == set(reports.marks)
    assert len(reports) / 2 < len(labels) <= len(reports)
    assert {0} == set(labels.marks)
    assert set(labels.payment) <= {answer.payment for answer in told}


def test_nothing_that_follows_comes_before_its_payment() -> None:
    """Outcomes, answers, reports and labels come later than the payment they are about."""
    for action in (ALLOW, WARN, HOLD, BLOCK):
        done = after(action, days=6)
        paid = dict(
            zip(done.payments.payment.tolist(), done.payments.time_ms.tolist(), strict=True)
        )
        for kind in (Kind.OUTCOME, Kind.WARNING, Kind.REPORT, Kind.LABEL):
            some: Happenings = done.of(kind)
            for serial, time_ms in zip(some.payment.tolist(), some.time_ms.tolist(), strict=True):
                assert paid[serial] < time_ms
