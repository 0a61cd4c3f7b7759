"""Where to hold: the account that a report names, and further ones of which a trace says much."""

from __future__ import annotations

import pytest

from arasha.cases.records import Report
from arasha.cases.targets import BUSY_PAYERS, LEAST_FURTHER_MINOR, RULES, busy_in, targets_of
from arasha.flows.arena import Arena
from arasha.flows.trace import Tracer
from arasha.testing.naive_trace import Transfer
from flows_samples import arena_of, token

BANK = "BANKKZKA"
VICTIM, MULE, NEXT, SHOP = range(4)
MUCH = 10 * LEAST_FURTHER_MINOR


def report() -> Report:
    """Of the first payment, from the victim to the mule."""
    return Report(
        id="a" * 32, seq=1, taken_ms=1_000, sender=BANK, bank=BANK, amount_minor=MUCH, currency=398,
        payer=token(VICTIM).tobytes().hex(), payee=token(MULE).tobytes().hex(), payee_bank=BANK,
        paid_ms=1, payment="b" * 32, device=None, number=None, typology=None, attested=True,
        case="c1",
    )  # fmt: skip


def held(arena: Arena, first: int = 0) -> dict[str, int]:
    """What is held, by the account's token."""
    trace = Tracer(arena).trace([first])
    is_busy = busy_in(arena, 1_000)
    return {one[0]: one[2] for one in targets_of(report(), trace, {BANK}, is_busy)}


def of(account: int) -> str:
    """A numbered account's token as acts have it."""
    return token(account).tobytes().hex()


@pytest.mark.parametrize("passed", [LEAST_FURTHER_MINOR - 1, LEAST_FURTHER_MINOR])
def test_little_money_is_held_at_no_further_account(passed: int) -> None:
    """At the reported account any rest is, further on from the least amount on."""
    arena = arena_of([Transfer(VICTIM, MULE, 1, MUCH), Transfer(MULE, NEXT, 2, passed)])
    further = {} if passed < LEAST_FURTHER_MINOR else {of(NEXT): passed}
    assert held(arena) == {of(MULE): MUCH - passed} | further


@pytest.mark.parametrize("payers", [BUSY_PAYERS - 1, BUSY_PAYERS])
def test_an_account_that_many_pay_is_held_only_if_a_report_names_it(payers: int) -> None:
    """The mule's payment makes one payer more."""
    buyers = [Transfer(10 + one, SHOP, 1, 5) for one in range(payers)]
    victims = [Transfer(50 + one, MULE, 1, 5) for one in range(40)]
    start = [*buyers, *victims]
    paid = [Transfer(VICTIM, MULE, 2, MUCH), Transfer(MULE, SHOP, 3, MUCH // 2)]
    found = held(arena_of([*start, *paid]), len(start))
    assert (of(SHOP) in found) == (payers < BUSY_PAYERS)
    assert found[of(MULE)] == MUCH // 2


def test_without_a_trace_the_report_says_where() -> None:
    """All of it at the account that the report names, if its bank takes part."""
    assert [(of(MULE), BANK, MUCH, None)] == targets_of(report(), None, {BANK}, lambda _: True)
    assert [] == targets_of(report(), None, {"OTHER"}, lambda _: False)


def test_no_rule_but_poison_asks_for_more_than_is_disputed() -> None:
    """Each of the others shares what was reported among the accounts."""
    arena = arena_of([
        Transfer(NEXT, MULE, 1, MUCH), Transfer(VICTIM, MULE, 2, MUCH),
        Transfer(MULE, NEXT, 3, MUCH), Transfer(MULE, SHOP, 4, MUCH // 2),
    ])  # fmt: skip
    trace = Tracer(arena).trace([1])
    for rule in RULES:
        asked = sum(one[2] for one in targets_of(report(), trace, {BANK}, lambda _: False, rule))
        assert asked <= MUCH or rule == "poison"
