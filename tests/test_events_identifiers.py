from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.identifiers import (
    account_fault,
    fault_of,
    iban_fault,
    number_country,
    number_fault,
    refused_account,
    taxpayer_fault,
)
from arasha.events.records import AccountChanged, CallMade, PaymentReceived
from arasha.events.rejects import Refusal
from arasha.events.schema import PartyKind

# Examples of the registry of IBANs (ISO 13616).
IBANS = (
    "KZ86125KZT5004100100", "DE89370400440532013000", "GB29NWBK60161331926819",
    "FR1420041010050500013M02606", "SA0380000000608010167519",
)  # fmt: skip


@pytest.mark.parametrize("iban", IBANS)
def test_ibans_of_the_registry_fit(iban: str) -> None:
    """As they stand, in groups of four, and in small letters."""
    grouped = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    assert [None] * 3 == [iban_fault(text) for text in (iban, grouped, iban.lower())]


@given(st.sampled_from(IBANS), st.data())
def test_one_wrong_letter_or_two_swapped_are_seen(iban: str, data: st.DataObject) -> None:
    """What check digits are for."""
    at = data.draw(st.integers(2, len(iban) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda c: c != iban[at]))
    changed = iban[:at] + other + iban[at + 1 :]
    if iban[at].isdigit():
        assert iban_fault(changed) is not None
    swapped = iban[: at - 1] + iban[at] + iban[at - 1] + iban[at + 1 :]
    if at > 4 and swapped != iban and iban[at - 1 : at + 1].isdigit():
        assert iban_fault(swapped) is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("KZ86125KZT500410010", "Kazakh IBAN"),
        ("KZ86A25KZT5004100100", "Kazakh IBAN"),
        ("KZ86", "an IBAN: two letters"),
        ("", "an IBAN: two letters"),
        ("КЗ86125KZT5004100100", "an IBAN: two letters"),
        ("KZ8६125KZT5004100100", "an IBAN: two letters"),
    ],
)
def test_other_texts_are_no_ibans(text: str, says: str) -> None:
    """A Kazakh one has its own length and shape; other alphabets' letters and digits are none."""
    assert says in (iban_fault(text) or "")


def test_an_account_that_is_no_iban_is_any_account() -> None:
    """Only what looks like an IBAN is held to its check digits."""
    assert None is account_fault("40817810099910004312")
    assert None is account_fault("customer 17")
    assert None is account_fault("счёт 17")
    assert "check digits" in (account_fault("KZ87 125K ZT50 0410 0100") or "")


# Worked by hand with the formula: the last digit is the sum of digits × weights, modulo 11.
#   12345678901: 1·1+2·2+3·3+4·4+5·5+6·6+7·7+8·8+9·9+0·10+1·11 = 296 = 26·11 + 10: again,
#                1·3+2·4+3·5+4·6+5·7+6·8+7·9+8·10+9·11+0·1+1·2 = 377 = 34·11 + 3
#   00000000001: 1·11 = 11 = 1·11 + 0
#   00000000010: 1·10 = 10: again, 1·1 = 1
#   00000000500: 5·9 = 45 = 4·11 + 1
@pytest.mark.parametrize("number", ["123456789013", "000000000010", "000000000101", "000000005001"])
def test_check_digits_of_iin_and_bin(number: str) -> None:
    """The right digit fits, and each of the nine others does not."""
    fits = [d for d in "0123456789" if taxpayer_fault(number[:11] + d) is None]
    assert [number[11]] == fits


def test_some_numbers_are_never_issued() -> None:
    """Where both sums leave ten no digit fits, and the message says so."""
    found = {taxpayer_fault(f"{n:011d}0") for n in range(2_000)}
    assert "an IIN or BIN that can have been issued" in found


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890123", "12345678901x", "१२३४५६७८९०१२"]
)
def test_twelve_digits_or_no_iin(text: str) -> None:
    """Nothing else is looked at."""
    assert "an IIN or BIN: 12 digits" == taxpayer_fault(text)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+7 701 555 01 42", "KZ"),
        ("8 701 555 01 42", "KZ"),
        ("+7 7172 55-55-55", "KZ"),
        ("+7 916 123-45-67", "RU"),
        ("+998 90 123 45 67", "UZ"),
        ("+7 701 555 01", None),
        ("+999 123 456 789", None),
        ("1414", None),
        ("MYBANK", None),
        ("", None),
        ("9" * 300, None),
    ],
)
def test_numbers_are_of_a_country_or_of_none(number: str, country: str | None) -> None:
    """Kazakh and Russian numbers share +7 and are told apart; short and wrong ones are of none."""
    assert country == number_country(number)
    assert (country is None) == (number_fault(number) is not None)


def test_each_kind_has_its_check() -> None:
    """Devices have none."""
    assert "check digits" in (fault_of(PartyKind.ACCOUNT, "KZ87125KZT5004100100") or "")
    assert "plan" in (fault_of(PartyKind.NUMBER, "12") or "")
    assert None is fault_of(PartyKind.DEVICE, "12")


def test_a_record_with_a_mistyped_iban_is_refused() -> None:
    """The refusal names the field and not what stood in it; a call with any numbers is taken."""
    at, wrong = datetime(2026, 1, 1, tzinfo=UTC), "KZ87125KZT5004100100"
    payment = PaymentReceived(
        id="p", happened_at=at, payer_account=IBANS[0], payee_account=wrong, amount="1",
        currency="KZT",
    )  # fmt: skip
    found = refused_account(payment, 7)
    assert found is not None
    assert (7, "$.payee_account", Refusal.BAD_IDENTIFIER) == (
        found.row, found.column, found.refusal,
    )  # fmt: skip
    assert wrong not in str(found)
    opened = AccountChanged(id="a", happened_at=at, account=IBANS[0], change="opened")
    call = CallMade(id="c", happened_at=at, caller_number="1", callee_number="2")
    assert [None, None] == [refused_account(opened), refused_account(call)]
