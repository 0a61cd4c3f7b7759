"""Raw identifiers: the form and check digits of real ones, never twice the same."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from schwifty import IBAN

from arasha.country import names
from arasha.country.society import NO_BANK, NumberKind, Society
from country_people import parameters, society


def test_accounts_are_valid_ibans() -> None:
    """Every IBAN passes schwifty's checks; its three digits tell the bank, or it is abroad."""
    one = society()
    ibans = names.accounts(one, 0, len(one.accounts)).to_pylist()
    assert len(ibans) == len(set(ibans))
    parsed = [IBAN(iban) for iban in ibans]
    codes: dict[int, set[str]] = {}
    for iban, bank in zip(parsed, one.accounts.bank[: len(ibans)].tolist(), strict=True):
        assert ("TR" if bank == NO_BANK else "KZ") == iban.country_code
        codes.setdefault(bank, set()).add(str(iban)[4:7])
    assert 7 == len(codes)
    assert all(1 == len(some) for some in codes.values())


def test_numbers_are_valid() -> None:
    """Every number is a valid one of Kazakhstan, or of the country abroad."""
    one = society()
    texts = names.numbers(one, 0, len(one.numbers)).to_pylist()
    assert len(texts) == len(set(texts))
    for text, kind in zip(texts, one.numbers.kind[: len(texts)].tolist(), strict=True):
        number = phonenumbers.parse(text, None)
        assert phonenumbers.is_valid_number(number), text
        region = phonenumbers.region_code_for_number(number)
        assert ("UZ" if kind == NumberKind.ABROAD else "KZ") == region
        assert kind == NumberKind.ABROAD or text.startswith("+77")


def test_devices_have_their_form() -> None:
    """A device is d- and sixteen hexadecimal digits."""
    texts = names.devices(society(), 0, len(society().devices)).to_pylist()
    assert len(texts) == len(set(texts))
    assert all(re.fullmatch(r"d-[0-9a-f]{16}", text) for text in texts)


@pytest.mark.parametrize("made", [names.accounts, names.numbers, names.devices])
def test_a_stretch_is_part_of_the_whole(made: object) -> None:
    """Any stretch says what the whole says; another seed says something else."""
    one, other = society(), Society.make(2, 4_000, parameters())
    whole = made(one, 0, 100).to_pylist()  # type: ignore[operator]  # one of three functions
    assert whole[30:40] == made(one, 30, 40).to_pylist()  # type: ignore[operator]  # the same
    assert [] == made(one, 7, 7).to_pylist()  # type: ignore[operator]  # the same
    assert not set(whole) & set(made(other, 0, 100).to_pylist())  # type: ignore[operator]  # the same


def test_participants_have_plain_codes() -> None:
    """A code for each bank and operator, all different."""
    assert 6 == len(set(names.bank_codes(society())))
    assert 3 == len(set(names.operator_codes(society())))
