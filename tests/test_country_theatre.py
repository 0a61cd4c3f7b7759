from __future__ import annotations

import pytest

from arasha.country.chance import Chance
from arasha.country.happenings import COLUMNS, Happenings, of_rows
from arasha.country.loop import SLICE_MS, Life
from arasha.country.script import Answer, Play, Reason, Script, Stage
from arasha.country.society import Society
from arasha.country.theatre import RESUME_MS, TICKET, Theatre
from arasha.events.schema import Kind
from country_plays import NOTHING, lived, own, parameters_with


def life_with(play: Play) -> tuple[Life, Stage]:
    """A country in which nothing happens but one play, on a stage at its first moment."""
    one = own(play)
    parameters = parameters_with([one], 0.0)
    life = Life(Society.make(1, 200, parameters), parameters, 1, told=[one])
    life.casts.append(one)
    return life, Stage(life, one.cast, 0, Chance(1, "test"), life.society.start_ms)


def day_with(play: Play) -> tuple[Life, list[Happenings]]:
    """That country after a day, and the slices in which anything happened."""
    life, stage = life_with(play)
    life.start(stage, play)
    return life, [some.rows for some in life.day(0, NOTHING) if len(some.rows)]


def no_accounts(_person: int, _bank: int, _at_ms: int) -> int:
    """A bank that opens none."""
    raise AssertionError


def test_a_play_goes_on_at_the_time_it_waited_for() -> None:
    """What happens after a wait happens at that time, whatever slice it falls into."""
    heard: list[int] = []

    def play(stage: Stage) -> Script:
        yield stage.call(0, 1)
        yield stage.wait(minutes=3)
        yield stage.call(0, 1)
        yield stage.wait(hours=30)
        yield stage.call(0, 1)
        heard.append(stage.now_ms)

    life, stage = life_with(play)
    life.start(stage, play)
    start = life.society.start_ms
    rows = [row for day in range(2) for some in life.day(day, NOTHING) for row in some.rows.time_ms]
    assert [start, start + 180_000, start + 180_000 + 30 * 3_600_000] == [int(row) for row in rows]
    assert [int(rows[-1])] == heard


def test_a_payment_is_answered_in_a_later_slice() -> None:
    """The play goes on within a minute after the slice in which it paid, and knows all of it."""
    told: list[tuple[int, Answer]] = []

    def play(stage: Stage) -> Script:
        payer = stage.seen(0)
        paid = yield stage.pay(payer.account, stage.seen(1).account, 100, by=payer)
        told.append((stage.now_ms, paid))

    life, slices = day_with(play)
    paid_at = life.society.start_ms
    assert 1 == len(slices)
    now, paid = told[0]
    assert paid_at + SLICE_MS < now <= paid_at + SLICE_MS + RESUME_MS
    assert (True, 100, 0, 1, "allow", Reason.MOVED) == (
        paid.moved, paid.amount, paid.payer, paid.payee, paid.action, paid.reason
    )  # fmt: skip
    assert int(slices[0].payment[0]) == paid.payment


def test_a_burst_is_answered_when_all_of_it_is_known() -> None:
    """Parts of a burst stand in their order; the answer is that of the first that did not move."""
    told: list[Answer] = []

    def play(stage: Stage) -> Script:
        payer, rich = stage.seen(0), stage.balance(0)
        paid = yield stage.burst(
            stage.pay(payer.account, 1, 100, by=payer),
            stage.pay(payer.account, 1, rich * 10, by=payer, after_seconds=30),
            stage.pay(payer.account, 1, 200, by=payer, after_seconds=2 * SLICE_MS / 1_000),
        )
        told.append(paid)

    day_with(play)
    assert [True, False, True] == [part.moved for part in told[0].parts]
    assert (True, False) == (told[0].short, told[0].moved)


def test_an_opened_account_can_be_used_at_once() -> None:
    """The answer names an account that is empty, its opener's, and that a fact tells of."""
    told: list[tuple[int, int]] = []

    def play(stage: Stage) -> Script:
        opened = yield stage.open_account(stage.seen(3), 2)
        told.append((opened.account, stage.balance(opened.account)))
        yield stage.pay(stage.seen(3).account, opened.account, 100, by=stage.seen(3))

    life, (rows,) = day_with(play)
    account, balance = told[0]
    assert 0 == balance
    assert 3 == int(life.society.accounts.owner[account])
    assert 2 == int(life.society.accounts.bank[account])
    assert [Kind.ACCOUNT_CHANGE, Kind.PAYMENT] == rows.kind.tolist()
    assert 100 == life.balance(account)


def test_a_fault_in_a_play_names_the_play() -> None:
    """An exception in a play says in which one it was."""

    def play(stage: Stage) -> Script:
        yield stage.call(0, 1)
        raise ValueError("a slip")

    with pytest.raises(ValueError, match="a slip") as error:
        day_with(play)
    assert ["in the play 'marketplace', number 0"] == error.value.__notes__


def test_a_play_that_does_nothing_is_over() -> None:
    """A play may end before its first move, and a burst may be empty."""

    def play(stage: Stage) -> Script:
        if stage.now_ms > 0:
            yield stage.burst()
            return
        yield stage.wait(days=1)

    theatre, (life, stage) = Theatre(no_accounts), life_with(play)
    theatre.begin(stage, play)
    assert 1 == theatre.running
    assert [] == theatre.play(life.society.start_ms + SLICE_MS)
    assert 0 == theatre.running


def test_plays_begin_as_often_as_their_rate_says() -> None:
    """At 20,000 per 100,000 people and day, 200 people have about 40 plays a day."""

    def play(stage: Stage) -> Script:
        yield stage.call(0, 1)

    done = lived(own(play), rate=20_000.0, people=200, days=20)
    assert 800 == pytest.approx(len(done.rows), rel=0.12)
    assert len(done.rows) == len(done.life.casts)


def test_a_ticket_stands_where_the_payment_will() -> None:
    """Rows of payments carry different tickets until they have a serial."""

    def play(stage: Stage) -> Script:
        yield stage.burst(stage.pay(0, 1, 5), stage.pay(0, 2, 5))

    theatre, (life, stage) = Theatre(no_accounts), life_with(play)
    theatre.begin(stage, play)
    rows = theatre.play(life.society.start_ms + SLICE_MS)
    assert [0, 1] == [row[TICKET] for row in rows]
    assert [0, 1] == of_rows(rows).payment.tolist()
    assert "payment" == COLUMNS[TICKET]
