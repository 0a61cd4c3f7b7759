from __future__ import annotations

import pytest

from arasha.country.chance import Chance
from arasha.country.happenings import (
    ATTESTED,
    FRAUD,
    LAUNDERING,
    NONE,
    PURPOSES,
    REMOTE_ACCESS,
    of_rows,
)
from arasha.country.loop import Life
from arasha.country.script import (
    ANY_HOUR,
    DAY_MS,
    DAYTIME,
    EVENING,
    HOUR_MS,
    NIGHT,
    OFFICE_HOURS,
    Answer,
    Lookalike,
    Reason,
    Stage,
    Story,
    found,
)
from arasha.country.society import BusinessKind
from arasha.events.schema import ACCOUNT_CHANGES, CALL_ROUTES, CHANNELS, TYPOLOGIES, Kind
from country_lives import life_of

STORY = Story("romance", "romance")


@pytest.fixture
def stage() -> Stage:
    """A stage at noon of the first day, in a small country."""
    life = life_of()
    return Stage(life, STORY, 7, Chance(1, "stage"), life.society.start_ms + 12 * HOUR_MS)


def row_of(move) -> dict[str, int]:  # type: ignore[no-untyped-def]  # Happen or Pay
    """The only row of a move, by column."""
    (row,) = move.rows
    return {name: int(column[0]) for name, column in of_rows([row]).columns().items()}


def test_a_call_happens_now_and_ends_later(stage: Stage) -> None:
    """A call of twenty minutes is answered at its start; one that nobody takes has no length."""
    move = stage.call(4, 5, minutes=20, route="foreign")
    row = row_of(move)
    assert (Kind.CALL, 4, 5, 1_200_000, stage.now_ms) == (
        row["kind"], row["first"], row["second"], row["duration_ms"], row["time_ms"]
    )  # fmt: skip
    assert CALL_ROUTES.index("foreign") == row["code"]
    assert (stage.now_ms + 1_200_000, True) == (move.answer.ends_ms, move.answer.answered)
    assert 0 == row_of(stage.call(4, 5, answered=False))["duration_ms"]


def test_many_calls_come_one_after_another(stage: Stage) -> None:
    """Callers take turns; times rise; about the stated share is answered."""
    move = stage.calls((1, 2), range(10, 1_010), every_seconds=2, answered_share=0.3)
    some = of_rows(move.rows)
    assert [1, 2] * 500 == some.first.tolist()
    assert list(range(10, 1_010)) == some.second.tolist()
    assert (some.time_ms[1:] > some.time_ms[:-1]).all()
    assert 300 == pytest.approx(int((some.duration_ms > 0).sum()), abs=60)
    assert int(some.time_ms[-1]) == move.answer.ends_ms
    assert () == stage.calls(1, []).rows


def test_a_payment_says_who_pays_and_what_is_true_of_it(stage: Stage) -> None:
    """Device and number are the payer's unless others are given; truth and role are kept."""
    payer = stage.seen(3)
    row = row_of(
        stage.pay(payer.account, 9, 500, by=payer, purpose="LOAN", channel="web", role="bait")
    )
    expected = (payer.account, 9, 500, payer.device, payer.number)
    assert expected == tuple(row[n] for n in ("first", "second", "amount", "device", "number"))
    assert (PURPOSES.index("LOAN"), CHANNELS.index("web")) == (row["purpose"], row["code"])
    assert (0, 7, 0) == (row["truth"], row["script"], row["marks"])
    assert isinstance(stage.world, Life)
    assert "bait" == stage.world.roles[row["role"]]
    stolen = row_of(
        stage.pay(3, 9, 5, by=payer, device=77, number=88, fraud=True, remote_access=True)
    )
    assert (FRAUD, REMOTE_ACCESS, 77, 88) == tuple(
        stolen[name] for name in ("truth", "marks", "device", "number")
    )
    assert LAUNDERING == row_of(stage.pay(3, 9, 5, laundering=True))["truth"]


def test_changes_and_reports(stage: Stage) -> None:
    """Changes name what changed; a report names the payment it is about."""
    change = row_of(stage.takeover(stage.seen(2), 55))
    account, number = stage.seen(2).account, stage.seen(2).number
    assert (Kind.ACCOUNT_CHANGE, ACCOUNT_CHANGES.index("device_added"), account, 55, number) == (
        change["kind"], change["code"], change["first"], change["device"], change["number"]
    )  # fmt: skip
    assert Kind.SIM_CHANGE == row_of(stage.sim_change(4, "swapped"))["kind"]
    paid = Answer(0, payment=12, payer=3, payee=4, amount=5)
    report = row_of(stage.report(paid, typology="romance", number=8, attested=True))
    assert (12, 3, 4, 5, 8, ATTESTED, TYPOLOGIES.index("romance")) == tuple(
        report[n] for n in ("payment", "first", "second", "amount", "number", "marks", "code")
    )


def test_waiting(stage: Stage) -> None:
    """A wait is a millisecond at least; ``until`` is when the local clocks next show an hour."""
    assert stage.now_ms + 90_000 == stage.wait(minutes=1, seconds=30).until_ms
    assert stage.now_ms + 1 == stage.wait().until_ms
    assert 12 == stage.local_hour
    assert stage.now_ms + HOUR_MS == stage.until(13).until_ms
    assert stage.now_ms + DAY_MS == stage.until(12).until_ms
    assert stage.now_ms + 21 * HOUR_MS == stage.until(9).until_ms


@pytest.mark.parametrize(
    ("balance", "share", "amount"),
    [
        (1_000_000, 0.5, 500_000), (1_234_567, 0.5, 600_000), (90_050, 1.0, 90_000),
        (90_050, 2.0, 90_000), (99, 1.0, 0), (0, 1.0, 0),
    ],
)  # fmt: skip
def test_part_of_a_balance(stage: Stage, balance: int, share: float, amount: int) -> None:
    """Whole thousands of tenge, else whole tenge, and never more than there is."""
    assert isinstance(stage.world, Life)
    stage.world.memories.accounts.balance[0] = balance
    assert amount == stage.part_of_balance(0, share)
    assert amount == stage.part_of_balance(stage.seen(0), share)


def test_finding_people(stage: Stage) -> None:
    """A person who fits has what was asked for; where nobody fits there is nobody."""
    rich = stage.person(min_balance=5_000_000)
    assert rich is not None
    assert 5_000_000 <= stage.balance(rich)
    assert None is stage.person(min_balance=10**15)
    assert None is stage.person(fits=lambda person: person.index < 0)
    friend = stage.contact(rich)
    assert friend is not None
    assert friend.index in stage.society.people.contacts_of(rich.index)
    shop = stage.business(BusinessKind.SHOP)
    assert shop is not None
    assert shop.index in stage.society.businesses.of(BusinessKind.SHOP)


def test_the_careless_fall_more_often(stage: Stage) -> None:
    """Careless victims are less careful than people at random."""
    caution = stage.society.people.caution

    def mean(careless: bool) -> float:  # noqa: FBT001 - of two
        found = [stage.victim(careless=careless) for _ in range(400)]
        return sum(float(caution[one.index]) for one in found if one is not None) / len(found)

    assert mean(True) < mean(False) - 0.05


def test_an_answer_says_one_thing() -> None:
    """Each reason and action is one property; an answer to no payment moved nothing."""
    assert not Answer(0).moved
    for reason in Reason:
        paid = Answer(0, payment=1, reason=reason)
        assert (reason is Reason.MOVED, reason is Reason.SHORT) == (paid.moved, paid.short)
    flags = [
        (paid.warned, paid.held, paid.blocked)
        for paid in (Answer(0, action=action) for action in ("allow", "warn", "hold", "block"))
    ]
    none, first, second, third = (False,) * 3, (True, False, False), (False, True, False), (
        False, False, True,
    )  # fmt: skip
    assert [none, first, second, third] == flags


def test_everything_told_is_found_once_and_in_order() -> None:
    """Stories come first, then look-alikes, each by name; plays and casts go together."""
    names = [(not one.is_fraud, one.cast.name) for one in found()]
    assert sorted(names) == names
    assert len({name for _, name in names}) == len(names)
    assert all(one.play.__module__.endswith(one.cast.name) for one in found())


def test_casts_are_checked() -> None:
    """A typology that is none, or a day of other than 24 hours, is refused."""
    with pytest.raises(AssertionError):
        Story("x", "theft")
    with pytest.raises(AssertionError):
        Lookalike("x", hours=(1.0,) * 23)
    for hours in (ANY_HOUR, DAYTIME, EVENING, NIGHT, OFFICE_HOURS):
        assert 24 == len(Lookalike("x", hours=hours).hours)


def test_new_things_are_new(stage: Stage) -> None:
    """Numbers and devices given out were nobody's."""
    numbers, devices = len(stage.society.numbers), len(stage.society.devices)
    assert [numbers, numbers + 1] == [stage.new_number(), stage.new_number(of=stage.seen(1))]
    assert [NONE, 1] == stage.society.numbers.owner[numbers : numbers + 2].tolist()
    assert devices == stage.new_device()
