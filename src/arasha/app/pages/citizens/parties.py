"""A telephone number or an account, as somebody types it: which of the two it is, or why neither.

In: text of a form. Out: the party, as the domain writes it and as people read it; or a word for
what is wrong, which is a text's last name. The door takes any account (events/identifiers.py);
here a typo must not pass for one, or "not reported" would be said of something that nobody has.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from arasha.events.identifiers import BETWEEN, iban_fault, is_card, number_fault
from arasha.events.schema import MAX_IDENTIFIER_CHARS, PartyKind

Unlike = Literal["empty", "too_long", "card", "latin", "mistyped", "number", "neither"]
"""Why it is neither a number nor an account."""

LEAST_DIGITS: Final = 6
"""An account that is no IBAN has so many digits, at least."""

MAX_NUMBER_DIGITS: Final = 15
"""Digits of a telephone number, with its country's (ITU-T E.164)."""

GROUP: Final = 4
KAZAKH_CODE: Final = 7

_LAST_FOUR: Final = re.compile(r"(?<=\D)([0-9]{2})([0-9]{2})$")
_IBAN_BEGINS: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9]{8,34}")  # so long ISO 20022 lets an account be
_NUMBER: Final = re.compile(r"\+?[0-9()./]+")


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """A number or an account. ``written``: as the door takes it."""

    kind: PartyKind
    written: str

    @property
    def is_number(self) -> bool:
        """Whether it is a telephone number."""
        return self.kind is PartyKind.NUMBER

    @property
    def shown(self) -> str:
        """The same in groups, as it is read and compared.

        >>> Party(PartyKind.NUMBER, "+77015550142").shown
        '+7 701 555 01 42'
        >>> Party(PartyKind.ACCOUNT, "KZ86125KZT5004100100").shown
        'KZ86 125K ZT50 0410 0100'
        """
        if self.is_number:
            import phonenumbers

            known = phonenumbers.parse(self.written)
            text = phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            text = text.replace("-", " ")
            return _LAST_FOUR.sub(r"\1 \2", text) if known.country_code == KAZAKH_CODE else text
        groups = range(0, len(self.written), GROUP)
        return " ".join(self.written[at : at + GROUP] for at in groups)


def party_of(typed: str) -> Party | Unlike:
    """What was typed, or why it is neither.

    >>> party_of("8 (701) 555-01-42").written, party_of("kz86 125k zt50 0410 0100").written
    ('+77015550142', 'KZ86125KZT5004100100')
    >>> party_of("KZ87 125K ZT50 0410 0100"), party_of("абв"), party_of("4111 1111 1111 1111")
    ('mistyped', 'neither', 'card')
    """
    if len(typed) > MAX_IDENTIFIER_CHARS:
        return "too_long"
    text = BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    if not text:
        return "empty"
    if is_card(text):
        return "card"
    digits = sum(one.isdecimal() for one in text)
    if _NUMBER.fullmatch(text) and digits <= MAX_NUMBER_DIGITS:
        return "number" if number_fault(text) else Party(PartyKind.NUMBER, dialled(text))
    if not text.isascii() and digits >= LEAST_DIGITS and text.isalnum():
        return "latin"
    if _IBAN_BEGINS.match(text):
        if iban_fault(text):
            return "mistyped" if digits >= LEAST_DIGITS else "neither"
        return Party(PartyKind.ACCOUNT, text.upper())
    if _ACCOUNT.fullmatch(text) and digits >= LEAST_DIGITS:
        return Party(PartyKind.ACCOUNT, text)
    return "neither"


def dialled(number: str) -> str:
    """A telephone number with its country, as networks tell it; unchanged where it is none.

    >>> dialled("8 (701) 555-01-42"), dialled("+7 701 5550142"), dialled("bank")
    ('+77015550142', '+77015550142', 'bank')
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, "KZ")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
