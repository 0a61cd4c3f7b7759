"""How money leaves the network: by what a payment shows of itself."""

from __future__ import annotations

from arasha.flows.arena import Arena
from arasha.flows.trace import Tracer
from arasha.flows.ways_out import ABROAD, CASH, STAYS, ways_of
from arasha.testing.naive_trace import Transfer
from flows_samples import TENGE, arena_of, facts_of, token

PLAIN = [Transfer(0, 1, 1, 100_000), Transfer(1, 2, 2, 90_000)]


def test_cash_is_seen_by_the_channel() -> None:
    """A cash machine is one; all else stays, as far as the payment itself shows."""
    facts = facts_of([*PLAIN, Transfer(2, 3, 3, 80_000, CASH), Transfer(2, 4, 4, 5_000, ABROAD)])

    assert [STAYS, STAYS, CASH, STAYS] == ways_of(facts).tolist()


def test_where_payees_banks_are_never_named_nobody_is_abroad() -> None:
    """A file without that column says nothing of where its payees are."""
    facts = facts_of(PLAIN)
    del facts.symbols["payee_bank"]
    arena = Arena()
    arena.observe(facts, facts.number("happened_at"))

    trace = Tracer(arena).trace([0])

    assert 2 == len(trace.accounts)
    assert 0 == trace.total("abroad").most


def test_an_account_once_named_with_a_bank_is_not_abroad() -> None:
    """One payment without the payee's bank does not send money abroad."""
    arena = arena_of([*PLAIN, Transfer(1, 2, 3, 5_000, ABROAD)])
    assert arena.account_of(token(2), TENGE) is not None

    assert 0 == Tracer(arena).trace([0]).total("abroad").most
