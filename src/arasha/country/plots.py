"""What several plays do: reach somebody by phone, find the money, let it be taken.

Each is a piece of a play: ``yield from`` it. Stories (stories/) and what only looks like them
(lookalikes/) use the same pieces wherever both do the same, so that neither gives itself away.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final, TypeVar

from arasha.country.happenings import NONE
from arasha.country.script import Answer, Move, Person, Reason, Stage
from arasha.country.society import BusinessKind

if TYPE_CHECKING:
    from arasha.country.underworld import Ring

T = TypeVar("T")
Piece = Generator[Move, Answer, T]

TIYN: Final = 100

_STEPS: Final = ((20_000, 500), (200_000, 1_000), (2_000_000, 10_000))
_LARGE_STEP: Final = 50_000
_MOST_TRIES: Final = 12
_LEAST_PART: Final = 1_000 * TIYN


def asked(kzt: float) -> int:
    """A sum that a person would ask for, in tiyn: rounded, the larger the coarser.

    >>> asked(12_345), asked(123_456), asked(1_234_567)
    (1250000, 12300000, 123000000)
    """
    step = next((step for below, step in _STEPS if kzt < below), _LARGE_STEP)
    return max(step, int(kzt / step + 0.5) * step) * TIYN


def business(stage: Stage, kind: BusinessKind) -> int:
    """A business of that kind, the popular ones more often."""
    some = stage.society.businesses.of(kind)
    spot = stage.chance.uniform() * stage.chance.uniform()
    return some[int(spot * len(some))]


def account_of(stage: Stage, kind: BusinessKind) -> int:
    """The account of a business of that kind."""
    return int(stage.society.businesses.account[business(stage, kind)])


def bank_account(stage: Stage, bank: int) -> int:
    """The account from which a bank pays loans and savings out."""
    banks = stage.society.businesses.of(BusinessKind.BANK)
    return int(stage.society.businesses.account[banks[bank % len(banks)]])


def at_most(stage: Stage, person: Person, wanted: int, share: float = 0.95) -> int:
    """As much of a sum as a person has to spend: so much of the balance, or nothing."""
    amount = min(wanted, stage.part_of_balance(person, share))
    return amount if amount >= _LEAST_PART else 0


def stranger(stage: Stage, person: Person) -> Person | None:
    """Somebody whom the person does not know."""
    return stage.person(
        fits=lambda other: (
            other.index != person.index
            and not stage.society.know_each_other(person.index, other.index)
        )
    )


def reach(
    stage: Stage,
    caller: int,
    callee: int,
    *,
    minutes: float,
    route: str = "domestic",
    in_vain: float = 1.0,
    pause_minutes: float = 15.0,
) -> Piece[Answer]:
    """Ring somebody up: about ``in_vain`` calls that nobody takes, then a talk; at its start."""
    for _ in range(stage.chance.poisson(in_vain)):
        yield stage.call(caller, callee, answered=False, route=route)
        yield stage.wait(minutes=0.5 + stage.chance.exponential(pause_minutes))
    talk = yield stage.call(caller, callee, minutes=minutes, route=route)
    return talk


def talked_into(
    stage: Stage, ring: Ring, victim: Person, *, minutes: float, messenger_share: float
) -> Piece[Answer | None]:
    """Thieves call: by messenger, which leaves no trace at the operator, or by phone, sometimes
    first one ("your operator") and then another ("your bank"). At the start of the long talk.
    """
    chance = stage.chance
    if chance.happens(messenger_share):
        return None
    phone = yield from ring.phone(stage)
    if chance.happens(ring.ways["two_callers_share"]):
        first = yield from ring.phone(stage)
        opening = yield from reach(
            stage, first.number, victim.number, minutes=2 + chance.exponential(3), route=first.route
        )
        yield stage.wait(minutes=2 + (opening.ends_ms - stage.now_ms) / 60_000)
    talk = yield from reach(
        stage, phone.number, victim.number, minutes=minutes, route=phone.route, in_vain=0.7
    )
    return talk


def savings(stage: Stage, person: Person, amount: int) -> Piece[None]:
    """A deposit is broken: the bank pays it to its owner's account."""
    yield stage.pay(
        bank_account(stage, person.bank), person.account, amount, channel="api", role="savings"
    )


def borrow(stage: Stage, person: Person, amount: int) -> Piece[Answer]:
    """A loan is granted and paid out."""
    yield stage.account_change(person.account, "loan_disbursed")
    paid = yield stage.pay(
        bank_account(stage, person.bank), person.account, amount, channel="api", purpose="LOAN",
        role="loan",
    )  # fmt: skip
    return paid


def afford(
    stage: Stage, person: Person, amount: int, *, savings_share: float, loan_share: float = 0.0
) -> Piece[None]:
    """What is missing for a large payment comes from savings, a loan, or a relative."""
    missing = amount - stage.balance(person)
    if missing <= 0:
        return
    missing = asked(missing * 1.02 / TIYN)
    drawn = stage.chance.uniform()
    if drawn < savings_share:
        yield from savings(stage, person, missing)
    elif drawn < savings_share + loan_share:
        yield from borrow(stage, person, missing)
    else:
        relative = stage.contact(person)
        if relative is None:
            return
        yield from savings(stage, relative, missing)
        yield stage.pay(relative.account, person.account, missing, by=relative, role="help")
    yield stage.wait(minutes=1 + stage.chance.exponential(90))


def parts_of(stage: Stage, amount: int, count: int) -> list[int]:
    """An amount in so many parts that are not quite equal; together they are the amount."""
    parts, left = list[int](), amount
    for pieces in range(count, 1, -1):
        part = int(left / pieces * (0.6 + 0.8 * stage.chance.uniform()))
        part = part // _LEAST_PART * _LEAST_PART
        if 0 < part < left:
            parts.append(part)
            left -= part
    return [*parts, left]


def take(
    stage: Stage,
    ring: Ring,
    victim: Person,
    wanted: int,
    *,
    parts: int = 1,
    pause_minutes: float = 4.0,
    device: int = NONE,
    remote_access: bool = False,
) -> Piece[int]:
    """The victim, or a thief on the victim's account, pays ``wanted`` to mules in so many parts.

    When a payment is stopped, thieves who adapt try again: less, later, another mule; others give
    up. A victim who stops at a warning has understood. Returns what moved, in tiyn.
    """
    if wanted < _LEAST_PART:
        return 0
    channel = "web" if stage.chance.happens(ring.ways["web_share"]) else "mobile"
    moved, left = 0, parts_of(stage, wanted, parts)
    mule = ring.mule(stage, victim.account)
    for _ in range(min(_MOST_TRIES, parts + 2 * ring.adapts)):
        paid = yield stage.pay(
            victim.account, mule.account, left[0], by=victim, device=device, channel=channel,
            fraud=True, remote_access=remote_access, role="stolen",
        )  # fmt: skip
        if paid.moved:
            moved += left.pop(0)
            stage.launder(ring, paid)
        elif paid.reason is Reason.STOPPED or not ring.adapts:
            break
        else:
            most = _smaller(ring, left[0])
            left = [min(part, most) for part in left]
            if not paid.short:
                ring.drop(mule.account)
                yield stage.wait(hours=stage.chance.exponential(ring.ways["retry_hours"]))
        if not left:
            break
        if not paid.moved or stage.chance.happens(ring.ways["other_mule_share"]):
            mule = ring.mule(stage, victim.account, mule.account)
        yield stage.wait(minutes=0.5 + stage.chance.exponential(pause_minutes))
    return moved


def _smaller(ring: Ring, size: int) -> int:
    return max(_LEAST_PART, int(size * ring.ways["retry_part"]) // _LEAST_PART * _LEAST_PART)
