from __future__ import annotations

import numpy as np
import pytest

from arasha.country.happenings import NONE, Happenings, make
from arasha.country.society import NO_BANK
from arasha.country.views import CentreView, Parties, seen_by_bank, sent_by
from arasha.events.schema import CHANNELS, Kind

BANKS = np.array([0, 0, 1, 2, NO_BANK], np.uint8)
"""Accounts 0 and 1 are at bank 0, 2 at bank 1, 3 at bank 2, 4 abroad."""


def rows(*facts: tuple[Kind, int, int, int], channel: str = "mobile") -> Happenings:
    """Facts of (kind, first, second, payment), a millisecond apart."""
    kind, first, second, payment = (np.array(column) for column in zip(*facts, strict=True))
    return make({
        "time_ms": np.arange(len(facts)), "kind": kind, "first": first, "second": second,
        "payment": payment, "code": np.where(kind == Kind.PAYMENT, CHANNELS.index(channel), 0),
    })  # fmt: skip


def seen(some: Happenings) -> list[bool]:
    """What the centre sees."""
    mask: list[bool] = CentreView().seen(some, Parties.of(some, BANKS)).tolist()
    return mask


def by_bank(bank: int, some: Happenings) -> list[bool]:
    """What a bank sees."""
    mask: list[bool] = seen_by_bank(bank, some, Parties.of(some, BANKS)).tolist()
    return mask


PAYMENTS = {
    "between two banks": (0, 2, True),
    "within one bank": (0, 1, False),
    "abroad": (0, 4, False),
    "from abroad": (4, 0, False),
}


@pytest.mark.parametrize("case", PAYMENTS)
def test_the_centre_sees_what_passes_between_two_banks(case: str) -> None:
    """What stays inside one bank and what leaves the country is not carried by it."""
    payer, payee, expected = PAYMENTS[case]
    assert [expected] == seen(rows((Kind.PAYMENT, payer, payee, 7)))


@pytest.mark.parametrize("channel", CHANNELS)
def test_cards_and_cash_go_over_other_networks(channel: str) -> None:
    """Only transfers are the centre's."""
    transfer = channel not in ("card", "pos", "atm")
    assert [transfer] == seen(rows((Kind.PAYMENT, 0, 2, 7), channel=channel))


@pytest.mark.parametrize("kind", [Kind.OUTCOME, Kind.WARNING, Kind.SIGNAL, Kind.REPORT, Kind.LABEL])
def test_the_centre_hears_of_the_payments_that_it_saw(kind: Kind) -> None:
    """Of payments inside a bank and of no payment it hears nothing."""
    some = rows(
        (Kind.PAYMENT, 0, 2, 7), (Kind.PAYMENT, 0, 1, 8), (kind, 0, 2, 7), (kind, 0, 1, 8),
        (kind, 0, 2, NONE),
    )  # fmt: skip
    assert [True, False, True, False, False] == seen(some)


def test_the_centre_remembers_over_slices_and_serials() -> None:
    """A label comes days later, for a serial beyond the room it began with."""
    view, late = CentreView(), 3_000_000
    first, second = rows((Kind.PAYMENT, 0, 2, late)), rows((Kind.LABEL, 0, 2, late))
    assert [True] == view.seen(first, Parties.of(first, BANKS)).tolist()
    assert [True] == view.seen(second, Parties.of(second, BANKS)).tolist()


def test_nobody_sees_calls_and_sim_changes() -> None:
    """They stay with the operator, whatever account has the number's index."""
    some = rows(
        (Kind.CALL, 0, 2, NONE), (Kind.SIM_CHANGE, 0, NONE, NONE),
        (Kind.ACCOUNT_CHANGE, 0, NONE, NONE),
    )  # fmt: skip
    assert [False] * 3 == seen(some)
    assert [False, False, True] == by_bank(0, some)
    assert [False] * 3 == by_bank(1, some)


def test_a_bank_sees_its_customers_side() -> None:
    """Payments they send and receive; what is said of a payment only if they sent it."""
    some = rows(
        (Kind.PAYMENT, 0, 2, 7), (Kind.PAYMENT, 2, 0, 8), (Kind.PAYMENT, 2, 3, 9),
        (Kind.REPORT, 0, 2, 7), (Kind.LABEL, 2, 0, 8), (Kind.SIGNAL, 2, 0, 8),
    )  # fmt: skip
    assert [True, True, False, True, False, False] == by_bank(0, some)
    assert [True, True, True, False, True, True] == by_bank(1, some)
    assert [False, False, True, False, False, False] == by_bank(2, some)
    parties = Parties.of(some, BANKS)
    assert [True, False, False, False, False, False] == sent_by(0, some, parties).tolist()
