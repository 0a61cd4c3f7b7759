from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from arasha.events.records import MAX_INSTANT_MS, PaymentReceived, instant, milliseconds, money_of
from arasha.events.rejects import Refusal

ALMATY = timezone(timedelta(hours=5))


def _payment(amount: str = "12.34", currency: str = "KZT") -> PaymentReceived:
    return PaymentReceived(
        id="p-1",
        happened_at=datetime(2026, 1, 31, 9, 30, tzinfo=ALMATY),
        payer_account="KZ75125KZT1001300335",
        payee_account="KZ86125KZT5004100100",
        amount=amount,
        currency=currency,
    )


def test_a_record_does_not_show_its_identifiers() -> None:
    """A traceback or a diagnostic that prints a record prints its kind only."""
    assert "<PaymentReceived>" == repr(_payment()) == str(_payment())
    assert [] == list(_payment().__rich_repr__())


def test_the_money_of_a_record_is_minor_units_or_a_refusal() -> None:
    """An amount is read by its own currency."""
    assert (1234, 398) == money_of(_payment())
    assert Refusal.TOO_MANY_DECIMALS is money_of(_payment(currency="JPY"))
    assert Refusal.UNKNOWN_CURRENCY is money_of(_payment(currency="KZX"))
    assert Refusal.NOT_POSITIVE is money_of(_payment(amount="-1"))


@given(st.integers(0, MAX_INSTANT_MS - 1))
def test_milliseconds_survive_the_way_through_a_datetime(ms: int) -> None:
    """An instant is the same number of milliseconds in any zone, and back."""
    assert ms == milliseconds(instant(ms)) == milliseconds(instant(ms).astimezone(ALMATY))


def test_finer_parts_than_a_millisecond_are_cut_off() -> None:
    """Also for the last microsecond of a millisecond."""
    moment = datetime(2026, 1, 31, 0, 0, 0, 1999, tzinfo=UTC)
    assert milliseconds(moment.replace(microsecond=1000)) == milliseconds(moment)
