"""What becomes of money on a mule's account: layering, until it is cash, coins or abroad.

Fan-in on a gathering account, pass-through, split over further mules, then a cash machine, a crypto
exchange or an account abroad; the mule keeps a commission. A ring that adapts drops a mule whose
payment was stopped and tries once more with less.

Sources: mules keep 2 to 10 % and pass on the rest (press on recruiting kits); chains of transfers,
then cash or crypto (police of Kazakhstan, 2025); hops within hours (Brazil's tracking graph: hops
of 24 hours, at most 10). Shares of the ways and times: assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from arasha.country.plots import TIYN, Piece, account_of
from arasha.country.script import Answer, Script, Stage
from arasha.country.society import BusinessKind
from arasha.country.underworld import Mule, Ring

_LEAST: Final = 2_000 * TIYN
"""Smaller sums stay where they are."""

_CASH_STEP: Final = 5_000 * TIYN


def launder(stage: Stage, ring: Ring, paid: Answer) -> Script:
    """Stolen money came to a mule of the ring: move it on."""
    return _moved_on(stage, ring, paid, 1)


def _moved_on(stage: Stage, ring: Ring, paid: Answer, hop: int) -> Script:
    mule, ways = ring.world.mules.get(paid.payee), ring.ways
    if mule is None:
        return
    median = ways["pass_on_minutes"] if hop == 1 else ways["next_hop_minutes"]
    yield stage.wait(minutes=1 + stage.chance.lognormal(median, ways["pass_on_spread"]))
    kept = ways["commission_least"] + stage.chance.uniform() * ways["commission_more"]
    amount = min(int(paid.amount * (1.0 - kept)), stage.balance(mule.account))
    if amount < _LEAST:
        return
    if hop < ways["hops_most"] and stage.chance.happens(ways["another_hop_share"]):
        yield from _passed(stage, ring, mule, amount, hop)
        return
    ends = (ways["cash_share"], ways["crypto_share"], ways["abroad_share"], ways["goods_share"])
    yield from _ENDS[stage.chance.weighted(ends)](stage, ring, mule, amount)


def _passed(stage: Stage, ring: Ring, mule: Mule, amount: int, hop: int) -> Script:
    """To the gathering account, or split over further mules."""
    if stage.chance.happens(ring.ways["gather_share"]):
        targets = [ring.gathering(stage)]
    else:
        pieces = 1 + stage.chance.poisson(ring.ways["more_pieces"])
        targets = [ring.mule(stage, mule.account) for _ in range(pieces)]
    for target in targets:
        if target.account == mule.account:
            continue
        paid = yield from _sent(stage, ring, mule, target.account, amount // len(targets), "layer")
        if not paid.moved:
            return
        onward: Callable[[Stage], Script] = partial(_moved_on, ring=ring, paid=paid, hop=hop + 1)
        stage.spawn(onward)
        yield stage.wait(minutes=1 + stage.chance.exponential(20))


def _cashed(stage: Stage, ring: Ring, mule: Mule, amount: int) -> Script:
    """Notes from cash machines, as many times as their limit asks for."""
    limit, left = int(ring.ways["cash_limit_kzt"]) * TIYN, amount
    while left >= _CASH_STEP:
        notes = min(limit, left) // _CASH_STEP * _CASH_STEP
        paid = yield stage.pay(
            mule.account, account_of(stage, BusinessKind.ATM), notes, channel="atm",
            purpose="CASH", laundering=True, role="cash",
        )  # fmt: skip
        if not paid.moved:
            return
        left -= notes
        yield stage.wait(minutes=1 + stage.chance.exponential(12))


def _coins(stage: Stage, ring: Ring, mule: Mule, amount: int) -> Script:
    yield from _sent(stage, ring, mule, account_of(stage, BusinessKind.CRYPTO), amount, "coins")


def _abroad(stage: Stage, ring: Ring, mule: Mule, amount: int) -> Script:
    accounts = stage.society.abroad_accounts
    account = int(accounts[stage.chance.below(len(accounts))])
    yield from _sent(stage, ring, mule, account, amount, "abroad")


def _goods(stage: Stage, ring: Ring, mule: Mule, amount: int) -> Script:
    """Things that sell again, from an online shop."""
    yield from _sent(stage, ring, mule, account_of(stage, BusinessKind.ONLINE), amount, "goods")


_ENDS: Final = (_cashed, _coins, _abroad, _goods)


def _sent(
    stage: Stage, ring: Ring, mule: Mule, account: int, amount: int, role: str
) -> Piece[Answer]:
    """A payment from a mule, by its owner or the ring's device; stopped, once more with less."""
    owner = stage.seen(mule.person)
    for again in (False, True):
        paid = yield stage.pay(
            mule.account, account, amount, by=owner, device=mule.device, laundering=True, role=role
        )
        if paid.moved or again or not ring.adapts:
            break
        ring.drop(mule.account)
        amount = int(amount * ring.ways["retry_part"])
        yield stage.wait(hours=stage.chance.exponential(ring.ways["retry_hours"]))
    return paid
