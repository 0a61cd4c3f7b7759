"""What a trace found: frozen records, in minor units of the currency of the reported payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from arasha.flows.bounds import Bounds
from arasha.flows.ways_out import WAYS_OUT


@dataclass(frozen=True, slots=True)
class Split:
    """A sum of disputed money by each rule.

    ``fifo``, ``lifo`` and ``haircut`` are each a whole account of the money: they add up to what
    was reported. ``least`` and ``most`` hold whatever rule is taken and whatever earlier money the
    accounts had. ``poison`` counts each payment of a touched account whole.
    """

    fifo: int
    lifo: int
    haircut: int
    least: int
    most: int
    poison: int

    def __add__(self, other: Split) -> Split:
        return Split(*(a + b for a, b in zip(self, other, strict=True)))

    def __iter__(self) -> Iterator[int]:
        return iter([getattr(self, one.name) for one in fields(self)])

    def as_object(self) -> dict[str, int]:
        """By name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Money:
    """Disputed money that came, and where it is: still there, passed on to accounts of the trace,
    out of the network by each way, or with payments that a bound kept us from following.
    """

    received: Split
    there: Split
    passed: Split
    cash: Split
    abroad: Split
    crypto: Split
    unfollowed: Split

    @property
    def left(self) -> Split:
        """What left the network, by whatever way."""
        return self.cash + self.abroad + self.crypto

    def as_object(self) -> dict[str, Any]:
        """By name."""
        return {one.name: getattr(self, one.name).as_object() for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Account:
    """An account to which disputed money came.

    ``number`` is the arena's, ``token`` 32 hexadecimal digits, ``hop`` how many payments from the
    victim; ``since_ms`` and ``until_ms`` between when it was watched. ``told``: its bank said what
    was there before. Cut: it paid on after its window, or has too many payments to look at.
    """

    number: int
    token: str
    bank: str | None
    hop: int
    since_ms: int
    until_ms: int
    money: Money
    told: bool
    cut_by_window: bool
    cut_by_looks: bool

    def as_object(self) -> dict[str, Any]:
        """As JSON holds it; without the arena's number, which means nothing elsewhere."""
        return {
            "account": self.token, "bank": self.bank, "hop": self.hop, "since_ms": self.since_ms,
            "until_ms": self.until_ms, "balance_told": self.told,
            "cut_by": [name for name, cut in (("hop_window_ms", self.cut_by_window),
                       ("looks_at_account_most", self.cut_by_looks)) if cut],
            **self.money.as_object(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that carries disputed money.

    ``seq`` is its place in the log, ``disputed`` what a report says of it (0: none does),
    ``from_account`` and ``to_account`` places in the trace's accounts, None outside; ``way`` a
    number of WAYS_OUT.
    """

    ordinal: int
    seq: int
    at_ms: int
    amount_minor: int
    payer: str
    payee: str
    from_account: int | None
    to_account: int | None
    hop: int
    way: int
    disputed: int
    carries: Split

    def as_object(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "seq": self.seq, "at_ms": self.at_ms, "amount_minor": self.amount_minor,
            "payer": self.payer, "payee": self.payee, "hop": self.hop,
            "left_by": WAYS_OUT[self.way] or None, "reported_minor": self.disputed,
            "carries": self.carries.as_object(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cuts:
    """How often each bound cut the trace: payments not followed (to new accounts), payments
    followed but not listed, accounts no longer watched, and whether the looks in all ran out.
    """

    least_amount: int
    payments_most: int
    unlisted: int
    hops_most: int
    hop_window: int
    looks_at_account: int
    looks: bool

    def as_object(self) -> dict[str, int | bool]:
        """By name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the money of one or several reports went.

    ``disputed`` is all that was reported, no money twice: where one reported payment carries money
    of another, rules differ in how much the second adds. ``outside`` is what reported payments
    took straight out of the network, or to where a bound kept us from following. ``looked_at``
    payments were looked at; ``reported_minor`` is the plain sum of the reports. ``currency`` is its
    ISO 4217 number, 0 of an empty trace.
    """

    accounts: tuple[Account, ...]
    payments: tuple[Payment, ...]
    disputed: Split
    outside: Money
    cuts: Cuts
    bounds: Bounds
    looked_at: int
    reported_minor: int
    currency: int

    def total(self, name: str) -> Split:
        """The sum of one part of the money over all accounts and outside; ``most`` of what was
        reported at most.
        """
        total: Split = getattr(self.outside, name)
        for one in self.accounts:
            total += getattr(one.money, name)
        if name in ("received", "passed"):
            return total
        return Split(*(min(v, self.disputed.most) if at == 4 else v for at, v in enumerate(total)))
