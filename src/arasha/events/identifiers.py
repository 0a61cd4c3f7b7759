"""Can this identifier exist? Check digits of IBANs, IIN, BIN and cards; plans of numbers.

In: an identifier as somebody wrote it. Out: what was expected instead, or None. A door that takes
payments refuses an IBAN whose check digits are wrong: somebody mistyped it. Numbers are never
refused: one that cannot exist, shown in a call, is itself a sign of fraud.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from arasha.events.records import Record
from arasha.events.rejects import Refusal, Reject, redacted
from arasha.events.schema import FACTS, PartyKind

BETWEEN: Final = re.compile(r"[\s\u2010-\u2015-]+")
"""What people write between the digits of a number, an account or a card."""

_SPACES: Final = re.compile(r"[\s-]+")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LOOKS_LIKE_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.IGNORECASE)
_KZ_IBAN: Final = re.compile(r"KZ[0-9]{2}[0-9]{3}[A-Z0-9]{13}")
_DIGITS_12: Final = re.compile(r"[0-9]{12}")
_CARD: Final = re.compile(
    r"4[0-9]{15}|(5[1-5]|2[2-7])[0-9]{14}|(35|62|81)[0-9]{14}|3[47][0-9]{13}|62[0-9]{17}"
)
"""How cards that are used here begin: Visa, Mastercard and Mir, JCB and UnionPay, Amex."""

_WEIGHTS: Final = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


def account_fault(account: str) -> str | None:
    """What was expected of an account that is written like an IBAN; None for any other account.

    >>> account_fault("KZ86 125K ZT50 0410 0100")
    >>> account_fault("KZ87 125K ZT50 0410 0100")
    'an IBAN whose check digits fit'
    >>> account_fault("40817810099910004312")
    """
    text = _SPACES.sub("", account)
    return iban_fault(text) if text.isascii() and _LOOKS_LIKE_IBAN.fullmatch(text) else None


def iban_fault(text: str) -> str | None:
    """What was expected of an IBAN (ISO 13616), written with or without spaces; None if it fits.

    A Kazakh one has 20 characters: KZ, 2 check digits, 3 digits of the bank, 13 of the account.
    """
    iban = _SPACES.sub("", text).upper()
    if not iban.isascii() or not _IBAN.fullmatch(iban):
        return "an IBAN: two letters, two check digits, 11 to 30 letters and digits"
    if iban.startswith("KZ") and not _KZ_IBAN.fullmatch(iban):
        return "a Kazakh IBAN: KZ, 2 check digits, 3 digits of the bank, 13 letters and digits"
    digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
    return None if int(digits) % 97 == 1 else "an IBAN whose check digits fit"


def taxpayer_fault(text: str) -> str | None:
    """What was expected of an IIN or BIN (12 digits, the last one checks the others); None if so.

    The check digit is the sum of digits times weights 1…11 modulo 11; if that is 10, once more with
    weights 3…11, 1, 2; and if that is 10 too, the number was never issued.

    >>> taxpayer_fault("123456789014")
    'an IIN or BIN whose check digit fits'
    """
    if not text.isascii() or not _DIGITS_12.fullmatch(text):
        return "an IIN or BIN: 12 digits"
    digits = [int(digit) for digit in text]
    for weights in _WEIGHTS:
        check = sum(d * w for d, w in zip(digits, weights, strict=False)) % 11
        if check < 10:
            return None if check == digits[11] else "an IIN or BIN whose check digit fits"
    return "an IIN or BIN that can have been issued"


def is_card(typed: str) -> bool:
    """Whether it can be the number of a payment card: its beginning, its length, its check digit.

    >>> is_card("5555 5555 5555 4444"), is_card("5555 5555 5555 4445"), is_card("+77015550142")
    (True, False, False)
    """
    text = BETWEEN.sub("", typed)
    if not _CARD.fullmatch(text):
        return False
    digits = [int(one) for one in reversed(text)]
    doubled = (sum(divmod(2 * one, 10)) for one in digits[1::2])  # Luhn
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


@lru_cache(maxsize=1 << 16)
def number_country(number: str) -> str | None:
    """The country (ISO 3166) whose plan the number is of, or None when it is of none.

    +7 is two countries: Kazakh numbers are told from Russian ones by the plans. A number without
    a plus is read as dialled in Kazakhstan.

    >>> number_country("+7 701 555 01 42"), number_country("+7 916 123-45-67")
    ('KZ', 'RU')
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, "KZ")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.region_code_for_number(parsed)


def number_fault(number: str) -> str | None:
    """What was expected of a telephone number; None when one like it can have been given out."""
    fault = "a number that a country's plan knows"
    return None if number_country(number) is not None else fault


def fault_of(kind: PartyKind, identifier: str) -> str | None:
    """The same for an identifier of that kind; devices are never at fault."""
    if kind is PartyKind.ACCOUNT:
        return account_fault(identifier)
    return number_fault(identifier) if kind is PartyKind.NUMBER else None


def refused_account(record: Record, line: int = 1) -> Reject | None:
    """The refusal of a record one of whose accounts is an IBAN with a fault; None for all others.

    For a door behind `events.json.decode`; ISO 20022 is checked where it is read.
    """
    for name in _ACCOUNT_FIELDS:
        account = getattr(record, name, None)
        if account is not None and (fault := account_fault(account)):
            return Reject(line, f"$.{name}", Refusal.BAD_IDENTIFIER, fault, redacted(account))
    return None


_ACCOUNT_FIELDS: Final = tuple(
    dict.fromkeys(
        field.name
        for fact in FACTS.values()
        for field in fact.fields
        if field.party is PartyKind.ACCOUNT
    )
)
