from __future__ import annotations

from arasha.app.bench.load import Plan, first_payments, payments, status_of
from arasha.events.json import decode
from arasha.events.records import PaymentReceived

REPLY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nretry-after: 1\r\n\r\nbusy"


def test_a_reply_counts_when_it_is_whole() -> None:
    """Cut at any byte it is not there yet; whole, its status is told."""
    assert 503 == status_of(REPLY)
    assert {None} == {status_of(REPLY[:at]) for at in range(len(REPLY))}


def test_the_first_payments_bring_every_account_and_device_of_the_others() -> None:
    """After them an account is new only where the plan's share of fresh ones says so."""
    plan = Plan(0, "", 1, 1, "w", accounts=50, fresh=0.0)
    met = [decode(line) for line in first_payments(plan)]
    later = [decode(line) for line in payments(plan, 500)]
    assert all(isinstance(one, PaymentReceived) for one in (*met, *later))
    for name in ("payer_account", "payee_account", "device"):
        assert {getattr(one, name) for one in later} <= {getattr(one, name) for one in met}
