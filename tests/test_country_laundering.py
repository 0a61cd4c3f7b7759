"""Stolen money on a mule: it moves on, less than came, to cash, coins, goods or abroad."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from arasha.country.happenings import LAUNDERING, NONE, Happenings
from arasha.country.script import Script, Stage
from arasha.country.society import AccountKind
from arasha.events.schema import Kind
from country_plays import Always, Lived, lived, own

STOLEN = 400_000_00
ENDS = {"cash", "coins", "abroad", "goods"}
SHARES = ("cash", "crypto", "abroad", "goods")


def one_theft(stage: Stage) -> Script:
    """One large theft, from a business that can pay, to a mule."""
    ring = stage.ring()
    firm = int(stage.society.businesses.account[0])
    paid = yield stage.pay(firm, ring.mule(stage).account, STOLEN, fraud=True, role="stolen")
    if paid.moved:
        stage.launder(ring, paid)


def washed(end: str = "cash", **changed: float) -> Lived:
    """A country of such thefts, whose money all ends in one way."""
    shares = {f"underworld__{one}_share": float(one == end) for one in SHARES}
    return lived(own(one_theft), rate=300.0, days=6, changed=shares | changed)


def test_never_more_leaves_than_came() -> None:
    """What is moved on from all mules is less than what was stolen, by the commissions."""
    country = washed(underworld__another_hop_share=0.0)
    stolen = sum(country.payments.amount[country.payments.truth == 1].tolist())
    moved_on = country.payments.amount[(country.payments.truth & LAUNDERING) != 0].sum()
    assert 0.5 * stolen < moved_on <= 0.98 * stolen


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("cash", AccountKind.ATM),
        ("crypto", AccountKind.CRYPTO),
        ("abroad", AccountKind.ABROAD),
        ("goods", AccountKind.BUSINESS),
    ],
)
def test_where_it_ends(end: str, kind: AccountKind) -> None:
    """Each way ends on accounts of its own kind."""
    country = washed(end, underworld__another_hop_share=0.0)
    moved_on = country.payments.take((country.payments.truth & LAUNDERING) != 0)
    kinds = country.life.society.accounts.kind[moved_on.second]
    assert set(kinds.tolist()) == {int(kind)}


def test_cash_is_taken_within_the_limit_of_the_machine() -> None:
    """No withdrawal is above the limit, all are whole notes."""
    country = washed("cash", underworld__cash_limit_kzt=150_000)
    cash = country.payments.take((country.payments.truth & LAUNDERING) != 0)
    drawn = cash.amount[country.life.society.accounts.kind[cash.second] == AccountKind.ATM]
    assert len(drawn)
    assert drawn.max() <= 150_000_00
    assert (drawn % 5_000_00 == 0).all()


def test_layers_fan_out_and_come_together() -> None:
    """With further hops money passes over other mules, and a gathering account gets some of it."""
    country = washed(
        underworld__another_hop_share=1.0, underworld__gather_share=0.5,
        underworld__pass_on_minutes=10, underworld__next_hop_minutes=10,
    )  # fmt: skip
    layers = country.of_role("layer")
    gathering = {ring.collector.account for ring in country.life.underworld.rings if ring.collector}
    assert len(layers)
    assert gathering & set(layers.second.tolist())
    assert set(layers.second.tolist()) <= set(country.life.underworld.mules)


@pytest.mark.parametrize(("adapts", "tries"), [(0.0, 1), (1.0, 2)])
def test_stopped_money_is_tried_once_more_with_less(adapts: float, tries: int) -> None:
    """A ring that adapts sends part of it again; one that does not, gives up."""
    country = lived(
        own(one_theft), rate=300.0, days=4, judging=OnlyWhatMovesOn(3),
        underworld__adaptive_share=adapts, underworld__another_hop_share=0.0,
        underworld__retry_hours=0.5,
    )  # fmt: skip
    moved_on = country.payments.take((country.payments.truth & LAUNDERING) != 0)
    plays = Counter(moved_on.script.tolist())
    assert tries == max(plays.values())


class OnlyWhatMovesOn(Always):
    """Allows the theft and stops what is moved on."""

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """The action for what is laundered."""
        laundering = (some.truth[some.kind == Kind.PAYMENT] & LAUNDERING) != 0
        return np.where(laundering, self.action, 0).astype(np.uint8)


def test_nothing_is_laundered_from_an_account_that_is_no_mule() -> None:
    """Money that came to somebody else stays there."""

    def play(stage: Stage) -> Script:
        ring, person = stage.ring(), stage.person()
        assert person is not None
        firm = int(stage.society.businesses.account[0])
        paid = yield stage.pay(firm, person.account, STOLEN, fraud=True)
        if paid.payment != NONE and person.account not in ring.world.mules:
            stage.launder(ring, paid)

    country = lived(own(play), rate=200.0, days=2)
    assert not ((country.payments.truth & LAUNDERING) != 0).any()
